"""Processes that somebody else kills, as the kernel does for want of memory: no student pays."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from fairmark.course.course import Assignment
from fairmark.files import partial_path, sweep
from fairmark.grading.grade import grade
from fairmark.sandbox import Sandbox
from tests.processes import pid_of
from tests.tiny import RIGHT, answer

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


@pytest.mark.parametrize(
    ("place", "cell", "call"), [(0, 1.0, 0.0), (1, 1.0, 0.0), (0, 0.0, 0.6), (2, 0.0, 0.6)]
)
def test_a_process_killed_from_outside_costs_nothing(
    tiny: Assignment, sandbox: Sandbox, place: int, cell: float, call: float
) -> None:
    """The supervisor, the student's process, or its copy for a question, in a cell or in a call.

    Where the cells are run once more for a call, what is told of them stays that of the first run.
    """
    body = f"    time.sleep({call})\n    return 2 * np.asarray(x)"
    slow = f"import time\ntime.sleep({cell})\nprint(time.monotonic())\ndef double(x):\n{body}"
    sandbox.wait_ready()
    warm = psutil.Process(pid_of(sandbox))
    before = set(warm.children(recursive=True))
    told, tells = os.pipe()
    killer = os.fork()
    if killer == 0:
        while len(new := set(warm.children(recursive=True)) - before) <= max(place, 1 + (call > 0)):
            time.sleep(0.02)
        time.sleep(0.2)
        os.write(tells, str(time.monotonic()).encode())
        sorted(new, key=lambda process: process.pid)[place].kill()
        os._exit(0)
    os.close(tells)
    report = grade(answer(tiny, {**RIGHT, "double": slow}), tiny, sandbox)
    assert os.waitpid(killer, 0)[1] == 0, "it was killed"
    assert report.score == 5.0
    with open(told) as file:
        killed = float(file.read())
    (printed,) = (cell["outputs"][0]["text"] for cell in report.cells if cell["source"] == slow)
    assert (float(printed) < killed) is (call > 0)


def test_a_copy_that_kills_itself_is_tried_once_more(tiny: Assignment, sandbox: Sandbox) -> None:
    source = "def double(x): __import__('os').kill(__import__('os').getpid(), 9)"
    question = grade(answer(tiny, {**RIGHT, "double": source}), tiny, sandbox).question("double")
    assert (question.score, question.status, len(question.tests)) == (0.0, "killed", 2)
    assert "was killed" in question.note


def test_what_was_left_half_made_is_swept_away(tmp_path: Path) -> None:
    child = subprocess.Popen(["true"])
    child.wait()
    for name in (f".a.new-{child.pid}", f".b.old-{child.pid}"):
        (tmp_path / name).mkdir()
    (tmp_path / f".c.json.new-{child.pid}").write_text("half")
    kept = [".d.new-1", ".e.newer-7", "f.new-7", f"g.old-{child.pid}"]
    for name in kept:
        (tmp_path / name).write_text("")
    partial_path(tmp_path / "h").mkdir()
    sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(kept)
    sweep(tmp_path / "nowhere")
