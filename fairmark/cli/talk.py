"""How the commands speak to the user. Imports nothing that a plain installation lacks."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fairmark.text import count, printable


def say(line: str) -> None:
    """Print one line on stderr, with whatever could upset a terminal taken out."""
    sys.stderr.write(f"fairmark: {printable(' '.join(line.split()))}\n")
    sys.stderr.flush()


@contextmanager
def heard(tell: Callable[[str], None]) -> Iterator[None]:
    """Hand each line that fairmark's own modules log to ``tell``, such as that they wait."""
    handler = logging.Handler()
    handler.emit = lambda record: tell(record.getMessage())  # type: ignore[method-assign]
    log = logging.getLogger("fairmark")
    before, propagates = log.handlers, log.propagate
    log.handlers, log.propagate = [handler], False
    try:
        yield
    finally:
        log.handlers, log.propagate = before, propagates


def changed_answers(number: int) -> str:
    """A line about answers that changed after a person marked them, with what to do."""
    when, them = ("it was", "it") if number == 1 else ("they were", "them")
    what = count(number, "answer")
    return f"{what} changed after {when} marked by hand: look at {them} in Formgrader"
