"""Grading a class: who is graded, what is recorded, and what a broken submission costs."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import nbformat
import pytest

from fairmark.batch import local
from fairmark.batch.batch import Batch, NotebookOutcome
from fairmark.batch.local import LocalBackend
from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.grading.grade import grade_handin as grade_handin_as_it_is
from fairmark.grading.grade import unreadable
from fairmark.harness.report import Report
from fairmark.intake.handins import SubmittedNotebook, find_handins
from fairmark.intake.kinds import RepairKind
from fairmark.record.database import open_gradebook
from fairmark.record.marks import read_marks
from fairmark.sandbox import Sandbox
from tests.processes import pid_of
from tests.tiny import RIGHT, answer, make_course

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return make_course(tmp_path)


def hand_in(course: Course, student: str, answers: Mapping[str, str]) -> Path:
    assignment = course.assignment("tiny")
    path = course.folder("submitted", student, "tiny") / "tiny.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(answer(assignment, answers), path)
    return path


def grade_class(course: Course, *, force: bool = False) -> dict[str, NotebookOutcome]:
    todo = Batch(course, find_handins(course, course.assignments()), force=force)
    outcomes = [*todo.unchanged, *todo.run(LocalBackend(course, workers=2))]
    return {outcome.handin.student: outcome for outcome in outcomes}


def states(outcomes: Mapping[str, NotebookOutcome]) -> dict[str, str]:
    return {student: outcome.state for student, outcome in outcomes.items()}


def test_a_time_that_makes_no_sense_stops_nobody(course: Course) -> None:
    """What reads times raises more than ValueError: here what ``decimal`` does."""
    for student in ("ada", "eve", "zoe"):
        hand_in(course, student, RIGHT)
    stamp = course.folder("submitted", "eve", "tiny") / "timestamp.txt"
    stamp.write_text("509999999999999999999900000000000h")
    assert states(grade_class(course)) == dict.fromkeys(("ada", "eve", "zoe"), "graded")


def test_code_that_is_too_deep_for_python_stops_nobody(course: Course) -> None:
    """Which of two notebooks is meant is found out by looking at their code, before all grading."""
    deep = "if x: y = 1\n" + "elif x: y = 1\n" * 2_000
    for student in ("ada", "eve", "zoe"):
        path = hand_in(course, student, {"mean": RIGHT["mean"]})
        if student == "eve":
            hand_in(course, "eve", {**RIGHT, "double": f"{deep}{RIGHT['double']}"})
            shutil.copy(path, path.with_name("second.ipynb"))
    outcomes = grade_class(course)
    assert states(outcomes) == dict.fromkeys(("ada", "eve", "zoe"), "graded")


def test_a_class(course: Course) -> None:
    hand_in(course, "ada", RIGHT)
    hand_in(course, "bob", {**RIGHT, "mean": "import os\nos._exit(0)"})
    (hand_in(course, "eve", RIGHT)).write_text("PK\x03\x04")
    (hand_in(course, "fay", RIGHT)).rename(
        course.folder("submitted", "fay", "tiny") / "tiny-final.ipynb"
    )
    other = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print('other')")])
    nbformat.write(other, hand_in(course, "gil", RIGHT))
    data = course.folder("submitted", "ada", "tiny") / "data.csv"
    data.write_text("1,2")

    outcomes = grade_class(course)
    assert set(states(outcomes).values()) == {"graded"}
    reports = {student: outcome.report for student, outcome in outcomes.items()}
    assert all(report is not None for report in reports.values())
    scores = {student: report.score for student, report in reports.items() if report}
    assert scores == {"ada": 5, "bob": 2, "eve": 0, "fay": 5, "gil": 0}
    assert "is not JSON" in outcomes["eve"].problem
    assert "no notebook of the assignment tiny" in outcomes["gil"].problem
    assert reports["fay"] is not None
    renamed = RepairKind.OTHER_NAME.of(name="tiny-final.ipynb", expected="tiny.ipynb")
    assert reports["fay"].repairs == (renamed,)
    assert all(report.cells == () for report in reports.values() if report)

    marks = {student.id: student.marks["tiny"] for student in read_marks(course).students}
    assert {student: mark.score for student, mark in marks.items()} == scores
    assert marks["ada"].unmarked == ("essay",)
    for student in scores:
        assert (course.folder("autograded", student, "tiny") / "tiny.ipynb").is_file()

    # Again: nothing changed, so nothing is done, and the same is told.
    again = grade_class(course)
    assert set(states(again).values()) == {"unchanged"}
    assert {student: outcome.problem for student, outcome in again.items()} == {
        student: outcome.problem for student, outcome in outcomes.items()
    }
    assert again["ada"].report == reports["ada"]

    # One hands in anew; one graded notebook is gone; a helper file changed.
    hand_in(course, "bob", RIGHT)
    shutil.rmtree(course.folder("autograded", "fay", "tiny"))
    data.write_text("3,4")
    third = grade_class(course)
    assert {s for s, state in states(third).items() if state == "graded"} == {"ada", "bob", "fay"}
    assert third["bob"].report is not None
    assert third["bob"].report.score == 5

    # Without its gradebook, or when told to, everything is graded.
    (course.root / "gradebook.db").unlink()
    assert set(states(grade_class(course)).values()) == {"graded"}


def test_who_is_not_in_the_gradebook_is_not_added_where_the_course_says_so(course: Course) -> None:
    for student in ("ada", "bob"):
        hand_in(course, student, RIGHT)
    course.config.Autograde.create_student = False
    with closing(open_gradebook(course)) as gradebook:
        gradebook.add_student("ada")
    outcomes = grade_class(course)
    assert states(outcomes) == {"ada": "graded", "bob": "failed"}
    assert outcomes["bob"].problem == (
        "the gradebook has no student bob, and c.Autograde.create_student is False"
    )
    with closing(open_gradebook(course)) as gradebook:
        assert [student.id for student in gradebook.students] == ["ada"]
    assert not course.folder("autograded", "bob", "tiny").exists()
    # Whoever is added later is graded in the next run.
    with closing(open_gradebook(course)) as gradebook:
        gradebook.add_student("bob")
    assert states(grade_class(course)) == {"ada": "unchanged", "bob": "graded"}


def test_what_was_marked_by_hand_does_not_wait_again(course: Course) -> None:
    for student in ("ada", "bob"):
        hand_in(course, student, RIGHT)
    grade_class(course)
    batch = Batch(course, find_handins(course, course.assignments()))
    assert sorted(student for student, *_ in batch.unmarked()) == ["ada", "bob"]
    with closing(sqlite3.connect(course.root / "gradebook.db")) as gradebook, gradebook:
        marked = gradebook.execute(
            "UPDATE grade SET manual_score = 3, needs_manual_grade = 0 WHERE needs_manual_grade "
            "AND notebook_id IN (SELECT n.id FROM submitted_notebook n JOIN submitted_assignment a "
            "ON a.id = n.assignment_id WHERE a.student_id = 'ada')"
        )
        assert marked.rowcount == 1
    grade_class(course, force=True)
    assert [student for student, *_ in batch.unmarked()] == ["bob"]
    with closing(sqlite3.connect(course.root / "gradebook.db")) as gradebook:
        flagged = "SELECT count(*) FROM grade WHERE needs_manual_grade"
        assert gradebook.execute(flagged).fetchone() == (2,)  # nbgrader's own flag, for formgrader


def test_lost_worker_is_tried_once_more(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    for student in ("ada", "bob", "eve"):
        hand_in(course, student, RIGHT)
    once = course.root / "once"

    def grade_handin(handin: SubmittedNotebook, sandbox: Sandbox) -> Report:
        if handin.student == "eve" or (handin.student == "bob" and not once.exists()):
            once.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return unreadable("", handin.assignment, handin.name)

    monkeypatch.setattr(local, "grade_handin", grade_handin)
    outcomes = grade_class(course)
    assert states(outcomes) == {"ada": "graded", "bob": "graded", "eve": "failed"}
    assert outcomes["eve"].problem == "its worker was killed by SIGKILL"
    assert not course.folder("autograded", "eve", "tiny").exists()


def test_lost_sandbox_is_replaced(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    for student in ("ada", "bob", "eve"):
        hand_in(course, student, RIGHT)
    once = course.root / "once"
    real = grade_handin_as_it_is

    def grade_handin(handin: SubmittedNotebook, sandbox: Sandbox) -> Report:
        if not once.exists():
            once.touch()
            os.kill(pid_of(sandbox), signal.SIGKILL)
        return real(handin, sandbox)

    monkeypatch.setattr(local, "grade_handin", grade_handin)
    outcomes = grade_class(course)
    assert set(states(outcomes).values()) == {"graded"}
    assert {o.report.score for o in outcomes.values() if o.report} == {5}


def test_broken_grader_records_nothing(course: Course) -> None:
    students = ("ada", "bob", "cleo", "dan", "eve")  # more than there are workers
    for student in students:
        hand_in(course, student, RIGHT)
    grader = course.root / "graders/tiny/test_tiny.py"
    # What stands before the fault must not be taken for all there is, by any worker, at any time.
    grader.write_text(grader.read_text() + "\nimport nothing_of_that_name\n")
    outcomes = grade_class(course)
    assert states(outcomes) == dict.fromkeys(students, "failed")
    for outcome in outcomes.values():
        assert "a grader of tiny is broken" in outcome.problem
    assert read_marks(course).students == ()


def test_graders_are_collected_once_for_a_class(
    course: Course, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Before the workers are forked, in the process that has seen no submission."""
    notes = tmp_path / "notes"
    main = pytest.main

    def noted(*args: Any, **options: Any) -> Any:
        with notes.open("a") as file:
            file.write(f"{os.getpid()}\n")
        return main(*args, **options)

    monkeypatch.setattr(pytest, "main", noted)
    for number in range(4):
        hand_in(course, f"student{number}", RIGHT)
    outcomes = grade_class(course)
    assert len(outcomes) == 4
    assert all(outcome.problem == "" for outcome in outcomes.values())
    assert notes.read_text() == f"{os.getpid()}\n"


