"""``fairmark kernel``: the sandbox as a Jupyter kernel."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from fairmark.cli import common
from fairmark.errors import FairmarkError

kernel = typer.Typer(
    help="The sandbox as a Jupyter kernel, for nbclient, nbgrader, nbval and papermill.",
    no_args_is_help=True,
)


@kernel.callback()
def _kernel() -> None:
    pass


@kernel.command()
def install(
    context: typer.Context,
    user: Annotated[
        bool, typer.Option("--user", help="For this user, and not for the whole machine.")
    ] = False,
    prefix: Annotated[
        str | None, typer.Option("--prefix", metavar="DIR", help="Below this folder.")
    ] = None,
    course: common.CourseOption = None,
) -> None:
    """Install the kernelspec "fairmark", with the course's preload list and limits.

    Without --user or --prefix it goes into this Python's environment.
    """
    from dataclasses import asdict

    from fairmark.kernel.spec import install as install_spec

    if user and prefix:
        raise common.WrongCall("--user and --prefix exclude each other")
    found = common.find_course(context, course)
    place = None if user else prefix or sys.prefix
    try:
        folder = install_spec(user, place, found.preload, asdict(found.limits))
    except OSError as error:
        where = error.filename or place
        raise FairmarkError(f"{where} cannot be written: {error.strerror}") from None
    sys.stdout.write(f"Installed the kernel: {folder}\n")
