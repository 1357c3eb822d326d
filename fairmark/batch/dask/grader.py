"""The process that grades for one Dask worker: ``python -m fairmark.batch.dask.grader SETTINGS``.

A Dask worker has threads, behind which nothing can be forked safely. This process has none. It
keeps one warm sandbox, forks for each notebook as the workers of a plain run are forked, and ends
with the worker, or when nothing was asked of it for a while.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import socket
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import fairmark
from fairmark.batch.dask.handin import Travelled, digest_of, unpack_folder
from fairmark.batch.dask.packing import pack
from fairmark.batch.local import (
    ENDING_SECONDS,
    forbid_threads,
    seconds_allowed,
    warm_up_for,
)
from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.grading.grade import grade_handin
from fairmark.intake.handins import fingerprint_base
from fairmark.sandbox import Sandbox, make_sandbox
from fairmark.sandbox.countdown import PATIENCE
from fairmark.sandbox.namespaces import end_with_parent

SURVEY, GRADE = b"survey", b"grade"
"""What is asked, as the worker says it along with the socket for the answer."""
_IDLE_SECONDS = 600
_fork = multiprocessing.get_context("fork")


def main() -> None:
    """Answer until the control socket, whose number is in the settings, is closed."""
    settings = json.loads(sys.argv[1])
    os.dup2(2, 1)
    forbid_threads()
    control = socket.socket(fileno=settings["control"])
    control.settimeout(_IDLE_SECONDS)
    try:
        grader = Grader(settings)
    except FairmarkError as error:
        grader = None
        problem = {"fatal": str(error)}
    with contextlib.closing(grader) if grader is not None else contextlib.nullcontext():
        while (asked := _next(control)) is not None:
            word, connection = asked
            with connection:
                request = _read(connection)
                if grader is None:
                    _send(connection, problem)
                elif word == SURVEY:
                    _send(connection, grader.survey())
                else:
                    grader.serve(request, connection, control)


class Grader:
    """A course, and the warm sandbox for some of its assignments."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._course = Course.load(Path(settings["root"]))
        self._assignments = {
            label: self._course.assignment(label) for label in settings["assignments"]
        }
        self._bases = {label: fingerprint_base(a) for label, a in self._assignments.items()}
        self._mode = settings["sandbox"]
        self._sandbox = self._start()
        self._prepared = False

    def close(self) -> None:
        """End the sandbox, and with it all that still runs in it."""
        self._sandbox.close()

    def survey(self) -> dict[str, Any]:
        """Tell what this machine sees of the course."""
        return {"version": fairmark.__version__, "bases": self._bases}

    def serve(self, request: bytes, connection: socket.socket, control: socket.socket) -> None:
        """Answer a request, in a process of its own."""
        try:
            if not self._sandbox.is_alive():
                self._sandbox.close()
                self._sandbox, self._prepared = self._start(), False
            if not self._prepared:
                warm_up_for(self._sandbox, self._assignments.values())
                self._prepared = True
        except FairmarkError as error:
            _send(connection, {"fatal": str(error)})
            return
        answering = _fork.Process(
            target=self._answer, args=(request, connection, control), daemon=True
        )
        answering.start()

    def _start(self) -> Sandbox:
        preload = self._course.preload_for(self._assignments.values())
        visible = self._course.visible_for(self._assignments.values())
        sandbox = make_sandbox(preload, self._course.limits, self._mode, visible)
        sandbox.start()
        return sandbox

    def _answer(self, request: bytes, connection: socket.socket, control: socket.socket) -> None:
        end_with_parent()
        control.close()
        # Nobody else could end a grader that never does: the worker's thread only waits.
        seconds = seconds_allowed(self._assignments.values())
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.setitimer(signal.ITIMER_REAL, PATIENCE * seconds)
        try:
            answer = self._grade(json.loads(request))
        except FairmarkError as error:
            answer = {"failed": str(error), "died": not self._sandbox.is_alive(ENDING_SECONDS)}
        except Exception as error:
            answer = {"failed": f"{type(error).__name__}: {error}", "died": False}
        _send(connection, answer)

    def _grade(self, request: dict[str, Any]) -> dict[str, Any]:
        if digest_of(request["entries"]) != request["digest"]:
            raise FairmarkError(f"it has changed on its way to {socket.gethostname()}")
        # Beside the course, where Dask clears away what a killed process leaves.
        with TemporaryDirectory(prefix="handed-in-", dir=self._course.root.parent) as place:
            folder = Path(place) / request["folder"]
            unpack_folder(request["entries"], folder)
            assignment = self._assignments[request["assignment"]]
            handin = Travelled(request["student"], assignment, folder, request["name"])
            report = grade_handin(handin, self._sandbox)
        return {**pack(report), "warnings": self._sandbox.warnings}


def _next(control: socket.socket) -> tuple[bytes, socket.socket] | None:
    """What is asked next, with the socket for the answer; None when it is time to end."""
    while True:
        try:
            word, descriptors, _, _ = socket.recv_fds(control, 16, 1)
        except TimeoutError:
            if multiprocessing.active_children():
                continue
            return None
        multiprocessing.active_children()  # reaps those that have answered
        if not descriptors:
            return None
        return word, socket.socket(fileno=descriptors[0])


def _read(connection: socket.socket) -> bytes:
    with contextlib.suppress(OSError), connection.makefile("rb") as file:
        return file.read()
    return b""  # whoever asked is gone


def _send(connection: socket.socket, answer: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # whoever asked is gone
        connection.sendall(json.dumps(answer).encode())
        connection.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    main()
