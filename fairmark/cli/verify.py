"""``fairmark verify``: whether an assignment's graders, or its test cells, can be trusted."""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairmark.cli import common
from fairmark.cli.progress import Bar, progress_bar
from fairmark.cli.talk import say
from fairmark.cli.testcells import broken_line, cells_json, share, show_cells, verify_cells
from fairmark.errors import FairmarkError
from fairmark.text import count, printable

if TYPE_CHECKING:
    from rich.table import Table

    from fairmark.course.course import Assignment
    from fairmark.verify.gate import Finding, Gate, Row, Verification


def verify(
    context: typer.Context,
    assignments: common.AssignmentArguments = None,
    only: Annotated[
        str,
        typer.Option(
            metavar="TEXT",
            help="Only cases whose title contains this, such as 'conv1d' or 'conv1d: flips'.",
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes. (default: one per core)")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Try everything again, whatever is known.")
    ] = False,
    accept: Annotated[
        str,
        typer.Option(
            metavar="CASE",
            help="List this mutant or generic answer, which no test notices, as no mistake; say "
            "why with --reason.",
        ),
    ] = "",
    reason: Annotated[str, typer.Option(help="Why it is no mistake.")] = "",
    course: common.CourseOption = None,
) -> None:
    """Prove graders: right answers of any style pass, wrong ones do not, and marks never differ.

    Tried are the instructor's notebook, the bare release, the alternatives and misconceptions in
    graders/ASSIGNMENT, mutants of each answer, and generic wrong answers, such as one that knows
    the visible tests only. Exit code 1 says that a grader cannot be trusted. What is proven is
    noted in graders/ASSIGNMENT/verified.json, to be committed.

    An assignment without graders is proven by its own test cells: alternatives and misconceptions
    may lie in proofs/ASSIGNMENT, and no notebook is changed.
    """
    if bool(accept) != bool(reason.strip()):
        raise common.WrongCall("--accept CASE and --reason TEXT belong together")
    found = common.find_course(context, course)
    targets = common.find_assignments(found, assignments)
    if accept:
        _accept(targets, accept, reason.strip())
        return
    from fairmark.course.proof import edited_test_cells
    from fairmark.testcells.gate import CellGate
    from fairmark.verify.gate import Gate

    data: list[dict[str, Any]] = []
    trusted = True
    with progress_bar() as bar:
        gates = [
            kind(target, workers=workers, only=only, afresh=force, on_wait=bar.tick)
            for target in targets
            for kind in ((Gate if target.has_graders else CellGate),)
        ]
        gates = [gate for gate in gates if gate.cases]
        if not gates and only:
            raise common.WrongCall(f"no case has {only!r} in its title")
        if not gates:
            raise FairmarkError(f"nothing of {found.root} has graders or test cells to be proven")
        for gate in gates:
            started = time.monotonic()
            if line := edited_test_cells(gate.assignment):
                bar.say(line)
            if isinstance(gate, Gate):
                verification = _verify(gate, bar)
                data.append(_json(verification))
                show: Callable[[float], None] = partial(_show, verification)
            else:
                proven = verify_cells(gate, bar)
                data.append(cells_json(proven))
                show = partial(show_cells, proven)
            trusted = trusted and not data[-1]["findings"]
            if not as_json:
                show(time.monotonic() - started)
                _tell_of_marks(gate.assignment)
    if as_json:
        sys.stdout.write(json.dumps(data, indent=1) + "\n")
    if not trusted:
        raise typer.Exit(common.NOT_GRADED)


def _accept(targets: list[Assignment], title: str, reason: str) -> None:
    from fairmark.testcells.accept import accept as accept_for_cells
    from fairmark.verify.accept import accept

    if len(targets) != 1:
        raise common.WrongCall("--accept is about one assignment: name it before")
    (target,) = targets
    with progress_bar() as bar:
        bar.start(f"trying {title}", None)
        list_it = accept if target.has_graders else accept_for_cells
        path = list_it(target, title, reason, bar.tick)
    sys.stdout.write(f"Noted in {path}: {printable(title)} is no mistake\n")


def _verify(gate: Gate, bar: Bar) -> Verification:
    """Try the cases whose outcome is not known; write the record if the graders are proven."""
    from fairmark.cli.shared import without_noticed
    from fairmark.course.proof import is_current, write_record

    tried = 0
    bar.start(f"verifying {gate.assignment.label}", len(gate.unknown))
    for _case in gate.run():
        tried += 1
        bar.advance()
    verification = without_noticed(gate, gate.verification(tried))
    proven = verification.whole and not verification.findings
    # A record that holds stays: what is drawn at random differs from run to run.
    if proven and not is_current(gate.assignment):
        rows = [_row_json(row) for row in verification.rows]
        write_record(gate.assignment, rows, verification.visible, verification.lessons)
    return verification


