"""``fairmark collect``: hand-ins out of the zip that a learning platform makes of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from fairmark.cli import common
from fairmark.cli.progress import progress_bar
from fairmark.cli.talk import say
from fairmark.errors import FairmarkError
from fairmark.text import count, printable

if TYPE_CHECKING:
    from rich.table import Table

    from fairmark.lms.collect import Step
    from fairmark.lms.people import Entry

_WORDS = {
    "new": "collected",
    "newer": "collected, in place of an older one",
    "same": "is here",
    "time": "is here; time of the hand-in set right",
    "older": "not collected",
    "kept": "not collected",
    "nobody": "not collected",
    "empty": "not collected",
    "failed": "not collected",
}


def collect(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.zip",
            help="What Canvas or Moodle let you download, or the folder that a browser "
            "unpacked it to.",
        ),
    ],
    assignment: Annotated[
        str | None,
        typer.Argument(
            metavar="ASSIGNMENT",
            help="(default: the one that the files are named after)",
            show_default=False,
        ),
    ] = None,
    students: Annotated[
        Path | None,
        typer.Option(
            "--students",
            metavar="TABLE.csv",
            help="Who is who: Canvas's table of grades, Moodle's grading worksheet, or a table "
            "with the columns student and lms_user_id, name or email. A time in it is that of the "
            "hand-in. (default: by the gradebook's lms_user_id and names)",
            show_default=False,
        ),
    ] = None,
    timezone: Annotated[
        str | None,
        typer.Option(
            "--timezone",
            metavar="ZONE",
            help="The zone of the table's times, as Europe/Vienna. (default: this machine's)",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done, and do nothing.")
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Replace what lies there, also where no zip brought it."),
    ] = False,
    course: common.CourseOption = None,
) -> None:
    """Put the hand-ins of a zip into submitted/, each with nbgrader's time of the hand-in.

    It is the zip of "Download Submissions" in Canvas, or of "Download all submissions" in Moodle.
    Newer hand-ins replace older ones, so the same command can be run again at any time.
    """
    found = common.find_course(context, course)
    entries = _entries(students, timezone)
    from fairmark.lms.archive import open_archive
    from fairmark.lms.collect import HELPLESS, Collection, assignment_meant

    with open_archive(file) as archive:
        name = assignment or assignment_meant(found, archive)
        with common.wrong_call():
            found.notebooks(name)
        collection = Collection(found, name.partition("/")[0], archive, entries, force=force)
        if not collection.handed:
            raise FairmarkError(f"no file in {file} is named as Canvas or Moodle name hand-ins")
        steps: list[Step] = []
        with progress_bar() as bar:
            bar.start("looking at" if dry_run else "collecting", len(collection.handed))
            for step in collection.steps():
                if not dry_run:
                    collection.carry_out(step)
                step.files = {}  # a class's files need not fit into memory
                steps.append(step)
                bar.advance(step.student)
        lines = collection.remarks
    out = common.console()
    out.print(_table(steps, dry_run))
    for line in lines:
        say(line)
    out.print(f"{name}: {_summary(steps, dry_run)}")
    if any(step.state in HELPLESS for step in steps):
        raise typer.Exit(common.NOT_GRADED)


def _entries(table: Path | None, timezone: str | None) -> list[Entry]:
    from fairmark.lms.people import read_entries

    try:
        zone = ZoneInfo(timezone) if timezone else None
    except (ZoneInfoNotFoundError, ValueError):
        raise common.WrongCall(f"there is no time zone {timezone!r}") from None
    if table is None:
        return []
    try:
        content = table.read_bytes()
    except OSError as error:
        raise common.WrongCall(f"{table} cannot be read: {error.strerror}") from None
    entries, faults = read_entries(content, zone)
    for fault in faults:
        say(fault)
    return entries


def _table(steps: list[Step], dry_run: bool) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from fairmark.lms.collect import HELPLESS

    table = Table(box=SIMPLE_HEAD)
    for title in ("student", "on the platform", "handed in", ""):
        table.add_column(title, overflow="fold")
    for step in sorted(steps, key=lambda step: (step.state not in HELPLESS, step.student)):
        word = _WORDS[step.state]
        if dry_run:
            word = word.replace("collected", "to be collected").replace("not to be", "cannot be")
        what = f"{word}: {step.remark}" if step.remark else word
        style = "red" if step.state in HELPLESS else ("dim" if step.state == "same" else "")
        table.add_row(
            Text(printable(step.student or "?")),
            Text(printable(step.handed.shown)),
            Text(("late, " if step.handed.late else "") + (step.stamp or "-")),
            Text(printable(what), style),
        )
    return table


def _summary(steps: list[Step], dry_run: bool) -> str:
    from fairmark.lms.collect import HELPLESS

    number = Counter(step.state for step in steps)
    fresh = number["new"] + number["newer"]
    parts = [f"{count(fresh, 'hand-in')} {'to collect' if dry_run else 'collected'}"]
    if number["same"] + number["time"]:
        parts.append(f"{number['same'] + number['time']} here already")
    if number["older"]:
        parts.append(f"{number['older']} older than what is here")
    if helpless := sum(number[state] for state in HELPLESS):
        parts.append(f"{helpless} not collected")
    return ", ".join(parts)
