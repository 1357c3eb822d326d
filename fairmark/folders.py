"""What lies in a folder of an instructor's or a student's, and whether one can be written."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from fairmark.errors import FairmarkError


def notebooks_in(folder: Path) -> list[Path]:
    """Return the notebooks in a folder, sorted; what editors hide there is none."""
    return sorted(folder.glob("[!.]*.ipynb"))


def read_folder(folder: Path, limit: int = 64 * 2**20) -> dict[str, bytes]:
    """Return the plain files in a folder that are no notebooks; links are never followed."""
    files: dict[str, bytes] = {}
    total = 0
    for path in sorted(plain_files([folder])):
        if path.suffix == ".ipynb" or path.name == "timestamp.txt":
            continue
        total += path.stat().st_size
        if total > limit:
            break
        files[str(path.relative_to(folder))] = path.read_bytes()
    return files


def plain_files(folders: list[Path]) -> Iterator[Path]:
    """Yield the files in folders and below, sorted; no links, nothing hidden."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            relative = path.relative_to(folder)
            hidden = any(part.startswith((".", "__pycache__")) for part in relative.parts)
            if not hidden and not path.is_symlink() and path.is_file():
                yield path


def check_writable(folder: Path) -> None:
    """Make the folder where it is missing; raise FairmarkError when nothing can be put there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".", dir=folder):
            pass
    except OSError as error:
        raise FairmarkError(f"{folder} cannot be written: {error.strerror}") from None
