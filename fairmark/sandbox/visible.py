"""What student code may read of this machine, beside the system and Python."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from fairmark.errors import FairmarkError

HANDED_OUT = "/handed-out"
"""Where shared files lie in a sealed sandbox."""
_COPIED_BYTES = 2**20
_MOST_MOUNTS = 32
"""What bubblewrap needs for mounts grows with the square of their number."""
_FOR_ALL = 0o444


@dataclass(frozen=True)
class SharedFile:
    """A file that all submissions read from one place, so that none needs a copy."""

    place: str
    """Its path among the shared files, such as "hw/data/digits.bin"."""
    path: Path
    """Where it lies on this machine."""
    stamp: tuple[int, int, int]
    """By which a file is told from another one that took its place."""

    @classmethod
    def of(cls, place: str, path: Path) -> SharedFile:
        """Return the file as it is now; raise OSError."""
        status = path.stat()
        return cls(place, path, (status.st_ino, status.st_size, status.st_mtime_ns))


@dataclass(frozen=True)
class Visible:
    """Folders of this machine and files of the instructor's, all for reading only."""

    folders: tuple[Path, ...] = ()
    """They are seen at their own paths."""
    files: frozenset[SharedFile] = frozenset()
    gpu: bool = False
    """Whether some submissions may use a GPU: those whose limits give them some of its memory."""


def stage(folder: Path, visible: Visible, most: int = _MOST_MOUNTS) -> list[tuple[Path, str]]:
    """Lay the shared files out in a folder; return what is to be mounted in it, and where.

    The largest files are mounted, and an empty file keeps their place; of the others there is a
    hard link there, or a copy where none can be made. ``most`` is how many mounts there may be.
    Raises FairmarkError.
    """
    mounts = []
    folder.mkdir()
    try:
        largest = sorted(visible.files, key=lambda file: (-file.stamp[1], file.place))
        for number, file in enumerate(largest):
            target = folder / file.place
            target.parent.mkdir(parents=True, exist_ok=True)
            if not _is_readable(file.path):
                _copy(file.path, target)
            elif number < most and file.path.stat().st_size >= _COPIED_BYTES:
                target.touch()
                mounts.append((file.path, file.place))
            else:
                _link(file.path, target)
    except OSError as error:
        raise FairmarkError(f"{error.filename} cannot be handed out: {error.strerror}") from None
    return mounts


def _link(path: Path, target: Path) -> None:
    if path.stat().st_mode & stat.S_IWOTH:  # a student could write to it by its link
        _copy(path, target)
        return
    try:
        os.link(path, target)
    except FileNotFoundError:
        raise
    except OSError:  # another file system, or another owner's file
        _copy(path, target)


def _copy(path: Path, target: Path) -> None:
    shutil.copyfile(path, target)
    target.chmod(_FOR_ALL)


def _is_readable(path: Path) -> bool:
    """Whether student code could read the file itself: where root starts it, as somebody else."""
    return os.getuid() != 0 or bool(path.stat().st_mode & 0o004)
