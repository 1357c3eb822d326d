"""An assignment of several notebooks without graders: each is graded by itself."""

from __future__ import annotations

import copy
import json
import os
import shutil
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook

from fairmark.batch.batch import Batch, NotebookOutcome
from fairmark.batch.local import LocalBackend
from fairmark.course.course import Assignment, Course
from fairmark.errors import FairmarkError
from fairmark.intake.handins import SubmittedNotebook, find_handins
from fairmark.intake.identify import match_assignment
from fairmark.notebook import NotebookError
from fairmark.record.marks import read_marks
from fairmark.reporting.classreport import read_class
from fairmark.reporting.pages import FeedbackPages
from tests.classic import RIGHT, make_pair_course

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

CUBE = "def cube(x):\n    return x * square(x) + 1"
WRITES = "open('{0}.txt', 'w').write('{0}')"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return make_pair_course(tmp_path / "course")


def hand_in(
    assignment: Assignment, student: str, answers: Mapping[str, str], name: str = ""
) -> Path:
    notebook = copy.deepcopy(assignment.handed_out)
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(grade_id, cell.source)
    notebook.cells.append(new_code_cell(WRITES.format(assignment.notebook)))
    folder = assignment.course.folder("submitted", student, assignment.name)
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / (name or assignment.source.name))
    return folder


def grade_class(course: Course) -> dict[tuple[str, str], NotebookOutcome]:
    batch = Batch(course, find_handins(course, course.assignments()))
    with LocalBackend(course, workers=1) as jury:
        outcomes = [*batch.unchanged, *batch.run(jury)]
    return {(o.handin.student, o.handin.assignment.notebook): o for o in outcomes}


def graded(outcomes: Mapping[tuple[str, str], NotebookOutcome]) -> set[tuple[str, str]]:
    return {key for key, outcome in outcomes.items() if outcome.state == "graded"}


def scores(outcomes: Mapping[tuple[str, str], NotebookOutcome]) -> dict[tuple[str, str], float]:
    return {key: outcome.report.score for key, outcome in outcomes.items() if outcome.report}


def test_what_there_is(course: Course) -> None:
    first, second = course.notebooks("classic")
    assert course.assignments() == [first, second] == list(second.notebooks)
    assert [first.label, second.label] == ["classic/first", "classic/second"]
    assert course.assignment("classic/second") == second
    with pytest.raises(FairmarkError, match="classic has 2 notebooks; one is needed"):
        course.assignment("classic")
    with pytest.raises(FairmarkError, match=r"no notebook 'third' in classic; .* first, second"):
        course.notebooks("classic/third")
    (first.source.parent / ".~first.ipynb").write_text("an editor's")
    assert len(course.notebooks("classic")) == 2
    (course.graders / "classic").mkdir(parents=True)
    (course.graders / "classic/test_first.py").write_text("")
    with pytest.raises(FairmarkError, match=r"classic has 2 notebooks: the graders of each"):
        course.assignments()


def test_a_notebook_in_another_language_leaves_all_to_nbgrader(course: Course) -> None:
    path = course.source / "classic" / "second.ipynb"
    path.write_text(path.read_text().replace('"language": "python"', '"language": "R"'))
    assert course.assignments() == []
    assert course.left_to_nbgrader() == {"classic": "second.ipynb is not in Python"}
    with pytest.raises(FairmarkError, match=r"left to nbgrader: second\.ipynb is not in Python"):
        course.notebooks("classic")
    path.write_text("{")
    assert "cannot be read" in course.left_to_nbgrader()["classic"]


