"""The arguments of a call: arrays in other memory layouts, and what a call has changed in them."""

from __future__ import annotations

from typing import Any

import numpy as np

from fairmark.wire.layout import lay_out


class Layouts:
    """Rearranges the arguments of calls; ``read_only`` says whether arrays may come read-only."""

    def __init__(self, read_only: bool) -> None:
        self._count = 3 if read_only else 2

    def arrange(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], turn: int
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments of the call ``turn``; neighbours get different layouts."""
        moved = [self._arrange(value, turn + place) for place, value in enumerate(args)]
        named = {
            name: self._arrange(value, turn + len(args) + place)
            for place, (name, value) in enumerate(kwargs.items())
        }
        return tuple(moved), named

    def _arrange(self, value: Any, number: int) -> Any:
        if not isinstance(value, np.ndarray) or not value.ndim or not value.size:
            return value
        axes = list(range(value.ndim))
        match number % self._count:
            case 0 if value.ndim > 1:
                return lay_out(value, [axes[::-1], False, True])
            case 0 | 1:
                return lay_out(value, [axes, True, True])
            case _:
                return lay_out(value, [axes, False, False])


def same(before: object, after: object) -> bool:
    """Whether two values hold the same numbers; objects that are not data are ignored."""
    if callable(before):
        return True
    if isinstance(before, np.ndarray):
        return (
            isinstance(after, np.ndarray)
            and before.shape == after.shape
            and bool(np.array_equal(before, after, equal_nan=before.dtype.kind in "fc"))
        )
    if isinstance(before, (list, tuple)):
        return (
            isinstance(after, (list, tuple))
            and len(before) == len(after)
            and all(map(same, before, after))
        )
    if isinstance(before, dict):
        return (
            isinstance(after, dict)
            and before.keys() == after.keys()
            and all(same(before[key], after[key]) for key in before)
        )
    if isinstance(after, np.ndarray):
        return False
    return before == after or (before != before and after != after)
