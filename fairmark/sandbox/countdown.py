"""How much of the time that passes counts against a student's process.

What counts is the time in which the process runs or sleeps. The time in which it waits for a
processor that others use does not count, nor that in which this process, which waits for its
answer, has to.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from fairmark.sandbox.cores import usable_cores
from fairmark.wire.channel import Deadline

PATIENCE = 20.0
"""How many times as long as a time limit may pass: one part of it counts, whatever is waited."""
_FRESH_SECONDS = 0.25
"""How much time may be counted by the clock on the wall until the process's use is asked for."""
_LEAST_SECONDS = 0.05
"""How long to go on at least, where the time is not used up."""
_CROWDED = 0.25
"""The part of its time that a process may wait on a machine that has nothing else to do."""


def is_crowded(used: float, waited: float) -> bool:
    """Whether who has used this time had to wait so much that the machine was crowded."""
    return waited > _CROWDED * used


@dataclass(frozen=True)
class Used:
    """What all processes of a submission have used until now, as the kernel tells."""

    cpu_seconds: float
    waited_seconds: float
    """How long they were ready to run and no processor was free, each thread by itself."""

    @classmethod
    def from_report(cls, report: object) -> Self | None:
        """Read what a supervisor tells; None for anything else."""
        if type(report) is not dict:
            return None
        cpu, waited = report.get("cpu"), report.get("waited")
        if type(cpu) is not float or type(waited) is not float:
            return None
        return cls(cpu, waited)


class Meter:
    """Counts the time of one submission's processes.

    ``ask`` tells what they have used until now, and None where nobody can tell: then all time
    counts, and how long they may have waited is guessed by the machine's load.

    Of many threads that wait for each other only one could have run at a time, or as many as there
    are processors. So what all have waited is only an upper bound of what the submission has: all
    the processor time that it was given, divided by the number of processors, counts in any case.
    Busy threads that crowd an idle machine gain nothing by it. Nor can they stretch a time limit
    without end where they are kept to one processor, or beside other work: ``PATIENCE`` bounds it.
    """

    def __init__(self, ask: Callable[[], Used | None]) -> None:
        self._ask = ask
        self._last: Used | None = None
        self._asked = -_FRESH_SECONDS
        self._settled = 0.0
        self._pending = 0.0
        self.waited = 0.0
        """How long the processes have waited, or may have."""

    @property
    def counted(self) -> float:
        """What has been counted until now, in seconds."""
        return self._settled + self._pending

    def count(self, seconds: float) -> None:
        """Count time that has passed, until it is known how much of it the processes waited."""
        self._pending += seconds
        if self._pending > _FRESH_SECONDS:
            self.settle()

    def refresh(self) -> None:
        """See to it that nothing that the processes waited long ago is left to be taken off."""
        if time.monotonic() > self._asked + _FRESH_SECONDS:
            self.settle()

    def settle(self) -> None:
        """Take off what the processes have waited."""
        pending, self._pending = self._pending, 0.0
        used, last = self._ask(), self._last
        waited = 0.0
        if used is None:
            self.waited += pending * max(1 - usable_cores() / max(os.getloadavg()[0], 1.0), 0.0)
        elif last is not None:
            cpu = (used.cpu_seconds - last.cpu_seconds) / usable_cores()
            least = max(cpu, pending / PATIENCE)
            waited = max(min(used.waited_seconds - last.waited_seconds, pending - least), 0.0)
        self.waited += waited
        self._settled += pending - waited
        self._last, self._asked = used, time.monotonic()


class Countdown(Deadline):
    """A deadline that comes when a process has used its time."""

    def __init__(self, meter: Meter, seconds: float) -> None:
        meter.refresh()
        self._meter = meter
        self._seconds = seconds
        self._counted = meter.counted
        self._waited = meter.waited
        self._taken = 0.0, 0.0
        self._resume()

    def used(self) -> float:
        """Return how much of the time the process has used, in seconds."""
        self._lap()
        return self._meter.counted - self._counted

    def take(self) -> tuple[float, float]:
        """Return what was used, and what was waited beside it, since it was last taken."""
        now = self.used(), self._meter.waited - self._waited
        before, self._taken = self._taken, now
        return now[0] - before[0], now[1] - before[1]

    def left(self) -> float:
        """Return how long to go on waiting; not above 0 where the time is used up."""
        left = self._seconds - (self._meter.counted - self._counted)
        left -= time.monotonic() - self._since
        if left <= 0:
            self._lap()
            self._meter.settle()
            left = self._seconds - (self._meter.counted - self._counted)
            if 0 < left < _LEAST_SECONDS:
                left = _LEAST_SECONDS
        return left

    @contextmanager
    def paused(self) -> Generator[None]:
        """Count nothing in this block, where other countdowns may run."""
        self._lap()
        counted, waited = self._meter.counted, self._meter.waited
        try:
            yield
        finally:
            self._meter.refresh()
            self._counted += self._meter.counted - counted
            self._waited += self._meter.waited - waited
            self._resume()

    def _resume(self) -> None:
        self._since = time.monotonic()
        self._own_waited = _own_waited()

    def _lap(self) -> None:
        """Count what has passed; this process's own waiting is no fault of the other's."""
        since, own_waited = self._since, self._own_waited
        self._resume()
        passed = self._since - since
        self._meter.count(max(passed - (self._own_waited - own_waited), passed / PATIENCE))


def _own_waited() -> float:
    """How long this thread was ready to run and no processor was free, in seconds."""
    try:
        descriptor = os.open("/proc/thread-self/schedstat", os.O_RDONLY)  # for each call: be quick
    except OSError:  # the kernel does not tell
        return 0.0
    try:
        return int(os.read(descriptor, 100).split()[1]) / 1e9
    finally:
        os.close(descriptor)
