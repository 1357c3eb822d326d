"""Classes that are graded by a bundle and by ``fairmark autograde``, to compare their marks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from fairmark.course.course import Course
from fairmark.harness.report import Report
from samples import build
from tests.cli import FAIRMARK

ALWAYS = "warm-up"
"""The assignment whose sample class is graded in any case."""
FEW = "ada", "goran", "lena", "mira", "quentin"
"""A right answer, a wrong one, one that never ends, a notebook that is damaged, and no notebook."""
WHOLE = os.environ.get("FAIRMARK_TEST_BUNDLES", "")
"""The platforms that get the whole class of every assignment; "few" of none."""
Marks = dict[str, dict[str, float]]
"""By student and question; a question that is marked by hand has none."""


@dataclass(frozen=True)
class Graded:
    """A course of one assignment, what its class has handed in, and what autograde says of it."""

    course: Course
    name: str
    reports: dict[str, Report]

    @property
    def handins(self) -> Path:
        """The folder with one folder for each student."""
        return self.course.root / "submitted"

    @property
    def marks(self) -> Marks:
        """The marks by ``fairmark autograde``."""
        return {student: marks_of(report) for student, report in self.reports.items()}


def marks_of(report: Report) -> dict[str, float]:
    """A report's marks by question."""
    return {q.id: q.score for q in report.questions if q.score is not None}


def graded_class(course_root: Path, name: str, place: Path, only: Collection[str]) -> Graded:
    """Make a course of one assignment, with what its sample class has handed in, and grade it.

    ``only`` names who is in the class; all are where it names nobody.
    """
    for part in (f"source/{name}", f"graders/{name}", f"release/{name}", "reference"):
        shutil.copytree(course_root / part, place / part)
    shutil.copy(course_root / "nbgrader_config.py", place)
    course = Course.load(place)
    for student in build.students(name):
        if only and student.name not in only:
            continue
        folder = course.folder("submitted", student.name, name)
        folder.mkdir(parents=True)
        data = student.submission(build.read_release(course_root, name))
        (folder / f"{name}.ipynb").write_bytes(data)
    command = [*FAIRMARK, "autograde", name, "--course", str(course.root), "--workers", "1"]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    reports = {
        path.stem: Report.from_json(json.loads(path.read_text())["report"])
        for path in (course.root / ".fairmark/graded" / name).glob("*.json")
    }
    assert reports.keys() == {path.name for path in (course.root / "submitted").iterdir()}
    return Graded(course, name, reports)
