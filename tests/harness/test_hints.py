"""A hint is shown where it fits the failure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fairmark.harness.failures import Mismatch, StudentError
from fairmark.testing import assert_close, assert_equal, raises

SIGN = "Which way does the label turn the step?"
AXIS = "Over which axis is the sum taken?"
OWN_SHAPE = "Print the .shape of what you return, and write down what each axis stands for."


def hint_of(actual: Any, expected: Any, hint: Any) -> str:
    with pytest.raises(Mismatch) as caught:
        assert_close(actual, expected, hint=hint)
    return caught.value.hint


@pytest.mark.parametrize(
    ("actual", "hint", "shown"),
    [
        ([1.0, 3.0], SIGN, SIGN),
        ([1.0, 3.0], AXIS, AXIS),
        ([1.0], SIGN, OWN_SHAPE),
        ([1.0], AXIS, AXIS),
        ([1.0, np.nan], SIGN, "Which step gives nan: 0/0, inf - inf, the log or the root of a "
         "negative number?"),
        ([1.0, np.nan], "The log of what?", "The log of what?"),
        ([1.0], {"values": SIGN, "shape": "Two numbers."}, "Two numbers."),
        ([1.0, 3.0], {"values": SIGN, "shape": "Two numbers."}, SIGN),
        ([1.0, 3.0], {"shape": "Two numbers."}, ""),
        ([1.0], {"values": SIGN}, OWN_SHAPE),
        (None, SIGN, "Does the function end with a return statement?"),
    ],
)  # fmt: skip
def test_by_the_kind_of_failure(actual: Any, hint: Any, shown: str) -> None:
    assert hint_of(actual, [1.0, 2.0], hint) == shown


@pytest.mark.parametrize(
    ("actual", "expected", "shown"),
    [(1, 2, SIGN), ("a", 2, ""), ([1], [1, 2], OWN_SHAPE), ([1, 3], [1, 2], SIGN), (None, 2, "")],
)
def test_of_equal_data(actual: Any, expected: Any, shown: str) -> None:
    with pytest.raises(Mismatch) as caught:
        assert_equal(actual, expected, hint=SIGN)
    assert caught.value.hint == shown


@pytest.mark.parametrize(("error", "shown"), [("IndexError", SIGN), ("NameError", "")])
def test_of_exceptions(error: str, shown: str) -> None:
    with pytest.raises(Mismatch) as caught, raises("ValueError", hint=SIGN):
        raise StudentError([error], "", "")
    assert caught.value.hint == shown
