"""``fairmark bundle``: an assignment's graders for a platform that runs them itself."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from fairmark.cli import common
from fairmark.cli.talk import say
from fairmark.errors import FairmarkError
from fairmark.sandbox import SANDBOXES


class Platform(StrEnum):
    """Where it is to run."""

    GRADESCOPE = "gradescope"
    PRAIRIELEARN = "prairielearn"
    GITHUB = "github"


class HiddenTests(StrEnum):
    """Who sees how hidden tests ended."""

    HIDDEN = "hidden"
    AFTER_PUBLISHED = "after_published"


Seal = StrEnum("Seal", [(m.upper(), m) for m in SANDBOXES if m != "none"])  # type: ignore[misc]
"""What seals student code off there."""
_ACCOUNT = Seal("account")


def bundle(
    context: typer.Context,
    assignment: Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="What is graded there.")],
    platform: Annotated[Platform, typer.Option("--for", help="The platform.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to. (default: ASSIGNMENT-PLATFORM.zip in the working folder)",
            show_default=False,
        ),
    ] = None,
    hidden: Annotated[
        HiddenTests,
        typer.Option(
            "--hidden-tests",
            help="Who sees whether a hidden test passed: instructors, or students too once marks "
            "are published. Its name and inputs are for instructors alone.",
        ),
    ] = HiddenTests.HIDDEN,
    sandbox: Annotated[
        Seal, typer.Option("--sandbox", help="What seals student code off on the platform.")
    ] = _ACCOUNT,
    wheels: Annotated[
        Path | None,
        typer.Option(
            "--wheels",
            metavar="FOLDER",
            help="Install from these wheels, without a network. (`pip wheel -r "
            "requirements.txt` makes those of a bundle)",
            show_default=False,
        ),
    ] = None,
    image: Annotated[
        str | None,
        typer.Option(
            "--image",
            metavar="NAME",
            help="What PrairieLearn pulls to grade. (default: fairmark-ASSIGNMENT)",
            show_default=False,
        ),
    ] = None,
    course: common.CourseOption = None,
) -> None:
    """Write what a platform needs to grade an assignment there, with the marks that you get here.

    It holds the graders, the reference and the solutions of this assignment: keep it as safe as
    them. In GitHub's only the folder instructor/ does; student/ and classroom50/ hold what was
    released.
    """
    from fairmark.bundle import Choices, write_bundle

    found = common.find_course(context, course)
    with common.wrong_call():
        target = found.notebooks(assignment)[0]
        for notebook in target.notebooks:
            notebook.require_graders()
    if platform is Platform.GITHUB:
        from fairmark.nbgrader.generate import release_is_stale

        if stale := release_is_stale(target):
            raise FairmarkError(f"{stale[0]}: run `fairmark generate {target.name}` first")
    place = output or Path(f"{target.name}-{platform.value}.zip")
    asked: Literal["hidden", "after_published"] = (
        "hidden" if hidden is HiddenTests.HIDDEN else "after_published"
    )
    write_bundle(target, platform.value, place, Choices(asked, sandbox.value, wheels, image))
    say(f"{place}: {target.name} for {platform.value}, sealed by {sandbox.value}")
