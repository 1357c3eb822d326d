"""Hostile students' notebooks in a real browser: nothing acts, with and without a CSP."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.server_extensions.formgrader import handlers
from playwright.sync_api import Browser, Dialog, Page

from fairmark.course.course import Assignment
from fairmark.record.autograded import write_autograded
from fairmark.reporting.feedback import generate_feedback
from tests.hub.hostile import ACTING, CLICKED, LATEX, MARKDOWN, MIME, SUBTLE, armed
from tests.nbgrader.classroom import new_course, record, report_of, submit
from tests.tiny import RIGHT, answer

_CSP = re.compile(r"<meta [^>]*http-equiv=.Content-Security-Policy.[^>]*>")
_DISPLAY = """\
from IPython.display import display
for kind, content in {all!r}:
    display({{kind: content}}, raw=True, metadata={{"isolated": True, kind: {{"width": content}}}})
print("<script>pwn(-1)</script>")
raise ValueError("<script>pwn(-2)</script><img src=x onerror=pwn(-2)>")
"""
_RAISES = """\
def mean(x):
    raise ValueError('</pre><script>pwn(-3)</script><img src=x onerror=pwn(-3)>')
"""
_AUDIT = """() => {
  const bad = 'script iframe frame object embed applet form input button select textarea base link '
    + 'svg animate foreignObject video audio template noscript';
  const found = [...document.querySelectorAll(bad.split(' ').join(', '))].map(e => e.outerHTML);
  const inside = '#notebook-container ';
  for (const each of document.querySelectorAll(inside + 'style, ' + inside + 'meta'))
    found.push(each.outerHTML);
  for (const element of document.querySelectorAll('*')) {
    for (const {name, value} of element.attributes)
      if (name.startsWith('on') || /^\\s*(java|vb)script:|^data:(?!image\\/)/i.test(value)
          || ['srcdoc', 'action', 'formaction', 'srcset', 'poster', 'background'].includes(name))
        found.push(element.outerHTML.slice(0, 300));
    if (['fixed', 'sticky'].includes(getComputedStyle(element).position))
      found.push(element.outerHTML.slice(0, 300));
  }
  return found;
}"""
_CLICK = """() => {
  const part = document.querySelector('#notebook-container') || document;
  for (const each of part.querySelectorAll('a, button, b, label, text'))
    if (!/^(#|https?:)/.test(each.getAttribute('href') || ''))
      each.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true, view: window}));
}"""


HTML = [*ACTING, *CLICKED, *SUBTLE]
_SECONDS = 5.0
_STEP, _QUIET = 5, 300
"""Milliseconds: between two looks, and until it is believed that nothing happens."""


class Watch:
    """A page, and an address that notes who asks for it."""

    def __init__(self, browser: Browser, url: str, noticed: list[Any]) -> None:
        self.url, self._noticed = url, noticed
        self._context = browser.new_context(viewport={"width": 1000, "height": 900})
        self._context.expose_function("pwn", lambda number: self._noticed.append(number))
        self.page = self._new_page()

    def _new_page(self) -> Page:
        page = self._context.new_page()
        page.on("dialog", self._close)
        return page

    def open(self, file: Path) -> None:
        """Open a file."""
        self.page.goto(file.as_uri())

    @property
    def seen(self) -> set[str]:
        """The numbers of what has acted."""
        return {re.sub(r"[^\d-]", "", str(each)) for each in self._noticed}

    def acts(self, number: int) -> bool:
        """Wait until this has acted."""
        deadline = time.monotonic() + _SECONDS
        while str(number) not in self.seen and time.monotonic() < deadline:
            self.page.wait_for_timeout(_STEP)
        return str(number) in self.seen

    def forget(self) -> None:
        """Begin with a new page, and forget what has acted."""
        self.renew()
        self.page.wait_for_timeout(_QUIET)
        self._noticed.clear()

    def renew(self) -> None:
        """Begin with a new page: this one may be on its way to another address."""
        self.page.close()
        self.page = self._new_page()

    def _close(self, dialog: Dialog) -> None:
        self._noticed.append(dialog.message)
        dialog.dismiss()


@pytest.fixture(scope="module")
def watch(browser: Browser) -> Iterator[Watch]:
    noticed: list[Any] = []

    class Notice(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            noticed.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Notice) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield Watch(browser, f"http://127.0.0.1:{server.server_port}", noticed)
        server.shutdown()
        thread.join()


def test_what_is_hostile_acts_where_nothing_is_done_about_it(watch: Watch, tmp_path: Path) -> None:
    """Else the test below would prove nothing."""
    file = tmp_path / "page.html"
    harmless = []
    for number, each in enumerate([*ACTING, *CLICKED]):
        bad = armed(each, number, watch.url)
        file.write_text(f"<!doctype html><body><p>{bad}")
        watch.open(file)
        if each in CLICKED:
            watch.page.evaluate(_CLICK)
        if not watch.acts(number):
            harmless.append(bad)
        if "URL" in each:
            watch.renew()
    assert harmless == []


@pytest.fixture(scope="module")
def graded(watch: Watch, tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    """Ada has tried everything, in every place, and was graded."""
    course = new_course(tmp_path_factory.mktemp("hostile") / "course")
    tiny = course.assignment("tiny")
    html = [armed(each, n, watch.url) for n, each in enumerate(HTML)]
    markdown = [armed(each, len(HTML) + n, watch.url) for n, each in enumerate(MARKDOWN)]
    outputs = [("text/html", each) for each in html]
    outputs += [("text/markdown", each) for each in [*html, *markdown]]
    outputs += [("text/latex", armed(each, 1000 + n, watch.url)) for n, each in enumerate(LATEX)]
    outputs += [(kind, armed(each, 2000, watch.url)) for kind, each in MIME.items()]
    notebook = answer(tiny, {**RIGHT, "mean": _RAISES, "essay": "\n\n".join(html + markdown)})
    for bad in html:
        notebook.cells += [_markdown(bad), _markdown(f"within {bad} a line"), new_code_cell(bad)]
    notebook.cells += [_markdown(bad) for bad in markdown]
    notebook.cells.append(new_code_cell(_DISPLAY.format(all=outputs)))
    notebook.metadata["title"] = "</title><script>pwn(-4)</script>"
    notebook.metadata["widgets"] = {"x": "</script><script>pwn(-5)</script>"}
    submit(course, "ada", notebook)
    record(tiny, "ada")
    write_autograded(tiny, report_of(tiny, "ada"), "ada")
    return tiny


def _markdown(source: str) -> NotebookNode:
    attached = {"a.png": {"image/png": "x' onerror='pwn(-6)", "text/html": "<script>pwn(-6)"}}
    metadata = {"tags": ["'><script>pwn(-7)</script>"], "slideshow": {"slide_type": "'><script>"}}
    cell: NotebookNode = new_markdown_cell(source, attachments=attached, metadata=metadata)
    return cell


@pytest.fixture(scope="module")
def feedback(graded: Assignment) -> str:
    """Ada's page."""
    ((_, page),) = generate_feedback(graded)
    assert isinstance(page, Path), page
    return page.read_text()


