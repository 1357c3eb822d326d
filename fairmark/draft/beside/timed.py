"""A pretended device, which works on while its caller goes on, and a clock that it alone moves."""

from __future__ import annotations

from typing import Any

import numpy as np


def report(measure: Any, seed: int, roles: dict[str, str], options: dict[str, Any]) -> Any:
    """Let it measure the device; tell what it says, and how many jobs it gave.

    ``roles`` says of each function that it takes what it is: the work, the wait, or the clock.
    """
    rng = np.random.default_rng(seed)
    device = Device(rng.exponential(size=200) + 0.5, pending=5.0 * (seed % 2))
    functions = {name: getattr(device, role) for name, role in roles.items()}
    answer = measure(**functions, **options)
    return {"answer": float(answer), "jobs": device.jobs}


class Device:
    """It needs some seconds for each job; handing one over takes a quarter of a second."""

    def __init__(self, seconds: Any, pending: float) -> None:
        self.seconds = seconds
        self.jobs = 0
        self.now = 50.0
        self.free_at = self.now + pending

    def work(self) -> None:
        """Take a job, and return at once."""
        self.now += 0.25
        self.free_at = max(self.free_at, self.now) + float(self.seconds[self.jobs])
        self.jobs += 1

    def work_to_the_end(self) -> None:
        """Take a job, and return when it is done."""
        self.work()
        self.wait()

    def wait(self) -> None:
        """Return when nothing is left to do."""
        self.now = max(self.now, self.free_at)

    def clock(self) -> float:
        """The time."""
        return self.now
