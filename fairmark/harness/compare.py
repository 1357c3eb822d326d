"""Comparing nested plain data, and showing two values so that their difference is visible."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from fairmark.harness.proxy import Remote

_MAX_SHOWN = 12
_MAX_TEXT = 400
_DIGITS = (6, 9, 17)
"""The precisions to try, up to the one at which any two floats differ."""

Path = tuple[Any, ...]
"""The place of an item in a value: the indices and keys that lead to it."""


def is_equal(actual: Any, expected: Any) -> bool:
    """Whether two values are the same data: see :func:`first_difference`."""
    return first_difference(actual, expected) is None


def first_difference(actual: Any, expected: Any) -> tuple[Path, Any, Any] | None:
    """Return the first place where two values differ, and both items there; None if they agree.

    Lists, tuples and arrays agree if they hold the same items in the same order, at any depth;
    dictionaries agree if they hold the same items under the same keys. NaN agrees with NaN. An
    object that stays in the student's process agrees with nothing.
    """
    return next(_differences(_plain(actual), _plain(expected), ()), None)


def show(value: Any, digits: int = 6) -> str:
    """Return a short, readable form of a value; ``digits`` are the significant digits of floats."""
    if isinstance(value, Remote) or value is None:
        return kind(value)
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist() if value.size <= _MAX_SHOWN else value
    if isinstance(value, np.ndarray):
        precision = 4 if digits == _DIGITS[0] else digits
        text = np.array2string(value, precision=precision, threshold=_MAX_SHOWN, edgeitems=2)
    elif isinstance(value, float):
        text = repr(value) if digits == _DIGITS[-1] else f"{value:.{digits}g}"
    elif isinstance(value, (list, tuple)):
        shown = [show(item, digits) for item in value[:_MAX_SHOWN]]
        text = "[" + ", ".join(shown + ["..."] * (len(value) > _MAX_SHOWN)) + "]"
    elif isinstance(value, (set, frozenset)) and value:
        parts = [show(item, digits) for item in sorted(value, key=repr)[:_MAX_SHOWN]]
        text = "{" + ", ".join(parts + ["..."] * (len(value) > _MAX_SHOWN)) + "}"
    elif isinstance(value, dict):
        items = [f"{key!r}: {show(value[key], digits)}" for key in list(value)[:_MAX_SHOWN]]
        text = "{" + ", ".join(items + ["..."] * (len(value) > _MAX_SHOWN)) + "}"
    else:
        text = repr(value)
    return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + " ..."


def show_both(expected: Any, actual: Any) -> tuple[str, str]:
    """Return both values as texts, which differ if the values or their types do."""
    for digits in _DIGITS:
        texts = show(expected, digits), show(actual, digits)
        if texts[0] != texts[1]:
            return texts
    kinds = kind(expected), kind(actual)
    return (
        (f"{texts[0]} ({kinds[0]})", f"{texts[1]} ({kinds[1]})") if kinds[0] != kinds[1] else texts
    )


def kind(value: Any) -> str:
    """Return the type of a value as words that fit after "it is"."""
    if value is None:
        return "None"
    if isinstance(value, Remote):
        return repr(value)
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def holds_object(value: Any) -> bool:
    """Whether a value is, or holds, an object that stays in the student's process.

    NumPy would take it for a list, and ask it for items for as long as it likes.
    """
    if isinstance(value, (list, tuple)):
        return any(map(holds_object, value))
    if isinstance(value, dict):
        return any(map(holds_object, value.values()))
    return isinstance(value, Remote)


def place(path: Path) -> str:
    """Return a path in Python's notation: ``[0]['weights']``."""
    return "".join(f"[{step!r}]" for step in path)


def _differences(actual: Any, expected: Any, path: Path) -> Iterator[tuple[Path, Any, Any]]:
    if isinstance(actual, list) and isinstance(expected, list):
        for i, (one, other) in enumerate(zip(actual, expected, strict=False)):
            yield from _differences(one, other, (*path, i))
        if len(actual) != len(expected):
            yield path, actual, expected
    elif isinstance(actual, dict) and isinstance(expected, dict):
        if actual.keys() != expected.keys():
            yield path, actual, expected
        for key in expected.keys() & actual.keys():
            yield from _differences(actual[key], expected[key], (*path, key))
    elif not _is_same_leaf(actual, expected):
        yield path, actual, expected


def _is_same_leaf(actual: Any, expected: Any) -> bool:
    if isinstance(actual, Remote) or isinstance(expected, Remote):
        return False
    try:
        return bool(actual == expected) or (_is_nan(actual) and _is_nan(expected))
    except (TypeError, ValueError):  # a list is no number
        return False


def _is_nan(value: Any) -> bool:
    try:
        return isinstance(value, (float, complex, np.number)) and bool(np.isnan(value))
    except TypeError:
        return False


def _plain(value: Any) -> Any:
    """The value with lists in place of tuples and arrays, and with Python's own numbers."""
    if isinstance(value, np.ndarray):
        return value.tolist() if value.size or value.ndim == 1 else _Empty(value.shape)
    if isinstance(value, np.generic):
        number = value.item()
        return number if not isinstance(number, np.generic) else value
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


class _Empty:
    """An array without items, which is compared by its shape."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._shape = shape

    def __eq__(self, other: object) -> bool:
        if isinstance(other, _Empty):
            return other._shape == self._shape
        return isinstance(other, list) and np.shape(other) == self._shape

    def __hash__(self) -> int:
        return hash(self._shape)


__all__ = [
    "first_difference",
    "holds_object",
    "is_equal",
    "kind",
    "place",
    "show",
    "show_both",
]
