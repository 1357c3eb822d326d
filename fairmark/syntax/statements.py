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
    indent = len(lines[first - 1]) - len(lines[first - 1].lstrip())
    before, behind = " " * indent, ""
    if _shares_a_line(node, source):  # with others, which have to stay: `a = 1; b = 2`
        before = lines[first - 1].encode()[: node.col_offset].decode(errors="replace")
        behind = lines[last - 1].encode()[node.end_col_offset :].decode(errors="replace")
    blank = "\n" * (last - first + 1)
    return "".join([*lines[: first - 1], before, "pass", behind.rstrip("\n"), blank, *lines[last:]])


def definitions_of(source: str) -> str:
    """Return a cell's imports, functions and classes, with ``pass`` in the place of all else.

    Nothing where there are none, or where the cell cannot be read.
    """
    tree = parsed(source)
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    defines = [isinstance(node, kinds) for node in (tree.body if tree is not None else ())]
    if not any(defines):
        return ""
    kept: str | None = source
    for index, is_definition in enumerate(defines):
        if not is_definition and kept is not None:
            kept = without_statement(kept, index, len(defines))
    return kept or ""


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


def _shares_a_line(node: ast.stmt, source: str) -> bool:
    tree = parsed(source)
    lines = set(range(_first_line(node), (node.end_lineno or node.lineno) + 1))
    return any(
        other.lineno != node.lineno or other.col_offset != node.col_offset
        for other in (tree.body if tree is not None else ())
        if lines & {other.lineno, other.end_lineno}
    )


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])
