"""What a submission uses whose processes have an account of their own, and no namespaces."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from fairmark.sandbox import namespaces
from fairmark.sandbox.limits import Limits
from fairmark.sandbox.usage import SOCKET_KIB, ProcessUsage, UsageMonitor

_DEEPEST = 64
_BLOCK = 512
_TERMINALS = os.makedev(5, 2)
_MOST_TERMINALS = 16
"""All processes of a machine share the number of terminals."""


class AccountMonitor(UsageMonitor):
    """Looks after all descendants of this process, which nobody leaves: it adopts their orphans.

    No file system bounds what they write, so their folder is measured as well. The kernel tells a
    process of another user's only what that user may know: the looks are that user's.
    """

    def __init__(self, limits: Limits, uid: int, folder: str, inodes: int) -> None:
        super().__init__(limits)
        self._uid = uid
        self._folder = folder
        self._inodes = inodes
        self._seen_as = os.geteuid()

    def look(self, first: int) -> str:
        """Return which limit they have passed together; "" is none."""
        self._reap_orphans(first)
        with self._as_user(self._uid):
            return super().look(first)

    def used(self, first: int) -> dict[str, float] | None:
        """Return what they have used."""
        with self._as_user(self._uid):
            return super().used(first)

    def _passed(self, processes: list[ProcessUsage]) -> str:
        if limit := super()._passed(processes):
            return limit
        terminals = [found for found in self._open(processes) if found.st_rdev == _TERMINALS]
        if len(terminals) > _MOST_TERMINALS:
            return "terminals"
        return "disk" if self._disk_is_full(processes) else ""

    def _ended_ticks(self) -> int:
        times = os.times()
        return int((times.children_user + times.children_system) * os.sysconf("SC_CLK_TCK"))

    def _descendants(self, first: int) -> Iterator[ProcessUsage]:
        own = os.getpid()
        return (found for found in super()._descendants(own) if found.pid != own)

    def _sockets_kib(self, processes: list[ProcessUsage]) -> int:
        sockets = {found.st_ino for found in self._open(processes) if stat.S_ISSOCK(found.st_mode)}
        return len(sockets) * SOCKET_KIB

    def _disk_is_full(self, processes: list[ProcessUsage]) -> bool:
        """Whether the files take too much room, those that are deleted and still open included."""
        sizes = {
            (found.st_dev, found.st_ino): found.st_blocks * _BLOCK
            for found in self._open(processes)
            if stat.S_ISREG(found.st_mode) and found.st_nlink == 0
        }
        with self._as_user(0):  # a student can close his own folders
            descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
            if not _measure(descriptor, sizes, self._inodes, _DEEPEST):
                return True
        return sum(sizes.values()) > self._limits.disk_mib * 2**20

    @contextmanager
    def _as_user(self, uid: int) -> Iterator[None]:
        """Be that user where the kernel checks access to files, and in nothing else.

        Whoever has that number could change the priority of this process otherwise.
        """
        before, self._seen_as = self._seen_as, uid
        namespaces.access_as(uid)
        try:
            yield
        finally:
            self._seen_as = before
            namespaces.access_as(before)
            namespaces.end_with_parent()  # the kernel forgets it with each change

    @staticmethod
    def _reap_orphans(first: int) -> None:
        """Let go of adopted processes that have ended: they count as processes until then."""
        with suppress(ChildProcessError):
            while True:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
                if ended is None or ended.si_pid == first:
                    return
                os.waitpid(ended.si_pid, 0)


def _measure(descriptor: int, sizes: dict[tuple[int, int], int], most: int, deepest: int) -> bool:
    """Note the sizes of what lies in a folder, and close it; False where it is too many or deep."""
    try:
        with os.scandir(descriptor) as entries:
            for entry in entries:
                try:
                    found = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                sizes[found.st_dev, found.st_ino] = found.st_blocks * _BLOCK
                if len(sizes) > most or not (deepest or not stat.S_ISDIR(found.st_mode)):
                    return False
                if stat.S_ISDIR(found.st_mode) and not _measure_below(
                    entry.name, descriptor, sizes, most, deepest
                ):
                    return False
    finally:
        os.close(descriptor)
    return True


def _measure_below(
    name: str, parent: int, sizes: dict[tuple[int, int], int], most: int, deepest: int
) -> bool:
    try:
        below = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
    except OSError:  # it has gone, or is none any more
        return True
    return _measure(below, sizes, most, deepest - 1)
