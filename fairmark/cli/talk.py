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
    """Hand what fairmark's own modules log, as that they have to wait, to ``tell``."""
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
    """What is to be done about answers that are others than those that a person has marked."""
    when, them = ("it was", "it") if number == 1 else ("they were", "them")
    what = count(number, "answer")
    return f"{what} changed after {when} marked by hand: look at {them} in Formgrader"
