"""The commands, gathered."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

import fairmark
from fairmark.cli.add import add
from fairmark.cli.adopt import adopt
from fairmark.cli.autograde import autograde
from fairmark.cli.bundle import bundle
from fairmark.cli.check import check
from fairmark.cli.collect import collect
from fairmark.cli.common import CourseOption
from fairmark.cli.doctor import doctor
from fairmark.cli.draft import draft
from fairmark.cli.export import export
from fairmark.cli.feedback import feedback
from fairmark.cli.generate import generate
from fairmark.cli.hub import hub
from fairmark.cli.kernel import kernel
from fairmark.cli.new import new
from fairmark.cli.report import report
from fairmark.cli.roster import roster
from fairmark.cli.serve import serve
from fairmark.cli.verify import verify

app = typer.Typer(
    name="fairmark",
    help="Fair, safe and fast marks for neural-network notebooks, on top of nbgrader.",
    epilog="The usual way: generate; hand out release/; collect into submitted/; autograde; mark "
    "written answers in nbgrader's formgrader; feedback; export; report.",
    no_args_is_help=True,
    rich_markup_mode="markdown",  # a line of a docstring does not end a line of the help
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    new,
    add,
    adopt,
    draft,
    verify,
    generate,
    roster,
    collect,
    autograde,
    check,
    feedback,
    export,
    bundle,
    report,
    hub,
    serve,
    doctor,
):
    app.command()(command)
app.add_typer(kernel, name="kernel")


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"fairmark {fairmark.__version__}\n")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    course: CourseOption = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    context.obj = course
