"""A sandbox's GPU, as the process knows it that starts the sandbox."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

from fairmark.errors import FairmarkError
from fairmark.sandbox.gpu import CHOICE, ENVIRONMENT, Gpu, NeverToldError, Turn, find_gpu
from fairmark.sandbox.gpu_usage import UsageTable

_START_SECONDS = 30.0
_END_SECONDS = 2.0


class GpuKeeper:
    """Finds the GPU that a sandbox shows, and has the memory looked at that processes hold of it.

    Where there is none, the sandbox starts without: other submissions need none.
    """

    def __init__(self, *, wanted: bool) -> None:
        self.gpu: Gpu | None = None
        self.table: int | None = None
        """Descriptor of what the sandbox is told; None where nobody looks."""
        self.choice: str | None = None
        """What ``CUDA_VISIBLE_DEVICES`` is in the processes that may use it; None for nothing."""
        self._wanted = wanted
        self._lacking = "nothing of the course asked for one when the sandbox was started"
        self._writable: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def find(self, mode: str) -> None:
        """Find the GPU, for a sandbox of this mode; what keeps it from being shown is kept."""
        if not self._wanted:
            return
        if mode == "account":
            self._lacking = "that needs the seal by bubblewrap"
            return
        try:
            self.gpu = find_gpu(os.environ)
        except FairmarkError as error:
            self._lacking = str(error)
            return
        if mode == "none":  # no limit is held, and all devices of the machine are seen
            self.choice = os.environ.get(CHOICE)
        else:
            self._writable, self.table = UsageTable.make()

    @property
    def devices(self) -> list[str]:
        """The GPU's device files, as they are called where student code runs."""
        devices = self.gpu.devices if self.gpu is not None else ()
        return [path if self.table is None else inside for path, inside in devices]

    @property
    def environment(self) -> dict[str, str]:
        """What the warm process's environment needs."""
        return dict(ENVIRONMENT) if self.gpu is not None else {}

    @property
    def passed(self) -> tuple[int, ...]:
        """The descriptors that the warm process needs."""
        return () if self.table is None else (self.table,)

    def start(self, sandbox: int) -> None:
        """Begin to look, from outside, at the processes in a sandbox that has this number."""
        if self.gpu is None or self._writable is None:
            return
        settings = {
            "table": self._writable,
            "reader": self.gpu.reader,
            "place": self.gpu.place,
            "sandbox": sandbox,
        }
        program = [sys.executable, "-P", "-m", "fairmark.sandbox.gpu_usage", json.dumps(settings)]
        self._process = subprocess.Popen(
            program,
            pass_fds=(self._writable,),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # the table has it
        )

    def take_turn(self, mode: str) -> Turn:
        """Wait until no other submission uses the GPU; raise FairmarkError where there is none."""
        if self.gpu is None:
            raise FairmarkError(
                f"no GPU can be shown to student code (--sandbox={mode}): {self._lacking}"
            )
        self._require_looks()
        turn = Turn(self.gpu)
        try:
            self._require_looks()  # it may have been a long time
        except BaseException:
            turn.give_back()
            raise
        return turn

    def close(self) -> None:
        """Let go of everything, once the sandbox has ended."""
        if self._process is not None:
            try:
                self._process.wait(_END_SECONDS)  # it ends with the sandbox
            except subprocess.TimeoutExpired:  # a driver may keep it waiting
                self._process.kill()
                self._process.wait()
            self._process = None
        for descriptor in (self.table, self._writable):
            if descriptor is not None:
                os.close(descriptor)
        self.table = self._writable = None

    def _require_looks(self) -> None:
        """Wait for a look at what processes hold; raise FairmarkError where there is none.

        The driver may keep who looks waiting, while it takes away what a process held, or may fail.
        """
        if self.table is None:
            return
        table = UsageTable(self.table)
        until = time.monotonic() + _START_SECONDS
        while True:
            try:
                table.used_mib()
            except FairmarkError as error:
                if isinstance(error, NeverToldError) or time.monotonic() > until:
                    reason = f"no limit of a GPU's memory can be held: {error}"
                    raise FairmarkError(reason) from None
            else:
                return
            time.sleep(0.01)
