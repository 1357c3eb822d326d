"""What lies in a folder of an instructor's or a student's: notebooks, and files beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


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
