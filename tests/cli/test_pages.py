"""Feedback pages that are made while the class is being graded."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import nbformat
import pytest

from fairmark.cli.main import main
from fairmark.cli.pages import PagesBeside
from fairmark.course.course import Course
from tests.cli import FAIRMARK
from tests.tiny import RIGHT, answer, make_course

WRONG = "def mean(x):\n    return x[0]"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = make_course(tmp_path / "course")
    for student in ("ada", "bob"):
        hand_in(course, student, {**RIGHT, "mean": WRONG})
    return course


def hand_in(course: Course, student: str, answers: dict[str, str]) -> None:
    folder = course.folder("submitted", student, "tiny")
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(answer(course.assignment("tiny"), answers), folder / "tiny.ipynb")


def page(course: Course, student: str) -> Path:
    return course.folder("feedback", student, "tiny") / "tiny.html"


def autograde(course: Course, *options: str) -> subprocess.CompletedProcess[str]:
    command = [*FAIRMARK, "autograde", "--course", str(course.root), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_marks_and_pages_with_one_command(course: Course) -> None:
    done = autograde(course, "--feedback")
    assert done.returncode == 0, done.stderr
    assert "Made 2 pages" in done.stderr
    assert "Next: mark written answers in formgrader, then `fairmark export" in done.stdout
    assert "0 of 3 points" in page(course, "ada").read_text()
    before = page(course, "bob").stat()
    hand_in(course, "ada", RIGHT)
    done = autograde(course, "--feedback")
    assert "Made 1 page, 1 unchanged" in done.stderr
    assert "3 of 3 points" in page(course, "ada").read_text()
    assert page(course, "bob").stat() == before


def test_only_those_students(course: Course) -> None:
    done = autograde(course, "--feedback", "--student", "ada")
    assert done.returncode == 0, done.stderr
    assert page(course, "ada").is_file() and not page(course, "bob").exists()


def test_a_page_that_cannot_be_made_is_told(course: Course) -> None:
    course.folder("feedback").mkdir()
    course.folder("feedback", "bob").write_text("in the way")
    done = autograde(course, "--feedback")
    assert done.returncode == 1
    assert "bob" in done.stderr and "2 graded" in done.stdout
    assert page(course, "ada").is_file()


def test_a_preview_makes_no_page(course: Course, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["autograde", "--course", str(course.root), "--preview", "--feedback"]) == 2
    assert len(capfd.readouterr().err.splitlines()) == 1


def test_they_wait_for_the_last_of_an_assignment(course: Course) -> None:
    autograde(course)
    said: list[str] = []
    with PagesBeside(course.root, ["tiny", "tiny", "else"], (), said.append) as pages:
        pages.add(["tiny"])
        pages.graded("tiny")
        pages.finish(lambda: None)  # nothing runs
        assert said == []
        pages.graded("tiny")
        pages.finish(lambda: None)
    assert not pages.failed
    (line,) = said
    assert line.startswith("Made 2 pages")
    assert page(course, "ada").is_file()


def test_what_runs_is_ended_with_the_command(course: Course) -> None:
    autograde(course)
    with PagesBeside(course.root, ["tiny"], (), lambda line: None) as pages:
        pages.graded("tiny")
        running = pages._running
    assert running is not None and running.poll() is not None


def test_pages_but_the_first_give_way_to_grading_and_to_nothing_else(course: Course) -> None:
    autograde(course)
    own = os.getpriority(os.PRIO_PROCESS, 0)
    with PagesBeside(course.root, ["tiny", "tiny"], (), lambda line: None) as pages:
        pages.add(["else"])
        assert pages._running is not None
        assert os.getpriority(os.PRIO_PROCESS, pages._running.pid) == own
        pages._running.wait()
        pages.graded("tiny")
        pages.graded("tiny")
        assert pages._running is not None
        pid = pages._running.pid
        assert os.getpriority(os.PRIO_PROCESS, pid) == own + 10
        assert os.getsid(pid) == pid
        group = Path(f"/proc/{pid}/autogroup")
        if group.is_file():
            assert group.read_text().split()[-1] == "10"
        seen: list[int] = []
        pages.finish(lambda: seen.append(os.getpriority(os.PRIO_PROCESS, pid)))
        assert set(seen) == {own if os.geteuid() == 0 else own + 10}  # raising it takes rights
        pages.add(["else"])
        assert pages._running is not None
        assert os.getpriority(os.PRIO_PROCESS, pages._running.pid) == own
