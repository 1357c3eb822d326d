"""Feedback pages made while the class is still being graded, in a process of their own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from fairmark.cli.told import told_to_nobody

_COMMAND = (sys.executable, "-P", "-m", "fairmark", "feedback")
_TICK_SECONDS = 0.2
_NICE = 10
"""How far grading goes before: pages are to take what processor time it leaves. The first ones do
not wait: somebody looks for them."""


class PagesBeside(AbstractContextManager["PagesBeside"]):
    """Runs ``fairmark feedback`` for each assignment of which nothing is left to grade.

    ``names`` has the name of a notebook's assignment once for each that is to be graded. What the
    command says is handed to ``say``, line by line. Of ``students``, only those are made.
    """

    def __init__(
        self,
        course: Path,
        names: Iterable[str],
        students: Iterable[str],
        say: Callable[[str], None],
    ) -> None:
        options = [part for student in students for part in ("--student", student)]
        self._command = [*_COMMAND, "--course", str(course), *options, "--"]
        self._say = say
        self._left = Counter(names)
        self._waiting: list[str] = []
        self._running: subprocess.Popen[str] | None = None
        self._is_first = self._is_grading = True
        self.failed = False
        """Whether a page could not be made."""

    def __enter__(self) -> Self:
        return self

    def add(self, names: Iterable[str]) -> None:
        """Make the pages of these assignments, of which nothing is to be graded."""
        self._waiting += [name for name in names if not self._left[name]]
        self.proceed()

    def graded(self, name: str) -> None:
        """Count one notebook of this assignment as graded."""
        self._left[name] -= 1
        if not self._left[name]:
            self._waiting.append(name)
        self.proceed()

    def proceed(self) -> None:
        """Start what waits, if nothing runs."""
        if self._running is not None and self._running.poll() is not None:
            self._told(self._running)
        if self._running is None and self._waiting:
            names, self._waiting = list(dict.fromkeys(self._waiting)), []
            self._running = subprocess.Popen(
                [*self._command, *names],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                env=told_to_nobody(),
                start_new_session=True,  # with a priority of its own, see sched(7), autogroups
            )
            if self._is_grading and not self._is_first:
                _set_priority(self._running.pid, _NICE, _NICE)
            self._is_first = False

    def finish(self, tick: Callable[[], None]) -> None:
        """Wait until all pages are made; nothing is graded any more."""
        self._is_grading = False
        if self._running is not None:  # there is nothing left to give way to
            _set_priority(self._running.pid, os.getpriority(os.PRIO_PROCESS, 0), 0)
        while self._running is not None:
            try:
                self._running.communicate(timeout=_TICK_SECONDS)
            except subprocess.TimeoutExpired:
                tick()
            self.proceed()

    def _told(self, process: subprocess.Popen[str]) -> None:
        """Pass on what a command said that has ended."""
        for line in process.communicate()[0].splitlines():
            self._say(line.removeprefix("fairmark: "))
        self.failed |= process.returncode != 0
        self._running = None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End what still runs: pages that are not made are made the next time."""
        if self._running is not None:
            self._running.terminate()
            self._running.communicate()


def _set_priority(pid: int, nice: int, nice_session: int) -> None:
    """Set the priority of a process that leads a session, among processes and among sessions.

    Everybody may lower it; it stays as low where raising it takes rights that this user has not.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):  # it may have ended
        os.setpriority(os.PRIO_PROCESS, pid, nice)
    with contextlib.suppress(OSError):  # a kernel may have no groups of sessions
        Path(f"/proc/{pid}/autogroup").write_text(f"{nice_session}\n", encoding="ascii")
