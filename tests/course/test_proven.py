"""The course's own graders are proven, and ``docs/proven.md`` says what was proven."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fairmark.course.course import Assignment, Course
from fairmark.course.proof import why_unverified

NAMES = ("perceptron", "softmax", "backpropagation", "convolution", "cnn", "style-transfer")
COLUMNS = ("alternatives", "misconceptions", "mutants", "equivalent")


@pytest.fixture(params=NAMES)
def assignment(request: pytest.FixtureRequest, course_root: Path) -> Assignment:
    return Course.load(course_root).assignment(request.param)


def proven(assignment: Assignment) -> list[dict[str, Any]]:
    record = json.loads((assignment.graders / "verified.json").read_text("utf-8"))
    found: list[dict[str, Any]] = record["proven"]
    return found


def test_the_record_holds(assignment: Assignment) -> None:
    assert why_unverified(assignment) == ""


def test_every_exercise_has_right_and_wrong_answers(assignment: Assignment) -> None:
    rows = {row["question"]: row for row in proven(assignment)}
    assert rows.keys() == {q.id for q in assignment.questions if not q.manual}
    assert {name for name, row in rows.items() if row["alternatives"] < 3} == set()
    assert {name for name, row in rows.items() if row["misconceptions"] < 5} == set()


def test_the_table_in_the_docs(assignment: Assignment, course_root: Path) -> None:
    text = (course_root / "docs" / "proven.md").read_text("utf-8")
    for row in proven(assignment):
        numbers = " | ".join(str(row[column]) for column in COLUMNS)
        assert f"| `{row['question']}` | {numbers} |" in text
