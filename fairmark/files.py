"""Files and folders: what lies in them, and writing them whole or not at all.

A half-made file or folder is named after the process that makes it, until it is whole.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from fairmark.errors import FairmarkError

_LARGEST = 63 * 2**20
"""What one message to a student's process can hold."""
DEEPEST = 64
"""How many folders deep a name may lie, and what is in a folder is looked for."""
_LONGEST_NAME = 1_000
_PARTIAL = re.compile(r"\..+\.(new|old)-(\d+)")


def notebooks_in(folder: Path) -> list[Path]:
    """Return the notebooks in a folder, sorted; what editors hide there is none."""
    return sorted(folder.glob("[!.]*.ipynb"))


def open_plain_file(path: Path, *, follow_links: bool = True) -> BinaryIO:
    """Open a file for reading; raise OSError, also for what is no plain file.

    Nothing is waited for: a named pipe or a device is refused like a folder, and so is a link,
    unless links are to be followed.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    if not follow_links:
        if path.is_symlink():
            raise OSError(errno.ELOOP, "it is a link", str(path))
        flags |= os.O_NOFOLLOW
    descriptor = os.open(path, flags)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return open(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    raise OSError(errno.EINVAL, "it is no file", str(path))


def read_folder(
    folder: Path, *, ignored: Sequence[str] = (), total: int = 64 * 2**20, largest: int = _LARGEST
) -> tuple[dict[str, bytes], list[str]]:
    """Return the plain files in a folder that are no notebooks, and which were left out, and why.

    Links are never followed. What is larger than ``largest``, or does not fit into ``total`` with
    what was read before, is left out; the smaller ones behind it are not.
    """
    files: dict[str, bytes] = {}
    left_out: list[str] = []
    for path in plain_files([folder], ignored):
        name = str(path.relative_to(folder))
        if path.suffix == ".ipynb" or name == "timestamp.txt":
            continue
        try:
            with open_plain_file(path, follow_links=False) as file:
                size = os.fstat(file.fileno()).st_size
                if size > largest or room_taken(size) > total:
                    left_out.append(f"{name} ({size / 2**20:.1f} MiB)")
                    continue
                files[name] = file.read(size)
        except OSError as error:
            left_out.append(f"{name} ({error.strerror})")
            continue
        total -= room_taken(size)
    return files, left_out


def room_taken(size: int) -> int:
    """How much room a file of this size takes in a folder: small ones more than they hold."""
    return max(-(-size // 4096) * 4096, 8192)


def plain_files(folders: Iterable[Path], ignored: Sequence[str] = ()) -> Iterator[Path]:
    """Yield the files in folders and below, sorted; no links, nothing hidden, nothing ignored."""
    for folder in folders:
        for path in files_below(folder, (*ignored, ".*", "__pycache__*")):
            if not path.is_symlink():
                yield path


def files_below(folder: Path, ignored: Sequence[str]) -> list[Path]:
    """Return the files in a folder and below, and links to files, sorted.

    What a pattern of ``ignored`` fits by its own name is left out, a folder with all that is in it.
    """

    def is_ignored(name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in ignored)

    found = []
    for place, folders, names in walk(folder):
        folders[:] = [name for name in folders if not is_ignored(name)]
        found += [Path(place, name) for name in names if not is_ignored(name)]
    return sorted(path for path in found if path.is_file())


def walk(top: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Go through a folder as os.walk does, top down, following no links.

    What lies deeper than anybody puts it is left out. os.walk calls itself for each level, and the
    system has a longest path: a thousand folders, one in the other, would end both.
    """
    waiting = [(str(top), 0)]
    while waiting:
        place, depth = waiting.pop()
        for _, folders, names in islice(os.walk(place), 1):
            yield place, folders, names
            if depth == DEEPEST:
                continue
            paths = [os.path.join(place, name) for name in reversed(folders)]
            longest = len(os.fsencode(top)) + _LONGEST_NAME
            waiting += [
                (path, depth + 1)
                for path in paths
                if len(os.fsencode(path)) <= longest and not os.path.islink(path)
            ]


def is_plain_name(name: str) -> bool:
    """Whether a file's relative name stays in its folder and hides nothing."""
    parts = name.split("/")
    return (
        0 < len(name) <= _LONGEST_NAME
        and len(parts) <= DEEPEST
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
