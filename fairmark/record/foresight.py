"""What recording a report would change of the marks in the gradebook. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from nbgrader import utils

from fairmark.course.course import Assignment, Question
from fairmark.course.marks import grade_id, mark_of
from fairmark.harness.report import QuestionResult, Report
from fairmark.intake.handins import SubmittedNotebook
from fairmark.record.changes import MarkChange, QuestionChange, changed_counting, changed_tests
from fairmark.record.gradebook import SAME_SCORE, auto_scores_of
from fairmark.record.manual_marks import is_as_graded
from fairmark.record.penalties import Penalties
from fairmark.record.queries import Standing, max_scores, standings
from fairmark.record.records import stored_reports
from fairmark.record.structure import refuse_other_cells

KEPT = "Earlier tests gave this mark. It stays, though the tests have changed since."
"""What a student reads of a mark that the tests would now lower."""


@dataclass
class _Marks:
    """The marks of one student's notebook in the gradebook."""

    penalty: float = 0.0
    handed_in: datetime | None = None
    due: datetime | None = None
    extension: timedelta | None = None
    cells: dict[str, Standing] = field(default_factory=dict)

    @property
    def given(self) -> bool:
        """Whether any cell was marked, by tests or by a person."""
        return any(c.auto is not None or c.by_hand is not None for c in self.cells.values())

    @property
    def points(self) -> float:
        return sum(_points(c.auto, c) or 0.0 for c in self.cells.values())


