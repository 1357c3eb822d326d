"""A tiny course with this repository's configuration of nbgrader."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairmark.course.course import Assignment, Course
from fairmark.nbgrader import warm
from tests.nbgrader.classroom import new_course


@pytest.fixture(autouse=True)
def _nbgrader_may_warn() -> Iterator[None]:
    with warnings.catch_warnings():
        for module in ("nbgrader", "nbconvert", "traitlets", "jupyter_client", "sqlalchemy"):
            warnings.filterwarnings("ignore", module=rf"{module}(\..*)?")
        yield


@pytest.fixture(scope="session", autouse=True)
def _end_the_warm_sandbox() -> Iterator[None]:
    yield
    warm.close_sandbox()


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course to write to."""
    return new_course(tmp_path / "course")


@pytest.fixture
def tiny(course: Course) -> Assignment:
    return course.assignment("tiny")
