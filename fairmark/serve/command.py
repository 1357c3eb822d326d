"""One command's process, forked from the server: it becomes what its caller is."""

from __future__ import annotations

import io
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Any, TextIO

from fairmark.sandbox import ready
from fairmark.sandbox.namespaces import end_with_parent
from fairmark.serve import place
from fairmark.serve.code import installed_modules
from fairmark.serve.shelf import Shelf
from fairmark.startup import THREADS

_OWN_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)


def begin(server: int) -> None:
    """Be a process of its own that ends with the server."""
    end_with_parent()
    if os.getppid() != server:
        os._exit(1)
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in _OWN_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def become(request: dict[str, Any], descriptors: Sequence[int], caller: int) -> None:
    """Take over the caller's streams, folder, environment and place among the processes."""
    *streams, folder = descriptors
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
    os.fchdir(folder)
    for descriptor in descriptors:
        os.close(descriptor)
    os.umask(_umask(caller))
    os.sched_setaffinity(0, os.sched_getaffinity(caller))
    if (niceness := os.getpriority(os.PRIO_PROCESS, caller)) > os.getpriority(os.PRIO_PROCESS, 0):
        os.setpriority(os.PRIO_PROCESS, 0, niceness)
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    tempfile.tempdir = None
    sys.argv = [request["program"], *request["arguments"]]
    sys.path[:] = request["path"]
    sys.stdin, sys.stdout, sys.stderr = _stdin(), _stdout(1), _stdout(2)
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr  # type: ignore[misc, assignment]


def run(
    work: Callable[[], int], line: socket.socket, shelf: Shelf, environment: dict[str, str]
) -> int:
    """Do a command's work; tell the server what it wanted, and what it has loaded for that."""
    ready.offer(lambda wanted: shelf.take(line, wanted))
    code = work()
    changed = [
        name
        for name in {*os.environ, *environment}
        if os.environ.get(name) != environment.get(name) and name not in THREADS
    ]
    # Where a course's files set variables, what they import next could have read them.
    place.send(line, {"loaded": [] if changed else installed_modules(), "changed": changed})
    return code


def _umask(process: int) -> int:
    with open(f"/proc/{process}/status", encoding="utf-8", errors="replace") as status:
        return next(int(line.split()[1], 8) for line in status if line.startswith("Umask:"))


def _stdin() -> TextIO:
    encoding, errors = _text(sys.__stdin__)
    return io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), encoding, errors)


def _stdout(number: int) -> TextIO:
    """One of the two streams, as Python makes it at its start."""
    encoding, errors = _text(sys.__stdout__ if number == 1 else sys.__stderr__)
    is_terminal = os.isatty(number)
    buffer = io.BufferedWriter(io.FileIO(number, "w", closefd=False))
    return io.TextIOWrapper(buffer, encoding, errors, line_buffering=number == 2 or is_terminal)


def _text(stream: TextIO | None) -> tuple[str, str | None]:
    return (stream.encoding, stream.errors) if stream is not None else ("utf-8", "replace")
