"""What a class did in one assignment, as an instructor asks for it: marks, tests and mistakes."""

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
from fairmark.intake.kinds import heading
from fairmark.record.queries import CellMark, cell_marks
from fairmark.record.records import Records, stored_reports

RowState = Literal["graded", "failed", "waiting"]
SAME = 0.005
"""Points have two digits."""


@dataclass(frozen=True)
class StudentRow:
    """One student's submission, and what became of it."""

    handin: SubmittedNotebook
    state: RowState
    """Whether it is graded, could not be, or waits for the next run."""
    report: Report | None = None
    score: float = 0.0
    """All points in the gradebook: after hand marking and the penalty for being late."""
    unmarked: tuple[str, ...] = ()
    """Answers that a person still has to mark."""
    changed: tuple[str, ...] = ()
    """Answers that were changed after a person had marked them; they keep their marks."""
    outdated: bool = False
    """Something that can change the mark has changed since it was graded."""

    @property
    def student(self) -> str:
        """Whose it is."""
        return self.handin.student

    def result(self, question: str) -> QuestionResult | None:
        """Return the judge's result for a question, if there is one."""
        found = self.report.questions if self.report is not None else ()
        return next((result for result in found if result.id == question), None)


@dataclass(frozen=True)
class TestRow:
    """One test of a question."""

    __test__ = False  # not a test class of pytest's

    test: TestResult
    """As the first student met it: what it is called, and how much it counts."""
    tried: tuple[str, ...]
    """Students with an answer."""
    failed: tuple[str, ...]
    """Students whose answers fail it."""


@dataclass(frozen=True)
class QuestionRow:
    """One question, over all submissions that could be graded."""

    question: Question
    scores: Mapping[str, float]
    """By student, what the gradebook says."""
    waiting: tuple[str, ...]
    """Students whose answer a person still has to mark."""
    by_status: Mapping[str, tuple[str, ...]]
    """Students whose answer was missing, raised an error, ran out of time or was killed."""
    tests: tuple[TestRow, ...]

    @property
    def mean(self) -> float | None:
        """The mean of the points; None where there are none yet."""
        return statistics.fmean(self.scores.values()) if self.scores else None

    @property
    def full(self) -> int:
        """How many have all points."""
        return sum(score >= self.question.points - SAME for score in self.scores.values())

    @property
    def nothing(self) -> int:
        """How many have no points."""
        return sum(score <= SAME for score in self.scores.values())


@dataclass(frozen=True)
class Mistake:
    """A known mistake that was recognised."""

    question: str
    name: str
    sentence: str
    students: tuple[str, ...]


@dataclass(frozen=True)
class RepairRow:
    """A kind of damage that was put right."""

    heading: str
    students: tuple[str, ...]
    number: int


@dataclass(frozen=True)
class ClassReport:
    """One assignment."""

    assignment: Assignment
    max_score: float
    submissions: tuple[StudentRow, ...]
    questions: tuple[QuestionRow, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    repairs: tuple[RepairRow, ...] = ()
    unproven: str = ""
    """Why the graders are not known to be right; empty where they are, or where there are none."""

    @property
    def title(self) -> str:
        """What the assignment, or its notebook, is called."""
        return self.assignment.label

    @property
    def argument(self) -> str:
        """The title as a command is given it, in a shell."""
        return shlex.quote(self.title)

    def of(self, state: RowState) -> list[StudentRow]:
        """Return the submissions in a state."""
        return [submission for submission in self.submissions if submission.state == state]

    @property
    def scores(self) -> list[float]:
        """The totals of what could be graded, in order."""
        return sorted(submission.score for submission in self.of("graded"))

    @property
    def unmarked(self) -> list[StudentRow]:
        """The submissions with answers that a person still has to mark."""
        return [submission for submission in self.submissions if submission.unmarked]

    @property
    def changed(self) -> list[StudentRow]:
        """The submissions with answers that were changed after a person had marked them."""
        return [submission for submission in self.submissions if submission.changed]

    @property
    def outdated(self) -> list[StudentRow]:
        """The submissions that the next run grades again."""
        return [submission for submission in self.submissions if submission.outdated]

    @property
    def forgeable(self) -> list[StudentRow]:
        """The submissions whose own process could have changed their marks."""
        return [s for s in self.submissions if s.report is not None and s.report.forgeable]


def read_class(assignment: Assignment) -> ClassReport:
    """Gather what is known of an assignment; raise FairmarkError where nothing can be read."""
    marks: dict[str, _NotebookMarks] = {}
    for row in cell_marks(assignment):
        marks.setdefault(row.student, _NotebookMarks(row.penalty or 0.0)).add(row)
    submissions = _submissions(assignment, marks)
    graded = [submission for submission in submissions if submission.state == "graded"]
    return ClassReport(
        assignment,
        sum(question.points for question in assignment.questions),
        tuple(submissions),
        tuple(_question_row(q, graded, marks) for q in assignment.questions),
        tuple(_mistakes(graded)),
        tuple(_repairs(graded)),
        why_unverified(assignment) if assignment.has_graders else "",
    )


@dataclass
class _NotebookMarks:
    """What the gradebook says of one submitted notebook."""

    penalty: float
    """For being late."""
    scores: dict[str, float] = field(default_factory=dict)
    """By the name of a cell."""
    waiting: list[str] = field(default_factory=list)
    """Cells that a person still has to mark."""
    again: list[str] = field(default_factory=list)
    """Cells that a person has marked, but not since the notebook was graded again."""
    points: float = 0.0

    def add(self, mark: CellMark) -> None:
        if mark.cell is None:
            return  # the notebook has none
        self.points += mark.score or 0.0
        if mark.needs_a_person and mark.by_hand is None:
            self.waiting.append(mark.cell)
            return
        # What was marked by hand is marked until it is looked at again.
        self.scores[mark.cell] = mark.score or 0.0
        if mark.needs_a_person:
            self.again.append(mark.cell)

    @property
    def total(self) -> float:
        return round(max(0.0, self.points - self.penalty), 2)


def _submissions(assignment: Assignment, marks: Mapping[str, _NotebookMarks]) -> list[StudentRow]:
    """Everything that was handed in, and what is graded though it lies there no more."""
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


def _mistakes(graded: Iterable[StudentRow]) -> list[Mistake]:
    """The known mistakes, the most frequent first; an answer that is not there makes none."""
    found: dict[tuple[str, str], tuple[str, dict[str, None]]] = {}
    for submission in graded:
        assert submission.report is not None
        for result in submission.report.questions:
            for test in result.tests if result.status != "missing" else ():
                if test.misconception and not test.passed:
                    key = result.id, test.misconception
                    _, students = found.setdefault(key, (test.lesson, {}))
                    students[submission.student] = None
    rows = [Mistake(*key, sentence, tuple(who)) for key, (sentence, who) in found.items()]
    return sorted(rows, key=lambda row: -len(row.students))


def _repairs(graded: Iterable[StudentRow]) -> list[RepairRow]:
    found: dict[str, list[str]] = {}
    for submission in graded:
        assert submission.report is not None
        for repair in submission.report.repairs:
            found.setdefault(heading(repair), []).append(submission.student)
    rows = [RepairRow(what, tuple(dict.fromkeys(who)), len(who)) for what, who in found.items()]
    return sorted(rows, key=lambda row: -row.number)
