"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def course_root() -> Path:
    """The folder of this course: the repository."""
    return ROOT


@pytest.fixture(autouse=True)
def numpy_as_usual() -> Iterator[None]:
    """Keep a test that changes how NumPy treats overflows from changing it for the others."""
    with np.errstate():
        yield
