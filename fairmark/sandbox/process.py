"""The judge's side of one student's process, and of its forks."""

from __future__ import annotations

import json
import signal
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from fairmark.errors import FairmarkError
from fairmark.files import is_plain_name
from fairmark.sandbox.countdown import Countdown, Meter, Used
from fairmark.sandbox.exit_status import ExitStatus
from fairmark.sandbox.limits import Limits
from fairmark.sandbox.protocols import Asked, CellRequest
from fairmark.sandbox.visible import SharedFile
from fairmark.wire.channel import Channel, Deadline, Message
from fairmark.wire.codec import Decoder, Encoder, WireError
from fairmark.wire.errors import ExchangeError

_ANSWER_SECONDS = 10.0
_ENDING_SECONDS = 1.0
_LINKS_AT_ONCE = 1_000
_PIECE_BYTES = 16 * 2**20
"""How much of a file goes into one message."""


class ZygoteProcess:
    """A process that the zygote has forked.

    Its supervisor tells by ``status`` what it uses, and how it ended.
    """

    def __init__(
        self,
        channel: socket.socket,
        status: socket.socket,
        limits: Limits,
        shared: Mapping[SharedFile, str],
        *,
        copied: bool = False,
    ) -> None:
        self._channel = Channel(channel)
        self._status = status
        self._limits = limits
        self._shared = shared
        self._link = "copy" if copied else "link"  # what is not sealed off could change them
        self._exit: ExitStatus | None = None
        self._unanswered = 0
        self._meter = Meter(self._used)

    def countdown(self, seconds: float) -> Countdown:
        """Return a deadline that comes when the process has used this much time from now on."""
        return Countdown(self._meter, seconds)

    def send_files(self, files: Mapping[str, bytes | SharedFile]) -> None:
        """Put files into the work folder; those that do not fit there are left out.

        Shared files are linked there. Raises FairmarkError where one is not to be had.
        """
        room = self._limits.file_mib * 2**20
        links: dict[str, str] = {}
        whole: dict[str, bytes] = {}
        for name, data in files.items():
            if isinstance(data, SharedFile):
                if data in self._shared:
                    links[name] = self._shared[data]
                    continue
                data = _read_shared(data, room)
            if len(data) <= room:
                whole[name] = data
        for names in _batched(list(links), _LINKS_AT_ONCE):
            linked = {name: links[name] for name in names}
            self._exchange({"op": self._link, "files": Encoder().encode(linked)})
        self._exchange({"op": "files", "files": Encoder().encode({})})  # tells that it is there
        for name, data in whole.items():
            for start in range(0, max(len(data), 1), _PIECE_BYTES):
                piece = {name: data[start : start + _PIECE_BYTES]}
                op = "append" if start else "files"
                self._exchange({"op": op, "files": Encoder().encode(piece)})

    def collect_files(self) -> dict[str, bytes]:
        """Return the files in the work folder, by relative name: those of the student's code too.

        Links are not followed, and names that lead elsewhere are left out; what is too much for one
        message is left out as well.
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
        cell: CellRequest,
        on_output: Callable[[Any], None],
        seconds: float | Deadline,
        on_statement: Callable[[int, int], None] = lambda index, count: None,
    ) -> dict[str, Any]:
        """Run one cell in time; ``on_output`` gets each output as undecoded data."""
        deadline = seconds if isinstance(seconds, Deadline) else self.countdown(seconds)
        return _run_cell(self._channel, cell, on_output, deadline, on_statement)

    def fork(self, *answers: Asked) -> ZygoteFork:
        """Return a copy of the process, as the cells of these answers have left it."""
        request: Message = {"op": "fork", "answers": _listed(answers)}
        return ZygoteFork(self, *self._forked(request))

    def branch(self) -> ZygoteBranch:
        """Return a copy of the process that runs cells, as this one would go on."""
        return ZygoteBranch(self, *self._forked({"op": "branch"}))

    def become(self, *answers: Asked) -> Channel:
        """Let the process answer the judge's calls itself, and do nothing else any more.

        Return the way to ask it; it is as the cells of these answers have left it.
        """
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._exchange({"op": "become", "answers": _listed(answers)}, (theirs.fileno(),))
        except BaseException:
            mine.close()
            raise
        finally:
            theirs.close()
        return Channel(mine)

    def has_gpu(self) -> bool:
        """Whether it may have opened a GPU, so that no fork of it could use one.

        Its supervisor tells, which sees it from outside.
        """
        return self._told().get("gpu") is not False

    def _forked(self, request: Message) -> tuple[Channel, int]:
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            reply = self._exchange(request, (theirs.fileno(),))
        except BaseException:
            mine.close()
            raise
        finally:
            theirs.close()
        child = reply.get("child")
        if type(child) is not int:
            mine.close()
            raise WireError("the reply to a fork is malformed")
        return Channel(mine), child

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

    def wait(self, seconds: float) -> ExitStatus | None:
        """Wait for the process to end by itself; return how it did, None when it lives on."""
        if self._status.fileno() >= 0:
            self._read_exit(seconds)
        if self._status.fileno() >= 0:
            return None
        # Without a report the supervisor was killed, and its student's process with it.
        return self._exit or ExitStatus(signal.SIGKILL)

    def kill(self) -> None:
        """Kill the process and all its descendants, without waiting for their end."""
        self._channel.close()
        if self._status.fileno() >= 0:
            self._status.shutdown(socket.SHUT_WR)

    def close(self) -> ExitStatus | None:
        """Kill the process and its descendants; return how it ended, as the supervisor tells."""
        self.kill()
        if self._status.fileno() >= 0:
            self._read_exit(_ANSWER_SECONDS)
            self._status.close()
        return self._exit

    def _used(self) -> Used | None:
        """Ask the supervisor what the process and its descendants have used until now.

        None where it does not tell: the process has ended, or the kernel keeps no account.
        """
        return Used.from_report(self._told().get("used"))

    def _told(self) -> dict[str, Any]:
        """Ask the supervisor; nothing is told where it does not answer."""
        if self._status.fileno() < 0:
            return {}
        try:
            self._status.send(b"?")
        except OSError:  # it has been told to end, or has ended
            return {}
        self._unanswered += 1
        deadline = time.monotonic() + _ANSWER_SECONDS
        told: dict[str, Any] = {}
        while self._unanswered:  # an earlier answer may have come too late
            answer = self._read_status(deadline)
            if answer is None:
                return {}
            self._unanswered -= 1
            told = answer
        return told

    def _read_exit(self, seconds: float) -> None:
        """Read the supervisor's report, if it comes."""
        deadline = time.monotonic() + seconds
        while self._read_status(deadline) is not None:
            pass  # an answer that came too late

    def _read_status(self, deadline: float) -> dict[str, Any] | None:
        """Return what the supervisor answers; None where it does not, or reports the end.

        After its report there is nothing left to read.
        """
        if self._status.fileno() < 0:
            return None
        self._status.settimeout(max(deadline - time.monotonic(), 0.0))
        try:
            data = self._status.recv(4096)
        except (BlockingIOError, TimeoutError):
            return None
        except OSError:
            data = b""
        told = json.loads(data) if data else None
        if type(told) is dict and "used" in told:
            return told
        self._exit = ExitStatus.from_report(told)
        self._status.close()
        return None

    def _exchange(self, message: Message, descriptors: tuple[int, ...] = ()) -> Message:
        countdown = self.countdown(_ANSWER_SECONDS)
        self._channel.send(message, descriptors, seconds=countdown)
        while "output" in (reply := self._channel.receive(countdown)):
            pass  # a thread that a cell has started still prints
        return reply


