"""A course as nbgrader knows it, without graders: its notebook's own test cells mark it."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from fairmark.course.course import Course
from tests.tiny import CONFIG

SOLUTION = "    ### BEGIN SOLUTION\n    {}\n    ### END SOLUTION"

RIGHT = {
    "square": "def square(x):\n    return x * x",
    "cube": "def cube(x):\n    return x * square(x)",
    "share": "def share(part, whole):\n    return part / whole",
    "essay": "My own thoughts.",
}

_TESTS = {
    "test_square": (
        '"""A square is a number times itself."""\nassert square(2) == 4\n'
        "### BEGIN HIDDEN TESTS\nsecret_number = 12\nassert square(secret_number) == 144\n"
        "### END HIDDEN TESTS"
    ),
    "test_cube": "# Three times itself.\nassert cube(2) == 8, 'two times two times two'",
    "test_share": "points = 0\nif share(1, 2) == 0.5:\n    points += 1\n"
    "if share(3, 4) == 0.75:\n    points += 2\npoints",
}


def make_classic_course(root: Path, config: str = "") -> Course:
    """Write the course to ``root`` and load it."""
    (root / "source/classic").mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(f"{CONFIG}\n{config}\n")
    nbformat.write(_source(), root / "source/classic/classic.ipynb")
    return Course.load(root)


def make_pair_course(root: Path, config: str = "") -> Course:
    """Write a course whose assignment has two notebooks: the second asks for a cube and one.

    Their cells have the same grade_ids.
    """
    course = make_classic_course(root, config)
    folder = course.source / "classic"
    (folder / "classic.ipynb").rename(folder / "first.ipynb")
    notebook = _source()
    cells = {cell.id: cell for cell in notebook.cells}
    cells["cube"].source = cells["cube"].source.replace("square(x)", "square(x) + 1")
    cells["test-cube"].source = "# One more than three times itself.\nassert cube(2) == 9"
    nbformat.write(notebook, folder / "second.ipynb")
    return course


def _source() -> NotebookNode:
    cells = [new_markdown_cell("# Powers and shares, as in many a course", id="title")]
    for name, points in (("square", 2), ("cube", 3), ("share", 3)):
        head, _, body = RIGHT[name].partition("\n    ")
        source = f"{head}\n{SOLUTION.format(body)}"
        test = f"test_{name}"
        cells += [
            new_code_cell(source, id=name, metadata=mark(name, solution=True)),
            new_code_cell(
                _TESTS[test], id=test.replace("_", "-"), metadata=mark(test, points, grade=True)
            ),
        ]
    cells += [
        new_markdown_cell(
            "### BEGIN SOLUTION\nA model answer.\n### END SOLUTION",
            id="essay",
            metadata=mark("essay", 4, grade=True, solution=True),
        ),
        new_markdown_cell(
            "Find a use for it.\n### BEGIN MARK SCHEME\nFull marks for wit.\n### END MARK SCHEME",
            id="task",
            metadata=mark("task", 5, task=True),
        ),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook: NotebookNode = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    return notebook


def mark(
    grade_id: str,
    points: float | None = None,
    *,
    grade: bool = False,
    solution: bool = False,
    task: bool = False,
) -> dict[str, object]:
    """Return a cell's metadata with nbgrader's mark."""
    about: dict[str, object] = {
        "grade_id": grade_id,
        "grade": grade,
        "solution": solution,
        "task": task,
        "locked": not solution,
        "schema_version": 3,
    }
    if points is not None:
        about["points"] = points
    return {"nbgrader": about}
