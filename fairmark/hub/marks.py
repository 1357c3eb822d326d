"""A server extension for the grader: what Formgrader's pages lack, and what they have too much.

Formgrader has no export, and a person who grades in the browser should not need a terminal: so the
marks as files are one click away. And no page waits for a network that there may not be.
"""

from __future__ import annotations

import asyncio
from html import escape
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, ChoiceLoader, DictLoader, Environment, FunctionLoader
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web

from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.record.marks import ClassMarks, read_marks
from fairmark.reporting.export import FORMATS

_PAGE = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Export marks</title>
<style>body {{ font: 16px/1.5 sans-serif; margin: 2em; max-width: 40em }}</style></head>
<body><main><h1>Export marks</h1>
{body}
<p><a href="{back}">Back to Formgrader</a></p></main>
<script>
// JupyterLab shows this page in a frame that may not download; the page around it may.
for (const link of document.querySelectorAll('a[download]')) {{
  link.addEventListener('click', event => {{
    event.preventDefault();
    const copy = window.top.document.createElement('a');
    copy.href = link.href;
    copy.download = '';
    window.top.document.body.append(copy);
    copy.click();
    copy.remove();
  }});
}}
</script></body>
</html>
"""
_NO_MATHJAX = {"mathjax.html.j2": "{% macro mathjax() %}{% endmacro %}"}
"""Formulas come as MathML; MathJax would be loaded from elsewhere, before a page is shown."""
_ENTRY = '<li role="presentation"><a href="{{ base_url }}/fairmark/marks">Export Marks</a></li>\n'


class _Handler(JupyterHandler):
    """What both pages share."""

    def _course(self) -> Course:
        return Course.load(Path(self.settings["server_root_dir"]).expanduser())

    async def _marks(self) -> ClassMarks:
        return await asyncio.to_thread(read_marks, self._course())


class MarksPage(_Handler):
    """Tells what there is to export."""

    @web.authenticated
    async def get(self) -> None:
        """Show the page."""
        try:
            body = _links(await self._marks(), self.base_url)
        except FairmarkError as error:
            body = f"<p>{escape(str(error))}</p>"
        back = url_path_join(self.base_url, "formgrader")
        self.finish(_PAGE.format(body=body, back=escape(back)))


class MarksFile(_Handler):
    """The marks as a file."""

    @web.authenticated
    async def get(self, name: str) -> None:
        """Send the file."""
        wanted = FORMATS[name]
        try:
            text = wanted.text(await self._marks())
        except FairmarkError as error:
            raise web.HTTPError(409, str(error)) from None
        self.set_header("Content-Type", "text/csv; charset=utf-8")
        self.set_header("Content-Disposition", f'attachment; filename="{wanted.file}"')
        self.finish(text)


def _links(marks: ClassMarks, base_url: str) -> str:
    unmarked = ""
    if marks.unmarked:
        number = marks.unmarked
        unmarked = (
            f"<p><strong>{number} submission{'s' if number != 1 else ''}</strong> with answers "
            "that nobody has marked yet; they count 0 here.</p>"
        )
    items = "".join(
        f'<li><a href="{escape(url_path_join(base_url, "fairmark/marks", name))}" download>'
        f"{escape(kind.title)}</a></li>"
        for name, kind in FORMATS.items()
    )
    students = len(marks.students)
    return f"<p>{students} student{'s' if students != 1 else ''}.</p>{unmarked}<ul>{items}</ul>"


def _with_entry(loader: BaseLoader) -> FunctionLoader:
    """Formgrader's templates, with an entry for the marks below the others in its sidebar."""
    environment = Environment(loader=loader, autoescape=True)

    def load(name: str) -> str:
        source, _, _ = loader.get_source(environment, name)
        return source.replace("</ul>", f"{_ENTRY}</ul>", 1) if name == "base.tpl" else source

    return FunctionLoader(load)


def _load_jupyter_server_extension(server: Any) -> None:
    formats = "|".join(FORMATS)
    base = server.web_app.settings["base_url"]
    handlers = [
        (url_path_join(base, "fairmark/marks/?"), MarksPage),
        (url_path_join(base, f"fairmark/marks/({formats})"), MarksFile),
    ]
    server.web_app.add_handlers(".*$", handlers)


async def _start_jupyter_server_extension(server: Any) -> None:
    """Called when all extensions are loaded, Formgrader among them."""
    settings = server.web_app.settings
    if "nbgrader_jinja2_env" in settings:
        environment = settings["nbgrader_jinja2_env"]
        environment.loader = _with_entry(environment.loader)
        pages = settings["nbgrader_exporter"].environment
        pages.loader = ChoiceLoader([DictLoader(_NO_MATHJAX), pages.loader])
