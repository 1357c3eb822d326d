"""``fairmark generate``: what students get, made from what instructors write."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from fairmark.cli import common
from fairmark.cli.progress import Bar, progress_bar
from fairmark.errors import FairmarkError


def generate(
    context: typer.Context,
    assignments: common.AssignmentArguments = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Only say whether release/ is up to date; exit 1 if not."),
    ] = False,
    unverified: Annotated[
        bool,
        typer.Option(
            "--unverified", help="Also where `fairmark verify` has not proven the graders."
        ),
    ] = False,
    single_file: Annotated[
        bool,
        typer.Option(
            "--single-file",
            help="Also write single-file/NOTEBOOK, which carries its checks in itself.",
        ),
    ] = False,
    course: common.CourseOption = None,
) -> None:
    """Make release/ from source/ and graders/: no solution and no hidden test in it.

    Graders that have not been verified as they are now are not released. An assignment that cannot
    be made keeps no other from being made.
    """
    if check and single_file:
        raise typer.BadParameter("--check writes nothing: leave --single-file out")
    found = common.find_course(context, course)
    # A release holds all notebooks of an assignment.
    targets = {a.name: a for a in common.find_assignments(found, assignments)}.values()
    from fairmark.course.proof import (
        adopted_unproven,
        edited_test_cells,
        thin_exercises,
        why_unverified,
    )
    from fairmark.nbgrader.generate import generate_release, release_is_stale, write_single_file

    failed, lines = False, []
    with progress_bar() as bar:
        bar.start("comparing" if check else "generating", len(targets))
        for assignment in targets:
            try:
                if assignment.asks_test_cells:
                    for notebook in assignment.notebooks:
                        for line in (adopted_unproven(notebook), edited_test_cells(notebook)):
                            if line:
                                bar.say(line)
                elif reason := why_unverified(assignment):
                    _refuse_or_say(assignment.name, reason, bar, allowed=check or unverified)
                    failed = failed or (check and not unverified)
                elif not check:
                    for line in thin_exercises(assignment):
                        bar.say(f"{assignment.name}: {line}")
                if not check:
                    folder = generate_release(assignment)
                    lines.append(f"Made {folder}")
                    if single_file:
                        lines.append(f"Made {write_single_file(assignment, folder)}")
                elif differences := release_is_stale(assignment):
                    failed = True
                    for difference in differences:
                        bar.say(f"{difference}: run `fairmark generate {assignment.name}`")
                else:
                    folder = found.folder("release", assignment=assignment.name)
                    lines.append(f"{folder} is up to date")
            except FairmarkError as error:
                for line in error.lines:
                    bar.say(line)
                failed = True
            bar.advance()
    sys.stdout.writelines(f"{line}\n" for line in lines)
    if failed:
        raise typer.Exit(common.NOT_GRADED)


def _refuse_or_say(name: str, reason: str, bar: Bar, *, allowed: bool) -> None:
    """Say why graders are not verified; raise FairmarkError where they are not to be released."""
    from fairmark.course.proof import refusal

    if not allowed:
        raise FairmarkError(f"{refusal(name, reason)} (or add --unverified)")
    bar.say(f"{name}: NOT VERIFIED: {reason}")
