"""A gradebook that another program holds: it is waited for, and that is said."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fairmark.course.course import Assignment, Course
from fairmark.errors import FairmarkError
from fairmark.record import database
from fairmark.record.database import explained, gradebook_url
from fairmark.record.gradebook import Recorder
from tests.cli import FAIRMARK
from tests.nbgrader.classroom import rows, submit
from tests.record.test_gradebook import REPORT
from tests.tiny import RIGHT, answer, make_course

HOLD = """
import sqlite3, sys, time
other = sqlite3.connect(sys.argv[1])
other.execute("BEGIN IMMEDIATE")
print("held", flush=True)
if sys.argv[2]:
    time.sleep(float(sys.argv[2]))
else:
    sys.stdin.read()
other.rollback()
"""


@contextmanager
def locked(course: Course, seconds: float | None = None) -> Iterator[None]:
    """Let another program hold the gradebook; for so long, or for the block."""
    command = [sys.executable, "-c", HOLD, str(course.root / "gradebook.db"), str(seconds or "")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        yield
        assert other.stdin is not None
        other.stdin.close()
    assert other.returncode == 0


@pytest.fixture
def patient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Assignment:
    """An assignment with one mark, in a gradebook for which nobody waits in silence."""
    monkeypatch.setattr(database, "_QUIET_SECONDS", 0.1)
    course = make_course(tmp_path)
    assignment = course.assignment("tiny")
    with Recorder(course) as recorder:
        recorder.record(REPORT, assignment, "ada")
    return assignment


def with_patience(assignment: Assignment, seconds: float) -> Assignment:
    """The same assignment, where the gradebook is waited for for so long."""
    root = assignment.course.root
    path = root / "nbgrader_config.py"
    url = f"sqlite:///{root}/gradebook.db?timeout={seconds}"
    path.write_text(f"{path.read_text()}\nc.CourseDirectory.db_url = {url!r}\n")
    return Course.load(root).assignment("tiny")


def test_a_wait_is_told_once(patient: Assignment, caplog: pytest.LogCaptureFixture) -> None:
    with Recorder(patient.course) as recorder:
        recorder.synchronise(patient)
        caplog.clear()
        with locked(patient.course, 0.3):
            recorder.record(REPORT, patient, "bob")
    (told,) = (record for record in caplog.records if record.name == "fairmark.gradebook")
    assert told.getMessage() == (
        f"waiting for the gradebook {patient.course.root}/gradebook.db: "
        "another program may be writing to it"
    )
    assert [row[0] for row in rows(patient.course)["student"]] == ["ada", "bob"]


def test_a_wait_that_is_in_vain(patient: Assignment, caplog: pytest.LogCaptureFixture) -> None:
    hasty = with_patience(patient, 0.5)
    with Recorder(hasty.course) as recorder, locked(hasty.course):
        recorder.synchronise(hasty)
        caplog.clear()
        started = time.monotonic()
        with pytest.raises(FairmarkError, match=r"gradebook\.db is locked: end the program"):
            recorder.record(REPORT, hasty, "bob")
        assert time.monotonic() - started >= 0.5
    assert len(caplog.records) == 1
    assert len(rows(patient.course)["student"]) == 1


def test_a_short_wait_is_not_told(
    patient: Assignment, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(database, "_QUIET_SECONDS", 2.0)
    with Recorder(patient.course) as recorder, locked(patient.course, 0.1):
        recorder.record(REPORT, patient, "bob")
    assert not caplog.records


def test_slow_work_is_no_wait(patient: Assignment, caplog: pytest.LogCaptureFixture) -> None:
    """Nor is a lock of this process's own."""
    url = gradebook_url(patient.course)
    own = sqlite3.connect(patient.course.root / "gradebook.db")
    with explained(url):
        time.sleep(0.4)
        own.execute("BEGIN IMMEDIATE")
        time.sleep(0.4)
        own.rollback()
    assert not caplog.records
    with locked(patient.course), explained(url):
        time.sleep(0.4)
    own.close()
    assert len(caplog.records) == 1


@pytest.mark.parametrize("terminal", [False, True])
def test_autograde_says_it(patient: Assignment, terminal: bool) -> None:
    course = with_patience(patient, 3).course
    submit(course, "bob", answer(patient, RIGHT))
    command = [*FAIRMARK, "--course", str(course.root), "autograde", "--workers", "1"]
    with locked(course):
        code, told = _run_on_terminal(command) if terminal else _run(command)
    assert code == 1
    line = f"fairmark: waiting for the gradebook {course.root}/gradebook.db: another program"
    assert told.count(line) == 1
    assert "is locked: end the program that writes to it, then run this again" in told
    if not terminal:
        assert told.count("\n") == 2
    else:  # the bar goes on below the line, which stands for itself
        assert f"{line} may be writing to it\r\n" in told
        assert "grading 1 notebook" in told.rpartition("writing to it\r\n")[2]


def _run(command: list[str]) -> tuple[int, str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def _run_on_terminal(command: list[str]) -> tuple[int, str]:
    """Run it with a terminal of 200 columns for its stderr."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, 0x5414, b"\x32\x00\xc8\x00\x00\x00\x00\x00")  # TIOCSWINSZ
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "200"}
    done = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs, env=environment)
    os.close(theirs)
    seen = b""
    while done.poll() is None or select.select([ours], [], [], 0.1)[0]:
        if select.select([ours], [], [], 0.1)[0]:
            try:
                seen += os.read(ours, 65536)
            except OSError:  # its other end is closed
                break
    os.close(ours)
    return done.wait(), seen.decode()
