"""Answers that use a GPU are tried in one process, however often their cells run again there."""

from __future__ import annotations

from pathlib import Path

import nbformat

from fairmark.course.course import Course
from fairmark.sandbox import make_sandbox
from fairmark.verify.trials import Trials
from tests.sandbox.standin import ACCELERATOR, stand_in
from tests.tiny import make_course

CONFIGURED = """
c.Fairmark.assignment_limits = {"tiny": {"gpu_memory_mib": 64, "rerun_seconds": 1.0}}
"""
SLOW_START = "import accelerator, time\naccelerator.use()\ntime.sleep(0.3)\n"


def test_the_time_of_running_again_is_each_trials_own(tmp_path: Path) -> None:
    course, devices = tmp_path / "course", tmp_path / "devices"
    course.mkdir()
    devices.mkdir()
    make_course(course)
    (course / "source/tiny/accelerator.py").write_text(ACCELERATOR)
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(CONFIGURED)
    (path,) = (course / "source/tiny").glob("*.ipynb")
    notebook = nbformat.read(path, 4)
    first = next(c for c in notebook.cells if c.cell_type == "code" and "def double" in c.source)
    first.source = SLOW_START + first.source
    nbformat.write(notebook, path)
    assignment = Course.load(course).assignment("tiny")
    limits, visible = assignment.course.limits, assignment.course.visible_for([assignment])
    with (
        stand_in(devices),
        make_sandbox(["numpy"], limits, visible=visible) as sandbox,
        Trials(assignment, sandbox) as trials,
    ):
        for number in range(6):
            trial = trials.run("double")
            assert trial.is_right, (number, trial.error)
