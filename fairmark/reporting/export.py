"""Marks out of the gradebook, as tables that spreadsheets and learning platforms read."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fairmark.text import points

if TYPE_CHECKING:  # the command line asks for the formats before it needs a gradebook
    from fairmark.record.marks import ClassMarks, StudentMarks

Row = Sequence[str | float | None]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Format:
    """A format of the table of marks: the command line and the hub offer what is listed below."""

    name: str
    title: str
    """What a person reads who chooses it."""
    table: Callable[[ClassMarks], list[Row]]

    @property
    def file(self) -> str:
        """What a file in this format is called."""
        return "grades.csv" if self.name == "csv" else f"grades-{self.name}.csv"

    def text(self, marks: ClassMarks) -> str:
        """Return the marks as CSV in the shape that the format asks for."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        for row in self.table(marks):
            writer.writerow([_cell(value) for value in row])
        return out.getvalue()


def _plain_table(marks: ClassMarks) -> list[Row]:
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


def _canvas_table(marks: ClassMarks) -> list[Row]:
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


def _moodle_table(marks: ClassMarks) -> list[Row]:
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


FORMATS = {
    entry.name: entry
    for entry in (
        Format("csv", "A table for a spreadsheet (CSV)", _plain_table),
        Format("canvas", "For the import of grades in Canvas", _canvas_table),
        Format("moodle", "For the import of grades in Moodle", _moodle_table),
    )
}
"""All formats, by name."""
