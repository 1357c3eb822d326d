"""Brief forms of answers, and when two are the same."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from fairmark.harness.observe import agree, same_course, summarise

VALUES: list[Any] = [
    None,
    True,
    0,
    1.5,
    "text",
    b"bytes",
    [1, 2, 3],
    [1, 2, 4],
    (1.0, [2.0]),
    [[1, 2], [3, 4]],
    np.arange(40.0),
    np.arange(40.0).reshape(5, 8),
    np.full(40, np.nan),
    np.array([np.inf, -np.inf]),
    {"a": 1},
    {"b": 1},
    {"a": [1, 2]},
    {"a": object()},
    ["a", None],
]


def test_different_values_differ() -> None:
    forms = [summarise(value) for value in VALUES]
    json.dumps(forms, allow_nan=False)
    for i, first in enumerate(forms):
        for j, second in enumerate(forms):
            assert agree(first, second) == (i == j), (VALUES[i], VALUES[j])


@pytest.mark.parametrize(
    "same",
    [
        ([1.0, 2.0], (1, 2), np.array([1.0, 2.0]), np.array([1, 2], dtype=np.float32)),
        (np.pi, np.float32(np.pi), np.array(np.pi)),
        ([[1, 2], [3, 4]], np.array([[1, 2], [3, 4]]), [np.array([1, 2]), np.array([3, 4])]),
    ],
)
def test_the_container_and_the_precision_do_not_count(same: tuple[Any, ...]) -> None:
    for value in same:
        assert agree(summarise(value), summarise(same[0]))


@given(hnp.arrays(float, hnp.array_shapes(max_side=9), elements=st.floats(-1e6, 1e6)))
def test_arrays_agree_with_themselves_in_single_precision(array: np.ndarray[Any, Any]) -> None:
    assert agree(summarise(array), summarise(array.astype(np.float32)))
    if np.abs(array).max() > 1e-3:
        assert not agree(summarise(array), summarise(array + np.abs(array).max()))


def test_courses_are_compared_whole() -> None:
    one, two = ["f", "ok", summarise(1)], ["f", "ok", summarise(2)]
    assert same_course([one, two], [one, two])
    assert not same_course([one, two], [one])
    assert not same_course([one], [two])
    assert not same_course([["f", "error", "ValueError"]], [["f", "error", "TypeError"]])
