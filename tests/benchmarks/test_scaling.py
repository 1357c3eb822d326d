import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.classroom import CHEAP, POINTS, make_course, source_notebook
from benchmarks.measure import OwnMemory, measure
from benchmarks.results import Class
from benchmarks.scaling import SCALING, Scaling, ScalingRound
from fairmark.batch.batch import Batch
from fairmark.batch.local import LocalBackend
from fairmark.course.course import Course
from fairmark.intake.handins import find_handins

ROUND = ScalingRound(
    workers=2,
    small=20,
    large=200,
    start=Class(wall=4.5, cpu=2.0),
    few=Class(wall=9.0, cpu=11.0),
    many=Class(wall=54.0, cpu=101.0),
    held_small=500,
    held_large=510,
)


def test_scaling_leaves_the_start_out() -> None:
    assert ROUND.ratio("cpu") == pytest.approx(1.0)
    assert ROUND.ratio("wall") == pytest.approx(1.0)
    assert ROUND.ratio("cpu", with_start=True) < 1


def test_what_grows_with_the_class_is_told() -> None:
    names = [name for name, *_ in SCALING]
    assert Scaling((ROUND,)).broken() == []
    dearer = replace(ROUND, many=Class(wall=60.0, cpu=101.0), held_large=600)
    assert Scaling((ROUND, dearer, ROUND)).broken() == []
    assert Scaling((ROUND, dearer, dearer)).broken() == [names[1], names[4]]


def test_memory_is_told_by_what_is_done(tmp_path: Path) -> None:
    program = (
        "import time\n"
        "kept = []\n"
        "for step in range(3):\n"
        "    open(f'done{step}', 'w').close()\n"
        "    kept.append(bytes(range(256)) * 100_000)\n"
        "    time.sleep(1.3)\n"
    )
    held = OwnMemory(lambda: len(list(tmp_path.iterdir())))
    measure([sys.executable, "-c", program], folder=tmp_path, looks=[held], every=0.05)
    assert held.at(3) - held.at(1) > 20_000_000


def test_the_cheap_notebook_is_right_and_needs_little(tmp_path: Path) -> None:
    marks = [cell.metadata.get("nbgrader", {}) for cell in source_notebook(CHEAP).cells]
    assert sum(mark.get("points", 0) for mark in marks) == POINTS[CHEAP]
    course = Course.load(make_course(tmp_path / "course", 3, fairmark=True, assignment=CHEAP))
    assignments = course.assignments()
    assert [assignment.name for assignment in assignments] == [CHEAP]
    with LocalBackend(course, workers=1) as backend:
        backend.warm_up(assignments)
        outcomes = list(Batch(course, find_handins(course, assignments)).run(backend))
    reports = [outcome.report for outcome in outcomes if outcome.report is not None]
    assert [report.score for report in reports] == [POINTS[CHEAP]] * 3
    assert len({report.notebook for report in reports}) == 3
