"""What a fork leaves behind in its submission's sandbox: processes and files, taken away.

The processes of one submission share their work folder and their number of processes. A question
that fills one of them up must not be at the expense of the next question. Where other versions of
a cell are tried, files that one of them has changed are put back as well.
"""

from __future__ import annotations

import os
import signal
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from fairmark.files import walk

_FOLDERS = ("/home/student", "/tmp", "/dev/shm")
_ATTEMPTS = 50
_RESTORED_BYTES = 2**24
_Version = tuple[str, int, int, int]
_read: dict[_Version, bytes] = {}
"""The content of files by path, inode, size and time: most are the same at the next fork."""


@dataclass(frozen=True)
class Surroundings:
    """What is a submission's own: the folders that it can write to, and its processes."""

    folders: tuple[str, ...]
    namespace: bool
    """Whether all processes that there are belong to it; else those of its user do."""

    @classmethod
    def of(cls, account_folder: str | None) -> Surroundings | None:
        """Return those of this process, the first one; None where nothing is its own.

        ``account_folder`` is the folder of a submission that has a user's number for itself.
        """
        if account_folder is not None:
            return cls((account_folder,), namespace=False)
        return cls(_FOLDERS, namespace=True) if os.getpid() == 1 else None

    def processes(self) -> Iterator[int]:
        """Yield the numbers of all processes but the first; without a namespace, its children."""
        if self.namespace:
            yield from (int(name) for name in os.listdir("/proc") if name.isdigit() and name != "1")
            return
        with suppress(OSError):  # not every kernel tells
            for task in os.listdir("/proc/self/task"):
                yield from map(
                    int,
                    Path(f"/proc/self/task/{task}/children").read_text(encoding="utf-8").split(),
                )


class Cleanup:
    """Remembers the processes and files that there are, to remove later ones.

    ``restores`` has the content of files remembered too, as far as there is not too much of it.
    """

    def __init__(self, own: Surroundings, *, restores: bool = False) -> None:
        self._own = own
        self._processes = set(own.processes())
        self._files = {path for folder in own.folders for path in _paths(folder)}
        self._contents = _contents(self._files) if restores else {}

    def remove(self) -> None:
        """End the processes and remove the files that are new; others may be put back."""
        if not self._own.namespace and not self._processes:
            with suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)  # all of this user's but this one, wherever they are
        for _ in range(_ATTEMPTS):
            new = [pid for pid in self._own.processes() if pid not in self._processes]
            if not new:
                break
            for pid in new:
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.001)
            with suppress(ChildProcessError):  # their parents are dead: they are this one's now
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
        for folder in self._own.folders:
            for path in list(_paths(folder)):
                if path not in self._files:
                    with suppress(OSError):
                        _remove(path)
        for path, (version, data) in self._contents.items():
            if _version(path) != version:
                with suppress(OSError):
                    _put_back(path, data, version[3])


def _contents(paths: Iterable[str]) -> dict[str, tuple[_Version, bytes]]:
    """The versions and contents of files, the smallest first."""
    versions = [version for path in paths if (version := _version(path)) is not None]
    found, room = {}, _RESTORED_BYTES
    for version in sorted(versions, key=lambda version: version[2]):
        room -= version[2]
        if room < 0:
            break
        with suppress(OSError):
            if version not in _read:
                _read[version] = Path(version[0]).read_bytes()
            found[version[0]] = version, _read[version]
    return found


def _version(path: str) -> _Version | None:
    """What tells one content of a file from another; None where there is no regular file."""
    try:
        there = os.lstat(path)
    except OSError:
        return None
    if not stat.S_ISREG(there.st_mode):
        return None
    return path, there.st_ino, there.st_size, there.st_mtime_ns


def _put_back(path: str, data: bytes, time_ns: int) -> None:
    if os.path.lexists(path) and _version(path) is None:  # it is no file any more
        _remove(path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    Path(path).write_bytes(data)
    os.utime(path, ns=(time_ns, time_ns))


def _paths(folder: str) -> Iterator[str]:
    """What lies in a folder. New folders are removed whole, so nothing in them is needed."""
    for root, folders, files in walk(Path(folder)):
        yield from (os.path.join(root, name) for name in (*folders, *files))
        # What is mounted below, as Python itself may be, is not for student code to write to.
        folders[:] = [name for name in folders if not os.path.ismount(os.path.join(root, name))]


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        _remove_folder(path)
    else:
        os.unlink(path)


def _remove_folder(top: str) -> None:
    """Remove a folder, as far as that can be done, however deep the folders in it are.

    Those below are first moved up: shutil calls itself for each level, and long paths are none.
    """
    waiting, numbers = [top], count()
    while waiting:
        place = waiting.pop()
        with suppress(OSError):
            os.chmod(place, 0o700)
            for entry in list(os.scandir(place)):
                with suppress(OSError):
                    if not entry.is_dir(follow_symlinks=False):
                        os.unlink(entry.path)
                        continue
                    os.chmod(entry.path, 0o700)  # a folder that is closed cannot be moved
                    moved = next(m for n in numbers if not os.path.lexists(m := f"{top}/.{n}"))
                    os.rename(entry.path, moved)
                    waiting.append(moved)
        with suppress(OSError):
            if place != top:
                os.rmdir(place)
    os.rmdir(top)
