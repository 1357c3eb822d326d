"""What a test has compared: a result of the student's code, and what was expected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fairmark.harness.calls import LastCall

Array = np.ndarray[Any, Any]

_MAX_COMPARISONS = 60
_MAX_SIZE = 4096
_RTOL, _ATOL = 1e-6, 1e-9


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
        arguments = call.arguments if call.returned(actual) else ()
        self.kept.append(Comparison(call.name, what, wanted, got, tuple(map(_numbers, arguments))))


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


def same(got: Array, wanted: Array) -> bool:
    """Whether two arrays have the same shape and, up to rounding, the same values."""
    return got.shape == wanted.shape and bool(close(got, wanted).all())


def close(got: Array, wanted: Array) -> Array:
    """Which values of two arrays of one shape are the same, up to rounding."""
    finite = np.abs(wanted[np.isfinite(wanted)])
    atol = _ATOL + _RTOL * 1e-3 * (float(finite.max()) if finite.size else 0.0)
    return np.isclose(got, wanted, rtol=_RTOL, atol=atol, equal_nan=True)


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
