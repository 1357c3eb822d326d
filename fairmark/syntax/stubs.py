"""Telling an answer from a stub that was only edited, and finding what a cell defines for good."""

from __future__ import annotations

import ast
from typing import TypeGuard

from fairmark.syntax.cells import parsed

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_NOTHING = "NotImplementedError"


def is_still_a_stub(source: str, stub: str, names: frozenset[str]) -> bool:
    """Whether code defines these names just as the stub does, or as nothing that could be run.

    Comments, docstrings, annotations and names of arguments make no answer, nor does ``pass``.
    """
    given, asked = _parts(source), _parts(stub)
    found = names & given.keys()
    return bool(found) and all(given[name] in ("", asked.get(name)) for name in found)


def functions_defined(source: str) -> frozenset[str]:
    """Return the names of the functions and classes that a cell's code defines at its top level.

    Of a variable nobody can tell whether it is another answer, or what an answer was tried with.
    """
    tree = parsed(source)
    found = set()
    for statement in tree.body if tree is not None else ():
        if _is_definition(statement):
            found.add(statement.name)
        elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Lambda):
            found |= {target.id for target in statement.targets if isinstance(target, ast.Name)}
    return frozenset(found)


def _parts(source: str) -> dict[str, str]:
    """What each name at the top level of a cell's code is bound to, as a text; "" for nothing."""
    tree = parsed(source)
    parts: dict[str, str] = {}
    for statement in tree.body if tree is not None else ():
        if _is_definition(statement):
            parts[statement.name] = _body(statement)
        elif isinstance(statement, ast.Assign):
            names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
            parts |= dict.fromkeys(names, ast.dump(statement.value))
    return parts


def _body(definition: _Definition) -> str:
    """What a definition does, as a text; "" where it only says that it is not written yet."""
    done = []
    for statement in definition.body:
        if _is_definition(statement):
            if body := _body(statement):
                done.append(f"{statement.name}: {body}")
        elif not _does_nothing(statement):
            done.append(ast.dump(statement))
    return "\n".join(done)


def _does_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Raise(exc=ast.Name(id=name) | ast.Call(func=ast.Name(id=name))):
            return name == _NOTHING
    return False


def _is_definition(statement: ast.stmt) -> TypeGuard[_Definition]:
    return isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
