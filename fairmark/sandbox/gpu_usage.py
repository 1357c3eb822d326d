"""What of a GPU's memory the processes of a sandbox hold, as its driver tells from outside.

The driver tells what each process holds to who shares the machine's own process numbers only: in
another pid namespace it tells numbers of that namespace, and nothing of memory. So a process of its
own, beside the sandbox and not in it, reads it (``python -m fairmark.sandbox.gpu_usage SETTINGS``)
and writes it into a table in memory, with the numbers that the processes have in the sandbox. The
supervisors read that table. Student code sees neither.
"""

from __future__ import annotations

import json
import os
import pkgutil
import select
import sys
import time
import zlib
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from fairmark.errors import FairmarkError
from fairmark.sandbox.gpu import NeverToldError
from fairmark.sandbox.namespaces import end_with_parent

_LOOK_SECONDS = 0.2
_FRESH_SECONDS = 5.0
"""How old what the table says may be."""
_ATTEMPTS = 100
_HEADER = 16
_MACHINES_OWN_PIDS = "pid:[4026531836]"
"""The first pid namespace of a machine, which has this number on each."""


class GpuReader(Protocol):
    """Tells what of one GPU's memory each process holds; made with the GPU's place."""

    def used_mib(self) -> Mapping[int, float | None]:
        """Return the MiB that processes hold, by their numbers as this process sees them.

        None is for a process of which it is not told. Raises FairmarkError where nobody can tell.
        """


class NvmlReader:
    """Asks NVIDIA's driver, by its management library."""

    def __init__(self, place: str) -> None:
        try:
            import pynvml
        except ImportError:
            raise NeverToldError(
                "limits on a GPU's memory need a package: pip install 'fairmark[gpu]'"
            ) from None
        if os.readlink("/proc/self/ns/pid") != _MACHINES_OWN_PIDS:
            raise NeverToldError(
                "NVIDIA's driver tells the GPU memory of processes only to who has the machine's "
                "own process numbers: start the container with them (--pid=host)"
            )
        self._nvml = pynvml
        try:
            pynvml.nvmlInit()
            self._gpu = pynvml.nvmlDeviceGetHandleByPciBusId(place)
        except pynvml.NVMLError as error:
            raise FairmarkError(
                f"NVIDIA's driver does not tell of the GPU {place}: {error}"
            ) from None

    def used_mib(self) -> Mapping[int, float | None]:
        """Return what programs hold that compute, or draw."""
        nvml = self._nvml
        found: dict[int, float | None] = {}
        try:
            listed = [
                *nvml.nvmlDeviceGetComputeRunningProcesses(self._gpu),
                *nvml.nvmlDeviceGetGraphicsRunningProcesses(self._gpu),
            ]
        except nvml.NVMLError as error:
            raise FairmarkError(
                f"NVIDIA's driver does not tell who uses the GPU: {error}"
            ) from None
        for process in listed:
            held, before = process.usedGpuMemory, found.get(process.pid, 0.0)
            unknown = held is None or before is None
            found[process.pid] = None if unknown else max(before, held / 2**20)
        return found


