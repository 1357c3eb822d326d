"""The statements at a cell's top level, and a cell without one of them."""

from __future__ import annotations

import ast

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
    if node is None:
        return None
    lines = source.splitlines(keepends=True)
    first, last = _first_line(node), node.end_lineno or node.lineno
    head = lines[first - 1].encode()
    start = node.col_offset if first == node.lineno else len(head) - len(head.lstrip())
    before = head[:start].decode(errors="replace")
    tail = lines[last - 1].encode()
    behind = tail[node.end_col_offset or len(tail) :].decode(errors="replace")
    blank = "\n" * (last - first)
    return "".join(
        [*lines[: first - 1], before, "pass", behind.rstrip("\n"), blank, "\n", *lines[last:]]
    )


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


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])
