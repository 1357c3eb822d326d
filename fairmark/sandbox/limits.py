"""What one submission may use, as a course can set it in ``c.Fairmark.limits``.

Bounds that no course sets stand where they are held: the size of messages in ``fairmark.wire``, the
number of a cell's outputs in ``fairmark.grading.outputs``, what the kernel counts for all
submissions together in ``fairmark.sandbox.zygote``.
"""

from __future__ import annotations

import resource
from dataclasses import dataclass
from pathlib import Path

_RESERVE = 8
"""Processes that are left for the judge's questions where cells have started all they may."""


@dataclass(frozen=True)
class Limits:
    """Limits of one submission's process tree. Times in seconds, sizes in MiB.

    Of the clock's time, that counts in which the processes run or sleep, and not that in which they
    wait for a processor (:mod:`fairmark.sandbox.countdown`).
    """

    cell_seconds: float = 30.0
    """Time that one cell may take."""
    call_seconds: float = 10.0
    """Time that one call of the judge may take."""
    question_seconds: float = 30.0
    """Time that the calls of all tests of one question may take."""
    submission_seconds: float = 600.0
    """Time that running all cells of a notebook may take, repeated runs included."""
    cpu_seconds: int = 600
    """CPU time of one process."""
    submission_cpu_seconds: int = 1200
    """CPU time of all processes together."""
    memory_mib: int = 2048
    """Memory that one process may add to what the warm process holds."""
    submission_memory_mib: int = 4096
    """Memory that all processes together may add to it."""
    processes: int = 64
    """Processes and threads at the same time."""
    open_files: int = 256
    file_mib: int = 64
    """Size of one file."""
    handed_in_mib: int = 64
    """Size of all files that a student hands in beside the notebook, such as weights."""
    disk_mib: int = 128
    """Size of the work folder; it lies in memory."""
    notebook_output_mib: int = 64
    """What all cells of a notebook may show together."""
    judge_memory_mib: int = 2048
    """Memory that the judge itself may take where tests look at an answer."""
    gpu_memory_mib: int = 0
    """Memory of a GPU that all processes together may hold; with 0 they see no GPU."""
    rerun_seconds: float = 3600.0
    """Time that running the cells anew for the judge's questions may take, all together. It is done
    where they have used a GPU, which no fork can go on with."""
    output_kib: int = 1024
    """Text that one cell may print."""
    display_mib: int = 8
    """Pictures and other rich output of one cell."""

    def __post_init__(self) -> None:
        """Let all processes together use as much as each of them, where that was raised."""
        for name in ("cpu_seconds", "memory_mib"):
            whole = max(getattr(self, name), getattr(self, f"submission_{name}"))
            object.__setattr__(self, f"submission_{name}", whole)

    def apply(self) -> None:
        """Set this process's resource limits; they can only be lowered afterwards."""
        memory = data_bytes() + self.memory_mib * 2**20
        for kind, value in (
            (resource.RLIMIT_CPU, self.cpu_seconds),
            (resource.RLIMIT_DATA, memory),
            (resource.RLIMIT_NOFILE, self.open_files),
            (resource.RLIMIT_FSIZE, self.file_mib * 2**20),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_MEMLOCK, 0),
            (resource.RLIMIT_MSGQUEUE, 0),
            (resource.RLIMIT_NICE, 0),
            (resource.RLIMIT_RTPRIO, 0),
        ):
            resource.setrlimit(kind, (value, value))
        stack = [  # RLIMIT_DATA leaves it out
            self.memory_mib * 2**20 if old == resource.RLIM_INFINITY else old
            for old in resource.getrlimit(resource.RLIMIT_STACK)
        ]
        resource.setrlimit(resource.RLIMIT_STACK, (stack[0], stack[1]))
        resource.setrlimit(resource.RLIMIT_NPROC, (self.processes, self.processes + _RESERVE))
        # Where all the processes together use up the machine, the kernel ends them first.
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="utf-8")


def data_bytes() -> int:
    """Return the private writable memory of this process, the part that RLIMIT_DATA counts."""
    with open("/proc/self/status", encoding="utf-8") as status:
        for line in status:
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    raise RuntimeError("/proc/self/status has no VmData line")
