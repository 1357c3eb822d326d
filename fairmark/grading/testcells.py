"""Marks by an assignment's own test cells, where it has no graders.

They run in the student's process, as nbgrader has it, so the student's code can change the marks;
the report says so. What students are shown comes from a run that never saw a hidden test: where
there are hidden tests, a second process runs them, and of it only the points are believed.
"""

from __future__ import annotations

import ast
import copy
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from fairmark.course.course import Assignment, Question
from fairmark.course.marks import grade_id
from fairmark.grading.execute import CellFailure, Checks, Execution, execute
from fairmark.grading.outputs import question_outputs
from fairmark.grading.scoring import points_earned, stderr_text
from fairmark.harness.report import QuestionResult, Report, Status, TestResult
from fairmark.intake.repair import Cell, Repaired
from fairmark.sandbox import Sandbox
from fairmark.wire.channel import ChannelClosed, ChannelTimeout
from fairmark.wire.codec import WireError

FORGEABLE = (
    "These marks were given by test cells that ran in the same process as the notebook's own code, "
    "which could have changed them."
)
NOTES: dict[Status, str] = {
    "missing": "There is no answer in the notebook.",
}
_FAILING_LINE = re.compile(r"^-+> \d+ (.*)$", re.MULTILINE)
_MAX_MESSAGE = 2_000


@dataclass(frozen=True)
class _Run:
    """What became of a notebook's cells, in one process."""

    cells: list[Cell]
    failures: dict[int, CellFailure]
    reasons: dict[int, str]
    files: dict[str, bytes]
    cpu_seconds: float

    def find(self, name: str) -> tuple[Cell, CellFailure | None]:
        for place, cell in enumerate(self.cells):
            if cell.grade_id == name:
                return cell, self.failures.get(place)
        raise KeyError(name)

    def limit(self, name: str) -> str:
        """Which limit a cell hit, or how it ended the process, as a sentence; else nothing."""
        cell, failure = self.find(name)
        reason = next(self.reasons.get(i, "") for i, c in enumerate(self.cells) if c is cell)
        if failure in ("timeout", "killed"):
            return f"The test cell did not get to its end: {reason}."
        return reason if failure == "error" else ""


def grade_by_test_cells(
    repaired: Repaired,
    assignment: Assignment,
    sandbox: Sandbox,
    files: Mapping[str, bytes],
    name: str,
) -> Report:
    """Run a repaired notebook with its test cells, and score these as nbgrader does."""
    handed_out = {
        grade_id(cell): cell.source for cell in assignment.handed_out.cells if grade_id(cell)
    }
    whole = [replace(cell, node=copy.deepcopy(cell.node)) for cell in repaired.cells]
    for cell in repaired.cells:
        if cell.role == "check" and cell.grade_id is not None:
            cell.node.source = handed_out[cell.grade_id]
    hidden = {
        cell.grade_id
        for cell, other in zip(repaired.cells, whole, strict=True)
        if cell.node.source != other.node.source
    }
    checks: Checks = "retry" if _is_out_of_place(repaired, assignment) else "run"
    shown = _run(repaired.cells, assignment, sandbox, files, checks)
    marked = _run(whole, assignment, sandbox, files, checks) if hidden else shown
    questions = tuple(
        _result(question, repaired, shown, marked, question.grade_cell in hidden, assignment)
        for question in assignment.questions
    )
    for question, result in zip(assignment.questions, questions, strict=True):
        if not question.manual:
            cell = repaired.find(question.grade_cell)
            cell.node.source = marked.find(question.grade_cell)[0].node.source
            cell.node.outputs = question_outputs(result, "instructor")
            cell.node.execution_count = None
    return Report(
        notebook=name,
        assignment=assignment.label,
        questions=questions,
        repairs=tuple(repaired.repairs),
        forgeable=any(not question.manual for question in assignment.questions),
        cells=tuple(cell.node for cell in repaired.cells),
        files=shown.files,
        cpu_seconds=shown.cpu_seconds + (marked.cpu_seconds if hidden else 0.0),
    )


def _is_out_of_place(repaired: Repaired, assignment: Assignment) -> bool:
    """Whether an answer may come behind the test cell that needs it."""
    order = [name for cell in assignment.master.cells if (name := grade_id(cell))]
    if [cell.grade_id for cell in repaired.cells if cell.grade_id is not None] != order:
        return True
    return any(
        not cell.asks <= cell.defines or cell.untouched
        for cell in repaired.cells
        if cell.role == "answer"
        and any(
            (cell.asks & other.defines) and not other.untouched
            for other in repaired.cells
            if other is not cell
        )
    )


