"""The table of nbgrader's settings in docs/ has all of them, and no other."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import nbgrader.exchange.abc
import nbgrader.exchange.default
import pytest
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties, ClearSolutions, Execute, OverwriteCells
from traitlets.config import Configurable

from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from tests.classic import make_classic_course

WHOLE = (
    Autograde,
    CourseDirectory,
    LateSubmissionPlugin,
    AssignLatePenalties,
    ClearSolutions,
    Execute,
    OverwriteCells,
)
EXCHANGE = (nbgrader.exchange.abc, nbgrader.exchange.default)
_ROW = re.compile(r"^\| `(\w+\.\w+)` \| (yes|no|nbgrader's own) \| .*\|$", re.MULTILINE)


def test_the_table_is_complete(course_root: Path) -> None:
    rows = _ROW.findall((course_root / "docs" / "nbgrader-settings.md").read_text("utf-8"))
    told = [name for name, _ in rows]
    assert len(told) == len(set(told))
    known = {f"{cls.__name__}.{trait}" for cls in WHOLE for trait in cls.class_traits(config=True)}
    for package in EXCHANGE:
        for cls in _classes(package):
            known |= {f"{cls.__name__}.{trait}" for trait in cls.class_own_traits(config=True)}
    assert set(told) == known


def _classes(package: ModuleType) -> Iterator[type[Configurable]]:
    for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(found.name)
        for _, cls in inspect.getmembers(module, inspect.isclass):
            if cls.__module__ == module.__name__ and issubclass(cls, Configurable):
                yield cls


def test_another_structure_of_folders_is_refused(tmp_path: Path) -> None:
    usual = CourseDirectory.directory_structure.default_value
    make_classic_course(tmp_path / "same", f"c.CourseDirectory.directory_structure = {usual!r}")
    other = "{nbgrader_step}/{assignment_id}/{student_id}"
    with pytest.raises(FairmarkError, match=r"directory_structure: only nbgrader's usual one"):
        make_classic_course(tmp_path, f"c.CourseDirectory.directory_structure = {other!r}")
    assert Course.load(tmp_path / "same").assignments()
