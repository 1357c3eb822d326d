"""The global random generators of a student's process."""

from __future__ import annotations

import random
import sys


def seed(value: int | None) -> None:
    """Seed the generators of ``random``, NumPy and torch that are loaded; None takes any seed."""
    random.seed(value)
    if "numpy" in sys.modules:
        import numpy as np

        np.random.seed(value)
    if (torch := sys.modules.get("torch")) is not None:
        if value is None:
            torch.default_generator.seed()
        else:
            torch.default_generator.manual_seed(value)
