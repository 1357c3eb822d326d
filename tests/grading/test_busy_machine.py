"""Time limits beside other work: it decides no mark, and nobody hangs by it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from fairmark.course.course import Assignment, Course
from fairmark.grading.grade import grade
from fairmark.harness.report import Report
from fairmark.sandbox import Sandbox, make_sandbox
from fairmark.sandbox.countdown import PATIENCE
from tests.busy import busy_processes, one_processor
from tests.tiny import RIGHT, answer

COMPUTE = """
import time
def compute(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end: pass
"""
MANY_THREADS = """
import hashlib, threading, time
def spin(): hashlib.pbkdf2_hmac("sha256", b"", b"", 2 * 10**9)  # it lets go of Python's lock
def double(x):
    for _ in range(40): threading.Thread(target=spin, daemon=True).start()
    time.sleep(1000)
"""


# What is near a limit is told in parts of it: half of the usual limits are enough.
CELL, CALL, QUESTION = 1.5, 1.0, 3.0


@pytest.fixture(scope="module", autouse=True)
def busy() -> Iterator[None]:
    with one_processor(), busy_processes():
        yield


@pytest.fixture(scope="module")
def sandbox(tiny_course: Course, busy: None) -> Iterator[Sandbox]:
    limits = replace(
        tiny_course.limits, cell_seconds=CELL, call_seconds=CALL, question_seconds=QUESTION
    )
    with make_sandbox(tiny_course.preload, limits) as sandbox:
        yield sandbox


def graded(tiny: Assignment, sandbox: Sandbox, double: str) -> Report:
    return grade(answer(tiny, {**RIGHT, "double": double}), tiny, sandbox)


def test_what_needs_most_of_its_time_has_it(tiny: Assignment, sandbox: Sandbox) -> None:
    """Most of a call's, of a cell's and of the question's."""
    source = f"{COMPUTE}\ncompute(1)\ndef double(x):\n    compute(0.7)\n    return 2 * x"
    assert graded(tiny, sandbox, source).score == 5.0


def test_time_asleep_counts(tiny: Assignment, sandbox: Sandbox) -> None:
    source = "import time\ndef double(x):\n    time.sleep(1.3)\n    return 2 * x"
    report = graded(tiny, sandbox, source)
    assert (report.question("double").score, report.question("mean").score) == (0.0, 3.0)
    assert "did not answer within 1 seconds" in report.question("double").note
    cell = graded(tiny, sandbox, "import time\ndouble = [time.sleep(1.8), lambda x: 2 * x][1]")
    assert "did not end within 1.5 seconds" in cell.question("double").note


def test_an_endless_loop_ends(tiny: Assignment, sandbox: Sandbox) -> None:
    started = time.monotonic()
    report = graded(tiny, sandbox, "def double(x):\n    while True: pass")
    assert time.monotonic() - started < PATIENCE * sandbox.limits.question_seconds
    assert report.question("double").status == "timeout"
    assert report.crowded
    assert graded(tiny, sandbox, "while True: pass").crowded


def test_threads_that_wait_for_each_other_end(tiny: Assignment, sandbox: Sandbox) -> None:
    started = time.monotonic()
    report = graded(tiny, sandbox, MANY_THREADS)
    assert time.monotonic() - started < PATIENCE * sandbox.limits.question_seconds
    assert (report.question("double").score, report.question("mean").score) == (0.0, 3.0)
