"""``fairmark draft``: graders are proposed where there are none."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairmark.cli import common
from fairmark.cli.progress import Bar, progress_bar
from fairmark.errors import FairmarkError
from fairmark.text import count, printable

if TYPE_CHECKING:
    from fairmark.draft.course import Drafting


def draft(
    context: typer.Context,
    assignment: Annotated[
        str, typer.Argument(help="Such as ps1, or ps1/problem1.", show_default=False)
    ],
    exercises: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[EXERCISE]...",
            help="The grade_ids of answers. (default: all)",
            show_default=False,
        ),
    ] = None,
    course: common.CourseOption = None,
    write: Annotated[
        bool, typer.Option("--write", help="Lay the drafts down in graders/.")
    ] = False,
    into: Annotated[
        Path | None,
        typer.Option("--into", metavar="FOLDER", help="Lay them down there.", show_default=False),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite files that are there already.")
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", min=1, help="Processes. (default: one a core)", show_default=False
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
) -> None:
    """Propose graders: tests made of your solutions, and of the calls that your notebook makes.

    Your notebook is run in the sandbox. Its answers are tried on inputs like those that it gives
    them, and compared with your reference or solution. A test is kept only where it notices a
    mistake that no other one notices. Nothing is written without --write or --into. Read what was
    drafted: only you know what your text asks for.
    """
    from fairmark.draft.course import drafting, lay_down, refuse_doubled
    from fairmark.draft.scratch import tested_by

    if write and into is not None:
        raise common.WrongCall("--write and --into exclude each other")
    found = common.find_course(context, course)
    with common.wrong_call():
        every = found.notebooks(assignment)
        notebooks = [one for one in every if tested_by(one)] or every[:1]
        begun = [drafting(notebook, exercises or ()) for notebook in notebooks]
    root = found.root if into is None else into
    started = time.monotonic()
    with progress_bar() as bar:
        for one in begun:
            if write and not force:
                refuse_doubled(one.assignment, one.exercises)
            _run(one, bar, workers)
    if as_json:
        sys.stdout.write(json.dumps([_json(one) for one in begun], indent=1) + "\n")
    files = {path: text for one in begun for path, text in one.files.items()}
    if write or into is not None:
        for path in lay_down(root, files, force=force):
            if not as_json:
                sys.stdout.write(f"Wrote {path}\n")
    elif not as_json:
        for path, text in files.items():
            sys.stdout.write(f"# --- {path}\n\n{text}\n\n")
    if not as_json:
        for one in begun:
            _show(one, time.monotonic() - started)
        if files:
            _next(begun, write)
    if not files:
        raise FairmarkError(f"nothing could be drafted for {assignment}")


def _run(one: Drafting, bar: Bar, workers: int | None) -> None:
    bar.start(f"running {one.assignment.label}", None)
    for question in one.run(workers, bar.tick):
        if question:
            bar.advance(question)
        else:
            bar.start(f"drafting {one.assignment.label}", len(one.exercises))


def _show(one: Drafting, seconds: float) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    out = common.console()
    table = Table(box=SIMPLE_HEAD)
    table.add_column(one.assignment.label, no_wrap=True)
    for title in ("visible", "hidden", "mutants killed", "CPU seconds"):
        table.add_column(title, justify="right")
    for made in one.drafts:
        killed = f"{made.killed} of {made.mutants}" if made.text else "no draft"
        tests = (str(made.visible), str(made.hidden)) if made.text else ("", "")
        table.add_row(made.question, *tests, killed, f"{made.seconds:.1f}")
    out.print(table)
    for doubt in one.doubts:
        out.print(printable(doubt), style="yellow", soft_wrap=True)
    for made in one.drafts:
        for reason in made.left:
            line = f"{printable(made.question)}: left: {printable(reason)}"
            out.print(line, style="yellow", soft_wrap=True)
        for mutant in made.lives:
            line = f"{printable(made.question)}: no test notices {printable(mutant)}"
            out.print(line, style="dim", soft_wrap=True)
    for question, cells in one.kept.items():
        out.print(
            f"{printable(question)}: not for {', '.join(map(printable, cells))}, which adopted.toml"
            " leaves to its test cell: take its line out there, and draft again with --force",
            style="yellow",
            soft_wrap=True,
        )
    drafted = sum(bool(made.text) for made in one.drafts)
    out.print(f"{drafted} of {count(len(one.drafts), 'exercise')} drafted in {seconds:.0f} s")


def _next(begun: list[Drafting], written: bool) -> None:
    name = begun[0].assignment.name
    told = f"fairmark verify {name}    proves them" if written else "--write lays them down"
    sys.stdout.write(f"\nRead them, make docstrings and hints your own; then:\n  {told}\n")


def _json(one: Drafting) -> dict[str, Any]:
    return {
        "assignment": one.assignment.label,
        "exercises": [
            {
                "exercise": made.question,
                "drafted": bool(made.text),
                "visible": made.visible,
                "hidden": made.hidden,
                "mutants": made.mutants,
                "mutants_killed": made.killed,
                "left": list(made.left),
                "lives": list(made.lives),
                "seconds": made.seconds,
            }
            for made in one.drafts
        ],
        "doubts": one.doubts,
        "files": [str(path) for path in one.files],
    }
