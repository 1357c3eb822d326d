"""The data in objects whose classes are derived from those of plain data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_DATA: dict[type, Callable[[Any], Any]] = {
    int: int.__int__,
    float: float.__float__,
    complex: complex.__complex__,
    str: str.__str__,
    list: lambda value: list(list.__iter__(value)),
    tuple: lambda value: tuple(tuple.__iter__(value)),
    dict: lambda value: dict(dict.items(value)),
    set: lambda value: set(set.__iter__(value)),
    np.matrix: np.asarray,
}
"""What is data in an object whose class is derived from such a type."""


def data_in(value: object) -> object:
    """The data that an object is by its base class, such as a named tuple; else the object."""
    found = (take for kind, take in _DATA.items() if isinstance(value, kind))
    return next(found, lambda same: same)(value)
