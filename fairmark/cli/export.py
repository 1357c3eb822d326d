"""``fairmark export``: marks for a spreadsheet or a learning platform, or sent there."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fairmark.cli import common
from fairmark.cli.talk import say
from fairmark.errors import FairmarkError
from fairmark.reporting.export import BY, FORMATS, remarks, text_by_test, unknown_tests
from fairmark.text import count

_LTI = "lti"
To = StrEnum("To", [(name.upper(), name) for name in (*FORMATS, _LTI)])  # type: ignore[misc]
"""What the table is for."""
_CSV = To("csv")
Columns = StrEnum("Columns", [(name.upper(), name) for name in BY])  # type: ignore[misc]
"""What has a column."""
_ASSIGNMENTS = Columns("assignment")


def export(
    context: typer.Context,
    assignments: common.AssignmentArguments = None,
    to: Annotated[
        To,
        typer.Option(
            "--to",
            help="A spreadsheet, or the grade import of Canvas or of Moodle; with --push, any "
            "platform of LTI 1.3.",
        ),
    ] = _CSV,
    by: Annotated[
        Columns,
        typer.Option(
            "--by",
            help="A column for each assignment, for each question, or (for a spreadsheet) for each "
            "test: 1 if it is passed, 0 if it fails.",
        ),
    ] = _ASSIGNMENTS,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to; - is standard output. (default: grades.csv, or a name that says more, "
            "in the course's folder)",
            show_default=False,
        ),
    ] = None,
    push: Annotated[
        bool,
        typer.Option(
            "--push",
            help="Send the marks to the course that c.Fairmark.canvas or c.Fairmark.lti names, "
            "instead of writing a table: shows first which have changed, and asks.",
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --push: send without asking.")] = False,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite",
            help="With --push: send marks, too, that somebody has changed there since.",
        ),
    ] = False,
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file",
            metavar="FILE",
            help="With --push: the file with Canvas's token. (default: $CANVAS_API_TOKEN)",
            show_default=False,
        ),
    ] = None,
    course: common.CourseOption = None,
) -> None:
    """Write the marks of the class as a table, one row per student.

    Scores are those in the gradebook: hand grading, extra credit and late penalties included.
    """
    from fairmark.files import write_file
    from fairmark.record.itemmarks import by_question, by_test
    from fairmark.record.marks import UnknownAssignment, read_marks

    if by == "test" and to != _CSV:
        raise common.WrongCall("tests have no points to import: --by test is for --to csv")
    pushed = to.value in ("canvas", _LTI)
    if push and (not pushed or by != _ASSIGNMENTS or output is not None):
        raise common.WrongCall(
            "--push goes with --to canvas or --to lti, and with no --by nor --output"
        )
    if not push and (yes or overwrite or token_file is not None):
        raise common.WrongCall("--yes, --overwrite and --token-file are for --push")
    if to.value == _LTI and (not push or token_file is not None):
        raise common.WrongCall("--to lti goes with --push, and its key is c.Fairmark.lti's")
    found = common.find_course(context, course)
    try:
        marks = read_marks(found, assignments or ())
    except UnknownAssignment as error:
        raise common.WrongCall(str(error)) from None
    if not marks.students:
        raise FairmarkError("there are no marks yet: run `fairmark autograde`")
    lines = remarks(marks)
    if push:
        from fairmark.cli.push import push_marks

        for line in lines:
            say(line)
        push_marks(found, marks, to.value, token_file, yes, overwrite)
        return
    if by == "test":
        tests = by_test(found, marks)
        text, lines = text_by_test(tests), unknown_tests(tests)
    else:
        text = FORMATS[to.value].text(by_question(found, marks) if by == "question" else marks)
    if output == Path("-"):
        sys.stdout.write(text)
    else:
        path = output or found.root / FORMATS[to.value].file(by.value)
        write_file(path, text)
        sys.stdout.write(f"Wrote the marks of {count(len(marks.students), 'student')}: {path}\n")
    for line in lines:
        say(line)
