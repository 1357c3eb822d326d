"""Commands in the background."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from fairmark.course.course import Assignment
from fairmark.hub.formgrader.jobs import Job
from tests.marked import hand_in, question, record, report
from tests.tiny import make_course


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Assignment]:
    yield make_course(tmp_path / "course").assignment("tiny")
    for process in _runners():
        process.wait()


def _runners() -> list[psutil.Process]:
    found = psutil.process_iter(["ppid", "cmdline"])  # a zombie has no command line
    return [
        process
        for process in found
        if process.info["ppid"] == os.getpid()
        and "fairmark.hub.runner" in (process.info["cmdline"] or [])
    ]


def _ended(job: Job) -> dict[str, Any]:
    while (state := job.state())["state"] == "running":
        time.sleep(0.05)
    return state


def test_grades_a_class_and_tells_all_of_it(tiny: Assignment) -> None:
    job = Job(tiny.course.root, "autograde", "tiny")
    assert job.state() == {"state": "none"}
    for student in ("ada", "bob"):
        hand_in(tiny, student)
    bad = tiny.course.folder("submitted", "<b>zoe", "tiny") / "tiny.ipynb"
    bad.parent.mkdir(parents=True)
    bad.write_text("no notebook")
    assert job.start()
    state = _ended(job)
    assert state["state"] == "failed"  # as the command's exit code: one could not be graded
    assert sorted(state["names"]) == ["<b>zoe", "ada", "bob"]
    assert state["progress"] == {"label": "grading 3 notebooks", "done": 3, "total": 3}
    (table,) = [said["table"] for said in state["printed"] if "table" in said]
    assert table["columns"] == ["student", "assignment", "score", ""]
    assert [[cell["text"] for cell in row[:3]] for row in table["rows"]] == [
        ["<b>zoe", "tiny", "0 / 5"],
        ["ada", "tiny", "5 / 5"],
        ["bob", "tiny", "5 / 5"],
    ]
    (message,) = state["messages"]
    assert message.startswith("<b>zoe, tiny: ")
    assert job.start()  # and again, which forgets what was told
    again = _ended(job)
    assert {row[3]["text"].partition(",")[0] for row in _table(again)["rows"][1:]} == {"unchanged"}


def test_a_preview_tells_what_would_change_and_is_forgotten_by_grading(tiny: Assignment) -> None:
    record(tiny, {"ada": report(question("mean", (False, False)))})
    grader = tiny.graders / "test_tiny.py"
    grader.write_text(grader.read_text() + "\n# repaired\n")
    job = Job(tiny.course.root, "preview", "tiny")
    assert job.start()
    state = _ended(job)
    assert state["state"] == "done"  # though its exit code tells of a change
    assert state["progress"]["label"] == "grading 1 notebook again"
    (row,) = _table(state)["rows"]
    assert [cell["text"] for cell in row[:5]] == ["ada", "tiny", "2 / 9", "5 / 9", "+3"]
    grading = Job(tiny.course.root, "autograde", "tiny")
    assert grading.start()
    assert _ended(grading)["state"] == "done"
    assert job.state() == {"state": "none"}


def _table(state: dict[str, Any]) -> dict[str, Any]:
    (table,) = [said["table"] for said in state["printed"] if "table" in said]
    found: dict[str, Any] = table
    return found


def test_one_at_a_time_and_known_to_all(tiny: Assignment) -> None:
    hand_in(tiny, "ada")
    job = Job(tiny.course.root, "autograde", "tiny")
    assert job.start()
    assert not job.start()
    same = Job(tiny.course.root, "autograde", "tiny")  # another server, or the page after a reload
    assert not same.start()
    assert same.state()["state"] == "running"
    other = Job(tiny.course.root, "report")
    assert other.start()
    assert _ended(job)["state"] == "done"
    assert _ended(other)["state"] in ("done", "failed")


def test_a_killed_job_has_ended(tiny: Assignment) -> None:
    hand_in(tiny, "ada")
    job = Job(tiny.course.root, "autograde", "tiny")
    assert job.start()
    (runner,) = _runners()
    os.killpg(runner.pid, signal.SIGKILL)
    assert _ended(job)["state"] == "ended"
    assert job.start()
    assert _ended(job)["state"] == "done"


def test_an_error_is_told_in_one_line(tiny: Assignment) -> None:
    (tiny.course.root / "nbgrader_config.py").write_text("1 / 0")
    job = Job(tiny.course.root, "autograde", "tiny")
    assert job.start()
    state = _ended(job)
    assert state["state"] == "failed"
    (message,) = state["messages"]
    assert "division by zero" in message


def test_a_line_that_is_being_written_is_not_read(tiny: Assignment) -> None:
    job = Job(tiny.course.root, "verify", "tiny")
    job.folder.mkdir(parents=True)
    told = (
        '{"started": 1.0}\n{"progress": {"label": "x", "done": 1, "total": 2, "name": "a"}}\n{"pr'
    )
    (job.folder / "told").write_text(told)
    state = job.state()
    assert (state["state"], state["started"], state["names"]) == ("ended", 1.0, ["a"])
