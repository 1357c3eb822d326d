"""Names of the notebook that a test cell sets or takes away, to see what the answers do then."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from fairmark.adopt.program import Left, Program, line_of
from fairmark.adopt.units import Unit
from fairmark.syntax.names import DEFINITIONS

_SCOPES = (*DEFINITIONS, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def replaced_names(program: Program, names: set[str]) -> frozenset[str]:
    """Return those of these names that a test cell replaces in the student's process.

    A name is replaced by an assignment, by a function or by ``del``, at the cell's top level.
    Raises Left where one is bound in another way, or where the instructor's own functions look it
    up: they would be told what the student's process says that it is.
    """
    found = set[str]()
    for unit in program.whole:
        if unit.imports:
            continue
        plain = set().union(*(_plainly_bound(node) for node in unit.tree))
        others = sorted((unit.binds - plain) & names)
        if others:
            raise Left(f"line {unit.line}: it sets `{others[0]}`, which the answer uses, too")
        found |= plain & names
    for unit in program.given:
        if looked_up := sorted(unit.uses & found):
            line = line_of(looked_up[0], program.whole)
            raise Left(f"line {line}: it sets `{looked_up[0]}`, which a helper uses")
    _refuse_early_helpers(program.whole, found)
    return frozenset(found)


def _refuse_early_helpers(units: Sequence[Unit], replaced: set[str]) -> None:
    """Leave a cell whose functions look a name up that is set only below them."""
    there = set[str]()
    for unit in units:
        functions = [node for node in unit.tree if isinstance(node, DEFINITIONS)]
        if functions and (early := sorted(unit.uses & replaced - there - unit.binds)):
            raise Left(f"line {unit.line}: it sets `{early[0]}`, which its own function uses")
        there |= unit.binds


def _plainly_bound(node: ast.AST) -> Iterator[str]:
    """The names that assignments, functions and ``del`` bind or take away, in blocks as well."""
    if isinstance(node, ast.FunctionDef):
        yield node.name
    elif isinstance(node, (ast.Assign, ast.Delete)):
        if all(isinstance(target, ast.Name) for target in node.targets):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
    elif not isinstance(node, _SCOPES):
        for child in ast.iter_child_nodes(node):
            yield from _plainly_bound(child)
