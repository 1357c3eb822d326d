"""Files of this machine that a notebook wanted to read and that the sandbox does not show."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from fairmark.intake.cells import Cell

_MISSING = re.compile(r"No such file or directory: (['\"])(/.+?)\1")
_ERRORS = ("FileNotFoundError", "NotADirectoryError", "OSError")
_OWN = tuple(map(Path, ("/dev", "/home/student", "/proc", "/sys")))
"""The sandbox has its own; nobody could name them."""
_MAX_PATHS = 20
_MAX_LENGTH = 500


def unseen_paths(cells: Iterable[Cell], folders: Iterable[Path] = ()) -> tuple[str, ...]:
    """Return the absolute paths that cells did not find, though they are there on this machine.

    They are for instructors only: what is there is no business of students. What lies in one of
    ``folders`` could be seen. The paths come from the student's process.
    """
    seen = tuple(folders)
    found = set()
    for cell in cells:
        for output in cell.node.get("outputs", []):
            if output.output_type == "error" and output.ename in _ERRORS:
                match = _MISSING.search(str(output.evalue))
                if match is not None and _is_hidden(match[2], seen):
                    found.add(match[2])
    return tuple(sorted(found)[:_MAX_PATHS])


def _is_hidden(name: str, folders: tuple[Path, ...]) -> bool:
    if len(name) > _MAX_LENGTH or not name.isprintable():
        return False
    path = Path(os.path.normpath(name))
    if any(path.is_relative_to(folder) for folder in folders):
        return False
    return os.path.lexists(path) and not any(path.is_relative_to(place) for place in _OWN)
