"""What a test has compared: a result of the student's code, and what was expected."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fairmark.harness.calls import LastCall

Array = np.ndarray[Any, Any]

_MAX_COMPARISONS = 60
_MAX_SIZE = 4096
_ATOL = 1e-9
EXACT, ROUNDED = 1e-6, 1e-4
"""Relative tolerances: up to rounding, and up to the digits that people write into tests."""
_RTOL: ContextVar[float] = ContextVar("rtol", default=EXACT)
_NUMBERS: ContextVar[bool] = ContextVar("numbers", default=True)


@dataclass(frozen=True)
class Comparison:
    """One result of the student's code, and what was expected."""

    function: str
    """The name that was called; "" for what was come by in another way."""
    what: str
    """What of its result was looked at."""
    wanted: Array
    got: Array
    arguments: tuple[Array | None, ...]
    """The arguments of the call; None for what is no numbers."""
    keywords: Mapping[str, Array | None] = field(default_factory=dict)
    """The arguments that were given by name."""

    @property
    def failed(self) -> bool:
        """Whether the two differ."""
        return not same(self.got, self.wanted)


@dataclass
class Comparisons:
    """The comparisons of one test, in their order."""

    last_call: Callable[[], LastCall] = LastCall
    """Tells the test's last call."""
    kept: list[Comparison] = field(default_factory=list)

    def note(self, actual: Any, expected: Any, what: str) -> None:
        """Note a comparison of numbers; anything else, and what is very large, is passed over."""
        got, wanted = _numbers(actual), _numbers(expected)
        if got is None or wanted is None or len(self.kept) >= _MAX_COMPARISONS:
            return
        call = self.last_call()
        # Of what was come by in another way, such as a variable, a call's arguments say nothing.
        of_call = call.returned(actual)
        arguments = tuple(map(_numbers, call.arguments)) if of_call else ()
        named = {k: _numbers(v) for k, v in call.keywords.items()} if of_call else {}
        self.kept.append(Comparison(call.name, what, wanted, got, arguments, named))


_CURRENT: ContextVar[Comparisons | None] = ContextVar("comparisons", default=None)


@contextmanager
def noting(comparisons: Comparisons) -> Iterator[None]:
    """Note what is compared meanwhile."""
    token = _CURRENT.set(comparisons)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def note_comparison(actual: Any, expected: Any, what: str) -> None:
    """Note a comparison of the test that is running, if one is."""
    if (current := _CURRENT.get()) is not None:
        current.note(actual, expected, what)


@contextmanager
def up_to(rtol: float) -> Iterator[None]:
    """Take for the same meanwhile what differs by less than this."""
    token = _RTOL.set(rtol)
    try:
        yield
    finally:
        _RTOL.reset(token)


@contextmanager
def without_numbers() -> Iterator[None]:
    """Tell no numbers of values meanwhile.

    Of a hidden test they would be told to its student, whose code can see to it that such a number
    is one of the test's own: a factor that all its answers have is for the code to choose.
    """
    token = _NUMBERS.set(False)
    try:
        yield
    finally:
        _NUMBERS.reset(token)


def told(exactly: str, in_words: str) -> str:
    """Return one of two sentences: the one with numbers, where these may be told."""
    return exactly if _NUMBERS.get() else in_words


def same(got: Array, wanted: Array) -> bool:
    """Whether two arrays have the same shape and, up to rounding, the same values."""
    return got.shape == wanted.shape and bool(close(got, wanted).all())


def close(got: Array, wanted: Array) -> Array:
    """Which values of two arrays of one shape are the same, up to rounding."""
    finite = np.abs(wanted[np.isfinite(wanted)])
    rtol = _RTOL.get()
    atol = _ATOL + rtol * 1e-3 * (float(finite.max()) if finite.size else 0.0)
    with np.errstate(all="ignore"):  # of very large numbers, the difference is infinite
        return np.isclose(got, wanted, rtol=rtol, atol=atol, equal_nan=True)


def same_number(one: float, other: float) -> bool:
    """Whether two factors are the same: each was computed from two numbers."""
    return math.isclose(one, other, rel_tol=10 * _RTOL.get())


def _numbers(value: Any) -> Array | None:
    """A value as an array of floats; None for what is no numbers, and for very many."""
    if not _holds_numbers(value):
        return None
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if array.dtype.kind not in "biuf" or not 0 < array.size <= _MAX_SIZE:
        return None
    return array.astype(float)


def _holds_numbers(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return len(value) <= _MAX_SIZE and all(map(_holds_numbers, value))
    return isinstance(value, (bool, int, float, np.ndarray, np.generic))
