"""The code that a process has loaded, and whether the files still hold it."""

from __future__ import annotations

import contextlib
import os
import sys
import sysconfig
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import fairmark

_PACKAGE = os.path.dirname(os.path.abspath(fairmark.__file__))
_COARSE_NS = 10_000_000
"""How far a file's time may lie behind the clock."""


class _Stamp(NamedTuple):
    inode: int
    size: int
    modified: int
    folder: bool


class LoadedCode:
    """What this process has imported, and what its sandboxes have, as files with their stamps."""

    def __init__(self) -> None:
        self._since = time.time_ns()
        self._stamps: dict[str, _Stamp | None] = {}
        self._add([*_files_of_fairmark(), *_places(), sys.executable])

    def note(self, others: Iterable[str] = ()) -> None:
        """Note the files of all modules that were imported since; and ``others``.

        Call it before anything is imported, and behind each import.
        """
        self._add([*filter(None, map(_file_of, list(sys.modules.values()))), *others])

    def changed(self) -> str:
        """Return a file that is no longer what was loaded; "" where there is none."""
        for path, stamp in self._stamps.items():
            if stamp != _stamp(path):
                return path
            if stamp is not None and not stamp.folder and stamp.modified > self._since - _COARSE_NS:
                return path  # it may have been changed while it was being imported
        known = {path for path in self._stamps if path.startswith(_PACKAGE)}
        return next((path for path in _files_of_fairmark() if path not in known), "")

    def _add(self, paths: Iterable[str]) -> None:
        for path in paths:
            if path not in self._stamps:
                self._stamps[path] = _stamp(path)


def installed_modules() -> list[str]:
    """Return the names of the modules of this process that are installed, and no course's own."""
    places = (*_folders(), _PACKAGE + os.sep)
    files = ((name, _file_of(module)) for name, module in list(sys.modules.items()))
    return [name for name, path in files if path is not None and path.startswith(places)]


def _folders() -> tuple[str, ...]:
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    return tuple({sysconfig.get_path(name) + os.sep for name in names})


def _places() -> Iterator[str]:
    """The folders in which a package that is installed, updated or removed leaves a trace."""
    for folder in _folders():
        yield folder
        with contextlib.suppress(OSError):
            yield from (entry.path for entry in os.scandir(folder) if _is_about(entry.name))


def _is_about(name: str) -> bool:
    return name.endswith((".dist-info", ".egg-info", ".pth", ".egg-link"))


def _files_of_fairmark() -> Iterator[str]:
    for folder, folders, files in os.walk(_PACKAGE):
        folders[:] = [name for name in folders if name != "__pycache__"]
        yield from (os.path.join(folder, name) for name in files)


def _file_of(module: object) -> str | None:
    """The file that a module was loaded from."""
    path = getattr(module, "__file__", None)
    return path if isinstance(path, str) and os.path.isabs(path) else None


def _stamp(path: str) -> _Stamp | None:
    try:
        status = Path(path).stat()
    except OSError:
        return None
    folder = os.path.isdir(path)
    return _Stamp(status.st_ino, status.st_size, status.st_mtime_ns, folder)
