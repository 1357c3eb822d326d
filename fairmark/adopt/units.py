"""The statements of a notebook's cells, with the names that they use and bind."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import libcst as cst
from libcst.metadata import PositionProvider

from fairmark.syntax.names import DEFINITIONS, bound, global_uses

Owner = Literal["answer", "given", "test"]
"""Whose cell it is: the student's, the instructor's, or a test cell."""
Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement

_HARMLESS = re.compile(r"^\s*%+(?:matplotlib|config|load_ext|autoreload|time\s*$|%time\s*$).*$")
_MAGIC = re.compile(r"^\s*(?:%|!)|^\s*[\w.]+\s*\?+\s*$|^\s*\?")
_LOOKS = frozenset(
    "head tail info describe plot hist show sample value_counts summary mean max min std boxplot "
    "scatter bar imshow figure title legend grid tight_layout print items keys".split()
)
"""Methods that an instructor's cell calls to show something, and that change nothing."""


_SETTINGS = re.compile(r"seed|set_|option|\.use\(|config|register|filter|seterr|path\.|rcParams")


class NotPython(Exception):
    """A cell that is no plain Python; the message says why, with its line."""


@dataclass(frozen=True)
class Unit:
    """A statement at a cell's top level; several that share a line are one."""

    node: Statement
    owner: Owner
    cell: int
    line: int
    """Its line in the cell, from 1."""
    is_star: bool = False
    """Whether it stands for an ``import *``, and names all that this gives."""

    @functools.cached_property
    def code(self) -> str:
        """The statement as it is written, without the comments above it."""
        return cst.Module([self.node.with_changes(leading_lines=[])]).code.strip()

    @functools.cached_property
    def tree(self) -> list[ast.stmt]:
        """Its syntax tree, by Python's own parser."""
        return ast.parse(self.code).body

    @functools.cached_property
    def uses(self) -> frozenset[str]:
        """The names from outside of it that it uses."""
        return frozenset[str]().union(*map(global_uses, self.tree))

    @functools.cached_property
    def binds(self) -> frozenset[str]:
        """The names that it binds."""
        return frozenset(set().union(*map(bound, self.tree))) - self.deletes

    @functools.cached_property
    def replaces(self) -> frozenset[str]:
        """The names that it binds whatever they were before."""
        plain = (*DEFINITIONS, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)
        return frozenset(set().union(*(bound(n) for n in self.tree if isinstance(n, plain))))

    @functools.cached_property
    def goes_on_with(self) -> frozenset[str]:
        """The names that it binds anew from what they were, as a loop with a counter does."""
        nodes = [node for tree in self.tree for node in ast.walk(tree)]
        read = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        added = {n.target.id for n in nodes if _adds_to_name(n)}  # type: ignore[attr-defined]
        loops = [n.target for n in nodes if isinstance(n, (ast.For, ast.comprehension))]
        targets = {n.id for t in loops for n in ast.walk(t) if isinstance(n, ast.Name)}
        return (self.binds - self.replaces) & (read | added) - targets

    @functools.cached_property
    def changes(self) -> frozenset[str]:
        """The names whose objects it seems to change."""
        return frozenset(name for node in self.tree for name in _changed(node))

    @functools.cached_property
    def sets_up(self) -> bool:
        """Whether a call seems to change a library's settings, or to seed it."""
        return bool(_SETTINGS.search(self.code))

    @functools.cached_property
    def imports(self) -> bool:
        """Whether it only imports."""
        return all(isinstance(node, (ast.Import, ast.ImportFrom)) for node in self.tree)

    @functools.cached_property
    def defines(self) -> bool:
        """Whether it is a function or a class."""
        return all(isinstance(node, DEFINITIONS) for node in self.tree)

    @functools.cached_property
    def is_constant(self) -> bool:
        """Whether it only gives names to numbers, texts and tuples of them."""
        return all(
            isinstance(node, ast.Assign)
            and all(isinstance(target, ast.Name) for target in node.targets)
            and _is_constant(node.value)
            for node in self.tree
        )

    def importing(self, names: set[str]) -> Unit:
        """An import of these names only."""
        (node,) = self.tree
        assert isinstance(node, ast.ImportFrom)
        wanted = sorted(alias.name for alias in node.names if alias.name in names)
        return import_of(node.module or "", wanted, self)

    @functools.cached_property
    def deletes(self) -> frozenset[str]:
        """The names that it takes away."""
        return frozenset(
            node.id
            for tree in self.tree
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del)
        )


def units_of(source: str, owner: Owner, cell: int) -> list[Unit]:
    """Return the statements of a cell; raise NotPython."""
    lines = source.splitlines()
    for number, line in enumerate(lines):
        if _HARMLESS.match(line):
            lines[number] = ""
        elif _MAGIC.match(line) and owner == "test":
            raise NotPython(f"line {number + 1}: `{line.strip()[:40]}` is a command of IPython's")
        elif _MAGIC.match(line):
            lines[number] = ""
    try:
        wrapper = cst.MetadataWrapper(cst.parse_module("\n".join(lines) + "\n"))
    except cst.ParserSyntaxError as error:
        raise NotPython(f"line {error.raw_line}: it is no plain Python") from None
    places = wrapper.resolve(PositionProvider)
    header = wrapper.module.header
    found = [Unit(node, owner, cell, places[node].start.line) for node in wrapper.module.body]
    if found and header:
        first = found[0].node
        above = [*header, *first.leading_lines]
        found[0] = Unit(first.with_changes(leading_lines=above), owner, cell, found[0].line)
    return found


def import_of(module: str, names: list[str], like: Unit) -> Unit:
    """The statement that imports these names."""
    node = cst.parse_statement(f"from {module} import {', '.join(names)}")
    assert isinstance(node, cst.SimpleStatementLine)
    return Unit(node, like.owner, like.cell, like.line, like.is_star)


def _adds_to_name(node: ast.AST) -> bool:
    return isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)


def _changed(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, DEFINITIONS):
            return
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            yield from _root(node)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            called = node.value.func
            if isinstance(called, ast.Attribute) and called.attr not in _LOOKS:
                yield from _root(called)


def _root(node: ast.expr) -> Iterator[str]:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Name):
        yield node.id


def _is_constant(node: ast.expr) -> bool:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return False
    return isinstance(value, (int, float, complex, str, bytes, bool, type(None), tuple)) and not (
        isinstance(value, tuple) and any(isinstance(item, (list, dict, set)) for item in value)
    )
