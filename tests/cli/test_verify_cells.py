"""``fairmark verify`` of assignments that their own test cells mark."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import nbgrader

from fairmark.course.course import Course
from tests.cells import answer, given, make_course, marked_by
from tests.cli import FAIRMARK

ADD = "def add(a, b):\n---\n    return a + b"


def run(course: Course, *arguments: str, code: int = 0) -> str:
    done = subprocess.run(
        [*FAIRMARK, "verify", *arguments],
        cwd=course.root,
        env=os.environ | {"COLUMNS": "150"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def pair(root: Path) -> Course:
    course = make_course(
        root,
        {
            "first": [answer("add", ADD), marked_by("test_add", "assert add(0, 0) == 0")],
            "second": [
                answer("times", "%matplotlib inline\ndef times(a, b):\n---\n    return a * b"),
                answer("square", "def square(a):\n---\n    return times(a, a)"),
                marked_by("both", "assert times(2, 3) == 6\n### AUTOTEST times(5, 7); square(3)"),
            ],
            "third": [given("print('nothing to mark')")],
        },
    )
    shutil.copy(Path(nbgrader.__file__).parent / "tests/apps/files/autotests.yml", root)
    return course


def test_a_table_and_the_mutants_that_survive(tmp_path: Path) -> None:
    course = pair(tmp_path)
    out = run(course, "hw/first", code=1)
    assert "test_add        2           none             none    " in out
    assert (
        "no test of `test_add` notices this\n    line 3\n    - return a + b\n    + return a - b"
        in out
    )
    assert "hw/first: CANNOT BE TRUSTED" in out
    only = next(
        line.partition("--only ")[2].strip('"') for line in out.splitlines() if "--only" in line
    )
    assert "0 cases tried" in run(course, "hw/first", "--only", only, code=1)
    assert "2 cases tried" in run(course, "hw/first", "--only", only, "--force", code=1)
    out = run(course, "hw/first", "--accept", only, "--reason", "nobody adds")
    assert f"Noted in {tmp_path}/proofs/hw/first/equivalent_mutants.toml" in out
    assert "nothing wrong with these cases" in run(course, "hw/first", "--only", only)


def test_several_notebooks_with_generated_tests(tmp_path: Path) -> None:
    course = pair(tmp_path)
    first, second = json.loads(run(course, "--json", "--workers", "1", code=1))
    assert (first["assignment"], second["assignment"]) == ("hw/first", "hw/second")
    (row,) = second["test_cells"]
    assert (row["test_cell"], row["answers"]) == ("both", ["times", "square"])
    assert row["mutants"] > row["mutants_killed"] > 3 or row["mutants_killed"] == row["mutants"]
    assert not first["trusted"]
    assert (tmp_path / ".fairmark/verify/hw/second.json").is_file()
