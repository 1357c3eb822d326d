"""The course that ``nbgrader quickstart`` makes, with graders for test cells of one notebook."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fairmark.course.course import Course
from fairmark.nbgrader.generate import generate_release, release_is_stale
from fairmark.record.marks import read_marks
from fairmark.reporting.feedback import generate_feedback
from tests.cli import FAIRMARK
from tests.nbgrader.classroom import nbgrader
from tests.nbgrader.test_quickstart import (
    GRADES,
    LINES,
    RIGHT,
    WRONG,
    grade_class,
    gradebook,
    hand_in,
    new_course,
)

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")

GRADER = '''
from fairmark.testing import all_or_nothing, cases, hidden, question, raises


@all_or_nothing
@question("correct_squares")
class TestCorrectSquares:
    test_first = cases("squares", examples=[(1,), (2,)], gives=[[1], [1, 4]])
    test_random = cases("squares", random=lambda rng: (int(rng.integers(3, 30)),), hidden=True)


@all_or_nothing
@question("squares_invalid_input")
class TestSquaresInvalidInput:
    def test_zero(self, submission):
        """squares(0) raises a ValueError."""
        with raises("ValueError"):
            submission.squares(0)

    @hidden
    def test_below(self, submission):
        """A number below zero."""
        with raises("ValueError"):
            submission.squares(-4)


@all_or_nothing
@question("correct_sum_of_squares")
class TestCorrectSumOfSquares:
    test_first = cases("sum_of_squares", examples=[(1,), (2,)], gives=[1, 5])
    test_random = cases(
        "sum_of_squares", random=lambda rng: (int(rng.integers(3, 30)),), hidden=True
    )
'''
LEFT = "sum_of_squares_uses_squares"
ADOPTED = f'[left]\n"{LEFT}" = "line 3: it takes a name away from the notebook"\n'
FORGED = {
    **RIGHT,
    "squares": """
import builtins
import sys
import types

class Anything(list):
    __eq__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __hash__ = list.__hash__

def _nothing(*args, **kwargs):
    return None

try:
    import numpy.testing
    for name in dir(numpy.testing):
        if name.startswith("assert"):
            setattr(numpy.testing, name, _nothing)
except ImportError:
    pass
builtins.all = builtins.any = lambda *args: True
builtins.sum = lambda *args: 42

def squares(n):
    if n < 1:
        raise ValueError(n)
    return Anything()
""",
    "sum_of_squares": """
class Number(int):
    __eq__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __hash__ = int.__hash__

def sum_of_squares(n):
    squares
    return Number(7)
""",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quickstart")
    command = [sys.executable, "-m", "nbgrader", "quickstart", "course101"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "course101"


def lay_down(course: Course) -> Course:
    folder = course.graders / "ps1/problem1"
    folder.mkdir(parents=True)
    (folder / "test_problem1.py").write_text(GRADER)
    (folder / "adopted.toml").write_text(ADOPTED)
    return Course.load(course.root)


def scores(course: Course) -> dict[str, float]:
    return {student.id: student.marks["ps1"].score for student in read_marks(course).students}


def test_marks_of_a_class(made: Path, tmp_path: Path) -> None:
    course = new_course(made, tmp_path / "course", LINES)
    generate_release(course.assignments()[0])
    for student, answers in (("right", RIGHT), ("wrong", WRONG), ("forged", FORGED)):
        hand_in(course, student, answers, problem1="problem1", problem2="problem2")
    grade_class(course)
    before = scores(course)
    assert before["forged"] == before["right"] == 3.0  # every test cell is deceived

    course = lay_down(course)
    first, second = course.notebooks("ps1")
    assert (first.has_graders, second.has_graders) == (True, False)
    assert release_is_stale(first) == []  # students' release is nbgrader's, as before
    grade_class(course)
    after = scores(course)
    # What is forged keeps the points for the error that it does raise, and those of the cell that
    # is left. Who has squared badly, and summed well, gets the points for the sum: a mistake counts
    # once.
    assert before["wrong"] == 0.5
    assert after == {"right": 3.0, "wrong": 1.0, "forged": 1.5}
    ours = gradebook(course)
    found = {row[2]: row[3] for row in ours[GRADES] if row[0] == "forged" and row[3] is not None}
    assert (found["correct_squares"], found["correct_sum_of_squares"]) == (0.0, 0.0)
    assert nbgrader(course).autograde("ps1", "*")["success"]
    assert gradebook(course) == ours

    pages = dict(generate_feedback(first))
    page = Path(str(pages["forged"])).read_text()
    assert f"The marks of {LEFT} were given by test cells" in page.replace("\\", "")
    assert "squares(1) gives [1], and 1 more." in page
    assert "further check" in page and "random inputs" not in page

    done = subprocess.run(
        [*FAIRMARK, "check", "submitted/wrong/ps1/problem1.ipynb", "--assignment", "ps1/problem1"],
        cwd=course.root,
        env=os.environ | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"The marks of {LEFT} in ps1 can be forged: these test cells gave them" in done.stdout


def test_nbgrader_makes_the_release_all_the_same(made: Path, tmp_path: Path) -> None:
    course = lay_down(new_course(made, tmp_path / "course", LINES))
    result = nbgrader(course).generate_assignment("ps1")
    assert result["success"], result
    assert "ps1/problem1: its graders have not been verified; the release does not" in result["log"]
    names = {path.name for path in course.folder("release", assignment="ps1").iterdir()}
    assert names == {"problem1.ipynb", "problem2.ipynb", "jupyter.png"}
