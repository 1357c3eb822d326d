"""Test cells become graders: the same marks, and none that can be forged."""

from __future__ import annotations

import copy
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import nbformat
import pytest

from fairmark.course.adopted import ADOPTED
from fairmark.course.course import Assignment, Course
from fairmark.grading.grade import grade
from fairmark.sandbox import make_sandbox
from tests.classic import RIGHT, make_classic_course

FORGED = {
    "patched": {
        "square": "import builtins\nclass Any:\n    __eq__ = __ge__ = __le__ = lambda a, b: True\n"
        "    __mul__ = __sub__ = __abs__ = lambda *a: Any()\ndef square(x):\n    return Any()",
        "cube": "def cube(x):\n    return Any()",
        "share": "def share(part, whole):\n    return Any()",
    },
    "tests": {
        "squares": "import numpy as np\nclass Any:\n    __eq__ = lambda a, b: True\n"
        "    __iter__ = lambda a: iter([])\nnp.testing.assert_equal = lambda *a, **k: None\n"
        "np.testing.assert_allclose = lambda *a, **k: None\ndef squares(n):\n    return Any()",
        "sum_of_squares": "def sum_of_squares(n):\n    return Any()",
    },
}


def adopted(course: Course, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fairmark", "adopt", "--course", str(course.root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def scores(assignment: Assignment, answers: Mapping[str, str]) -> dict[str, float | None]:
    notebook = copy.deepcopy(assignment.handed_out)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(name, cell.source)
    with make_sandbox([], assignment.course.limits) as box:
        report = grade(notebook, assignment, box)
    return {result.id: result.score for result in report.questions if result.score is not None}


@pytest.fixture(scope="module")
def classic(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, str, bytes]:
    """The classic course with its graders, what the command has said, and the source before."""
    course = make_classic_course(tmp_path_factory.mktemp("classic"))
    source = (course.source / "classic/classic.ipynb").read_bytes()
    told = adopted(course, "classic", "--mutants", "0")
    assert told.returncode == 0, told.stderr
    assert "would write" in told.stderr and not course.graders.exists()
    done = adopted(course, "classic", "--write", "--mutants", "4")
    assert done.returncode == 0, done.stderr
    return Course.load(course.root), done.stdout, source


def test_all_cells_are_taken_over(classic: tuple[Course, str, bytes]) -> None:
    course, told, source = classic
    assert "classic: 3 of 3 test cells taken over" in told
    assert "old and new marks of the cells taken over agree" in told
    assert (course.source / "classic/classic.ipynb").read_bytes() == source


def test_the_module_reads_well(classic: tuple[Course, str, bytes]) -> None:
    course, _, _ = classic
    text = (course.graders / "classic/test_classic.py").read_text()
    assert '"""A square is a number times itself."""' in text
    assert "faithful.assert_equal(submission.square(2), 4)" in text
    assert 'assert submission.cube(2) == 8, "two times two times two"' in text
    assert "@weight(2)" in text and text.count("@all_or_nothing\n") == 2
    assert "objects = True" not in text
    assert "secret_number = 12" in text.partition("@hidden")[2]


def test_marks_agree(classic: tuple[Course, str, bytes]) -> None:
    course, _, _ = classic
    new = course.assignment("classic")
    assert scores(new, RIGHT) == {"test_square": 2, "test_cube": 3, "test_share": 3}
    assert scores(new, {}) == {"test_square": 0, "test_cube": 0, "test_share": 0}
    half = RIGHT | {"share": "def share(part, whole):\n    return 0.5"}
    assert scores(new, half)["test_share"] == 1
    wrong = RIGHT | {"square": "def square(x):\n    return 4", "cube": "def cube(x):\n    return 8"}
    assert scores(new, wrong)["test_square"] == 0, "the hidden tests count with the others"


def test_a_forged_submission_gets_nothing(classic: tuple[Course, str, bytes]) -> None:
    course, _, _ = classic
    new = course.assignment("classic")
    found = scores(new, FORGED["patched"])
    shutil.move(course.graders, course.root / "away")
    try:
        old = scores(Course.load(course.root).assignment("classic"), FORGED["patched"])
    finally:
        shutil.move(course.root / "away", course.graders)
    assert old == {"test_square": 2, "test_cube": 3, "test_share": 3}
    assert found == {"test_square": 0, "test_cube": 0, "test_share": 0}


def test_other_graders_are_not_overwritten(classic: tuple[Course, str, bytes]) -> None:
    course, _, _ = classic
    module = course.graders / "classic/test_classic.py"
    own = module.read_text() + "\n# mine\n"
    module.write_text(own)
    refused = adopted(course, "classic", "--write", "--mutants", "0")
    assert refused.returncode == 2 and "--force" in refused.stderr and module.read_text() == own
    forced = adopted(course, "classic", "--write", "--force", "--mutants", "0")
    assert forced.returncode == 0 and "# mine" not in module.read_text()
    (course.graders / "classic" / ADOPTED).rename(course.root / "aside.toml")
    has_own = adopted(course, "classic")
    (course.root / "aside.toml").rename(course.graders / "classic" / ADOPTED)
    assert has_own.returncode == 2 and "has graders already" in has_own.stderr


def test_the_course_of_quickstart(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nbgrader", "quickstart", "course101"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    course = Course.load(tmp_path / "course101")
    notebook = nbformat.read(course.source / "ps1/problem1.ipynb", 4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "correct_squares":
            cell.source += "\nimport numpy as np\nnp.testing.assert_equal(squares(3), [1, 4, 9])\n"
    nbformat.write(notebook, course.source / "ps1/problem1.ipynb")
    old = scores(course.assignment("ps1/problem1"), FORGED["tests"])
    done = adopted(course, "ps1", "--write", "--mutants", "4")
    assert done.returncode == 0, done.stderr
    assert "ps1/problem1: 3 of 4 test cells taken over" in done.stdout
    assert "left: problem1.ipynb, cell sum_of_squares_uses_squares, line 4" in done.stdout
    assert "agree for the source, the release and" in done.stdout
    new = scores(Course.load(course.root).assignment("ps1/problem1"), FORGED["tests"])
    taken = ("correct_squares", "correct_sum_of_squares")
    assert [old[name] for name in taken] == [1, 0.5]
    assert [new[name] for name in taken] == [0, 0]
