"""What a test saw of an answer, in brief: enough to tell whether two answers behave alike.

A test's *observations* tell what came of each of its requests, in order. Those of known mistakes
are stored when the graders are verified, and compared with a student's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Self

import numpy as np

MAX_OBSERVATIONS = 60
"""How many observations of one test are kept: enough to tell two answers apart."""
_SAMPLES = 12
_ITEMS = 24
_DIGITS = 9
_RTOL, _ATOL = 1e-5, 1e-8


class Observation(NamedTuple):
    """What came of one request of a test."""

    target: str
    """The name that was called; "" for an object that the student's code had returned."""
    outcome: str
    """How it ended: "ok", "error", ...; "" where it has not."""
    summary: Any = None
    """A brief form of what came, as :func:`summarise` makes it; of an error, its type."""

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read what :meth:`to_json` wrote; raise TypeError or ValueError for anything else."""
        target, outcome, summary = data
        if not (type(data) is list and type(target) is type(outcome) is str):
            raise TypeError("an observation is [target, outcome, summary]")
        return cls(target, outcome, summary)

    def to_json(self) -> list[Any]:
        """The observation as JSON-able data."""
        return list(self)

    def agrees(self, other: Observation) -> bool:
        """Whether the same was called, and the same came of it."""
        return self[:2] == other[:2] and agree(self.summary, other.summary)


class ObservationLog:
    """The observations of one test, in the order in which its requests began."""

    def __init__(self) -> None:
        self.kept: list[Observation] = []

    def begin(self, target: str) -> Callable[[str, Any], None]:
        """Keep a place for a request; return the function that notes its outcome and summary.

        What the student's code asks the grader meanwhile comes behind it.
        """
        place = len(self.kept)

        def end(outcome: str, summary: Any) -> None:
            if place < MAX_OBSERVATIONS:
                self.kept[place] = Observation(target, outcome, summary)

        self.add(Observation(target, ""))
        return end

    def add(self, observation: Observation) -> None:
        """Note an observation, unless there are enough."""
        if len(self.kept) < MAX_OBSERVATIONS:
            self.kept.append(observation)


def summarise(value: Any, depth: int = 0) -> Any:
    """Return a brief, JSON-able form of a value: an array's shape and a dozen of its values."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (str, bytes)):
        return ["text", str(value[:200])]
    if isinstance(value, dict):
        items = list(value.items())[:_ITEMS]
        return ["dict", len(value), [[str(key), summarise(v, depth + 1)] for key, v in items]]
    if isinstance(value, (int, float, np.ndarray, np.generic)):
        return _summarise_array(np.asarray(value))
    if isinstance(value, (list, tuple)):
        array = _as_array(value)
        if array is not None:
            return _summarise_array(array)
        if depth > 4:
            return ["list", len(value)]
        return ["list", len(value), [summarise(item, depth + 1) for item in value[:_ITEMS]]]
    return ["object"]


def agree(first: Any, second: Any) -> bool:
    """Whether two summaries are of answers that are the same.

    Numbers may differ as rounding makes them differ, float32 included.
    """
    if isinstance(first, list) and isinstance(second, list):
        if _is_array(first) and _is_array(second):
            return first[1] == second[1] and _close(first[2], second[2])
        return len(first) == len(second) and all(map(agree, first, second))
    return type(first) is type(second) and bool(first == second)


def same_course(first: Sequence[Observation], second: Sequence[Observation]) -> bool:
    """Whether a test went the same way with two answers, from its first request to its last."""
    return len(first) == len(second) and all(map(Observation.agrees, first, second))


def _is_array(summary: list[Any]) -> bool:
    """Whether a summary is an array's, and no dict's item with the key "array"."""
    return len(summary) == 3 and summary[0] == "array"


def _summarise_array(array: np.ndarray[Any, Any]) -> Any:
    if array.dtype.kind not in "biufc":
        return ["object"]
    flat = array.ravel()
    if flat.dtype.kind == "c":
        flat = flat.view(float)
    if flat.size > _SAMPLES:  # spread over the whole, and in no step with rows or columns
        places = np.unique((np.arange(_SAMPLES) * 0.618034 % 1.0 * flat.size).astype(int))
        flat = flat[places]
    numbers = [_rounded(float(number)) for number in flat]
    return ["array", list(array.shape), numbers]


def _rounded(number: float) -> float | str:
    """A float that JSON has; what it has not is a text."""
    return float(f"{number:.{_DIGITS}g}") if math.isfinite(number) else str(number)


def _close(first: list[Any], second: list[Any]) -> bool:
    if len(first) != len(second):
        return False
    a, b = (np.array([float(number) for number in numbers]) for numbers in (first, second))
    with np.errstate(all="ignore"):
        finite = np.abs(b[np.isfinite(b)])
        atol = _ATOL + _RTOL * 1e-2 * (float(finite.max()) if finite.size else 0.0)
        return bool(np.allclose(a, b, rtol=_RTOL, atol=atol, equal_nan=True))


def _as_array(value: Any) -> np.ndarray[Any, Any] | None:
    """The array that a list of numbers is; None for anything else."""
    if not value or not all(map(_is_numeric, value)):
        return None
    try:
        array = np.asarray(value)
    except ValueError:
        return None
    return array if array.dtype.kind in "biufc" else None


def _is_numeric(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_is_numeric, value))
    return isinstance(value, (int, float, np.ndarray, np.generic))
