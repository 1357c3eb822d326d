"""Queries to nbgrader's gradebook about many submissions at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from nbgrader.api import Assignment as AssignmentRow
from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    GradeCell,
    Student,
    SubmittedAssignment,
    TaskCell,
)
from nbgrader.api import Notebook as NotebookRow
from nbgrader.api import SubmittedNotebook as SubmittedNotebookRow
from sqlalchemy import func

from fairmark.course.course import Assignment, Course
from fairmark.record.database import explained, gradebook_url, open_gradebook

Key = tuple[str, str, str]
"""A student, an assignment and a notebook of it."""
_KEY = (SubmittedAssignment.student_id, AssignmentRow.name, NotebookRow.name)


class CellMark(NamedTuple):
    """What the gradebook says of one cell of one student's notebook."""

    student: str
    penalty: float | None
    """Of the whole notebook, for being late."""
    cell: str | None
    """None where the notebook has no cell to mark."""
    score: float | None
    needs_a_person: bool | None
    by_hand: float | None


class Standing(NamedTuple):
    """What the gradebook has of one cell of one student's notebook, and what a penalty needs."""

    student: str
    penalty: float | None
    handed_in: datetime | None
    extension: timedelta | None
    due: datetime | None
    cell: str | None
    """None where the notebook has no cell to mark."""
    auto: float | None
    by_hand: float | None
    extra: float | None


def query_gradebook(course: Course, question: Callable[[Any], Iterable[Any]]) -> list[Any]:
    """Return what ``question`` yields for a session; nothing where there is no gradebook."""
    url = gradebook_url(course)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return []
    gradebook = open_gradebook(course)
    try:
        with explained(url):
            return list(question(gradebook.db))
    finally:
        gradebook.close()


def auto_totals(course: Course) -> dict[Key, float]:
    """Return the sum of the points that were given automatically, by notebook."""
    rows = query_gradebook(course, lambda s: _by_notebook(s, func.sum(Grade.auto_score)))
    return {tuple(key): points or 0.0 for *key, points in rows}


def unmarked(course: Course) -> dict[Key, int]:
    """Return how many answers of each notebook a person still has to mark."""
    # An answer that was graded again after a person marked it needs another look, but is marked.
    waiting = (Grade.needs_manual_grade, Grade.manual_score.is_(None))
    rows = query_gradebook(course, lambda s: _by_notebook(s, func.count(Grade.id)).filter(*waiting))
    return {tuple(key): number for *key, number in rows}


def to_look_at(course: Course) -> dict[Key, set[str]]:
    """Return the cells whose marks by hand no person has looked at since the last grading."""
    again = (Grade.needs_manual_grade, Grade.manual_score.is_not(None))
    found: dict[Key, set[str]] = {}
    for *key, cell in query_gradebook(
        course, lambda session: _cells(session, *_KEY, BaseCell.name).filter(*again)
    ):
        found.setdefault(tuple(key), set()).add(cell)
    return found


def auto_scores(assignment: Assignment) -> dict[str, dict[str, float | None]]:
    """Return, by student and cell, the points that were given automatically."""
    columns = (SubmittedAssignment.student_id, BaseCell.name, Grade.auto_score)
    found: dict[str, dict[str, float | None]] = {}
    for student, cell, score in query_gradebook(
        assignment.course, lambda session: _of(_cells(session, *columns), assignment)
    ):
        if cell is not None:
            found.setdefault(student, {})[cell] = score
    return found


def cell_marks(assignment: Assignment) -> list[CellMark]:
    """Return a row for each cell with points of each student's notebook."""
    columns = (
        SubmittedAssignment.student_id,
        SubmittedNotebookRow.late_submission_penalty,
        BaseCell.name,
        Grade.score,
        Grade.needs_manual_grade,
        Grade.manual_score,
    )
    rows = query_gradebook(
        assignment.course, lambda session: _of(_cells(session, *columns), assignment)
    )
    return [CellMark(*row) for row in rows]


