"""Messages over a stream socket: a length, then msgpack; bounded in size and in time."""

from __future__ import annotations

import array
import socket
import struct
import threading
import time
from typing import Any

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


class ChannelClosed(ExchangeError):
    """The other side has gone."""


class ChannelTimeout(ExchangeError):
    """The other side has not answered in time."""


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
        self, message: Message, descriptors: tuple[int, ...] = (), seconds: float | None = None
    ) -> None:
        """Send one message; raise ChannelClosed, ChannelTimeout or WireError (too large)."""
        body = msgpack.packb(message, use_bin_type=True)
        if len(body) > self._max_bytes:
            raise WireError(f"it is larger than {self._max_bytes >> 20} MiB")
        deadline = None if seconds is None else time.monotonic() + seconds
        parts = [memoryview(_HEADER.pack(len(body))), memoryview(body)]
        try:
            with self._sending:
                self._socket.settimeout(_left(deadline))
                if descriptors:
                    sent = socket.send_fds(self._socket, parts, list(descriptors))
                else:
                    sent = self._socket.sendmsg(parts)
                for part in parts:
                    left, sent = part[sent:], max(0, sent - len(part))
                    while left:
                        self._socket.settimeout(_left(deadline))
                        left = left[self._socket.send(left) :]
        except TimeoutError:
            raise ChannelTimeout from None
        except OSError as error:
            raise ChannelClosed from error

    def receive(self, seconds: float | None = None) -> Message:
        """Return the next message; ``seconds`` bounds the whole of it, not each piece."""
        deadline = None if seconds is None else time.monotonic() + seconds
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

    def _read(self, size: int, deadline: float | None) -> bytearray:
        data = bytearray()
        while len(data) < size:
            try:
                self._socket.settimeout(_left(deadline))
                chunk, ancillary, _flags, _address = self._socket.recvmsg(
                    min(size - len(data), 1 << 20), self._ancillary_bytes
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


def _left(deadline: float | None) -> float | None:
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
