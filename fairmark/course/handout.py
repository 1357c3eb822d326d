"""What an instructor hands out beside a notebook: data, modules, other notebooks."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from traitlets.config import Config
from traitlets.config.loader import LazyConfigValue

from fairmark.errors import FairmarkError
from fairmark.files import open_plain_file, plain_files, room_taken
from fairmark.sandbox import Limits, SharedFile
from fairmark.syntax.cells import parsed
from fairmark.syntax.imports import cells_modules, modules_imported

_IGNORED = (".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback")
"""nbgrader's default of ``c.CourseDirectory.ignore``."""
_COPIED_BYTES = 16 * 2**20
_MODULES = (".py", ".ipynb", ".so")


def ignored_patterns(config: Config) -> tuple[str, ...]:
    """Return the names that ``c.CourseDirectory.ignore`` leaves out, as patterns."""
    wanted = config.CourseDirectory.get("ignore", list(_IGNORED))
    if isinstance(wanted, LazyConfigValue):  # as after c.CourseDirectory.ignore.append("*.log")
        wanted = wanted.get_value(list(_IGNORED))
    return tuple(map(str, wanted))


def read_handed_out(
    folder: Path, place: str, ignored: tuple[str, ...], limits: Limits
) -> dict[str, bytes | SharedFile]:
    """Return the plain files in a folder that are no notebooks, by relative name.

    The smallest are read, as many as a submission's own folder has room for; the others are shared
    by all submissions, as files below ``place``. Raises FairmarkError.
    """
    names = {
        path: str(path.relative_to(folder))
        for path in plain_files([folder], ignored)
        if path.suffix != ".ipynb"
    }
    files: dict[str, bytes | SharedFile] = {}
    room = min(_COPIED_BYTES, limits.disk_mib * 2**20 // 4)
    largest = min(room, limits.file_mib * 2**20)
    try:
        sizes = {path: path.stat().st_size for path in names}
        for path in sorted(sizes, key=lambda path: (sizes[path], names[path])):
            room -= room_taken(sizes[path])
            if room < 0 or sizes[path] > largest:
                files[names[path]] = SharedFile.of(f"{place}/{names[path]}", path)
            else:
                with open_plain_file(path) as file:
                    files[names[path]] = file.read()
    except OSError as error:
        raise FairmarkError(
            f"{error.filename or folder} cannot be read: {error.strerror}"
        ) from None
    return dict(sorted(files.items()))


def modules_beside(folder: Path) -> frozenset[str]:
    """Return the names of the modules that lie in a folder."""
    return frozenset(
        path.name.partition(".")[0]
        for path in folder.glob("[!.]*")
        if path.suffix in _MODULES or (path.is_dir() and any(path.glob("*.py")))
    )


def modules_imported_by(notebook: Path) -> set[str]:
    """Return the modules that a notebook's cells import; none where it cannot be read.

    What is wrong with it is told by whoever reads it next.
    """
    found: set[str] = set()
    try:
        with open_plain_file(notebook) as file:
            cells = json.load(file)["cells"]
        for cell in cells:
            if cell.get("cell_type") == "code":
                source = "".join(cell.get("source", ""))
                found |= cells_modules(source)
                if ".ipynb" in source:
                    found.add("nbformat")  # what %run reads another notebook with
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return set()
    return found


def modules_behind(notebook: Path) -> set[str]:
    """Return the modules that the modules beside a notebook import, as far as it uses these.

    Imports within other statements are left out: a module may do without them.
    """
    folder = notebook.parent
    beside = modules_beside(folder)
    found: set[str] = set()
    waiting, seen = modules_imported_by(notebook), set[str]()
    while waiting:
        name = waiting.pop().partition(".")[0]
        if name in seen or name not in beside:
            continue
        seen.add(name)
        for path in [folder / f"{name}.py", *(folder / name).rglob("*.py")]:
            tree = parsed(text_of(path)) if path.is_file() else None
            waiting |= modules_imported(tree.body) if tree is not None else set()
        found |= waiting
    return {name for name in found if name.partition(".")[0] not in beside}


def mentioned(notebooks: Mapping[str, str], texts: Iterable[str]) -> set[str]:
    """Return which of the notebooks, texts by name, are named in ``texts`` or in one that is."""
    found: set[str] = set()
    waiting = list(texts)
    while waiting:
        text = waiting.pop()
        for name in notebooks.keys() - found:
            if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text):
                found.add(name)
                waiting.append(notebooks[name])
    return found


def text_of(path: Path) -> str:
    """Return a file's text, whatever it holds; nothing where it cannot be read."""
    try:
        with open_plain_file(path) as file:
            return file.read().decode(errors="replace")
    except OSError:
        return ""


def state_of(folders: Iterable[Path]) -> list[tuple[str, int, int]]:
    """Return what tells whether anything in these folders has changed, without reading it all."""
    found = []
    for folder in folders:
        for place, below, names in os.walk(folder):
            below.sort()
            for name in sorted(names):
                path = os.path.join(place, name)
                status = os.lstat(path)
                found.append((path, status.st_size, status.st_mtime_ns))
    return found
