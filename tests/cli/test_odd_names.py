"""Names that are patterns, or nearly: each command takes them as they are."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest

from fairmark.course.course import Course
from tests.classic import RIGHT, make_classic_course
from tests.cli import FAIRMARK

NAMES = ["1 [abc]", "C++", "what? *", "100 % #1", "ex (2)", "[!a]"]
STUDENTS = ["ada", "kim [1]", "li+1"]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = make_classic_course(tmp_path)
    for name in NAMES:
        folder = course.source / name
        shutil.copytree(course.source / "classic", folder)
        (folder / "classic.ipynb").rename(folder / f"{name}.ipynb")
        (folder / "data[1].txt").write_text("data")
        (folder / ".ipynb_checkpoints").mkdir()
        (folder / ".ipynb_checkpoints/old.ipynb").write_text("solutions")
    for name in ("classic", *NAMES):
        for student in STUDENTS:
            _hand_in(course, name, student)
    return course


def _hand_in(course: Course, name: str, student: str) -> None:
    notebook = course.assignment(name).handed_out
    for cell in notebook.cells:
        cell.source = RIGHT.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    folder = course.folder("submitted", student, name)
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{name}.ipynb")


def test_the_way_of_a_class(course: Course) -> None:
    def run(*arguments: str) -> str:
        done = subprocess.run(
            [*FAIRMARK, *arguments], cwd=course.root, capture_output=True, text=True, timeout=300
        )
        told = [line for line in done.stderr.splitlines() if "not marked by hand yet" not in line]
        assert (done.returncode, told) == (0, []), arguments
        return done.stdout

    places = [(name, f"{name}") for name in ("classic", *NAMES)]
    assert run("generate").count("Made ") == len(places)
    for name, notebook in places:
        files = {f"{notebook}.ipynb"} | ({"data[1].txt"} if name in NAMES else set())
        assert set(os.listdir(course.root / "release" / name)) == files
        assert "return x * x" not in (course.root / "release" / name / f"{name}.ipynb").read_text()
    assert f"{len(places) * len(STUDENTS)} graded" in run("autograde")
    assert f"Made {len(places) * len(STUDENTS)} pages" in run("feedback")
    for name, notebook in places:
        for student in STUDENTS:
            graded = course.root / "autograded" / student / name
            assert ".ipynb_checkpoints" not in os.listdir(graded)
            assert nbformat.read(graded / f"{notebook}.ipynb", as_version=4)
            assert (course.root / "feedback" / student / name / f"{notebook}.html").is_file()
    rows = run("export", "--to", "csv", "-o", "-").splitlines()
    assert len(rows) == 1 + len(STUDENTS)
    assert run("report").count(" 3 ") >= len(places)
    assert run("autograde", "1 [abc]", "--student", "kim [1]").count("unchanged") >= 1
    assert "up to date" in run("generate", "--check", "C++")
