"""The class report of one assignment: marks, tests, mistakes and repairs of all students."""

from __future__ import annotations

import shlex
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from fairmark.course.course import Assignment, Question
from fairmark.course.proof import why_unverified
from fairmark.harness.report import QuestionResult, Report, TestResult
from fairmark.intake.handins import SubmittedNotebook, find_handins, fingerprint_base
from fairmark.intake.kinds import heading, is_notice
from fairmark.record.queries import CellMark, cell_marks
from fairmark.record.records import Records, stored_reports

RowState = Literal["graded", "failed", "waiting"]
SAME = 0.005
"""Scores that differ by less are the same: points have two decimal places."""


@dataclass(frozen=True)
class StudentRow:
    """One student's submission and its state."""

    handin: SubmittedNotebook
    state: RowState
    """Whether it is graded, could not be graded, or waits for the next run."""
    report: Report | None = None
    score: float = 0.0
    """The points in the gradebook, with marks by hand and the penalty for being late."""
    unmarked: tuple[str, ...] = ()
    """The answers that a person still has to mark."""
    changed: tuple[str, ...] = ()
    """The answers that were changed after a person marked them; they keep their marks."""
    outdated: bool = False
    """Whether something that can change the mark has changed since it was graded."""

    @property
    def student(self) -> str:
        """The student's id."""
        return self.handin.student

    def result(self, question: str) -> QuestionResult | None:
        """Return the result of a question; None where there is none."""
        found = self.report.questions if self.report is not None else ()
        return next((result for result in found if result.id == question), None)


@dataclass(frozen=True)
class TestRow:
    """One test of a question, over all submissions."""

    __test__ = False  # not a test class of pytest's

    test: TestResult
    """The result of the first student, for the name and weight of the test."""
    tried: tuple[str, ...]
    """The students with an answer."""
    failed: tuple[str, ...]
    """The students whose answers fail the test."""


@dataclass(frozen=True)
class QuestionRow:
    """One question, over all submissions that could be graded."""

    question: Question
    scores: Mapping[str, float]
    """The points in the gradebook, by student."""
    waiting: tuple[str, ...]
    """The students whose answer a person still has to mark."""
    by_status: Mapping[str, tuple[str, ...]]
    """The students by the status of their answers: "graded", "missing", "error", ..."""
    tests: tuple[TestRow, ...]

    @property
    def mean(self) -> float | None:
        """The mean of the points; None where there are no points yet."""
        return statistics.fmean(self.scores.values()) if self.scores else None

    @property
    def full(self) -> int:
        """The number of students with all points."""
        return sum(score >= self.question.points - SAME for score in self.scores.values())

    @property
    def nothing(self) -> int:
        """The number of students with no points."""
        return sum(score <= SAME for score in self.scores.values())


@dataclass(frozen=True)
class MistakeRow:
    """One known mistake, over all submissions."""

    question: str
    name: str
    sentence: str
    students: tuple[str, ...]


@dataclass(frozen=True)
class RepairRow:
    """One kind of repair, over all submissions."""

    heading: str
    students: tuple[str, ...]
    number: int


@dataclass(frozen=True)
class ClassReport:
    """The report of one notebook of an assignment."""

    assignment: Assignment
    max_score: float
    submissions: tuple[StudentRow, ...]
    questions: tuple[QuestionRow, ...] = ()
    mistakes: tuple[MistakeRow, ...] = ()
    repairs: tuple[RepairRow, ...] = ()
    unproven: str = ""
    """Why the graders are not proven; "" if they are, or if there are none."""

    @property
    def title(self) -> str:
        """The name of the assignment or of its notebook."""
        return self.assignment.label

    @property
    def argument(self) -> str:
        """The title as an argument of a shell command."""
        return shlex.quote(self.title)

    def of(self, state: RowState) -> list[StudentRow]:
        """Return the submissions in a state."""
        return [submission for submission in self.submissions if submission.state == state]

    @property
    def scores(self) -> list[float]:
        """The totals of the graded submissions, sorted."""
        return sorted(submission.score for submission in self.of("graded"))

    @property
    def unmarked(self) -> list[StudentRow]:
        """The submissions with answers that a person still has to mark."""
        return [submission for submission in self.submissions if submission.unmarked]

    @property
    def changed(self) -> list[StudentRow]:
        """The submissions with answers that were changed after a person marked them."""
        return [submission for submission in self.submissions if submission.changed]

    @property
    def outdated(self) -> list[StudentRow]:
        """The submissions that the next run grades again."""
        return [submission for submission in self.submissions if submission.outdated]

    @property
    def forgeable(self) -> list[StudentRow]:
        """The submissions whose own process could have changed their marks."""
        return [s for s in self.submissions if s.report is not None and s.report.forgeable]

    @property
    def forgeable_questions(self) -> list[str]:
        """The questions that are marked so, where they are some of all; else none is named."""
        reports = [s.report for s in self.forgeable if s.report is not None]
        if any(report.is_forgeable_as_a_whole for report in reports):
            return []
        return list(dict.fromkeys(q for report in reports for q in report.forgeable_questions))