@pytest.mark.parametrize("policy", [True, False])
def test_nothing_acts_in_feedback(
    policy: bool, feedback: str, watch: Watch, shots: Path, tmp_path: Path
) -> None:
    assert len(_CSP.findall(feedback)) == 1
    assert "default-src 'none'" in _CSP.findall(feedback)[0]
    file = tmp_path / "page.html"
    file.write_text(feedback if policy else _CSP.sub("", feedback))
    watch.forget()
    watch.open(file)
    page = watch.page
    page.wait_for_load_state("networkidle")
    assert watch.seen == set()
    assert page.url == file.as_uri()
    assert page.evaluate(_AUDIT) == []
    page.evaluate(_CLICK)
    page.wait_for_timeout(_QUIET)
    assert watch.seen == set()
    assert page.url == file.as_uri()
    assert page.locator("#notebook-container .cell").count() > 3 * len(HTML)
    page.screenshot(path=shots / f"hostile-feedback-{'with' if policy else 'without'}-csp.png")
    text = page.locator("body").inner_text()
    assert "pwn(-1)" in text  # what was printed is shown as it is
    assert "pwn(-3)" in text
    assert "over all" in text


def test_nothing_acts_in_formgrader(graded: Assignment, watch: Watch, tmp_path: Path) -> None:
    config: Any = graded.course.config.copy()
    templates = [str(handlers.template_path)]
    config.HTMLExporter.update(template_name="formgrade", extra_template_basedirs=templates)
    notebook = graded.course.folder("autograded", "ada", "tiny") / "tiny.ipynb"
    about = {"base_url": "", "index": 0, "total": 1, "notebook_id": "tiny"}
    html, _ = HTMLExporter(config=config).from_filename(str(notebook), about)
    file = tmp_path / "page.html"
    file.write_text(html)
    watch.forget()
    watch.open(file)
    watch.page.wait_for_load_state("networkidle")
    watch.page.evaluate(_CLICK)
    watch.page.wait_for_timeout(_QUIET)
    assert watch.seen == set()
    assert watch.page.locator("textarea.comment").count() == 3
    assert watch.page.locator("#notebook-container .cell").count() > 3 * len(HTML)


def test_hidden_tests_are_not_in_it(feedback: str) -> None:
    assert "double(3) is 6." in feedback
    assert "secret" not in feedback.lower()
