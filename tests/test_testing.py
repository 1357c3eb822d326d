"""The assertions of grader modules: fair to every right form, and clear about every wrong one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from fairmark.harness.proxy import Remote, StudentError
from fairmark.testing import Mismatch, as_array, assert_close, assert_equal, raises, weight

EXPECTED = np.array([[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize(
    "answer",
    [
        EXPECTED,
        EXPECTED.tolist(),
        tuple(map(tuple, EXPECTED)),
        [np.array([1, 2]), (3.0, np.float32(4))],
        EXPECTED.astype(np.float32),
        EXPECTED.astype(int),
        EXPECTED + 1e-10,
        EXPECTED.astype(complex),
    ],
)
def test_every_right_form_is_fine(answer: Any) -> None:
    assert_close(answer, EXPECTED)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (None, "return statement"),
        (EXPECTED.T, "expected 2, got 3"),
        (EXPECTED[0], "should have the shape (2, 2), but it has the shape (2,)"),
        (EXPECTED[..., None], "(2, 2, 1)"),
        (EXPECTED + 1e-3, "4 of 4 values of the answer are wrong"),
        ([[1.0, float("nan")], [3.0, 4.0]], "There is nan"),
        ([[1.0, 2.0], [3.0]], "rows differ in length"),
        ("12", "a str"),
        ({"a": 1}, "a dict"),
        ([["a", "b"], ["c", "d"]], "numbers only"),
        (5.0, "() (a single number)"),
    ],
)
def test_every_wrong_form_is_told(answer: Any, told: str) -> None:
    with pytest.raises(Mismatch) as caught:
        assert_close(answer, EXPECTED, hint="Think.")
    assert told in str(caught.value)


def test_a_number_is_no_array_of_one() -> None:
    assert_close(True, 1)
    assert_close(np.float64(2), 2)
    assert_close(np.array(2.0), 2)
    with pytest.raises(Mismatch, match="should be 2, but it is 3"):
        assert_close(3, 2)
    with pytest.raises(Mismatch, match="shape"):
        assert_close([2.0], 2)


def test_infinity_is_no_number_nearby() -> None:
    with pytest.raises(Mismatch):
        assert_close(np.inf, 1e308)
    assert_close(np.inf, np.inf)


def test_tolerance_is_relative_to_what_is_expected() -> None:
    assert_close(1e20 * (1 + 1e-8), 1e20)
    with pytest.raises(Mismatch):
        assert_close(1e20 * (1 + 1e-6), 1e20)


@pytest.mark.parametrize(
    ("actual", "expected"), [(2.0, 2), (True, True), ("a", "a"), ([1, 2], [1, 2])]
)
def test_equal(actual: Any, expected: Any) -> None:
    assert_equal(actual, expected)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [(2.5, 2), (None, 2), ("a", "b"), ([1], [1, 2]), ([[1], [1, 2]], [1, 1])],
)
def test_not_equal(actual: Any, expected: Any) -> None:
    with pytest.raises(Mismatch, match="should be"):
        assert_equal(actual, expected, hint="Think.")


def test_the_right_exception() -> None:
    with raises("ValueError"):
        raise StudentError(["MyError", "ValueError", "Exception"], "no", "")
    with pytest.raises(Mismatch, match="raised KeyError"), raises("ValueError"):
        raise StudentError(["KeyError", "LookupError"], "'x'", "")
    with pytest.raises(Mismatch, match="raised nothing"), raises("ValueError"):
        pass


def test_ints_become_floats_and_stay_exact() -> None:
    assert as_array([1, 2]).dtype == float
    with pytest.raises(ValueError, match="above 0"):
        weight(0)


NAN = float("nan")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ([1, 2], (1, 2)),
        (("a", "b"), ["a", "b"]),
        ([[1], [2, 3]], [[1], [2, 3]]),
        ([], ()),
        (np.array([]), []),
        ([np.array([1, 2]), np.array([3])], [[1, 2], [3]]),
        ({"a": np.array([1, 2]), "b": (None, "x")}, {"b": [None, "x"], "a": [1, 2]}),
        ([NAN, [NAN]], [NAN, [NAN]]),
        (np.array([NAN, 1.0]), [NAN, 1]),
        (math.factorial(30), math.factorial(30)),
        ([2**70, 1], [2**70, 1]),
        (np.float64(2), 2),
        (np.array(2), 2),
        (np.zeros((0, 3)), np.zeros((0, 3))),
        (np.arange(100).reshape(10, 10), np.arange(100).reshape(10, 10).tolist()),
        (True, np.bool_(True)),
    ],
)
def test_the_same_data_is_equal(answer: Any, expected: Any) -> None:
    assert_equal(answer, expected)
    assert_equal(expected, answer)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ([1, 2], [1, 2, 3]),
        ([1, 2], [2, 1]),
        ([[1], [2, 3]], [[1, 2], [3]]),
        ("1", 1),
        (b"a", "a"),
        ([1], 1),
        (None, 0),
        (None, []),
        ({}, []),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1}, {"b": 1}),
        (0.1 + 0.2, 0.3),
        (1000000.25, 1000000.75),
        (np.zeros((0, 3)), np.zeros((3, 0))),
        (list(range(100)), [*range(50), 0, *range(51, 100)]),
        ({"x": [0.0] * 20}, {"x": [0.0] * 19 + [1e-9]}),
        (NAN, 0.0),
        (Remote(None, 0, "Liar"), 1),  # type: ignore[arg-type]
        ([Remote(None, 0, "Liar")], [1]),  # type: ignore[arg-type]
    ],
)
def test_other_data_is_not_and_the_difference_is_seen(answer: Any, expected: Any) -> None:
    for one, other in ((answer, expected), (expected, answer)):
        with pytest.raises(Mismatch) as caught:
            assert_equal(one, other)
        wanted, _, got = caught.value.message.rstrip(".").rpartition(
            ", got " if ", got " in caught.value.message else ", but it is "
        )
        assert got
        assert not wanted.endswith(f" {got}")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (math.factorial(25), math.factorial(25)),
        ([[1.0], [2.0, 3.0 + 1e-12]], [[1], [2, 3]]),
        ((np.ones((2, 3)), [1, 2]), [np.ones((2, 3)), np.array([1.0, 2.0])]),
        ({"W": np.ones((2, 2)), "b": [0.5]}, {"b": np.array([0.5]), "W": [[1, 1], [1, 1]]}),
        ([{"loss": 1.0, "name": "a", "note": None}], [{"loss": 1.0, "name": "a", "note": None}]),
        ([NAN, [1.0]], [NAN, [1.0]]),
    ],
)
def test_nested_numbers_are_compared_item_by_item(answer: Any, expected: Any) -> None:
    assert_close(answer, expected)


@pytest.mark.parametrize(
    ("answer", "expected", "told"),
    [
        ([[1.0], [2.0, 4.0]], [[1], [2, 3]], "values of the answer[1]"),
        ({"W": [1.0]}, {"W": [1.0], "b": 0.0}, "should have the keys 'W', 'b', but it has 'W'"),
        ([1.0], {"W": [1.0]}, "should be a dictionary, but it is a list"),
        ([[1.0]], [[1], [2, 3]], "should hold 2 items, but it holds 1"),
        (3.0, [[1], [2, 3]], "should be a list, but it is a float"),
        ({"W": [2.0]}, {"W": [1.0]}, "the answer['W'] is wrong"),
        ([0.3535766], [0.3535764], "expected 0.353576, got 0.353577"),
        (100000.4, 100000.1, "should be 100000.1, but it is 100000.4"),
        (10**400, 1.0, "beyond the range of floats"),
    ],
)
def test_what_is_wrong_in_nested_numbers_is_told(answer: Any, expected: Any, told: str) -> None:
    with pytest.raises(Mismatch) as caught:
        assert_close(answer, expected, rtol=1e-9)
    assert told in caught.value.message
