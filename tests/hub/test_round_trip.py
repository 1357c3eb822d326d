"""Both round trips through a running hub, in a real browser, in the order in which people do it."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from samples.build import Student as Sample
from tests.hub.accessibility import violations
from tests.hub.conftest import ROOT, failed_step
from tests.hub.people import SLOW, Instructor, Person, Student
from tests.hub.running import RunningHub

ASSIGNMENT = "perceptron"
PICTURES = "style-transfer"
EXERCISE = "perceptron_update"
WRITTEN = "convergence"
WRONG = "def perceptron_update(w, x, y, lr):\n    return w - lr * y * x\n"
LESSON = "Your weights move the wrong way"
RIGHT = "def perceptron_update(w, x, y, lr):\n    return w + lr * y * x\n"
POINTS, COMMENT = 2.5, "Good; say also what happens to a learning rate of 0."
HOSTILE = (
    "It stops when <b>all</b> is right. <img src=x onerror=\"window.pwned = 'image'\">"
    "<script>window.pwned = 'script'</script>[me](javascript:window.pwned='link')"
)


class Class:
    """The hub and the people in it."""

    def __init__(self, hub: RunningHub, browser: Browser, shots: Path) -> None:
        def enter(kind: Callable[..., Any], name: str) -> Any:
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            return kind(hub, context, name, shots)

        self.hub, self.browser = hub, browser
        self.instructor: Instructor = enter(Instructor, "instructor")
        self.ada: Student = enter(Student, "ada")
        self.ben: Student = enter(Student, "ben")
        self.ada.show_all_cells()
        self.marks: dict[str, str] = {}
        self.mistakes: dict[str, str] = {}
        self.costs: dict[str, float] = {}

    @property
    def people(self) -> list[Person]:
        return [self.instructor, self.ada, self.ben]


@pytest.fixture(scope="module")
def room(
    browser: Browser, shots: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Class]:
    folder = tmp_path_factory.mktemp("hub") / "state"
    with RunningHub(ROOT, folder) as hub:
        room = Class(hub, browser, shots)
        room.costs["seconds from the command to the hub"] = hub.start_seconds
        yield room


@pytest.fixture(autouse=True)
def _picture_of_a_failure(room: Class, request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if failed_step(request.node):
        for person in room.people:
            step = re.sub(r"\W+", "-", request.node.name).strip("-")
            person.shoot(f"failed-{step}-{person.name}")


def sample(name: str, changes: dict[str, str]) -> bytes:
    """A sample student's notebook, with other answers in some cells."""
    release = ROOT / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    student = Sample.read(ROOT / "samples" / "students" / ASSIGNMENT / f"{name}.py")
    notebook = json.loads(student.submission(json.loads(release.read_text())))
    for cell in notebook["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if grade_id in changes:
            cell["source"] = changes[grade_id]
    return json.dumps(notebook).encode()


class TestRoundTrip:
    """In order; see the names."""

    def test_the_command_says_where_and_who(self, room: Class) -> None:
        printed = "".join(room.hub.printed)
        assert f"http://127.0.0.1:{room.hub.port}" in printed
        for name, password in room.hub.settings["passwords"].items():
            assert re.search(rf"{name} +{password}", printed)
        assert "This is a demonstration" in printed

    def test_a_broken_grader_is_not_released(self, room: Class) -> None:
        grader = room.hub.grading / "graders" / ASSIGNMENT / "test_perceptron_training.py"
        whole = grader.read_text()
        grader.write_text(whole.replace("assert_close(", "print("))
        me = room.instructor
        me.open_formgrader()
        said = me.press(ASSIGNMENT, "assign", expected="Error")
        assert (
            f"{ASSIGNMENT} is not released: its graders or answers have changed since they were "
            f"verified; run `fairmark verify {ASSIGNMENT}`"
        ) in said.split("\nLog")[0]
        assert "Traceback" not in said.split("\nLog")[0]
        assert not (room.hub.grading / "release" / ASSIGNMENT).exists()
        grader.write_text(whole)

    def test_instructor_makes_and_releases(self, room: Class) -> None:
        me = room.instructor
        me.open_formgrader_again()
        me.press(ASSIGNMENT, "assign")
        me.shoot("instructor-1-generated")
        me.press(ASSIGNMENT, "release")
        expect(me.row_of(ASSIGNMENT).locator("td.status")).to_have_text("released")
        me.shoot("instructor-2-released")

    def test_student_fetches(self, room: Class) -> None:
        me = room.ada
        me.page.goto(me.hub.url())
        me.shoot("student-1-log-in")
        begin = time.monotonic()
        me.open_home()
        room.costs["seconds from log-in to the first page"] = time.monotonic() - begin
        me.shoot("student-3-released")
        me.fetch(ASSIGNMENT)
        me.shoot("student-4-fetched")

    def test_failing_check_cell(self, room: Class, axe: str) -> None:
        me = room.ada
        # All is answered but one exercise, which is typed in as a student would.
        me.put_notebook(ASSIGNMENT, sample("bela", {EXERCISE: "# nothing yet\n"}))
        begin = time.monotonic()
        me.open_notebook(ASSIGNMENT)
        me.run(me.cells.first)  # imports NumPy, matplotlib and scikit-learn
        room.costs["seconds from a click on the notebook to its first cell"] = (
            time.monotonic() - begin
        )
        me.run_all(until=me.cell(f'check("{EXERCISE}")'))
        assert me.pictures.count() >= 3
        answer = me.cell("# nothing yet")
        me.write(answer, WRONG)
        me.run(me.cell("return w - lr"))
        output = me.run(me.cell(f'check("{EXERCISE}")'))
        expect(output).to_contain_text("0 of 2 checks passed")
        expect(output).to_contain_text("✗ failed")
        expect(output).to_contain_text("The label y decides the direction of the step")
        me.shoot("student-5-check-fails")
        assert violations(output, axe) == []

    def test_passing_check_cell(self, room: Class, axe: str) -> None:
        me = room.ada
        me.write(me.cell("return w - lr"), RIGHT)
        me.run(me.cell("return w + lr"))
        output = me.run(me.cell(f'check("{EXERCISE}")'))
        expect(output).to_contain_text("2 of 2 checks passed")
        expect(output).to_contain_text("✓ passed")
        me.shoot("student-6-check-passes")
        assert violations(output, axe) == []

    def test_validate(self, room: Class) -> None:
        me = room.ada
        me.save()
        dialog = me.validate()
        expect(dialog).to_contain_text("All answers that are checked here pass.")
        me.shoot("student-7-validated")
        me.close_dialog()

    def test_what_a_student_costs(self, room: Class) -> None:
        mebibytes = room.hub.memory("ada")
        room.costs["MiB of a student with a running notebook"] = mebibytes
        assert 50 < mebibytes < 800

    def test_student_hands_in(self, room: Class) -> None:
        me = room.ada
        me.show_home()
        said = me.submit(ASSIGNMENT)
        assert "No answer is empty." in said
        me.shoot("student-9-handed-in")
        room.ben.log_in()  # his server starts while ada goes on

    def test_pictures_of_style_transfer(self, room: Class) -> None:
        """Painted in the notebook before its first exercise, whose check cell then fails."""
        room.instructor.press(PICTURES, "assign")
        room.instructor.press(PICTURES, "release")
        me = room.ada
        me.show_home()
        me.fetch(PICTURES)
        me.open_notebook(PICTURES)
        me.run_all(until=me.cell('check("prepare_image")'))
        me.pictures.first.scroll_into_view_if_needed()
        widths = me.pictures.evaluate_all("all => all.map(one => one.naturalWidth)")
        assert widths and min(widths) > 100
        me.shoot("student-8-pictures")

    def test_another_hands_in_a_mistake_and_a_script(self, room: Class) -> None:
        me = room.ben
        me.show_home()
        me.fetch(ASSIGNMENT)
        me.put_notebook(ASSIGNMENT, sample("bela", {EXERCISE: WRONG, WRITTEN: HOSTILE}))
        me.submit(ASSIGNMENT)

    def test_instructor_collects_and_autogrades(self, room: Class) -> None:
        me = room.instructor
        me.visit("Manage Assignments")
        me.press(ASSIGNMENT, "collect")
        me.submissions(ASSIGNMENT)
        result = me.autograde_all()
        expect(me.frame.locator("td.status", has_text="needs autograding")).to_have_count(0)
        for student in ("ada", "ben"):
            room.marks[student] = me.score(student)
            expect(result.locator("tr", has_text=student)).to_contain_text("1 to mark by hand")
        me.shoot("instructor-3-autograded")

    def test_marks_are_those_of_the_command(self, room: Class) -> None:
        submitted = room.hub.grading / "submitted"
        notebooks = [submitted / s / ASSIGNMENT / f"{ASSIGNMENT}.ipynb" for s in room.marks]
        reports = check(room.hub.grading, *notebooks)
        for (student, mark), report in zip(room.marks.items(), reports, strict=True):
            assert report["error"] is None
            assert float(mark.partition("/")[0]) == pytest.approx(report["score"])
            tests = [test for question in report["questions"] for test in question["tests"]]
            named = [test["misconception"] for test in tests if test["misconception"]]
            if named:
                room.mistakes[student] = named[0]
        assert room.marks["ada"] != room.marks["ben"]

    def test_instructor_marks_by_hand(self, room: Class) -> None:
        me = room.instructor
        asked: list[str] = []
        me.page.on("request", lambda request: asked.append(request.url))
        for number in range(2):  # their order is not that of the names
            me.open_submission(ASSIGNMENT, number)
            assert pwned(me.page) == []
            me.mark(WRITTEN, POINTS, COMMENT)
        me.shoot("instructor-4-by-hand")
        elsewhere = [url for url in asked if not url.startswith((me.hub.url("/"), "data:"))]
        assert asked
        assert elsewhere == []
        assert me.frame.locator(".text_cell_render math").count() > 10
        texts = me.frame.locator(".text_cell_render").all_inner_texts()
        assert [text for text in texts if "$" in text or "\\frac" in text] == []
        formula = me.frame.locator(".text_cell_render math[display=block]").first
        formula.scroll_into_view_if_needed()
        me.shoot("instructor-7-formulas")

    def test_grading_again_keeps_what_was_marked_by_hand(self, room: Class) -> None:
        me = room.instructor
        me.open_formgrader_again()
        me.submissions(ASSIGNMENT)
        before = {student: me.score(student) for student in ("ada", "ben")}
        me.press("ben", "autograde")
        assert {student: me.score(student) for student in ("ada", "ben")} == before
        assert before != room.marks

    def test_instructor_gives_feedback(self, room: Class) -> None:
        me = room.instructor
        me.page.goto(me.hub.formgrader)
        expect(me.row(ASSIGNMENT).get_by_role("link", name="Mark by hand")).to_be_visible()
        expect(me.row(ASSIGNMENT).get_by_role("button", name="Give feedback")).to_be_visible()
        me.shoot("instructor-0-home")
        me.open_formgrader_again()
        me.visit("Manage Assignments")
        me.press(ASSIGNMENT, "generate-feedback")
        me.press(ASSIGNMENT, "release-feedback")
        me.shoot("instructor-5-feedback")

    def test_instructor_exports(self, room: Class) -> None:
        me = room.instructor
        me.visit("Export Marks")
        expect(me.frame.get_by_role("heading", name="Export marks")).to_be_visible()
        me.shoot("instructor-6-export")
        with me.page.expect_download() as download:
            me.frame.get_by_role("link", name="A table for a spreadsheet (CSV)", exact=True).click()
        with Path(download.value.path()).open() as file:
            rows = {row["student"]: row for row in csv.DictReader(file)}
        for student, mark in room.marks.items():
            assert float(rows[student]["total"]) == float(mark.partition("/")[0]) + POINTS

    def test_instructor_reads_the_class_report(self, room: Class) -> None:
        me = room.instructor
        me.visit("Class Report")
        report = me.frame.frame_locator("#report")
        report.get_by_role("link", name=ASSIGNMENT).click(timeout=SLOW)
        expect(report.get_by_role("heading", name="Scores")).to_be_visible()
        me.shoot("instructor-8-report")

    def test_the_terminal_knows_the_commands(self, room: Class) -> None:
        said = room.instructor.terminal("pwd && fairmark --help && nbgrader --version")
        assert str(room.hub.grading) in said
        assert "autograde" in said
        assert "not found" not in said

    @pytest.mark.parametrize("name", ["ada", "ben"])
    def test_student_reads_the_feedback(self, room: Class, name: str, axe: str) -> None:
        me: Student = getattr(room, name)
        me.show_home()
        me.shoot(f"student-10-marks-{name}")
        page = me.open_feedback(ASSIGNMENT)
        page.screenshot(path=me.shots / f"student-10-feedback-{name}.png")
        page.close()
        file = me.feedback_file(ASSIGNMENT)
        with opened_without_a_network(room.browser, file) as (page, asked):
            expect(page.locator("h1").first).to_contain_text("points")
            expect(page.locator("body")).to_contain_text(COMMENT)
            expect(page.locator("body")).to_contain_text(f"{POINTS:g} of 3")
            expect(page.locator("body")).not_to_contain_text("not marked yet")
            pictures = page.locator("img[src]")  # the one with a script has lost its source
            widths = pictures.evaluate_all("all => all.map(one => one.naturalWidth)")
            assert widths and min(widths) > 0
            assert asked == []
            assert pwned(page) == []
            assert violations(page.locator("body"), axe) == []
            page.screenshot(path=me.shots / f"student-11-page-{name}.png")

    def test_feedback_names_the_mistake(self, room: Class) -> None:
        assert set(room.mistakes) == {"ben"}
        home = room.hub.folder / "home" / "ben" / "pml-ws3" / ASSIGNMENT
        (page,) = home.glob("feedback/*/*.html")
        assert LESSON in page.read_text()

    def test_end_and_start_again(self, room: Class) -> None:
        hub, me = room.hub, room.ada
        assert hub.process is not None
        started = psutil.Process(hub.process.pid).children(recursive=True)
        assert len(started) >= 4  # the hub, its proxy, the grader's server, ada's, …
        room.costs["seconds from Ctrl-C to the end"] = hub.stop()
        assert room.costs["seconds from Ctrl-C to the end"] < 20
        assert not any(process.is_running() for process in started)
        assert "The hub has ended" in "".join(hub.printed)
        passwords = hub.settings["passwords"]
        hub.start()
        assert hub.settings["passwords"] == passwords
        me.page.goto(hub.url("/hub/home"))
        expect(me.page.locator("#start, #stop").first).to_be_visible()  # ada is still logged in
        assert (hub.grading / "gradebook.db").is_file()
        path = me.shots / "costs.json"
        path.write_text(json.dumps({k: round(v, 1) for k, v in room.costs.items()}, indent=2))


def check(course: Path, *notebooks: Path) -> list[dict[str, Any]]:
    """What the command says of these notebooks."""
    done = subprocess.run(
        [sys.executable, "-m", "fairmark.cli.main", "check", "--json", *notebooks],
        cwd=course,
        capture_output=True,
        text=True,
        check=True,
    )
    reports: list[dict[str, Any]] = json.loads(done.stdout)
    return reports


def pwned(page: Page) -> list[Any]:
    """What scripts of students' have left in any frame of a page."""
    left = [frame.evaluate("() => window.pwned || null") for frame in page.frames]
    return [each for each in left if each is not None]


@contextmanager
def opened_without_a_network(browser: Browser, file: Path) -> Iterator[tuple[Page, list[str]]]:
    """Open a page where nothing else can be loaded; yields what it has asked for all the same."""
    context = browser.new_context(offline=True, viewport={"width": 1000, "height": 900})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    asked[:] = [url for url in asked if url != file.as_uri() and not url.startswith("data:")]
    yield page, asked
    context.close()