def _run(
    cells: list[Cell],
    assignment: Assignment,
    sandbox: Sandbox,
    files: Mapping[str, bytes],
    checks: Checks,
) -> _Run:
    limits = assignment.limits(sandbox.limits)
    deadline = time.monotonic() + limits.submission_seconds
    execution: Execution = execute(cells, sandbox, limits, files, deadline, checks)
    written: dict[str, bytes] = {}
    try:
        if execution.session is not None:
            written = execution.session.collect_files()
    except (ChannelClosed, ChannelTimeout, WireError):
        pass  # the marks stand without what the process wrote
    finally:
        execution.close()
    written = {name: data for name, data in written.items() if files.get(name) != data}
    return _Run(cells, execution.failures, execution.reasons, written, execution.cpu_seconds)


def _result(
    question: Question,
    repaired: Repaired,
    shown: _Run,
    marked: _Run,
    has_hidden: bool,
    assignment: Assignment,
) -> QuestionResult:
    if question.manual:
        return QuestionResult(question.id, None, question.points, "manual")
    ignored = _ignored_stderr(assignment)
    points = [
        _points(run, question, ignored) for run in ((shown, marked) if has_hidden else (shown,))
    ]
    cell, _ = shown.find(question.grade_cell)
    _, failure = marked.find(question.grade_cell)
    tests = []
    if cell.node.source.strip():
        tests.append(_test(question, shown, points[0], hidden=False, ignored=ignored))
    if has_hidden:
        tests.append(_test(question, marked, points[-1], hidden=True, ignored=ignored))
    score = round(points[-1], 2)
    status: Status = "graded"
    if failure in ("timeout", "killed"):
        status = failure
    elif score == 0 and _is_unanswered(question, repaired):
        status = "missing"
    note = NOTES.get(status, "") or marked.limit(question.grade_cell)
    return QuestionResult(question.id, score, question.points, status, tuple(tests), note)


def _points(run: _Run, question: Question, ignored: str) -> float:
    cell, failure = run.find(question.grade_cell)
    return points_earned(cell.node.outputs, failure is not None, question.points, ignored)


def _ignored_stderr(assignment: Assignment) -> str:
    """The pattern of ``c.IgnorePattern``, where it is switched on."""
    settings = assignment.course.config.IgnorePattern
    return str(settings.get("pattern", "")) if settings.get("enabled", False) else ""


def _test(
    question: Question, run: _Run, points: float, *, hidden: bool, ignored: str
) -> TestResult:
    cell, failure = run.find(question.grade_cell)
    passed = points >= question.points and failure is None
    title = "Hidden tests of this cell" if hidden else _title(cell.node.source)
    message = "" if passed else _message(cell.node.outputs, points, question.points, ignored)
    return TestResult(
        name=f"{question.grade_cell}_hidden" if hidden else question.grade_cell,
        title=title,
        hidden=hidden,
        weight=1.0,
        passed=passed,
        message=message,
    )


def _message(outputs: list[Any], points: float, max_score: float, ignored: str) -> str:
    for output in outputs:
        if output.output_type == "error":
            said = f"{output.ename}: {output.evalue}" if output.evalue else str(output.ename)
            line = _FAILING_LINE.search("\n".join(output.traceback))
            return (f"{line[1].strip()}\n{said}" if line else said)[:_MAX_MESSAGE]
    if text := stderr_text(outputs, ignored):
        return f"It wrote to stderr: {text}"[:_MAX_MESSAGE]
    return f"{points:g} of {max_score:g} points." if 0 < points < max_score else ""


def _title(source: str) -> str:
    """What a test cell says of itself: its docstring's first line, or its first comment."""
    lines = [line.strip() for line in source.strip().splitlines()]
    if lines and lines[0].startswith("#"):
        return lines[0].lstrip("# ") or "The tests of this cell"
    try:
        docstring = ast.get_docstring(ast.parse(source))
    except (SyntaxError, ValueError):
        docstring = None
    return (docstring or "").strip().partition("\n")[0] or "The tests of this cell"


def _is_unanswered(question: Question, repaired: Repaired) -> bool:
    """Whether all answers between the test cell before and this one are as they were handed out."""
    answers: list[Cell] = []
    for cell in repaired.cells:
        if cell.grade_id == question.grade_cell:
            break
        if cell.role == "check":
            answers.clear()
        elif cell.role == "answer":
            answers.append(cell)
    return bool(answers) and all(c.untouched or not c.node.source.strip() for c in answers)
