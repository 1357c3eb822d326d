"""A preview says what grading then does, and writes nothing of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from fairmark.batch.batch import Batch, NotebookOutcome
from fairmark.batch.local import LocalBackend
from fairmark.batch.preview import Preview
from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.intake.handins import find_handins
from fairmark.record.changes import MarkChange
from fairmark.record.foresight import KEPT
from fairmark.record.queries import cell_marks
from fairmark.reporting.feedback import generate_feedback
from tests.classic import RIGHT as POWERS
from tests.classic import make_pair_course
from tests.nbgrader.classroom import execute, rows
from tests.tiny import RIGHT, answer, make_course

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")

FIRST = "def mean(x):\n    return x[0]"
"""Passes no test of the tiny course's."""
ALMOST = "def mean(x):\n    return sum(x) / len(x) if len(x) < 9 else 0.0"
"""Fails the hidden test."""


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return make_course(tmp_path)


def hand_in(course: Course, student: str, **answers: str) -> Path:
    path = course.folder("submitted", student, "tiny") / "tiny.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(answer(course.assignment("tiny"), RIGHT | answers), path)
    return path


def batch_of(course: Course, *, only_better: bool = False, force: bool = False) -> Batch:
    course = Course.load(course.root)  # what is known of its files is forgotten
    handins = find_handins(course, course.assignments())
    return Batch(course, handins, only_better=only_better, force=force)


def grade(course: Course, *, only_better: bool = False) -> dict[str, NotebookOutcome]:
    batch = batch_of(course, only_better=only_better)
    done = [*batch.unchanged, *batch.run(LocalBackend(course, workers=2))]
    return {outcome.handin.student: outcome for outcome in done}


def preview(
    course: Course, *, only_better: bool = False, force: bool = False
) -> dict[str, MarkChange]:
    with untouched(course.root):
        batch = batch_of(course, only_better=only_better, force=force)
        found = Preview(batch, only_better=only_better)
        changes = [*found.unchanged(), *found.run(LocalBackend(course, workers=2))]
    return {change.handin.student: change for change in changes}


@contextmanager
def untouched(root: Path) -> Iterator[None]:
    """Nothing in the course has other bytes, or another time, behind the block."""
    before = content(root)
    yield
    assert content(root) == before


