"""Slicing a notebook: the statements that some of its names need."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Sequence

from fairmark.syntax.cells import parsed, parsed_as_it_is
from fairmark.syntax.names import bound, builtin_names, changed, global_uses


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
    tree = parsed_as_it_is("\n".join(lines))
    return [
        node
        for node in (tree.body if tree is not None else ())
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


def statements_run(cells: Sequence[str], names: Iterable[str]) -> set[tuple[int, int]]:
    """Return the statements that make ``names`` what they are behind the last cell.

    Each is the number of its cell and its place in it. Unlike :func:`needed_statements`, these are
    statements of any kind that bind a needed name or seem to change what it stands for, such as
    loops, ``X[0] = 1`` and ``np.random.seed(0)``.
    """
    statements = {
        (place, number): node
        for place, cell in enumerate(cells)
        for number, node in enumerate(_body(cell))
    }
    makes = {where: bound(node) | changed(node) for where, node in statements.items()}
    wanted, kept = set(names) - builtin_names(), set[tuple[int, int]]()
    while True:
        found = {where for where in statements if where not in kept and makes[where] & wanted}
        if not found:
            return kept
        kept |= found
        for where in found:
            wanted |= global_uses(statements[where]) - builtin_names()


def only_statements(cell: str, kept: Collection[int]) -> str:
    """Return a cell's statements at these places, as source."""
    return "\n".join(ast.unparse(n) for i, n in enumerate(_body(cell)) if i in kept)


def _body(cell: str) -> list[ast.stmt]:
    tree = parsed(cell)
    return tree.body if tree is not None else []
