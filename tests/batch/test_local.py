"""Notebooks that are tried once more."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fairmark.batch.local import LocalBackend
from fairmark.batch.pool import FailedTask
from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.harness.report import QuestionResult, Report, Status
from fairmark.sandbox import Sandbox

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


def report(score: float, *, crowded: bool) -> Report:
    status: Status = "timeout" if crowded else "graded"
    question = QuestionResult("double", score, 2.0, status)
    return Report("n.ipynb", "tiny", (question,), crowded=crowded)


@pytest.mark.parametrize(
    ("first", "second", "score", "attempts"),
    [
        (report(0, crowded=True), report(2, crowded=False), 2, 2),
        (report(1, crowded=True), report(0, crowded=True), 1, 2),
        (report(1, crowded=True), FailedTask("no luck"), 1, 2),
        (report(1, crowded=False), report(2, crowded=False), 1, 1),
        (report(2, crowded=True), report(0, crowded=True), 2, 1),
    ],
    ids=["better", "worse", "failed", "not crowded", "nothing lost"],
)
def test_what_ran_out_of_time_is_tried_once_more_alone(
    tiny_course: Course,
    tmp_path: Path,
    first: Report,
    second: Report | FailedTask,
    score: float,
    attempts: int,
) -> None:
    def work(task: int, sandbox: Sandbox) -> Report:
        before = len(list(tmp_path.iterdir()))
        (tmp_path / f"{before}-{task}-{os.getpid()}").touch()
        if task == 2:
            if before > 2 and isinstance(second, FailedTask):
                raise FairmarkError(second.reason)
            return second if before > 2 and isinstance(second, Report) else first
        return report(2, crowded=False)

    with LocalBackend(tiny_course, workers=1) as backend:
        results = dict(backend.run(work, 3, [tiny_course.assignment("tiny")]))
    assert sorted(results) == [0, 1, 2]
    assert isinstance(results[2], Report)
    assert results[2].score == score
    places = sorted(tmp_path.iterdir(), key=lambda path: int(path.name.split("-")[0]))
    tried = [path.name.split("-")[1] for path in places]
    assert tried == ["0", "1", "2", "2"][: 2 + attempts]
