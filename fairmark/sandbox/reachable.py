"""What a user without any rights of his own can get at, by the permissions of folders."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

_OF_THE_KERNEL = ("/proc", "/sys")


def first_closed(path: Path) -> Path | None:
    """Return the first folder on the way to a path, or the path itself, that others can't enter."""
    path = path.resolve()
    for folder in (*reversed(path.parents), path):
        if folder.is_dir() and not folder.stat().st_mode & stat.S_IXOTH:
            return folder
    return None


def open_to_all(root: str = "/") -> Iterator[str]:
    """Yield the folders that everybody can write to, and can get to."""
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                below = [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
        except OSError:  # it has gone
            continue
        for path in below:
            try:
                mode = os.lstat(path).st_mode
            except OSError:
                continue
            if not mode & stat.S_IXOTH or path in _OF_THE_KERNEL:
                continue
            if mode & stat.S_IWOTH:
                yield path
            waiting.append(path)
