"""The judge's own memory, while tests look at an answer.

A few bytes can be made to need gigabytes where they are looked at: one long text among many short
ones, as an array of texts; an array of thirty axes, as nested lists; a column beside a row, as
their difference. Where memory runs out, the kernel ends other students' processes first.
"""

from __future__ import annotations

import gc
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from fairmark.sandbox.limits import data_bytes

_LAST_ERROR = ("last_exc", "last_type", "last_value", "last_traceback")
"""What pytest leaves in ``sys`` of a test that failed: its traceback holds all that it had."""


class MemoryBound:
    """What this process may take beside what it has now: so many MiB, by the tests of one run.

    What is over raises MemoryError, which costs the test that looks at the answer.
    """

    def __init__(self, mebibytes: int) -> None:
        self._base = data_bytes()
        self._room = mebibytes * 2**20

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the bound in this block."""
        self.let_go()
        before = resource.getrlimit(resource.RLIMIT_DATA)
        finite = [limit for limit in before if limit != resource.RLIM_INFINITY]
        resource.setrlimit(
            resource.RLIMIT_DATA, (min([self._base + self._room, *finite]), before[1])
        )
        try:
            yield
        finally:  # what reports a failure must not fail itself
            resource.setrlimit(resource.RLIMIT_DATA, before)

    def let_go(self) -> None:
        """Forget what a failed test had, where that was much."""
        if data_bytes() <= self._base + self._room // 4:
            return
        for name in _LAST_ERROR:
            vars(sys).pop(name, None)
        gc.collect()
