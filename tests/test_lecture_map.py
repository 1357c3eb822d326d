"""``docs/lecture-map.md`` names cells that are there, and leaves no exercise out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ASSIGNMENTS = (
    "warm-up",
    "perceptron",
    "softmax",
    "backpropagation",
    "convolution",
    "cnn",
    "style-transfer",
)


@pytest.fixture(scope="module")
def named(course_root: Path) -> set[tuple[str, str]]:
    text = (course_root / "docs" / "lecture-map.md").read_text("utf-8")
    rows = "\n".join(line for line in text.splitlines() if line.startswith("|"))
    return set(re.findall(r"`([\w-]+)#([\w-]+)`", rows))


def cells(course_root: Path, assignment: str) -> list[dict[str, object]]:
    path = course_root / "source" / assignment / f"{assignment}.ipynb"
    found: list[dict[str, object]] = json.loads(path.read_text("utf-8"))["cells"]
    return found


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_cell_that_is_named_exists(
    course_root: Path, named: set[tuple[str, str]], assignment: str
) -> None:
    wanted = {cell for name, cell in named if name == assignment}
    assert wanted
    assert wanted <= {str(cell["id"]) for cell in cells(course_root, assignment)}


def test_no_other_notebook_is_named(named: set[tuple[str, str]]) -> None:
    assert {name for name, _ in named} == set(ASSIGNMENTS)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_exercise_has_its_place(
    course_root: Path, named: set[tuple[str, str]], assignment: str
) -> None:
    exercises = set()
    for cell in cells(course_root, assignment):
        metadata = cell["metadata"]
        assert isinstance(metadata, dict)
        mark = metadata.get("nbgrader", {})
        if mark.get("solution"):
            exercises.add(mark["grade_id"])
    assert exercises <= {cell for name, cell in named if name == assignment}
