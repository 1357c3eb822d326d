"""The time limit of a call in the student's own kernel: an endless loop is stopped there.

As when a class is graded, that time counts in which the code runs or sleeps, and not that in which
it waits for a processor that others use.
"""

from __future__ import annotations

import ctypes
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

DEFAULT_CALL_SECONDS, DEFAULT_QUESTION_SECONDS = 10.0, 30.0
"""The limits where the checks name none: those of grading where a course sets none."""
_LOOK_SECONDS = 0.05
_AGAIN_SECONDS = 0.5
"""After how long code is stopped once more that has caught the exception and goes on."""
_SIGNAL: int = getattr(signal, "SIGVTALRM", 0)
"""A signal of Unix that hardly anybody uses; it ends what sleeps or waits, too."""


class Stopped(BaseException):
    """Raised in code whose time is used up; no ``except Exception`` catches it."""


@dataclass
class TimeLimit:
    """Stops calls in this thread that take too long, each and all together."""

    call_seconds: float = DEFAULT_CALL_SECONDS
    question_seconds: float = DEFAULT_QUESTION_SECONDS
    used: float = 0.0
    """What the calls have taken until now."""
    stopped: bool = False
    """Whether the last call was stopped, or told to stop."""

    @property
    def reason(self) -> str:
        """Which limit a call has hit, in a sentence."""
        if self.used >= self.question_seconds:
            return (
                "Your code did not end in time: "
                f"all checks together may take {self.question_seconds:g} seconds."
            )
        return f"Your code did not answer within {self.call_seconds:g} seconds."

    @contextmanager
    def running(self) -> Iterator[None]:
        """Raise Stopped in the block when its time is used up."""
        seconds = min(self.call_seconds, self.question_seconds - self.used)
        clock = _clock_of_this_thread()
        start = clock()
        self.stopped = False
        try:
            with _stopped_after(seconds, clock, self._note):
                yield
        finally:
            self.used += clock() - start

    def _note(self) -> None:
        self.stopped = True


@contextmanager
def _stopped_after(
    seconds: float, clock: Callable[[], float], note: Callable[[], None]
) -> Iterator[None]:
    """Raise Stopped in this thread when its clock has gone on by so many seconds, and note it."""
    thread = threading.get_ident()
    by_signal = (
        threading.current_thread() is threading.main_thread()
        and _SIGNAL != 0
        and hasattr(signal, "pthread_kill")
    )
    done = threading.Event()
    lock = threading.Lock()
    end = clock() + seconds

    def handle(_number: int, _frame: FrameType | None) -> None:
        if not done.is_set():
            raise Stopped

    def watch() -> None:
        wait = _LOOK_SECONDS
        while not done.wait(wait):
            if clock() < end:
                continue
            wait = _AGAIN_SECONDS
            with lock:
                if done.is_set():
                    return
                note()
                if by_signal:
                    signal.pthread_kill(thread, _SIGNAL)
                else:
                    _raise_in(thread, Stopped)

    previous = signal.signal(_SIGNAL, handle) if by_signal else None
    watcher = threading.Thread(target=watch, name="fairmark time limit", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        with lock:  # nothing is sent from now on
            if not by_signal:
                _raise_in(thread, None)
        watcher.join()
        if by_signal:
            signal.signal(_SIGNAL, previous if previous is not None else signal.SIG_DFL)


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Let Python raise an exception in a thread where it runs Python code; None takes it back."""
    given = ctypes.py_object(error) if error is not None else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), given)


def _clock_of_this_thread() -> Callable[[], float]:
    """Return a clock of the time in which this thread runs or sleeps; any thread may ask it.

    Linux says how long a thread has waited for a processor. Elsewhere the processor time of the
    whole process counts, and of several threads at a time not more than the clock on the wall says:
    what sleeps is not stopped there.
    """
    waits = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
    try:
        waits.read_text(encoding="utf-8")
    except OSError:
        return _processor_clock()
    return lambda: time.monotonic() - int(waits.read_text(encoding="utf-8").split()[1]) / 1e9


def _processor_clock() -> Callable[[], float]:
    last = (time.monotonic(), time.process_time())
    counted = 0.0
    lock = threading.Lock()

    def clock() -> float:
        nonlocal last, counted
        with lock:
            now = (time.monotonic(), time.process_time())
            counted += min(now[0] - last[0], now[1] - last[1])
            last = now
            return counted

    return clock
