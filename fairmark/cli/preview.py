"""What ``fairmark autograde --preview`` does and shows."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from contextlib import closing

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from fairmark.batch.backend import Backend
from fairmark.batch.batch import Batch
from fairmark.batch.preview import Preview
from fairmark.cli import common
from fairmark.cli.progress import Bar
from fairmark.record.changes import MarkChange
from fairmark.reporting.previewpages import write_previews
from fairmark.text import count, points, printable


def grade_again(batch: Batch, backend: Backend, bar: Bar, only_better: bool) -> list[MarkChange]:
    """Grade what is pending, and return what recording it would change."""
    preview = Preview(batch, only_better=only_better)
    changes = preview.unchanged()
    bar.start(f"grading {count(len(batch.pending), 'notebook')} again", len(batch.pending))
    with closing(preview.run(backend)) as results:
        for change in results:
            changes.append(change)
            bar.advance(change.handin.student)
            if change.problem:
                handin = change.handin
                bar.say(f"{handin.student}, {handin.assignment.label}: {change.problem}")
    for warning in backend.warnings:
        bar.say(warning)
    return sorted(changes, key=lambda change: (change.handin.key[1:], change.handin.student))


def show_changes(
    batch: Batch, changes: Sequence[MarkChange], as_json: bool, only_better: bool
) -> int:
    """Show the changes, write their pages, and return the exit code."""
    pages = write_previews(batch.assignments, changes, only_better=only_better)
    if as_json:
        sys.stdout.write(json.dumps(_json(changes), indent=1) + "\n")
    else:
        _show(batch, changes, only_better)
        for page in pages:
            common.console().print(f"Look at: {page}", soft_wrap=True)
    if any(change.problem for change in changes):
        return common.NOT_GRADED
    return common.WOULD_CHANGE if any(change.changed for change in changes) else common.GRADED


def _json(changes: Sequence[MarkChange]) -> dict[str, object]:
    return {
        "changed": [change.to_json() for change in changes if change.changed],
        "first": [change.to_json() for change in changes if _is_new(change)],
        "not_graded": [change.to_json() for change in changes if change.problem],
        "kept": [change.to_json() for change in changes if change.kept],
        "same": sum(change.graded_again and _is_same(change) for change in changes),
        "unchanged": sum(not change.graded_again and _is_same(change) for change in changes),
    }


def _show(batch: Batch, changes: Sequence[MarkChange], only_better: bool) -> None:
    out = common.console()
    shown = [change for change in changes if change.changed or change.kept]
    if shown:
        out.print(_table(shown))
    moved = [change for change in changes if change.changed]
    up = sum(change.difference > 0 for change in moved)
    down = sum(change.difference < 0 for change in moved)
    text = f"{count(len(moved), 'mark')} would change: {up} up, {down} down."
    out.print(text if moved else "No mark that was given would change.", style="bold")
    if first := [change for change in changes if _is_new(change)]:
        several = len({change.handin.assignment.label for change in first}) > 1
        names = "; ".join(
            f"{change.handin.student}{f', {change.handin.assignment.label}' if several else ''}: "
            f"{_score(change)}"
            for change in first
        )
        out.print(printable(f"Would be graded for the first time: {names}."), soft_wrap=True)
    again = sum(change.graded_again and _is_same(change) for change in changes)
    rest = sum(not change.graded_again and _is_same(change) for change in changes)
    failed = sum(bool(change.problem) for change in changes)
    others = f", {failed} could not be graded" if failed else ""
    out.print(f"{again} graded again with the same mark, {rest} did not need it{others}.")
    names = shlex.join(assignment.label for assignment in batch.assignments)
    hint = "Nothing was recorded."
    if moved or first:
        more = " --only-better" if only_better else ""
        hint += f" To record it: `fairmark autograde {printable(names)}{more}`"
        hint += ", or only what rises: add --only-better." if down and not only_better else "."
    out.print(hint, soft_wrap=True)


def _table(changes: Sequence[MarkChange]) -> Table:
    table = Table(box=SIMPLE_HEAD)
    table.add_column("student", overflow="fold")
    table.add_column("assignment", overflow="fold")
    for title in ("now", "would be", "change"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("by", overflow="fold")
    for change in changes:
        difference = change.difference
        style = "green" if difference > 0 else "red" if difference < 0 else "dim"
        table.add_row(
            Text(printable(change.handin.student)),
            Text(printable(change.handin.assignment.label)),
            f"{points(change.before or 0.0)} / {points(change.max_before)}",
            _score(change),
            Text(f"{'+' if difference > 0 else ''}{points(difference)}", style),
            Text(printable("\n".join(change.reasons))),
        )
    return table


def _score(change: MarkChange) -> str:
    waits = f", {len(change.unmarked)} by hand" if change.is_first and change.unmarked else ""
    return f"{points(change.after or 0.0)} / {points(change.max_after)}{waits}"


def _is_new(change: MarkChange) -> bool:
    return change.is_first and not change.problem


def _is_same(change: MarkChange) -> bool:
    return not (change.changed or change.is_first or change.problem)