def standings(assignment: Assignment) -> list[Standing]:
    """Return a row for each cell with points of each student's notebook."""
    columns = (
        SubmittedAssignment.student_id,
        SubmittedNotebookRow.late_submission_penalty,
        SubmittedAssignment.timestamp,
        SubmittedAssignment.extension,
        AssignmentRow.duedate,
        BaseCell.name,
        Grade.auto_score,
        Grade.manual_score,
        Grade.extra_credit,
    )
    rows = query_gradebook(
        assignment.course, lambda session: _of(_cells(session, *columns), assignment)
    )
    return [Standing(*row) for row in rows]


def max_scores(assignment: Assignment) -> dict[str, float]:
    """Return the most points of each cell of a notebook, as the gradebook knows them."""

    def rows(session: Any) -> Iterable[Any]:
        for kind in (GradeCell, TaskCell):
            query = session.query(kind.name, kind.max_score).select_from(kind)
            query = query.join(NotebookRow, kind.notebook_id == NotebookRow.id)
            yield from _of(
                query.join(AssignmentRow, NotebookRow.assignment_id == AssignmentRow.id), assignment
            )

    return {name: float(most) for name, most in query_gradebook(assignment.course, rows)}


def marked_cells(session: Any, assignment: Assignment, student: str | None) -> dict[str, Any]:
    """Return, by student and cell that a person marked, whether it needs another look.

    ``student`` asks for one student only.
    """
    columns = (SubmittedAssignment.student_id, BaseCell.name, Grade.needs_manual_grade)
    rows = _of(_cells(session, *columns), assignment).filter(Grade.manual_score.is_not(None))
    if student is not None:
        rows = rows.filter(SubmittedAssignment.student_id == student)
    found: dict[str, dict[str, bool]] = {}
    for who, cell, again in rows:
        found.setdefault(who, {})[cell] = again
    return found


def submitted_rows(session: Any, assignment: Assignment) -> list[Any]:
    """Return the rows of a submitted notebook, each with its submission's and with the due date."""
    columns = (SubmittedNotebookRow, SubmittedAssignment, AssignmentRow.duedate)
    return list(_of(_notebooks(session, *columns), assignment))


def all_about(assignment: Assignment) -> dict[str, list[str]]:
    """Return, by student, all values of the gradebook that a feedback page shows, as texts."""
    who = (Student.id, Student.first_name, Student.last_name)
    late = SubmittedNotebookRow.late_submission_penalty
    grades = (Grade.cell_id, Grade.auto_score, Grade.manual_score, Grade.extra_credit)
    comments = (Comment.cell_id, Comment.auto_comment, Comment.manual_comment)

    def rows(session: Any) -> Iterable[Any]:
        for columns, table in (
            ((*grades, Grade.needs_manual_grade, late), Grade),
            (comments, Comment),
        ):
            yield from (
                _of(_notebooks(session, *who, *columns), assignment)
                .join(Student, SubmittedAssignment.student_id == Student.id)
                .join(table, table.notebook_id == SubmittedNotebookRow.id)
            )

    found: dict[str, list[str]] = {}
    for student, *row in query_gradebook(assignment.course, rows):
        found.setdefault(student, []).append(repr(row))
    return found


def _notebooks(session: Any, *columns: Any) -> Any:
    """A query for these columns, a row for each notebook that was handed in."""
    return (
        session.query(*columns)
        .select_from(SubmittedAssignment)
        .join(AssignmentRow, SubmittedAssignment.assignment_id == AssignmentRow.id)
        .join(SubmittedNotebookRow, SubmittedNotebookRow.assignment_id == SubmittedAssignment.id)
        .join(NotebookRow, SubmittedNotebookRow.notebook_id == NotebookRow.id)
    )


def _cells(session: Any, *columns: Any) -> Any:
    """A query for these columns, a row for each cell with points, or one where there is none."""
    return (
        _notebooks(session, *columns)
        .outerjoin(Grade, Grade.notebook_id == SubmittedNotebookRow.id)
        .outerjoin(BaseCell, Grade.cell_id == BaseCell.id)
    )


def _by_notebook(session: Any, what: Any) -> Any:
    return _cells(session, *_KEY, what).group_by(*_KEY)


def _of(rows: Any, assignment: Assignment) -> Any:
    return rows.filter(
        AssignmentRow.name == assignment.name, NotebookRow.name == assignment.notebook
    )
