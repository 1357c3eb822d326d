"""The grader that the guide writes with ``cases``: few lines, and proven as it stands."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from fairmark.course.course import Assignment, Course
from tests.cli import FAIRMARK
from tests.tiny import CONFIG, mark

MOST = 25
SOLUTION = """def assign(X, C):
    ### BEGIN SOLUTION
    return np.argmin(((X[:, None] - C[None]) ** 2).sum(axis=2), axis=1)
    ### END SOLUTION

def move(X, labels, k):
    ### BEGIN SOLUTION
    return np.array([X[labels == j].mean(axis=0) for j in range(k)])
    ### END SOLUTION

def cost(X, C):
    ### BEGIN SOLUTION
    return ((X - C[assign(X, C)]) ** 2).sum() / len(X)
    ### END SOLUTION"""


@pytest.fixture(scope="module")
def grader(course_root: Path) -> str:
    """The module in the guide."""
    text = (course_root / "docs/new-assignment.md").read_text("utf-8")
    found = re.search(
        r"<!-- tests/cli/test_cases.py runs this -->\n```python\n(.*?)```", text, re.S
    )
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def k_means(tmp_path_factory: pytest.TempPathFactory, grader: str) -> Assignment:
    root = tmp_path_factory.mktemp("course")
    for folder in ("source/k-means", "graders/k-means"):
        (root / folder).mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    (root / "graders/k-means/test_k_means.py").write_text(grader)
    cells = [
        new_code_cell("import numpy as np\nfrom fairmark import check", id="setup"),
        new_code_cell(SOLUTION, id="k_means", metadata=mark("k_means", solution=True)),
        new_code_cell(
            'check("k_means")',
            id="check",
            metadata=mark("check_k_means", grade=True, points=6, locked=True),
        ),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, root / "source/k-means/k-means.ipynb")
    return Course.load(root).assignment("k-means")


def run(assignment: Assignment, *arguments: str) -> str:
    done = subprocess.run(
        [*FAIRMARK, *arguments],
        cwd=assignment.course.root,
        env=os.environ | {"COLUMNS": "150"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_three_functions_take_few_lines(grader: str, course_root: Path) -> None:
    lines = [line for line in grader.splitlines() if line.strip()]
    assert len(lines) <= MOST
    assert f"{len(lines)} lines in `graders/k-means/test_k_means.py`" in (
        course_root / "docs/new-assignment.md"
    ).read_text("utf-8")


def test_they_are_proven_and_released(k_means: Assignment) -> None:
    (told,) = json.loads(run(k_means, "verify", "k-means", "--workers", "1", "--json"))
    assert told["findings"] == []
    (row,) = told["questions"]
    assert row["mutants_killed"] == row["mutants"] > 10 and row["hidden"] == 3
    run(k_means, "generate", "k-means")
    checks = (k_means.course.root / "release/k-means/checks.py").read_text()
    assert "'hidden': 3" in checks.replace('"', "'")
    assert "rng" not in checks and "hidden=True" not in checks and "labelled" not in checks
