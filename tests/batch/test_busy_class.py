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
from tests.busy import busy_processes, one_processor
from tests.conftest import ROOT

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")

STUDENTS = ("ada", "chen", "goran", "kemal")
"""Right answers in several styles, and two with mistakes. All would take too long."""
ASSIGNMENTS = ("perceptron", "backpropagation")


def test_the_same_marks_beside_busy_processes() -> None:
    course = Course.load(ROOT)
    assignments = [course.assignment(name) for name in ASSIGNMENTS]
    handins = [
        (student, assignment, build.read_release(course.root, assignment.name))
        for assignment in assignments
        for student in build.students(assignment.name)
        if student.name in STUDENTS
    ]

    def work(task: int, sandbox: Sandbox) -> Report:
        student, assignment, release = handins[task]
        notebook = parse_notebook(student.submission(release), student.name)
        return grade(notebook, assignment, sandbox, name=f"{student.name} {assignment.name}")

    def marks(backend: LocalBackend) -> dict[str, dict[str, tuple[float | None, str]]]:
        results = dict(backend.run(work, len(handins), assignments))
        assert not [r for r in results.values() if isinstance(r, FailedTask)]
        return {
            report.notebook: {q.id: (q.score, q.status) for q in report.questions}
            for report in results.values()
            if isinstance(report, Report)
        }

    with LocalBackend(course) as backend:
        alone = marks(backend)
    assert len(alone) == len(handins) > len(STUDENTS)
    with one_processor(), LocalBackend(course, workers=len(handins)) as backend:
        backend.warm_up(assignments)
        with busy_processes():
            assert marks(backend) == alone
