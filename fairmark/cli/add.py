"""``fairmark add``: further exercises for an assignment's notebook."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from fairmark.cli import common


def add(
    context: typer.Context,
    assignment: Annotated[str, typer.Argument(help="Such as k-means.", show_default=False)],
    exercises: Annotated[
        list[str],
        typer.Argument(
            metavar="EXERCISE...", help="Names of functions, such as assign.", show_default=False
        ),
    ],
    course: common.CourseOption = None,
) -> None:
    """Add exercises to a notebook: for each a text, a solution cell and a check cell that work.

    They stand at the notebook's end, to be moved and made your own; all else in it stays as it is.
    Save and close the notebook before, and reload it behind.
    """
    from fairmark.course.exercises import add_exercises

    found = common.find_course(context, course)
    with common.wrong_call():
        path = add_exercises(found.assignment(assignment), exercises)
    sys.stdout.write(f"Added {', '.join(exercises)} to {path}\n")
