"""Copies of what an answer's variables hold, so that no later cell can change them in place."""

from __future__ import annotations

import sys
from typing import Any

_MAX_ITEMS = 100_000
_MAX_BYTES = 2**20


class _TooLargeError(Exception):
    """A value that holds too much to be copied behind each cell."""


def copied(value: object) -> object:
    """Return a copy of plain data, of an array or a table.

    Anything else, and what is large, is returned as it is; objects in data are shared by both.
    """
    try:
        return _copy(value, [_MAX_ITEMS], {})
    except (_TooLargeError, RecursionError):
        return value


def _copy(value: Any, room: list[int], known: dict[int, Any]) -> Any:
    room[0] -= 1
    if room[0] < 0:
        raise _TooLargeError
    kind = type(value)
    if id(value) in known:
        return known[id(value)]
    if kind is list:
        found: Any = known.setdefault(id(value), [])
        found.extend(_copy(item, room, known) for item in value)
        return found
    if kind is dict:
        found = known.setdefault(id(value), {})
        found.update((key, _copy(item, room, known)) for key, item in value.items())
        return found
    if kind is tuple:
        return tuple(_copy(item, room, known) for item in value)
    if kind in (set, bytearray):
        return kind(value)
    copy = _copy_of_library(value, kind)
    return known.setdefault(id(value), copy) if copy is not None else value


def _copy_of_library(value: Any, kind: type) -> Any:
    """A copy of an array, a tensor or a table; None for anything else."""
    np, torch, pandas = (sys.modules.get(name) for name in ("numpy", "torch", "pandas"))
    if np is not None and kind is np.ndarray:
        return value.copy() if value.nbytes <= _MAX_BYTES else None
    if torch is not None and kind is getattr(torch, "Tensor", None):
        small = value.nbytes <= _MAX_BYTES
        return value.detach().clone().requires_grad_(value.requires_grad) if small else None
    tables = [getattr(pandas, name, None) for name in ("DataFrame", "Series")]
    if kind in tables:
        return value.copy() if value.size * 8 <= _MAX_BYTES else None
    return None
