"""A stand-in for a GPU and its driver: a file, and what is mapped of it counts as its memory."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from fairmark.sandbox.gpu import Gpu, NeverToldError

ROOT = Path(__file__).parents[2]
INSIDE = "/dev/stand-in"
ACCELERATOR = textwrap.dedent(
    f'''
    """Computes on the stand-in as torch does on CUDA: not in a fork of who has used it."""

    import mmap
    import os

    _owner = None
    _held = []


    def use(mib=1):
        """Hold memory of the device."""
        global _owner, _device
        if _owner is None:
            _device, _owner = open("{INSIDE}", "r+b"), os.getpid()
        if _owner != os.getpid():
            raise RuntimeError("Cannot re-initialize the stand-in in forked subprocess")
        if mib:
            _held.append(mmap.mmap(_device.fileno(), mib * 2**20))
    '''
)
"""A module that a course hands out."""
_MIB = 512


class MappedReader:
    """Tells what each process has mapped of the file that stands for the device."""

    def __init__(self, place: str) -> None:
        self._inode = str(os.stat(place).st_ino)

    def used_mib(self) -> Mapping[int, float]:
        """Return the MiB by process."""
        found = {}
        for name in filter(str.isdecimal, os.listdir("/proc")):
            try:
                maps = Path(f"/proc/{name}/maps").read_text(errors="replace")
            except OSError:
                continue
            sizes = [line.split()[0] for line in maps.splitlines() if self._is_mine(line)]
            ends = [size.split("-") for size in sizes]
            if ends:
                found[int(name)] = sum(int(end, 16) - int(start, 16) for start, end in ends) / 2**20
        return found

    def _is_mine(self, line: str) -> bool:
        return line.split()[4] == self._inode


class SilentReader:
    """Stands for a driver that tells nothing, and never will."""

    def __init__(self, place: str) -> None:
        raise NeverToldError("the stand-in tells nothing")


class FailingReader(MappedReader):
    """Stands for a driver that fails at first: until it was asked three times."""

    asked = 0

    def used_mib(self) -> Mapping[int, float]:
        """Raise an error, or tell."""
        FailingReader.asked += 1
        if FailingReader.asked <= 3:
            raise RuntimeError("the stand-in is busy")
        return super().used_mib()


class ReservedReader(MappedReader):
    """Stands for a driver that does not tell what a process holds that is in no sandbox."""

    def used_mib(self) -> Mapping[int, float | None]:  # type: ignore[override]
        """Return the MiB by process."""
        return {**super().used_mib(), os.getppid(): None}


@contextmanager
def stand_in(folder: Path, reader: str = "MappedReader") -> Iterator[Gpu]:
    """Let sandboxes find the stand-in in the place of a GPU."""
    device = folder / "stand-in"
    with device.open("wb") as file:
        file.truncate(_MIB * 2**20)
    device.chmod(0o666)
    pairs = ((str(device), INSIDE),)
    gpu = Gpu(str(device), pairs, ("/sys/devices/system/cpu",), f"tests.sandbox.standin:{reader}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fairmark.sandbox.gpu_host.find_gpu", lambda environ: gpu)
        patch.setenv("PYTHONPATH", str(ROOT))  # for the process that looks
        yield gpu
