"""How an array lies in memory: the order of its axes, gaps between values, may it be changed.

A value is the same in every layout, but code that works on a view in place may not be: ``ravel`` of
a transposed array is a copy. So arrays that graders make arrive as they were made.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def layout_of(array: Array) -> list[Any] | None:
    """Return ``[axes, gap, writeable]``; None for a plain array, and for strides of 0 or below.

    ``axes`` are the axes in the order of memory, the slowest first; ``gap`` says whether values lie
    apart along the fastest one.
    """
    if array.ndim == 0 or array.size == 0 or min(array.strides) <= 0:
        return None
    axes = sorted(range(array.ndim), key=lambda axis: -array.strides[axis])
    gap = array.shape[axes[-1]] > 1 and array.strides[axes[-1]] > array.itemsize
    if axes == list(range(array.ndim)) and not gap and array.flags.writeable:
        return None
    return [axes, gap, bool(array.flags.writeable)]


def lay_out(array: Array, layout: object) -> Array:
    """Return the same values in this layout; raise ValueError where it is none of this array's."""
    if type(layout) is not list or len(layout) != 3 or type(layout[0]) is not list:
        raise ValueError("a layout is malformed")
    axes, gap, writeable = layout
    if sorted(axes) != list(range(array.ndim)) or not array.ndim:
        raise ValueError("a layout has other axes than its array")
    memory = np.ascontiguousarray(array.transpose(axes))
    if gap:
        apart = np.zeros((*memory.shape[:-1], 2 * memory.shape[-1]), memory.dtype)
        apart[..., ::2] = memory
        memory = apart[..., ::2]
    elif memory.base is not None or memory is array:
        memory = memory.copy()
    result = memory.transpose(np.argsort(axes))
    result.flags.writeable = bool(writeable)
    return result
