"""Which lines and cells of a notebook were not run, as repairs: the others were run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fairmark.harness.report import Repair
from fairmark.intake.cells import Cell
from fairmark.intake.kinds import RepairKind
from fairmark.syntax.statements import bound_behind, statement_at

_MAX_SHOWN = 80


def lines_not_run(cells: Iterable[Cell]) -> list[Repair]:
    """Return what is to be told of the student's cells once they have been run.

    A line that failed is told of where something is defined or imported below it: that counts,
    though a kernel would have stopped at the line. The instructor's own cells fail where they show
    an answer that is missing or wrong, which is told elsewhere.
    """
    own = (c for c in cells if c.role in ("answer", "own") and not c.is_given and not c.untouched)
    return [repair for cell in own for repair in _of(cell)]


def cells_not_run(cells: Iterable[Cell]) -> list[Repair]:
    """Return what is to be told of cells that were not run at all, by the reason why."""
    names: dict[str, list[str]] = {}
    for cell in cells:
        if cell.unrun:
            names.setdefault(cell.unrun, []).append(cell.grade_id or cell.node.id)
    return [RepairKind.NOT_RUN.of(cells=", ".join(n), reason=why) for why, n in names.items()]


def _of(cell: Cell) -> Iterator[Repair]:
    name = cell.grade_id or ""
    if cell.rest and cell.left_out is not None:
        line = statement_at(cell.node.source, *cell.left_out)
        if line is not None:
            reason = cell.reason
            yield RepairKind.LINE_LEFT_OUT.of(name, line=_shown(line), reason=reason)
    for index, count in cell.failed[:1]:
        line = statement_at(cell.node.source, index, count)
        if line is not None and bound_behind(cell.node.source, index, count):
            yield RepairKind.LINE_FAILED.of(name, line=_shown(line), error=_error(cell))


def _error(cell: Cell) -> str:
    """The first error among a cell's outputs, in a few words."""
    for output in cell.node.outputs:
        if output.output_type == "error":
            said = " ".join(f"{output.ename}: {output.evalue}".split()).removesuffix(":")
            return said if len(said) <= _MAX_SHOWN else f"{said[:_MAX_SHOWN]}…"
    return "it failed"


def _shown(line: str) -> str:
    return f"`{line}`" if len(line) <= _MAX_SHOWN else f"`{line[:_MAX_SHOWN]}…`"