class UsageTable:
    """What one process writes and others read, by a file in memory that they share."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def make(cls) -> tuple[int, int]:
        """Return descriptors of a new one: to write to it, and to read it only."""
        writable = os.memfd_create("fairmark-gpu")
        return writable, os.open(f"/proc/self/fd/{writable}", os.O_RDONLY)

    def write(self, used: Mapping[int, float], error: str = "", *, is_final: bool = False) -> None:
        """Say what each process holds now, or why nobody can tell: now, or ever (``is_final``)."""
        told = {"at": time.monotonic(), "used": used, "error": error, "final": is_final}
        data = json.dumps(told).encode()
        os.pwrite(self._descriptor, f"{len(data):08x}{zlib.crc32(data):08x}".encode() + data, 0)

    def used_mib(self) -> dict[int, float]:
        """Return what each process holds.

        Raises FairmarkError where it is not known now, and NeverToldError where it never will be.
        """
        found = self._read()
        if found is None:
            raise FairmarkError("nobody has looked at the GPU's memory yet")
        if found["error"]:
            raise (NeverToldError if found["final"] else FairmarkError)(found["error"])
        if time.monotonic() > found["at"] + _FRESH_SECONDS:
            raise FairmarkError("nobody looks at the GPU's memory any more")
        return {int(pid): float(mib) for pid, mib in found["used"].items()}

    def _read(self) -> dict[str, Any] | None:
        for _ in range(_ATTEMPTS):
            head = os.pread(self._descriptor, _HEADER, 0)
            if not head:
                return None
            data = os.pread(self._descriptor, int(head[:8], 16), _HEADER)
            if zlib.crc32(data) == int(head[8:], 16):
                found: dict[str, Any] = json.loads(data)
                return found
            time.sleep(0.001)  # it is being written
        raise FairmarkError("what is told of the GPU's memory cannot be read")


class GpuWatch:
    """A supervisor's view of the GPU. Neither method asks student code for anything."""

    def __init__(self, devices: Sequence[str], table: int | None) -> None:
        self._devices = {_identity(os.stat(path)) for path in devices}
        self._table = None if table is None else UsageTable(table)

    def used_mib(self, pids: Iterable[int]) -> float:
        """Return what these processes hold together; 0 where no limits are held."""
        if self._table is None:
            return 0.0
        used = self._table.used_mib()
        return sum(used.get(pid, 0.0) for pid in pids)

    def is_open(self, pid: int, proc: int) -> bool:
        """Whether a process has the GPU open, by the descriptor of a /proc.

        CUDA keeps it open from its initialisation on. Who does not let itself be looked at may.
        Each thread is looked at, as it may have a table of descriptors of its own.
        """
        try:
            with _folder(f"{pid}/task", proc) as threads:
                names = os.listdir(threads)
        except PermissionError:
            return True
        except (FileNotFoundError, ProcessLookupError):  # it has ended
            return False
        return any(self._is_open_in(f"{pid}/task/{name}/fd", proc) for name in names)

    def _is_open_in(self, path: str, proc: int) -> bool:
        """Whether the GPU is among the descriptors of one thread."""
        try:
            with _folder(path, proc) as folder:
                return any(self._is_gpu(name, folder) for name in os.listdir(folder))
        except PermissionError:
            return True
        except (FileNotFoundError, ProcessLookupError):  # it has ended
            return False

    def _is_gpu(self, descriptor: str, folder: int) -> bool:
        try:
            return _identity(os.stat(descriptor, dir_fd=folder)) in self._devices
        except PermissionError:
            raise
        except OSError:  # it was closed, or is of a kind that tells nothing
            return False


@contextmanager
def _folder(path: str, above: int) -> Generator[int]:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY, dir_fd=above)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def main() -> None:
    """Look until the sandbox ends."""
    end_with_parent()
    settings = json.loads(sys.argv[1])
    table = UsageTable(settings["table"])
    sandbox = settings["sandbox"]
    ended = os.pidfd_open(sandbox)
    reader: GpuReader | None = None
    while True:
        try:
            if reader is None:
                reader = pkgutil.resolve_name(settings["reader"])(settings["place"])
            table.write(_held_inside(reader, sandbox))
        except Exception as error:
            # The supervisors let no process go on without looks. The next submission can be
            # started as soon as a look succeeds again.
            reader = None
            is_final = isinstance(error, NeverToldError)
            table.write({}, str(error) or type(error).__name__, is_final=is_final)
            if is_final:
                raise
        if select.select([ended], [], [], _LOOK_SECONDS)[0]:
            return


def _held_inside(reader: GpuReader, sandbox: int) -> dict[int, float]:
    """What the sandbox's processes hold; of others it does not matter whether it is told."""
    held = {}
    for pid, mib in reader.used_mib().items():
        number = _number_inside(pid, sandbox)
        if number is None:
            continue
        if mib is None:
            raise FairmarkError("NVIDIA's driver does not tell how much memory processes hold")
        held[number] = mib
    return held


def _number_inside(pid: int, sandbox: int) -> int | None:
    """The number of a process in the sandbox's pid namespace; None for one that is not in it."""
    numbers = _status(pid).get("NSpid", "").split()
    above = pid
    while above > 1 and above != sandbox:
        above = int(_status(above).get("PPid", "0"))
    return int(numbers[1]) if above == sandbox and len(numbers) > 1 else None


def _status(pid: int) -> dict[str, str]:
    try:
        # A process's name may hold line breaks of other kinds than the kernel's.
        with open(
            f"/proc/{pid}/status", encoding="utf-8", errors="replace", newline="\n"
        ) as status:
            lines = status.read().split("\n")
    except (FileNotFoundError, ProcessLookupError):
        return {}
    pairs = (line.partition(":") for line in lines)
    return {name: value.strip() for name, _, value in pairs}


if __name__ == "__main__":
    main()
