"""The pool of forked workers."""

from __future__ import annotations

import os
import resource
import signal
import time
from typing import TypeVar

import pytest

from fairmark.batch.pool import FailedTask, Pool

T = TypeVar("T")
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


def test_every_task_is_done_once_by_several_processes() -> None:
    def work(task: int) -> tuple[int, int]:
        time.sleep(0.02)
        return task * task, os.getpid()

    results = dict(Pool(work, 3, 10).run(range(12)))
    assert {task: value for task, (value, _) in _good(results).items()} == {
        task: task * task for task in range(12)
    }
    assert len({pid for _, pid in _good(results).values()}) == 3


def test_dead_worker_costs_its_task_only() -> None:
    def work(task: int) -> int:
        if task == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        if task == 4:
            os._exit(3)
        return task

    results = dict(Pool(work, 2, 10).run(range(7)))
    assert results[2] == FailedTask("its worker was killed by SIGKILL", died=True)
    assert results[4] == FailedTask("its worker ended with exit code 3", died=True)
    assert [results[task] for task in (0, 1, 3, 5, 6)] == [0, 1, 3, 5, 6]


def test_only_worker_dies() -> None:
    results = dict(Pool(lambda task: os._exit(1) if task == 0 else task, 1, 10).run(range(3)))
    assert isinstance(results[0], FailedTask)
    assert (results[1], results[2]) == (1, 2)


def test_slow_worker_is_killed() -> None:
    started = time.monotonic()
    results = dict(Pool(_sleep_first, 1, 0.1).run(range(2)))
    assert results == {0: FailedTask("it took too long", died=True), 1: None}
    assert time.monotonic() - started < 60


def test_a_worker_that_never_stops_is_killed_for_its_own_time() -> None:
    def spin(task: int) -> float:
        while task == 0:
            pass
        return time.process_time()

    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    results = dict(Pool(spin, 1, 1.0).run(range(2)))
    assert results[0] == FailedTask("it took too long", died=True)
    assert isinstance(results[1], float)
    assert 0.8 < resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 3


def test_work_that_waits_for_a_processor_is_not_killed() -> None:
    results = dict(Pool(lambda task: time.sleep(2), 1, 0.5).run(range(2)))
    assert results == {0: None, 1: None}


def test_exception_is_a_result() -> None:
    results = dict(Pool(lambda task: 1 // task, 1, 10).run(range(2)))
    assert results[1] == 1
    assert results[0] == FailedTask("ZeroDivisionError: integer division or modulo by zero")


def test_result_that_cannot_be_sent() -> None:
    results = dict(Pool(lambda task: (lambda: 1) if task == 0 else task, 1, 10).run(range(2)))
    assert isinstance(results[0], FailedTask)
    assert results[1] == 1


def test_large_results() -> None:
    results = dict(Pool(lambda task: bytes(5_000_000), 2, 10).run(range(4)))
    assert [len(value) for value in _good(results).values()] == [5_000_000] * 4


def test_closing_early_ends_the_workers() -> None:
    pool = Pool(lambda task: _pid_after(30 * task), 2, 60)
    results = pool.run(range(5))
    _, pid = next(results)
    assert isinstance(pid, int)
    results.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_waiting_is_told() -> None:
    calls: list[int] = []
    dict(Pool(_sleep_first, 1, 0.1, lambda: calls.append(1)).run(range(1)))
    assert len(calls) >= 3


def test_stdout_belongs_to_the_parent(capfd: pytest.CaptureFixture[str]) -> None:
    dict(Pool(lambda task: os.write(1, b"noise"), 1, 10).run(range(1)))
    assert capfd.readouterr() == ("", "noise")


def _pid_after(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def _sleep_first(task: int) -> None:
    time.sleep(60 if task == 0 else 0)


def _good(results: dict[int, T | FailedTask]) -> dict[int, T]:
    return {task: value for task, value in results.items() if not isinstance(value, FailedTask)}
