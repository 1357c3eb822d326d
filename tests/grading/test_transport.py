"""What is noted where a question's calls break its process."""

from __future__ import annotations

import signal

import pytest

from fairmark.grading.clock import Clock
from fairmark.grading.forks import Forks, Origin
from fairmark.grading.transport import Breakdown, ForkTransport
from fairmark.harness.proxy import ProcessDied, Submission, TimeLimitExceeded
from fairmark.sandbox import CellRequest, Sandbox
from fairmark.sandbox.exit_status import ExitStatus

CODE = """
import os
def hang():
    while True: pass
def die(): os._exit(3)
def be_killed(): os.kill(os.getpid(), 9)
"""


def test_the_first_reason_and_the_last_status_count(sandbox: Sandbox) -> None:
    process = sandbox.launch()
    process.run_cell(CellRequest(CODE), lambda output: None, 10)
    limits = sandbox.limits
    forks, broken = Forks(Origin(process, lambda: None), [], 5.0), dict[str, Breakdown]()
    for question, calls in (("a", ("die", "hang")), ("b", ("be_killed", "die")), ("c", ())):
        clock = Clock(limits)
        for name in calls:
            submission = Submission(ForkTransport(question, forks, clock, limits, broken))
            with pytest.raises((ProcessDied, TimeLimitExceeded)):
                submission[name]()
    forks.close()
    process.close()
    assert broken.keys() == {"a", "b"}
    assert broken["a"].status == "timeout"
    assert broken["a"].reason == "Your code ended the Python process (exit code 3)."
    assert not broken["a"].from_outside
    assert broken["b"].status == "killed"
    assert "was killed" in broken["b"].reason
    assert broken["b"].from_outside


def test_an_exit_in_words(sandbox: Sandbox) -> None:
    cut = Breakdown.by_exit(None, sandbox.limits)
    assert cut.reason == "Your code cut its process off from the one that grades."
    assert not cut.from_outside
    assert Breakdown.by_exit(ExitStatus(signal.SIGKILL), sandbox.limits).from_outside
    assert not Breakdown.by_exit(ExitStatus(signal.SIGSEGV), sandbox.limits).from_outside
