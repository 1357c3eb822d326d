"""Running a notebook and judging its answers once: what its questions get."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fairmark.course.course import Assignment, Question
from fairmark.course.proof import lessons_of
from fairmark.grading.carry import answers_to, carry_forward
from fairmark.grading.clock import Budget
from fairmark.grading.execute import execute
from fairmark.grading.judge import Judge, Verdict
from fairmark.harness.diagnose import Lessons
from fairmark.harness.report import QuestionResult, Report, Status, share_earned
from fairmark.intake.cells import Cell, Repaired
from fairmark.sandbox import Process, Sandbox, SharedFile

NOTES: dict[Status, str] = {
    "missing": "There is no answer in the notebook.",
    "error": "The cell of this answer raised an error when it was run.",
}
"""What a student is told about a question that could not be judged as usual."""


@dataclass(frozen=True)
class Judged:
    """What came of one run of a notebook and of judging its questions."""

    questions: tuple[QuestionResult, ...]
    """All of them; those that no grader judges are marked in another way."""
    written: dict[str, bytes]
    """What the notebook's code wrote, where test cells are asked."""
    asked: frozenset[str]
    """The names that graders have asked for."""
    cpu_seconds: float
    crowded: bool

    @property
    def lost(self) -> frozenset[str]:
        """The questions that have lost points."""
        scored = ((q.id, q.score, q.max_score) for q in self.questions)
        return frozenset(name for name, score, most in scored if score is not None and score < most)

    @property
    def missing(self) -> frozenset[str]:
        """The questions that were not answered."""
        return frozenset(q.id for q in self.questions if q.status == "missing")

    def question(self, name: str) -> QuestionResult:
        """Return what came of a question."""
        return next(question for question in self.questions if question.id == name)

    def or_better(self, other: Judged) -> Judged:
        """These results, but for questions to which another run gives more; the costs of both."""
        pairs = zip(self.questions, other.questions, strict=True)
        questions = tuple(b if (b.score or 0.0) > (a.score or 0.0) else a for a, b in pairs)
        return replace(self.after(other), questions=questions)

    def after(self, other: Judged) -> Judged:
        """These results, with the costs of another run as well."""
        return replace(
            self,
            cpu_seconds=self.cpu_seconds + other.cpu_seconds,
            crowded=self.crowded or other.crowded,
        )


@dataclass(frozen=True)
class Again:
    """Which questions are judged once more, and what came of all of them before."""

    questions: frozenset[str]
    before: Judged


def judge_notebook(
    repaired: Repaired,
    assignment: Assignment,
    sandbox: Sandbox,
    files: Mapping[str, bytes | SharedFile],
    left: Report,
    again: Again | None = None,
) -> Judged:
    """Run the notebook's cells beside ``files``, and judge the answers, or some of them ``again``.

    The cells have their outputs then. ``left`` says what became of the questions that no grader
    judges.
    """
    limits = assignment.limits(sandbox.limits)
    budget, spare = (Budget(limits.submission_seconds) for _ in range(2))
    executions = [execute(repaired.cells, sandbox, limits, files, budget)]

    def restart() -> Process | None:
        executions[-1].close()
        if spare.left <= 0:
            return None
        # Of copies: what is told of the cells, and shown of them, is what came of their first run.
        cells = [replace(cell, node=copy.deepcopy(cell.node)) for cell in repaired.cells]
        executions.append(execute(cells, sandbox, limits, files, spare))
        return executions[-1].process

    failed = {q.id for q in left.questions if q.score is not None and q.score < q.max_score}
    if again is not None:
        failed |= again.before.lost - again.questions
    try:
        # As nbgrader has it, which keeps what a notebook writes; else nobody would look at it.
        written = executions[0].written(files) if assignment.asks_test_cells else {}
        judge = Judge(executions[0].process, restart, limits)
        verdict = judge.run(assignment, only=None if again is None else again.questions)
        carried = carry_forward(assignment, repaired, judge, verdict, failed)
    finally:
        executions[-1].close()
    breakdowns = verdict.broken.values()
    lessons = lessons_of(assignment)
    questions = tuple(
        _result(question, repaired, assignment, verdict, carried, lessons)
        if question.judged and (again is None or question.id in again.questions)
        else (left if again is None else again.before).question(question.id)
        for question in assignment.questions
    )
    return Judged(
        questions=questions,
        written=written,
        asked=frozenset(verdict.asked),
        cpu_seconds=sum(execution.cpu_seconds for execution in executions),
        crowded=budget.crowded or spare.crowded or any(how.crowded for how in breakdowns),
    )


def _result(
    question: Question,
    repaired: Repaired,
    assignment: Assignment,
    verdict: Verdict,
    carried: Mapping[str, str],
    lessons: Lessons,
) -> QuestionResult:
    tests = tuple(verdict.tests.get(question.id, ()))
    answers = answers_to(question.id, repaired, assignment)
    if tests:
        tests = lessons.diagnose(question.id, tests, verdict.observations[question.id])
    # Rounded so that no sum of floats decides about a mark's last digit.
    score = round(question.points * share_earned(tests), 2)
    status = _status(question, answers, repaired, all(test.passed for test in tests), verdict)
    note = _note(status, question, answers, verdict) or carried.get(question.id, "")
    return QuestionResult(question.id, score, question.points, status, tests, note)


def _status(
    question: Question,
    answers: Sequence[Cell],
    repaired: Repaired,
    all_passed: bool,
    verdict: Verdict,
) -> Status:
    if all_passed:
        return "graded"
    unanswered = bool(answers) and all(map(Cell.is_unanswered, answers))
    asks = frozenset[str]().union(*(cell.asks for cell in answers))
    own = set(map(id, answers))
    others = [cell for cell in repaired.cells if id(cell) not in own]
    if unanswered and not any(cell.answers & asks for cell in others):
        return "missing"
    if (cell := _failed(answers)) is not None and cell.failure is not None:
        return cell.failure
    if question.id in verdict.broken:
        return verdict.broken[question.id].status
    return "graded"


def _failed(answers: Sequence[Cell]) -> Cell | None:
    """The first answer whose cell has failed."""
    return next((cell for cell in answers if cell.failure is not None), None)


def _note(status: Status, question: Question, answers: Sequence[Cell], verdict: Verdict) -> str:
    """Say why a question could not be judged as usual, and which limit it has hit if it did."""
    cell = _failed(answers)
    if cell is not None and status == cell.failure:
        if status == "error":
            return f"{NOTES['error']} {cell.reason}".rstrip()
        what = "A statement of this answer's cell" if cell.rest else "The cell of this answer"
        return f"{what} was left out: {cell.reason}."
    if status in ("timeout", "killed"):
        return verdict.broken[question.id].reason
    return NOTES.get(status, "")
