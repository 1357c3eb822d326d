"""Likenesses that no honest process sends: they are refused, and cost neither time nor memory."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest

from fairmark.wire.codec import WireError
from fairmark.wire.likeness import Likenesses

_PRIME = 2**61 - 1
"""What hashes of integers are taken modulo of: its multiples have all the same."""
_ROWS = ["range", [0, 2, 1], [["plain", None]]]
_SAME = [["plain", number * _PRIME] for number in range(5_000)]

HOSTILE = {
    "a set of one hash": ["set", _SAME],
    "keys of one hash": ["keys", _SAME],
    "dicts of one hash": ["list", [["dict", [[k, k] for k in _SAME[:700]]]] * 3],
    "a text of terabytes": ["npstr", 2**40],
    "an array of long texts": ["texts", [["a"] * 4, "<U500000000", [4]]],
    "a column of long texts": ["series", [["S999999999", ["plain", ["a", "b"]]], _ROWS, _SAME[0]]],
    "a long integer": ["decimal", "1e999999999"],
    "a range of all": ["range", [0, 10**12, 1]],
    "a class": ["plain", object()],
    "a tensor of no type": ["tensor", [b"", "load", False]],
    "a date of no time": ["datetime", [1]],
    "an unknown word": ["eval", "1"],
    "an unhashable word": [["list"], []],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_likenesses_are_refused(name: str) -> None:
    likenesses = Likenesses(lambda value: ("none", None), lambda kind, sent: None)
    tracemalloc.start()
    try:
        with pytest.raises(WireError):
            likenesses.value(HOSTILE[name])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * 2**20


@pytest.mark.parametrize("value", [set(range(200_000)), {i: str(i) for i in range(50_000)}])
def test_large_ones_are_taken(value: Any) -> None:
    likenesses = Likenesses(lambda value: ("none", None), lambda kind, sent: None)
    assert likenesses.value(likenesses.of(value)) == value
