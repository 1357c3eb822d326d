"""The sample class gets the marks that the students' files in samples/ tell."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fairmark.course import Assignment, Course
from fairmark.grade import grade
from fairmark.notebook import NotebookError, parse_notebook
from fairmark.sandbox import Sandbox
from samples import build

CLASS = build.students("perceptron")
ACCEPTED = {
    "full": {"full"},
    "loses": {"loses", "zero"},
    "zero": {"zero"},
    "either": {"full", "loses", "zero"},
}
"""Outcomes by the word in the student's file."""


@pytest.fixture(scope="module")
def assignment(course_root: Path) -> Assignment:
    return Course.load(course_root).assignment("perceptron")


@pytest.fixture(scope="module")
def sandbox(assignment: Assignment) -> Iterator[Sandbox]:
    # One student's code never ends; the limits are what that costs here.
    limits = dataclasses.replace(assignment.course.limits, cell_seconds=20.0, call_seconds=5.0)
    with Sandbox(assignment.course.preload_for([assignment]), limits) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def release(course_root: Path) -> dict[str, Any]:
    return build.read_release(course_root, "perceptron")


def _outcome(score: float, max_score: float) -> str:
    if score == max_score:
        return "full"
    return "loses" if score > 0 else "zero"


@pytest.mark.parametrize("student", CLASS, ids=[student.name for student in CLASS])
def test_marks(
    student: build.Student, assignment: Assignment, sandbox: Sandbox, release: dict[str, Any]
) -> None:
    submission = student.submission(release)
    if student.notes.get("damage") == "not a notebook":
        with pytest.raises(NotebookError, match="no notebook"):
            parse_notebook(submission, student.name)
        return
    report = grade(parse_notebook(submission, student.name), assignment, sandbox)
    wrong = {}
    for question in report.questions:
        if question.score is None:
            continue
        expected = student.expected(question.id)
        outcome = _outcome(question.score, question.max_score)
        if outcome not in ACCEPTED[expected]:
            failed = [test for test in question.tests if not test.passed]
            wrong[question.id] = (expected, outcome, failed)
    assert not wrong
    assert bool(report.repairs) == ("damage" in student.notes)


def test_expectations_name_questions(assignment: Assignment) -> None:
    questions = {question.id for question in assignment.questions}
    for student in CLASS:
        for key in ("zero", "loses", "either", "untouched"):
            assert set(student.notes.get(key, "").split()) <= {*questions, "all"}, student.name


def test_command_keeps_what_is_there(course_root: Path, tmp_path: Path) -> None:
    program = course_root / "samples" / "build.py"
    command = [sys.executable, str(program), "--to", str(tmp_path), "--assignment", "perceptron"]
    subprocess.run(command, check=True, capture_output=True)
    notebooks = sorted(tmp_path.glob("*/perceptron/perceptron.ipynb"))
    assert len(notebooks) == len(CLASS)
    first, second = notebooks[:2]
    original = second.read_bytes()
    first.write_text("mine")
    second.unlink()
    subprocess.run(command, check=True, capture_output=True)
    assert first.read_text() == "mine"
    assert second.read_bytes() == original


def test_student_cells_keep_their_places(release: dict[str, Any]) -> None:
    hostile = next(student for student in CLASS if student.name == "petra")
    cells = json.loads(hostile.submission(release))["cells"]
    marks = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells]
    own = [place for place, cell in enumerate(cells) if cell["id"].startswith("extra-")]
    assert own == list(range(own[0], own[0] + 4))
    assert marks[own[-1] + 1] == "activations"
