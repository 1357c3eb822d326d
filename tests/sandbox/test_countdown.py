"""What of the time that passes counts against a student's process."""

from __future__ import annotations

import pytest

from fairmark.sandbox import CellRequest, Limits, Sandbox, countdown, make_sandbox
from fairmark.sandbox.countdown import PATIENCE, Countdown, Meter, Used, is_crowded


class Machine:
    """A machine with two processors and a clock of its own.

    It tells that a submission uses these parts of the time that passes.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.running = self.waiting = 0.0
        monkeypatch.setattr(countdown, "time", self)
        monkeypatch.setattr(countdown, "usable_cores", lambda: 2)
        monkeypatch.setattr(countdown, "_own_waited", lambda: 0.0)

    def monotonic(self) -> float:
        return self.now

    def used(self) -> Used:
        return Used(self.running * self.now, self.waiting * self.now)

    def until(self, deadline: Countdown) -> float:
        """Wait for a deadline, and return how long it took."""
        started = self.now
        while (left := deadline.left()) > 0:
            self.now += max(left, 0.001)
        return self.now - started


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


@pytest.mark.parametrize(
    ("running", "waiting", "times"),
    [
        (1.0, 0.0, 1.0),
        (0.0, 0.0, 1.0),
        (0.5, 0.5, 2.0),
        (0.2, 0.6, 2.5),  # and asleep for a fifth
        (2.0, 60.0, 1.0),  # many threads that have all of the machine
        (1.0, 60.0, 2.0),  # many threads that are kept to one of its processors
        (0.0, 1.0, PATIENCE),
    ],
)
def test_the_time_to_the_end(
    machine: Machine, running: float, waiting: float, times: float
) -> None:
    machine.running, machine.waiting = running, waiting
    deadline = Countdown(Meter(machine.used), 8.0)
    taken = machine.until(deadline)
    assert taken == pytest.approx(8.0 * times, rel=0.02)
    assert sum(deadline.take()) == pytest.approx(taken)


def test_all_time_counts_where_nobody_can_tell(machine: Machine) -> None:
    deadline = Countdown(Meter(lambda: None), 8.0)
    assert machine.until(deadline) == pytest.approx(8.0)
    assert deadline.take()[0] == pytest.approx(8.0)


def test_what_was_waited_before_is_not_taken_off(machine: Machine) -> None:
    meter = Meter(machine.used)
    Countdown(meter, 1.0)
    machine.waiting = 1.0
    machine.now += 5.0
    deadline = Countdown(meter, 8.0)
    machine.waiting *= machine.now / (machine.now + 8.0)  # nothing is waited from now on
    assert machine.until(deadline) == pytest.approx(8.0)


def test_a_pause_does_not_count(machine: Machine) -> None:
    meter = Meter(machine.used)
    outer = Countdown(meter, 8.0)
    machine.now += 1.0
    with outer.paused():
        inner = Countdown(meter, 4.0)
        assert machine.until(inner) == pytest.approx(4.0)
        assert inner.take()[0] == pytest.approx(4.0)
        assert inner.take()[0] == pytest.approx(0.0), "it was taken"
        machine.now += 100.0
    assert outer.take()[0] == pytest.approx(1.0)
    assert machine.until(outer) == pytest.approx(7.0)


def test_short_calls_are_not_asked_about_each(machine: Machine) -> None:
    asked: list[float] = []

    def used() -> Used:
        asked.append(machine.now)
        return machine.used()

    meter = Meter(used)
    for _ in range(100):
        call = Countdown(meter, 1.0)
        machine.now += 0.01
        call.take()
    assert meter.counted == pytest.approx(1.0)
    assert 3 <= len(asked) <= 6


def test_what_a_supervisor_tells() -> None:
    assert Used.from_report({"cpu": 1.0, "waited": 2.0}) == Used(1.0, 2.0)
    reports: list[object] = [None, [], {}, {"cpu": 1.0}, {"cpu": "1", "waited": 2.0}]
    for report in reports:
        assert Used.from_report(report) is None


def test_a_crowded_machine() -> None:
    assert is_crowded(1.0, 3.0)
    assert not is_crowded(1.0, 0.1)


@pytest.mark.parametrize("mode", ["bubblewrap", "none"])
def test_a_real_process(mode: str) -> None:
    with make_sandbox([], Limits(), mode) as box:
        process = box.launch()
        spin = "import time\nend = time.process_time() + {}\nwhile time.process_time() < end: pass"
        deadline = process.countdown(20.0)
        process.run_cell(CellRequest(spin.format(0.6)), lambda output: None, deadline)
        assert deadline.used() >= 0.55
        child = (
            f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {spin.format(0.6)!r}])"
        )
        deadline = process.countdown(20.0)
        process.run_cell(CellRequest(child), lambda output: None, deadline)
        assert deadline.used() >= 0.55
        assert process.close() is not None


def test_the_end_is_told_after_answers(sandbox: Sandbox) -> None:
    process = sandbox.launch()
    for _ in range(3):
        deadline = process.countdown(5.0)
        process.run_cell(CellRequest("import time; time.sleep(0.3)"), lambda output: None, deadline)
        assert 0.25 < deadline.used() < 4.0
    assert process.close() is not None
    assert process.countdown(0.1).left() <= 0.1, "nobody is asked any more"
