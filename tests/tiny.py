"""A course of one small assignment, made in a temporary folder: what tests of the engine grade."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from fairmark.course.course import Assignment, Course
from fairmark.course.proof import write_record
from fairmark.harness.diagnose import Lessons

CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "tiny"
c.Fairmark.preload = ["numpy"]
c.Fairmark.limits = {
    "cell_seconds": 3.0, "call_seconds": 2.0, "question_seconds": 6.0, "memory_mib": 256,
    "submission_memory_mib": 1024,
}
"""

GRADER = '''
"""Tests of the tiny assignment."""

import numpy as np

from fairmark.testing import assert_close, hidden, question, weight
from reference.tiny import double, mean


@question("double")
class TestDouble:
    def test_three(self, submission):
        """double(3) is 6."""
        assert_close(submission.double(3), 6, hint="Twice three.")

    @hidden
    @weight(3)
    def test_secret_array(self, submission, rng):
        """A secret array."""
        x = rng.normal(size=(2, 3))
        with submission.inputs_unchanged():
            assert_close(submission.double(x), double(x))


@question("mean")
class TestMean:
    def test_example(self, submission):
        """The mean of 1, 2, 6 is 3."""
        assert_close(submission.mean(np.array([1.0, 2.0, 6.0])), 3.0, hint="Divide by how many?")

    @hidden
    def test_secret_long(self, submission, rng):
        """A secret vector."""
        x = rng.normal(size=17)
        with submission.inputs_unchanged():
            assert_close(submission.mean(x), mean(x))
'''

REFERENCE = """
import numpy as np


def double(x):
    return 2 * np.asarray(x)


def mean(x):
    return np.mean(x)
"""

RIGHT = {
    "double": "def double(x):\n    return 2 * np.asarray(x)",
    "mean": "def mean(x):\n    return sum(x) / len(x)",
    "essay": "My own thoughts.",
}


def make_course(root: Path) -> Course:
    """Write the tiny course to ``root`` and load it."""
    for folder in ("source/tiny", "graders/tiny", "reference"):
        (root / folder).mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    (root / "graders/tiny/test_tiny.py").write_text(GRADER)
    (root / "reference/__init__.py").write_text("")
    (root / "reference/tiny.py").write_text(REFERENCE)
    nbformat.write(_source(), root / "source/tiny/tiny.ipynb")
    return Course.load(root)


def prove(assignment: Assignment) -> None:
    """Write down that the graders are proven as they are, without trying anything."""
    write_record(assignment, [], {}, Lessons({}))


def answer(assignment: Assignment, answers: Mapping[str, str]) -> NotebookNode:
    """Return the assignment's notebook with these answers in its solution cells."""
    notebook = copy.deepcopy(assignment.master)
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in answers:
            cell.source = answers[grade_id]
    return notebook


def _source() -> NotebookNode:
    v4 = nbformat.v4
    cells = [
        v4.new_markdown_cell("# A tiny assignment, with a title that is its own", id="title"),
        v4.new_code_cell("import numpy as np\nfrom fairmark import check", id="setup"),
    ]
    for name, points in (("double", 2), ("mean", 3)):
        body = RIGHT[name].replace("    return", "    ### BEGIN SOLUTION\n    return")
        cells += [
            v4.new_code_cell(
                f"{body}\n    ### END SOLUTION", id=name, metadata=mark(name, solution=True)
            ),
            v4.new_code_cell(
                f'check("{name}")',
                id=f"check-{name}",
                metadata=mark(f"check_{name}", grade=True, points=points, locked=True),
            ),
        ]
    essay = "### BEGIN SOLUTION\nA model answer.\n### END SOLUTION"
    metadata = mark("essay", grade=True, solution=True, points=4)
    cells.append(v4.new_markdown_cell(essay, id="essay", metadata=metadata))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook: NotebookNode = v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    return notebook


def mark(
    grade_id: str,
    *,
    grade: bool = False,
    solution: bool = False,
    locked: bool = False,
    points: float | None = None,
) -> dict[str, object]:
    mark: dict[str, object] = {
        "grade_id": grade_id,
        "grade": grade,
        "solution": solution,
        "locked": locked,
        "task": False,
        "schema_version": 3,
    }
    if points is not None:
        mark["points"] = points
    return {"nbgrader": mark}
