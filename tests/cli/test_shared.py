"""Two test cells about one answer: what one of them notices need not be noticed by the other."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from fairmark.course.course import Course
from tests.adopted import adopt
from tests.classic import mark
from tests.cli import FAIRMARK
from tests.tiny import CONFIG

SOLUTION = """def half(x):
    ### BEGIN SOLUTION
    if x < 0:
        raise ValueError(x)
    return 0.5 * x
    ### END SOLUTION"""
VALUES = """
from fairmark.testing import cases, hidden, question, raises


@question("t_values")
class TestValues:
    test_example = cases("half", examples=[(3.0,)], gives=[1.5])
    test_random = cases("half", random=lambda rng: (rng.uniform(1, 9),), hidden=True)
"""
ERRORS = """

@question("t_errors")
class TestErrors:
    def test_one(self, submission):
        with raises("ValueError"):
            submission.half(-0.5)

    @hidden
    def test_other(self, submission):
        with raises("ValueError"):
            submission.half(-3.0)
        submission.half(0.0)
"""


def verified(root: Path, errors: str) -> dict[str, object]:
    (root / "source/half").mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    cells = [
        new_code_cell(SOLUTION, id="half", metadata=mark("half", solution=True)),
        new_code_cell("assert half(3) == 1.5", id="v", metadata=mark("t_values", 1, grade=True)),
        new_code_cell("half(3)", id="e", metadata=mark("t_errors", 1, grade=True)),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, root / "source/half/half.ipynb")
    adopt(Course.load(root).assignment("half"), VALUES + errors, "")
    done = subprocess.run(
        [*FAIRMARK, "verify", "half", "--workers", "1", "--json"],
        cwd=root,
        env=os.environ | {"COLUMNS": "150"},
        capture_output=True,
        text=True,
        check=False,
    )
    (told,) = json.loads(done.stdout)
    assert done.returncode == (1 if told["findings"] else 0)
    found: dict[str, object] = told
    return found


def test_what_one_of_them_notices_is_noticed(tmp_path: Path) -> None:
    told = verified(tmp_path, ERRORS)
    assert told["findings"] == []
    for row in told["questions"]:  # type: ignore[attr-defined]
        assert row["mutants_killed"] == row["mutants"] > 3
        assert row["generic_noticed"] == row["generic"] > 3
    assert (tmp_path / "graders/half/verified.json").is_file()


def test_what_none_notices_is_told_for_each(tmp_path: Path) -> None:
    told = verified(tmp_path, ERRORS.replace("        submission.half(0.0)\n", ""))
    found = {(one["question"], one["case"]) for one in told["findings"]}  # type: ignore[attr-defined]
    bound = "core/ReplaceComparisonOperator_Lt_LtE@3"
    assert {("t_values", f"t_values: {bound}"), ("t_errors", f"t_errors: {bound}")} <= found
