"""What seals students' processes, as the warm process and its forks do it, one after the other."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, Protocol

from fairmark.sandbox import namespaces, seccomp
from fairmark.sandbox.gpu_usage import GpuWatch
from fairmark.sandbox.limits import Limits
from fairmark.sandbox.settings import ZygoteSettings
from fairmark.sandbox.usage import UsageMonitor

WORK_FOLDER = "/home/student"
_INODES = 16_384
"""How many files and folders a submission may have in each of its own folders."""
_SHARED = 16
"""How much a submission may have of what the kernel counts for all together."""


class Seal(Protocol):
    """One kind of seal. The methods are called in their order, each in its process."""

    holds: bool
    """Whether it seals anything."""

    def prepare(self) -> None:
        """In the warm process: before it imports anything."""

    def warmed(self) -> None:
        """In the warm process: after its imports."""

    def enclose(self, descriptors: Sequence[int]) -> None:
        """In the supervisor: before there is a student's process.

        ``descriptors`` are those that nobody else may keep.
        """

    def monitor(self, limits: Limits) -> UsageMonitor:
        """In the supervisor: what looks after the student's processes."""

    def enter(self, request: dict[str, Any], limits: Limits) -> None:
        """In the student's process: from here on student code can run."""

    def end(self) -> None:
        """In the supervisor: end what the student's process, which has ended, has left behind."""


class NamespaceSeal:
    """Namespaces of its own for each submission, inside of what bubblewrap shows."""

    holds = True

    def __init__(self, settings: ZygoteSettings) -> None:
        self._settings = settings

    def prepare(self) -> None:
        """Become an ordinary user, where root has started this."""
        if self._settings.user is not None:
            namespaces.mount_proc()
            namespaces.become(*self._settings.user)

    def warmed(self) -> None:
        """Do nothing."""

    def enclose(self, descriptors: Sequence[int]) -> None:
        """Have the student's process be the first one of its namespaces."""
        namespaces.unshare_all()

    def monitor(self, limits: Limits) -> UsageMonitor:
        """Look at the namespace's processes."""
        return UsageMonitor(limits, _watch(self._settings))

    def enter(self, request: dict[str, Any], limits: Limits) -> None:
        """Mount empty folders, and give everything up that is not needed."""
        namespaces.mount_proc()
        if os.path.exists("/proc/keys"):
            namespaces.mount_bind("/dev/null", "/proc/keys")  # it names all keys of the user
        namespaces.forbid_device("/dev/zero")  # it maps as memory that nobody counts
        if not limits.gpu_memory_mib:
            self._hide_gpu()
        namespaces.mount_terminals(_SHARED)
        inodes = inodes_for(self._settings)
        for folder in (WORK_FOLDER, "/dev/shm", "/tmp"):
            if not _holds_python(folder):
                mount_empty(folder, limits.disk_mib, inodes, self._settings.folders)
        os.chdir(WORK_FOLDER)
        namespaces.forbid_user_namespaces()
        namespaces.limit_notifications(_SHARED)
        limits.apply()
        namespaces.drop_privileges()
        namespaces.end_with_parent()  # where the supervisor is killed nobody else would
        seccomp.refuse_system_calls(gpu=limits.gpu_memory_mib > 0)

    def _hide_gpu(self) -> None:
        """Put nothing in the place of a GPU that other submissions may use."""
        for device in self._settings.gpu:
            namespaces.mount_bind("/dev/null", device)
        for folder in self._settings.gpu_folders:
            namespaces.mount_bind("/run", folder)  # which is empty

    def end(self) -> None:
        """Do nothing: the kernel has ended the whole namespace with its first process."""


class NoSeal:
    """Nothing but a folder."""

    holds = False

    def __init__(self, settings: ZygoteSettings) -> None:
        self._settings = settings

    def prepare(self) -> None:
        """Do nothing."""

    def warmed(self) -> None:
        """Do nothing."""

    def enclose(self, descriptors: Sequence[int]) -> None:
        """Do nothing."""

    def monitor(self, limits: Limits) -> UsageMonitor:
        """Look at the processes that stay in the tree."""
        return UsageMonitor(limits, _watch(self._settings))

    def enter(self, request: dict[str, Any], limits: Limits) -> None:
        """Go to the folder."""
        os.chdir(request["folder"])
        namespaces.end_with_parent()

    def end(self) -> None:
        """Do nothing."""


def _watch(settings: ZygoteSettings) -> GpuWatch | None:
    return GpuWatch(settings.gpu, settings.gpu_table) if settings.gpu else None


def inodes_for(settings: ZygoteSettings) -> int:
    """How many files and folders a submission may have in one folder."""
    return _INODES + 2 * settings.shared_files  # links, and folders for them


def mount_empty(
    place: str, mebibytes: int, inodes: int, kept: list[str], mode: str = "0700"
) -> None:
    """Mount an empty folder, and in it the folders of ``kept`` that lay below it before."""
    below = [folder for folder in kept if folder.startswith(place + "/")]
    opened = [os.open(folder, os.O_PATH | os.O_DIRECTORY) for folder in below]
    namespaces.mount_tmpfs(place, mebibytes, mode, inodes)
    for folder, descriptor in zip(below, opened, strict=True):
        os.makedirs(folder, exist_ok=True)
        namespaces.mount_bind(f"/proc/self/fd/{descriptor}", folder)
        os.close(descriptor)


def _holds_python(folder: str) -> bool:
    """Whether this Python or fairmark itself would vanish with the folder."""
    return any(path.startswith(folder + "/") for path in (sys.prefix, sys.base_prefix, __file__))
