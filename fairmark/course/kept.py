"""Outputs that a release keeps: those of tagged cells, where no answer is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from fairmark.course.marks import mark_of
from fairmark.syntax.cells import names_defined, parsed
from fairmark.syntax.imports import cells_names
from fairmark.syntax.names import changed, names_used

if TYPE_CHECKING:
    from nbformat import NotebookNode

KEEP = "keep-output"
"""The tag of a cell whose stored output students get: a diagram that needs no answer of theirs."""


def keeps_output(cell: Any) -> bool:
    """Whether the release keeps this cell's output."""
    return KEEP in cell.metadata.get("tags", [])


def kept_faults(notebook: NotebookNode) -> Iterator[tuple[int, str]]:
    """What speaks against keeping outputs: the number of each such cell, from 1, and why.

    What an answer defines, and what is made of that, is followed from cell to cell. A module is
    what it was before, whatever its functions were called with.
    """
    answers: set[str] = set()
    modules: set[str] = set()
    for number, cell in enumerate(notebook.cells, 1):
        is_answer = any(mark_of(cell).get(flag) for flag in ("solution", "grade", "task"))
        used = names_used(cell.source) & answers if cell.cell_type == "code" else set()
        if keeps_output(cell) and (fault := _fault(cell, is_answer, used)):
            yield number, f"it is tagged {KEEP}, {fault}"
        if cell.cell_type == "code":
            modules |= cells_names(cell.source)
            made = names_defined(cell.source) | (_changed(cell.source) - modules)
            answers = answers | made if is_answer or used else answers - names_defined(cell.source)


def _fault(cell: NotebookNode, is_answer: bool, used: set[str]) -> str:
    """Why an output cannot be kept; "" where it can."""
    if is_answer:
        return "but it is an answer or a test: its output would tell of the solution"
    if cell.cell_type != "code":
        return "but it is no code cell"
    if used:
        names = ", ".join(sorted(used))
        return f"but its output comes of an answer ({names})"
    return ""


def _changed(source: str) -> set[str]:
    tree = parsed(source)
    return set().union(*map(changed, tree.body)) if tree is not None else set()
