"""A course to draft graders for: solutions and a notebook that calls them, and no tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import nbformat

from fairmark.course.course import Assignment, Course
from tests.tiny import CONFIG, mark

SETUP = "import numpy as np\nfrom fairmark import check"
SCORES = '''def scores(x, W, b):
    """The scores of x (d,) or x (n, d) with weights W (d, m) and biases b (m,)."""
    ### BEGIN SOLUTION
    return x @ W + b
    ### END SOLUTION'''
STEP = '''def step(s):
    """1 where s > 0, else 0; no argument is changed."""
    ### BEGIN SOLUTION
    return np.where(s > 0, 1, 0)
    ### END SOLUTION'''
NOISE = """def noise(n):
    ### BEGIN SOLUTION
    return np.random.default_rng().normal(size=n)
    ### END SOLUTION"""
CALLS = """W = np.array([[1.5, -2.0, 0.5], [0.0, 3.0, 1.25]])
print(scores(np.array([1.0, 2.0]), W, np.array([0.5, 0.0, -1.0])))
print(step(scores(np.array([[1.0, 2.0], [0.3, -0.7]]), W, np.zeros(3))), noise(3))"""


def make_drafting(
    root: Path, answers: Mapping[str, str], calls: str = CALLS, reference: str = ""
) -> Assignment:
    """Write a course with one assignment, ``hw``, whose last cell makes these calls."""
    (root / "source/hw").mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    if reference:
        (root / "reference").mkdir()
        (root / "reference/__init__.py").touch()
        (root / "reference/hw.py").write_text(reference)
    v4 = nbformat.v4
    cells = [v4.new_code_cell(SETUP, id="setup")]
    for name, source in answers.items():
        cells += [
            v4.new_code_cell(source, id=name, metadata=mark(name, solution=True)),
            v4.new_code_cell(
                f'check("{name}")',
                id=f"check-{name}",
                metadata=mark(f"check_{name}", grade=True, points=2, locked=True),
            ),
        ]
    cells.append(v4.new_code_cell(calls, id="calls"))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, root / "source/hw/hw.ipynb")
    return Course.load(root).assignment("hw")
