"""The first page of both roles and what JupyterLab does for students, in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from playwright.sync_api import Browser, Dialog, expect

from tests.hub.accessibility import violations
from tests.hub.conftest import ROOT, failed_step
from tests.hub.people import LINKS, Instructor, Student
from tests.hub.running import RunningHub

ASSIGNMENT = "warm-up"
CONFIG = f"""
load_subconfig("nbgrader_config.py", path={str(ROOT)!r})
c = get_config()
c.CourseDirectory.course_id = "tiny"
"""
RIGHT = "def double(x):\n    return 2 * x"


def mark(grade_id: str, **more: Any) -> dict[str, Any]:
    plain = {"grade": False, "solution": False, "locked": False, "task": False}
    return {"nbgrader": plain | {"grade_id": grade_id, "schema_version": 3} | more}


def write_course(root: Path) -> Path:
    """A course whose assignments have no graders: their own test cells mark them."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for name in (ASSIGNMENT, "later"):
        cells: list[Any] = [new_markdown_cell("# Warming up", id="title")]
        for answer, test in (("double", "double(3) == 6"), ("half", "half(3) == 1.5")):
            body = f"def {answer}(x):\n    ### BEGIN SOLUTION\n    return 0\n    ### END SOLUTION"
            checks = mark(f"check_{answer}", grade=True, locked=True, points=2)
            cells.append(new_code_cell(body, id=answer, metadata=mark(answer, solution=True)))
            cells.append(new_code_cell(f"assert {test}", id=f"check-{answer}", metadata=checks))
            cells += [new_markdown_cell("Some words.\n\n" * 9, id=f"words-{answer}")]
        essay = mark("essay", grade=True, solution=True, points=4)
        text = "### BEGIN SOLUTION\nWords.\n### END SOLUTION"
        cells.append(new_markdown_cell(text, id="essay", metadata=essay))
        place = root / "source" / name / f"{name}.ipynb"
        place.parent.mkdir(parents=True)
        nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), place)
    (root / "nbgrader_config.py").write_text(CONFIG)
    return root


class Class:
    """The hub, the instructor and one student."""

    def __init__(self, hub: RunningHub, browser: Browser, shots: Path) -> None:
        self.hub = hub
        contexts = [browser.new_context(viewport={"width": 1280, "height": 800}) for _ in range(2)]
        self.instructor = Instructor(hub, contexts[0], "instructor", shots)
        self.ada = Student(hub, contexts[1], "ada", shots)
        self.ada.show_all_cells()

    @property
    def inbound(self) -> Path:
        return self.hub.folder / "exchange" / "tiny" / "inbound"

    def newest(self) -> Any:
        """The notebook that was handed in last."""
        folder = max(self.inbound.iterdir(), key=lambda path: path.name.split("+")[2])
        return nbformat.read(folder / f"{ASSIGNMENT}.ipynb", as_version=4)


@pytest.fixture(scope="module")
def room(
    browser: Browser, shots: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Class]:
    folder = tmp_path_factory.mktemp("desk")
    course = write_course(folder / "course")
    with RunningHub(course, folder / "state") as hub:
        yield Class(hub, browser, shots)