class ZygoteFork:
    """A process that a student's process has forked from itself."""

    def __init__(self, origin: ZygoteProcess, channel: Channel, child: int) -> None:
        self.channel = channel
        self._origin = origin
        self._child = child

    def countdown(self, seconds: float) -> Countdown:
        """Return a deadline that comes when the copy has used this much time from now on."""
        return self._origin.countdown(seconds)

    def close(self, seconds: float = 0.0) -> ExitStatus | None:
        """End it; return how it did so by itself, if it does within ``seconds``.

        An ExchangeError tells of a broken origin.
        """
        self.channel.close()
        return self._origin.end_fork(self._child, seconds)


class ZygoteBranch:
    """A process that a student's process has forked from itself, and that runs cells."""

    def __init__(self, origin: ZygoteProcess, channel: Channel, child: int) -> None:
        self._origin = origin
        self._channel = channel
        self._child = child
        self._exit: ExitStatus | None = None
        self._is_closed = False

    def countdown(self, seconds: float) -> Countdown:
        """Return a deadline that comes when the copy has used this much time from now on."""
        return self._origin.countdown(seconds)

    def run_cell(
        self,
        cell: CellRequest,
        on_output: Callable[[Any], None],
        seconds: float | Deadline,
        on_statement: Callable[[int, int], None] = lambda index, count: None,
    ) -> dict[str, Any]:
        """Run one cell in time; ``on_output`` gets each output as undecoded data."""
        deadline = seconds if isinstance(seconds, Deadline) else self.countdown(seconds)
        return _run_cell(self._channel, cell, on_output, deadline, on_statement)

    def wait(self, seconds: float) -> ExitStatus | None:
        """Wait for the copy to end by itself; one that does not is ended, and None returned."""
        self._end(seconds)
        return self._exit

    def close(self) -> ExitStatus | None:
        """End it, and take away what it leaves behind; return how it ended by itself, if it did."""
        self._end(0.0)
        return self._exit

    def _end(self, seconds: float) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        self._channel.close()
        try:
            self._exit = self._origin.end_fork(self._child, seconds)
        except ExchangeError:  # the origin has ended with it, as the supervisor sees to
            self._exit = self._origin.wait(_ENDING_SECONDS)


def _run_cell(
    channel: Channel,
    cell: CellRequest,
    on_output: Callable[[Any], None],
    deadline: Deadline,
    on_statement: Callable[[int, int], None],
) -> dict[str, Any]:
    request: Message = {**vars(cell), "op": "run", "restore": _listed(cell.restore)}
    channel.send(request, seconds=deadline)
    while True:
        message = channel.receive(deadline)
        if "output" in message:
            on_output(message["output"])
        elif "statement" in message:
            on_statement(*_two_numbers(message["statement"]))
        elif type(message.get("done")) is dict:
            return dict(message["done"])
        else:
            raise WireError("the reply to a cell is malformed")


def _listed(answers: Iterable[Asked]) -> list[list[Any]]:
    return [[asked.answer, list(asked.names)] for asked in answers]


def _two_numbers(value: Any) -> tuple[int, int]:
    """What the student's process says of a statement; raise WireError for anything else."""
    if type(value) is not list or [type(item) for item in value] != [int, int]:
        raise WireError("what is told of a statement is malformed")
    return value[0], value[1]


def _read_shared(file: SharedFile, room: int) -> bytes:
    """The content of a shared file that the sandbox does not have."""
    try:
        if file.path.stat().st_size > room:
            raise FairmarkError(f"{file.path} changed while it was handed out: grade again")
        return file.path.read_bytes()
    except OSError as error:
        raise FairmarkError(f"{file.path} cannot be read: {error.strerror}") from None


def _batched(items: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
