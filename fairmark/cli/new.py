"""``fairmark new``: the files of a new assignment."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from fairmark.cli import common


def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Such as linear-regression.", show_default=False)],
    exercises: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[EXERCISE]...",
            help="Names of functions, such as assign. (default: one exercise with a grader module)",
            show_default=False,
        ),
    ] = None,
    course: common.CourseOption = None,
) -> None:
    """Lay out a new assignment. With names of exercises it is one notebook, with the tests in it.

    Without, it has one exercise, with graders, a reference, and right and wrong answers in files.
    What is written works: `fairmark verify NAME` proves it. Make it your own from there. Where
    there is no course at or above the working folder, one is begun in the working folder.
    """
    from fairmark.course.configuration import CONFIG_FILE
    from fairmark.course.scaffold import new_assignment, new_course

    folder = course or context.obj
    root = Path(folder) if folder is not None else common.working_folder()
    if not root.is_dir():
        raise common.WrongCall(f"{root} is no folder")
    places = [root] if folder is not None else [root, *root.parents]
    begins = not any((place / CONFIG_FILE).exists() for place in places)
    if not begins:
        root = common.find_course(context, folder).root
    with common.wrong_call():
        made = new_assignment(root, name, exercises or ())
    if begins:  # with an assignment in it only: a name that cannot be one begins nothing
        made = new_course(root) + made
    for path in made:
        sys.stdout.write(f"Made {path}\n")
    sys.stdout.write(
        f"\nNext:\n  fairmark verify {name}      proves the graders\n"
        f"  fairmark generate {name}    makes release/{name}, which students get\n"
    )
