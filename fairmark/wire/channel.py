"""Messages over a stream socket: a length, then msgpack; bounded in size and in time."""

from __future__ import annotations

import array
import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import msgpack

from fairmark.wire.bounds import holds_more_than
from fairmark.wire.codec import WireError
from fairmark.wire.errors import ExchangeError

_HEADER = struct.Struct("!I")
DEFAULT_MAX_BYTES = 64 * 2**20
_MAX_VALUES = 3_000_000
_SMALL = 2**20
"""Bytes that cannot hold so many values that counting them would be worth the time."""

Message = dict[str, Any]
T = TypeVar("T")


class ChannelClosed(ExchangeError):
    """The other side has gone."""


class ChannelTimeout(ExchangeError):
    """The other side has not answered in time."""


class Deadline:
    """A point in time that an exchange of messages has to end before."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return how long to go on waiting; not above 0 where it is too late.

        It is asked again when that time has passed.
        """
        return self._end - time.monotonic()


class Channel:
    """Sends and receives messages: dicts with string keys.

    File descriptors are taken along only where ``descriptors`` says so: the judge's side never
    accepts any, so a student's process cannot fill its table.
    """

    def __init__(
        self,
        sock: socket.socket,
        max_bytes: int = DEFAULT_MAX_BYTES,
        descriptors: bool = False,
    ) -> None:
        self._socket = sock
        self._max_bytes = max_bytes
        self._ancillary_bytes = socket.CMSG_SPACE(4 * 4) if descriptors else 0
        self._descriptors: list[int] = []
        self._sending = threading.RLock()  # a student's thread may print while another does

    def send(
        self,
        message: Message,
        descriptors: tuple[int, ...] = (),
        seconds: float | Deadline | None = None,
    ) -> None:
        """Send one message; raise ChannelClosed, ChannelTimeout or WireError (too large)."""
        body = msgpack.packb(message, use_bin_type=True)
        if len(body) > self._max_bytes:
            raise WireError(f"it is larger than {self._max_bytes >> 20} MiB")
        deadline = _deadline(seconds)
        parts = [memoryview(_HEADER.pack(len(body))), memoryview(body)]
        try:
            with self._sending:
                if descriptors:
                    sent = self._patiently(
                        lambda: socket.send_fds(self._socket, parts, list(descriptors)), deadline
                    )
                else:
                    sent = self._patiently(lambda: self._socket.sendmsg(parts), deadline)
                for part in parts:
                    left, sent = part[sent:], max(0, sent - len(part))
                    while left:
                        left = left[self._patiently(partial(self._socket.send, left), deadline) :]
        except TimeoutError:
            raise ChannelTimeout from None
        except OSError as error:
            raise ChannelClosed from error

    def receive(self, seconds: float | Deadline | None = None) -> Message:
        """Return the next message; ``seconds`` bounds the whole of it, not each piece."""
        deadline = _deadline(seconds)
        (length,) = _HEADER.unpack(self._read(_HEADER.size, deadline))
        if length > self._max_bytes:
            raise WireError(f"the message is larger than {self._max_bytes >> 20} MiB")
        body = self._read(length, deadline)
        if length > _SMALL and holds_more_than(_MAX_VALUES, body):
            raise WireError("the message holds too many values")
        try:
            message = msgpack.unpackb(body, raw=False, strict_map_key=True)
        except Exception as error:  # msgpack raises many kinds, among them for depth and bad UTF-8
            raise WireError(f"the message is malformed ({type(error).__name__})") from None
        if type(message) is not dict:
            raise WireError("the message is malformed (no map)")
        return message

    def take_descriptors(self) -> list[int]:
        """Return the file descriptors that came with the messages received so far."""
        descriptors, self._descriptors = self._descriptors, []
        return descriptors

    def close(self) -> None:
        """Close this side."""
        self._socket.close()

    def fileno(self) -> int:
        """The socket's descriptor, for ``select``."""
        return self._socket.fileno()

    def _patiently(self, operate: Callable[[], T], deadline: Deadline | None) -> T:
        """Return what an operation of the socket does, which is tried until the deadline."""
        while True:
            self._socket.settimeout(_left(deadline))
            with contextlib.suppress(TimeoutError):  # the deadline may have moved
                return operate()

    def _read(self, size: int, deadline: Deadline | None) -> bytearray:
        data = bytearray()
        while len(data) < size:
            try:
                chunk, ancillary, _flags, _address = self._patiently(
                    partial(
                        self._socket.recvmsg,
                        min(size - len(data), 1 << 20),
                        self._ancillary_bytes,
                    ),
                    deadline,
                )
            except TimeoutError:
                raise ChannelTimeout from None
            except OSError as error:
                raise ChannelClosed from error
            for level, kind, payload in ancillary:
                if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                    numbers = array.array("i")
                    numbers.frombytes(payload[: len(payload) - len(payload) % numbers.itemsize])
                    self._descriptors.extend(numbers)
            if not chunk:
                raise ChannelClosed
            data += chunk
        return data


def _deadline(seconds: float | Deadline | None) -> Deadline | None:
    return Deadline(seconds) if isinstance(seconds, (int, float)) else seconds


def _left(deadline: Deadline | None) -> float | None:
    if deadline is None:
        return None
    left = deadline.left()
    if left <= 0:
        raise TimeoutError
    return left
