"""Files and folders: what lies in them, and writing them whole or not at all.

A half-made file or folder is named after the process that makes it, until it is whole.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fairmark.errors import FairmarkError

_PARTIAL = re.compile(r"\..+\.(new|old)-(\d+)")


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


def is_plain_name(name: str) -> bool:
    """Whether a file's relative name stays in its folder and hides nothing."""
    parts = name.split("/")
    return (
        0 < len(name) <= 1_000
        and name.isprintable()
        and "\\" not in name
        and all(part and not part.startswith(".") and len(part) <= 200 for part in parts)
    )


def check_writable(folder: Path) -> None:
    """Make the folder where it is missing; raise FairmarkError when nothing can be put there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".", dir=folder):
            pass
    except OSError as error:
        raise FairmarkError(f"{folder} cannot be written: {error.strerror}") from None


def write_file(path: Path, content: str | bytes, *, parents: bool = False) -> None:
    """Write a file whole or not at all; raise FairmarkError.

    ``parents`` makes the folder where it is missing.
    """
    data = content.encode() if isinstance(content, str) else content
    partial = partial_path(path)
    try:
        if parents:
            path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise FairmarkError(f"{path} cannot be written: {error.strerror}") from None


@contextmanager
def replaced_folder(place: Path) -> Iterator[Path]:
    """Yield an empty folder that takes the place of another one when all went well.

    Raises FairmarkError where it cannot be written.
    """
    new, old = partial_path(place), partial_path(place, "old")
    try:
        sweep(place.parent)
        new.mkdir(parents=True)
        yield new
        if place.exists():
            place.rename(old)
        new.rename(place)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise FairmarkError(
            f"{error.filename or place} cannot be written: {error.strerror or error}"
        ) from None
    finally:
        shutil.rmtree(new, ignore_errors=True)


def partial_path(place: Path, kind: str = "new") -> Path:
    """Return where this process keeps what will be, or was, at ``place``."""
    return place.with_name(f".{place.name}.{kind}-{os.getpid()}")


def sweep(folder: Path) -> None:
    """Remove from a folder what processes that were killed have left half made there."""
    with suppress(OSError):
        for path in list(folder.iterdir()):
            match = _PARTIAL.fullmatch(path.name)
            if match is None or _is_alive(int(match[2])):
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    """Whether another process of this number may still be at work."""
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
