"""Student code that talks to the judge itself, past what fairmark runs in its process."""

from __future__ import annotations

import json
import struct
import time

import msgpack
import nbformat
import pytest

from fairmark.course.course import Assignment
from fairmark.grading.grade import grade
from fairmark.harness.report import Report
from fairmark.sandbox import Sandbox
from fairmark.wire.bounds import holds_more_than
from tests.tiny import RIGHT, answer

IN_A_CELL = """
import os, socket, struct, time
import msgpack
channel = socket.socket(fileno=os.dup(3))
def send(message):
    body = msgpack.packb(message)
    channel.setblocking(True)
    channel.sendall(struct.pack("!I", len(body)) + body)
def show(**parts):
    send({"output": {"output_type": "display_data", "data": {"text/plain": "x"}, **parts}})
def deep(levels):
    value = "x"
    for _ in range(levels):
        value = [value]
    return value
"""
IN_AN_ANSWER = """
def mean(x):
    import struct, sys
    import msgpack
    frame = sys._getframe()
    while frame.f_code.co_name != "_serve_questions":
        frame = frame.f_back
    channel = frame.f_locals["sock"]
    def send_bytes(body):
        channel.setblocking(True)
        channel.sendall(struct.pack("!I", len(body)) + body)
    def send(message):
        send_bytes(msgpack.packb(message))
    {attack}
    __import__("os")._exit(0)
"""


def with_cell(tiny: Assignment, sandbox: Sandbox, source: str) -> Report:
    notebook = answer(tiny, RIGHT)
    notebook.cells.insert(1, nbformat.v4.new_code_cell(IN_A_CELL + source))
    return grade(notebook, tiny, sandbox)


def with_answer(tiny: Assignment, sandbox: Sandbox, attack: str) -> Report:
    source = IN_AN_ANSWER.format(attack=attack)
    return grade(answer(tiny, {**RIGHT, "mean": source}), tiny, sandbox)


@pytest.mark.parametrize(
    "source",
    [
        "show(data={'application/json': deep(400)})",
        "show(data={'application/json': deep(900)})",
        "show(data={'application/json': {'a': b'x'}})",
        "show(data={'application/json': [float('nan'), float('inf')]})",
        "show(data={'application/json': [msgpack.ExtType(5, b'x'), msgpack.Timestamp(1, 2)]})",
        "show(data={b'text/plain': 'x'})",
        "show(data={'text/plain': {'a': [1]}, 'image/png': 3})",
        "show(metadata={'a': deep(300)})",
        "show(output_type='execute_result', execution_count=-7)",
        "show(output_type='error', ename=3, evalue=None, traceback=[1, {}])",
        "channel.sendall(b'\\xff' * 1000)",
    ],
)
def test_forged_outputs(tiny: Assignment, sandbox: Sandbox, source: str) -> None:
    report = with_cell(tiny, sandbox, source)
    assert report.score == 5.0
    notebook = nbformat.v4.new_notebook(cells=list(report.cells))
    nbformat.validate(notebook)
    json.dumps(notebook, allow_nan=False)


def test_a_flood_of_outputs_is_bounded(tiny: Assignment, sandbox: Sandbox) -> None:
    source = """
show(output_type="clear")
for n in range(3000): show(display_id=str(n))
for n in range(3): show(metadata={"a": "x" * 5_000_000})
for n in range(9): show(output_type="error", traceback=["x" * 20_000] * 200)
"""
    report = with_cell(tiny, sandbox, source)
    assert report.score == 5.0
    assert len(str(report.cells[1])) < 11_000_000


def test_a_flood_does_not_extend_the_time(tiny: Assignment, sandbox: Sandbox) -> None:
    source = """
body = msgpack.packb({"output": {"output_type": "clear"}})
many = (struct.pack("!I", len(body)) + body) * 1000
end = time.monotonic() + 20
while time.monotonic() < end: channel.sendall(many)
"""
    started = time.monotonic()
    assert with_cell(tiny, sandbox, source).score == 5.0
    assert time.monotonic() - started < 12


@pytest.mark.parametrize(
    "attack",
    [
        "send({'status': 'ok', 'value': ['h', 2**63, 'x' * 10**6]})",
        "send({'status': ['ok'], 'value': 3})",
        "send({'status': 'error', 'types': [1, None], 'message': 4, 'traceback': {}})",
        "send({'status': 'ok', 'value': ['a', '(2,)f8', [1], b'0' * 16]})",
        "send({'status': 'ok', 'value': ['a', '<f8', [0, 2**40], b'']})",
        "send({'call': 0, 'args': ['l', []], 'kwargs': ['d', []]})",
        "send({'call': True, 'args': 3, 'kwargs': None})",
        "[send_bytes(b'\\xc1'), send({'status': 'ok', 'value': 3.0})]",
    ],
)
def test_forged_answers(tiny: Assignment, sandbox: Sandbox, attack: str) -> None:
    report = with_answer(tiny, sandbox, attack)
    assert report.question("double").score == 2.0
    assert report.question("mean").score == 0.0
    assert "OSError" not in str(report.question("mean").tests), "the attack has reached nobody"


def test_answers_sent_ahead_are_answers_and_no_more(tiny: Assignment, sandbox: Sandbox) -> None:
    attack = "send({'status': 'ok', 'value': 3.0}); send({'status': 'ok', 'value': 3.0})"
    tests = with_answer(tiny, sandbox, attack).question("mean").tests
    assert [test.passed for test in tests] == [True, False]


def test_a_message_of_millions_of_empty_lists(tiny: Assignment, sandbox: Sandbox) -> None:
    many = "b'\\x82\\xa6status\\xa2ok\\xa5value\\xdd' + struct.pack('!I', n) + b'\\x90' * n"
    report = with_answer(tiny, sandbox, f"n = 60_000_000; send_bytes({many})")
    assert "too many values" in report.question("mean").tests[0].message


def test_values_are_counted_before_they_are_made() -> None:
    value = {
        "a": [1, -1, 200, 2**40, None, True, "x" * 300, b"y" * 70_000, 1.5],
        "b" * 40: [{}, []],
    }
    body = msgpack.packb([value] * 20)
    assert not holds_more_than(400, body)
    assert holds_more_than(200, body)
    assert holds_more_than(400, body + b"\xc0" * 9), "more than announced"
    assert holds_more_than(400, b"\xdd" + struct.pack("!I", 401))
