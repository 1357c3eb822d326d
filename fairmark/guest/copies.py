"""Copies of what an answer's variables hold, so that no later cell can change them in place."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

_MAX_ITEMS = 100_000
_MAX_BYTES = 2**20
_BYTES_AS_ITEM = 64
"""So many bytes of arrays and the like take the room of an item: many of them are large, too."""
_OF_LIBRARIES = ("ndarray", "Tensor", "DataFrame", "Series")


class _TooLargeError(Exception):
    """A value that holds too much to be copied behind each cell."""


def copied(value: object) -> object:
    """Return a copy of plain data, of an array or a table.

    Anything else, and what is large, is returned as it is; objects in data are shared by both.
    """
    try:
        return _copy(value, [_MAX_ITEMS], {}, objects=False)
    except (_TooLargeError, RecursionError):
        return value


def copied_with_objects(values: Mapping[str, object]) -> dict[str, object]:
    """Return copies of values by their names, and of objects of the notebook's own classes.

    What several of them share, their copies share as well. No code of a class is run.
    """
    known: dict[int, Any] = {}
    found: dict[str, object] = {}
    for name, value in values.items():
        tried = dict(known)
        try:
            found[name] = _copy(value, [_MAX_ITEMS], tried, objects=True)
        except Exception:  # too large, too deep, or of a class that hides its parts
            found[name] = value
        else:
            known = tried
    return found


def changed_since(copies: Mapping[str, Any], values: Mapping[str, Any]) -> set[str]:
    """Return the names whose values have changed since they were copied.

    With them come the names that share a part with those: so the copies still share it, too.
    """
    found = {name for name, copy in copies.items() if not is_as_copied(copy, values[name])}
    if not found:
        return found
    parts = {n: _parts(copy) if copy is not values[n] else set() for n, copy in copies.items()}
    waiting = list(found)
    while waiting:
        own = parts[waiting.pop()]
        more = [name for name in parts.keys() - found if parts[name] & own]
        found.update(more)
        waiting += more
    return found


def _parts(copy: Any) -> set[int]:
    """What can be changed of a copy, and in it, by identity."""
    found = set[int]()
    waiting = [copy]
    while waiting:
        value = waiting.pop()
        kind = type(value)
        if id(value) in found:
            continue
        if kind in (list, tuple):
            waiting += value
        elif kind is dict:
            waiting += value.values()
        elif _is_own_object(kind):
            waiting += vars(value).values()
        elif kind not in (set, bytearray) and kind.__name__ not in _OF_LIBRARIES:
            continue
        if kind is not tuple:
            found.add(id(value))
    return found


def is_as_copied(copy: Any, value: Any) -> bool:
    """Whether a value is still what it was when it was copied, in all its parts."""
    try:
        return _is_same(copy, value, set())
    except Exception:  # tables with strange contents; the copy will do
        return False


def _is_same(copy: Any, value: Any, seen: set[tuple[int, int]]) -> bool:
    if copy is value or (id(copy), id(value)) in seen:
        return True
    seen.add((id(copy), id(value)))
    kind = type(value)
    if kind is not type(copy):
        return False
    if kind in (list, tuple):
        return len(copy) == len(value) and all(
            _is_same(old, new, seen) for old, new in zip(copy, value, strict=True)
        )
    if kind is dict:
        keys = list(copy) == list(value)
        return keys and all(_is_same(item, value[key], seen) for key, item in copy.items())
    if kind in (set, bytearray, int, float, complex, str, bytes):
        return bool(copy == value)
    if _is_own_object(kind):
        return _is_same(vars(copy), vars(value), seen)
    if hasattr(value, "detach"):
        learns = copy.requires_grad == value.requires_grad
        return learns and _is_same(copy.detach().numpy(), value.detach().numpy(), seen)
    if hasattr(value, "tobytes"):
        return bool(
            copy.dtype == value.dtype
            and copy.shape == value.shape
            and copy.tobytes() == value.tobytes()
        )
    return hasattr(value, "equals") and bool(copy.equals(value))


def _is_own_object(kind: type) -> bool:
    """Whether the objects of a class are plain ones: it and its bases are the notebook's own.

    A copy of what notices its end (``__del__``) would end as well.
    """
    own = kind.__mro__[:-1]
    return bool(own) and all(
        cls.__module__ == "__main__" and not vars(cls).keys() & {"__slots__", "__del__"}
        for cls in own
    )


def _copy(value: Any, room: list[int], known: dict[int, Any], *, objects: bool) -> Any:
    _take(room, 1)
    kind = type(value)
    if id(value) in known:
        return known[id(value)]
    if kind is list:
        found: Any = known.setdefault(id(value), [])
        found.extend(_copy(item, room, known, objects=objects) for item in value)
        return found
    if kind is dict:
        found = known.setdefault(id(value), {})
        found.update(
            (key, _copy(item, room, known, objects=objects)) for key, item in value.items()
        )
        return found
    if kind is tuple:
        return tuple(_copy(item, room, known, objects=objects) for item in value)
    if kind in (set, bytearray):
        _take(room, len(value) if kind is set else len(value) // _BYTES_AS_ITEM)
        return kind(value)
    if objects and _is_own_object(kind):
        found = known.setdefault(id(value), object.__new__(kind))
        parts = {k: _copy(v, room, known, objects=objects) for k, v in vars(value).items()}
        vars(found).update(parts)
        return found
    copy = _copy_of_library(value, kind, room)
    return known.setdefault(id(value), copy) if copy is not None else value


def _take(room: list[int], items: int) -> None:
    room[0] -= items
    if room[0] < 0:
        raise _TooLargeError


def _copy_of_library(value: Any, kind: type, room: list[int]) -> Any:
    """A copy of an array, a tensor or a table; None for anything else."""
    np, torch, pandas = (sys.modules.get(name) for name in ("numpy", "torch", "pandas"))
    is_array = np is not None and kind is np.ndarray
    is_tensor = torch is not None and kind is getattr(torch, "Tensor", None)
    tables = [getattr(pandas, name, None) for name in ("DataFrame", "Series")]
    if not is_array and not is_tensor and kind not in tables:
        return None
    size = value.nbytes if is_array or is_tensor else value.size * 8
    if size > _MAX_BYTES:
        return None
    _take(room, size // _BYTES_AS_ITEM)
    if is_tensor:
        return value.detach().clone().requires_grad_(value.requires_grad)
    return value.copy()
