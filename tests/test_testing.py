"""The assertions of grader modules: fair to every right form, and clear about every wrong one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fairmark.harness.proxy import StudentError
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
        ([[1.0, float("nan")], [3.0, 4.0]], "holds nan"),
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
