"""The GPU that student code may see: which device files it is, and whose turn it is."""

from __future__ import annotations

import fcntl
import os
import re
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fairmark.errors import FairmarkError

CHOICE = "CUDA_VISIBLE_DEVICES"
"""The variable that says which GPU is meant, as for all programs that use one."""
ENVIRONMENT = {
    CHOICE: "",  # for the warm process: once CUDA is initialised, its forks could not use it
    "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
    # So that asking torch whether there is a GPU does not initialise CUDA.
    "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
}
_DRIVER = Path("/proc/driver/nvidia/gpus")
_DEVICES = Path("/dev")
_MINOR = re.compile(r"^Device Minor:\s*(\d+)\s*$", re.MULTILINE)
_UUID = re.compile(r"^GPU UUID:\s*(\S+)\s*$", re.MULTILINE)
_ABOUT = (
    "/sys/bus/pci/devices",
    "/sys/devices/system/cpu",
    "/sys/devices/system/node",
    "/sys/module/nvidia",
    "/sys/module/nvidia_uvm",
)
_LOOK_SECONDS = 0.1
"""How often who waits looks: so often that who has had a turn does not always get the next."""
_TELL_SECONDS = 60.0
_MOST_SECONDS = 12 * 3600.0
"""How long to wait: any program of the machine that can open the device can lock it for good."""
_NVML = "fairmark.sandbox.gpu_usage:NvmlReader"


class NeverToldError(FairmarkError):
    """What processes hold is not told here, and never will be while this sandbox runs."""


@dataclass(frozen=True)
class Gpu:
    """One GPU of this machine."""

    place: str
    """Where it is, by which what reads its usage knows it: an address of the PCI bus."""
    devices: tuple[tuple[str, str], ...]
    """Its device files, each with the path that it has in the sandbox; the first is its alone."""
    folders: tuple[str, ...] = ()
    """What is to be read about it, beside that: CUDA finds no GPU without."""
    reader: str = _NVML
    """What reads the usage of its memory, as ``module:class``."""


def find_gpu(environ: Mapping[str, str], driver: Path = _DRIVER, devices: Path = _DEVICES) -> Gpu:
    """Return the first GPU that ``CUDA_VISIBLE_DEVICES`` names, number 0 where it is not set.

    Numbers are those of ``nvidia-smi``, in the order of the PCI bus. Raises FairmarkError.
    """
    found = sorted(driver.iterdir()) if driver.is_dir() else []
    if not found:
        raise FairmarkError("this machine has no GPU with NVIDIA's driver")
    told = {path.name: (path / "information").read_text(encoding="utf-8") for path in found}
    wanted = environ.get(CHOICE, "0").partition(",")[0].strip()
    place = _place_of(wanted, told)
    if place is None or (minor := _MINOR.search(told[place])) is None:
        raise FairmarkError(
            f"{CHOICE}={environ.get(CHOICE, '0')!r} names no GPU of this machine: it has those "
            f"with the numbers 0 to {len(found) - 1}"
        )
    paths = [devices / name for name in (f"nvidia{minor[1]}", "nvidiactl", "nvidia-uvm")]
    for path in paths:
        if not path.exists():
            raise FairmarkError(f"{path} is missing; as root, make it: nvidia-modprobe -u -c 0")
    paths += [path for path in (devices / "nvidia-uvm-tools",) if path.exists()]
    pairs = tuple((str(path), str(path)) for path in paths)
    own = os.path.realpath(f"/sys/bus/pci/devices/{place}")
    return Gpu(place, pairs, tuple(path for path in (*_ABOUT, own) if os.path.isdir(path)))


def _place_of(wanted: str, told: Mapping[str, str]) -> str | None:
    """The address of the GPU with this number or UUID."""
    if wanted.isdecimal():
        return dict(enumerate(told)).get(int(wanted))
    uuids = {place: match[1] for place, text in told.items() if (match := _UUID.search(text))}
    return next((place for place, uuid in uuids.items() if uuid == wanted), None)


class Turn:
    """The right to use a GPU, which one submission of this machine has at a time.

    Nobody counts who waited for a GPU: two submissions on one would decide about each other's time
    limits, and about whether there is memory left. So each takes its turn, by a lock on the device.
    A process that has its turn may take it again, and gives it back as often.
    """

    _taken: dict[str, tuple[int, int, int]] = {}  # noqa: RUF012 - it is this process's
    """By device: the process that holds it, its descriptor, and how often it was taken."""
    _told: set[str] = set()  # noqa: RUF012 - it is this process's
    """The devices of which this process has said that it waits."""

    def __init__(self, gpu: Gpu) -> None:
        self._device = gpu.devices[0][0]
        self._is_mine = True
        owner, descriptor, count = self._taken.get(self._device, (0, -1, 0))
        if owner != os.getpid():  # a fork's copy is none
            descriptor, count = os.open(self._device, os.O_RDONLY), 0
            try:
                self._wait(descriptor)
            except BaseException:
                os.close(descriptor)
                raise
        self._taken[self._device] = os.getpid(), descriptor, count + 1

    def _wait(self, descriptor: int) -> None:
        """Lock the device; say once that it takes long, and raise FairmarkError in the end."""
        started = time.monotonic()
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waited = time.monotonic() - started
            else:
                return
            if waited > _MOST_SECONDS:
                raise FairmarkError(
                    f"the GPU was not free for {waited / 3600:.1f} hours: other programs that "
                    f"grade, or lock it, have had {self._device} (lslocks names them)"
                )
            if waited > _TELL_SECONDS and self._device not in self._told:
                self._told.add(self._device)
                sys.stderr.write(f"fairmark: waiting for the GPU {self._device}: it is in use\n")
            time.sleep(_LOOK_SECONDS)

    def give_back(self) -> None:
        """Let the next one have it."""
        if not self._is_mine:
            return
        self._is_mine = False
        owner, descriptor, count = self._taken[self._device]
        if owner != os.getpid():
            return
        if count > 1:
            self._taken[self._device] = owner, descriptor, count - 1
            return
        del self._taken[self._device]
        fcntl.flock(descriptor, fcntl.LOCK_UN)  # forks of this process may have it open, too
        os.close(descriptor)
