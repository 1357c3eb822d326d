"""A channel is bounded in size and in time, and survives garbage."""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from fairmark.wire.channel import Channel, ChannelClosed, ChannelTimeout
from fairmark.wire.codec import WireError


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    left, right = socket.socketpair()
    with left, right:
        yield left, right


def test_messages_arrive_whole_and_in_order(pair: tuple[socket.socket, socket.socket]) -> None:
    left, right = Channel(pair[0]), Channel(pair[1])
    large = {"data": b"x" * 3_000_000}
    sender = threading.Thread(target=left.send, args=(large,))
    left.send({"n": 1})
    sender.start()
    assert right.receive(5) == {"n": 1}
    assert right.receive(5) == large
    sender.join()


def test_nobody_answers(pair: tuple[socket.socket, socket.socket]) -> None:
    with pytest.raises(ChannelTimeout):
        Channel(pair[0]).receive(0.05)


def test_a_trickle_of_bytes_does_not_extend_the_time(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    stop = threading.Event()

    def trickle() -> None:
        pair[1].send(struct.pack("!I", 1000))
        while not stop.wait(0.01):
            pair[1].send(b"x")

    thread = threading.Thread(target=trickle)
    thread.start()
    with pytest.raises(ChannelTimeout):
        Channel(pair[0]).receive(0.2)
    stop.set()
    thread.join()


def test_the_other_side_is_gone(pair: tuple[socket.socket, socket.socket]) -> None:
    pair[1].close()
    with pytest.raises(ChannelClosed):
        Channel(pair[0]).receive(1)


@pytest.mark.parametrize(
    "frame",
    [
        struct.pack("!I", 2**32 - 1),
        struct.pack("!I", 3) + b"\xc1\xc1\xc1",
        struct.pack("!I", 1) + b"\x01",
        struct.pack("!I", 5000) + b"\x91" * 5000,
        struct.pack("!I", 4) + b"\x81\xa2\xff\xfe",
    ],
)
def test_garbage_is_refused(pair: tuple[socket.socket, socket.socket], frame: bytes) -> None:
    pair[1].sendall(frame)
    pair[1].close()
    with pytest.raises(WireError):
        Channel(pair[0]).receive(1)


def test_too_large_a_message_is_not_sent(pair: tuple[socket.socket, socket.socket]) -> None:
    with pytest.raises(WireError):
        Channel(pair[0], max_bytes=100).send({"data": b"x" * 200})


def test_descriptors_are_taken_only_where_they_are_wanted(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    left, right = Channel(pair[0]), Channel(pair[1], descriptors=True)
    number = os.open(os.devnull, os.O_RDONLY)
    left.send({"n": 1}, (number,))
    right.receive(1)
    (received,) = right.take_descriptors()
    os.close(received)
    right.send({"n": 2}, (number,))
    left.receive(1)
    assert left.take_descriptors() == []
    os.close(number)
