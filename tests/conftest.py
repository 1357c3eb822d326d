"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fairmark.startup import do_without_uris, forbid_threads

# Several processes test at once: threads that wait for each other busily would slow all of them.
forbid_threads()
do_without_uris()

import numpy as np
import pytest

from fairmark.course.course import Assignment, Course
from fairmark.sandbox import Sandbox, make_sandbox
from tests.students import build_wheel, unpack
from tests.tiny import make_course

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def course_root() -> Path:
    """The folder of this course: the repository."""
    return ROOT


@pytest.fixture(scope="session")
def tiny_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course of one small assignment; not to be written to."""
    return make_course(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def tiny(tiny_course: Course) -> Assignment:
    """The small assignment."""
    return tiny_course.assignment("tiny")


@pytest.fixture(scope="session")
def sandbox(tiny_course: Course) -> Iterator[Sandbox]:
    """A warm sandbox with the tiny course's short limits."""
    with make_sandbox(tiny_course.preload, tiny_course.limits) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def wheel(course_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as students get it."""
    return build_wheel(course_root, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def package(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the wheel is unpacked in."""
    return unpack(wheel, tmp_path_factory.mktemp("site"))


@pytest.fixture(autouse=True)
def numpy_as_usual() -> Iterator[None]:
    """Keep a test that changes how NumPy treats overflows from changing it for the others."""
    with np.errstate():
        yield
