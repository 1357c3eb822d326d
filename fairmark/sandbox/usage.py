"""What all processes of one submission use together: the kernel limits each of them only."""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fairmark.sandbox.gpu_usage import GpuWatch
from fairmark.sandbox.limits import Limits

_BUSY_SECONDS, _IDLE_SECONDS = 0.25, 1.0
_EXACT_SECONDS = 1.0
"""How long to look closely at memory: it waits for locks that the processes hold."""
_SHARE = 0.2
"""The largest part of a processor that looking may take: a student can make it long work."""
SOCKET_KIB = 256
"""What may wait in a socket to be read, unless the machine's own default was raised."""
_LOWEST_PRIORITY = 19
_BUSY_SESSIONS = 3
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class ProcessUsage:
    """A process, or one thread of it."""

    pid: int
    parent: int
    session: int
    threads: int
    runs: bool
    """Whether it runs, or waits for nothing but a processor."""
    cpu_ticks: int
    """CPU time of its own, and of its descendants that it has waited for."""


class UsageMonitor:
    """Looks after a submission's processes from outside, as descendants of its first one.

    The descendants of a pid namespace's first process never leave its tree. Nothing is asked of
    student code: all numbers are the kernel's, from /proc as it is outside of that namespace.
    Make it before the first process is forked, which mounts a /proc of its own over that one, and
    in their network namespace. Without a pid namespace, as with ``--sandbox=none``, processes can
    leave the tree: what they have used is told of those that have not, and no limit is held.
    """

    def __init__(self, limits: Limits, gpu: GpuWatch | None = None) -> None:
        self._limits = limits
        self._gpu = gpu if limits.gpu_memory_mib else None
        self._proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
        self._own_kib = self._status_kib(os.getpid())
        self._cpu_ticks = 0
        self._crowded = 0
        self._times: dict[int, tuple[int, int]] = {}
        self._ended = 0, 0
        self.seconds = _BUSY_SECONDS
        """How long to wait until the next look."""

    def look(self, first: int) -> str:
        """Return which limit ``first`` and all that descend from it have passed together.

        It is "memory", "cpu", "gpu", "sessions" or "", which is none.
        """
        started = time.monotonic()
        processes = list(self._descendants(first))
        cpu_ticks = sum(process.cpu_ticks for process in processes) + self._ended_ticks()
        idle = cpu_ticks == self._cpu_ticks and self._gpu is None
        self._cpu_ticks = cpu_ticks
        passed = self._passed(processes)
        least = _IDLE_SECONDS if idle else _BUSY_SECONDS
        self._note_times(processes)
        self.seconds = max(least, (time.monotonic() - started) / _SHARE)
        return passed

    def used(self, first: int) -> dict[str, float] | None:
        """Return what ``first`` and all that descend from it have used: "cpu" and "waited".

        Both are in seconds. "waited" is how long threads were ready to run and no processor was
        free, each by itself. What has ended counts as it was when it was last looked at. None where
        the kernel does not tell.
        """
        self._note_times(self._descendants(first))
        if not self._times:
            return None
        times = [self._ended, *self._times.values()]
        cpu, waited = (sum(nanoseconds) / 1e9 for nanoseconds in zip(*times, strict=True))
        return {"cpu": cpu, "waited": waited}

    def has_gpu(self, first: int) -> bool:
        """Whether ``first`` itself has opened the GPU, so that none of its forks could use it."""
        return self._gpu is not None and self._gpu.is_open(first, self._proc)

    def _note_times(self, processes: Iterable[ProcessUsage]) -> None:
        """Read how long each thread has run and waited."""
        times = {}
        for process in processes:
            for name in self._names(f"{process.pid}/task"):
                words = self._text(f"{process.pid}/task/{name}/schedstat").split()
                if words:
                    times[int(name)] = int(words[0]), int(words[1])
        for thread, (cpu, waited) in self._times.items():
            if times.get(thread, (0, 0))[0] < cpu:  # it has ended, and another may have its number
                self._ended = self._ended[0] + cpu, self._ended[1] + waited
        self._times = times

    def _passed(self, processes: list[ProcessUsage]) -> str:
        if self._share_fairly(processes) > _BUSY_SESSIONS:
            return "sessions"
        if self._cpu_ticks > self._limits.submission_cpu_seconds * _TICKS_PER_SECOND:
            return "cpu"
        if self._gpu is not None:
            held = self._gpu.used_mib(process.pid for process in processes)
            if held > self._limits.gpu_memory_mib:
                return "gpu"
        return "memory" if self._memory_is_full(processes) else ""

    def _share_fairly(self, processes: list[ProcessUsage]) -> int:
        """Let a submission of many busy threads wait for the others, which have one each.

        Sixty busy processes would take nearly all of the machine from an honest submission, and
        its time limits would be passed. On processors that nobody else needs they lose nothing.
        Where the kernel first shares processors among sessions (sched(7), autogroups), priorities
        count inside each only: return how many sessions are busy.
        """
        threads = [thread for process in processes for thread in self._threads(process)]
        busy = [thread for thread in threads if thread.runs]
        # A fork and its origin may run at the same time for a moment; pauses in step with the looks
        # must not hide all the rest.
        self._crowded = self._crowded + 2 if len(busy) > 1 else max(self._crowded - 1, 0)
        if len(busy) < 2 or self._crowded < 3:
            return 1
        for thread in threads:
            # Root of a container may lack the right to lower another user's.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.setpriority(os.PRIO_PROCESS, thread.pid, _LOWEST_PRIORITY)
        return len({thread.session for thread in busy})

    def _memory_is_full(self, processes: list[ProcessUsage]) -> bool:
        """Whether they hold more than they may, beside what the warm process held before."""
        limit = (
            self._own_kib + self._limits.submission_memory_mib * 1024 - self._sockets_kib(processes)
        )
        limit -= self._nameless_kib(processes) if self._gpu is not None else 0
        counted = {process.pid: self._status_kib(process.pid) for process in processes}
        until = time.monotonic() + _EXACT_SECONDS
        for pid in counted:
            if sum(counted.values()) <= limit:
                return False
            if time.monotonic() < until:  # pages that forks share were counted for each
                counted[pid] = self._proportional_kib(pid)
        return sum(counted.values()) > limit

    def _descendants(self, first: int) -> Iterator[ProcessUsage]:
        """Yield a process and all that descend from it, as far as they live."""
        processes = [_read_stat(int(name), self._text(f"{name}/stat")) for name in self._names(".")]
        children: dict[int, list[ProcessUsage]] = {}
        for process in processes:
            if process is not None:
                children.setdefault(process.parent, []).append(process)
        found = [process for process in processes if process is not None and process.pid == first]
        while found:
            process = found.pop()
            yield process
            found += children.get(process.pid, [])

    def _threads(self, process: ProcessUsage) -> Iterator[ProcessUsage]:
        if process.threads == 1:
            yield process
            return
        for name in self._names(f"{process.pid}/task"):
            thread = _read_stat(int(name), self._text(f"{process.pid}/task/{name}/stat"))
            if thread is not None:
                yield thread

    def _status_kib(self, pid: int) -> int:
        """Memory of a process but for files', with all that it shares with others since a fork."""
        shared = () if self._gpu is None else ("RssShmem:",)  # only CUDA may have such memory
        return _sum_kib(self._text(f"{pid}/status"), ("RssAnon:", "VmSwap:", "VmPTE:", *shared))

    def _proportional_kib(self, pid: int) -> int:
        """Memory of a process but for files', where a page that n processes share is an n-th."""
        try:
            text = self._text(f"{pid}/smaps_rollup")
        except PermissionError:  # it has made itself unreadable
            return self._status_kib(pid)
        # Page tables of a wide, empty space can be larger than all that lies in it.
        tables = _sum_kib(self._text(f"{pid}/status"), ("VmPTE:",))
        shared = () if self._gpu is None else ("Pss_Shmem:",)
        return tables + _sum_kib(text, ("Pss_Anon:", "SwapPss:", *shared))

    def _nameless_kib(self, processes: list[ProcessUsage]) -> int:
        """What lies in files without a name, which only descriptors hold: CUDA may make some."""
        sizes = {
            (found.st_dev, found.st_ino): found.st_blocks // 2
            for found in self._open(processes)
            if stat.S_ISREG(found.st_mode) and found.st_nlink == 0
        }
        return sum(sizes.values())

    def _open(self, processes: list[ProcessUsage]) -> Iterator[os.stat_result]:
        """What the processes have open."""
        for process in processes:
            try:
                names = self._names(f"{process.pid}/fd")
            except PermissionError:  # it runs a program that is not to be read
                continue
            for name in names:
                with contextlib.suppress(OSError):  # it was closed
                    yield os.stat(f"{process.pid}/fd/{name}", dir_fd=self._proc)

    def _ended_ticks(self) -> int:
        """CPU time of processes that have ended, and that none of the others has waited for."""
        return 0

    def _sockets_kib(self, processes: list[ProcessUsage]) -> int:
        """What may wait in all sockets of this process's network namespace, which is theirs."""
        words = self._text("self/net/sockstat").split()
        return int(words[2]) * SOCKET_KIB if words else 0

    def _names(self, path: str) -> list[str]:
        """The numbers among the names in one of the kernel's folders."""
        try:
            folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY, dir_fd=self._proc)
        except (FileNotFoundError, ProcessLookupError):  # its process has ended
            return []
        try:
            return [name for name in os.listdir(folder) if name.isdigit()]
        finally:
            os.close(folder)

    def _text(self, path: str) -> str:
        """The text of one of the kernel's files; "" where its process has ended."""

        def opener(path: str, flags: int) -> int:
            return os.open(path, flags, dir_fd=self._proc)

        try:
            # Only the kernel ends a line: a process can give itself a name with other line breaks.
            with open(
                path, encoding="utf-8", errors="replace", newline="\n", opener=opener
            ) as file:
                return file.read()
        except (FileNotFoundError, ProcessLookupError):
            return ""


def _read_stat(pid: int, text: str) -> ProcessUsage | None:
    """Read the text of a ``stat`` file (proc(5)); None where there was none."""
    if not text:
        return None
    fields = text[text.rindex(")") + 2 :].split()  # a name may contain spaces and brackets
    return ProcessUsage(
        pid=pid,
        parent=int(fields[1]),
        session=int(fields[3]),
        threads=int(fields[17]),
        runs=fields[0] == "R",
        cpu_ticks=sum(map(int, fields[11:15])),
    )


def _sum_kib(text: str, names: tuple[str, ...]) -> int:
    return sum(int(line.split()[1]) for line in text.split("\n") if line.startswith(names))
