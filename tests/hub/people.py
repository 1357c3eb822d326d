"""What people do in the browser, step by step. Every step waits for an answer, never for time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, FrameLocator, Locator, Page, Response, expect

from tests.hub.running import RunningHub

SLOW = 120_000
"""Milliseconds for what starts a server, or runs a notebook, beside another hub that does so."""
LINKS = "See [my notebook]({notebook}), [this page]({page}) and <script>window.bad = 1</script>"
"""An answer in words with links, for a feedback page."""
_NOTEBOOK = ".jp-NotebookPanel:not(.lm-mod-hidden)"
_PUT = """async ([path, method, content]) => {
  const name = '_xsrf=', cookies = document.cookie.split('; ');
  const token = cookies.filter(c => c.startsWith(name)).map(c => c.slice(name.length))[0] || '';
  const reply = await fetch(path, {
    method, body: content,
    headers: {'X-XSRFToken': token, 'Content-Type': 'application/json'}
  });
  return reply.status;
}"""


class Person:
    """Somebody with a browser of their own."""

    def __init__(self, hub: RunningHub, context: BrowserContext, name: str, shots: Path) -> None:
        self.hub, self.context, self.name, self.shots = hub, context, name, shots
        self.page: Page = context.new_page()

    def log_in(self, name: str = "", password: str = "") -> None:
        """Fill in the form, and send it."""
        self.page.goto(self.hub.url("/hub/login"))
        self.page.locator("#username_input").fill(name or self.name)
        self.page.locator("#password_input").fill(
            password or self.hub.settings["passwords"][self.name]
        )
        self.page.locator("#login_submit").click()

    def home_is_there(self) -> None:
        """Wait for the first page."""
        self.page.locator("main#main h1").first.wait_for(timeout=SLOW)

    def lab_is_there(self) -> None:
        """Wait for JupyterLab."""
        self.page.locator(".jp-LabShell").wait_for(timeout=SLOW)

    def shoot_narrow_and_dark(self, name: str) -> None:
        """Keep pictures of a page as a phone shows it, and in the dark theme."""
        size = self.page.viewport_size
        assert size is not None
        self.page.set_viewport_size({"width": 400, "height": 800})
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 400, f"{name} is {width} pixels wide on a phone of 400"
        self.page.screenshot(path=self.shots / f"{name}-narrow.png", full_page=True)
        self.page.emulate_media(color_scheme="dark")
        self.page.screenshot(path=self.shots / f"{name}-narrow-dark.png", full_page=True)
        self.page.set_viewport_size(size)
        self.page.screenshot(path=self.shots / f"{name}-dark.png")
        self.page.emulate_media(color_scheme="light")

    def row(self, assignment: str) -> Locator:
        """An assignment on the first page."""
        return self.page.locator(f"li[data-assignment='{assignment}']")

    def step(self, assignment: str, label: str) -> str:
        """Press the button of an assignment on the first page; return what the page says."""
        self.page.locator("#said").evaluate("said => { said.hidden = true }")
        self.row(assignment).get_by_role("button", name=label).click()
        said = self.page.locator("#said:not([hidden])")
        said.wait_for(timeout=SLOW)
        expect(self.page.locator("main button[disabled]")).to_have_count(0, timeout=SLOW)
        expect(said.locator("progress")).to_have_count(0)
        return said.inner_text()

    def shoot(self, name: str, what: Locator | None = None) -> None:
        """Keep a picture."""
        path = self.shots / f"{name}.png"
        if what is None:
            self.page.screenshot(path=path)
        else:
            what.screenshot(path=path)

    def menu(self, entry: str) -> None:
        """Choose an entry of JupyterLab's menu Nbgrader."""
        self.page.locator(".lm-MenuBar-item", has_text=re.compile("^Nbgrader$")).click()
        self.page.get_by_role("menuitem", name=entry, exact=True).click()

    @contextmanager
    def answer(self, method: str, path: str, page: Page | None = None) -> Iterator[None]:
        """Wait until the server has answered such a request, and said that all is well."""

        def fits(response: Response) -> bool:
            return response.request.method == method and path in response.url

        with (page or self.page).expect_response(fits, timeout=SLOW) as found:
            yield
        response = found.value
        assert response.ok, f"{method} {response.url}: {response.status} {response.text()[:2000]}"
        if "json" in response.headers.get("content-type", "") or path.startswith("/assignments"):
            body = response.json()
            if isinstance(body, dict) and "success" in body:
                assert body["success"], f"{method} {response.url}: {json.dumps(body)[:2000]}"


