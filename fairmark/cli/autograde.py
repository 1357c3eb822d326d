"""``fairmark autograde``: grade what the class handed in."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from fairmark.cli import common
from fairmark.cli.progress import Bar, progress_bar
from fairmark.cli.talk import changed_answers, say
from fairmark.startup import forbid_threads
from fairmark.text import count, printable

if TYPE_CHECKING:
    from fairmark.batch.backend import Backend
    from fairmark.batch.batch import Batch, NotebookOutcome
    from fairmark.cli.pages import PagesBeside
    from fairmark.course.course import Course
    from fairmark.record.queries import Key


def autograde(
    context: typer.Context,
    assignments: common.AssignmentArguments = None,
    students: common.StudentOption = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=1,
            metavar="N",
            help="Submissions graded at the same time. (default: one per core)",
            show_default=False,
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Grade again what has not changed.")
    ] = False,
    dask: Annotated[
        str | None,
        typer.Option(
            "--dask",
            metavar="ADDRESS",
            help="Grade on the Dask cluster whose scheduler is at this address, such as "
            "tcp://host:8786. The course and the hand-ins travel to its workers.",
            show_default=False,
        ),
    ] = None,
    preview: Annotated[
        bool,
        typer.Option(
            "--preview",
            help="Record nothing: show whose mark would change, by how much and by which test. The "
            "exit code is 3 when a mark that was given would change.",
        ),
    ] = False,
    only_better: Annotated[
        bool,
        typer.Option(
            "--only-better",
            help="Record only rises: as long as an answer stays as it is, no question's mark "
            "falls. One that would fall keeps its earlier result, which feedback shows, too. "
            "Penalties for being late are reckoned as always.",
        ),
    ] = False,
    feedback: Annotated[
        bool,
        typer.Option(
            "--feedback",
            help="Also make the feedback pages: those of an assignment as soon as all of it is "
            "graded, while others still are.",
        ),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --preview: print JSON instead of a table.")
    ] = False,
    sandbox: common.SandboxOption = common.DEFAULT_SANDBOX,
    cold: Annotated[
        bool, typer.Option("--cold", help="Do without `fairmark serve`, where that runs.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Say whether `fairmark serve` is used, and why not.")
    ] = False,
    course: common.CourseOption = None,
) -> None:
    """Grade what is in submitted/; only what changed since the last time.

    Marks go to the gradebook, graded notebooks to autograded/. The exit code is 0 when all
    submissions could be graded, whatever their scores.
    """
    if as_json and not preview:
        raise common.WrongCall("--json belongs to --preview")
    if feedback and preview:
        raise common.WrongCall("--preview records nothing that --feedback could tell")
    if dask is not None and workers is not None:
        raise common.WrongCall("--dask and --workers exclude each other: the cluster has workers")
    started = time.monotonic()
    forbid_threads()  # what knows a course has NumPy already
    found = common.find_course(context, course)
    targets = common.find_assignments(found, assignments)
    with progress_bar() as bar, _backend(found, dask, workers, sandbox, bar) as backend:
        bar.start("looking for what changed", None)
        backend.warm_up(targets)
        if not assignments:
            for name, reason in found.left_to_nbgrader().items():
                bar.say(f"{name} is left to `nbgrader autograde {name}`: {reason}")
        from fairmark.batch.batch import Batch
        from fairmark.cli.pages import PagesBeside
        from fairmark.cli.preview import grade_again, show_changes
        from fairmark.intake.handins import find_handins, strangers
        from fairmark.reporting.previewpages import forget_previews

        with common.wrong_call():
            handins = find_handins(found, targets, students)
        for line in strangers(found, students):
            bar.say(line)
        if not handins:
            where = found.folder("submitted", "STUDENT", targets[0].name if assignments else "…")
            say(f"nobody has handed in anything: there is no {where}")
            return
        batch = Batch(found, handins, force=force, only_better=only_better)
        if preview:
            changes = grade_again(batch, backend, bar, only_better)
        else:
            names = [handin.assignment.name for handin in batch.pending]
            with PagesBeside(found.root, names, students or (), bar.say) as pages:
                outcomes = [
                    *batch.unchanged,
                    *_grade(batch, backend, bar, pages if feedback else None),
                ]
                forget_previews(batch.assignments)
                if feedback:
                    bar.start("making pages", None)
                    pages.finish(bar.tick)
            unmarked, changed = batch.unmarked(), batch.changed()
    if preview:
        raise typer.Exit(show_changes(batch, changes, as_json, only_better))
    _show(found, outcomes, unmarked, changed, time.monotonic() - started, feedback)
    if batch.penalties:
        late = ", ".join(sorted({student for student, *_ in batch.penalties}))
        what = f"Penalties for being late have changed, by the gradebook's deadlines: {late}."
        common.console().print(printable(what), style="yellow", soft_wrap=True)
    if pages.failed or any(outcome.problem for outcome in outcomes):
        raise typer.Exit(common.NOT_GRADED)


def _backend(
    course: Course,
    dask: str | None,
    workers: int | None,
    sandbox: str,
    bar: Bar,
) -> Backend:
    """Who grades: processes of this machine, or a cluster's."""
    if dask is not None:
        from fairmark.batch.dask.client import DaskBackend, NoAddress

        bar.start(f"connecting to {dask}", None)
        try:
            return DaskBackend(course, dask, mode=sandbox, on_wait=bar.tick)
        except NoAddress as error:
            raise common.WrongCall(str(error)) from None
    from fairmark.batch.local import LocalBackend

    return LocalBackend(course, workers=workers, mode=sandbox, on_wait=bar.tick)


