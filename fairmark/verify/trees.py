"""Values in the form in which they travel (``fairmark.wire.codec``): looked into, and changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from fairmark.wire.codec import Decoder, Encoder

Array = np.ndarray[Any, Any]
Change = Callable[[Array], Array]

_ARRAYS = ("a", "T", "s")
_RTOL, _RTOL_SINGLE = 1e-6, 1e-4
"""Of double and of single precision: the part of a number, and of the largest beside it."""


def tag_of(tree: Any) -> str:
    """The tag of a tree; "" for a plain value."""
    return str(tree[0]) if isinstance(tree, list) and tree else ""


def array_of(tree: Any) -> Array | None:
    """The numbers of a tree as an array: of a number, an array, or a regular list of numbers."""
    tag = tag_of(tree)
    if tag == "v":
        return array_of(tree[1])
    if isinstance(tree, bool | int | float):
        return np.asarray(tree)
    if tag in _ARRAYS:
        return np.asarray(Decoder().decode(tree))
    if tag in ("l", "t") and tree[1]:
        parts = [array_of(item) for item in tree[1]]
        first = parts[0]
        if first is not None and all(p is not None and p.shape == first.shape for p in parts):
            return np.stack([part for part in parts if part is not None])
    return None


def like(tree: Any, array: Array) -> Any:
    """The tree of an array, in the form that another tree has: a tensor, a list, a number."""
    tag = tag_of(tree)
    if tag in ("l", "t") and array.ndim:
        return [tag, [Encoder().encode(item) for item in array.tolist()]]
    if tag == "T":
        # What is sent as a tensor keeps its kind of numbers, as torch does not mix them.
        found = np.asarray(Decoder().decode(tree))
        return ["T", *Encoder().encode(array.astype(found.dtype))[1:]]
    if tag == "s" and not array.ndim:
        return Encoder().encode(array[()])
    if isinstance(tree, bool | int | float) and not array.ndim:
        return array.item()
    return Encoder().encode(array)


def changed(tree: Any, change: Change) -> Any:
    """The tree with each of its arrays and numbers changed; the rest stays."""
    array = array_of(tree)
    if array is not None:
        return like(tree, change(array))
    match tag_of(tree):
        case "l" | "t" as tag:
            return [tag, [changed(item, change) for item in tree[1]]]
        case "d":
            return ["d", [[key, changed(value, change)] for key, value in tree[1]]]
    return tree


def plain(tree: Any) -> Any:
    """The tree as an answer may send it: without what tells how an array lies in memory."""
    match tag_of(tree):
        case "v":
            return tree[1]
        case "l" | "t" as tag:
            return [tag, [plain(item) for item in tree[1]]]
        case "d":
            return ["d", [[key, plain(value)] for key, value in tree[1]]]
    return tree


def holds(tree: Any, tags: str) -> bool:
    """Whether any part of a tree has one of these tags: ``h`` for objects, ``f`` for functions."""
    return any(tag_of(part) in tags for part in parts(tree) if tag_of(part))


def parts(tree: Any) -> Iterator[Any]:
    """A tree and all trees in it."""
    yield tree
    match tag_of(tree):
        case "l" | "t":
            for item in tree[1]:
                yield from parts(item)
        case "d":
            for pair in tree[1]:
                yield from parts(pair[0])
                yield from parts(pair[1])


def same(first: Any, second: Any) -> bool:
    """Whether two trees hold the same values, up to rounding; lists and arrays are alike."""
    one, other = array_of(first), array_of(second)
    if one is not None and other is not None:
        if one.shape != other.shape:
            return False
        return _close(one, other)
    if one is not None or other is not None or tag_of(first) != tag_of(second):
        return False
    match tag_of(first):
        case "l" | "t":
            return len(first[1]) == len(second[1]) and all(map(same, first[1], second[1]))
        case "d":
            mine, others = _by_key(first), _by_key(second)
            return mine.keys() == others.keys() and all(same(mine[k], others[k]) for k in mine)
        case "h" | "f":
            return True  # an object that stays where it is says nothing by itself
    return bool(first == second)


def _close(one: Array, other: Array) -> bool:
    single = any(array.dtype.kind == "f" and array.dtype.itemsize < 8 for array in (one, other))
    rtol = _RTOL_SINGLE if single else _RTOL
    with np.errstate(all="ignore"):
        finite = np.abs(one[np.isfinite(one)])
        largest = float(finite.max()) if finite.size else 0.0
        return bool(np.allclose(one, other, rtol, rtol * largest, equal_nan=True))


def value_of(tree: Any) -> Any:
    """The value of a tree, to be shown; objects and functions are ellipses."""
    return Decoder(lambda number, name: ..., lambda number: ...).decode(plain(tree))


def _by_key(tree: Any) -> dict[str, Any]:
    return {repr(key): value for key, value in tree[1]}
