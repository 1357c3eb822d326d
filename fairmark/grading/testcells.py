"""Marks by an assignment's own test cells, where it has no graders.

They run in the student's process, as nbgrader has it, so the student's code can change the marks;
the report says so. What students are shown comes from a run that never saw a hidden test: where
there are hidden tests, a second process runs them, and of it only the points are believed.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fairmark.course.answers import asked_of
from fairmark.course.course import Assignment, Question
from fairmark.course.marks import grade_id
from fairmark.grading.clock import Budget
from fairmark.grading.execute import Checks, execute
from fairmark.grading.lines import lines_not_run
from fairmark.grading.outputs import question_outputs
from fairmark.grading.scoring import points_earned, stderr_text
from fairmark.grading.unseen import unseen_paths
from fairmark.harness.report import QuestionResult, Report, Status, TestResult
from fairmark.intake.cells import Cell, Repaired
from fairmark.sandbox import Sandbox, SharedFile

NOTES: dict[Status, str] = {
    "missing": "There is no answer in the notebook.",
}
_FAILING_LINE = re.compile(r"^-+> \d+ (.*)$", re.MULTILINE)
_MAX_MESSAGE = 2_000
ON_STDERR = "It wrote to stderr:"
"""How a message begins where what a test cell wrote there took its points."""


def grade_by_test_cells(
    repaired: Repaired,
    assignment: Assignment,
    sandbox: Sandbox,
    files: Mapping[str, bytes | SharedFile],
    name: str,
) -> Report:
    """Run a repaired notebook with its test cells, and score these as nbgrader does."""
    handed_out = {
        grade_id(cell): cell.source for cell in assignment.handed_out.cells if grade_id(cell)
    }
    checks = with_checks(repaired, assignment)
    whole = Repaired([replace(cell, node=copy.deepcopy(cell.node)) for cell in repaired.cells])
    for cell in repaired.cells:
        if cell.role == "check" and cell.grade_id is not None:
            cell.node.source = handed_out[cell.grade_id]
    hidden = {
        cell.grade_id
        for cell, other in zip(repaired.cells, whole.cells, strict=True)
        if cell.node.source != other.node.source
    }
    written, cpu_seconds, crowded = _run(repaired, assignment, sandbox, files, checks)
    repaired.repairs += lines_not_run(repaired.cells)
    marked = repaired
    if hidden:
        marked = whole
        _, more_seconds, more_crowded = _run(whole, assignment, sandbox, files, checks)
        cpu_seconds += more_seconds
        crowded = crowded or more_crowded
    unseen = unseen_paths([*repaired.cells, *marked.cells], assignment.course.data)
    questions = tuple(
        _result(question, repaired, marked, question.grade_cell in hidden, assignment)
        for question in assignment.questions
    )
    for question, result in zip(assignment.questions, questions, strict=True):
        if not question.manual:
            cell = repaired.find(question.grade_cell)
            cell.node.source = marked.find(question.grade_cell).node.source
            cell.node.outputs = question_outputs(result, "instructor")
            cell.node.execution_count = None
    return Report(
        notebook=name,
        assignment=assignment.label,
        questions=questions,
        repairs=tuple(repaired.repairs),
        forgeable=any(not question.manual for question in assignment.questions),
        unseen=unseen,
        cells=tuple(cell.node for cell in repaired.cells),
        files=written,
        cpu_seconds=cpu_seconds,
        crowded=crowded,
    )


def with_checks(repaired: Repaired, assignment: Assignment) -> Checks:
    """Tell the test cells which answers they are about, and return how they are to be run."""
    for cell in repaired.cells:
        if cell.role == "check" and cell.grade_id is not None:
            cell.checks = asked_of(assignment, cell.grade_id)
    return "retry" if _is_out_of_place(repaired, assignment) else "run"


def points_of(cell: Cell, question: Question, assignment: Assignment) -> float:
    """Return the points of a test cell that was run, as nbgrader gives them."""
    return round(_points(cell, question, _ignored_stderr(assignment)), 2)


def _is_out_of_place(repaired: Repaired, assignment: Assignment) -> bool:
    """Whether an answer may come behind the test cell that needs it."""
    order = [name for cell in assignment.master.cells if (name := grade_id(cell))]
    if [cell.grade_id for cell in repaired.cells if cell.grade_id is not None] != order:
        return True
    return any(
        not cell.asks <= cell.defines or cell.untouched
        for cell in repaired.cells
        if cell.role == "answer"
        and any(cell.asks & other.answers for other in repaired.cells if other is not cell)
    )


def _run(
    repaired: Repaired,
    assignment: Assignment,
    sandbox: Sandbox,
    files: Mapping[str, bytes | SharedFile],
    checks: Checks,
) -> tuple[dict[str, bytes], float, bool]:
    """Run a notebook.

    Return the files that it has written, the CPU seconds that it took, and whether a cell ran out
    of time on a crowded machine.
    """
    limits = assignment.limits(sandbox.limits)
    budget = Budget(limits.submission_seconds)
    execution = execute(repaired.cells, sandbox, limits, files, budget, checks)
    try:
        written = execution.written(files)
    finally:
        execution.close()
    return written, execution.cpu_seconds, budget.crowded


def _result(
    question: Question,
    shown: Repaired,
    marked: Repaired,
    has_hidden: bool,
    assignment: Assignment,
) -> QuestionResult:
    if question.manual:
        return QuestionResult(question.id, None, question.points, "manual")
    ignored = _ignored_stderr(assignment)
    shown_cell = shown.find(question.grade_cell)
    marked_cell = marked.find(question.grade_cell)
    tests = []
    if shown_cell.node.source.strip():
        tests.append(_test(question, shown_cell, hidden=False, ignored=ignored))
    if has_hidden:
        tests.append(_test(question, marked_cell, hidden=True, ignored=ignored))
    score = round(_points(marked_cell, question, ignored), 2)
    status: Status = "graded"
    if marked_cell.failure in ("timeout", "killed"):
        status = marked_cell.failure
    elif score == 0 and _is_unanswered(question, shown):
        status = "missing"
    note = NOTES.get(status, "") or _limit_hit(marked_cell)
    return QuestionResult(
        question.id, score, question.points, status, tuple(tests), note, forgeable=True
    )


def _points(cell: Cell, question: Question, ignored: str) -> float:
    failed = cell.failure is not None
    return points_earned(cell.node.outputs, failed, question.points, ignored)


def _limit_hit(cell: Cell) -> str:
    """Which limit a test cell hit, or how it ended the process, as a sentence; else nothing."""
    if cell.failure in ("timeout", "killed"):
        return f"The test cell did not get to its end: {cell.reason}."
    return cell.reason if cell.failure == "error" else ""


def _ignored_stderr(assignment: Assignment) -> str:
    """The pattern of ``c.IgnorePattern``, where it is switched on."""
    settings = assignment.course.config.IgnorePattern
    return str(settings.get("pattern", "")) if settings.get("enabled", False) else ""


def _test(question: Question, cell: Cell, *, hidden: bool, ignored: str) -> TestResult:
    points = _points(cell, question, ignored)
    passed = points >= question.points and cell.failure is None
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
        return f"{ON_STDERR} {text}"[:_MAX_MESSAGE]
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
