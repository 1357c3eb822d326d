"""The one place where a report is written into nbgrader's gradebook."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any

import nbformat
from nbgrader import utils
from nbgrader.api import Assignment as AssignmentRow
from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)

from fairmark.course.course import Assignment, Course
from fairmark.course.marks import checked_by
from fairmark.errors import FairmarkError
from fairmark.harness.report import QuestionResult, Report
from fairmark.record.database import (
    Collision,
    again,
    explained,
    gradebook_url,
    open_gradebook,
)
from fairmark.record.manual_marks import Marked, marked_by_hand
from fairmark.record.penalties import Penalties
from fairmark.record.queries import submitted_rows
from fairmark.record.structure import synchronise

NO_RESPONSE = "No response."
SAME_SCORE = 0.005
"""Scores have two digits; sums of them may differ in a later one."""


@dataclass(frozen=True)
class _Cell:
    id: str
    max_score: float = 0.0


@dataclass(frozen=True)
class _Notebook:
    """A notebook of an assignment as the gradebook knows it: plain data, read once per class."""

    id: str
    name: str
    grade: dict[str, _Cell]
    solution: dict[str, str]
    task: dict[str, str]
    checksums: dict[str, str | None]


@dataclass(frozen=True)
class _Layout:
    id: str
    duedate: datetime | None
    notebooks: tuple[_Notebook, ...]


class UnknownStudent(FairmarkError):
    """A student who is not in the gradebook, where none may be added."""


class Recorder:
    """Writes reports of one course into its gradebook, which it holds open for a whole class.

    Use it as a context manager. Each report is one transaction: after an interruption a submission
    is recorded whole or not at all.
    """

    def __init__(self, course: Course) -> None:
        self._course = course
        self._url = gradebook_url(course)
        self._gradebook: Gradebook | None = None
        self._known: dict[str, _Layout] = {}
        self._may_create = bool(course.config.Autograde.get("create_student", True))
        self._penalties = Penalties(course)

    def __enter__(self) -> Recorder:
        self._gradebook = open_gradebook(self._course)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._gradebook is not None:
            self._gradebook.close()
            self._gradebook = None

    def record(
        self,
        report: Report,
        assignment: Assignment,
        student: str,
        timestamp: datetime | str | None = None,
    ) -> None:
        """Write one report; raise FairmarkError, and write nothing, when that cannot be done.

        ``timestamp`` is when it was handed in (UTC where it names no zone); without one, what the
        gradebook knows stays. The marks of the assignment's other notebooks stay, too.
        """

        def recorded() -> None:
            try:
                self._record(report, assignment, student, timestamp)
            except Collision:  # the rows of the assignment itself may be others now
                self._known.pop(assignment.name, None)
                raise

        again(recorded)

    def _record(
        self,
        report: Report,
        assignment: Assignment,
        student: str,
        timestamp: datetime | str | None,
    ) -> None:
        with self._transaction() as session:
            layout = self._find(assignment)
            submission = _submission(session, layout, student, timestamp, self._may_create)
            others = {other.notebook for other in assignment.notebooks if other != assignment}
            for notebook in layout.notebooks:
                row = _submitted(session, submission.id, notebook)
                own = notebook.name == assignment.notebook
                if notebook.name not in others:
                    _write(session, row, notebook, assignment, report if own else None)
                if own:
                    session.flush()
                    session.refresh(row, ["score"])
                    row.late_submission_penalty = self._penalty(row, submission, layout.duedate)

    def refresh_penalties(self, assignment: Assignment) -> list[str]:
        """Reckon all late penalties of a notebook anew; return whose have changed.

        A deadline may have been moved, an extension given, or the rule changed since it was graded.
        """
        return again(lambda: self._refresh_penalties(assignment))

    def _refresh_penalties(self, assignment: Assignment) -> list[str]:
        changed = []
        with self._transaction() as session:
            for row, submission, duedate in submitted_rows(session, assignment):
                penalty = self._penalty(row, submission, duedate)
                if (row.late_submission_penalty or 0.0) != (penalty or 0.0):
                    row.late_submission_penalty = penalty
                    changed.append(str(submission.student_id))
        return changed

    def synchronise(self, assignment: Assignment) -> None:
        """Make sure that the gradebook knows the assignment as it is; raise FairmarkError."""
        self._layout(assignment)

    def checksums(self, assignment: Assignment) -> dict[str, str | None]:
        """Return the checksums of the cells as they were handed out, by grade_id."""
        layout = self._layout(assignment)
        found = [n.checksums for n in layout.notebooks if n.name == assignment.notebook]
        return dict(found[0])

    def marked_by_hand(
        self, assignment: Assignment, student: str | None = None
    ) -> dict[str, Marked]:
        """Return, by student, the answers that a person has marked; to be called before record."""
        assert self._gradebook is not None, "use the recorder as a context manager"
        session = self._gradebook.db
        try:
            with explained(self._url):
                return marked_by_hand(session, assignment, student)
        finally:
            session.remove()

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        """A session of the database, whose changes are kept together or not at all."""
        assert self._gradebook is not None, "use the recorder as a context manager"
        session = self._gradebook.db
        try:
            with explained(self._url):
                yield session
                session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.remove()

    def _layout(self, assignment: Assignment) -> _Layout:
        def found() -> _Layout:
            with explained(self._url):
                return self._find(assignment)

        return again(found)

    def _find(self, assignment: Assignment) -> _Layout:
        name = assignment.name
        if name not in self._known:
            for notebook in assignment.notebooks:
                synchronise(self._gradebook, notebook)
            self._known[name] = _read_layout(self._gradebook, name)
        return self._known[name]

    def _penalty(self, row: Any, submission: Any, duedate: datetime | None) -> float | None:
        return self._penalties.of(
            submission.student_id, row.score, submission.timestamp, duedate, submission.extension
        )


def _read_layout(gradebook: Any, name: str) -> _Layout:
    row: Any = gradebook.db.query(AssignmentRow).filter(AssignmentRow.name == name).one()
    notebooks = tuple(
        _Notebook(
            id=notebook.id,
            name=notebook.name,
            grade={c.name: _Cell(c.id, c.max_score) for c in notebook.grade_cells},
            solution={c.name: c.id for c in notebook.solution_cells},
            task={c.name: c.id for c in notebook.task_cells},
            checksums={c.name: c.checksum for c in notebook.source_cells},
        )
        for notebook in row.notebooks
    )
    layout = _Layout(row.id, row.duedate, notebooks)
    gradebook.db.remove()
    return layout


def _submission(
    session: Any,
    layout: _Layout,
    student: str,
    timestamp: datetime | str | None,
    may_create: bool,
) -> Any:
    if session.get(Student, student) is None:
        if not may_create:
            raise UnknownStudent(
                f"the gradebook has no student {student}, and c.Autograde.create_student is False"
            )
        session.add(Student(id=student))
    submission = (
        session.query(SubmittedAssignment)
        .filter_by(assignment_id=layout.id, student_id=student)
        .one_or_none()
    )
    if submission is None:
        submission = SubmittedAssignment(id=new_uuid(), assignment_id=layout.id, student_id=student)
        session.add(submission)
    if timestamp is not None:
        submission.timestamp = utils.parse_utc(timestamp)
    return submission


def _submitted(session: Any, submission: str, notebook: _Notebook) -> Any:
    """The student's row of a notebook, with a row for each of its cells."""
    row = (
        session.query(SubmittedNotebook)
        .filter_by(assignment_id=submission, notebook_id=notebook.id)
        .one_or_none()
    )
    if row is None:
        row = SubmittedNotebook(id=new_uuid(), assignment_id=submission, notebook_id=notebook.id)
        session.add(row)
        for cell in notebook.grade.values():
            session.add(Grade(notebook_id=row.id, cell_id=cell.id))
        for cell_id in notebook.solution.values():
            session.add(Comment(notebook_id=row.id, cell_id=cell_id))
        for cell_id in notebook.task.values():
            session.add(Comment(notebook_id=row.id, cell_id=cell_id))
            session.add(Grade(notebook_id=row.id, cell_id=cell_id))
        session.flush()
    return row


