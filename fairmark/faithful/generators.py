"""The global random generators of the judge, whose states a test sends along."""

from __future__ import annotations

import random
import sys
from typing import Any

import numpy as np


class Generators:
    """The global generators of this process, as far as a test has drawn from them or set them."""

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}

    def note(self) -> None:
        """Take the generators for known to the student's process."""
        self._known = self._states()

    def changed(self) -> dict[str, Any]:
        """The states of the generators that the test has changed since."""
        states = self._states()
        return {n: s for n, s in states.items() if not _same_state(s, self._known.get(n))}

    def _states(self) -> dict[str, Any]:
        version, numbers, gauss = random.getstate()
        states: dict[str, Any] = {"random": [version, list(numbers), gauss]}
        states["numpy"] = list(np.random.get_state())
        if (torch := sys.modules.get("torch")) is not None:
            states["torch"] = torch.get_rng_state().numpy()
        return states


def _same_state(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and np.array_equal(one, other)
    if isinstance(one, list):
        return isinstance(other, list) and all(map(_same_state, one, other))
    return bool(one == other)
