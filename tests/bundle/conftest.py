"""The sample classes, each graded once for all tests of bundles."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bundle.classes import ALWAYS, FEW, WHOLE, Graded, graded_class


@pytest.fixture(scope="session")
def graded(course_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Graded]:
    """Return an assignment's class as ``fairmark autograde`` has graded it; not to be changed."""

    @functools.cache
    def get(name: str) -> Graded:
        only = FEW if WHOLE == "few" and name != ALWAYS else ()
        return graded_class(course_root, name, tmp_path_factory.mktemp(name) / "course", only)

    return get
