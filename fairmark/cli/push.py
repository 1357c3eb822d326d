"""The part of ``fairmark export`` that sends marks to a learning platform."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from fairmark.cli import common
from fairmark.cli.progress import progress_bar
from fairmark.cli.talk import say
from fairmark.text import count, points, printable

if TYPE_CHECKING:
    from rich.table import Table

    from fairmark.course.course import Course
    from fairmark.lms.push import Item, Push
    from fairmark.lms.there import Platform
    from fairmark.record.marks import ClassMarks

_WORDS = {
    "send": "to be sent",
    "sent": "sent",
    "waiting": "not sent",
    "kept": "not sent",
    "nobody": "not sent",
    "failed": "did not arrive",
}


def push_marks(
    course: Course, marks: ClassMarks, to: str, token_file: Path | None, yes: bool, overwrite: bool
) -> None:
    """Show which marks the platform lacks, and send them where that is wanted.

    Raise typer.Exit where some did not arrive, and FairmarkError.
    """
    push = _prepared(course, marks, to, token_file, overwrite)
    for line in push.refused:
        say(line)
    out = common.console()
    shown = [item for item in push.items if item.state != "same" or item.remark]
    if shown:
        out.print(_table(shown, push.platform))
    number = Counter(item.state for item in push.items)
    out.print(
        f"{count(number['send'], 'mark')} to send, {number['same']} in {push.platform} already"
    )
    if number["send"]:
        if not (yes or _agreed(number["send"], push.platform)):
            out.print("Nothing was sent: --yes sends them")
            return
        _send(push)
    elif number["nobody"] + number["kept"] or push.refused:
        raise typer.Exit(common.NOT_GRADED)


def _prepared(
    course: Course, marks: ClassMarks, to: str, token_file: Path | None, overwrite: bool
) -> Push:
    platform: Platform
    if to == "lti":
        from fairmark.cli.roster import lti_course

        platform, _ = lti_course(course, "memberships_url", "lineitems_url")
    else:
        platform = _canvas(course, token_file)
    from fairmark.lms.collected import canvas_numbers
    from fairmark.lms.people import Known
    from fairmark.lms.push import Push
    from fairmark.lms.sent import Sent
    from fairmark.record.database import explained, gradebook_url, open_gradebook

    with explained(gradebook_url(course)), open_gradebook(course) as gradebook:
        known = [Known.of(student) for student in gradebook.students]
    if to == "canvas":
        numbers = canvas_numbers(course)
        known = [
            one if one.lms_user_id else replace(one, lms_user_id=numbers.get(one.id, ""))
            for one in known
        ]
    return Push(platform, marks, known, Sent.of(course, to), overwrite=overwrite)


def _canvas(course: Course, token_file: Path | None) -> Platform:
    from fairmark.lms.settings import CanvasSettings, read_token

    settings = CanvasSettings.read(course)
    token = read_token(token_file)
    with common.extra("lms", "canvasapi", {"canvasapi", "requests"}):
        from fairmark.lms.canvas import CanvasCourse
    return CanvasCourse(settings, token)


def _agreed(number: int, platform: str) -> bool:
    """Whether a person says so; nobody does where there is no terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    return bool(typer.confirm(f"Send {count(number, 'mark')} to {platform}?"))


def _send(push: Push) -> None:
    """Send what there is to send, and show what did not arrive."""
    from fairmark.lms.push import MISSING
    from fairmark.lms.there import StoppedError

    stopped = ""
    total = len(push.to_send)
    sent = 0
    with progress_bar() as bar:
        bar.start("sending", total)
        try:
            for item in push.send():
                sent += item.state == "sent"
                bar.advance(item.student)
        except StoppedError as error:
            stopped = str(error)
    out = common.console()
    missing = [item for item in push.items if item.state in MISSING]
    if missing:
        out.print(_table(missing, push.platform))
    for item in push.items:
        if item.state == "sent" and item.remark:
            say(f"{item.student}, {item.assignment}: {item.remark}")
    if stopped:
        say(f"{stopped}. {sent} of {count(total, 'mark')} arrived; the same command sends the rest")
    else:
        out.print(f"{sent} of {count(total, 'mark')} arrived")
    if missing or push.refused:
        raise typer.Exit(common.NOT_GRADED)


def _table(items: list[Item], platform: str) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD)
    for title in ("student", "assignment"):
        table.add_column(title, overflow="fold")
    for title in (f"in {platform}", "here"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for item in items:
        word = _WORDS.get(item.state, "is there")
        table.add_row(
            Text(printable(item.student)),
            Text(printable(item.assignment)),
            "-" if item.there.score is None else points(item.there.score),
            points(item.mark.score),
            Text(printable(f"{word}: {item.remark}" if item.remark else word)),
        )
    return table
