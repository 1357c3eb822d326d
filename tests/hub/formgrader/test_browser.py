"""What an instructor does in Formgrader with a class, in a real browser, without a network."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Route, expect

from fairmark.course.course import Course
from fairmark.record.database import open_gradebook
from tests.hub.accessibility import violations
from tests.hub.conftest import failed_step
from tests.hub.formgrader.serving import COURSE_ID, Server, serving
from tests.tiny import RIGHT, answer, make_course

SLOW = 120_000
MOST_CLICKS = 25
TIME = "2026-11-29 12:00:00.000000 UTC"
FORMULA = "The loss is $\\frac{1}{n}\\sum_i x_i^2$.\n\n$$\\int_0^1 x\\,dx$$"
STUDENTS = {
    "ada": ("Ada", "Lovelace"),
    "ben": ("", ""),
    "cy": ("", "Only"),
    "dot": ("<img src=x onerror='window.pwned=1'>", "D"),
}
STILL = """() => Promise.all(
  document.getAnimations().filter(one => one.effect.getTiming().iterations !== Infinity)
    .map(one => one.finished.catch(() => null))
).then(() => null)"""
COUNT_CLICKS = """addEventListener('click', event => {
  if (event.isTrusted) sessionStorage.clicks = 1 + Number(sessionStorage.clicks || 0);
}, true)"""


class Office:
    """The instructor's browser, and all that it should not see."""

    def __init__(self, server: Server, browser: Browser, shots: Path) -> None:
        self.server, self.shots = server, shots
        context = browser.new_context(viewport={"width": 1300, "height": 850})
        context.add_init_script(COUNT_CLICKS)
        self.page: Page = context.new_page()
        self.elsewhere: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self._note(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._hear)

    def _note(self, url: str) -> None:
        if not url.startswith((self.server.url, "data:", "blob:")):
            self.elsewhere.append(url)

    def _hear(self, message: ConsoleMessage) -> None:
        # Where scripts are forbidden, so is the one that counts clicks.
        ours = message.text.startswith("Blocked script execution in")
        if message.type in ("error", "warning") and not ours:
            self.errors.append(message.text)

    def open(self, path: str) -> None:
        """Go to a page."""
        self.page.goto(self.server.page(path))

    def follow(self, name: str) -> None:
        """Press an entry of the sidebar."""
        self.page.locator(".nav-stacked").get_by_role("link", name=name, exact=True).click()

    def press(self, row: str, button: str) -> str:
        """Press a button in a row of Formgrader's table; what the dialog says."""
        found = self.page.locator("#main-table tr", has=self.page.get_by_text(row, exact=True))
        found.locator(f"td.{button} a").click()
        modal = self.page.locator(".modal.in")
        title = modal.locator(".modal-title")
        expect(title).to_have_text(re.compile("^Success"), timeout=SLOW)
        text = modal.inner_text()
        self.shoot(f"dialog-{button}")
        modal.get_by_role("button", name="OK").click()
        modal.wait_for(state="detached")
        return text

    def done(self, place: Locator) -> None:
        """Wait until a job has ended."""
        expect(place).to_have_attribute("data-state", re.compile("done|failed"), timeout=SLOW)

    def shoot(self, name: str) -> None:
        """Keep a picture, once nothing fades any more."""
        self.page.evaluate(STILL)
        self.page.screenshot(path=self.shots / f"formgrader-{name}.png")

    def shoot_narrow(self, name: str) -> None:
        """Keep a picture of a narrow window, in which nothing is wider than the window."""
        size = self.page.viewport_size
        self.page.set_viewport_size({"width": 400, "height": 850})
        self.shoot(f"{name}-narrow")
        wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert size is not None
        self.page.set_viewport_size(size)
        assert wide <= 0

    @property
    def clicks(self) -> int:
        """How often the instructor has clicked so far."""
        return int(self.page.evaluate("Number(sessionStorage.clicks || 0)"))

    def hand_in(self, course: Course, *, without_time: str) -> None:
        """What the students' servers do: put hand-ins into the drop box."""
        tiny = course.assignment("tiny")
        for student in STUDENTS:
            box = self.server.exchange / COURSE_ID / "inbound" / f"{student}+tiny+{TIME}+x"
            shutil.copytree(course.folder("release", assignment="tiny"), box)
            changed = RIGHT | (
                {"double": "def double(x):\n    return x"} if student == "cy" else {}
            )
            (box / "tiny.ipynb").write_text(json.dumps(answer(tiny, changed)))
            if student != without_time:
                (box / "timestamp.txt").write_text(TIME)
            (box / "submission_secret.txt").write_text(student)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    root = tmp_path_factory.mktemp("office") / "course"
    course = make_course(root)
    config = root / "nbgrader_config.py"
    more = "from fairmark.nbgrader.config import use_fairmark\nuse_fairmark(c)\n"
    config.write_text(config.read_text() + more)
    path = root / "source" / "tiny" / "tiny.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"][0]["source"] = FORMULA
    path.write_text(json.dumps(notebook))
    (root / "graders" / "tiny" / "misconceptions.py").unlink(missing_ok=True)
    course = Course.load(root)
    with open_gradebook(course) as gradebook:
        for student, (first, last) in STUDENTS.items():
            gradebook.add_student(student, first_name=first or None, last_name=last or None)
    return course


