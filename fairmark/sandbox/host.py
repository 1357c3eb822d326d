"""The judge's side of the sandbox: start the warm process, get students' processes from it."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from fairmark.errors import FairmarkError
from fairmark.files import is_plain_name
from fairmark.sandbox import bubblewrap
from fairmark.sandbox.exit_status import ExitStatus
from fairmark.sandbox.limits import Limits
from fairmark.sandbox.settings import ZygoteSettings
from fairmark.wire.channel import (
    DEFAULT_MAX_BYTES,
    Channel,
    ChannelClosed,
    ChannelTimeout,
    Message,
)
from fairmark.wire.codec import Decoder, Encoder, WireError

Mode = Literal["bubblewrap", "none"]
_START_SECONDS = 180.0
_ANSWER_SECONDS = 10.0
_FRAME_BYTES = 2**16
"""More than a message adds to a file."""


class Sandbox:
    """A warm, sealed process that forks one process per submission.

    ``preload`` names the modules that it imports first. ``mode="none"`` runs the same processes
    without any seal; it is for machines that cannot sandbox, and must be asked for by name. Use it
    as a context manager, or call :meth:`start` and :meth:`close`. Processes forked from the one
    that started it may call :meth:`launch` too.
    """

    def __init__(
        self, preload: Sequence[str] = (), limits: Limits | None = None, mode: Mode = "bubblewrap"
    ) -> None:
        self.limits = limits or Limits()
        self.mode: Mode = mode
        self._preload = list(preload)
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._folder: Path | None = None
        self._owner = os.getpid()
        self._ready = False
        self.warnings: list[str] = []

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the warm process without waiting for its imports; raise FairmarkError."""
        if self._process is not None:
            return
        if self.mode == "bubblewrap":
            bubblewrap.find_bubblewrap()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._folder = Path(tempfile.mkdtemp(prefix="fairmark-"))
        sealed = self.mode == "bubblewrap"
        user = bubblewrap.STUDENT_ID if sealed and os.getuid() == 0 else None
        settings = ZygoteSettings(
            control=theirs.fileno(),
            preload=self._preload,
            limits=asdict(self.limits),
            user=None if user is None else (user, user),
            isolate=sealed,
        )
        program = [sys.executable, "-P", "-m", "fairmark.sandbox.zygote", settings.to_json()]
        passwd_read, passwd_write = os.pipe()
        os.write(passwd_write, bubblewrap.passwd())
        os.close(passwd_write)
        extra = {}
        if not sealed:
            extra = {name: str(self._folder) for name in ("HOME", "TMPDIR")}
        self._process = subprocess.Popen(
            [*(bubblewrap.command(passwd_read) if sealed else []), *program],
            env=bubblewrap.environment(extra),
            pass_fds=(theirs.fileno(), passwd_read),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        os.close(passwd_read)
        theirs.close()
        self._owner = os.getpid()

    def wait_ready(self) -> None:
        """Wait until the imports are done; raise FairmarkError if the warm process can't start."""
        if self._ready:
            return
        self.start()
        assert self._control is not None
        self._control.settimeout(_START_SECONDS)
        try:
            data = self._control.recv(65536)
        except OSError:
            data = b""
        if not data:
            raise FairmarkError(f"the sandbox cannot start: {self._last_words()}")
        self.warnings = list(json.loads(data)["missing"])
        self._ready = True

    def launch(self, limits: Limits | None = None) -> Session:
        """Return a fresh student's process; ``limits`` replace the sandbox's own for it."""
        self.wait_ready()
        assert self._control is not None and self._folder is not None
        limits = limits or self.limits
        message: dict[str, Any] = {} if limits == self.limits else {"limits": asdict(limits)}
        if self.mode == "none":
            message["folder"] = tempfile.mkdtemp(dir=self._folder)
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        status, their_status = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            socket.send_fds(
                self._control,
                [json.dumps(message).encode()],
                [theirs.fileno(), their_status.fileno()],
            )
        except OSError:
            mine.close()
            status.close()
            raise FairmarkError(f"the sandbox has ended: {self._last_words()}") from None
        finally:
            theirs.close()
            their_status.close()
        return Session(mine, status, limits)

    @property
    def pid(self) -> int:
        """The process id of the sandbox on this machine."""
        assert self._process is not None
        return self._process.pid

    def close(self) -> None:
        """End the warm process and everything that was forked from it."""
        if self._process is None or self._owner != os.getpid():
            return
        assert self._control is not None and self._folder is not None
        self._control.close()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._process = None
        self._ready = False

    def _last_words(self) -> str:
        """The last line that the warm process wrote to its stderr."""
        if self._process is None or self._process.stderr is None:
            return "it was closed"
        stderr = self._process.stderr
        text = ""
        while select.select([stderr], [], [], 0.5)[0]:
            chunk = os.read(stderr.fileno(), 65536)
            if not chunk:
                break
            text += chunk.decode("utf-8", "replace")
        lines = text.strip().splitlines()
        return lines[-1] if lines else "it ended without a word"


class Session:
    """One student's process: runs cells, and is forked for the judge's calls."""

    def __init__(self, channel: socket.socket, status: socket.socket, limits: Limits) -> None:
        self._channel = Channel(channel)
        self._status = status
        self._limits = limits
        self.exit: dict[str, Any] | None = None

    def send_files(self, files: Mapping[str, bytes]) -> None:
        """Put files into the work folder; those that do not fit there are left out."""
        room = min(self._limits.file_mib * 2**20, DEFAULT_MAX_BYTES - _FRAME_BYTES)
        pieces = [{name: data} for name, data in files.items() if len(data) <= room]
        for piece in [{}, *pieces]:  # without any, the answer still tells that the process is there
            self._exchange({"op": "files", "files": Encoder().encode(piece)})

    def collect_files(self) -> dict[str, bytes]:
        """Return the files in the work folder, by relative name: those of the student's code too.

        Raise ChannelTimeout, ChannelClosed or WireError. Links are not followed, and names that
        lead elsewhere are left out; what is too much for one message is left out as well.
        """
        files = Decoder().decode(self._exchange({"op": "collect"}).get("files"))
        if type(files) is not dict:
            raise WireError("the reply with files is malformed")
        return {
            name: data
            for name, data in files.items()
            if type(name) is str and type(data) is bytes and is_plain_name(name)
        }

    def run_cell(
        self,
        source: str,
        on_output: Callable[[Any], None],
        seconds: float,
        answer: str | None = None,
    ) -> dict[str, Any]:
        """Run one cell; raise ChannelTimeout, ChannelClosed (it died) or WireError.

        ``on_output`` gets each output as undecoded data: it comes from the student's process.
        ``answer`` names the exercise that the cell answers, for :meth:`fork`.
        """
        deadline = time.monotonic() + seconds
        request: Message = {"op": "run", "source": source, "answer": answer}
        self._channel.send(request, seconds=seconds)
        while True:
            message = self._channel.receive(deadline - time.monotonic())
            if "output" in message:
                on_output(message["output"])
            elif type(message.get("done")) is dict:
                return dict(message["done"])
            else:
                raise WireError("the reply to a cell is malformed")

    def fork(self, answer: str = "") -> Fork:
        """Return a copy of the process, with the names of this answer as its own cell left them."""
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            reply = self._exchange({"op": "fork", "answer": answer}, (theirs.fileno(),))
        except BaseException:
            mine.close()
            raise
        finally:
            theirs.close()
        child = reply.get("child")
        if type(child) is not int:
            mine.close()
            raise WireError("the reply to a fork is malformed")
        return Fork(self, Channel(mine), child)

    def end_fork(self, child: int, seconds: float = 0.0) -> ExitStatus | None:
        """Kill a copy and everything that it started.

        Return how it ended, if it did so by itself or does within ``seconds``: its origin tells.
        """
        request = {"op": "kill", "child": child, "seconds": seconds}
        return ExitStatus.from_report(self._exchange(request).get("ended"))

    def start_kernel(self, info: Mapping[str, Any], listening: Sequence[socket.socket]) -> None:
        """Make the process a Jupyter kernel; its clients connect to the ``listening`` sockets.

        A kernel that is handed its sockets needs no folder in common with this machine.
        """
        for sock in listening:
            self._exchange({"op": "listen"}, (sock.fileno(),))
        reply = self._exchange({"op": "kernel", "info": dict(info)})
        if reply["status"] != "ok":
            raise FairmarkError(f"the kernel cannot start: {reply['message']}")

    def poll(self, seconds: float = 0.0) -> bool:
        """Tell whether the process has ended, or ends within this time; ``exit`` tells how."""
        if self._status.fileno() >= 0:
            self._read_exit(seconds)
        return self._status.fileno() < 0

    def wait(self, seconds: float) -> ExitStatus | None:
        """Wait for the process to end by itself; return how it did, None when it lives on."""
        if not self.poll(seconds):
            return None
        # Without a report the supervisor was killed, and its student's process with it.
        return ExitStatus.from_report(self.exit) or ExitStatus(signal.SIGKILL)

    def kill(self) -> None:
        """Kill the process and all its descendants, without waiting for their end."""
        self._channel.close()
        if self._status.fileno() >= 0:
            self._status.shutdown(socket.SHUT_WR)

    def close(self) -> dict[str, Any] | None:
        """Kill the process and its descendants; return how it ended, as the supervisor tells."""
        self.kill()
        if self._status.fileno() >= 0:
            self._read_exit(_ANSWER_SECONDS)
            self._status.close()
        return self.exit

    def _read_exit(self, seconds: float) -> None:
        """Read the supervisor's report, if it comes; after it there is nothing left to read."""
        self._status.settimeout(seconds)
        try:
            data = self._status.recv(4096)
            self.exit = json.loads(data) if data else None
        except (BlockingIOError, TimeoutError):
            return
        except OSError:
            self.exit = None
        self._status.close()

    def _exchange(self, message: Message, descriptors: tuple[int, ...] = ()) -> Message:
        deadline = time.monotonic() + _ANSWER_SECONDS
        self._channel.send(message, descriptors, seconds=_ANSWER_SECONDS)
        while "output" in (reply := self._channel.receive(deadline - time.monotonic())):
            pass  # a thread that a cell has started still prints
        return reply


class Fork:
    """A copy of a student's process that answers the judge's calls."""

    def __init__(self, session: Session, channel: Channel, child: int) -> None:
        self.channel = channel
        self._session = session
        self._child = child

    def close(self, seconds: float = 0.0) -> ExitStatus | None:
        """End the copy; return how it did so by itself, if it does within ``seconds``.

        A ChannelClosed, ChannelTimeout or WireError tells of a broken original.
        """
        self.channel.close()
        return self._session.end_fork(self._child, seconds)


__all__ = ["ChannelClosed", "ChannelTimeout", "Fork", "Mode", "Sandbox", "Session"]
