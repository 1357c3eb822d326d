"""``fairmark check``: grade loose notebooks, without a gradebook."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fairmark.cli import common
from fairmark.cli.progress import Bar, progress_bar
from fairmark.cli.talk import say
from fairmark.text import count

if TYPE_CHECKING:
    from fairmark.course.course import Assignment, Course
    from fairmark.harness.report import Report
    from fairmark.sandbox import Sandbox


def check(
    context: typer.Context,
    notebooks: Annotated[
        list[Path], typer.Argument(metavar="NOTEBOOK...", help="The notebooks to grade.")
    ],
    assignment: Annotated[
        str | None,
        typer.Option(
            "--assignment",
            metavar="NAME",
            help="What they are answers to. (default: found out from their cells)",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a list of results, as JSON, and nothing else.")
    ] = False,
    sandbox: common.SandboxOption = common.DEFAULT_SANDBOX,
    course: common.CourseOption = None,
) -> None:
    """Grade loose notebooks: no gradebook, nothing written.

    Files beside a notebook are not given to it, only those that the assignment hands out. The exit
    code is 0 when all could be graded, whatever their scores.
    """
    found = common.find_course(context, course, *(path.parent for path in notebooks))
    with common.wrong_call():
        wanted = found.notebooks(assignment) if assignment else ()
        for target in wanted:
            target.require_graders()
    with progress_bar() as bar:
        reports = grade_loose(found, notebooks, wanted, sandbox, bar)
    if as_json:
        sys.stdout.write(json.dumps([report.to_json() for report in reports], indent=1) + "\n")
    else:
        _show(reports)
    from fairmark.cli.tables import unseen_files

    for line in unseen_files(reports):
        say(line)
    failed = sum(report.error is not None for report in reports)
    for report in reports:
        if report.error is not None:
            say(_with_name(report))
    if failed:
        raise typer.Exit(common.NOT_GRADED)


def grade_loose(
    course: Course,
    paths: list[Path],
    wanted: Sequence[Assignment],
    mode: str,
    bar: Bar,
) -> list[Report]:
    """Return a report for each path, in their order; what cannot be graded has an ``error``.

    ``wanted`` are the notebooks that they may be answers to; any of the course's if it is empty.
    """
    from fairmark.batch.local import LocalBackend, forbid_threads

    forbid_threads()
    from fairmark.batch.pool import FailedTask
    from fairmark.errors import FairmarkError
    from fairmark.grading.grade import grade, unreadable
    from fairmark.intake.identify import match_assignment
    from fairmark.notebook import NotebookError, read_notebook

    bar.start("warming up", None)
    reports: dict[int, Report] = {}
    only = wanted[0] if len(wanted) == 1 else None
    candidates = wanted or course.assignments()
    readable = []
    for number, path in enumerate(paths):
        try:
            notebook = read_notebook(path)
            target = only or match_assignment(candidates, notebook, path)
            readable.append((number, notebook, target))
        except FairmarkError as error:
            reports[number] = unreadable(str(error), only, str(path))

    def work(task: int, sandbox: Sandbox) -> Report:
        number, notebook, target = readable[task]
        try:
            return grade(notebook, target, sandbox, name=str(paths[number]))
        except NotebookError as error:
            return unreadable(str(error), target, str(paths[number]))

    targets = dict.fromkeys(target for _, _, target in readable)
    backend = LocalBackend(course, mode=mode, on_wait=bar.tick)
    bar.start(f"grading {count(len(paths), 'notebook')}", len(paths))
    for task, result in backend.run(work, len(readable), targets):
        number, _, target = readable[task]
        if isinstance(result, FailedTask):
            result = unreadable(result.reason, target, str(paths[number]))
        reports[number] = result
        bar.advance()
    for warning in backend.warnings:
        bar.say(warning)
    return [reports[number] for number in range(len(paths))]


def _show(reports: list[Report]) -> None:
    from fairmark.cli.tables import forgeable_marks, report_table, report_title

    out = common.console()
    for report in reports:
        if report.error is None:
            out.print(report_title(report), soft_wrap=True)
            out.print(report_table(report))
    for line in forgeable_marks(reports):
        out.print(line, soft_wrap=True)


def _with_name(report: Report) -> str:
    assert report.error is not None
    return report.error if report.notebook in report.error else f"{report.notebook}: {report.error}"
