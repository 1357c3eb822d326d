"""What is noted where a question's calls break its process."""

from __future__ import annotations

import signal
import time
from dataclasses import replace

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
def ask(f, times): return sum(f(1) for _ in range(times))
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


def test_functions_of_a_test_take_no_more_than_the_calls(sandbox: Sandbox) -> None:
    """An answer calls them at next to no cost of its own."""
    process = sandbox.launch()
    process.run_cell(CellRequest(CODE), lambda output: None, 10)
    limits = replace(sandbox.limits, call_seconds=2.0, question_seconds=0.5)
    forks, clock, calls = Forks(Origin(process, lambda: None), [], 5.0), Clock(limits), 0

    def busy(number: int) -> int:
        nonlocal calls
        calls += 1
        end = time.thread_time() + 0.02
        while time.thread_time() < end:
            pass
        return number

    broken = dict[str, Breakdown]()
    submission = Submission(ForkTransport("a", forks, clock, limits, broken))
    assert submission.ask(busy, 10) == 10
    with pytest.raises(TimeLimitExceeded):
        submission.ask(busy, 1_000)
    assert 20 < calls <= 26
    assert broken["a"].status == "timeout"
    assert clock.count_function("b", 0.4)
    forks.close()
    process.close()


def test_an_exit_in_words(sandbox: Sandbox) -> None:
    cut = Breakdown.by_exit(None, sandbox.limits)
    assert cut.reason == "Your code cut its process off from the one that grades."
    assert not cut.from_outside
    assert Breakdown.by_exit(ExitStatus(signal.SIGKILL), sandbox.limits).from_outside
    assert not Breakdown.by_exit(ExitStatus(signal.SIGSEGV), sandbox.limits).from_outside
