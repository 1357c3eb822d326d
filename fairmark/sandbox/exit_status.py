"""How a student's process ended, and which limit it hit, in words for the student."""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from fairmark.sandbox.limits import Limits

_CRASHES = {
    signal.SIGSEGV: "crashed the Python process (segmentation fault)",
    signal.SIGBUS: "crashed the Python process (bus error)",
    signal.SIGFPE: "crashed the Python process (arithmetic error)",
    signal.SIGILL: "crashed the Python process (illegal instruction)",
    signal.SIGABRT: "made the Python process give up, as it does when a library gets no memory",
}
_SIGNS = (
    (r"\bMemoryError\b|llocate memory|Unable to allocate|not enough memory", "memory"),
    (r"\[Errno 28\]|No space left on device", "disk"),
    (r"\[Errno 27\]|File too large", "file"),
    (r"\[Errno 24\]|Too many open files", "open files"),
    (r"\[Errno 11\]|Resource temporarily unavailable|can't start new thread", "processes"),
)


@dataclass(frozen=True)
class ExitStatus:
    """How a process ended, as its parent tells."""

    signal: int = 0
    code: int = 0
    cpu_seconds: float = 0.0
    limit: str = ""
    """Which limit its processes have passed together, as a ``UsageMonitor`` tells."""

    @classmethod
    def from_report(cls, report: object) -> Self | None:
        """Read what a parent tells; None for anything else. It may be a student's process."""
        if type(report) is not dict:
            return None
        numbers: list[Any] = [report.get(name) for name in ("signal", "code", "cpu")]
        if not all(type(number) in (int, float) for number in numbers):
            return None
        limit = report.get("limit")
        number, code, cpu = numbers
        return cls(number, code, cpu, limit if type(limit) is str and limit in _TOGETHER else "")

    def is_limit(self, limits: Limits) -> bool:
        """Whether it was ended for what it has used, alone or with its descendants."""
        if self.limit:
            return True
        return self.signal in (signal.SIGKILL, signal.SIGXCPU) and (
            self.cpu_seconds > limits.cpu_seconds - 1
        )

    def is_from_outside(self, limits: Limits) -> bool:
        """Whether somebody else may have ended it: a person, or the kernel for want of memory."""
        return self.signal == signal.SIGKILL and not self.is_limit(limits)

    def words(self, limits: Limits, *, exactly: bool = True) -> str:
        """What the code has done, as the rest of a sentence that starts with "it".

        ``exactly`` tells numbers that the code may have chosen, too.
        """
        if self.limit:
            return _TOGETHER[self.limit].format(limits=limits)
        if self.is_limit(limits):
            return f"used more than {limits.cpu_seconds} seconds of processor time"
        if self.signal == signal.SIGKILL:
            return "was killed, as it happens when the whole machine has no memory left"
        if self.signal in _CRASHES:
            return _CRASHES[signal.Signals(self.signal)]
        if not exactly:
            return "ended the Python process"
        if self.signal:
            return f"ended the Python process by signal {self.signal}"
        return f"ended the Python process (exit code {self.code})"


def limit_hit(types: Sequence[str], message: str, limits: Limits) -> str:
    """Return which limit an exception tells of, as a sentence; "" when it tells of none."""
    text = f"{types[0] if types else ''}: {message}"
    if "MemoryError" in types:
        return _SENTENCES["memory"].format(limits=limits)
    for pattern, what in _SIGNS:
        if re.search(pattern, text):
            return _SENTENCES[what].format(limits=limits)
    return ""


_TOGETHER = {
    "memory": "used more than {limits.submission_memory_mib} MiB of memory in all its processes",
    "cpu": "used more than {limits.submission_cpu_seconds} seconds of processor time in all its"
    " processes",
    "gpu": "used more than {limits.gpu_memory_mib} MiB of the GPU's memory in all its processes",
    "rerun": "took too long when its cells were run again for a question, as a GPU makes necessary"
    " (all of that may take {limits.rerun_seconds:g} seconds)",
    "rerun cell": "took too long when its cells were run again for a question, as a GPU makes"
    " necessary (each of them may take twice {limits.cell_seconds:g} seconds there)",
    "disk": "wrote more than {limits.disk_mib} MiB of files, or thousands of them",
    "terminals": "kept more terminals open than a few",
    "sessions": "kept several sessions of processes busy, which takes the machine from others",
}
_SENTENCES = {
    "memory": "The limit is {limits.memory_mib} MiB of memory.",
    "disk": "The limit is {limits.disk_mib} MiB of files in all.",
    "file": "The limit is {limits.file_mib} MiB for one file.",
    "open files": "The limit is {limits.open_files} open files at the same time.",
    "processes": "The limit is {limits.processes} processes and threads at the same time.",
}
