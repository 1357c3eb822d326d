"""Choosing a device, and measuring the time that it takes."""

from collections.abc import Iterable
from typing import Any

from fairmark.testing import (
    Submission,
    assert_close,
    assert_equal,
    fail,
    hidden,
    question,
    weight,
)

# Runs beside the student's code. However PyTorch is asked, it tells of the devices of our choice.
FAKE_DEVICES = '''
import contextlib
from unittest import mock

import torch


def chosen(choose, cuda, mps):
    """What choose() says when these devices are there; then all is put back."""
    accelerator = torch.device("mps" if mps and not cuda else "cuda")
    answers = [
        (torch.cuda, "is_available", cuda),
        (torch.cuda, "device_count", int(cuda)),
        (torch._C, "_cuda_getDeviceCount", int(cuda)),
        (torch.backends.cuda, "is_built", True),
        (torch.backends.mps, "is_built", True),
        (torch.backends.mps, "is_available", mps),
        (torch.backends.mps, "is_macos_or_newer", True),
        (torch._C, "_mps_is_available", mps),
        (torch._C, "_accelerator_getAccelerator", accelerator),
        (getattr(torch, "accelerator", None), "is_available", cuda or mps),
    ]
    forget = getattr(torch.backends.mps.is_available, "cache_clear", lambda: None)
    forget()
    try:
        with contextlib.ExitStack() as fakes:
            for owner, name, value in answers:
                if owner is not None:
                    fake = mock.patch.object(
                        owner, name, lambda *args, value=value: value, create=True
                    )
                    fakes.enter_context(fake)
            return str(choose())
    finally:
        forget()
'''


def _chosen(submission: Submission, cuda: bool, mps: bool) -> str:
    """The kind of device that the student's function names."""
    answer = submission.define(FAKE_DEVICES)["chosen"](submission.choose_device, cuda, mps)
    return str(answer).partition(":")[0]


@question("choose_device")
class TestDevice:
    """Each combination of devices, faked."""

    def test_nothing_but_the_cpu(self, submission: Submission) -> None:
        """Where there is no accelerator, it is the CPU."""
        hint = "PyTorch built for a GPU is not a GPU: ask what is available."
        assert_equal(_chosen(submission, False, False), "cpu", hint=hint, what="the device")

    def test_cuda(self, submission: Submission) -> None:
        """Where there is an NVIDIA GPU, it is cuda."""
        hint = "PyTorch calls an NVIDIA GPU cuda. Is it asked for at the moment of the call?"
        assert_equal(_chosen(submission, True, False), "cuda", hint=hint, what="the device")

    @hidden
    def test_mps(self, submission: Submission) -> None:
        """On a Mac with Apple's own chip, it is mps."""
        hint = "torch.backends.mps knows of Apple's GPUs. Is it asked when there is no CUDA?"
        assert_equal(_chosen(submission, False, True), "mps", hint=hint, what="the device")

    @hidden
    def test_both(self, submission: Submission) -> None:
        """Where there seem to be both, cuda goes first."""
        hint = "cuda, else mps, else cpu."
        assert_equal(_chosen(submission, True, True), "cuda", hint=hint, what="the device")


LAUNCH = 0.25
"""What it takes to hand a job to the pretended device, in its seconds."""


class _Device:
    """A pretended GPU: it works on while the caller goes on, and only it moves the clock.

    The n-th job takes ``jobs[n]`` seconds; ``pending`` seconds of work are there already.
    """

    def __init__(self, jobs: Iterable[float], pending: float = 0.0) -> None:
        self._jobs = list(jobs)
        self.calls = 0
        self.now = 100.0
        self._free_at = self.now + pending
        self.too_early = 0
        """How often the clock was read while the device was at work."""

    def work(self) -> None:
        if self.calls >= len(self._jobs):
            fail(f"work was called more than {self.calls} times.")
        self.now += LAUNCH
        self._free_at = max(self._free_at, self.now) + self._jobs[self.calls]
        self.calls += 1

    def synchronize(self) -> None:
        self.now = max(self.now, self._free_at)

    def clock(self) -> float:
        self.too_early += self.now < self._free_at
        return self.now

    def measure(self, submission: Submission, **options: Any) -> Any:
        """Let the student's function measure this device."""
        return submission.measure_seconds(self.work, self.synchronize, clock=self.clock, **options)


