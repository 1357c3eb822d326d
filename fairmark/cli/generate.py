"""``fairmark generate``: what students get, made from what instructors write."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from fairmark.cli import common
from fairmark.cli.progress import progress_bar
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
    course: common.CourseOption = None,
) -> None:
    """Make release/ from source/ and graders/: no solution and no hidden test in it.

    Graders that have not been verified as they are now are not released.
    """
    found = common.find_course(context, course)
    # A release holds all notebooks of an assignment.
    targets = {a.name: a for a in common.find_assignments(found, assignments)}.values()
    from fairmark.course.proof import why_unverified
    from fairmark.nbgrader.generate import generate_release, release_is_stale

    stale, lines = False, []
    with progress_bar() as bar:
        bar.start("comparing" if check else "generating", len(targets))
        for assignment in targets:
            if assignment.has_graders and (reason := why_unverified(assignment)):
                if not (check or unverified):
                    raise FairmarkError(
                        f"{assignment.name} is not released: {reason}; run `fairmark verify "
                        f"{assignment.name}` (or add --unverified)"
                    )
                bar.say(f"{assignment.name}: NOT VERIFIED: {reason}")
                stale = stale or (check and not unverified)
            if check:
                differences = release_is_stale(assignment)
                for difference in differences:
                    bar.say(f"{difference}: run `fairmark generate {assignment.name}`")
                if not differences:
                    folder = found.folder("release", assignment=assignment.name)
                    lines.append(f"{folder} is up to date")
                stale = stale or bool(differences)
            else:
                lines.append(f"Made {generate_release(assignment)}")
            bar.advance()
    sys.stdout.writelines(f"{line}\n" for line in lines)
    if stale:
        raise typer.Exit(common.NOT_GRADED)
