"""Classes that are graded by a bundle and by ``fairmark autograde``, to compare their marks."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from fairmark.course.course import Course
from fairmark.harness.report import Report
from samples import build
from tests.cli import FAIRMARK


def sample_class(course_root: Path, name: str, place: Path) -> Course:
    """Make a course of one assignment, with all that its sample class has handed in."""
    for part in (f"source/{name}", f"graders/{name}", "reference"):
        shutil.copytree(course_root / part, place / part)
    shutil.copy(course_root / "nbgrader_config.py", place)
    course = Course.load(place)
    for student in build.students(name):
        folder = course.folder("submitted", student.name, name)
        folder.mkdir(parents=True)
        data = student.submission(build.read_release(course_root, name))
        (folder / f"{name}.ipynb").write_bytes(data)
    return course


def marks_here(course: Course, name: str) -> dict[str, dict[str, float | None]]:
    """The marks by ``fairmark autograde``, by student and question."""
    command = [*FAIRMARK, "autograde", name, "--course", str(course.root), "--workers", "1"]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    reports = {
        path.stem: Report.from_json(json.loads(path.read_text())["report"])
        for path in (course.root / ".fairmark/graded" / name).glob("*.json")
    }
    return {
        student: {question.id: question.score for question in report.questions}
        for student, report in reports.items()
    }
