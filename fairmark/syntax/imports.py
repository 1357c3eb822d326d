"""Reading the imports of Python code without running it."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator

from fairmark.syntax.cells import parsed


def imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    """The names that an import binds, each with the dotted name of its object."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0], alias.name
    elif isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            yield alias.asname or alias.name, f"{module}.{alias.name}"


def modules_imported(nodes: Iterable[ast.AST]) -> set[str]:
    """The modules that these imports name: ``a.b`` of ``import a.b`` and ``from a.b import c``.

    Relative imports, and nodes that are no imports, are ignored.
    """
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def members_imported(nodes: Iterable[ast.AST]) -> set[str]:
    """The imported members, which may be modules: ``a.b.c`` of ``from a.b import c``."""
    return {
        f"{node.module}.{alias.name}"
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
        for alias in node.names
    }


def cells_modules(source: str) -> set[str]:
    """Return the modules that a cell's code imports, at any depth."""
    tree = parsed(source)
    return modules_imported(ast.walk(tree)) if tree is not None else set()


def imports_of(source: str) -> str:
    """Return the imports at a cell's top level, as source."""
    tree = parsed(source)
    body = tree.body if tree is not None else []
    return "\n".join(ast.unparse(n) for n in body if isinstance(n, (ast.Import, ast.ImportFrom)))


@functools.lru_cache(maxsize=256)  # every submission has the instructor's cells
def cells_names(source: str) -> frozenset[str]:
    """Return the names that the imports at a cell's top level bind."""
    tree = parsed(source)
    body = tree.body if tree is not None else []
    return frozenset(name for node in body for name, _ in imported(node))
