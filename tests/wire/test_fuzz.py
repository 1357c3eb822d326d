"""Whatever a student's process sends, the judge gets plain data or one of its own errors."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
from typing import Any

import msgpack
import nbformat
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from fairmark.grading.outputs import Outputs
from fairmark.harness.observe import agree, summarise
from fairmark.harness.proxy import Calls, Mismatch, Remote, StudentError, Submission
from fairmark.sandbox.exit_status import ExitStatus, limit_hit
from fairmark.sandbox.limits import Limits
from fairmark.testing import assert_close, assert_equal
from fairmark.wire.bounds import holds_more_than
from fairmark.wire.channel import Channel, ChannelClosed, ChannelTimeout
from fairmark.wire.codec import Decoder, Encoder, WireError

MANY = settings(max_examples=300, deadline=None)
LIMITS = Limits(output_kib=4, display_mib=1)
TAGS = st.sampled_from(["l", "t", "d", "a", "T", "s", "i", "c", "h", "f", "x"])
DTYPES = st.sampled_from(["<f8", ">f8", "|b1", "|O", "<U9", "<M8", "f", "(2,)f8", "<c16", "V8"])
NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.sampled_from([0, -1, 2**62, 2**40, 10**18])
LEAVES = st.none() | st.booleans() | NUMBERS | st.floats() | st.text() | st.binary() | TAGS | DTYPES
ARRAYS = st.tuples(
    st.sampled_from("aTs"), DTYPES | st.text(), st.lists(NUMBERS, max_size=4), st.binary()
).map(list)
TREES = st.recursive(
    LEAVES | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.tuples(TAGS, inner).map(list)
        | st.tuples(TAGS, st.lists(inner, max_size=5)).map(list)
        | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=20,
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
).map(lambda value: [value, np.arange(6.0).reshape(2, 3)])
PLAIN = (type(None), bool, int, float, complex, str, bytes, np.ndarray, np.generic)


def assert_plain(value: Any) -> None:
    """Whether a value is made of exact, plain types."""
    if isinstance(value, (list, tuple)):
        for item in value:
            assert_plain(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            assert_plain(key)
            assert_plain(item)
    else:
        assert isinstance(value, (*PLAIN, Remote)), type(value)
        if isinstance(value, (np.ndarray, np.generic)):
            assert value.dtype.kind in "biufc"
    assert not isinstance(value, (list, dict)) or type(value) in (list, dict)


def receive(data: bytes) -> list[Any]:
    """What a channel makes of these bytes, until it refuses or they end."""
    left, right = socket.socketpair()
    with left, right:
        right.sendall(data[:100_000])
        right.shutdown(socket.SHUT_WR)
        channel, found = Channel(left), []
        try:
            while True:
                found.append(channel.receive(5))
        except (WireError, ChannelClosed):
            return found


@MANY
@given(st.binary(max_size=300))
@example(b"\0\0\0\0")
@example(b"\xff" * 8)
@example(struct.pack("!I", 7) + b"\x81\xa1a\xdf\xff\xff\xff\xff")
def test_bytes(data: bytes) -> None:
    receive(data)
    receive(struct.pack("!I", len(data)) + data)
    assert holds_more_than(10, data) in (True, False)


@MANY
@given(st.dictionaries(st.text(), TREES), st.data())
def test_damaged_messages(message: dict[str, Any], data: DataObject) -> None:
    body = bytearray(msgpack.packb(message))
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(body)))
    for part in (bytes(body), bytes(body[:cut]), bytes(body) + bytes(body[:cut])):
        for found in receive(struct.pack("!I", len(part)) + part):
            assert type(found) is dict


@MANY
@given(TREES)
def test_values_are_counted_rightly(tree: Any) -> None:
    count = count_values(tree)
    body = msgpack.packb(tree)
    assert holds_more_than(count - 1, body)
    assert not holds_more_than(count, body)


def count_values(tree: Any) -> int:
    if isinstance(tree, list):
        return 1 + sum(map(count_values, tree))
    if isinstance(tree, dict):
        return 1 + sum(1 + count_values(value) for value in tree.values())
    return 1


@MANY
@given(TREES)
def test_trees(tree: Any) -> None:
    try:
        value = Decoder().decode(tree)
    except WireError:
        return
    assert_plain(value)
    json.dumps(summarise(value), allow_nan=False)
    assert agree(summarise(value), summarise(value))


@MANY
@given(VALUES, st.data())
def test_damaged_trees(value: Any, data: DataObject) -> None:
    tree = Encoder().encode(value)
    for _ in range(data.draw(st.integers(1, 3))):
        at = tree
        while isinstance(at, list) and at:
            place = data.draw(st.integers(0, len(at) - 1))
            if not isinstance(at[place], list) or data.draw(st.booleans()):
                at[place] = data.draw(LEAVES)
                break
            at = at[place]
    with contextlib.suppress(WireError):
        assert_plain(Decoder().decode(tree))


class Liar:
    """A transport that answers whatever it was told to, and calls back first."""

    def __init__(self, reply: dict[str, Any], calls: list[tuple[Any, Any, Any]]) -> None:
        self._reply, self._wanted = reply, calls

    def exchange(self, request: dict[str, Any], calls: Calls) -> dict[str, Any]:
        for number, args, kwargs in self._wanted:
            json.dumps(calls(number, args, kwargs)["status"])
        return self._reply


REPLIES = st.fixed_dictionaries(
    {"status": st.sampled_from(["ok", "error", "missing", "unsendable", "late"]) | LEAVES},
    optional=dict.fromkeys(
        "value inputs types message traceback name warnings passed".split(), TREES
    ),
)
OUTPUTS = st.fixed_dictionaries(
    {"output_type": st.sampled_from("stream display_data execute_result error clear x".split())},
    optional=dict.fromkeys(
        "name text data metadata ename evalue traceback execution_count display_id update".split(),
        TREES,
    ),
)


@MANY
@given(REPLIES, st.lists(st.tuples(NUMBERS, TREES, TREES), max_size=2), st.sampled_from("abcd"))
def test_replies(reply: dict[str, Any], calls: list[Any], how: str) -> None:
    submission = Submission(Liar(reply, calls))
    argument: Any = np.ones(3)
    try:
        if how == "a":
            with submission.inputs_unchanged():
                value = submission.predict(argument, key=1)
        elif how == "b":
            with submission.silent():
                value = submission.predict(argument)
        elif how == "c":
            value = submission.predict(lambda x: x)
        else:
            value = submission.predict.value()
    except (WireError, StudentError, Mismatch):
        return
    assert_plain(value)
    secret: Any = np.array([8128.0, 3.0])
    for compare in (assert_close, assert_equal):
        with pytest.raises((Mismatch, WireError, StudentError)):
            compare(value, secret)


@MANY
@given(st.lists(TREES | OUTPUTS, max_size=6))
def test_outputs(raw: list[Any]) -> None:
    outputs = Outputs(LIMITS)
    for output in raw:
        outputs.add(output)
    cell = nbformat.v4.new_code_cell("", outputs=outputs.nodes, id="x")
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))
    json.dumps(cell, allow_nan=False)


@MANY
@given(TREES, st.lists(st.text(), max_size=2), st.text())
def test_words_about_an_end(report: Any, types: list[str], message: str) -> None:
    ending = ExitStatus.from_report(report)
    assert ending is None or ending.words(LIMITS)
    assert limit_hit(types, message, LIMITS) is not None


@MANY
@given(st.fixed_dictionaries({name: NUMBERS | st.floats() for name in ("signal", "code", "cpu")}))
def test_words_about_any_numbers(report: dict[str, Any]) -> None:
    ending = ExitStatus.from_report(report)
    assert ending is not None
    assert ending.words(LIMITS)
    assert ending.is_from_outside(LIMITS) in (True, False)


def test_an_endless_answer() -> None:
    left, right = socket.socketpair()
    with left, right:
        right.sendall(struct.pack("!I", 1000) + b"\x81")
        with pytest.raises(ChannelTimeout):
            Channel(left).receive(0.1)
