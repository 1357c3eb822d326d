"""Exporting marks as tables for spreadsheets and learning platforms."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fairmark.text import points

if TYPE_CHECKING:  # the command line lists the formats without a gradebook
    from fairmark.record.itemmarks import TestMarks
    from fairmark.record.marks import ClassMarks, StudentMarks

Row = Sequence[str | float | None]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


BY = {
    "assignment": "each assignment",
    "question": "each question",
    "test": "each test, 1 if it is passed and 0 if it fails",
}
"""What may have a column, with what to call it. Tests have no points: no LMS takes them."""


@dataclass(frozen=True)
class Format:
    """A format of the table of marks; the command line and the hub offer those in FORMATS."""

    name: str
    title: str
    """The description for the person who chooses it."""
    table: Callable[[ClassMarks], list[Row]]

    def file(self, by: str = "assignment") -> str:
        """Return the name of a file in this format, with columns of this kind."""
        kind = "" if self.name == "csv" else f"-{self.name}"
        return f"grades{kind}{'' if by == 'assignment' else f'-by-{by}'}.csv"

    def text(self, marks: ClassMarks) -> str:
        """Return the marks as CSV in this format."""
        return _csv(self.table(marks))


def text_by_test(marks: TestMarks) -> str:
    """Return as CSV which tests each student passes: 1, 0, or blank where it was not tried."""
    rows: list[Row] = [["student", "last_name", "first_name", "email", *marks.tests]]
    for student in marks.students:
        passed = marks.passed.get(student.id, {})
        found = [float(passed[test]) if test in passed else None for test in marks.tests]
        who = (student.id, student.last_name, student.first_name, student.email)
        rows.append([*who, *found])
    return _csv(rows)


def unknown_tests(marks: TestMarks) -> list[str]:
    """A line for each notebook of which some students' tests are not known."""
    return [
        f"{name}: graded by nbgrader alone, so that no test is known, and blank: {', '.join(who)}"
        for name, who in marks.unknown.items()
    ]


def _csv(rows: Iterable[Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in rows:
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
    """Canvas identifies students by login, and asks for the assignment of each column.

    It wants these columns first, and the row of possible points second, found by its first cell. A
    blank cell changes nothing in Canvas.
    """
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
    """Moodle's import asks for the column of the student, and for the item of each column.

    A blank cell is no grade.
    """
    rows: list[Row] = [["Username", "Last name", "First name", "Email address", *marks.max_scores]]
    for student in marks.students:
        scores = [_score(student, assignment) for assignment in marks.max_scores]
        who = [student.id, student.last_name, student.first_name, student.email]
        rows.append([*who, *scores])
    return rows


def _score(student: StudentMarks, assignment: str) -> float | None:
    """The points; none where nothing was handed in, nor while an answer waits for its mark."""
    mark = student.marks.get(assignment)
    return None if mark is None or mark.unmarked else mark.score


def _cell(value: str | float | None) -> str:
    """The text of a cell; a leading quote keeps spreadsheets from reading it as a formula."""
    if value is None:
        return ""
    if isinstance(value, str):
        text = " ".join(value.splitlines())
        return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
    return points(value)


def remarks(marks: ClassMarks) -> list[str]:
    """A line about each thing that is not in the table: blank marks, assignments left out."""
    waiting: dict[str, list[str]] = {}
    for student in marks.students:
        for name, questions in student.waiting.items():
            waiting.setdefault(f"{name}, {', '.join(questions)}", []).append(student.id)
    lines = [
        f"{what}: not marked by hand yet, and so blank: {', '.join(students)}"
        for what, students in waiting.items()
    ]
    ungraded: dict[str, list[str]] = {}
    for student in marks.students:
        for name in student.ungraded:
            ungraded.setdefault(name, []).append(student.id)
    lines += [
        f"{name}: handed in and not graded yet, and so blank: {', '.join(students)}"
        for name, students in ungraded.items()
    ]
    if marks.drafts:
        names = ", ".join(marks.drafts)
        lines.append(f"left out, as never released and handed in by nobody: {names}")
    return lines


FORMATS = {
    entry.name: entry
    for entry in (
        Format("csv", "A table for a spreadsheet (CSV)", _plain_table),
        Format("canvas", "For the import of grades in Canvas", _canvas_table),
        Format("moodle", "For the import of grades in Moodle", _moodle_table),
    )
}
"""All formats, by name."""
