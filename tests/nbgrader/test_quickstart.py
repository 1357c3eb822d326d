"""The course that ``nbgrader quickstart`` makes, with the two lines of configuration added."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory

from fairmark.batch.batch import Batch
from fairmark.batch.local import LocalBackend
from fairmark.course.course import Course
from fairmark.intake.handins import find_handins
from fairmark.nbgrader.generate import generate_release, release_is_stale
from fairmark.record.database import open_gradebook
from fairmark.record.marks import read_marks
from tests.nbgrader.classroom import execute, nbgrader

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")

LINES = "\nfrom fairmark.nbgrader.config import use_fairmark\nuse_fairmark(c)\n"
PENALTY = "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
RIGHT = {
    "squares": "def squares(n):\n    if n < 1:\n        raise ValueError(n)\n"
    "    return [i * i for i in range(1, n + 1)]",
    "sum_of_squares": "def sum_of_squares(n):\n    return sum(squares(n))",
    "sum_of_squares_equation": "$\\sum_i i^2$",
    "sum_of_squares_application": "def oranges(n):\n    return sum_of_squares(n)",
    "part-a": "It computes Fibonacci's numbers.",
    "part-b": "Below zero it never ends.",
}
WRONG = {**RIGHT, "squares": "def squares(n):\n    return [i * i for i in range(n)]"}
WRONG.pop("part-b")
GRADES = (
    "SELECT sa.student_id, n.name, b.name, g.auto_score, g.manual_score, g.needs_manual_grade "
    "FROM grade g JOIN base_cell b ON b.id = g.cell_id "
    "JOIN submitted_notebook sn ON sn.id = g.notebook_id JOIN notebook n ON n.id = sn.notebook_id "
    "JOIN submitted_assignment sa ON sa.id = sn.assignment_id"
)
PENALTIES = (
    "SELECT sa.student_id, n.name, COALESCE(sn.late_submission_penalty, 0) "
    "FROM submitted_notebook sn JOIN notebook n ON n.id = sn.notebook_id "
    "JOIN submitted_assignment sa ON sa.id = sn.assignment_id"
)
COMMENTS = GRADES.replace("g.auto_score, g.manual_score, g.needs_manual_grade", "g.auto_comment")
COMMENTS = COMMENTS.replace("FROM grade g", "FROM comment g")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course as nbgrader makes it."""
    folder = tmp_path_factory.mktemp("quickstart")
    command = [sys.executable, "-m", "nbgrader", "quickstart", "course101"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "course101"


def new_course(made: Path, root: Path, lines: str) -> Course:
    shutil.copytree(made, root)
    with (root / "nbgrader_config.py").open("a") as config:
        config.write(lines + PENALTY)
    course = Course.load(root)
    open_gradebook(course).close()  # nbgrader makes one only where `alembic` is on the path
    return course


def hand_in(course: Course, student: str, answers: Mapping[str, str], **names: str) -> None:
    """Hand in the notebooks of these names, under the names that are given for them."""
    folder = course.folder("submitted", student, "ps1")
    folder.mkdir(parents=True)
    for notebook, name in names.items():
        node = nbformat.read(course.root / f"release/ps1/{notebook}.ipynb", 4)
        for cell in node.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = answers.get(grade_id, cell.source)
        nbformat.write(node, folder / f"{name}.ipynb")
    day = "09" if student == "late" else "01"
    (folder / "timestamp.txt").write_text(f"2026-02-{day} 10:00:00 UTC")


def hand_in_all(course: Course) -> None:
    both = {"problem1": "problem1", "problem2": "problem2"}
    hand_in(course, "right", RIGHT, **both)
    hand_in(course, "wrong", WRONG, **both)
    hand_in(course, "late", RIGHT, **both)
    hand_in(course, "half", RIGHT, problem1="problem1")
    execute(course, "UPDATE assignment SET duedate = '2026-02-04 00:00:00.000000'")


def hand_in_damaged(course: Course) -> None:
    """What stops nbgrader, or what it does not look at."""
    hand_in(course, "renamed", RIGHT, problem1="problem1 (1)", problem2="my problem2")
    hand_in(course, "damaged", RIGHT, problem1="problem1")
    (course.folder("submitted", "damaged", "ps1") / "problem2.ipynb").write_text("{ half")
    hand_in(course, "swapped", RIGHT, problem1="problem2")


def gradebook(course: Course) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(course.root / "gradebook.db")) as database:
        return {
            query: sorted(database.execute(query).fetchall(), key=repr)
            for query in (GRADES, PENALTIES, COMMENTS)
        }