# Runs beside the student's code. No two runs take the same time: what comes back leaves room for a
# busy machine, so that known mistakes are known again.
REAL_TIME = '''
import time


def magnitude(measure_seconds):
    """What is measured for 0.03 s, in words."""
    answer = measure_seconds(lambda: time.sleep(0.03), lambda: None, repeats=3)
    if getattr(answer, "shape", ()) != ():
        return f"an array of the shape {tuple(answer.shape)}"
    try:
        seconds = float(answer)
    except TypeError:
        return f"a {type(answer).__name__}"
    if 0.01 <= seconds < 10:
        return "seconds"
    return "less than 0.01 s" if seconds < 0.01 else "10 s or more"
'''


@question("measure_seconds")
class TestMeasure:
    """A pretended device whose times are known to the digit."""

    def test_waits_for_the_device(self, submission: Submission) -> None:
        """One job of 3 s, handed over in 0.25 s, takes 3.25 s, not 0.25 s."""
        device = _Device([3.0])
        seconds = device.measure(submission, repeats=1, warmup=0)
        hint = "work() returns at once. Who tells you that the device has finished?"
        assert_close(seconds, 3.0 + LAUNCH, rtol=1e-5, hint=hint, what="the time")

    def test_median(self, submission: Submission) -> None:
        """Jobs of 9, 1 and 2 s: the median is the middle one, 2 s, plus 0.25 s."""
        device = _Device([9.0, 1.0, 2.0])
        seconds = device.measure(submission, repeats=3, warmup=0)
        hint = "Time each call by itself, sort the times, take the middle one."
        assert_close(seconds, 2.0 + LAUNCH, rtol=1e-5, hint=hint, what="the time")

    def test_warm_up(self, submission: Submission) -> None:
        """Two slow calls to warm up are made, but not timed."""
        device = _Device([60.0, 30.0, 1.0, 4.0, 2.0])
        seconds = device.measure(submission, repeats=3, warmup=2)
        hint = "First warmup calls without a clock, then repeats calls with it."
        assert_equal(device.calls, 5, hint=hint, what="the number of calls of work")
        assert_close(seconds, 2.0 + LAUNCH, rtol=1e-5, hint=hint, what="the time")

    @hidden
    @weight(2)
    def test_synchronises_first(self, submission: Submission) -> None:
        """What the device was still doing before a measurement does not count."""
        hint = "The device may be at work when you look at the clock for the first time."
        device = _Device([2.0], pending=7.0)
        seconds = device.measure(submission, repeats=1, warmup=0)
        assert_close(seconds, 2.0 + LAUNCH, rtol=1e-5, hint=hint, what="the time")
        assert_equal(device.too_early, 0, hint=hint, what="clock readings while work was going on")
        device = _Device([50.0, 2.0, 3.0])
        seconds = device.measure(submission, repeats=2, warmup=1)
        assert_close(seconds, 2.5 + LAUNCH, rtol=1e-5, hint=hint, what="the time")
        assert_equal(device.too_early, 0, hint=hint, what="clock readings while work was going on")

    @hidden
    @weight(2)
    def test_even_and_odd(self, submission: Submission) -> None:
        """The median of 4 and of 6 times lies half-way between the middle two; of 7 it is one."""
        for jobs, median in (
            ([9.0, 1.0, 4.0, 2.0], 3.0),
            ([1.0, 8.0, 2.0, 40.0, 5.0, 6.0], 5.5),
            ([3.0, 70.0, 1.0, 9.0, 2.0, 8.0, 90.0], 8.0),
        ):
            device = _Device([20.0, *jobs])
            seconds = device.measure(submission, repeats=len(jobs), warmup=1)
            hint = "An even number of times has two in the middle."
            assert_close(seconds, median + LAUNCH, rtol=1e-5, hint=hint, what="the median")
            assert_equal(device.calls, len(jobs) + 1, hint="warmup + repeats.", what="the calls")

    @hidden
    def test_defaults(self, submission: Submission) -> None:
        """Unless told otherwise, one call warms up and five are timed."""
        device = _Device([30.0, 5.0, 1.0, 4.0003, 2.0, 9.0])
        seconds = device.measure(submission)
        hint = "repeats=5 and warmup=1 stand in the function's head."
        assert_equal(device.calls, 6, hint=hint, what="the number of calls of work")
        assert_close(seconds, 4.0003 + LAUNCH, rtol=1e-5, hint=hint, what="the time")

    @hidden
    def test_real_seconds(self, submission: Submission) -> None:
        """Without a clock of ours, the real time counts, in seconds."""
        measured = submission.define(REAL_TIME)["magnitude"](submission.measure_seconds)
        if measured != "seconds":
            text = f"Sleeping for 0.03 s was measured as {measured}."
            fail(text, hint="Seconds, not others; and one number.")