class Student(Person):
    """Fetches, solves, checks, hands in, reads."""

    def open_home(self) -> None:
        """Log in, which starts the student's server, and see the first page."""
        self.log_in()
        self.home_is_there()

    def show_home(self) -> None:
        """Go back to the first page."""
        self.page.goto(self.hub.url(f"/user/{self.name}/fairmark", self.name))
        self.home_is_there()

    def fetch(self, assignment: str) -> None:
        """Fetch what was released."""
        said = self.step(assignment, "Fetch")
        assert "is fetched" in said, said
        self.row(assignment).get_by_role("link", name="Open").first.wait_for()

    def open_notebook(self, assignment: str) -> None:
        """Open the notebook of what was fetched; wait for its kernel."""
        self.row(assignment).get_by_role("link", name="Open").first.click()
        tab = self.page.locator(".lm-TabBar-tab.lm-mod-current", has_text=f"{assignment}.ipynb")
        tab.wait_for(timeout=SLOW)
        self.page.locator(f"{_NOTEBOOK} .jp-Cell").first.wait_for(timeout=SLOW)
        self.idle()

    def idle(self) -> None:
        """Wait until the kernel has nothing to do."""
        bar = self.page.locator("#jp-main-statusbar")
        bar.get_by_text(re.compile(r"\| Idle$")).wait_for(timeout=SLOW)

    def put_notebook(self, assignment: str, content: bytes) -> None:
        """Put a notebook in place of the fetched one, by the way that JupyterLab saves."""
        course = self.hub.settings["course_id"]
        path = f"/user/{self.name}/api/contents/{course}/{assignment}/{assignment}.ipynb"
        model = {"type": "notebook", "format": "json", "content": json.loads(content)}
        self._send(path, "PUT", model)

    def show_all_cells(self) -> None:
        """Let JupyterLab keep cells that are out of sight in the page, where tests find them."""
        home = self.hub.folder / "home" / self.name
        place = home / ".jupyter" / "lab" / "user-settings" / "@jupyterlab" / "notebook-extension"
        place.mkdir(parents=True)
        (place / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')

    def _send(self, path: str, method: str, content: object) -> None:
        status = self.page.evaluate(_PUT, [path, method, json.dumps(content)])
        assert 200 <= status < 300, f"{method} {path}: {status}"

    @property
    def cells(self) -> Locator:
        """The code cells."""
        return self.page.locator(f"{_NOTEBOOK} .jp-CodeCell")

    def cell(self, text: str) -> Locator:
        """The code cell with this text in its source."""
        return self.cells.filter(has=self.page.locator(".cm-content", has_text=text)).first

    def write(self, cell: Locator, source: str) -> None:
        """Type over what is in a cell."""
        cell.scroll_into_view_if_needed()
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(source)

    def run(self, cell: Locator) -> Locator:
        """Run a cell; return its output area."""
        with self._new_number(cell):
            cell.locator(".jp-InputPrompt").click()
            self.page.keyboard.press("Control+Enter")
        return cell.locator(".jp-OutputArea")

    def run_all(self, until: Locator) -> None:
        """Run all cells; wait for this one, which is the last, or fails."""
        with self._new_number(until):
            self.page.locator(".lm-MenuBar-item", has_text=re.compile("^Run$")).click()
            self.page.get_by_role("menuitem", name=re.compile("^Run All Cells")).click()

    @contextmanager
    def _new_number(self, cell: Locator) -> Iterator[None]:
        """Wait until a cell has a new number beside it, as it has when it has run."""
        prompt = cell.locator(".jp-InputPrompt")
        cell.scroll_into_view_if_needed()  # what was never in sight is only a placeholder
        expect(prompt).to_have_text(re.compile(r"\[.+\]:"), timeout=SLOW)
        before = prompt.inner_text()
        yield
        expect(prompt).not_to_have_text(before, timeout=SLOW)
        expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=SLOW)

    @property
    def pictures(self) -> Locator:
        """The pictures that cells have drawn."""
        return self.page.locator(f"{_NOTEBOOK} .jp-OutputArea-output img")

    def save(self) -> None:
        """Save the notebook."""
        with self.answer("PUT", "/api/contents/"):
            self.page.keyboard.press("Control+S")

    def validate(self) -> Locator:
        """Press Validate; return the dialog with its table."""
        self._press("validate")
        dialog = self.page.locator(".fairmark-dialog")
        dialog.locator("table").wait_for(timeout=SLOW)
        return dialog

    def hand_in_from_lab(self) -> str:
        """Press Hand in above the notebook; return what the dialog says."""
        self._press("hand-in")
        dialog = self.page.locator(".fairmark-dialog")
        dialog.wait_for(timeout=SLOW)
        text = dialog.inner_text()
        self.close_dialog()
        return text

    def _press(self, name: str) -> None:
        self.page.locator(f"{_NOTEBOOK} .fairmark-{name}").first.click()

    def close_dialog(self) -> None:
        """Press the button of the dialog that is there."""
        self.page.locator(".jp-Dialog button.jp-mod-styled").last.click()
        self.page.locator(".jp-Dialog").wait_for(state="detached")

    def submit(self, assignment: str) -> str:
        """Hand in on the first page; return what it says."""
        said = self.step(assignment, "Hand in")
        assert "is handed in" in said, said
        return said

    def open_feedback(self, assignment: str) -> Page:
        """Open the newest feedback on the first page; return its page."""
        with self.context.expect_page() as opened:
            self.row(assignment).get_by_role("link", name="Read feedback").first.click()
        page = opened.value
        page.locator("h1").first.wait_for(timeout=SLOW)
        return page

    def follow_links(self, page: Page, assignment: str) -> None:
        """Follow the links of a feedback page that holds LINKS, and the overview's."""
        address = page.url
        page.locator("a[href^='#']:visible").first.click()
        assert page.url.startswith(f"{address}#")
        expect(page.locator("h1").first).to_contain_text("points")
        assert page.evaluate("window.bad ?? null") is None
        page.get_by_role("link", name="this page").click()
        page.wait_for_url(re.compile("/hub/home"))
        page.goto(address)
        page.get_by_role("link", name="my notebook").click()
        page.locator(".jp-NotebookPanel").first.wait_for(timeout=SLOW)
        assert page.url.endswith(f"/{assignment}.ipynb")
        page.close()

    def notebook_file(self, assignment: str) -> Path:
        """The notebook, as it lies in the student's home."""
        home = self.hub.folder / "home" / self.name / str(self.hub.settings["course_id"])
        return home / assignment / f"{assignment}.ipynb"

    def feedback_file(self, assignment: str) -> Path:
        """The newest feedback page, as it lies in the student's home."""
        home = self.hub.folder / "home" / self.name / str(self.hub.settings["course_id"])
        newest: Path = max(home.glob(f"{assignment}/feedback/*/{assignment}.html"))
        return newest


