"""The sample class gets the marks that the students' files in samples/ tell."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from fairmark.course.course import Course
from fairmark.grading.grade import grade
from fairmark.notebook import NotebookError, parse_notebook
from fairmark.sandbox import Sandbox, make_sandbox
from fairmark.sandbox.limits import Limits
from samples import build

CLASS = build.students()
ACCEPTED = {
    "full": {"full"},
    "loses": {"loses", "zero"},
    "zero": {"zero"},
    "either": {"full", "loses", "zero"},
}
"""Outcomes by the word in the student's file."""
HANGING_SECONDS = 2.0
"""How long to wait for a call that never ends; right calls of these answers take far less."""


@pytest.fixture(scope="module")
def course(course_root: Path) -> Course:
    return Course.load(course_root)


@pytest.fixture(scope="module")
def sandboxes(course: Course) -> Iterator[Callable[[build.Student], Sandbox]]:
    """One sandbox for each assignment that is asked for, and one for each answer that hangs."""
    with ExitStack() as stack:

        @functools.cache
        def sandbox_for(name: str, limits: Limits) -> Sandbox:
            preload = course.preload_for([course.assignment(name)])
            return stack.enter_context(make_sandbox(preload, limits))

        def for_student(student: build.Student) -> Sandbox:
            limits = course.limits
            if student.title.startswith("Hangs"):
                limits = replace(limits, call_seconds=HANGING_SECONDS)
            return sandbox_for(student.assignment, limits)

        yield for_student


def _outcome(score: float, max_score: float) -> str:
    if score == max_score:
        return "full"
    return "loses" if score > 0 else "zero"


@pytest.mark.parametrize("student", CLASS, ids=[f"{s.assignment}-{s.name}" for s in CLASS])
def test_marks(
    student: build.Student, course: Course, sandboxes: Callable[[build.Student], Sandbox]
) -> None:
    assignment = course.assignment(student.assignment)
    submission = student.submission(build.read_release(course.root, assignment.name))
    if student.notes.get("damage") == "not a notebook":
        with pytest.raises(NotebookError, match="no notebook"):
            parse_notebook(submission, student.name)
        return
    report = grade(parse_notebook(submission, student.name), assignment, sandboxes(student))
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
    no_damage = ("line-", "not-run")
    damage = [repair for repair in report.repairs if not repair.kind.startswith(no_damage)]
    assert bool(damage) == ("damage" in student.notes), damage


def test_expectations_name_questions(course: Course) -> None:
    for student in CLASS:
        questions = {q.id for q in course.assignment(student.assignment).questions}
        for key in ("zero", "loses", "either", "untouched"):
            assert set(student.notes.get(key, "").split()) <= {*questions, "all"}, student.name


def test_command_keeps_what_is_there(course_root: Path, tmp_path: Path) -> None:
    program = course_root / "samples" / "build.py"
    command = [sys.executable, str(program), "--to", str(tmp_path), "--assignment", "perceptron"]
    subprocess.run(command, check=True, capture_output=True)
    notebooks = sorted(tmp_path.glob("*/perceptron/perceptron.ipynb"))
    assert len(notebooks) == len(build.students("perceptron"))
    first, second = notebooks[:2]
    original = second.read_bytes()
    first.write_text("mine")
    second.unlink()
    subprocess.run(command, check=True, capture_output=True)
    assert first.read_text() == "mine"
    assert second.read_bytes() == original


def test_student_cells_keep_their_places(course: Course) -> None:
    release = build.read_release(course.root, "perceptron")
    hostile = next(s for s in build.students("perceptron") if s.name == "petra")
    cells = json.loads(hostile.submission(release))["cells"]
    marks = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells]
    own = [place for place, cell in enumerate(cells) if cell["id"].startswith("extra-")]
    assert own == list(range(own[0], own[0] + 4))
    assert marks[own[-1] + 1] == "activations"
