"""Marks out of the gradebook, as tables that spreadsheets and learning platforms read."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.text import points

Format = Literal["csv", "canvas", "moodle"]
Row = Sequence[str | float | None]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class UnknownAssignment(FairmarkError):
    """The gradebook does not know this assignment."""


@dataclass(frozen=True)
class Mark:
    """A student's points for one assignment."""

    score: float
    """After the penalty for being late, if any."""
    unmarked: tuple[str, ...] = ()
    """Questions that a person still has to mark."""


@dataclass(frozen=True)
class StudentMarks:
    """A student, with a mark for each assignment that was handed in."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    marks: Mapping[str, Mark] = field(default_factory=dict)

    @property
    def total(self) -> float:
        """All points; an assignment that was not handed in has none."""
        return round(sum(mark.score for mark in self.marks.values()), 2)


@dataclass(frozen=True)
class Marks:
    """The marks of a class."""

    max_scores: Mapping[str, float]
    """By assignment."""
    students: tuple[StudentMarks, ...]

    @property
    def unmarked(self) -> int:
        """How many submissions have questions that a person still has to mark."""
        return sum(bool(mark.unmarked) for s in self.students for mark in s.marks.values())


def read_marks(course: Course, assignments: Sequence[str] = ()) -> Marks:
    """Return the marks in the gradebook, of all assignments unless some are named.

    Raise UnknownAssignment, and FairmarkError when there is no gradebook that can be read.
    """
    from fairmark.record.database import explained, gradebook_url, open_gradebook

    url = gradebook_url(course)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise FairmarkError(f"there are no marks yet: no {url.database}; run `fairmark autograde`")
    gradebook = open_gradebook(course)
    try:
        with explained(url):
            return _read(gradebook, assignments)
    finally:
        gradebook.close()


def to_text(marks: Marks, kind: Format) -> str:
    """Return the marks as CSV in the shape that ``kind`` asks for."""
    tables = {"csv": _plain_table, "canvas": _canvas_table, "moodle": _moodle_table}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in tables[kind](marks):
        writer.writerow([_cell(value) for value in row])
    return out.getvalue()


def _read(gradebook: Any, wanted: Sequence[str]) -> Marks:
    known = {row.name: row for row in gradebook.assignments}
    if missing := [name for name in wanted if name not in known]:
        raise UnknownAssignment(
            f"the gradebook has no assignment {missing[0]!r}; it has: "
            f"{', '.join(known) or 'none'} (see `fairmark autograde`)"
        )
    rows = {name: known[name] for name in dict.fromkeys(wanted or known)}
    marks: dict[str, dict[str, Mark]] = {}
    for name, row in rows.items():
        for submission in row.submissions:
            score = max(0.0, submission.score - submission.late_submission_penalty)
            unmarked = _unmarked(submission) if submission.needs_manual_grade else ()
            marks.setdefault(submission.student_id, {})[name] = Mark(round(score, 2), unmarked)
    students = tuple(
        StudentMarks(
            student.id,
            student.first_name or "",
            student.last_name or "",
            student.email or "",
            marks.get(student.id, {}),
        )
        for student in sorted(gradebook.students, key=lambda student: str(student.id))
    )
    return Marks({name: round(row.max_score, 2) for name, row in rows.items()}, students)


def _unmarked(submission: Any) -> tuple[str, ...]:
    several = len(submission.notebooks) > 1
    return tuple(
        sorted(
            f"{notebook.name}/{grade.cell.name}" if several else grade.cell.name
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.needs_manual_grade and grade.manual_score is None
        )
    )


def _plain_table(marks: Marks) -> list[Row]:
    header: list[str | float | None] = ["student", "last_name", "first_name", "email"]
    for name in marks.max_scores:
        header += [name, f"{name} max", f"{name} to mark by hand"]
    rows: list[Row] = [[*header, "total", "total max"]]
    total_max = round(sum(marks.max_scores.values()), 2)
    for student in marks.students:
        row: list[str | float | None] = [
            student.id,
            student.last_name,
            student.first_name,
            student.email,
        ]
        for name, max_score in marks.max_scores.items():
            mark = student.marks.get(name)
            row += [_score(student, name), max_score, " ".join(mark.unmarked) if mark else None]
        rows.append([*row, student.total, total_max])
    return rows


def _canvas_table(marks: Marks) -> list[Row]:
    """Canvas finds its students by the login, and asks which assignment a column belongs to."""
    blank = ["", "", "", ""]
    rows: list[Row] = [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *marks.max_scores],
        ["    Points Possible", *blank, *marks.max_scores.values()],
    ]
    for student in marks.students:
        name = ", ".join(part for part in (student.last_name, student.first_name) if part)
        scores = [_score(student, assignment) for assignment in marks.max_scores]
        rows.append([name or student.id, "", "", student.id, "", *scores])
    return rows


def _moodle_table(marks: Marks) -> list[Row]:
    """Moodle's import asks which column names the student and which belongs to what."""
    rows: list[Row] = [["Username", "Last name", "First name", "Email address", *marks.max_scores]]
    for student in marks.students:
        scores = [_score(student, assignment) for assignment in marks.max_scores]
        who = [student.id, student.last_name, student.first_name, student.email]
        rows.append([*who, *scores])
    return rows


def _score(student: StudentMarks, assignment: str) -> float | None:
    mark = student.marks.get(assignment)
    return None if mark is None else mark.score


def _cell(value: str | float | None) -> str:
    """A cell's text. Text that a spreadsheet would take for a formula gets a quote before it."""
    if value is None:
        return ""
    if isinstance(value, str):
        text = " ".join(value.splitlines())
        return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
    return points(value)
