"""The calls that a test makes, as a student would type them: ``step(-0.3)``."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Expression = Callable[[], str]
"""Tells how an object of the student's was come by; it is asked only where a test fails."""

_KEPT = 40
_MAX_TEXT = 160
_MAX_ITEMS = 24
_LARGE = 2**18
"""Bytes beyond which a value is not kept: what students' code returns is bounded, but not small."""
_PENDING = object()


@dataclass
class LastCall:
    """The name, the arguments and the result of a test's last call."""

    name: str = ""
    arguments: tuple[Any, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)
    result: object = _PENDING

    def returned(self, value: object) -> bool:
        """Whether the call returned this value, or something that holds it."""
        return any(part is value for part in _parts(self.result))


class CallLog:
    """The last calls of one test, with what each returned."""

    def __init__(self) -> None:
        self._calls: deque[tuple[Expression, list[object]]] = deque(maxlen=_KEPT)
        self._large: list[object] = []

    def begin(self, expression: Expression) -> Callable[[object], None]:
        """Note a call; return a function that notes its result."""
        result: list[object] = [_PENDING]
        self._calls.append((expression, result))

        def end(value: object) -> None:
            result[0] = value
            if _weight(value) > _LARGE:  # of such results, only the last one is kept
                self._large[:] = [_PENDING]
                self._large = result

        return end

    def that_returned(self, value: object) -> str:
        """The last call that returned this value, or something that holds it; "" for none."""
        for expression, (result,) in reversed(self._calls):
            if any(part is value for part in _parts(result)):
                return expression()
        return ""

    def last(self) -> str:
        """The last call; "" for none."""
        return self._calls[-1][0]() if self._calls else ""


def called(function: Expression, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Expression:
    """Return the expression of a call, in which long arguments are told by their shapes."""
    given = [*(("", value) for value in args), *kwargs.items()]
    if any(_weight(value) > _LARGE for _, value in given):
        texts = [(key, _brief(value)) for key, value in given]
        given = []  # the function below keeps no value that is large
        return lambda: _joined(function(), texts)

    def expression() -> str:
        name = function()
        whole = _joined(name, [(key, _typed(value)) for key, value in given])
        if len(whole) <= _MAX_TEXT:
            return whole
        return _joined(name, [(key, _brief(value)) for key, value in given])

    return expression


def _joined(name: str, arguments: list[tuple[str, str]]) -> str:
    return f"{name}({', '.join(f'{key}={text}' if key else text for key, text in arguments)})"


def _typed(value: Any) -> str:
    """A value as it is typed in a notebook, with ``np`` for NumPy."""
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, np.generic):
        return _typed(value.item()) if not isinstance(value.item(), np.generic) else repr(value)
    if isinstance(value, float) and not math.isfinite(value):
        return f"np.{value}" if value >= 0 or value != value else "-np.inf"
    if isinstance(value, (list, tuple)):
        if len(value) > _MAX_ITEMS:
            return _brief(value)
        items = [_typed(item) for item in value]
        inner = ", ".join(items) + ("," if isinstance(value, tuple) and len(items) == 1 else "")
        return f"({inner})" if isinstance(value, tuple) else f"[{inner}]"
    if isinstance(value, dict):
        if len(value) > _MAX_ITEMS:
            return _brief(value)
        return "{" + ", ".join(f"{key!r}: {_typed(item)}" for key, item in value.items()) + "}"
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        return repr(value)
    if callable(expression := getattr(value, "_expression", None)):
        return str(expression())
    if callable(value):
        name = getattr(value, "__name__", "")
        return name if name.isidentifier() else "<a function>"
    return f"<{type(value).__name__}>"


def _brief(value: Any) -> str:
    """A value in few characters, which cannot always be typed."""
    if isinstance(value, np.ndarray):
        short = _array(value) if value.size <= 4 else ""
        return short or f"<array of shape {value.shape}>"
    if isinstance(value, (list, tuple, dict)) and len(value) > 3:
        return f"<{type(value).__name__} of {len(value)}>"
    text = _typed(value)
    return text if len(text) <= _MAX_TEXT // 2 else f"{text[: _MAX_TEXT // 2]}…"


def _array(array: np.ndarray[Any, Any]) -> str:
    if array.size > _MAX_ITEMS:
        return f"<array of shape {array.shape}>"
    if array.size == 0:
        return f"np.zeros({array.shape})"
    told = {"b", "U"} | ({"i"} if array.dtype == np.int_ else set())
    plain = array.dtype.kind in told or array.dtype in (np.float64, np.complex128)
    dtype = "" if plain else f", dtype=np.{array.dtype.name}"
    return f"np.array({_typed(array.tolist())}{dtype})"


def _parts(value: object, depth: int = 0) -> Iterator[object]:
    """A value and what it holds, some levels deep."""
    yield value
    if depth < 3 and isinstance(value, (list, tuple, dict)):
        for item in list(value.values() if isinstance(value, dict) else value)[:100]:
            yield from _parts(item, depth + 1)


def _weight(value: object, depth: int = 0) -> int:
    """About how many bytes a value holds; of deep and long ones, a part is looked at."""
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    if isinstance(value, (str, bytes)):
        return len(value)
    if not isinstance(value, (list, tuple, dict)):
        return 8
    items = list(value.values() if isinstance(value, dict) else value)
    if depth >= 3 or len(items) > 1000:
        return _LARGE + 1
    return sum(_weight(item, depth + 1) for item in items)
