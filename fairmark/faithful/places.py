"""Functions and classes of libraries, which the student's process has, too."""

from __future__ import annotations

import random
import sys
from typing import Any

import numpy as np

_OWN = ("graders", "reference", "fairmark", "__main__", "_pytest", "pytest", "unittest")
"""The packages whose functions the student's process does not know, or must not be sent."""


def place_of(value: object) -> list[str] | None:
    """Where the student's process finds the same function or class: its module, and its path."""
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    home = getattr(value, "__module__", None) or ("numpy" if isinstance(value, np.ufunc) else None)
    if type(name) is not str or type(home) is not str or not callable(value):
        return None
    found = sys.modules.get(home)
    if home.partition(".")[0] in _OWN or found is None:
        return None
    there: Any = found
    for part in name.split("."):
        there = getattr(there, part, None)
    return [home, name] if there is value and _is_installed(found) else None


def _is_installed(found: Any) -> bool:
    """Whether a module is Python's or a library's, and no helper of the course's."""
    file = getattr(found, "__file__", None)
    return file is None or any(str(file).startswith(root) for root in _ROOTS)


_ROOTS = tuple(
    {str(getattr(module, "__file__", "")).rpartition("/")[0] for module in (random,)}
    | {str(np.__file__).rpartition("/")[0].rpartition("/")[0]}
)
