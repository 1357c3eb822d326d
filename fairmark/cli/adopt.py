"""``fairmark adopt``: make grader modules out of an assignment's test cells."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fairmark.cli import common
from fairmark.cli.progress import Bar, progress_bar
from fairmark.cli.talk import say
from fairmark.text import count

if TYPE_CHECKING:
    from fairmark.adopt.adoption import Adoption
    from fairmark.course.course import Assignment, Course


def adopt(
    context: typer.Context,
    assignment: Annotated[
        str,
        typer.Argument(metavar="ASSIGNMENT", help="An assignment, or one notebook: ps1/problem1."),
    ],
    write: Annotated[
        bool, typer.Option("--write", help="Lay the files down; without it, they are only told.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="With --write: write over files that have another text.")
    ] = False,
    mutants: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=0,
            help="How many mutants of each answer to mark both ways, beside source and release.",
        ),
    ] = 10,
    sandbox: common.SandboxOption = common.DEFAULT_SANDBOX,
    course: common.CourseOption = None,
) -> None:
    """Make grader modules out of an assignment's test cells, so that no student can forge a mark.

    What a test cell checks is checked by the judge, which asks the student's process for values
    only. A cell that cannot be judged from outside is left as it is, with the reason. The
    instructor's answers, the bare release and mutants of the answers are marked both ways, and a
    cell for which the marks differ is left, too. The source notebook stays as it is. The exit code
    is 0 when at least one test cell is taken over.
    """
    found = common.find_course(context, course)
    with common.wrong_call():
        targets = found.notebooks(assignment)
        _refuse_own_graders(targets)
    with progress_bar() as bar:
        adoptions, files = adopted(found, targets, mutants, sandbox, bar)
    for adoption in adoptions:
        _tell(adoption)
    if not any(adoption.taken for adoption in adoptions):
        raise typer.Exit(common.NOT_GRADED)
    _lay_down(files, write=write, force=force)
    if write:
        say(f"next: `fairmark verify {assignment}` proves them")


def adopted(
    course: Course, targets: tuple[Assignment, ...], mutants: int, mode: str, bar: Bar
) -> tuple[list[Adoption], dict[Path, str]]:
    """Rewrite the test cells of these notebooks, and try the graders out; return their files."""
    from fairmark.batch.local import forbid_threads

    forbid_threads()
    from fairmark.adopt.adoption import adopt as rewrite
    from fairmark.adopt.adoption import try_out
    from fairmark.adopt.layout import drafted_cells, tried_course
    from fairmark.sandbox import make_sandbox

    bar.start("reading the test cells", None)
    preload, visible = course.preload_for(list(targets)), course.visible_for(list(targets))
    with (
        tried_course(course) as bare,
        tried_course(course) as copy,
        make_sandbox(preload, course.limits, mode, visible) as sandbox,
    ):
        found = [rewrite(one) for target in targets for one in bare.notebooks(target.label)]
        bar.start("marking both ways", len(found))
        sandbox.wait_ready()
        for adoption in found:
            adoption.drafted = drafted_cells(course.root, adoption.assignment)
            try_out(adoption, copy, sandbox, mutants=mutants, tell=bar.tick)
            bar.advance()
        for warning in sandbox.warnings:
            bar.say(warning)
        files = [item for adoption in found for item in adoption.files.items()]
    return found, {course.root / path: text for path, text in files}


def _refuse_own_graders(targets: tuple[Assignment, ...]) -> None:
    """Raise FairmarkError where an assignment has graders that were not made of its test cells."""
    from fairmark.errors import FairmarkError

    for target in targets:
        if target.has_graders and target.adopted is None:
            raise FairmarkError(f"{target.label} has graders already, in {target.graders}")


def _tell(adoption: Adoption) -> None:
    """Print what became of a notebook's test cells."""
    out = common.console()
    taken, total = len(adoption.taken), len(adoption.points)
    label = adoption.assignment.label
    if not total:
        out.print(f"{label}: no test cell has points")
        return
    out.print(f"{label}: {taken} of {count(total, 'test cell')} taken over")
    for cell, why in adoption.left.items():
        out.print(f"  left: {adoption.assignment.source.name}, cell {cell}, {why}", soft_wrap=True)
    for difference in adoption.differences:
        out.print(f"  marks differ: {difference.cell}, {difference.line}", soft_wrap=True)
        for line in difference.diff.splitlines():
            out.print(f"    {line}", soft_wrap=True)
    if taken and not adoption.differences:
        cases = f"the source, the release and {count(adoption.mutants, 'mutant')}"
        out.print(f"  old and new marks of the cells taken over agree for {cases}", soft_wrap=True)


def _lay_down(files: dict[Path, str], *, write: bool, force: bool) -> None:
    from fairmark.adopt.layout import write_files

    if write:
        with common.wrong_call():
            write_files(files, force=force)
    for path in files:
        say(f"{'wrote' if write else 'would write'} {path}")
    if not write:
        say("nothing was written: --write lays the files down")
