"""The statements at a cell's top level, and a cell without one of them."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence

from fairmark.syntax.cells import parsed


def statement_at(source: str, index: int, count: int) -> str | None:
    """Return the first line of a cell's statement, by its index.

    None where the cell, as far as it can be read, does not have ``count`` statements.
    """
    node = _node(source, index, count)
    return source.splitlines()[_first_line(node) - 1].strip() if node is not None else None


def without_statement(source: str, index: int, count: int) -> str | None:
    """Return a cell's code with ``pass`` in the place of a statement, all others in their lines.

    None where the cell, as far as it can be read, does not have ``count`` statements.
    """
    node = _node(source, index, count)
    return _without(source, [node]) if node is not None else None


def definitions_of(source: str) -> str:
    """Return a cell's imports, functions and classes, with ``pass`` in the place of all else.

    Nothing where there are none, or where the cell cannot be read.
    """
    tree = parsed(source)
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    nodes = tree.body if tree is not None else []
    others = [node for node in nodes if not isinstance(node, kinds)]
    if len(others) == len(nodes):
        return ""
    left = _without(source, others)
    return left if parsed(left) is not None else ""


def bound_behind(source: str, index: int, count: int) -> bool:
    """Whether a cell defines or imports anything behind a statement."""
    tree = parsed(source)
    if tree is None or len(tree.body) != count:
        return False
    kinds = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)
    return any(isinstance(node, kinds) for node in tree.body[index + 1 :])


def _node(source: str, index: int, count: int) -> ast.stmt | None:
    tree = parsed(source)
    if tree is None or len(tree.body) != count or not 0 <= index < count:
        return None
    return tree.body[index]


def _without(source: str, nodes: Sequence[ast.stmt]) -> str:
    """A cell's code with ``pass`` in the place of these statements, all others in their lines."""
    lines = source.splitlines(keepends=True)
    tree = parsed(source)
    ends = Counter[int]()
    for node in tree.body if tree is not None else ():
        ends.update({node.lineno, node.end_lineno or node.lineno})
    for node in reversed(nodes):  # so that what is before it is where it was
        first, last = _first_line(node), node.end_lineno or node.lineno
        indent = len(lines[first - 1]) - len(lines[first - 1].lstrip())
        before, behind = " " * indent, ""
        own = {node.lineno, last}
        if any(ends[n] > (n in own) for n in range(first, last + 1)):
            # It shares a line with others, which have to stay: `a = 1; b = 2`.
            before = lines[first - 1].encode()[: node.col_offset].decode(errors="replace")
            behind = lines[last - 1].encode()[node.end_col_offset :].decode(errors="replace")
        blank = ["\n"] * (last - first)
        lines[first - 1 : last] = [f"{before}pass{behind.rstrip(chr(10))}\n", *blank]
    return "".join(lines)


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])