def _show(verification: Verification, seconds: float) -> None:
    out = common.console()
    name = verification.assignment.label
    out.print(_table(verification))
    generic: dict[str, str] = {}
    told = _folded(verification.findings)
    for finding, others in told:
        line = f"{printable(finding.case)}: {printable(finding.text)}"
        out.print(line, style="bold red", soft_wrap=True)
        question, _, case = finding.case.partition(": ")
        if case.startswith("generic/"):  # there may be many, in one line each
            generic.setdefault(question, finding.where)
            continue
        for line in finding.where.splitlines():
            out.print(f"    {printable(line)}", soft_wrap=True)
        command = f'fairmark verify {name} --only "{printable(finding.case)}"'
        out.print(f"    again: {command}", style="dim", soft_wrap=True)
        if others:
            names = ", ".join(map(printable, others))
            out.print(f"    the same for {names}", style="dim", soft_wrap=True)
    for question, hint in generic.items():
        if hint:
            out.print(f"{printable(question)}: {printable(hint)}", soft_wrap=True)
        command = f'fairmark verify {name} --only "{printable(question)}: generic/"'
        out.print(f"    again: {command}", style="dim", soft_wrap=True)
    if any(finding.acceptable for finding in verification.findings):
        command = f'fairmark verify {name} --accept "CASE" --reason "…"'
        out.print(f"What is no mistake is accepted: {command}", style="dim", soft_wrap=True)
    for cell, why in verification.broken.items():
        out.print(printable(broken_line(name, cell, why)), style="yellow", soft_wrap=True)
    for row in verification.rows if verification.whole else []:
        if row.thin:
            out.print(f"{row.question}: thin: {', '.join(row.thin)}", style="yellow")
    how = f"{count(verification.tried, 'case')} tried in {seconds:.0f} s"
    if verification.findings:
        faults = count(len(told), "reason")
        out.print(f"{name}: CANNOT BE TRUSTED, {faults} above ({how})\n", style="bold red")
    elif verification.whole:
        out.print(f"{name}: can be trusted ({how})\n", style="bold green")
    else:
        out.print(f"{name}: nothing wrong with these cases ({how})\n", style="green")


def _folded(findings: Sequence[Finding]) -> list[tuple[Finding, list[str]]]:
    """The findings, each with the other questions for which it is the same.

    Several test cells may be about one answer: what none of them notices is found for each.
    """
    found: dict[tuple[str, str, str], tuple[Finding, list[str]]] = {}
    for finding in findings:
        case = finding.case.removeprefix(f"{finding.question}: ")
        key = (case, finding.text, finding.where)
        if key in found and finding.question:
            found[key][1].append(finding.question)
        else:
            found[key] = (finding, [])
    return list(found.values())


def _tell_of_marks(assignment: Assignment) -> None:
    """Say that marks were given by graders, or for a notebook, that were others than these."""
    from fairmark.record.records import outdated_marks

    try:
        number = len(outdated_marks(assignment))
    except FairmarkError as error:  # the proof stands without it
        say(f"{assignment.name}: whether marks already given may change is not known: {error}")
        return
    if number:
        command = f"fairmark autograde {shlex.quote(assignment.label)} --preview"
        what = f"{count(number, 'mark')} already given may change: `{command}` shows whose"
        common.console().print(f"{assignment.name}: {what}\n", style="yellow", soft_wrap=True)


def _table(verification: Verification) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD)
    table.add_column(verification.assignment.label, no_wrap=True)
    for title in (
        "alternatives",
        "misconceptions",
        "generic",
        "mutants",
        "equivalent",
        "seconds",
    ):
        table.add_column(title, justify="right")
    for row in verification.rows:
        table.add_row(
            Text.assemble(row.question, ("  thin" if row.thin else "", "yellow")),
            share(row.alternatives),
            share(row.misconceptions),
            share(row.generic),
            share(row.mutants),
            str(row.equivalent or ""),
            f"{row.seconds:.1f}",
        )
    return table


def _row_json(row: Row) -> dict[str, Any]:
    return {
        "question": row.question,
        "alternatives": row.alternatives.all,
        "misconceptions": row.misconceptions.all,
        "generic": row.generic.all,
        "mutants": row.mutants.all,
        "equivalent": row.equivalent,
        "hidden": row.hidden,
        "thin": row.thin,
    }


def _json(verification: Verification) -> dict[str, Any]:
    return {
        "assignment": verification.assignment.label,
        "trusted": verification.whole and not verification.findings,
        "questions": [
            {
                **_row_json(row),
                "alternatives_passed": row.alternatives.good,
                "misconceptions_noticed": row.misconceptions.good,
                "generic_noticed": row.generic.good,
                "mutants_killed": row.mutants.good,
                "seconds": round(row.seconds, 1),
            }
            for row in verification.rows
        ],
        "findings": [finding.to_json() for finding in verification.findings],
        "broken_cells": dict(verification.broken),
    }
