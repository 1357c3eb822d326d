"""Calls that take too long are stopped in the kernel itself, and a slow machine stops nothing."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable

import pytest

from fairmark.selfcheck import timelimit
from fairmark.selfcheck.timelimit import Stopped, TimeLimit


def loop() -> None:
    number = 0
    while True:
        number += 1


def sleep() -> None:
    time.sleep(3600)


def catch() -> None:
    for _ in range(2):
        try:
            loop()
        except BaseException:
            continue
    loop()


def is_stopped(function: Callable[[], None], seconds: float = 0.3) -> bool:
    limit = TimeLimit(seconds, 100.0)
    try:
        with limit.running():
            function()
    except Stopped:
        assert limit.stopped
        assert limit.used >= seconds
        return True
    return False


@pytest.mark.parametrize("endless", [loop, sleep, catch])
def test_what_never_ends_is_stopped(endless: Callable[[], None]) -> None:
    handler, threads = signal.getsignal(signal.SIGVTALRM), threading.active_count()
    assert is_stopped(endless)
    assert signal.getsignal(signal.SIGVTALRM) == handler
    assert threading.active_count() == threads


def test_what_ends_is_not() -> None:
    limit = TimeLimit(60.0, 100.0)
    for _ in range(100):
        with limit.running():
            pass
        assert not limit.stopped


@pytest.mark.parametrize("endless", [loop, catch])
def test_another_thread_has_no_signals(endless: Callable[[], None]) -> None:
    found = []
    thread = threading.Thread(target=lambda: found.append(is_stopped(endless)))
    thread.start()
    thread.join()
    assert found == [True]


def test_without_the_times_of_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timelimit, "_clock_of_this_thread", timelimit._processor_clock)
    assert is_stopped(loop)


def test_time_without_a_processor_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that stands still is that of a thread that gets no processor."""
    monkeypatch.setattr(timelimit, "_clock_of_this_thread", lambda: lambda: 0.0)
    assert not is_stopped(lambda: time.sleep(0.3), 0.05)


def test_all_calls_together_have_a_limit() -> None:
    limit = TimeLimit(100.0, 0.2)
    with pytest.raises(Stopped), limit.running():
        loop()
    assert "all checks together may take 0.2 seconds" in limit.reason
    with pytest.raises(Stopped), limit.running():
        loop()
