"""A course of one notebook whose check cells describe their tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import nbformat

from fairmark.course.course import Assignment, Course
from tests.tiny import mark

CONFIG = """
from fairmark.nbgrader.config import use_fairmark

c = get_config()
c.CourseDirectory.course_id = "described"
c.Fairmark.limits = {
    "cell_seconds": 5.0, "call_seconds": 5.0, "question_seconds": 15.0, "memory_mib": 512,
    "submission_memory_mib": 1024,
}
use_fairmark(c)
"""

SETUP = """import numpy as np
from fairmark import check

X = np.array([[0.0, 0.0], [0.0, 1.0], [4.0, 4.0], [5.0, 4.0]])
C = np.array([[0.0, 0.0], [4.0, 4.0]])
k_secret = 3"""

ASSIGN = """def assign(X, C):
    distances = ((X[:, None] - C[None]) ** 2).sum(axis=2)
    return np.argmin(distances, axis=1)"""

MOVE = """def move(X, C):
    labels = assign(X, C)
    return np.array([X[labels == k].mean(axis=0) for k in range(len(C))])"""

EXERCISES = {
    "assign": (
        ASSIGN,
        'check("assign", example=(X, C), gives=[0, 0, 1, 1],\n'
        "      random=lambda rng: (rng.normal(size=(20, 2)), rng.normal(size=(k_secret, 2))))",
    ),
    "move": (
        MOVE,
        'check("move", example=(X, C), hint="The mean of the points of each centre.",\n'
        "      random=lambda rng: ((x := rng.normal(size=(20, 2))), x[:3]))",
    ),
}


def make_described(
    root: Path, exercises: Mapping[str, tuple[str, str]] | None = None, setup: str = SETUP
) -> Assignment:
    """Write a course with these exercises, each an answer and a check cell; return k-means."""
    cells = [
        nbformat.v4.new_markdown_cell("# Points and centres, of our own", id="title"),
        nbformat.v4.new_code_cell(setup, id="setup"),
    ]
    for name, (answer, call) in (EXERCISES if exercises is None else exercises).items():
        head, _, body = answer.partition("\n")
        solution = f"{head}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION"
        if not body:
            solution = f"### BEGIN SOLUTION\n{head}\n### END SOLUTION"
        cells.append(
            nbformat.v4.new_code_cell(solution, id=name, metadata=mark(name, solution=True))
        )
        checked = mark(f"check_{name}", grade=True, points=8, locked=True)
        cells.append(nbformat.v4.new_code_cell(call, id=f"check-{name}", metadata=checked))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    (root / "source/k-means").mkdir(parents=True)
    database = f"c.CourseDirectory.db_url = 'sqlite:///{root}/gradebook.db'\n"
    (root / "nbgrader_config.py").write_text(CONFIG + database)
    nbformat.write(notebook, root / "source/k-means/k-means.ipynb")
    return Course.load(root).assignment("k-means")
