"""Brief records of what a test saw of an answer, to tell whether two answers behave alike.

The *observations* of a test record the result of each of its requests, in order. Those of known
mistakes are stored when the graders are verified, and compared with those of a student's answer.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Self

import numpy as np

MAX_OBSERVATIONS = 60
"""The number of observations that are kept of one test: enough to tell two answers apart."""
_SAMPLES = 12
_ITEMS = 24
_DIGITS = 9
_ERROR_CHARACTERS = 80
_NUMBER = re.compile(r"0x[0-9a-fA-F]+|\d+(\.\d*)?(e[+-]?\d+)?")
_TELLING = frozenset(
    "FloatingPointError MemoryError OverflowError RecursionError ZeroDivisionError".split()
)
_SLIPS = frozenset(
    "AttributeError ImportError IndentationError ModuleNotFoundError NameError NotImplementedError "
    "SyntaxError TypeError UnboundLocalError".split()
)
_TELLING_NUMBERS = 3
_RTOL, _ATOL = 1e-5, 1e-8


class Observation(NamedTuple):
    """The result of one request of a test."""

    target: str
    """The name that was called; "" for an object that the student's code had returned."""
    outcome: str
    """How the request ended: "ok", "error", ...; "" if it never did."""
    summary: Any = None
    """The value as :func:`summarise` shortens it; of an error, its type and message."""

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
        """Whether the same name was called, with the same result."""
        return self[:2] == other[:2] and agree(self.summary, other.summary)


class ObservationLog:
    """The observations of one test, in the order in which its requests began."""

    def __init__(self) -> None:
        self.kept: list[Observation] = []

    def begin(self, target: str) -> Callable[[str, Any], None]:
        """Reserve the place of a request; return a function that notes its outcome and summary.

        Calls back to the grader come after it, though they end earlier.
        """
        place = len(self.kept)

        def end(outcome: str, summary: Any) -> None:
            if place < MAX_OBSERVATIONS:
                self.kept[place] = Observation(target, outcome, summary)

        self.add(Observation(target, ""))
        return end

    def add(self, observation: Observation) -> None:
        """Note an observation, unless the log is full."""
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
    if isinstance(value, (set, frozenset)):
        kept = sorted(value, key=repr)[:_ITEMS]
        return ["set", len(value), [summarise(item, depth + 1) for item in kept]]
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


def summarise_error(type_name: str, message: str) -> str:
    """Return a brief form of an exception: its type, and its message without numbers.

    Of exceptions whose type says what happened, the message is left out.
    """
    if type_name in _TELLING or not message:
        return type_name
    said = " ".join(_NUMBER.sub("#", message).split())
    return f"{type_name}: {said[:_ERROR_CHARACTERS]}"


def says_nothing(observation: Observation) -> bool:
    """Whether it is an error that any slip in the code can cause, such as a misspelt name."""
    type_name = str(observation.summary).partition(":")[0]
    return observation.outcome == "error" and type_name in _SLIPS


def is_telling(seen: Sequence[Observation], functions: Sequence[str]) -> bool:
    """Whether these functions have given so many different numbers that it is no coincidence."""
    given = [one.summary for one in seen if one.target in functions and one.outcome == "ok"]
    return len(set(itertools.chain(*map(_numbers, given)))) >= _TELLING_NUMBERS


def _numbers(summary: Any) -> Iterator[float]:
    """The numbers of a summary that are not whole: those are often met by chance."""
    if isinstance(summary, list):
        for item in summary:
            yield from _numbers(item)
    elif isinstance(summary, float) and not summary.is_integer():
        yield summary


def agree(first: Any, second: Any) -> bool:
    """Whether two summaries are of equal values, up to rounding in float32."""
    if isinstance(first, list) and isinstance(second, list):
        if _is_array(first) and _is_array(second):
            return first[1] == second[1] and _close(first[2], second[2])
        return len(first) == len(second) and all(map(agree, first, second))
    return type(first) is type(second) and bool(first == second)


def agreement(first: Any, second: Any, rtol: float = _RTOL) -> list[bool] | None:
    """Number by number, whether two summaries agree; None where they differ in anything else."""
    if isinstance(first, list) and isinstance(second, list):
        if len(first) != len(second):
            return None
        if _is_array(first) and _is_array(second):
            same = first[1] == second[1] and len(first[2]) == len(second[2])
            return _close_each(first[2], second[2], rtol) if same else None
        found: list[bool] = []
        for one, other in zip(first, second, strict=True):
            part = agreement(one, other, rtol)
            if part is None:
                return None
            found += part
        return found
    return [] if type(first) is type(second) and first == second else None


def numbers_of(summary: Any) -> Iterator[float | str]:
    """The numbers of a summary's arrays, in their order; infinities and nan are texts."""
    if isinstance(summary, list):
        if _is_array(summary):
            yield from summary[2]
        else:
            for item in summary:
                yield from numbers_of(item)


def same_course(first: Sequence[Observation], second: Sequence[Observation]) -> bool:
    """Whether a test saw the same of two answers, from its first request to its last."""
    return len(first) == len(second) and all(map(Observation.agrees, first, second))


def _is_array(summary: list[Any]) -> bool:
    """Whether a summary is one of an array, and not a dict's item with the key "array"."""
    return len(summary) == 3 and summary[0] == "array"


def _summarise_array(array: np.ndarray[Any, Any]) -> Any:
    if array.dtype.kind not in "biufc":
        return ["object"]
    flat = array.ravel()
    if flat.dtype.kind == "c":
        flat = flat.view(float)
    if flat.size > _SAMPLES:  # spread over the whole array, at no regular distance
        places = np.unique((np.arange(_SAMPLES) * 0.618034 % 1.0 * flat.size).astype(int))
        flat = flat[places]
    numbers = [_rounded(float(number)) for number in flat]
    return ["array", list(array.shape), numbers]


def _rounded(number: float) -> float | str:
    """The number as JSON can hold it: infinities and nan become strings."""
    return float(f"{number:.{_DIGITS}g}") if math.isfinite(number) else str(number)


def _close(first: list[Any], second: list[Any]) -> bool:
    return len(first) == len(second) and all(_close_each(first, second, _RTOL))


def _close_each(first: list[Any], second: list[Any], rtol: float) -> list[bool]:
    """Which of the numbers of two arrays agree; near zero, up to the second's largest one."""
    a, b = (np.array([float(number) for number in numbers]) for numbers in (first, second))
    with np.errstate(all="ignore"):
        finite = np.abs(b[np.isfinite(b)])
        atol = _ATOL + rtol * 1e-2 * (float(finite.max()) if finite.size else 0.0)
        near = np.isclose(a, b, rtol=rtol, atol=atol, equal_nan=True)
    return [bool(one) for one in near]


def _as_array(value: Any) -> np.ndarray[Any, Any] | None:
    """A list of numbers as an array; None for anything else."""
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
