"""``fairmark roster``: the students of the learning platform, into the gradebook."""

from __future__ import annotations

import json
import sys
from collections import Counter
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Annotated

import typer

from fairmark.cli import common
from fairmark.text import count, printable

if TYPE_CHECKING:
    from rich.table import Table

    from fairmark.course.course import Course
    from fairmark.lms.lti import LtiCourse
    from fairmark.lms.roster import Line

_WORDS = {
    "new": ("to be added", "added"),
    "changed": ("to be changed", "changed"),
    "same": ("is here", "is here"),
    "nobody": ("cannot be added", "not added"),
    "doubled": ("cannot be added", "not added"),
    "gone": ("stays", "stays"),
}


def roster(
    context: typer.Context,
    yes: Annotated[
        bool, typer.Option("--yes", help="Write it into the gradebook; else it is shown only.")
    ] = False,
    show_key: Annotated[
        bool,
        typer.Option(
            "--show-key",
            help="Show the public part of c.Fairmark.lti's key instead, as the JWK that the "
            "platform wants when fairmark is registered there.",
        ),
    ] = False,
    course: common.CourseOption = None,
) -> None:
    """Take the students of the course from the learning platform, by LTI 1.3.

    Who is new is added, with name and e-mail address; nobody is removed. c.Fairmark.lti names the
    course there.
    """
    found = common.find_course(context, course)
    if show_key:
        _show_key(found)
        return
    from fairmark.lms.people import Known
    from fairmark.lms.roster import HELPLESS, compare
    from fairmark.record.database import explained, gradebook_url, open_gradebook

    platform, key = lti_course(found, "memberships_url")
    members = platform.members()
    with explained(gradebook_url(found)), open_gradebook(found) as gradebook:
        known = [Known.of(student) for student in gradebook.students]
        lines = compare(members, known, key)
        if yes:
            for line in lines:
                if line.values:
                    gradebook.update_or_create_student(line.student, **line.values)
    out = common.console()
    if shown := [line for line in lines if line.state != "same"]:
        out.print(_table(shown, yes))
    number = Counter(line.state for line in lines)
    at = 1 if yes else 0
    parts = [f"{count(number['new'], 'student')} {_WORDS['new'][at]}"]
    parts += [f"{number[s]} {_WORDS[s][at]}" for s in ("changed", "same") if number[s]]
    if helpless := sum(number[state] for state in HELPLESS):
        parts.append(f"{helpless} not added" if yes else f"{helpless} cannot be added")
    out.print(", ".join(parts))
    if not yes and number["new"] + number["changed"]:
        out.print("Nothing was written: --yes writes it")
    if helpless:
        raise typer.Exit(common.NOT_GRADED)


def lti_course(course: Course, *needed: str) -> tuple[LtiCourse, str]:
    """Return the course's side of the platform, and what a student's id is made of there.

    Raise FairmarkError.
    """
    from fairmark.course.lti import LtiSettings

    settings = LtiSettings.read(course, "token_url", "key_file", *needed)
    with _library():
        from fairmark.lms.lti import LtiCourse, read_key
    return LtiCourse(settings, read_key(settings.key_file)), settings.student


def _show_key(course: Course) -> None:
    from fairmark.course.lti import LtiSettings

    settings = LtiSettings.read(course, "key_file")
    with _library():
        from fairmark.lms.lti import public_key, read_key
    key = public_key(read_key(settings.key_file))
    sys.stdout.write(json.dumps(key, indent=1) + "\n")


def _library() -> AbstractContextManager[None]:
    return common.extra("lti", "pylti1p3next", {"pylti1p3", "jwcrypto", "jwt", "requests"})


def _table(lines: list[Line], yes: bool) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from fairmark.lms.roster import HELPLESS

    table = Table(box=SIMPLE_HEAD)
    for title in ("student", "on the platform", ""):
        table.add_column(title, overflow="fold")
    for line in sorted(lines, key=lambda line: (line.state not in HELPLESS, line.student)):
        word = _WORDS[line.state][yes]
        table.add_row(
            Text(printable(line.student or "?")),
            Text(printable(line.name)),
            Text(
                printable(f"{word}: {line.remark}" if line.remark else word),
                "red" if line.state in HELPLESS else "",
            ),
        )
    return table