def test_each_notebook_is_graded_when_it_changed(course: Course) -> None:
    first, second = course.notebooks("classic")
    for student in ("ada", "bob"):
        hand_in(first, student, RIGHT)
        hand_in(second, student, {**RIGHT, "cube": CUBE} if student == "ada" else RIGHT)
    outcomes = grade_class(course)
    ada, bob = (read_marks(course).students[n].marks["classic"] for n in (0, 1))
    assert scores(outcomes) == {
        ("ada", "first"): 8,
        ("ada", "second"): 8,
        ("bob", "first"): 8,
        ("bob", "second"): 5,
    }
    assert (ada.score, bob.score) == (16, 13)
    assert ada.unmarked == ("first/essay", "first/task", "second/essay", "second/task")
    place = course.folder("autograded", "ada", "classic")
    files = {"first.ipynb", "second.ipynb", "first.txt", "second.txt"}
    assert set(os.listdir(place)) == files
    with Gradebook(course.directory.db_url) as gradebook:
        for notebook, points in (("first", 1.0), ("second", 2.0)):
            grade = gradebook.find_grade("essay", notebook, "classic", "ada")
            grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.db.commit()

    assert graded(grade_class(course)) == set()
    before = (place / "first.ipynb").stat()
    hand_in(second, "ada", RIGHT)
    outcomes = grade_class(course)
    assert graded(outcomes) == {("ada", "second")}
    assert scores(outcomes)["ada", "second"] == 5
    assert read_marks(course).students[0].marks["classic"].score == 8 + 5 + 1 + 2
    assert (place / "first.ipynb").stat().st_mtime_ns == before.st_mtime_ns
    assert set(os.listdir(place)) == files, "what the other one wrote is still there"

    # The instructor changes one of the notebooks; a student hands in a file beside both.
    path = first.source
    path.write_text(path.read_text().replace("cube(2) == 8", "cube(3) == 27"))
    course = Course.load(course.root)
    assert graded(grade_class(course)) == {("ada", "first"), ("bob", "first")}
    (course.folder("submitted", "bob", "classic") / "data.csv").write_text("1,2")
    assert graded(grade_class(course)) == {("bob", "first"), ("bob", "second")}
    shutil.rmtree(place)
    assert graded(grade_class(course)) == {("ada", "first"), ("ada", "second")}


def test_an_interrupted_run_leaves_each_notebook_whole_or_not_graded(course: Course) -> None:
    for assignment in course.notebooks("classic"):
        hand_in(assignment, "ada", RIGHT)
    batch = Batch(course, find_handins(course, course.assignments()))
    with LocalBackend(course, workers=1) as jury, closing(batch.run(jury)) as outcomes:
        next(outcomes)
    place = course.folder("autograded", "ada", "classic")
    assert set(os.listdir(place)) == {"first.ipynb", "first.txt"}
    assert [s.marks["classic"].score for s in read_marks(course).students] == [8]
    assert graded(grade_class(course)) == {("ada", "second")}
    assert [s.marks["classic"].score for s in read_marks(course).students] == [13]


def test_what_nbgrader_graded_before_is_kept_and_not_believed(course: Course) -> None:
    """nbgrader keeps what a student's notebook says of itself."""
    first, _ = course.notebooks("classic")
    hand_in(first, "eve", RIGHT)
    place = course.folder("autograded", "eve", "classic")
    place.mkdir(parents=True)
    (place / "link").symlink_to(first.source)
    secret = course.root / "secret.txt"
    secret.write_text("kept")
    files = ["../../../secret.txt", str(secret), "link", "", ".", 7, "none.txt"]
    (place / "second.ipynb").write_text(json.dumps({"metadata": {"fairmark": {"files": files}}}))
    handins = [h for h in find_handins(course, [first]) if h.student == "eve"]
    with LocalBackend(course, workers=1) as jury:
        (outcome,) = Batch(course, handins).run(jury)
    assert outcome.state == "graded"
    assert set(os.listdir(place)) == {"first.ipynb", "first.txt", "second.ipynb"}
    assert secret.read_text() == "kept"


def test_pages_are_made_for_each_notebook(course: Course) -> None:
    for assignment in course.notebooks("classic"):
        hand_in(assignment, "ada", RIGHT)
    grade_class(course)

    def changed() -> list[str]:
        made = []
        for assignment in course.assignments():
            pages = FeedbackPages(assignment)
            students = pages.changed(pages.graded())
            made += [str(page) for _, page in pages.make(students)]
        return [Path(page).name for page in made]

    assert changed() == ["first.html", "second.html"]
    assert changed() == []
    with Gradebook(course.directory.db_url) as gradebook:
        gradebook.find_comment("essay", "second", "classic", "ada").manual_comment = "Well said."
        gradebook.db.commit()
    assert changed() == ["second.html"]
    place = course.folder("feedback", "ada", "classic")
    assert sorted(os.listdir(place)) == ["first.html", "second.html"]
    assert "Well said." in (place / "second.html").read_text()
    assert "Well said." not in (place / "first.html").read_text()


