"""``fairmark report``: the class report for instructors."""

from __future__ import annotations

import shlex
import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from fairmark.cli import common
from fairmark.cli.talk import changed_answers, say
from fairmark.errors import FairmarkError
from fairmark.text import count, points, printable

if TYPE_CHECKING:
    from rich.table import Table

    from fairmark.reporting.classreport import ClassReport


def report(
    context: typer.Context,
    assignments: common.AssignmentArguments = None,
    course: common.CourseOption = None,
) -> None:
    """Write the class report, for instructors: scores, tests, mistakes, and graders to look at.

    There is a page for each assignment in report/, and report/index.html when none is named. They
    name students: keep them to yourself.
    """
    found = common.find_course(context, course)
    targets = common.find_assignments(found, assignments)
    from fairmark.reporting.classreport import read_class
    from fairmark.reporting.reportpages import write_pages

    reports = [read_class(target) for target in targets]
    known = [one for one in reports if one.submissions]
    if not any(one.of("graded") or one.of("failed") for one in known):
        names = shlex.join(target.label for target in targets) if assignments else ""
        where = ", ".join(target.label for target in targets)
        command = f"fairmark autograde {names}".rstrip()
        raise FairmarkError(f"nothing is graded yet for {where}: run `{command}`")
    path = write_pages(found, known, index=not assignments)
    out = common.console()
    out.print(_table(known))
    out.print(f"Look at: {path}", soft_wrap=True)
    for one in reports:
        _tell(one)


def _tell(one: ClassReport) -> None:
    """Say what has to be done about an assignment."""
    name = printable(one.title)
    if not one.submissions:
        say(f"{name}: nobody has handed in anything")
    elif todo := len(one.of("waiting")) + len(one.outdated):
        verb = "is" if todo == 1 else "are"
        what = count(todo, "submission")
        command = f"fairmark autograde {one.argument}"
        say(f"{name}: {what} {verb} not graded, or changed since: run `{command}`")
    if changed := sum(len(submission.changed) for submission in one.submissions):
        say(f"{name}: {changed_answers(changed)}")


def _table(reports: Sequence[ClassReport]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from fairmark.reporting.flags import flags

    table = Table(box=SIMPLE_HEAD)
    table.add_column("assignment", overflow="fold")
    columns = ("handed in", "graded", "not gradable", "not yet", "by hand", "mean", "median", "of")
    for title in (*columns, "to look at"):
        table.add_column(title, justify="right")
    for one in reports:
        scores = one.scores
        table.add_row(
            printable(one.title),
            str(len(one.submissions)),
            str(len(one.of("graded"))),
            str(len(one.of("failed")) or ""),
            str(len(one.of("waiting")) or ""),
            str(len(one.unmarked) or ""),
            points(statistics.fmean(scores)) if scores else "-",
            points(statistics.median(scores)) if scores else "-",
            points(one.max_score),
            str(len(flags(one)) or ""),
        )
    return table