_TERMINAL = """async line => {
  const base = JSON.parse(document.getElementById('jupyter-config-data').textContent).baseUrl;
  const name = '_xsrf=', cookies = document.cookie.split('; ');
  const token = cookies.filter(c => c.startsWith(name)).map(c => c.slice(name.length))[0] || '';
  const headers = {'X-XSRFToken': token};
  const made = await fetch(base + 'api/terminals', {method: 'POST', headers});
  const address = new URL(base + 'terminals/websocket/' + (await made.json()).name, location.href);
  address.protocol = 'ws';
  const socket = new WebSocket(address);
  let said = '';
  await new Promise((done, failed) => {
    socket.onopen = () => socket.send(JSON.stringify(['stdin', line + "; echo ST''OP\\n"]));
    socket.onerror = failed;
    socket.onmessage = message => {
      const [kind, text] = JSON.parse(message.data);
      if (kind === 'stdout') said += text;
      if (said.includes('STOP')) done();
    };
  });
  socket.close();
  return said;
}"""


class Instructor(Person):
    """Makes, releases, collects, grades, gives back."""

    def open_formgrader(self) -> None:
        """Log in, which leads to the first page, and open Formgrader from there."""
        self.log_in()
        self.home_is_there()
        self.page.get_by_role("link", name="Formgrader", exact=True).click()
        self.row_of("").first.wait_for(timeout=SLOW)

    @property
    def frame(self) -> FrameLocator:
        """Formgrader's own page."""
        return self.page.frame_locator("#formgrader-iframe iframe")

    def row_of(self, name: str) -> Locator:
        """A row of Formgrader's table."""
        return self.frame.locator("#main-table tr", has_text=name)

    def press(self, name: str, button: str, expected: str = "Success") -> str:
        """Press a button in a row; return what it says when all went as expected."""
        row = self.row_of(name).first
        row.locator(f"td.{button} a").click()
        modal = self.frame.locator(".modal.in")
        modal.locator(".modal-title", has_text=re.compile("Success|Error")).wait_for(timeout=SLOW)
        title = modal.locator(".modal-title").inner_text()
        text = modal.locator(".modal-body").inner_text()
        assert title.startswith(expected), f"{button} of {name}: {title}\n{text}"
        modal.locator(".modal-footer button").first.click()
        self.frame.locator(".modal-backdrop").wait_for(state="detached")
        return text

    def visit(self, entry: str) -> None:
        """Choose an entry of the sidebar."""
        links = self.frame.locator(".nav-stacked a, .breadcrumb a", has_text=entry)
        self._follow(links.first)

    def _follow(self, link: Locator) -> None:
        """Click a link, and wait until its page has taken the place of this one."""
        link.wait_for()
        self.frame.locator("body").evaluate("body => { body.dataset.left = 'yes' }")
        link.click()
        self.frame.locator("body:not([data-left])").wait_for(timeout=SLOW)

    def submissions(self, assignment: str) -> None:
        """Show who handed in."""
        self.visit("Manage Assignments")
        self._follow(self.row_of(assignment).locator("td.num-submissions a"))
        self.frame.locator("#main-table td.autograde").first.wait_for()

    def autograde_all(self) -> Locator:
        """Press the button above the list; return the place of the result, once it is there."""
        self.frame.get_by_role("button", name="Autograde all").click()
        place = self.frame.locator("#autograde-all .graded")
        expect(place).to_have_attribute("data-state", re.compile("done|failed"), timeout=SLOW)
        return place

    def terminal(self, line: str) -> str:
        """What a terminal of JupyterLab's says to a command."""
        said: str = self.page.evaluate(_TERMINAL, line)
        return said

    def score(self, student: str) -> str:
        """The score in the list of submissions."""
        return self.row_of(student).locator("td.score").inner_text()

    def open_formgrader_again(self) -> None:
        """Load the page anew."""
        self.page.goto(f"{self.hub.formgrader}lab?reset&formgrader=true")
        self.row_of("").first.wait_for(timeout=SLOW)

    def open_submission(self, assignment: str, number: int) -> None:
        """Open a submission in Manual Grading."""
        self.visit("Manual Grading")
        for _ in range(2):  # the assignment, then its only notebook
            self._follow(self.frame.locator("#main-table td.name a", has_text=assignment))
        submissions = self.frame.locator("#main-table td.name a", has_text="Submission")
        self._follow(submissions.nth(number))
        expect(self.frame.locator("input.score").first).to_be_editable(timeout=SLOW)

    def mark(self, question: str, points: float, comment: str) -> None:
        """Give points and a comment."""
        cell = self.frame.locator(".nbgrader_cell", has=self.frame.locator(f"[id='{question}']"))
        with self.answer("PUT", "/formgrader/api/grade/"):
            cell.locator("input.score").fill(f"{points:g}")
            cell.locator("input.score").blur()
        with self.answer("PUT", "/formgrader/api/comment/"):
            cell.locator("textarea.comment").fill(comment)
            cell.locator("textarea.comment").blur()
