"""The code behind the student's names: whether it has changed, and which other names it uses."""

from __future__ import annotations

import dis
from collections.abc import Iterable, Iterator, Mapping
from types import CodeType, FunctionType
from typing import Any

_DEPTH = 6


def fingerprint(names: Iterable[str], namespace: Mapping[str, Any]) -> tuple[object, ...]:
    """Return something that changes when the notebook's code of these names does."""
    return tuple(tuple(_codes(namespace.get(name), namespace)) for name in names)


def names_used(names: Iterable[str], namespace: Mapping[str, Any]) -> set[str]:
    """Return the names that the code of these names uses, itself or by the notebook's functions."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        for code in _codes(namespace.get(waiting.pop()), namespace):
            new = set(_globals(code)) - found
            found |= new
            waiting += new
    return found


def _codes(value: object, namespace: Mapping[str, Any], depth: int = 0) -> Iterator[CodeType]:
    """The code of a function, or of a class's methods, if the notebook defines it."""
    if depth > _DEPTH:
        return
    if isinstance(value, FunctionType):
        if value.__globals__ is namespace:
            yield value.__code__
        yield from _codes(getattr(value, "__wrapped__", None), namespace, depth + 1)
    elif isinstance(value, type):
        for name in sorted(vars(value)):
            if not isinstance(vars(value)[name], type):
                yield from _codes(vars(value)[name], namespace, depth + 1)
    elif isinstance(value, (staticmethod, classmethod)):
        yield from _codes(value.__func__, namespace, depth + 1)
    elif isinstance(value, property):
        yield from _codes(value.fget, namespace, depth + 1)


def _globals(code: CodeType) -> Iterator[str]:
    """The global names that code loads: no attributes, so that ``np.mean`` is no ``mean``."""
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield str(instruction.argval)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _globals(constant)
