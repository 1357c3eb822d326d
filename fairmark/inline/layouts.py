"""The same numbers in another order in memory: what an honest answer cannot tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fairmark.wire.layout import lay_out

NAMES = ("transposed", "sliced", "read-only")


def laid_out(arguments: Sequence[Any], name: str) -> list[Any]:
    """Return the arguments with their arrays in this layout, and all else as it is."""
    return [_lay_out(value, name) if _has_layouts(value) else value for value in arguments]


def apply_to(arguments: Sequence[Any]) -> bool:
    """Whether there is an array among the arguments that can be laid out."""
    return any(map(_has_layouts, arguments))


def _has_layouts(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.ndim > 0 and value.size > 0


def _lay_out(array: np.ndarray[Any, Any], name: str) -> np.ndarray[Any, Any]:
    axes = list(range(array.ndim))
    if name == "transposed":
        return lay_out(array, [axes[::-1], False, True])
    return lay_out(array, [axes, name == "sliced", name != "read-only"])
