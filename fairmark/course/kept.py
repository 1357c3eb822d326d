"""Outputs that a release keeps: those of tagged cells, where no answer is used."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from fairmark.course.marks import mark_of
from fairmark.syntax.cells import names_defined, parsed
from fairmark.syntax.effects import effects_of
from fairmark.syntax.imports import cells_names
from fairmark.syntax.names import bound, builtin_names, changed, global_uses, names_used

if TYPE_CHECKING:
    from nbformat import NotebookNode

KEEP = "keep-output"
"""The tag of a cell whose stored output students get: a diagram that needs no answer of theirs."""

_FIGURES = frozenset(
    "Figure add_axes add_gridspec add_subplot axes figure gca gcf inset_axes subfigures subplot "
    "subplot_mosaic subplots twinx twiny".split()
)
"""Attributes and functions of matplotlib that make figures and their parts, or find them."""


def keeps_output(cell: Any) -> bool:
    """Whether the release keeps this cell's output."""
    return KEEP in cell.metadata.get("tags", [])


def kept_faults(notebook: NotebookNode) -> Iterator[tuple[int, str]]:
    """What speaks against keeping outputs: the number of each such cell, from 1, and why.

    What an answer defines, and what is made of that, is followed from cell to cell: into figures,
    too, which a cell draws in that only has the name of their Axes. A module is what it was before,
    whatever its functions were called with.
    """
    answers: set[str] = set()
    modules: set[str] = set()
    inside: dict[str, set[str]] = {}  # what each name's own statement uses
    figures: list[set[str]] = []
    for number, cell in enumerate(notebook.cells, 1):
        is_code = cell.cell_type == "code"
        is_answer = any(mark_of(cell).get(flag) for flag in ("solution", "grade", "task"))
        used = names_used(cell.source) & answers if is_code else set()
        if keeps_output(cell) and (fault := _fault(cell, is_answer, used)):
            yield number, f"it is tagged {KEEP}, {fault}"
        if is_code:
            modules |= cells_names(cell.source)
            figures += _figures(cell.source, modules)
            for statement in _statements(cell.source):
                inside |= {name: global_uses(statement) for name in bound(statement)}
            made = names_defined(cell.source) | (_changed(cell.source) - modules)
            drawn = _reached(names_used(cell.source) | made, inside)
            made = made.union(*(figure for figure in figures if figure & drawn))
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
    if effects_of([cell.source])[0].is_opaque:
        return "but its code does not tell what its output comes of"
    return ""


def _statements(source: str) -> list[ast.stmt]:
    tree = parsed(source)
    return tree.body if tree is not None else []


def _changed(source: str) -> set[str]:
    return set[str]().union(*map(changed, _statements(source)))


def _figures(source: str, modules: set[str]) -> Iterator[set[str]]:
    """The names that stand for a figure and its parts, for each statement that makes some."""
    for statement in _statements(source):
        for node in ast.walk(statement):
            if isinstance(node, (ast.Assign, ast.AnnAssign, ast.With)):
                parts = {n.attr if isinstance(n, ast.Attribute) else n.id for n in _named(node)}
                if parts & _FIGURES:
                    yield bound(node) | (global_uses(node) - modules - builtin_names())


def _named(node: ast.AST) -> Iterator[ast.Attribute | ast.Name]:
    return (n for n in ast.walk(node) if isinstance(n, (ast.Attribute, ast.Name)))


def _reached(names: set[str], inside: Mapping[str, set[str]]) -> set[str]:
    """These names, and all that the statements which bind them use."""
    found, waiting = set[str](), list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += inside.get(name, ())
    return found
