"""Wall time, CPU time and memory of a command and everything that it starts.

The time that the system books on a parent (``RUSAGE_CHILDREN``) leaves out children that nobody
waited for, and with them whatever they had started. Where a control group can be made (as root, or
in a delegated one) it counts every process; elsewhere the processes are looked at many times a
second, and what one does between the last look and its end is lost.
"""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_LOOK_SECONDS = 0.02
_OWN_SECONDS = 1.0


class CommandFailed(Exception):
    """A measured command ended with an error."""


@dataclass(frozen=True)
class Usage:
    """What a command used."""

    wall: float
    cpu: float
    exact: bool
    """Whether the CPU time is the kernel's sum over all processes, not one of many looks."""
    output: str


Look = Callable[[int], None]
"""Looks at the process with this id and its descendants while they run."""


def measure(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    looks: Sequence[Look] = (),
    every: float = _LOOK_SECONDS,
) -> Usage:
    """Run a command to its end; raise CommandFailed when it fails."""
    group = _Group.make()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    looks = list(looks)
    clock = _Clock()
    if group is None:
        looks, every = [*looks, clock], min(every, _LOOK_SECONDS)
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        preexec_fn=group.enter if group else None,
    )
    with _looking(process.pid, looks, every):
        output, _ = process.communicate()
    wall = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    waited = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    cpu = group.close() if group else max(waited, clock.seconds)
    if process.returncode != 0:
        raise CommandFailed(f"{' '.join(command)} failed:\n{output.strip()[-2000:]}")
    return Usage(wall, cpu, group is not None, output)


def tree(root: int) -> list[int]:
    """Return a process and all its descendants."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (fields := _stat(int(name))) is not None:
            children.setdefault(int(fields[1]), []).append(int(name))
    found = [root]
    for pid in found:
        found.extend(children.get(pid, []))
    return found


def memory_of(pid: int) -> dict[str, int]:
    """Return the bytes of one process by kind; "Pss" counts shared pages by their share."""
    found: dict[str, int] = {}
    with contextlib.suppress(OSError), open(f"/proc/{pid}/smaps_rollup") as rollup:
        for line in rollup:
            name, _, rest = line.partition(":")
            if rest.endswith("kB\n"):
                found[name] = int(rest.split()[0]) * 1024
    return found


class PeakMemory:
    """The most memory that a process and its descendants had in any look."""

    def __init__(self) -> None:
        self.bytes = 0

    def __call__(self, root: int) -> None:
        """Look once."""
        self.bytes = max(self.bytes, sum(memory_of(pid).get("Pss", 0) for pid in tree(root)))


class OwnMemory:
    """What the command's own process holds, by how much of its work is ``done``.

    Libraries' pages, which are files', are left out.
    """

    def __init__(self, done: Callable[[], int]) -> None:
        self._done = done
        self._looked = 0.0
        self.bytes: dict[int, int] = {}
        """What it held when so much was done."""

    def __call__(self, root: int) -> None:
        """Look once, if the last look is long ago."""
        if time.monotonic() >= self._looked + _OWN_SECONDS:
            self._looked = time.monotonic()
            if held := memory_of(root).get("Anonymous", 0):
                # The first look counts: at the end, the table of the whole class is written.
                self.bytes.setdefault(self._done(), held)

    def at(self, done: int) -> int:
        """Return what it held when about so much was done."""
        return self.bytes[min(self.bytes, key=lambda known: abs(known - done))]


class AddedMemory:
    """What the processes forked from the warm process add to it, in the most expensive look.

    Data that is shared is counted once: that of the warm process and all that was forked from it is
    compared with that of the warm process while nothing else ran. Libraries' pages that only a
    forked process uses are added.
    """

    def __init__(self) -> None:
        self._idle = 0
        self.bytes = 0

    def __call__(self, root: int) -> None:
        """Look once."""
        processes = [pid for pid in tree(root) if _is_warm_process(pid)]
        warm = [memory_of(pid) for pid in processes]
        if processes != [pid for pid in tree(root) if _is_warm_process(pid)]:
            return  # with a fork in between, shared pages were counted wrongly
        data = sum(memory.get("Pss_Anon", 0) + memory.get("Pss_Shmem", 0) for memory in warm)
        if len(warm) == 1:
            self._idle = data
        elif self._idle:
            libraries = sum(memory.get("Private_Clean", 0) for memory in warm[1:])
            self.bytes = max(self.bytes, data - self._idle + libraries)


class _Clock:
    """Adds up the CPU time of a process and its descendants from many looks."""

    def __init__(self) -> None:
        self._seconds: dict[tuple[int, str], float] = {}

    @property
    def seconds(self) -> float:
        return sum(self._seconds.values())

    def __call__(self, root: int) -> None:
        for pid in tree(root):
            if (fields := _stat(pid)) is not None:
                used = (int(fields[11]) + int(fields[12])) / _TICK
                self._seconds[pid, fields[19]] = used


class _Group:
    """A control group (version 2) of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def make(cls) -> _Group | None:
        """Return a new group, or None where this user cannot have one."""
        try:
            mounts = Path("/proc/self/mounts").read_text().splitlines()
            root = next(m.split()[1] for m in mounts if m.split()[2] == "cgroup2")
            own = next(
                line[3:]
                for line in Path("/proc/self/cgroup").read_text().splitlines()
                if line.startswith("0::")
            )
            folder = Path(root) / own.lstrip("/") / f"fairmark-bench-{os.getpid()}"
            folder.mkdir(exist_ok=True)
            # Whether processes can be moved into it is known only when one was.
            probe = subprocess.Popen(["sleep", "60"], stdin=subprocess.DEVNULL)
            try:
                (folder / "cgroup.procs").write_text(str(probe.pid))
            finally:
                probe.kill()
                probe.wait()
            folder.rmdir()
            folder.mkdir()
            return cls(folder)
        except (OSError, StopIteration):
            return None

    def enter(self) -> None:
        """Put this process into the group."""
        (self._folder / "cgroup.procs").write_text(str(os.getpid()))

    def close(self) -> float:
        """End what is left of the group; return the CPU seconds of all its processes."""
        deadline = time.monotonic() + 5
        while "populated 1" in (self._folder / "cgroup.events").read_text():
            if time.monotonic() > deadline:
                (self._folder / "cgroup.kill").write_text("1")
            time.sleep(0.02)
        first = (self._folder / "cpu.stat").read_text().splitlines()[0]
        self._folder.rmdir()
        return int(first.removeprefix("usage_usec ")) / 1e6


@contextlib.contextmanager
def _looking(pid: int, looks: Sequence[Look], every: float) -> Iterator[None]:
    """Look again and again from a thread while the block runs."""
    done = threading.Event()

    def look() -> None:
        while not done.wait(every):
            for each in looks:
                each(pid)

    thread = threading.Thread(target=look, daemon=True)
    if looks:
        thread.start()
    try:
        yield
    finally:
        done.set()
        if looks:
            thread.join()


def _stat(pid: int) -> list[str] | None:
    """Return the fields of /proc/PID/stat behind the program's name."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def _is_warm_process(pid: int) -> bool:
    """Whether this is the warm process, or a process forked from it."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return (
        words[0].rpartition(b"/")[2].startswith(b"python") and b"fairmark.sandbox.zygote" in words
    )