def _grade(
    batch: Batch, backend: Backend, bar: Bar, pages: PagesBeside | None
) -> list[NotebookOutcome]:
    from fairmark.course.proof import edited_test_cells

    outcomes: list[NotebookOutcome] = []
    for assignment in batch.assignments:
        if line := edited_test_cells(assignment):
            bar.say(line)
    for outcome in batch.unchanged:
        _tell(outcome, bar)
    if pages is not None:
        pages.add(assignment.name for assignment in batch.assignments)
    bar.start(f"grading {count(len(batch.pending), 'notebook')}", len(batch.pending))
    with closing(batch.run(backend)) as results:
        for outcome in results:
            outcomes.append(_brief(outcome))
            bar.advance(outcome.handin.student)
            _tell(outcome, bar)
            if pages is not None:
                pages.graded(outcome.handin.assignment.name)
    for warning in backend.warnings:
        bar.say(warning)
    return outcomes


def _brief(outcome: NotebookOutcome) -> NotebookOutcome:
    """What the table at the end tells of an outcome: a large class must not fill the memory."""
    if outcome.report is None:
        return outcome
    questions = tuple(replace(q, tests=(), note="") for q in outcome.report.questions)
    return replace(outcome, report=replace(outcome.report, questions=questions, files={}))


def _tell(outcome: NotebookOutcome, bar: Bar) -> None:
    if outcome.problem:
        handin = outcome.handin
        bar.say(f"{handin.student}, {handin.assignment.label}: {outcome.problem}")


def _show(
    course: Course,
    outcomes: Sequence[NotebookOutcome],
    unmarked: Mapping[Key, int],
    changed: Mapping[Key, int],
    seconds: float,
    has_pages: bool,
) -> None:
    from fairmark.cli.tables import class_table, forgeable_marks, unseen_files
    from fairmark.record.database import gradebook_url, place_of

    out = common.console()
    out.print(class_table(outcomes, unmarked, changed))
    reports = [outcome.report for outcome in outcomes if outcome.report is not None]
    for line in forgeable_marks(reports):
        out.print(line, soft_wrap=True)
    for text in unseen_files(reports):
        say(text)
    if any(question.score is None for report in reports for question in report.questions):
        out.print("Scores are what the tests gave. Points given by hand are in the gradebook.")
    states = Counter("not graded" if outcome.problem else outcome.state for outcome in outcomes)
    order = ("graded", "unchanged", "not graded")
    numbers = ", ".join(f"{states[state]} {state}" for state in order if states[state])
    graded = {outcome.handin.key[:2] for outcome in outcomes}
    what = count(len(graded), "submission")
    if len(graded) < len(outcomes):
        what += f" with {count(len(outcomes), 'notebook')}"
    out.print(f"{what} in {seconds:.1f} s: {numbers}.")
    for kept in (outcome for outcome in outcomes if outcome.kept):
        names = f"{kept.handin.student}, {kept.handin.assignment.label}: {', '.join(kept.kept)}"
        out.print(printable(f"Kept, as the tests now give less: {names}."), soft_wrap=True)
    if changed:
        out.print(f"{changed_answers(sum(changed.values()))}.", style="yellow")
    steps = [*([] if has_pages else ["`fairmark feedback`"]), "`fairmark export --to csv`"]
    if unmarked:
        steps.insert(0, "mark written answers in formgrader")
    out.print(f"Graded notebooks: {course.folder('autograded')}", soft_wrap=True)
    out.print(f"Marks: {place_of(gradebook_url(course))}", soft_wrap=True)
    out.print(f"Next: {', then '.join(steps)}.", soft_wrap=True)
