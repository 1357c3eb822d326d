"""Copies of a student's process, one for each question, and the process that they come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from fairmark.errors import FairmarkError
from fairmark.harness.proxy import ProcessDied
from fairmark.sandbox import Asked, Fork, Process
from fairmark.sandbox.exit_status import ExitStatus
from fairmark.wire.errors import ExchangeError

_MAX_RESTARTS = 8
ENDING_SECONDS = 1.0
"""How long a process that has closed its channel may take to end."""


@dataclass(frozen=True)
class Override:
    """Source that is run in a fork before the judge's first call."""

    source: str
    names: list[str] | None = None
    """The names that it gives to the student's notebook; None runs it as a cell of the notebook."""
    rewinds: Literal["", "before", "behind"] = ""
    """Whether names are first to stand for what they stood for before, or behind, the answer."""
    answers: bool = True
    """Whether it is the answer that is judged: what it prints is what the answer prints."""


class Origin:
    """The student's process that forks come from, made anew where one of them has broken it.

    ``restart`` makes it; it is asked as often as is reasonable, and may have none to give.
    """

    def __init__(self, process: Process, restart: Callable[[], Process | None]) -> None:
        self.process: Process | None = process
        """None where it is broken and there will be no other."""
        self.lost: FairmarkError | None = None
        """Why the sandbox itself is gone: no student pays for that."""
        self._restart = restart
        self._restarts = 0

    def renew(self) -> None:
        """Replace the process, which is broken."""
        self._restarts += 1
        self.process = None
        if self._restarts <= _MAX_RESTARTS and self.lost is None:
            try:
                self.process = self._restart()
            except FairmarkError as error:
                self.lost = error


class Forks:
    """Gives each question a fork of its own; there is one at a time.

    The ``overrides`` are run in each fork before anything else is asked of it, each within
    ``seconds``. ``answers`` tells which cells answer a question.
    """

    def __init__(
        self,
        origin: Origin,
        overrides: Sequence[Override],
        seconds: float,
        answers: Callable[[str], Sequence[Asked]] = lambda question: (Asked(question),),
    ) -> None:
        self.override_error = ""
        """Why an override could not be run."""
        self._origin = origin
        self._answers = answers
        self._overrides = overrides
        self._seconds = seconds
        self._current: tuple[str, Fork] | None = None

    def get(self, question: str) -> Fork:
        """Return this question's fork: the one that there is, or a new one.

        Raises ProcessDied when none can be had, and ExchangeError when an override breaks it.
        """
        if self._current is not None:
            forked_for, fork = self._current
            if forked_for == question:
                return fork
            self.end()
        while self._origin.process is not None:
            try:
                fork = self._origin.process.fork(*self._answers(question))
            except ExchangeError:
                self._origin.renew()
            else:
                self._current = question, fork
                self._override(fork)
                return fork
        raise ProcessDied("The notebook's process could not be kept alive.")

    def end(self, seconds: float = 0.0) -> ExitStatus | None:
        """End the fork there is, so that :meth:`get` makes another one.

        Return how it ended, if it did so by itself or does within ``seconds``.
        """
        if self._current is None:
            return None
        _, fork = self._current
        self._current = None
        try:
            return fork.close(seconds)
        except ExchangeError:
            origin = self._origin.process
            exit_status = None if origin is None else origin.wait(ENDING_SECONDS)
            self._origin.renew()
            return exit_status

    def close(self) -> None:
        """Let go of the fork there is; it ends with the student's process."""
        if self._current is not None:
            self._current[1].channel.close()
            self._current = None

    def _override(self, fork: Fork) -> None:
        for override in self._overrides:
            countdown = fork.countdown(self._seconds)
            request = {"op": "override", **vars(override)}
            fork.channel.send(request, seconds=countdown)
            reply = fork.channel.receive(countdown)
            if reply.get("status") != "ok":
                self.override_error = f"{reply.get('types')}: {reply.get('message')}"[:500]
