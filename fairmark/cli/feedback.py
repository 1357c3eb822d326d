"""``fairmark feedback``: a page for each student."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fairmark.cli import common
from fairmark.cli.progress import Bar, progress_bar
from fairmark.cli.talk import say
from fairmark.errors import FairmarkError
from fairmark.text import count

if TYPE_CHECKING:
    from fairmark.course.course import Course
    from fairmark.reporting.pages import FeedbackPages


class Zip(StrEnum):
    """Which platform takes the pages."""

    CANVAS = "canvas"
    MOODLE = "moodle"


def feedback(
    context: typer.Context,
    assignments: common.AssignmentArguments = None,
    students: common.StudentOption = None,
    force: Annotated[
        bool, typer.Option("--force", help="Make pages again of which nothing has changed.")
    ] = False,
    zipped: Annotated[
        Zip | None,
        typer.Option(
            "--zip",
            help="Write the pages of each assignment as a zip, too, named as in the zip of "
            "hand-ins that `fairmark collect` took: for Canvas's upload of submissions, or "
            "Moodle's of feedback files.",
            show_default=False,
        ),
    ] = None,
    course: common.CourseOption = None,
) -> None:
    """Make a feedback page for each graded student; only where marks or comments changed."""
    found = common.find_course(context, course)
    targets = common.find_assignments(found, assignments)
    from fairmark.reporting.pages import FeedbackPages

    sets = [FeedbackPages(assignment) for assignment in targets]
    wanted = {pages: _wanted(pages, students) for pages in sets}
    if not any(wanted.values()):
        names = ", ".join(assignment.label for assignment in targets)
        if students:
            who = ", ".join(students)
            raise common.WrongCall(
                f"nothing of {who} is graded for {names}; see fairmark autograde"
            )
        raise FairmarkError(f"nothing is graded yet for {names}: run `fairmark autograde`")
    made = failed = 0
    with progress_bar() as bar:
        for pages, graded in wanted.items():
            todo = graded if force else pages.changed(graded)
            good = _make(pages, todo, bar)
            made += good
            failed += len(todo) - good
    total = sum(map(len, wanted.values()))
    unchanged = total - made - failed
    parts = [f"Made {count(made, 'page')}", f"{unchanged} unchanged" if unchanged else ""]
    sys.stdout.write(f"{', '.join(filter(None, parts))}: {found.folder('feedback')}\n")
    if zipped is not None:
        failed += _zip(found, wanted, zipped)
    if failed:
        raise typer.Exit(common.NOT_GRADED)


def _zip(course: Course, wanted: dict[FeedbackPages, list[str]], zipped: Zip) -> int:
    """Write a zip for each assignment, and say who is not in it; return how many failed."""
    from fairmark.lms.feedback import zip_feedback

    failed = 0
    pages: dict[str, dict[str, list[Path]]] = {}
    for some, graded in wanted.items():
        for student in graded:
            if (page := some.page(student)).is_file():
                pages.setdefault(some.assignment, {}).setdefault(student, []).append(page)
    for assignment, those in pages.items():
        target = course.root / f"{assignment}-feedback-{zipped.value}.zip"
        try:
            missing = zip_feedback(course, assignment, zipped.value, those, target)
        except FairmarkError as error:
            failed += 1
            say(str(error))
            continue
        number = count(len(those) - len(missing), "student")
        sys.stdout.write(f"Wrote the pages of {number}: {target}\n")
        if missing:
            say(
                f"not in it, for no zip of {zipped.value.capitalize()} brought their hand-in of "
                f"{assignment}: {', '.join(missing)}"
            )
    return failed


def _wanted(pages: FeedbackPages, students: list[str] | None) -> list[str]:
    graded = pages.graded()
    return graded if not students else [student for student in graded if student in students]


def _make(pages: FeedbackPages, students: list[str], bar: Bar) -> int:
    """Make the pages of these students; return how many could be made."""
    if not students:
        return 0
    made = 0
    bar.start("making pages", len(students))
    for student, page in pages.make(students):
        if isinstance(page, FairmarkError):
            bar.say(f"{student}: {page}")
        else:
            made += 1
        bar.advance()
    return made
