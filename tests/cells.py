"""Small courses whose notebooks are marked by test cells, written in a few lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from fairmark.course.course import Assignment, Course
from tests.classic import mark
from tests.tiny import CONFIG

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def given(source: str) -> NotebookNode:
    """A cell of the instructor's without a mark."""
    cell: NotebookNode = new_code_cell(source)
    return cell


def answer(name: str, source: str) -> NotebookNode:
    """A cell that students write in; the part behind ``---`` is the solution, if there is any."""
    head, found, body = source.partition("---\n")
    text = f"{head}### BEGIN SOLUTION\n{body}\n### END SOLUTION" if found else source
    return _marked(text, mark(name, solution=True))


def marked_by(name: str, source: str, points: float = 2) -> NotebookNode:
    """A test cell."""
    return _marked(source, mark(name, points, grade=True))


def make_course(
    root: Path, notebooks: Mapping[str, Sequence[NotebookNode]], config: str = ""
) -> Course:
    """Write a course with the assignment ``hw``, which has these notebooks."""
    folder = root / "source/hw"
    folder.mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(f"{CONFIG}\n{config}\n")
    for name, cells in notebooks.items():
        for number, cell in enumerate(cells):
            cell["id"] = f"cell-{number}"
        notebook = new_notebook(cells=list(cells), metadata={"kernelspec": KERNEL})
        nbformat.write(notebook, folder / f"{name}.ipynb")
    return Course.load(root)


def make_assignment(root: Path, *cells: NotebookNode, config: str = "") -> Assignment:
    """Write a course with one notebook, ``hw``, of these cells."""
    return make_course(root, {"hw": cells}, config).assignment("hw")


def _marked(source: str, metadata: Mapping[str, object]) -> NotebookNode:
    cell: NotebookNode = new_code_cell(source, metadata=metadata)
    return cell