def _write(
    session: Any, row: Any, notebook: _Notebook, assignment: Assignment, report: Report | None
) -> None:
    """Write scores and automatic comments; without a notebook, no points, as nbgrader does."""
    grades = {g.cell_id: g for g in session.query(Grade).filter_by(notebook_id=row.id)}
    if report is None or report.error is not None:
        for grade in grades.values():
            # The answer that a person has marked is there no more.
            marked = report is not None and grade.manual_score is not None
            grade.auto_score, grade.needs_manual_grade = 0.0, marked
        return
    untouched = _untouched(report, notebook.checksums)
    max_scores = {name: cell.max_score for name, cell in notebook.grade.items()}
    scores = auto_scores_of(report, assignment, max_scores, notebook.checksums)
    for name, cell in notebook.grade.items():
        grade = grades[cell.id]
        grade.auto_score = scores[name]
        # nbgrader's rule: what a person has marked, or must mark, is looked at again.
        grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
    for cell_id in notebook.task.values():
        if grades[cell_id].manual_score is None:  # an earlier notebook may have been damaged
            grades[cell_id].auto_score, grades[cell_id].needs_manual_grade = None, True
    comments = {c.cell_id: c for c in session.query(Comment).filter_by(notebook_id=row.id)}
    for name, cell_id in notebook.solution.items():
        if name in untouched:
            comments[cell_id].auto_comment = NO_RESPONSE if untouched[name] else None


