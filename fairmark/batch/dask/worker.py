"""What runs in a Dask worker: it hands work to a grading process of its own, and waits.

One process serves all threads of the worker, so a worker has one warm sandbox.
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import threading
from typing import Any

_GRADER = ("fairmark.startup", "fairmark.batch.dask.grader")
"""The module that grades, behind the one that spares it half of its start."""
_ENDED = {"failed": "the process that graded it has ended", "died": True}
_NO_COURSE = {"failed": "the course has not reached the machine that was to grade it", "died": True}
_END_SECONDS = 1.0
"""How long a process that has closed its sockets may take to end."""
_lock = threading.Lock()
_graders: dict[str, _Grader] = {}
_released: set[str] = set()
courses: dict[str, str] = {}
"""The folders in which courses lie that have come to this worker, by their digests."""


def ask(word: str, settings: str, request: str = "") -> str:
    """Return the answer of this worker's grading process, which is started when there is none.

    All that comes and goes is JSON; ``settings`` are one run's, ``word`` is what is asked.
    """
    with _lock:
        if settings in _released:  # a task that was cancelled can still come after the release
            return json.dumps(_ENDED)
        for ended in [key for key, grader in _graders.items() if grader.has_ended(0)]:
            _graders.pop(ended).close()
        if settings not in _graders:
            known = json.loads(settings)
            root = courses.get(known["course"])
            if root is None:
                return json.dumps(_NO_COURSE)
            _graders[settings] = _Grader(known | {"root": root})
        grader = _graders[settings]
    answer = grader.ask(word, request)
    if not answer:
        with _lock:
            if grader.has_ended() and _graders.get(settings) is grader:
                _graders.pop(settings).close()  # so that the next attempt gets another one
    return answer or json.dumps(_ENDED)


def version() -> str:
    """Return this worker's version of fairmark."""
    import fairmark

    return fairmark.__version__


def release(settings: str) -> None:
    """End this worker's grading process of a run."""
    with _lock:
        _released.add(settings)
        grader = _graders.pop(settings, None)
    if grader is not None:
        grader.close()


class _Grader:
    """A process that was started for one run, with nothing of this one's threads."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            known = settings | {"control": theirs.fileno()}
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", *_GRADER, json.dumps(known)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is the worker's to deal with
            )

    def has_ended(self, seconds: float = _END_SECONDS) -> bool:
        """Whether the process has ended, or ends within this time."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def ask(self, word: str, request: str) -> str:
        """Return the answer; an empty one when whoever was to give it has ended."""
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        answer = b""
        with mine, theirs, contextlib.suppress(OSError):
            socket.send_fds(self._control, [word.encode()], [theirs.fileno()])
            theirs.close()
            mine.sendall(request.encode())
            mine.shutdown(socket.SHUT_WR)
            with mine.makefile("rb") as file:
                answer = file.read()
        try:
            json.loads(answer)
        except ValueError:
            return ""  # it was cut off
        return answer.decode()

    def close(self) -> None:
        self._control.close()
        threading.Thread(target=self._process.wait, daemon=True).start()  # reaps it
