"""What a grader module imports: markers, and assertions whose failures teach.

A grader module is an ordinary pytest module::

    @question("perceptron_update")
    class TestUpdate:
        def test_lecture_example(self, submission):
            \"\"\"w=(0,-1,1), x=(1,2,3), y=-1, lr=0.1 gives (-0.1,-1.2,0.7).\"\"\"
            answer = submission.perceptron_update([0.0, -1.0, 1.0], [1.0, 2.0, 3.0], -1, 0.1)
            assert_close(answer, [-0.1, -1.2, 0.7], hint="Which way does the label turn the step?")
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import numpy as np
import pytest

from fairmark.harness.proxy import Mismatch, Remote, StudentError, Submission

__all__ = [
    "Mismatch",
    "Remote",
    "StudentError",
    "Submission",
    "as_array",
    "assert_close",
    "assert_equal",
    "fail",
    "hidden",
    "question",
    "raises",
    "weight",
]

hidden = pytest.mark.fairmark_hidden
"""Marks a test that never leaves the instructor."""

_MAX_SHOWN = 12


def question(question_id: str) -> pytest.MarkDecorator:
    """Mark a class (or a function) as testing the exercise ``question_id``."""
    return pytest.mark.fairmark_question(question_id)


def weight(value: float) -> pytest.MarkDecorator:
    """Mark a test as counting ``value`` times as much as one without this mark."""
    if not value > 0:
        raise ValueError(f"weight: expected a number above 0, got {value!r}")
    return pytest.mark.fairmark_weight(value)


def fail(message: str, hint: str = "") -> NoReturn:
    """Fail the test with a message, and a hint that makes the student think."""
    raise Mismatch(message, hint=hint)


def as_array(value: Any, what: str = "the answer") -> np.ndarray[Any, Any]:
    """Return an answer as an array of numbers; fail the test readably when it is none.

    Arrays, numbers, and lists or tuples of any right nesting are fine; so are bools.
    """
    if value is None:
        raise Mismatch(
            f"{_capital(what)} is None.", hint="Does the function end with a return statement?"
        )
    if isinstance(value, (str, bytes, dict)) or _holds_object(value):
        raise Mismatch(f"{_capital(what)} should be numbers, but it is {_kind(value)}.")
    try:
        array = np.asarray(value)
    except ValueError:
        raise Mismatch(
            f"{_capital(what)} should be a rectangular array, but its rows differ in length."
        ) from None
    if array.dtype.kind not in "biufc":
        raise Mismatch(f"{_capital(what)} should be numbers only, but it is {_show(value)}.")
    return array.astype(float) if array.dtype.kind in "biu" else array


def assert_close(
    actual: Any,
    expected: Any,
    *,
    rtol: float = 1e-7,
    atol: float = 1e-9,
    hint: str = "",
    what: str = "the answer",
) -> None:
    """Fail unless ``actual`` has the shape of ``expected`` and its values, within the tolerance.

    The tolerance is NumPy's: ``|actual - expected| <= atol + rtol * |expected|``. NaN equals
    nothing but an expected NaN.
    """
    wanted = as_array(expected)
    got = as_array(actual, what)
    texts = {"expected": _show(expected), "actual": _show(actual), "hint": hint}
    if got.shape != wanted.shape:
        raise Mismatch(
            f"{_capital(what)} should have the shape {_shape(wanted)}, "
            f"but it has the shape {_shape(got)}.",
            **texts,
        )
    right = np.isclose(got, wanted, rtol=rtol, atol=atol, equal_nan=True)
    if right.all():
        return
    if np.isnan(got).any() and not np.isnan(wanted).any():
        raise Mismatch(f"{_capital(what)} holds nan (not a number).", **texts)
    if wanted.ndim == 0:
        raise Mismatch(
            f"{_capital(what)} should be {_show(expected)}, but it is {_show(actual)}.", **texts
        )
    place = tuple(int(i) for i in np.argwhere(~right)[0])
    wrong = int((~right).sum())
    raise Mismatch(
        f"{wrong} of {right.size} values of {what} {'is' if wrong == 1 else 'are'} wrong; the "
        f"first is at {list(place)}: expected {_show(wanted[place])}, got {_show(got[place])}.",
        **texts,
    )


def assert_equal(actual: Any, expected: Any, *, hint: str = "", what: str = "the answer") -> None:
    """Fail unless a number, bool, string or None (or a list of them) equals ``expected``."""
    equal = False
    if not _holds_object(actual):
        try:
            equal = bool(
                np.all(np.shape(actual) == np.shape(expected)) and np.all(actual == expected)
            )
        except ValueError:
            equal = False  # ragged lists have no shape, and equal nothing that has one
    if not equal:
        raise Mismatch(
            f"{_capital(what)} should be {_show(expected)}, but it is {_show(actual)}.",
            hint=hint,
            expected=_show(expected),
            actual=_show(actual),
        )


@contextmanager
def raises(type_name: str, hint: str = "") -> Iterator[None]:
    """Fail unless the student's code raises an exception of this name, or of a subclass of it."""
    try:
        yield
    except StudentError as error:
        if type_name in error.types:
            return
        raise Mismatch(
            f"The function should raise {type_name} here, but it raised {error}.",
            hint=hint,
            expected=type_name,
            actual=error.type_name,
        ) from None
    raise Mismatch(
        f"The function should raise {type_name} here, but it raised nothing.",
        hint=hint,
        expected=type_name,
        actual="no exception",
    )


def _show(value: Any) -> str:
    """A short, readable form of a value."""
    if isinstance(value, Remote) or value is None:
        return _kind(value)
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist() if value.size <= _MAX_SHOWN else value
    if isinstance(value, np.ndarray):
        text = np.array2string(value, precision=4, threshold=_MAX_SHOWN, edgeitems=2)
    elif isinstance(value, float):
        text = f"{value:.6g}"
    elif isinstance(value, (list, tuple)):
        shown = [_show(item) for item in value[:_MAX_SHOWN]]
        text = "[" + ", ".join(shown + ["..."] * (len(value) > _MAX_SHOWN)) + "]"
    else:
        text = repr(value)
    return text if len(text) <= 400 else text[:400] + " ..."


def _holds_object(value: Any) -> bool:
    """Whether a value is, or a list holds, an object that stays with the student.

    NumPy would take it for a list, and ask it for items for as long as it likes.
    """
    if isinstance(value, (list, tuple)):
        return any(map(_holds_object, value))
    return isinstance(value, Remote)


def _kind(value: Any) -> str:
    if value is None:
        return "None"
    if isinstance(value, Remote):
        return repr(value)
    return f"a {type(value).__name__}"


def _shape(array: np.ndarray[Any, Any]) -> str:
    return "() (a single number)" if array.ndim == 0 else str(array.shape)


def _capital(text: str) -> str:
    """Begin a sentence with this, unless it is a piece of code."""
    return "T" + text[1:] if text.startswith("the ") else text
