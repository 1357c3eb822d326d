"""The modules of a course in this process: its graders, and the reference that they import."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

_PACKAGES = ("graders", "reference")
_stamps: dict[str, int] = {}
"""When each loaded module of a course was written."""


@contextmanager
def importable(root: Path) -> Iterator[None]:
    """Let grader modules import the course's ``reference`` package, and write no byte code."""
    _forget_changed_modules(root)
    writes_nothing, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    sys.path.insert(0, str(root))
    try:
        yield
    finally:
        sys.path.remove(str(root))
        sys.dont_write_bytecode = writes_nothing
        _stamps.update({name: _stamp(path) for name, path in _course_modules().items()})


def loaded_modules() -> dict[str, ModuleType]:
    """Return the course's modules as they are loaded now, by name."""
    return {name: sys.modules[name] for name in _course_modules()}


def forget_modules() -> None:
    """Drop the course's modules from ``sys.modules``, so that they are read again."""
    for name in _course_modules():
        del sys.modules[name]


def _forget_changed_modules(root: Path) -> None:
    """Drop the modules of another course, or of an older text, from ``sys.modules``.

    A server that grades for days must not use yesterday's grader.
    """
    modules = _course_modules()
    if any(
        not path.is_relative_to(root) or _stamp(path) != _stamps.get(name)
        for name, path in modules.items()
    ):
        forget_modules()


def _course_modules() -> dict[str, Path]:
    """The loaded modules of the course, by name."""
    found = {}
    # The name first: some modules import others when they are asked for an attribute.
    for name in [name for name in sys.modules if name.startswith(_PACKAGES)]:
        if name.partition(".")[0] in _PACKAGES:
            file = getattr(sys.modules[name], "__file__", None)
            if file is not None:
                found[name] = Path(file)
    return found


def _stamp(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else -1
