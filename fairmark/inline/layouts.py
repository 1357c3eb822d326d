"""The same numbers in another order in memory: what an honest answer cannot tell apart.

Values travel to the student's process as plain numbers, so that they are laid out there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

NAMES = ("transposed", "sliced", "read-only")

SOURCE = '''
import numpy as np

def laid_out(value, name):
    """The array in this layout; anything else as it is."""
    if not isinstance(value, np.ndarray) or value.ndim == 0:
        return value
    if name == "transposed":
        return np.ascontiguousarray(value.T).T
    if name == "read-only":
        value = value.copy()
        value.flags.writeable = False
        return value
    larger = np.zeros([2 * n for n in value.shape], value.dtype)
    view = larger[tuple(slice(None, None, 2) for _ in value.shape)]
    view[...] = value
    return view

def call(function, name, arguments):
    """Call a function with its arguments in this layout."""
    return function(*[laid_out(value, name) for value in arguments])
'''
"""What runs where the function is. It holds nothing that a student may not know."""


def called(function: Any, name: str, arguments: Sequence[Any]) -> Any:
    """Call a function of this process with its arguments in this layout."""
    namespace: dict[str, Any] = {}
    exec(compile(SOURCE, "<layouts>", "exec"), namespace)
    return namespace["call"](function, name, arguments)


def apply_to(arguments: Sequence[Any]) -> bool:
    """Whether there is an array among the arguments that can be laid out."""
    return any(isinstance(value, np.ndarray) and value.ndim > 0 for value in arguments)
