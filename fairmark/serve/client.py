"""What a command does first: it has a server run it, where there is one that it agrees with.

Imports the standard library alone, and little of it: this is what a command waits for.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import FrameType
from typing import NoReturn

from fairmark.serve import place

COMMANDS = frozenset({"autograde"})
"""The commands that a server runs."""
COLD, VERBOSE = "--cold", "--verbose"
_SECONDS = 2.0
"""How long a server may take for an answer: it is busy for a moment where it imports something."""
_FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP)


def run_by_server(arguments: Sequence[str], say: Callable[[str], None]) -> int | None:
    """Have this user's server of the course run a command; return the exit code.

    None says that there is no such server, that it refuses, or that it was killed: then the command
    is to be run by this process. Under ``--verbose`` one line says why.
    """
    course = _course(arguments)
    if course is None:
        return None
    told = say if VERBOSE in arguments else _silent
    connection = place.connected(course, _SECONDS)
    if connection is None:
        told("no server runs for this course (see fairmark serve --help)")
        return None
    with connection:
        try:
            reason = _asked(connection, arguments)
        except (OSError, EOFError, ValueError) as error:
            reason = f"it does not answer ({str(error) or 'it has ended'})"
        if reason:
            told(f"the server does not run this command: {reason}")
            return None
        told("the server runs this command")
        connection.settimeout(None)
        code = _wait(connection)
    if code is None:
        say("the server was ended in the middle; this command goes on without it")
    return code


def ask(course: str, what: str, seconds: float = _SECONDS) -> object | None:
    """Ask the server of a course for its "status", or to "stop"; None where there is none."""
    connection = place.connected(course, seconds)
    if connection is None:
        return None
    with connection:
        try:
            place.send(connection, {"do": what})
            return place.receive(connection)[0]
        except (OSError, EOFError, ValueError):
            return None


def _course(arguments: Sequence[str]) -> str | None:
    """The course of a command that a server may run; None for any other command line."""
    named, command, options, words = "", "", set(), iter(arguments)
    for word in words:
        if word == "--":
            break
        name, _, value = word.partition("=")
        if name == "--course":
            named = value or next(words, "")
        elif word.startswith("-"):
            options.add(name)
        else:
            command = command or word
    if command not in COMMANDS or {COLD, "--dask", "--help", "-h", "--version"} & options:
        return None
    try:
        if not named:
            return place.course_at_or_above(os.getcwd())
        found = os.path.realpath(named)
        return found if os.path.isfile(os.path.join(found, place.CONFIG_FILE)) else None
    except OSError:
        return None


def _asked(connection: socket.socket, arguments: Sequence[str]) -> str:
    """Hand the command over; return why it is refused, "" where it runs now."""
    from fairmark.serve.terms import own_terms

    with ExitStack() as stack:
        folder = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        stack.callback(os.close, folder)
        request = {
            "do": "run",
            "arguments": list(arguments),
            "program": sys.argv[0],
            "path": sys.path,
            "environment": dict(os.environ),
            "terms": own_terms(os.environ),
        }
        place.send(connection, request, [0, 1, 2, folder])
        answer, _ = place.receive(connection)
    if not isinstance(answer, dict) or answer.get("ready") is not True:
        return str(answer.get("refused", "")) if isinstance(answer, dict) else "it is another one"
    # From here on it runs, or nothing does: who had no patience has closed the connection.
    place.send(connection, {"go": True})
    return ""


def _wait(connection: socket.socket) -> int | None:
    """Hand signals on until the command ends; return its exit code, None where it was lost."""

    def forward(number: int, _frame: FrameType | None) -> None:
        stops = number == signal.SIGTSTP
        try:
            place.send(connection, {"signal": signal.SIGSTOP if stops else number})
            if stops:
                os.kill(os.getpid(), signal.SIGSTOP)
                place.send(connection, {"signal": signal.SIGCONT})
        except OSError:
            pass  # it has just ended, as is read next
        if number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(number, signal.SIG_DFL)  # once more ends this process itself

    before = {number: signal.getsignal(number) for number in _FORWARDED}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, forward)
    try:
        answer, _ = place.receive(connection)
    except (OSError, EOFError, ValueError):
        answer = None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if isinstance(answer, dict) and isinstance(answer.get("signal"), int):
        _die(answer["signal"])
    code = answer.get("exit") if isinstance(answer, dict) else None
    return code if isinstance(code, int) else None


def _die(number: int) -> NoReturn:
    """End as the command has ended: by a signal."""
    signal.signal(number, signal.SIG_DFL) if number != signal.SIGKILL else None
    os.kill(os.getpid(), number)
    os._exit(128 + number)


def _silent(_line: str) -> None:
    """Say nothing."""
