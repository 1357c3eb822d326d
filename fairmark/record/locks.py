"""Whether another process holds SQLite's lock on a database that this process has open."""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
from pathlib import Path

_FLOCK = "@hhqqi4x"
"""``struct flock`` of Linux, on 64 bits: type, whence, start, length, process."""
_RANGES = (("", 0x40000000, 512), ("-shm", 120, 8))
"""Where SQLite locks the bytes of a database, and those of its log's index."""


def is_locked_by_another(database: Path) -> bool:
    """Whether another process writes, or is about to, to a database that is open here.

    The descriptors are asked that SQLite itself has open: to open the file once more, and to close
    it, would take SQLite's own locks away. What this process holds itself does not count, nor what
    a file system of another machine keeps to itself.
    """
    return any(
        _has_foreign_lock(descriptor, start, length)
        for suffix, start, length in _RANGES
        for descriptor in _descriptors(Path(f"{database}{suffix}"))
    )


def _descriptors(path: Path) -> list[int]:
    """The descriptors of this process that are open on a file."""
    try:
        wanted = path.stat()
    except OSError:
        return []
    found = []
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):  # it was closed meanwhile
            if os.path.samestat(os.fstat(int(name)), wanted):
                found.append(int(name))
    return found


def _has_foreign_lock(descriptor: int, start: int, length: int) -> bool:
    """Whether a reader's lock could not be had there: then somebody else has a writer's."""
    asked = struct.pack(_FLOCK, fcntl.F_RDLCK, os.SEEK_SET, start, length, 0)
    with contextlib.suppress(OSError):  # it was closed meanwhile
        kind, *_ = struct.unpack(_FLOCK, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
        return bool(kind == fcntl.F_WRLCK)
    return False
