"""A course's configuration: put together as nbgrader does it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fairmark.course.beside import files_beside, fingerprint
from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.intake.handins import find_handins
from tests.classic import make_classic_course


@pytest.fixture
def jupyter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of Jupyter's own settings."""
    folder = tmp_path / "jupyter"
    folder.mkdir()
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(folder))
    return folder


def test_jupyters_folders_are_read_and_the_course_has_the_last_word(
    tmp_path: Path, jupyter: Path
) -> None:
    (jupyter / "nbgrader_config.py").write_text(
        "c.CourseDirectory.course_id = 'theirs'\nc.IgnorePattern.enabled = True\n"
        "c.CourseDirectory.root = '/nowhere'\n"
    )
    (jupyter / "nbgrader_config.json").write_text('{"IgnorePattern": {"pattern": "noise"}}')
    course = make_classic_course(tmp_path / "course", "c.CourseDirectory.course_id = 'mine'")
    assert course.config.CourseDirectory.course_id == "mine"
    assert course.config.IgnorePattern.enabled
    assert course.config.IgnorePattern.pattern == "noise"
    assert course.root == tmp_path / "course"


def test_a_course_that_jupyters_folders_name(
    tmp_path: Path, jupyter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = make_classic_course(tmp_path / "course")
    (course.root / "nbgrader_config.py").rename(jupyter / "nbgrader_config.py")
    with pytest.raises(FairmarkError, match="no course here"):
        Course.find(tmp_path)
    with (jupyter / "nbgrader_config.py").open("a") as file:
        file.write(f"c.CourseDirectory.root = {str(course.root)!r}\n")
    assert Course.find(tmp_path).root == course.root
    assert Course.load(course.root).root == course.root
    with pytest.raises(FairmarkError, match="is no course"):
        Course.load(tmp_path)


def test_a_broken_file_of_jupyters_is_named(tmp_path: Path, jupyter: Path) -> None:
    (jupyter / "nbgrader_config.py").write_text("1 / 0")
    with pytest.raises(FairmarkError, match=r"jupyter/nbgrader_config\.py: division by zero"):
        make_classic_course(tmp_path / "course")


def test_a_root_below_the_configuration(tmp_path: Path) -> None:
    make_classic_course(tmp_path / "teaching" / "course")
    config = tmp_path / "teaching" / "course" / "nbgrader_config.py"
    config = config.rename(tmp_path / "teaching" / config.name)
    with config.open("a") as file:
        file.write("c.CourseDirectory.root = 'course'\n")
    course = Course.find(tmp_path / "teaching" / "course" / "source")
    assert course.root == tmp_path / "teaching" / "course"
    assert [one.name for one in course.assignments()] == ["classic"]
    with config.open("a") as file:
        file.write("c.CourseDirectory.root = 'elsewhere'\n")
    with pytest.raises(FairmarkError, match=r"CourseDirectory\.root is no folder"):
        Course.load(tmp_path / "teaching")


def test_a_module_beside_the_configuration_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "late_rule_of_this_test.py").write_text("PENALTY = 'zero'\n")
    lines = "import late_rule_of_this_test as rule\n"
    lines += "c.LateSubmissionPlugin.penalty_method = rule.PENALTY"
    course = make_classic_course(tmp_path, lines)
    assert course.config.LateSubmissionPlugin.penalty_method == "zero"


@pytest.mark.parametrize(
    ("lines", "cell", "whole"),
    [
        ("c.Execute.timeout = 90", 90, 900),
        ("c.ExecutePreprocessor.timeout = 90", 90, 900),
        ("c.NotebookClient.timeout = 10", 10, 600),
        ("c.Execute.timeout = 10\nc.ExecutePreprocessor.timeout = 90", 10, 600),
        ("c.Execute.timeout = 1200", 1200, 12000),
        ("c.Execute.timeout = -1", 600, 600),
        ("c.Execute.timeout = None", 600, 600),
        ("c.Execute.timeout = -1\nc.Fairmark.limits = {'submission_seconds': 50.0}", 50, 50),
        (
            "c.Execute.timeout = 1200\nc.Fairmark.limits = {'submission_seconds': 1500.0}",
            1200,
            1500,
        ),
        (
            "c.Execute.timeout = 5\n"
            "c.Fairmark.assignment_limits = {'classic': {'cell_seconds': 7.0}}",
            7,
            600,
        ),
    ],
)
def test_nbgraders_time_limits_hold(tmp_path: Path, lines: str, cell: float, whole: float) -> None:
    limits = make_classic_course(tmp_path, lines).assignment("classic").limits()
    assert (limits.cell_seconds, limits.submission_seconds) == (cell, whole)
    assert limits.cpu_seconds >= cell


def test_a_time_limit_that_is_none(tmp_path: Path) -> None:
    course = make_classic_course(tmp_path, "c.Execute.timeout = 'soon'")
    with pytest.raises(FairmarkError, match="no number of seconds: 'soon'"):
        course.assignment("classic").limits()


def test_students_who_are_left_out(tmp_path: Path) -> None:
    course = make_classic_course(tmp_path, "c.CourseDirectory.student_id_exclude = 'bob, eve'")
    for student in ("ada", "bob", "eve", "bobby"):
        (course.root / "submitted" / student / "classic").mkdir(parents=True)
    assignments = course.assignments()
    assert [h.student for h in find_handins(course, assignments)] == ["ada", "bobby"]
    with pytest.raises(FairmarkError, match="bob is left out by"):
        find_handins(course, assignments, ["bob"])


def test_files_that_students_are_to_change(tmp_path: Path) -> None:
    course = make_classic_course(
        tmp_path, "c.Autograde.exclude_overwriting = {'classic': ['answers.py']}"
    )
    assignment = course.assignment("classic")
    before = fingerprint(assignment)
    for name in ("answers.py", "data.py"):
        (assignment.source.parent / name).write_text("theirs")
    files = files_beside(assignment, {"answers.py": b"mine", "data.py": b"mine", "own.py": b"mine"})
    assert files == {"answers.py": b"mine", "data.py": b"theirs", "own.py": b"mine"}
    assert files_beside(assignment, {})["answers.py"] == b"theirs"
    (tmp_path / "nbgrader_config.py").write_text(
        "c = get_config()\nc.Autograde.exclude_overwriting = {'classic': ['data.py']}\n"
    )
    again = Course.load(tmp_path).assignment("classic")
    assert fingerprint(again) not in (before, fingerprint(assignment))
