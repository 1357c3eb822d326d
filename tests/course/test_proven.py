"""The course's own graders are proven, and ``docs/proven.md`` says what was proven."""

from __future__ import annotations

import json
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from fairmark.course.course import Assignment, Course
from fairmark.course.proof import why_unverified

NAMES = (
    "warm-up",
    "perceptron",
    "softmax",
    "backpropagation",
    "convolution",
    "cnn",
    "style-transfer",
)


@pytest.fixture(params=NAMES)
def assignment(request: pytest.FixtureRequest, course_root: Path) -> Assignment:
    return Course.load(course_root).assignment(request.param)


def proven(assignment: Assignment) -> list[dict[str, Any]]:
    record = json.loads((assignment.graders / "verified.json").read_text("utf-8"))
    found: list[dict[str, Any]] = record["proven"]
    return found


def test_the_record_holds(assignment: Assignment) -> None:
    assert why_unverified(assignment) == ""


def test_no_grader_is_thin(assignment: Assignment) -> None:
    assert {row["question"]: row["thin"] for row in proven(assignment) if row["thin"]} == {}


def test_every_exercise_has_right_and_wrong_answers(assignment: Assignment) -> None:
    rows = {row["question"]: row for row in proven(assignment)}
    assert rows.keys() == {q.id for q in assignment.questions if not q.manual}
    assert {name for name, row in rows.items() if row["alternatives"] < 3} == set()
    assert {name for name, row in rows.items() if row["misconceptions"] < 5} == set()


def test_the_table_in_the_docs(assignment: Assignment, course_root: Path) -> None:
    path = course_root / "docs" / "proven.py"
    spec = spec_from_file_location("proven", path)
    assert spec is not None and spec.loader is not None
    made = module_from_spec(spec)
    spec.loader.exec_module(made)
    assert proven(assignment) == made.proven(assignment.name)
    text = path.with_suffix(".md").read_text("utf-8")
    assert f"## {assignment.name}\n\n{made.table(proven(assignment))}\n" in text
    assert made.page(text) == text, "run `python docs/proven.py`"
    for title in ("exercises drafted", "mutants, before"):  # each table has its own place
        assert text.count(f"| assignment | {title} |") == 1
