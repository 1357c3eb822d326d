"""The course of tests/classic.py with graders for its test cells, of which one is left."""

from __future__ import annotations

from pathlib import Path

from fairmark.course.course import Assignment, Course
from tests.classic import make_classic_course

ADOPTED = """
# The questions in the modules beside this file are test cells of the notebook.
[left]
"test_share" = "line 1: it is not taken over in this test"
"""

GRADER = '''
"""Graders of test cells."""

from fairmark.testing import all_or_nothing, assert_equal, hidden, question


@all_or_nothing
@question("test_square")
class TestSquare:
    def test_two(self, submission):
        """square(2) is 4."""
        assert_equal(submission.square(2), 4)

    @hidden
    def test_secret(self, submission):
        """A secret number."""
        assert_equal(submission.square(12), 144)


@all_or_nothing
@question("test_cube")
class TestCube:
    def test_two(self, submission):
        """cube(2) is 8."""
        assert_equal(submission.cube(2), 8, hint="Two times two times two.")
'''


def adopt(assignment: Assignment, grader: str = GRADER, adopted: str = ADOPTED) -> Assignment:
    """Lay down graders for an assignment's test cells; return the assignment as it is now."""
    folder = assignment.graders
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "test_cells.py").write_text(grader)
    (folder / "adopted.toml").write_text(adopted)
    return Course.load(assignment.course.root).assignment(assignment.label)


def make_adopted_course(root: Path) -> Assignment:
    """Write the classic course with adopted graders to ``root``."""
    return adopt(make_classic_course(root).assignment("classic"))
