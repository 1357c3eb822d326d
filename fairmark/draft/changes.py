"""The mutants that drafts are tried on, and which functions they change."""

from __future__ import annotations

import ast

from fairmark.syntax.names import global_uses
from fairmark.verify.mutants import Mutant, mutants

_MOST = 160


def mutants_tried(question: str, source: str) -> list[Mutant]:
    """Return the mutants of a solution, or so many of them that a draft takes no hour."""
    try:
        found = mutants(question, source)
    except SyntaxError:
        return []
    if len(found) <= _MOST:
        return found
    step = len(found) / _MOST
    return [found[int(place * step)] for place in range(_MOST)]


def functions_changed(source: str, mutant: str) -> set[str]:
    """Return the functions of a cell that another text of it may change."""
    before, after = (
        {n.name: n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)}
        for text in (source, mutant)
    )
    rest = [
        [ast.dump(n) for n in ast.parse(text).body if not isinstance(n, ast.FunctionDef)]
        for text in (source, mutant)
    ]
    if before.keys() != after.keys() or rest[0] != rest[1]:
        return set(before)
    found = {name for name in before if ast.dump(before[name]) != ast.dump(after[name])}
    while True:
        more = {name for name in before if global_uses(before[name]) & found} - found
        if not more:
            return found
        found |= more