@pytest.fixture(autouse=True)
def _picture_of_a_failure(room: Class, request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if failed_step(request.node):
        step = re.sub(r"\W+", "-", request.node.name).strip("-")
        for person in (room.instructor, room.ada):
            person.shoot(f"failed-{step}-{person.name}")


def answered(notebook: Any, answers: dict[str, str]) -> bytes:
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in answers:
            cell["source"] = answers[name]
    return json.dumps(notebook).encode()


class TestDesk:
    """In order; see the names."""

    def test_the_start_says_what_it_is_at(self, room: Class) -> None:
        steps = [line for line in room.hub.printed if re.match(r"fairmark: \d\. ", line)]
        assert [line.split()[1] for line in steps] == [f"{n + 1}." for n in range(len(steps))]
        said = "".join(steps)
        for what in ("folders for", "the course, copied to", "the gradebook", "JupyterHub"):
            assert what in said

    def test_instructor_sees_the_next_step(self, room: Class, axe: str) -> None:
        me = room.instructor
        me.log_in()
        me.home_is_there()
        expect(me.row(ASSIGNMENT)).to_contain_text("Draft")
        assert "is made" in me.step(ASSIGNMENT, "Generate")
        expect(me.row(ASSIGNMENT)).to_contain_text("not released")
        assert "students can fetch it" in me.step(ASSIGNMENT, "Release")
        expect(me.row(ASSIGNMENT)).to_contain_text("nothing handed in yet")
        me.shoot("instructor-0-released")
        me.shoot_narrow_and_dark("instructor-0-released")
        assert violations(me.page.locator("body"), axe) == []

    def test_a_failure_says_why(self, room: Class) -> None:
        """A source that would leak its solution, in one sentence; the log is folded."""
        source = room.hub.grading / "source" / "later" / "later.ipynb"
        whole = source.read_text()
        source.write_text(whole.replace("### END SOLUTION", "", 1))
        me = room.instructor
        sentence, rest = me.step("later", "Generate").split("What the log says")
        assert "Generate of later has failed: later: cell 2 (double): " in sentence
        assert "Traceback" not in sentence + rest
        expect(me.row("later")).to_contain_text("Draft")
        source.write_text(whole)

    def test_due_date_reaches_students(self, room: Class) -> None:
        """In Formgrader's own dialog, after the release."""
        me = room.instructor
        with me.answer("PUT", "/formgrader/api/assignment/"):
            me.page.evaluate(
                """async ([url, body]) => fetch(url, {method: 'PUT', body: JSON.stringify(body),
                    headers: {'Content-Type': 'application/json',
                      'X-XSRFToken': document.body.dataset.token}})""",
                [
                    f"{me.hub.formgrader}formgrader/api/assignment/{ASSIGNMENT}",
                    {"duedate_notimezone": "2099-05-04T10:30:00", "duedate_timezone": "+0200"},
                ],
            )
        ada = room.ada
        ada.open_home()
        moment = ada.row(ASSIGNMENT).locator(".due time")
        assert moment.get_attribute("datetime") == "2099-05-04T08:30:00+00:00"
        expect(moment).to_contain_text("2099")
        expect(moment).not_to_contain_text("UTC")

    def test_student_fetches(self, room: Class, axe: str) -> None:
        me = room.ada
        expect(me.row(ASSIGNMENT)).to_contain_text("Not fetched")
        expect(me.row("later")).to_have_count(0)
        me.fetch(ASSIGNMENT)
        expect(me.row(ASSIGNMENT)).to_contain_text("3 answers still empty: double, half, essay.")
        me.shoot("student-2-home")
        me.shoot_narrow_and_dark("student-2-home")
        assert violations(me.page.locator("body"), axe) == []

    def test_validate_leads_to_the_cells(self, room: Class, axe: str) -> None:
        me = room.ada
        me.open_notebook(ASSIGNMENT)
        me.write(me.cell("def double"), RIGHT)
        dialog = me.validate()  # saves what was typed
        rows = [row.inner_text() for row in dialog.locator("tbody tr").all()]
        assert [re.sub(r"\s+", " ", row) for row in rows] == [
            "double 2 ✓ passed",
            "half 2 no answer yet",
            "essay 4 no answer yet",
        ]
        expect(dialog).to_contain_text("All answers that are checked here pass.")
        expect(dialog).to_contain_text("2 answers are still empty.")
        me.shoot("student-7-validated")
        assert violations(dialog, axe) == []
        dialog.get_by_role("link", name="half").click()
        expect(me.page.locator(".jp-Dialog")).to_have_count(0)
        active = me.page.locator(".jp-Notebook .jp-Cell.jp-mod-active")
        expect(active).to_contain_text("half(3)")
        expect(active).to_be_in_viewport()

    def test_hand_in_saves_first(self, room: Class, axe: str) -> None:
        me = room.ada
        me.write(me.cell("def double"), f"{RIGHT}  # typed and not saved")
        said = me.hand_in_from_lab()
        assert re.search(r"warm-up is handed in by ada, .*\d", said)
        assert "2 answers still empty: half, essay." in said
        assert "not saved" in str(room.newest())
        for button in me.page.locator(".fairmark-hand-in, .fairmark-validate").all():
            expect(button).to_have_attribute("aria-pressed", "false")

    def test_leaving_for_the_first_page_saves(self, room: Class) -> None:
        me = room.ada
        asked: list[str] = []

        def note(dialog: Dialog) -> None:
            asked.append(dialog.type)
            dialog.accept()

        me.page.on("dialog", note)
        me.write(me.cell("def double"), f"{RIGHT}  # typed, and left")
        me.page.get_by_role("link", name="← Assignments").click()
        me.home_is_there()
        assert "typed, and left" in me.notebook_file(ASSIGNMENT).read_text()
        assert asked == []
        me.page.remove_listener("dialog", note)
        me.open_notebook(ASSIGNMENT)

    def test_a_notebook_on_a_phone(self, room: Class) -> None:
        me = room.ada
        wide = me.page.viewport_size
        assert wide is not None
        me.page.set_viewport_size({"width": 400, "height": 800})
        me.show_home()
        me.open_notebook(ASSIGNMENT)
        expect(me.page.get_by_role("link", name="← Assignments")).to_be_in_viewport(ratio=1)
        box = me.page.locator(".jp-NotebookPanel").first.bounding_box()
        assert box is not None and box["width"] > 300
        me.page.set_viewport_size(wide)
        me.show_home()
        me.open_notebook(ASSIGNMENT)

    def test_hand_in_on_the_first_page_saves_what_is_open(self, room: Class) -> None:
        """JupyterLab is open in another tab, with changes that nobody has saved."""
        me = room.ada
        me.write(me.cell("def double"), f"{RIGHT}  # in the other tab")
        lab, me.page = me.page, me.context.new_page()
        me.show_home()
        me.submit(ASSIGNMENT)
        assert "in the other tab" in str(room.newest())
        expect(me.row(ASSIGNMENT)).to_contain_text("no feedback yet")
        me.shoot("student-9-handed-in")
        me.page.close()
        me.page = lab

    def test_instructor_grades_and_gives_feedback(self, room: Class) -> None:
        me, ada = room.instructor, room.ada
        notebook = json.loads(ada.notebook_file(ASSIGNMENT).read_text())
        essay = LINKS.format(notebook=f"{ASSIGNMENT}.ipynb", page=room.hub.url("/hub/home"))
        ada.put_notebook(ASSIGNMENT, answered(notebook, {"essay": essay, "half": "half = 1"}))
        ada.show_home()
        said = ada.submit(ASSIGNMENT)
        assert "No answer is empty." in said
        me.page.reload()
        expect(me.row(ASSIGNMENT)).to_contain_text("1 new to collect")
        me.step(ASSIGNMENT, "Collect")
        assert "warm-up is graded" in me.step(ASSIGNMENT, "Grade")
        expect(me.row(ASSIGNMENT)).to_contain_text("1 submission with answers to mark by hand")
        me.open_formgrader_again()
        me.open_submission(ASSIGNMENT, 0)
        me.mark("essay", 3, "Good.")
        me.page.goto(me.hub.formgrader)
        assert "students can read it" in me.step(ASSIGNMENT, "Give feedback")
        expect(me.row(ASSIGNMENT)).to_contain_text("Feedback is given")

    def test_student_reads_the_mark_and_the_feedback(self, room: Class, axe: str) -> None:
        me = room.ada
        me.show_home()
        expect(me.row(ASSIGNMENT)).to_contain_text("feedback is there")
        expect(me.row(ASSIGNMENT).locator(".points")).to_have_text("5 of 8")
        expect(me.page.locator(".total")).to_have_text("Points so far: 5 of 8")
        me.shoot("student-10-home-marks")
        me.shoot_narrow_and_dark("student-10-home-marks")
        assert violations(me.page.locator("body"), axe) == []
        page = me.open_feedback(ASSIGNMENT)
        assert page.evaluate("window.origin") == "null"
        me.follow_links(page, ASSIGNMENT)

    def test_feedback_opened_from_the_files(self, room: Class) -> None:
        """JupyterLab would show it in a frame in which no link works."""
        me = room.ada
        file = me.feedback_file(ASSIGNMENT)
        home = me.hub.folder / "home" / "ada"
        with me.context.expect_page() as opened:
            me.page.goto(me.hub.url(f"/user/ada/lab/tree/{file.relative_to(home)}", "ada"))
        page = opened.value
        expect(page.locator("h1").first).to_contain_text("points")
        page.close()

    def test_a_feedback_page_can_do_nothing(self, room: Class) -> None:
        """Even one that nobody has cleaned; and no other file is sent as one."""
        me = room.ada
        folder = me.feedback_file(ASSIGNMENT).parent
        evil = folder / "evil.html"
        evil.write_text(
            "<title>good</title><script>document.title = 'bad'</script>"
            "<img src=x onerror=\"document.title = 'bad'\"><iframe src='/hub/home'></iframe>"
            "<h1 onclick=\"document.title = 'bad'\">points</h1>"
        )
        address = f"/user/ada/fairmark/feedback/tiny/{ASSIGNMENT}/{folder.name}"
        me.page.goto(me.hub.url(f"{address}/evil.html", "ada"))
        me.page.locator("h1").click()
        assert me.page.title() == "good"
        assert me.page.evaluate("window.origin") == "null"
        (me.hub.folder / "home" / "ada" / "outside.html").write_text("outside")
        for path in ("%2e%2e/%2e%2e/%2e%2e/%2e%2e/outside.html", "none.html"):
            reply = me.page.goto(me.hub.url(f"{address}/{path}", "ada"))
            assert reply is not None and reply.status == 404
        evil.unlink()
