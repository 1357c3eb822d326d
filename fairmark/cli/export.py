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
from fairmark.text import count


class To(StrEnum):
    """What the table is for."""

    CSV = "csv"
    CANVAS = "canvas"
    MOODLE = "moodle"


def export(
    context: typer.Context,
    assignments: common.AssignmentArguments = None,
    to: Annotated[
        To,
        typer.Option("--to", help="A spreadsheet, or the grade import of Canvas or of Moodle."),
    ] = To.CSV,
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
    from fairmark.reporting.export import UnknownAssignment, read_marks, to_text

    found = common.find_course(context, course)
    try:
        marks = read_marks(found, assignments or ())
    except UnknownAssignment as error:
        raise common.WrongCall(str(error)) from None
    if not marks.students:
        raise FairmarkError("there are no marks yet: run `fairmark autograde`")
    text = to_text(marks, to.value)
    if output == Path("-"):
        sys.stdout.write(text)
    else:
        default = "grades.csv" if to is To.CSV else f"grades-{to.value}.csv"
        path = output or found.root / default
        write_file(path, text)
        sys.stdout.write(f"Wrote the marks of {count(len(marks.students), 'student')}: {path}\n")
    if marks.unmarked:
        number = count(marks.unmarked, "submission")
        say(f"{number} still to be marked by hand, in formgrader; such questions count 0 here")
