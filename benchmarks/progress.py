"""Telling on standard error what is being measured, how far it is, and since when."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status

_LINE_SECONDS = 30.0
"""How often a step says how far it is where no line can be written over."""


class Progress:
    """Numbers the steps, of which there are ``total``."""

    def __init__(self, total: int) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._total = total
        self._done = 0
        self._started = time.monotonic()
        self._said = 0.0
        self._what = ""
        self._status: Status | None = None

    @contextmanager
    def shown(self) -> Iterator[Progress]:
        """Show the progress while the block runs."""
        with self._console.status("") as self._status:
            yield self

    def step(self, what: str) -> None:
        """Say what begins now."""
        self._done += 1
        self._what = f"[{self._done}/{self._total}] {self._clock()} {what}"
        self._said = time.monotonic()
        self._say(self._what)

    def inner(self, done: int, total: int) -> None:
        """Say how far the step is."""
        is_line = not self._console.is_terminal
        if is_line and time.monotonic() - self._said < _LINE_SECONDS:
            return
        self._said = time.monotonic()
        self._say(f"{self._what}: {done} of {total} ({self._clock()})")

    def _clock(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self._started), 60)
        return f"{minutes}:{seconds:02}"

    def _say(self, text: str) -> None:
        if self._console.is_terminal and self._status is not None:
            self._status.update(text.replace("[", "\\["))
        else:
            self._console.print(text, markup=False)