@pytest.fixture(scope="module")
def office(
    course: Course, browser: Browser, shots: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    with serving(course.root, tmp_path_factory.mktemp("home")) as server:
        yield Office(server, browser, shots)


@pytest.fixture(autouse=True)
def _quiet(office: Office, request: pytest.FixtureRequest) -> Iterator[None]:
    """Each step shows nothing in the console, and asks for nothing elsewhere."""
    yield
    if failed_step(request.node):
        office.shoot("failed")
    else:
        assert office.errors == []
        assert office.elsewhere == []


class TestOffice:
    """In order; see the names."""

    def test_new_assignment(self, office: Office, course: Course) -> None:
        page = office.page
        office.open("formgrader/manage_assignments")
        office.follow("New Assignment")
        page.locator("#new-name").fill("Not a name")
        page.get_by_role("button", name="Create").click()
        expect(page.locator("#create-error")).to_contain_text("cannot name an assignment")
        office.errors.clear()  # the browser tells of each request that is refused
        page.locator("#new-name").fill("k-means")
        office.shoot("new")
        page.locator("#new-name").press("Enter")
        expect(page.locator(".modal.in li").first).to_have_text("source/k-means/k-means.ipynb")
        page.get_by_role("button", name="OK").click()
        expect(page.locator("#main-table td.name", has_text="k-means")).to_be_visible()
        assert (course.root / "graders" / "k-means" / "test_k_means.py").is_file()

    def test_verify(self, office: Office, axe: str) -> None:
        page = office.page
        office.follow("Verify Graders")
        for name, proof in (("k-means", "proven"), ("tiny", "proven")):
            section = page.locator(f"[data-assignment={name}]")
            expect(section.locator(".proof")).to_have_text("not proven")
            section.get_by_role("button", name="Verify").click()
            office.done(section.locator(".fairmark-job"))
            expect(section.locator(".proof")).to_have_text(proof)
            expect(section.locator("th").first).to_have_text(name)
            expect(section).to_contain_text("can be trusted")
        office.shoot("verify")
        office.shoot_narrow("verify")
        assert violations(page.locator(".fairmark-page"), axe) == []

    def test_from_release_to_feedback_in_few_clicks(self, office: Office, course: Course) -> None:
        page = office.page
        office.follow("Manage Assignments")
        before = office.clicks
        said = office.press("tiny", "assign")
        assert "Successfully created the student version of 'tiny'." in said
        assert "Converting" not in said  # the log is folded
        assert "Successfully released" in office.press("tiny", "release")
        office.hand_in(course, without_time="ben")
        assert "Successfully collected" in office.press("tiny", "collect")
        page.locator("#main-table td.num-submissions a").last.click()
        page.locator("td.autograde a").first.wait_for()
        page.get_by_role("button", name="Autograde all").click()
        place = page.locator("#autograde-all .graded")
        expect(place).to_have_attribute("data-state", "running")
        page.reload()  # it goes on, and the page knows
        expect(page.get_by_role("button", name="Autograde all")).to_be_disabled()
        expect(place).to_have_attribute("data-state", "running")
        office.shoot("grading")
        office.done(place)
        rows = place.locator("tbody tr")
        expect(rows).to_have_count(len(STUDENTS))
        scores = dict(zip(*(_column(rows, number) for number in (0, 2)), strict=True))
        assert scores == dict.fromkeys(STUDENTS, "5 / 5") | {"cy": scores["cy"]}
        assert scores["cy"] != "5 / 5"
        expect(page.locator("#main-table td.score").first).to_contain_text("/ 9")
        office.shoot("graded")
        office.shoot_narrow("graded")
        office.follow("Manage Assignments")
        assert "Successfully generated feedback" in office.press("tiny", "generate-feedback")
        said = office.press("tiny", "release-feedback")
        assert "Not released" not in said  # collecting gave ben's hand-in a time
        assert "ada" not in said
        clicks = office.clicks - before
        released = office.server.exchange / COURSE_ID / "feedback"
        assert len(list(released.glob("*.html"))) == len(STUDENTS)
        assert clicks <= MOST_CLICKS
        # None of them is a click for one student: each student more costs none.
        assert clicks == 13
        (office.shots / "clicks.json").write_text(json.dumps({"release to feedback": clicks}))

    def test_names(self, office: Office) -> None:
        page = office.page
        names = {"Lovelace, Ada", "ben", "Only", "D, <img src=x onerror='window.pwned=1'>"}
        office.open("formgrader/manage_submissions/tiny")
        page.locator("td.autograde a").first.wait_for()
        assert set(page.locator("td.student-name").all_inner_texts()) == names
        office.follow("Manage Students")
        page.locator("td.name a").first.wait_for()
        assert set(page.locator("td.name").all_inner_texts()) == names
        for text in page.locator("#main-table").all_inner_texts():
            assert "None" not in text
        assert page.evaluate("window.pwned") is None

    def test_preview(self, office: Office) -> None:
        page = office.page
        office.open("formgrader/manage_assignments")
        page.locator("#main-table tr", has_text="tiny").locator("td.preview a").click()
        notebook = page.frame_locator("iframe[title=tiny]")
        expect(notebook.get_by_text("YOUR ANSWER HERE")).to_be_visible()
        _drawn(notebook.locator("math"))
        live = page.get_by_role("link", name="Open the notebook itself")
        expect(live).to_have_attribute("href", re.compile("/lab/tree/release/tiny/tiny.ipynb$"))
        office.shoot("preview")
        office.shoot_narrow("preview")

    def test_marking_has_shortcuts_help_and_formulas(self, office: Office) -> None:
        page = office.page
        office.open("formgrader/gradebook/tiny/tiny")
        page.locator("td.name a").first.click()
        page.locator("input.score").first.wait_for()
        _drawn(page.locator(".text_cell_render math"))
        assert page.locator("body").inner_text().count("\\frac") == 0
        focused = "document.activeElement.id || document.activeElement.className"
        page.wait_for_function("formgrader.loaded && formgrader.grades.loaded && MathJax.loaded")
        page.keyboard.press("Tab")
        first = page.evaluate(focused)
        page.keyboard.press("Tab")
        second = page.evaluate(focused)
        assert first != second
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(focused) == first
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.tagName") == "BODY"
        page.keyboard.press("Control+Shift+F")
        expect(page.locator("#statusmessage")).to_have_text("Submission flagged")
        page.locator(".help").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text("Keyboard shortcuts")).to_be_visible()
        expect(dialog.locator(".shortcut-key")).to_have_count(9)
        office.shoot("help")
        dialog.get_by_role("button", name="Close").last.click()
        dialog.wait_for(state="detached")
        for _ in range(len(STUDENTS) - 1):
            here = page.url.partition("?")[0]
            page.wait_for_function("MathJax.loaded")
            page.keyboard.press("Control+.")
            page.wait_for_url(_another_submission(here))
            page.locator("input.score").first.wait_for()
            assert page.evaluate("window.pwned") is None

    def test_nothing_is_typed_that_would_be_lost(self, office: Office) -> None:
        """Formgrader keeps what is typed only once it has the marks so far, which may come late."""
        page = office.page
        held: list[Route] = []
        marks_so_far = re.compile("/formgrader/api/(grades|comments)[?]")
        page.route(marks_so_far, lambda route: held.append(route))
        page.reload()
        page.wait_for_function("MathJax.loaded")
        cell = page.locator(".nbgrader_cell", has=page.locator("#essay"))
        score, comment = cell.locator("input.score"), cell.locator("textarea.comment")
        full = cell.get_by_role("button", name="Full credit")
        for place in (score, cell.locator("input.extra-credit"), comment):
            expect(place).not_to_be_editable()
        expect(full).to_be_disabled()
        score.focus()
        page.keyboard.press("1")
        expect(score).to_have_value("")
        for route in held:
            route.continue_()
        page.unroute(marks_so_far)
        expect(full).to_be_enabled()
        for place, text, kept in ((score, "1", "grade"), (comment, "Good.", "comment")):
            with page.expect_response(re.compile(f"/formgrader/api/{kept}/")):
                place.fill(text)
                place.blur()
        page.reload()
        expect(score).to_have_value("1")
        expect(comment).to_have_value("Good.")

    def test_preview_of_a_change(self, office: Office, course: Course, axe: str) -> None:
        """A grader was edited: whose mark would change is shown, and none has changed."""
        page = office.page
        grader = course.root / "graders" / "tiny" / "test_tiny.py"
        as_it_was = grader.read_text()
        grader.write_text(as_it_was.replace("3.0, hint", "1.0, hint"))
        office.open("formgrader/manage_submissions/tiny")
        page.locator("td.autograde a").first.wait_for()
        scores = page.locator("#main-table td.score").all_inner_texts()
        page.get_by_role("button", name="Preview").click()
        place = page.locator("#autograde-all .previewed")
        office.done(place)
        expect(place).to_have_attribute("data-state", "done")
        rows = place.locator("tbody tr")
        expect(rows).to_have_count(len(STUDENTS))
        assert set(_column(rows, 4)) == {"-1.5"}
        expect(rows.first).to_contain_text("mean: 3 → 1.5 (example now fails)")
        expect(place).to_contain_text("4 marks would change: 0 up, 4 down.")
        expect(place).to_contain_text("Nothing was recorded.")
        office.shoot("previewed")
        office.shoot_narrow("previewed")
        assert violations(page.locator("#autograde-all"), axe) == []
        page.reload()
        page.locator("td.autograde a").first.wait_for()
        assert page.locator("#main-table td.score").all_inner_texts() == scores
        office.open("fairmark/course/report/tiny/preview/tiny.html")
        expect(page.get_by_role("heading", name="Marks that would change")).to_be_visible()
        office.shoot("preview-page")
        office.shoot_narrow("preview-page")
        grader.write_text(as_it_was)
        office.open("formgrader/manage_submissions/tiny")
        page.get_by_role("button", name="Autograde all").click()
        office.done(page.locator("#autograde-all .graded"))
        expect(place).to_be_hidden()
        page.reload()
        page.locator("td.autograde a").first.wait_for()
        expect(place).to_have_attribute("data-state", "none")
        assert not (course.root / "report/tiny/preview/tiny.html").exists()

    def test_report(self, office: Office, axe: str) -> None:
        page = office.page
        office.open("formgrader/manage_assignments")
        office.follow("Class Report")
        report = page.frame_locator("#report")
        expect(report.get_by_role("heading", name="Class report")).to_be_visible(timeout=SLOW)
        office.shoot("report")
        office.shoot_narrow("report")
        assert violations(page.locator(".fairmark-page"), axe) == []
        report.get_by_role("link", name="tiny").first.click()
        expect(report.get_by_role("heading", name="tiny").first).to_be_visible()
        office.shoot("report-of-one")
        report.get_by_role("link", name="feedback").first.click()
        expect(report.get_by_text(re.compile("of 9 points"))).to_be_visible()

    def test_students(self, office: Office, tmp_path: Path, axe: str) -> None:
        page = office.page
        table = tmp_path / "class.csv"
        table.write_text("id,first name,last name,email\nben,Ben,<b>Bold\nkim,Kim\nkim,\n,x\n")
        office.follow("Students from a File")
        page.locator("#table").set_input_files(table)
        states = page.locator("#preview tbody tr")
        expect(states).to_have_count(4)
        expect(states.nth(2)).to_contain_text("kim is in line 3 already")
        expect(states.nth(0)).to_contain_text("<b>Bold")
        office.shoot("students")
        office.shoot_narrow("students")
        assert violations(page.locator(".fairmark-page"), axe) == []
        page.get_by_role("button", name="Add 2").click()
        expect(page.locator("#said")).to_contain_text("Done: 1 new, 1 changed")
        office.follow("Manage Students")
        expect(page.locator("td.name", has_text="<b>Bold, Ben")).to_be_visible()

    def test_export(self, office: Office, axe: str) -> None:
        page = office.page
        office.follow("Export Marks")
        expect(page.locator(".alert-warning").first).to_contain_text("tiny, essay: not marked")
        office.shoot("export")
        office.shoot_narrow("export")
        assert violations(page.locator(".fairmark-page"), axe) == []
        with page.expect_download() as download:
            page.get_by_role("link", name=re.compile("Canvas")).first.click()
        assert "Points Possible" in Path(download.value.path()).read_text()


def _column(rows: Locator, number: int) -> list[str]:
    return [row.locator("td").nth(number).inner_text() for row in rows.all()]


def _another_submission(here: str) -> Callable[[str], bool]:
    return lambda url: "/submissions/" in url and here not in url


def _drawn(formulas: Locator) -> None:
    """Formulas are there, and the browser has drawn them: none is a point, or a line of text."""
    formulas.first.wait_for()
    boxes = [formula.bounding_box() for formula in formulas.all()]
    assert len(boxes) == 2
    assert all(box is not None and box["width"] > 20 and box["height"] > 15 for box in boxes)
