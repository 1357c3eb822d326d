"""What ``fairmark verify`` says of an assignment that its own test cells mark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fairmark.cli import common
from fairmark.cli.progress import Bar
from fairmark.text import count, printable

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from fairmark.testcells.gate import CellGate, CellRow, CellVerification
    from fairmark.verify.gate import Count


def verify_cells(gate: CellGate, bar: Bar) -> CellVerification:
    """Try the cases whose outcome is not known, and return what all of them prove."""
    bar.start(f"verifying {gate.assignment.label}", len(gate.unknown))
    tried = 0
    for _case in gate.run():
        tried += 1
        bar.advance()
    return gate.verification(tried)


def show_cells(verification: CellVerification, seconds: float) -> None:
    """Print a table of the test cells, and what speaks against them."""
    out = common.console()
    name = verification.assignment.label
    out.print(_table(verification))
    for finding in verification.findings:
        title = "" if finding.question and not finding.acceptable else f"{finding.case}: "
        out.print(f"{printable(title + finding.text)}", style="bold red", soft_wrap=True)
        if not finding.acceptable:
            continue
        for line in finding.where.splitlines():
            out.print(f"    {printable(line)}", soft_wrap=True)
        command = f'fairmark verify "{name}" --only "{printable(finding.case)}"'
        out.print(f"    again: {command}", style="dim", soft_wrap=True)
    for doubt in verification.doubts:
        line = f"{name}, {doubt.cell}: {doubt.text}"
        out.print(printable(line), style="yellow", soft_wrap=True)
    for cell, why in verification.broken.items():
        out.print(printable(broken_line(name, cell, why)), style="yellow", soft_wrap=True)
    if any(finding.acceptable for finding in verification.findings):
        command = f'fairmark verify "{name}" --accept "CASE" --reason "…"'
        out.print(f"What is no mistake is accepted: {command}", style="dim", soft_wrap=True)
    killed = f"{verification.mutants.good} of {count(verification.mutants.all, 'mutant')} noticed"
    how = f"{killed}; {count(verification.tried, 'case')} tried in {seconds:.0f} s"
    if verification.findings:
        faults = count(len(verification.findings), "reason")
        out.print(f"{name}: CANNOT BE TRUSTED, {faults} above ({how})\n", style="bold red")
    elif verification.whole:
        out.print(f"{name}: its test cells can be trusted ({how})\n", style="bold green")
    else:
        out.print(f"{name}: nothing wrong with these cases ({how})\n", style="green")


def broken_line(name: str, cell: str, why: str) -> str:
    """Return the line about a cell of the instructor's own notebook that fails."""
    place = cell if cell.startswith("cell ") else f"cell {cell}"
    return f"{name}, {place}: it fails in your own notebook, and the rest is tried without: {why}"


def cells_json(verification: CellVerification) -> dict[str, Any]:
    """Return what was proven of test cells as JSON-able data."""
    return {
        "assignment": verification.assignment.label,
        "trusted": verification.whole and not verification.findings,
        "test_cells": [_row_json(row) for row in verification.rows],
        "mutants": verification.mutants.all,
        "mutants_killed": verification.mutants.good,
        "findings": [finding.to_json() for finding in verification.findings],
        "doubts": [{"cell": doubt.cell, "text": doubt.text} for doubt in verification.doubts],
        "broken_cells": dict(verification.broken),
    }


def share(counted: Count) -> Text:
    """How many of how many turned out as they should, as a table shows it."""
    from rich.text import Text

    if not counted.all:
        return Text("none", "dim")
    return Text(f"{counted.good} of {counted.all}", "" if counted.good == counted.all else "red")


def _table(verification: CellVerification) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    table.add_column(verification.assignment.label, no_wrap=True)
    titles = (
        "points",
        "alternatives",
        "misconceptions",
        "mutants",
        "survive",
        "equivalent",
        "seconds",
    )
    for title in titles:
        table.add_column(title, justify="right")
    for row in verification.rows:
        table.add_row(
            row.cell,
            f"{row.points:g}",
            share(row.alternatives),
            share(row.misconceptions),
            f"{row.mutants.good} of {row.mutants.all}" if row.mutants.all else "none",
            str(row.survivors or ""),
            str(row.equivalent or ""),
            f"{row.seconds:.1f}",
        )
    return table


def _row_json(row: CellRow) -> dict[str, Any]:
    return {
        "test_cell": row.cell,
        "points": row.points,
        "answers": row.answers,
        "alternatives": row.alternatives.all,
        "alternatives_passed": row.alternatives.good,
        "misconceptions": row.misconceptions.all,
        "misconceptions_noticed": row.misconceptions.good,
        "mutants": row.mutants.all,
        "mutants_killed": row.mutants.good,
        "survivors": row.survivors,
        "equivalent": row.equivalent,
        "seconds": round(row.seconds, 1),
    }