def test_a_notebook_with_nothing_to_mark_is_graded_once(course: Course) -> None:
    reading = new_notebook(cells=[new_markdown_cell("# To be read, and nothing more than that")])
    nbformat.write(reading, course.source / "classic" / "reading.ipynb")
    for assignment in course.notebooks("classic"):
        hand_in(assignment, "ada", RIGHT)
    assert graded(grade_class(course)) == {("ada", n) for n in ("first", "reading", "second")}
    assert graded(grade_class(course)) == set()
    assert not read_class(course.assignment("classic/reading")).of("waiting")


def test_missing_and_damaged_notebooks_cost_themselves(course: Course) -> None:
    first, second = course.notebooks("classic")
    hand_in(first, "ada", RIGHT)
    folder = hand_in(first, "bob", RIGHT)
    (folder / "second.ipynb").write_text("half a note")
    outcomes = grade_class(course)
    assert "ada/classic/second.ipynb does not exist" in outcomes["ada", "second"].problem
    assert "is no notebook" in outcomes["bob", "second"].problem
    assert [s.marks["classic"].score for s in read_marks(course).students] == [8, 8]
    unmarked = ("first/essay", "first/task")
    assert all(s.marks["classic"].unmarked == unmarked for s in read_marks(course).students)
    notebook = nbformat.read(course.folder("autograded", "ada", "classic") / "second.ipynb", 4)
    assert "second\\.ipynb does not exist" in notebook.cells[0].source
    # The notebook comes after all: a person is asked again for what a person marks.
    hand_in(second, "bob", {**RIGHT, "cube": CUBE})
    assert graded(grade_class(course)) == {("bob", "second")}
    bob = read_marks(course).students[1].marks["classic"]
    assert (bob.score, len(bob.unmarked)) == (16, 4)


def test_renamed_notebooks(course: Course) -> None:
    first, second = course.notebooks("classic")

    def found(student: str) -> list[str | None]:
        names: list[str | None] = []
        for assignment in (first, second):
            folder = course.folder("submitted", student, "classic")
            try:
                names.append(SubmittedNotebook(student, assignment, folder).read()[0].name)
            except NotebookError:
                names.append(None)
        return names

    hand_in(first, "one", RIGHT)
    hand_in(second, "one", RIGHT, "final.ipynb")
    assert found("one") == ["first.ipynb", "final.ipynb"]
    hand_in(first, "both", RIGHT, "a.ipynb")  # told by the cells that only one of them has
    hand_in(second, "both", RIGHT, "b.ipynb")
    assert found("both") == ["a.ipynb", "b.ipynb"]
    folder = hand_in(first, "names", RIGHT, "ada_second.ipynb")
    for name in ("ada_first.ipynb", "ada_second.ipynb"):  # told by their names, then
        nbformat.write(new_notebook(), folder / name)
    assert found("names") == ["ada_first.ipynb", "ada_second.ipynb"]
    nbformat.write(new_notebook(), hand_in(first, "none", RIGHT, "x.ipynb") / "x.ipynb")
    assert found("none") == [None, None], "it could be both"
    hand_in(second, "many", RIGHT, "second (1).ipynb")
    hand_in(second, "many", RIGHT, "second (2).ipynb")
    assert found("many") == [None, None], "either could be the second one"
    hand_in(second, "extra", RIGHT)
    hand_in(first, "extra", RIGHT)
    hand_in(first, "extra", {}, "first-Copy1.ipynb")
    assert found("extra") == ["first.ipynb", "second.ipynb"]


def test_loose_notebooks_find_their_notebook(course: Course) -> None:
    shutil.copytree(course.source / "classic", course.source / "again")
    assignments = course.assignments()
    assert [a.label for a in assignments][:2] == ["again/first", "again/second"]
    for assignment in assignments:
        path = Path(assignment.name, assignment.source.name)
        assert match_assignment(assignments, assignment.handed_out, path) == assignment
        assert match_assignment(assignments, new_notebook(), path) == assignment
    _, second = course.notebooks("classic")
    two = course.notebooks("classic")
    assert match_assignment(two, second.handed_out, Path("any.ipynb")) == second
    with pytest.raises(FairmarkError, match="use --assignment"):
        match_assignment(assignments, new_notebook(), Path("classic/any.ipynb"))
