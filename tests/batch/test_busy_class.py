"""The sample class on a busy machine: load changes no mark."""

from __future__ import annotations

import pytest

from fairmark.batch.local import LocalBackend
from fairmark.batch.pool import FailedTask
from fairmark.course.course import Course
from fairmark.grading.grade import grade
from fairmark.harness.report import Report
from fairmark.notebook import parse_notebook
from fairmark.sandbox import Sandbox
from samples import build
from tests.busy import busy_processes
from tests.conftest import ROOT

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")

STUDENTS = ("ada", "chen", "goran", "kemal")
"""Right answers in several styles, and two with mistakes. All would take too long."""


@pytest.mark.parametrize("name", ["perceptron", "backpropagation"])
def test_the_same_marks_beside_eight_busy_processes(name: str) -> None:
    course = Course.load(ROOT)
    assignment = course.assignment(name)
    release = build.read_release(course.root, name)
    students = [s for s in build.students(name) if s.name in STUDENTS]

    def work(task: int, sandbox: Sandbox) -> Report:
        student = students[task]
        notebook = parse_notebook(student.submission(release), student.name)
        return grade(notebook, assignment, sandbox, name=student.name)

    def marks(workers: int) -> dict[str, dict[str, tuple[float | None, str]]]:
        with LocalBackend(course, workers=workers) as backend:
            results = dict(backend.run(work, len(students), [assignment]))
        assert not [r for r in results.values() if isinstance(r, FailedTask)]
        return {
            report.notebook: {q.id: (q.score, q.status) for q in report.questions}
            for report in results.values()
            if isinstance(report, Report)
        }

    alone = marks(workers=1)
    assert len(alone) == len(students)
    with busy_processes():
        assert marks(workers=4) == alone