def auto_scores_of(
    report: Report,
    assignment: Assignment,
    max_scores: Mapping[str, float],
    checksums: Mapping[str, str | None],
) -> dict[str, float | None]:
    """Return the points that a report gives to the grade cells, ``max_scores`` by grade_id.

    None where a person has to mark. ``checksums`` are the cells' as they were handed out.
    """
    if report.error is not None:
        return dict.fromkeys(max_scores, 0.0)
    untouched = _untouched(report, checksums)
    results = {result.id: result for result in report.questions}
    by_cell = {question.grade_cell: results.get(question.id) for question in assignment.questions}
    return {
        name: auto_score(by_cell.get(name), max_score, untouched.get(name, False))
        for name, max_score in max_scores.items()
    }


def auto_score(result: QuestionResult | None, max_score: float, untouched: bool) -> float | None:
    """Return the points for a grade cell: within its bounds, None where a person has to mark it."""
    if result is None or result.score is None:
        return 0.0 if untouched else None  # nobody has to read an answer that was not given
    if not math.isfinite(result.score):
        return 0.0
    return min(max(result.score, 0.0), max_score)


def agrees(report: Report, scores: Mapping[str, float | None]) -> bool:
    """Whether a stored report has the automatic points of the gradebook, ``scores`` by cell.

    A notebook that nbgrader graded by itself holds whatever report its student has put there.
    """
    if report.error is not None:
        return not any(scores.values())
    told = {question.id: question.score for question in report.questions}
    for name, score in scores.items():
        own = name if name in told else checked_by(name)
        points = told.pop(own, None)
        if points is not None and (score is None or abs(score - points) > SAME_SCORE):
            return False
    return all(points is None for points in told.values())


def _untouched(report: Report, checksums: Mapping[str, str | None]) -> dict[str, bool]:
    """By grade_id: whether a solution cell is still as it was handed out."""
    found: dict[str, bool] = {}
    for raw in report.cells:
        cell = nbformat.from_dict(raw)
        if utils.is_solution(cell):
            name = cell.metadata.nbgrader.grade_id
            found[name] = checksums.get(name) == utils.compute_checksum(cell)
    return found
