"""Courses whose graders are thin: one visible test an exercise, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat

from fairmark.course.course import Assignment, Course
from fairmark.verify.gate import Gate, Verification
from tests.tiny import CONFIG, mark


@dataclass(frozen=True)
class Exercise:
    """A right answer, and the only test of it."""

    solution: str
    test: str
    hidden: str = ""


def thin_course(root: Path, exercises: Mapping[str, Exercise]) -> Assignment:
    """Write a course with these exercises, and load its assignment."""
    v4 = nbformat.v4
    cells = [v4.new_code_cell("import numpy as np\nfrom fairmark import check", id="setup")]
    tests = ["import numpy as np", "from fairmark.testing import assert_close, hidden, question"]
    for name, exercise in exercises.items():
        head, body = exercise.solution.strip().split("\n", 1)
        cells += [
            v4.new_code_cell(
                f"{head}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION",
                id=name,
                metadata=mark(name, solution=True),
            ),
            v4.new_code_cell(
                f'check("{name}")',
                id=f"check-{name}",
                metadata=mark(f"check_{name}", grade=True, points=1, locked=True),
            ),
        ]
        lines = [f'@question("{name}")', f"def test_{name}(submission):", f"    {exercise.test}"]
        if exercise.hidden:
            lines += ["", "@hidden", f'@question("{name}")']
            lines += [f"def test_{name}_hidden(submission, rng):", f"    {exercise.hidden}"]
        tests.append("\n".join(lines))
    for folder in ("source/thin", "graders/thin"):
        (root / folder).mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    (root / "graders/thin/test_thin.py").write_text("\n\n\n".join(tests) + "\n")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, root / "source/thin/thin.ipynb")
    return Course.load(root).assignment("thin")


def verified(assignment: Assignment, only: str = "") -> Verification:
    gate = Gate(assignment, workers=1, only=only)
    tried = len(list(gate.run()))
    return gate.verification(tried)