def grade_class(course: Course) -> None:
    batch = Batch(course, find_handins(course, course.assignments()), force=True)
    with LocalBackend(course, workers=1) as backend:
        outcomes = [(o.state, o.problem, o.handin.key) for o in batch.run(backend)]
        assert all(state == "graded" for state, *_ in outcomes), outcomes


def mark_by_hand(course: Course) -> None:
    execute(
        course,
        "UPDATE grade SET manual_score = 0.75, needs_manual_grade = 0 WHERE cell_id IN "
        "(SELECT id FROM base_cell WHERE name = 'part-a') AND notebook_id IN "
        "(SELECT sn.id FROM submitted_notebook sn JOIN submitted_assignment sa "
        "ON sa.id = sn.assignment_id WHERE sa.student_id IN ('right', 'late'))",
    )


def test_the_marks_are_those_of_stock_nbgrader(made: Path, tmp_path: Path) -> None:
    stock = new_course(made, tmp_path / "stock", "")
    assert nbgrader(stock).generate_assignment("ps1")["success"]
    hand_in_all(stock)
    ours = new_course(made, tmp_path / "ours", LINES)
    generate_release(ours.assignments()[0])
    hand_in_all(ours)
    assert nbgrader(stock).autograde("ps1", "*")["success"]
    grade_class(ours)
    assert gradebook(ours) == gradebook(stock)
    # Marks of a person survive a regrade, and are looked at again, as with nbgrader.
    for course in (stock, ours):
        mark_by_hand(course)
    for student in ("right", "late"):
        assert nbgrader(stock).autograde("ps1", student)["success"]
    grade_class(ours)
    found = gradebook(ours)
    assert found == gradebook(stock)
    assert ("wrong", "problem1", "correct_squares", 0.0, None, 0) in found[GRADES]
    assert ("right", "problem2", "part-a", None, 0.75, 1) in found[GRADES]
    assert ("half", "problem2", "part-b", 0.0, None, 0) in found[GRADES]
    assert ("wrong", "problem2", "part-b", "No response.") in found[COMMENTS]
    assert ("late", "problem2", 0.75) in found[PENALTIES]
    points = {student.id: student.marks["ps1"].score for student in read_marks(ours).students}
    assert points == {"right": 3.75, "wrong": 0.5, "late": 0.0, "half": 3.0}


def test_every_way_gives_the_same_marks(made: Path, tmp_path: Path) -> None:
    found = {}
    for way in ("fairmark", "nbgrader"):
        course = new_course(made, tmp_path / way, LINES)
        if way == "fairmark":
            release = generate_release(course.assignments()[1])
            names = {path.name for path in release.iterdir()}
            assert names == {"problem1.ipynb", "problem2.ipynb", "jupyter.png"}
            assert release_is_stale(course.assignments()[0]) == []
        else:
            assert nbgrader(course).generate_assignment("ps1")["success"]
        hand_in_all(course)
        hand_in_damaged(course)
        if way == "fairmark":
            grade_class(course)
        else:
            result = nbgrader(course).autograde("ps1", "*")
            assert result["success"], result
        found[way] = gradebook(course)
        place = course.folder("autograded", "renamed", "ps1")
        assert {path.name for path in place.iterdir()} == {*names, "timestamp.txt"}
        text = (place / "problem2.ipynb").read_text()
        assert "The notebook was called my problem2.ipynb" in text
    assert found["nbgrader"] == found["fairmark"]
    points = {student.id: student.marks["ps1"].score for student in read_marks(course).students}
    assert {points[s] for s in ("right", "half", "renamed", "damaged")} == {3.0}
    assert (points["wrong"], points["late"], points["swapped"]) == (0.5, 0.0, 0.0)

    # One notebook only, as the command's --notebook has it.
    kept = (place / "problem2.ipynb").stat().st_mtime_ns
    directory = CourseDirectory(config=course.config)
    directory.assignment_id, directory.notebook_id = "ps1", "problem1"
    converter = Autograde(coursedir=directory, config=course.config)
    converter.force = True
    converter.start()
    assert (place / "problem2.ipynb").stat().st_mtime_ns == kept
    assert gradebook(course) == found["fairmark"]
    # What nbgrader's way has graded, fairmark's way takes over.
    grade_class(course)
    assert gradebook(course) == found["fairmark"]
    result = nbgrader(course).generate_feedback("ps1")
    assert result["success"], result
    page = course.folder("feedback", "damaged", "ps1") / "problem2.html"
    assert "could not be graded" in page.read_text()