def test_unwritable_place_costs_one_student(course: Course) -> None:
    for student in ("ada", "bob"):
        hand_in(course, student, RIGHT)
    course.folder("autograded").mkdir()
    (course.folder("autograded") / "ada").write_text("a file in the way")
    outcomes = grade_class(course)
    assert states(outcomes) == {"ada": "failed", "bob": "graded"}
    assert "cannot be written" in outcomes["ada"].problem
    assert "\n" not in outcomes["ada"].problem


def test_unwritable_autograded_folder(course: Course) -> None:
    hand_in(course, "ada", RIGHT)
    course.folder("autograded").write_text("a file in the way")
    with pytest.raises(FairmarkError, match=r"autograded cannot be written"):
        grade_class(course)


def test_locked_gradebook_stops_and_loses_nothing(course: Course) -> None:
    for student in ("ada", "bob"):
        hand_in(course, student, RIGHT)
    grade_class(course)
    url = f"sqlite:///{course.root}/gradebook.db?timeout=0.1"
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(f"c.CourseDirectory.db_url = {url!r}\n")
    course = Course.load(course.root)
    hand_in(course, "eve", RIGHT)
    other = sqlite3.connect(course.root / "gradebook.db")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(FairmarkError, match=r"gradebook\.db is locked"):
        grade_class(course)
    other.close()
    assert states(grade_class(course)) == {"ada": "unchanged", "bob": "unchanged", "eve": "graded"}


def test_odd_names_of_folders(course: Course) -> None:
    hand_in(course, "ada lovelace =1+1", RIGHT)
    hand_in(course, os.fsdecode(b"b\xffb"), RIGHT)
    outcomes = grade_class(course)
    assert sorted(outcome.state for outcome in outcomes.values()) == ["failed", "graded"]


def test_manual_marks_survive(course: Course) -> None:
    from nbgrader.api import Gradebook

    hand_in(course, "ada", RIGHT)
    grade_class(course)
    with Gradebook(course.directory.db_url) as gradebook:
        grade = gradebook.find_grade("essay", "tiny", "tiny", "ada")
        grade.manual_score = 3.5
        grade.needs_manual_grade = False
        gradebook.db.commit()
    assert read_marks(course).students[0].total == 8.5
    grade_class(course, force=True)
    assert read_marks(course).students[0].total == 8.5