def content(root: Path) -> dict[str, tuple[int, str]]:
    return {
        str(path.relative_to(root)): (
            path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def totals(course: Course) -> dict[str, float]:
    """The marks in the gradebook: what the class report and exports say."""
    found: dict[str, float] = {}
    for mark in cell_marks(course.assignment("tiny")):
        found.setdefault(mark.student, -(mark.penalty or 0.0))
        found[mark.student] += mark.score or 0.0
    return {student: round(max(0.0, total), 2) for student, total in found.items()}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def grader(course: Course) -> Path:
    return course.root / "graders/tiny/test_tiny.py"


def mark_by_hand(course: Course, student: str, cell: str, points: float, **more: float) -> None:
    with Gradebook(course.directory.db_url) as gradebook:
        found = gradebook.find_grade(cell, "tiny", "tiny", student)
        found.manual_score, found.needs_manual_grade = points, False
        found.extra_credit = more.get("extra")
        gradebook.find_comment("essay", "tiny", "tiny", student).manual_comment = "Well said."
        gradebook.db.commit()


def test_what_is_said_is_what_is_done(course: Course) -> None:
    hand_in(course, "ada")
    hand_in(course, "bob", mean=FIRST)
    hand_in(course, "cy", mean=ALMOST)
    hand_in(course, "dee", mean=ALMOST)
    hand_in(course, "eve", double="def double(x):\n    return 0")
    first = preview(course)
    assert all(change.is_first and not change.changed for change in first.values())
    assert not (course.root / "gradebook.db").exists()
    grade(course)
    assert totals(course) == {student: change.after for student, change in first.items()}
    nothing = preview(course)
    assert not any(change.graded_again or change.changed for change in nothing.values())

    mark_by_hand(course, "ada", "essay", 3.0, extra=0.5)
    mark_by_hand(course, "dee", "check_mean", 2.5)
    edit(grader(course), "3.0, hint", "1.0, hint")  # the example now asks for the first
    edit(grader(course), "@weight(3)", "@weight(1)")
    hand_in(course, "bob")
    hand_in(course, "fay", mean=FIRST)
    said = preview(course)
    before = totals(course)
    assert {student: change.before for student, change in said.items()} == before | {"fay": None}
    assert {s for s, change in said.items() if change.changed} == {"ada", "bob", "cy", "eve"}
    assert [s for s, change in said.items() if change.changed_since] == ["bob"]
    assert said["ada"].reasons == [
        "mean: 3 → 1.5 (example now fails)",
    ]
    assert said["bob"].reasons == [
        "its answers are others than those that were graded",
        "mean: 0 → 1.5 (secret_long (hidden) now passes)",
    ]
    assert said["cy"].reasons == ["mean: 1.5 → 0 (example now fails)"]
    by_hand = next(one for one in said["dee"].questions if one.question == "mean")
    assert (by_hand.by_hand, by_hand.before, by_hand.after) == (True, 2.5, 2.5)
    grade(course)
    assert totals(course) == {student: change.after for student, change in said.items()}
    comments = rows(course)["comment"]
    assert ("ada", "essay", None, "Well said.") in comments
    assert ("ada", "essay", None, 3.0, 0.5, 1) in rows(course)["grade"]


def test_points_weights_and_tests_of_another_number(course: Course) -> None:
    hand_in(course, "ada", mean=ALMOST)
    hand_in(course, "bob", double="def double(x):\n    return 6")
    grade(course)
    source = course.root / "source/tiny/tiny.ipynb"
    edit(source, '"points": 3', '"points": 6')
    edit(grader(course), "@weight(3)", "@weight(1)")
    edit(grader(course), "def test_example", "def test_lecture")
    said = preview(course)
    renamed = "lecture is new, and passes; example is gone, and was passed"
    assert said["ada"].reasons == [f"mean: is worth 6, not 3, 1.5 → 3 ({renamed})"]
    assert said["bob"].reasons == [
        "double: 0.5 → 1 (secret_array (hidden) weighs 1, not 3)",
        f"mean: is worth 6, not 3, 3 → 6 ({renamed})",
    ]
    assert (said["ada"].max_before, said["ada"].max_after) == (9, 12)
    grade(course)
    assert totals(course) == {student: change.after for student, change in said.items()}


def test_penalties(course: Course) -> None:
    late = 'c.LateSubmissionPlugin.penalty_method = "zero"\n'
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + late)
    for student, zone in (("ada", " UTC"), ("bob", "-02:00")):
        folder = hand_in(course, student).parent
        (folder / "timestamp.txt").write_text(f"2026-02-01 10:30:00{zone}")
    grade(course)
    execute(course, "UPDATE assignment SET duedate = '2026-02-01 11:00:00'")
    said = preview(course)
    assert not any(change.graded_again for change in said.values())
    assert [s for s, change in said.items() if change.changed] == ["bob"]
    assert said["bob"].reasons == ["penalty for being late: 0 → 5"]
    grade(course)
    assert totals(course) == {student: change.after for student, change in said.items()}
    edit(grader(course), "3.0, hint", "1.0, hint")
    said = preview(course)
    assert said["bob"].reasons == [
        "mean: 3 → 1.5 (example now fails)",
        "penalty for being late: 5 → 3.5",
    ]
    assert (said["bob"].before, said["bob"].after) == (0, 0)


def test_only_rises(course: Course, tmp_path: Path) -> None:
    hand_in(course, "ada")
    hand_in(course, "bob", mean=FIRST)
    hand_in(course, "cy")
    grade(course)
    edit(grader(course), "3.0, hint", "1.0, hint")
    hand_in(course, "cy", mean=ALMOST)  # another answer gets what it is worth
    said = preview(course, only_better=True)
    assert said["ada"].kept == ["mean"]
    assert {s: (c.before, c.after) for s, c in said.items()} == {
        "ada": (5, 5),
        "bob": (2, 3.5),
        "cy": (5, 2),
    }
    done = grade(course, only_better=True)
    assert {student: outcome.kept for student, outcome in done.items()} == {
        "ada": ("mean",),
        "bob": (),
        "cy": (),
    }
    assert totals(course) == {student: change.after for student, change in said.items()}

    # All that tells of the mark tells of the same.
    place = course.folder("autograded", "ada", "tiny") / "tiny.ipynb"
    notebook = json.loads(place.read_text())
    (result,) = [
        one
        for one in notebook["metadata"]["fairmark"]["report"]["questions"]
        if one["id"] == "mean"
    ]
    assert (result["score"], result["note"]) == (3.0, KEPT)
    assert all(test["passed"] for test in result["tests"])
    (cell,) = [
        cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "check_mean"
    ]
    shown = json.dumps(cell["outputs"])
    assert "3 of 3 points" in shown
    assert KEPT in shown
    assert "FAILED" not in shown
    pages = dict(generate_feedback(course.assignment("tiny")))
    assert isinstance(pages["ada"], Path)
    page = pages["ada"].read_text()
    assert KEPT in page
    assert "3 of 3 points" in page
    assert "FAILED" not in page

    # It holds until something changes again; and then, too, it does not fall.
    assert {outcome.state for outcome in grade(course).values()} == {"unchanged"}
    assert not any(change.changed for change in preview(course).values())
    edit(grader(course), "Divide by how many?", "By how many?")
    assert preview(course)["ada"].reasons == ["mean: 3 → 1.5 (example now fails)"]
    assert grade(course, only_better=True)["ada"].kept == ("mean",)
    assert totals(course)["ada"] == 5


def test_a_share_of_other_points_does_not_fall(course: Course) -> None:
    hand_in(course, "ada", mean=ALMOST)
    grade(course)
    edit(course.root / "source/tiny/tiny.ipynb", '"points": 3', '"points": 6')
    edit(grader(course), "3.0, hint", "1.0, hint")
    assert grade(course, only_better=True)["ada"].kept == ("mean",)
    assert totals(course) == {"ada": 5}  # half of six, as it was half of three


def test_a_mark_whose_notebook_cannot_be_graded_any_more(course: Course) -> None:
    hand_in(course, "ada")
    grade(course)
    (course.folder("submitted", "ada", "tiny") / "tiny.ipynb").write_text("no notebook")
    said = preview(course)["ada"]
    assert (said.before, said.after) == (5, 0)
    assert "is no notebook" in said.problem
    kept = preview(course, only_better=True)["ada"]
    assert (kept.before, kept.after) == (5, None)
    outcome = grade(course, only_better=True)["ada"]
    assert (outcome.state, totals(course)) == ("failed", {"ada": 5})
    assert outcome.problem.endswith("it keeps the mark that it has")


def test_test_cells_in_several_notebooks(tmp_path: Path) -> None:
    course = make_pair_course(tmp_path)
    for student, wrong in (("ada", {}), ("bob", {"square": "def square(x):\n    return x + x"})):
        folder = course.folder("submitted", student, "classic")
        folder.mkdir(parents=True)
        for assignment in course.notebooks("classic"):
            given: dict[str, str] = {**POWERS, **wrong}
            if assignment.notebook == "second":
                given = given | {"cube": "def cube(x):\n    return x * x * x + 1"}
            nbformat.write(answer(assignment, given), folder / assignment.source.name)

    def changes() -> dict[tuple[str, str], MarkChange]:
        with untouched(course.root):
            batch = batch_of(course)
            found = Preview(batch)
            done = [*found.unchanged(), *found.run(LocalBackend(course, workers=2))]
        return {(one.handin.student, one.handin.assignment.notebook): one for one in done}

    assert all(change.is_first for change in changes().values())
    batch = batch_of(course)
    list(batch.run(LocalBackend(course, workers=2)))
    edit(course.source / "classic" / "second.ipynb", "square(2) == 4", "square(2) == 5")
    said = changes()
    assert {key for key, change in said.items() if change.graded_again} == {
        ("ada", "second"),
        ("bob", "second"),
    }
    assert [key for key, change in said.items() if change.changed] == [("ada", "second")]
    (reason,) = said["ada", "second"].reasons
    assert reason.startswith("test_square: 2 → 0 (square now fails")


def test_other_cells_are_refused_as_by_grading(course: Course) -> None:
    hand_in(course, "ada")
    grade(course)
    source = course.root / "source/tiny/tiny.ipynb"
    source.write_text(source.read_text().replace('"essay"', '"thoughts"'))
    with pytest.raises(FairmarkError, match="cells of tiny were added, removed or renamed"):
        preview(course)
    with pytest.raises(FairmarkError, match="cells of tiny were added, removed or renamed"):
        grade(course)


def test_what_only_nbgrader_graded(course: Course) -> None:
    """Its mark is in the gradebook, and nobody knows what its tests found."""
    hand_in(course, "ada")
    grade(course)
    place = course.folder("autograded", "ada", "tiny") / "tiny.ipynb"
    notebook = json.loads(place.read_text())
    del notebook["metadata"]["fairmark"]
    place.write_text(json.dumps(notebook))
    edit(grader(course), "3.0, hint", "1.0, hint")
    said = preview(course)["ada"]
    assert said.reasons == ["mean: 3 → 1.5 (what its tests found before is not known)"]
    assert grade(course, only_better=True)["ada"].kept == ("mean",)
    assert totals(course) == {"ada": 5}
