"""``fairmark export``: marks for a spreadsheet or a learning platform."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fairmark.cli import common
from fairmark.cli.talk import say
from fairmark.errors import FairmarkError
from fairmark.reporting.export import FORMATS, remarks
from fairmark.text import count

To = StrEnum("To", [(name.upper(), name) for name in FORMATS])  # type: ignore[misc]
"""What the table is for."""
_CSV = To("csv")


def export(
    context: typer.Context,
    assignments: common.AssignmentArguments = None,
    to: Annotated[
        To,
        typer.Option("--to", help="A spreadsheet, or the grade import of Canvas or of Moodle."),
    ] = _CSV,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to; - is standard output. (default: grades.csv in the course's folder)",
            show_default=False,
        ),
    ] = None,
    course: common.CourseOption = None,
) -> None:
    """Write the marks of the class as a table, one row per student.

    Scores are those in the gradebook: hand grading, extra credit and late penalties included.
    """
    from fairmark.files import write_file
    from fairmark.record.marks import UnknownAssignment, read_marks

    found = common.find_course(context, course)
    try:
        marks = read_marks(found, assignments or ())
    except UnknownAssignment as error:
        raise common.WrongCall(str(error)) from None
    if not marks.students:
        raise FairmarkError("there are no marks yet: run `fairmark autograde`")
    text = FORMATS[to.value].text(marks)
    if output == Path("-"):
        sys.stdout.write(text)
    else:
        path = output or found.root / FORMATS[to.value].file
        write_file(path, text)
        sys.stdout.write(f"Wrote the marks of {count(len(marks.students), 'student')}: {path}\n")
    for line in remarks(marks):
        say(line)
