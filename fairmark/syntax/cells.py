"""Reading a cell's code without running it: its syntax tree, and the names that it binds."""

from __future__ import annotations

import ast
import contextlib
import functools
import re
import textwrap
from collections.abc import Iterable

_MAX_PARSED = 200_000
"""The most characters of a cell that is parsed; a longer one's tree may fill the memory."""
_MAX_DEPTH = 150
"""The most levels of a tree: what looks at a deeper one may end by Python's limit of calls."""
_CELL_MAGIC = re.compile(r"\s*%%(\w*)")
_LINE_MAGIC = re.compile(
    r"^([ \t]*)(?![ \t])((?:[\w,][\w, ]*=)?)[ \t]*(?:[%!?].*|[\w.%]+\?+[ \t]*)$", re.MULTILINE
)
"""A line in IPython's syntax, such as ``%time f()``, ``x = !ls`` and ``f?``.

No two of its parts take the same spaces: there would be too many ways to share out a long line.
"""


def parsed(source: str) -> ast.Module | None:
    """Return the syntax tree of a cell's code without IPython's lines; None if it is invalid.

    One that is longer or deeper than any person writes counts as invalid.
    """
    if len(source) > _MAX_PARSED:
        return None
    # IPython's own transformation can take minutes for a hostile cell.
    for text in (source, _LINE_MAGIC.sub(r"\1\2pass", textwrap.dedent(source))):
        if (tree := parsed_as_it_is(text)) is not None:
            return tree
    return None


def parsed_as_it_is(source: str) -> ast.Module | None:
    """Return the syntax tree of plain Python, of bounded length and depth; None for all else."""
    if len(source) > _MAX_PARSED:
        return None
    with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        tree = ast.parse(source)
        return None if _is_deep(tree) else tree
    return None


def _is_deep(tree: ast.AST) -> bool:
    level = [tree]
    for _ in range(_MAX_DEPTH):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return False
    return True


@functools.lru_cache(maxsize=256)  # it is asked of the same cell again and again
def is_valid(source: str) -> bool:
    """Whether a cell's code can be read, without IPython's lines."""
    return parsed(source) is not None


def without_magics(source: str) -> str:
    """Return a cell's code as plain Python: lines in IPython's syntax do nothing.

    Code that is plain Python, or that is invalid all the same, is unchanged.
    """
    plain = _LINE_MAGIC.sub(r"\1\2pass", textwrap.dedent(source))
    return plain if not _is_plain(source) and _is_plain(plain) else source


def _is_plain(source: str) -> bool:
    with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        return len(source) <= _MAX_PARSED and ast.parse(source) is not None
    return False


@functools.lru_cache(maxsize=256)  # every submission has the instructor's cells
def names_defined(source: str) -> frozenset[str]:
    """Return the names that a cell's code binds at its top level: functions, classes, variables."""
    magic = _CELL_MAGIC.match(source)
    if magic is not None and magic[1] not in ("time", "capture"):
        return frozenset()  # in another language, or without effect on names
    tree = parsed(source)
    if tree is not None:
        return frozenset(_bound(tree.body))
    found = re.findall(r"^(?:(?:async\s+)?def|class)\s+(\w+)|^(\w+)\s*=", source, re.MULTILINE)
    return frozenset(name for pair in found for name in pair if name)


def _bound(body: Iterable[ast.stmt]) -> Iterable[str]:
    for statement in body:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield statement.name
            case ast.Assign(targets=targets):
                for target in targets:
                    yield from _targets(target)
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.If(body=inner, orelse=other) | ast.Try(body=inner, orelse=other):
                yield from _bound(inner)
                yield from _bound(other)
            case ast.With(body=inner):
                yield from _bound(inner)


def _targets(target: ast.expr) -> Iterable[str]:
    match target:
        case ast.Name(id=name):
            yield name
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            for element in elements:
                yield from _targets(element)
        case ast.Starred(value=value):
            yield from _targets(value)
