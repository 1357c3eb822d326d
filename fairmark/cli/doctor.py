"""``fairmark doctor``: whether this machine can grade safely."""

from __future__ import annotations

import typer

from fairmark.cli import common
from fairmark.errors import FairmarkError
from fairmark.text import printable

_MARKS = {"good": ("✓", "green"), "warning": ("!", "yellow"), "bad": ("✗", "bold red")}


def doctor(context: typer.Context, course: common.CourseOption = None) -> None:
    """Say whether this machine can seal student code off, and what is missing.

    A sandbox is started, and what student code must not be able to do is tried in it. Exit code 1
    says that this machine should not grade yet.
    """
    from fairmark.doctor import examine

    try:
        found = common.find_course(context, course)
    except FairmarkError:
        if course is not None or context.obj is not None:
            raise
        found = None
    out = common.console()
    bad = False
    for finding in examine(found):
        mark, style = _MARKS[finding.verdict]
        bad = bad or finding.verdict == "bad"
        line = f"{mark} {finding.what}: {printable(finding.detail)}"
        out.print(line, style=style, soft_wrap=True)
    if bad:
        raise typer.Exit(common.NOT_GRADED)
