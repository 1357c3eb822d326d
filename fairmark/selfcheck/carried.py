"""A notebook that carries its checks in itself: where they were laid, and what else it brought.

Its first cell lays the checks, the modules and the part of fairmark that check cells need into a
folder beside the notebook, and calls ``use``. Nothing of this happens while a class is graded.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from fairmark.errors import FairmarkError

_ENGINE = "fairmark"
_KEPT_APART = ("checks.py", "lessons.json")
_NEED = re.compile(r"([\w.-]+)>=([\d.]+)")

folder: Path | None = None
"""Where the checks of this kernel's notebook lie; None where it carries none."""


def use(place: str, needs: Sequence[str]) -> None:
    """Let ``check`` find what was laid into this folder; raise FairmarkError.

    ``needs`` names what has to be installed, as in ``pytest>=8.4``. Data that belongs to the
    notebook is copied beside it, where a cell looks for it; what lies there already is left alone.
    """
    global folder
    if missing := [need for need in needs if not _is_met(need)]:
        wanted = " ".join(f'"{need}"' for need in missing)
        raise FairmarkError(f"Run this in a cell, then this one again: %pip install {wanted}")
    folder = Path(place)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        is_code = path.suffix in (".py", ".pyc") or name.parts[0] == _ENGINE
        if path.is_file() and not is_code and str(name) not in _KEPT_APART:
            _copy_beside(path, folder.parent / name)


def _is_met(need: str) -> bool:
    match = _NEED.match(need)
    assert match is not None, need
    try:
        found = metadata.version(match[1])
    except metadata.PackageNotFoundError:
        return False
    return _numbers(found) >= _numbers(match[2])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _copy_beside(path: Path, target: Path) -> None:
    if target.is_file():
        if target.read_bytes() != path.read_bytes():
            sys.stdout.write(f"{target.name} is left as it is; the assignment's is {path}.\n")
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    except OSError as error:
        sys.stdout.write(f"{target} cannot be written: {error.strerror}.\n")