class Foresight:
    """The marks of one notebook of an assignment as they are, and as they would become.

    Raises FairmarkError where the gradebook cannot be read, or could not take the marks.
    """

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._penalties = Penalties(assignment.course)
        self._marks: dict[str, _Marks] = {}
        for row in standings(assignment):
            marks = self._marks.setdefault(row.student, _Marks())
            marks.penalty, marks.handed_in = row.penalty or 0.0, row.handed_in
            marks.due, marks.extension = row.due, row.extension
            if row.cell is not None:
                marks.cells[row.cell] = row
        self._max_before = max_scores(assignment)
        self._max_after = {q.grade_cell: float(q.points) for q in assignment.questions}
        if self._marks:
            refuse_other_cells(assignment)
        self._checksums = {
            grade_id(cell): mark_of(cell).get("checksum")
            for cell in assignment.prepared.cells
            if utils.is_solution(cell)
        }
        self._stored = {one.handin.student: one.report for one in stored_reports(assignment)}

    def unchanged(self, handin: SubmittedNotebook) -> MarkChange:
        """Return the change of a mark for which nothing is graded again: that of the penalty."""
        marks = self._marks[handin.student]
        autos = {name: cell.auto for name, cell in marks.cells.items()}
        penalty = self._penalty(handin.student, marks, marks.points, marks.handed_in)
        found = self._change(handin, marks, autos, {}, penalty)
        return replace(found, graded_again=False)

    def after(
        self, handin: SubmittedNotebook, report: Report, kept: Iterable[str] = ()
    ) -> MarkChange:
        """Return what recording this report would change.

        ``kept`` are the questions in which it has the earlier result already, as only rises count.
        """
        known = self._marks.get(handin.student, _Marks())
        autos = auto_scores_of(report, self._assignment, self._max_after, self._checksums)
        results = {result.id: result for result in report.questions}
        points = sum(_points(auto, known.cells.get(name)) or 0.0 for name, auto in autos.items())
        handed_in = handin.timestamp or known.handed_in
        penalty = self._penalty(handin.student, known, points, handed_in)
        found = self._change(handin, known, autos, results, penalty, frozenset(kept))
        return replace(
            found,
            changed_since=not found.is_first and not self.is_same_answer(handin, report),
            problem=report.error or "",
        )

    def lost(self, handin: SubmittedNotebook, problem: str) -> MarkChange:
        """Return what is told of a notebook that could not be graded: its mark stays."""
        marks = self._marks.get(handin.student, _Marks())
        autos = {name: cell.auto for name, cell in marks.cells.items()}
        found = self._change(handin, marks, autos, {}, marks.penalty)
        return replace(found, after=None, problem=problem)

    def is_marked(self, student: str) -> bool:
        """Whether the student's notebook has a mark, given by tests or by a person."""
        marks = self._marks.get(student)
        return student in self._stored or (marks is not None and marks.given)

    def is_same_answer(self, handin: SubmittedNotebook, report: Report) -> bool:
        """Whether the student's cells are those that were graded before."""
        return is_as_graded(handin.autograded / self._assignment.source.name, report)

    def never_worse(
        self, handin: SubmittedNotebook, report: Report
    ) -> tuple[Report, dict[str, QuestionResult]]:
        """Return the report in which no mark of the same answer is lower than it was.

        And, by grade cell, the earlier results that are in it. Where a question's points have
        changed, its share of them does not fall. The mark that counts is the gradebook's: a stored
        report that does not have it is not believed.
        """
        marks = self._marks.get(handin.student)
        if marks is None or report.error is not None or not self.is_same_answer(handin, report):
            return report, {}
        autos = auto_scores_of(report, self._assignment, self._max_after, self._checksums)
        kept: dict[str, QuestionResult] = {}
        by_id: dict[str, QuestionResult] = {}
        for question in self._assignment.questions:
            cell, after = marks.cells.get(question.grade_cell), autos[question.grade_cell]
            if cell is None or cell.auto is None or after is None or question.manual:
                continue
            before = self._rescaled(question, cell.auto)
            if after < before - SAME_SCORE:
                by_id[question.id] = self._earlier(handin.student, question, cell.auto, before)
                kept[question.grade_cell] = by_id[question.id]
        questions = tuple(by_id.get(result.id, result) for result in report.questions)
        return replace(report, questions=questions), kept

    def _rescaled(self, question: Question, points: float) -> float:
        most = self._max_before.get(question.grade_cell, question.points)
        if not most or abs(most - question.points) < SAME_SCORE:
            return points
        return round(points / most * question.points, 2)

    def _earlier(
        self, student: str, question: Question, recorded: float, points: float
    ) -> QuestionResult:
        """The result that has the mark, with its tests where they are known."""
        stored = self._result(student, question.id)
        if stored is None or stored.score is None or abs(stored.score - recorded) >= SAME_SCORE:
            stored = QuestionResult(question.id, points, question.points, "graded")
        return replace(stored, score=points, max_score=question.points, note=KEPT)

    def _result(self, student: str, question: str) -> QuestionResult | None:
        report = self._stored.get(student)
        found = report.questions if report is not None and report.error is None else ()
        return next((result for result in found if result.id == question), None)

    def _penalty(
        self, student: str, marks: _Marks, points: float, handed_in: datetime | None
    ) -> float:
        return self._penalties.of(student, points, handed_in, marks.due, marks.extension) or 0.0

    def _change(
        self,
        handin: SubmittedNotebook,
        marks: _Marks,
        autos: Mapping[str, float | None],
        results: Mapping[str, QuestionResult],
        penalty: float,
        kept: frozenset[str] = frozenset(),
    ) -> MarkChange:
        """The change to these automatic points; ``results`` are what the tests found."""
        first = not self.is_marked(handin.student)
        after = sum(_points(auto, marks.cells.get(name)) or 0.0 for name, auto in autos.items())
        changes = [
            self._question(handin.student, question, marks, autos, results, kept)
            for question in self._assignment.questions
        ]
        return MarkChange(
            handin,
            None if first else _total(marks.points, marks.penalty),
            _total(after, penalty),
            round(sum(self._max_before.values()), 2),
            round(sum(self._max_after.values()), 2),
            0.0 if first else marks.penalty,
            penalty,
            tuple(changes),
            unmarked=tuple(one.question for one in changes if one.after is None),
        )

    def _question(
        self,
        student: str,
        question: Question,
        marks: _Marks,
        autos: Mapping[str, float | None],
        results: Mapping[str, QuestionResult],
        kept: frozenset[str],
    ) -> QuestionChange:
        cell = marks.cells.get(question.grade_cell)
        before = self._result(student, question.id)
        after = results.get(question.id)
        return QuestionChange(
            question.id,
            _points(cell.auto if cell is not None else None, cell),
            _points(autos.get(question.grade_cell), cell),
            self._max_before.get(question.grade_cell, float(question.points)),
            float(question.points),
            by_hand=cell is not None and cell.by_hand is not None,
            kept=question.id in kept,
            tests=changed_tests(before, after) if after is not None else (),
            tests_known=before is not None,
            counting=changed_counting(before, after) if after is not None else "",
        )


def _points(auto: float | None, cell: Standing | None) -> float | None:
    """The points of a cell by nbgrader's rule: a person's before those of the tests."""
    given = auto if cell is None or cell.by_hand is None else cell.by_hand
    if given is None:
        return None
    extra = cell.extra if cell is not None else None
    return round(given + (extra or 0.0), 2)


def _total(points: float, penalty: float) -> float:
    return round(max(0.0, points - penalty), 2)
