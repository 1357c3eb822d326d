"""Students' processes and warm ones, for tests that look at them or ask them without a grader."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fairmark.grading.clock import Clock
from fairmark.grading.forks import Forks, Origin
from fairmark.grading.transport import ForkTransport
from fairmark.harness.proxy import Submission
from fairmark.sandbox import Limits, Process, Sandbox
from fairmark.sandbox.host import ZygoteSandbox


def pid_of(sandbox: Sandbox) -> int:
    """The process id, on this machine, of a sandbox's warm process."""
    assert isinstance(sandbox, ZygoteSandbox)
    return sandbox.pid


@contextmanager
def submission_of(process: Process, limits: Limits, question: str = "q") -> Iterator[Submission]:
    """Open the answer to a question as the judge does for a test."""
    forks = Forks(Origin(process, lambda: None), [], limits.call_seconds)
    try:
        yield Submission(ForkTransport(question, forks, Clock(limits), limits, {}))
    finally:
        forks.close()
