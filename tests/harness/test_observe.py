"""Brief forms of answers, and when two are the same."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from fairmark.harness.observe import (
    MAX_OBSERVATIONS,
    Observation,
    ObservationLog,
    agree,
    same_course,
    summarise,
)

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
    {"array": 1},
    {"array": 2},
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
    one, two = (Observation("f", "ok", summarise(value)) for value in (1, 2))
    assert same_course([one, two], [one, two])
    assert not same_course([one, two], [one])
    assert not same_course([one], [two])
    errors = [[Observation("f", "error", name)] for name in ("ValueError", "TypeError")]
    assert not same_course(*errors)
    called = [[Observation(name, "ok", summarise(1))] for name in ("array", "f", "array")]
    assert not same_course(called[0], called[1])
    assert same_course(called[0], called[2])


def test_observations_survive_json() -> None:
    for one in (Observation("f", "ok", summarise({"a": [1.5]})), Observation("", "error", None)):
        assert Observation.from_json(json.loads(json.dumps(one.to_json()))) == one
    for bad in (["f", "ok"], "abc", ["f", 1, None], [None, "ok", None], ["f", "ok", None, 1]):
        with pytest.raises((TypeError, ValueError)):
            Observation.from_json(bad)


def test_a_log_keeps_the_order_in_which_requests_began() -> None:
    log = ObservationLog()
    first, second = log.begin("f"), log.begin("g")
    log.add(Observation("", "calls back"))
    second("ok", 2)
    first("error", "ValueError")
    first("warned", 1)
    expected = [("f", "warned", 1), ("g", "ok", 2), ("", "calls back", None)]
    assert log.kept == [Observation(*one) for one in expected]
    while len(log.kept) < MAX_OBSERVATIONS:
        log.begin("f")("ok", None)
    log.begin("h")("ok", None)
    log.add(Observation("h", "ok"))
    assert len(log.kept) == MAX_OBSERVATIONS
    assert all(one.target != "h" for one in log.kept)