def read_class(assignment: Assignment) -> ClassReport:
    """Return the report of an assignment; raise FairmarkError if the gradebook cannot be read."""
    marks: dict[str, _NotebookMarks] = {}
    for row in cell_marks(assignment):
        marks.setdefault(row.student, _NotebookMarks(row.penalty or 0.0)).add(row)
    submissions = _student_rows(assignment, marks)
    graded = [submission for submission in submissions if submission.state == "graded"]
    return ClassReport(
        assignment,
        sum(question.points for question in assignment.questions),
        tuple(submissions),
        tuple(_question_row(q, graded, marks) for q in assignment.questions),
        tuple(_mistake_rows(graded)),
        tuple(_repair_rows(graded)),
        why_unverified(assignment) if assignment.has_graders else "",
    )


@dataclass
class _NotebookMarks:
    """The gradebook's marks of one submitted notebook."""

    penalty: float
    """The points taken off for being late."""
    scores: dict[str, float] = field(default_factory=dict)
    """The points of the cells that are marked, by grade_id."""
    waiting: list[str] = field(default_factory=list)
    """The cells that a person still has to mark."""
    again: list[str] = field(default_factory=list)
    """The cells that a person marked before the notebook was graded again."""
    points: float = 0.0

    def add(self, mark: CellMark) -> None:
        if mark.cell is None:
            return  # the notebook has no marked cells
        self.points += mark.score or 0.0
        if mark.needs_a_person and mark.by_hand is None:
            self.waiting.append(mark.cell)
            return
        # A mark by hand stays until a person looks at the answer again.
        self.scores[mark.cell] = mark.score or 0.0
        if mark.needs_a_person:
            self.again.append(mark.cell)

    @property
    def total(self) -> float:
        return round(max(0.0, self.points - self.penalty), 2)


def _student_rows(assignment: Assignment, marks: Mapping[str, _NotebookMarks]) -> list[StudentRow]:
    """All submissions: those handed in, and those graded whose folder is gone."""
    handins = {h.student: h for h in find_handins(assignment.course, [assignment])}
    stored = {one.handin.student: one for one in stored_reports(assignment)}
    records, base = Records(assignment.course), fingerprint_base(assignment)
    found = []
    for student in sorted(handins.keys() | (stored.keys() & marks.keys())):
        known, mark = stored.get(student), marks.get(student)
        if known is None or mark is None:
            found.append(StudentRow(handins[student], "waiting"))
            continue
        handin = handins.get(student, known.handin)
        outdated = (
            known.noted
            and student in handins
            and records.find(handin, handin.fingerprint(base)) is None
        )
        state: RowState = "graded" if known.report.error is None else "failed"
        unmarked = tuple(mark.waiting)
        changed = tuple(cell for cell in mark.again if cell in known.changed)
        found.append(
            StudentRow(handin, state, known.report, mark.total, unmarked, changed, outdated)
        )
    return found


def _question_row(
    question: Question, graded: Sequence[StudentRow], marks: Mapping[str, _NotebookMarks]
) -> QuestionRow:
    cell = question.grade_cell
    students = [submission.student for submission in graded]
    scores = {s: marks[s].scores[cell] for s in students if cell in marks[s].scores}
    waiting = [s for s in students if cell in marks[s].waiting]
    by_status: dict[str, list[str]] = {}
    tests: dict[tuple[str, str], tuple[TestResult, list[str], list[str]]] = {}
    for submission in graded:
        result = submission.result(question.id)
        if result is None:
            continue
        by_status.setdefault(result.status, []).append(submission.student)
        for test in result.tests if result.status != "missing" else ():
            _, tried, failed = tests.setdefault((test.name, test.title), (test, [], []))
            tried.append(submission.student)
            if not test.passed:
                failed.append(submission.student)
    return QuestionRow(
        question,
        scores,
        tuple(waiting),
        {status: tuple(who) for status, who in by_status.items()},
        tuple(TestRow(test, tuple(tried), tuple(failed)) for test, tried, failed in tests.values()),
    )


def _mistake_rows(graded: Iterable[StudentRow]) -> list[MistakeRow]:
    """The known mistakes, the most frequent first; missing answers do not count."""
    found: dict[tuple[str, str], tuple[str, dict[str, None]]] = {}
    for submission in graded:
        assert submission.report is not None
        for result in submission.report.questions:
            for test in result.tests if result.status != "missing" else ():
                if test.misconception and not test.passed:
                    key = result.id, test.misconception
                    _, students = found.setdefault(key, (test.lesson, {}))
                    students[submission.student] = None
    rows = [MistakeRow(*key, sentence, tuple(who)) for key, (sentence, who) in found.items()]
    return sorted(rows, key=lambda row: -len(row.students))


def _repair_rows(graded: Iterable[StudentRow]) -> list[RepairRow]:
    found: dict[str, list[str]] = {}
    for submission in graded:
        assert submission.report is not None
        for repair in submission.report.repairs:
            if not is_notice(repair):
                found.setdefault(heading(repair), []).append(submission.student)
    rows = [RepairRow(what, tuple(dict.fromkeys(who)), len(who)) for what, who in found.items()]
    return sorted(rows, key=lambda row: -row.number)
