"""What the commands share: their options, and the course that they work on."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fairmark.errors import FairmarkError
from fairmark.sandbox import DEFAULT_MODE, SANDBOXES

if TYPE_CHECKING:
    from rich.console import Console

    from fairmark.course.course import Assignment, Course

GRADED, NOT_GRADED, WRONG_CALL, WOULD_CHANGE, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit codes."""
_PLAIN_WIDTH = 120

CourseOption = Annotated[
    Path | None,
    typer.Option(
        "--course",
        metavar="DIR",
        help="The course's folder, the one with nbgrader_config.py; also accepted before the "
        "command. (default: the nearest at or above the working folder)",
        show_default=False,
    ),
]
AssignmentArguments = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ASSIGNMENT]...", help="(default: all)", show_default=False),
]
StudentOption = Annotated[
    list[str] | None,
    typer.Option(
        "--student", metavar="ID", help="Only this student; may be repeated.", show_default=False
    ),
]


SandboxMode = StrEnum(  # type: ignore[misc]
    "SandboxMode", [(mode.upper(), mode) for mode in SANDBOXES]
)
"""How student code is sealed off."""
DEFAULT_SANDBOX = SandboxMode(DEFAULT_MODE)
SandboxOption = Annotated[
    SandboxMode,
    typer.Option(
        "--sandbox",
        help="What seals student code off. 'account' is for root on machines without namespaces, "
        "and covers less (see `fairmark doctor`). 'none' seals nothing: student code can then read "
        "and change whatever you can.",
    ),
]


class WrongCall(FairmarkError):
    """The command line names something that does not exist, or options that exclude each other."""


@contextmanager
def wrong_call() -> Iterator[None]:
    """Raise a FairmarkError of the block as WrongCall."""
    try:
        yield
    except FairmarkError as error:
        raise WrongCall(str(error)) from None


@contextmanager
def extra(name: str, package: str, modules: Collection[str]) -> Iterator[None]:
    """Say which extra of fairmark brings a package whose modules the block imports in vain."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in modules:
            raise
        raise FairmarkError(
            f"{package} is missing: install fairmark with its extra '{name}'"
        ) from None


def find_course(context: typer.Context, folder: Path | None, *starts: Path) -> Course:
    """Return the course that a command works on.

    It is the one that ``--course`` names, before or behind the command's name, else the nearest at
    or above the working folder, else at or above the first of ``starts`` that has one.
    """
    from fairmark.course.configuration import find_config
    from fairmark.course.course import Course

    folder = folder or context.obj
    with wrong_call():
        if folder is not None:
            return Course.load(folder)
        for start in (working_folder(), *starts):
            if (place := find_config(start)) is not None:
                return Course.load(place)
        return Course.find()  # says where it looked


def working_folder() -> Path:
    """Return the working folder; raise WrongCall when it has been removed."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise WrongCall("the working folder has been removed: change to another one") from None


def find_assignments(course: Course, names: list[str] | None) -> list[Assignment]:
    """Return the notebooks of these assignments, each once; of all when none is named."""
    with wrong_call():
        if names:
            return list(dict.fromkeys(found for name in names for found in course.notebooks(name)))
        assignments = course.assignments()
        if not assignments:
            source = course.folder("source")
            raise FairmarkError(f"no assignment in {source} has notebooks in Python only")
        return assignments


def console() -> Console:
    """Where results are shown: stdout, with a width that does not fold tables in a pipe."""
    from rich.console import Console

    from fairmark.cli.told import ToldConsole, is_told

    kind = ToldConsole if is_told() else Console
    out = kind(highlight=False, emoji=False, markup=False)
    if not out.is_terminal:
        out.width = _PLAIN_WIDTH
    return out
