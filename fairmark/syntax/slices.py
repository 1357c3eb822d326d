"""Slicing a notebook: the statements that some of its names need."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from fairmark.syntax.names import bound, global_uses


def needed_statements(cells: Sequence[str], names: Iterable[str]) -> list[str]:
    """Return, for each cell, the source of the statements that ``names`` need.

    These are the statements that bind the names at the top level (imports, functions, classes,
    assignments), the statements that bind the names used there, and so on. Statements that bind
    nothing are left out, and so are cells that are not plain Python.
    """
    statements = [(place, node) for place, cell in enumerate(cells) for node in _parsed(cell)]
    wanted, kept = set(names), set[int]()
    while True:
        found = {
            number
            for number, (_, node) in enumerate(statements)
            if number not in kept and bound(node) & wanted
        }
        if not found:
            break
        kept |= found
        for number in found:
            wanted |= global_uses(statements[number][1])
    return [
        "\n".join(
            ast.unparse(node)
            for number, (where, node) in enumerate(statements)
            if where == place and number in kept
        )
        for place in range(len(cells))
    ]


def _parsed(cell: str) -> list[ast.stmt]:
    lines = [line for line in cell.splitlines() if not line.lstrip().startswith(("%", "!"))]
    try:
        body = ast.parse("\n".join(lines)).body
    except SyntaxError:
        return []
    return [
        node
        for node in body
        if isinstance(
            node,
            (
                ast.Import,
                ast.ImportFrom,
                ast.FunctionDef,
                ast.ClassDef,
                ast.Assign,
                ast.AnnAssign,
                ast.AugAssign,
            ),
        )
    ]
