"""A pool of forked processes that work through numbered tasks.

The standard library's pool gives up all tasks when one worker dies, and starts threads, behind
which nothing can be forked safely. This one has no thread: a worker that dies costs the task that
it had, and another takes its place.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import ForkingPickler
from typing import Generic, TypeVar

from fairmark.errors import FairmarkError
from fairmark.sandbox.countdown import PATIENCE
from fairmark.sandbox.namespaces import end_with_parent

T = TypeVar("T")
_WAIT_SECONDS = 0.2
_fork = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class FailedTask:
    """A task without a result."""

    reason: str
    died: bool = False
    """The worker ended without an answer, so another attempt may go better."""


@dataclass
class _Worker:
    process: BaseProcess
    connection: Connection
    task: int = -1
    deadline: float = 0.0


class Pool(Generic[T]):
    """``workers`` forked processes that call ``work`` with the number of a task.

    Everything that ``work`` needs should be loaded before, so that all processes share it.
    A task's worker is killed that has used ``seconds`` of processor time itself, or did not end
    within ``PATIENCE`` times as much: on a busy machine, honest work waits for a processor most of
    the time. ``on_wait`` is called a few times a second while the workers work.
    """

    def __init__(
        self,
        work: Callable[[int], T],
        workers: int,
        seconds: float,
        on_wait: Callable[[], None] | None = None,
    ) -> None:
        self._work = work
        self._size = workers
        self._seconds = seconds
        self._on_wait = on_wait
        self._workers: list[_Worker] = []

    def run(self, tasks: Iterable[int]) -> Generator[tuple[int, T | FailedTask]]:
        """Yield each task with its result, as they are done. Close the iterator to end early."""
        waiting = deque(tasks)
        try:
            for _ in range(min(self._size, len(waiting))):
                self._start()
            for worker in self._workers:
                self._give(worker, waiting.popleft())
            while busy := [worker for worker in self._workers if worker.task >= 0]:
                for worker in self._done(busy):
                    task, result = worker.task, self._receive(worker)
                    if waiting:
                        # before yielding, so that nobody waits for the consumer
                        self._give(self._living(worker), waiting.popleft())
                    yield task, result
        finally:
            self._end()

    def _start(self) -> _Worker:
        mine, theirs = _fork.Pipe()
        # A worker must not keep the other workers' pipes open: a closed pipe tells them to end.
        others = [mine, *(w.connection for w in self._workers if not w.connection.closed)]
        process = _fork.Process(
            target=_serve, args=(theirs, others, self._work, self._seconds), daemon=True
        )
        process.start()
        theirs.close()
        worker = _Worker(process, mine)
        self._workers.append(worker)
        return worker

    def _give(self, worker: _Worker, task: int) -> None:
        worker.task = task
        worker.deadline = time.monotonic() + PATIENCE * self._seconds
        with contextlib.suppress(OSError):  # it has died, which its closed pipe will tell
            worker.connection.send(task)

    def _done(self, busy: list[_Worker]) -> list[_Worker]:
        """Wait for workers that have answered, died, or run out of time, which kills them."""
        while True:
            now = time.monotonic()
            late = [worker for worker in busy if worker.deadline <= now]
            if late:
                for worker in late:
                    worker.process.kill()
                return late
            left = min(worker.deadline for worker in busy) - now
            if self._on_wait is not None:
                self._on_wait()
                left = min(left, _WAIT_SECONDS)
            ready = wait([worker.connection for worker in busy], left)
            if ready:
                return [worker for worker in busy if worker.connection in ready]

    def _receive(self, worker: _Worker) -> T | FailedTask:
        late = worker.deadline <= time.monotonic()
        worker.task = -1
        try:
            result: T | FailedTask = worker.connection.recv()
        except (EOFError, OSError):
            worker.connection.close()
            worker.process.join(1)
            late = late or worker.process.exitcode == -signal.SIGPROF
            reason = "it took too long" if late else _ending(worker.process.exitcode)
            return FailedTask(reason, died=True)
        return result

    def _living(self, worker: _Worker) -> _Worker:
        """The worker itself, or a new one in its place if it has died."""
        if not worker.connection.closed:
            return worker
        self._workers.remove(worker)
        return self._start()

    def _end(self) -> None:
        for worker in self._workers:
            if worker.task >= 0:
                worker.process.kill()
            worker.connection.close()
        for worker in self._workers:
            worker.process.join(2)
            if worker.process.exitcode is None:
                worker.process.kill()
                worker.process.join()
        self._workers.clear()


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"its worker was killed by {signal.Signals(-code).name}"
    return f"its worker ended with exit code {code}"


def _serve(
    connection: Connection,
    others: list[Connection],
    work: Callable[[int], object],
    seconds: float,
) -> None:
    """A worker's life: do tasks until the pipe is closed."""
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to deal with
    for other in others:
        other.close()
    os.dup2(2, 1)  # stdout belongs to the parent's result
    while True:
        try:
            task = connection.recv()
        except (EOFError, OSError):
            return
        signal.setitimer(signal.ITIMER_PROF, seconds)  # its signal ends this process
        try:
            result = work(task)
        except Exception as error:
            if os.environ.get("FAIRMARK_DEBUG"):
                traceback.print_exc()
            known = isinstance(error, FairmarkError)  # its text is meant to be read
            result = FailedTask(str(error) if known else f"{type(error).__name__}: {error}")
        try:
            message = ForkingPickler.dumps(result)
        except Exception as error:
            message = ForkingPickler.dumps(FailedTask(f"its result cannot be sent: {error}"))
        connection.send_bytes(message)
