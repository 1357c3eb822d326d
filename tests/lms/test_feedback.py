"""Feedback pages go back to whom the platform knows: its own rules of reading names say whose."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from fairmark.cli.main import main
from fairmark.course.course import Course
from fairmark.grading.grade import unreadable
from fairmark.record.autograded import write_autograded
from fairmark.record.database import open_gradebook
from fairmark.record.gradebook import Recorder
from tests.lms.zips import canvas_name, moodle_name, write_zip
from tests.tiny import make_course

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

PEOPLE = {"ada": ("Ada", "Lovelace"), "ben": ("Ben", "Ō'Neill 2nd"), "eve": ("Eve", "Extra")}


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = make_course(tmp_path / "course")
    with open_gradebook(course) as gradebook:
        for student, (first, last) in PEOPLE.items():
            gradebook.add_student(student, first_name=first, last_name=last)
    return course


def _grade(course: Course) -> None:
    tiny = course.assignment("tiny")
    report = unreadable("tiny.ipynb is damaged", tiny, "tiny.ipynb")
    with Recorder(course) as recorder:
        for student in PEOPLE:
            recorder.record(report, tiny, student)
            write_autograded(tiny, report, student)


def _run(course: Course, *arguments: str, code: int = 0) -> None:
    assert main([*arguments, "--course", str(course.root)]) == code


def _zip(course: Course, platform: str) -> dict[str, str]:
    with zipfile.ZipFile(course.root / f"tiny-feedback-{platform}.zip") as file:
        return {info.filename: file.read(info).decode() for info in file.infolist()}


def whom_canvas_finds(name: str) -> tuple[str, str] | None:
    """The person and the file of a name, as Canvas's upload of submissions reads it."""
    parts = [part for part in Path(name).name.split("_") if part != "LATE"]
    numbers = [part for part in parts if re.fullmatch(r"\d+", part)]
    found = parts[1:3] if parts[0] == "anon" else numbers[:2]
    person, file = found if len(found) == 2 else ("", "")
    is_none = parts[-1].startswith("link") or name.startswith("._")
    return None if is_none or not file else (person, file)


def whom_moodle_finds(name: str) -> tuple[int, str, str, str] | None:
    """The participant, the plugin and the file of a path, as Moodle's upload of feedback does."""
    if Path(name).name.startswith((".", "~")):
        return None
    parts = name.split("/")
    while parts:
        found = parts.pop(0).split("_", 4)
        if len(found) < 4 or not found[1].isdigit():
            continue
        rest = "/".join([*found[4:], *parts])
        return int(found[1]), found[2], found[3], rest.lstrip("/")
    return None


def test_canvas(course: Course, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    files = {
        canvas_name("Lovelace, Ada", 1815, 77, "tiny-1.ipynb"): b"{}",
        canvas_name("Ō'Neill 2nd, Ben", 16, 80, "tiny_5_6_.ipynb", late=True): b"{}",
        canvas_name("Ō'Neill 2nd, Ben", 16, 81, "notes.txt", late=True): b"x",
    }
    _run(course, "collect", str(write_zip(tmp_path / "a.zip", files)), "tiny")
    _grade(course)
    _run(course, "feedback", "--zip", "canvas")
    out, err = capfd.readouterr()
    assert "Wrote the pages of 2 students" in out
    assert err.splitlines()[-1].endswith("brought their hand-in of tiny: eve")
    found = {whom_canvas_finds(name): text for name, text in _zip(course, "canvas").items()}
    assert found == {
        ("1815", "77"): (course.folder("feedback", "ada", "tiny") / "tiny.html").read_text(),
        ("16", "81"): (course.folder("feedback", "ben", "tiny") / "tiny.html").read_text(),
    }


def test_canvas_without_names(course: Course, tmp_path: Path) -> None:
    files = {canvas_name("", 0, 90, "tiny.ipynb", late=True, anonymous="aB3xZ"): b"{}"}
    table = tmp_path / "who.csv"
    table.write_text("student,lms_user_id\nada,anon_aB3xZ\n")
    path = write_zip(tmp_path / "a.zip", files)
    _run(course, "collect", str(path), "--students", str(table))
    _grade(course)
    _run(course, "feedback", "--zip", "canvas")
    assert [*map(whom_canvas_finds, _zip(course, "canvas"))] == [("aB3xZ", "90")]


@pytest.mark.parametrize("end", ["_/", "/", "_"])
def test_moodle(course: Course, tmp_path: Path, end: str) -> None:
    files = {
        moodle_name("Ada Lovelace", 4711, "work/tiny.ipynb", end=end).replace("_work/", "_"): b"{}",
        moodle_name("Ben Ō'Neill 2nd", 12, "tiny.ipynb", end=end): b"{}",
    }
    _run(course, "collect", str(write_zip(tmp_path / "a.zip", files)))
    _grade(course)
    _run(course, "feedback", "--zip", "moodle")
    names = _zip(course, "moodle")
    assert [*map(whom_moodle_finds, names)] == [
        (4711, "assignsubmission", "file", "feedback-tiny.html"),
        (12, "assignsubmission", "file", "feedback-tiny.html"),
    ]
    folders = {name.rpartition("/")[0] for name in names}
    assert folders <= {name.rpartition("/")[0].removesuffix("/work") for name in files} | {""}


def test_equal_pages_make_an_equal_zip_and_another_platform_knows_nobody(
    course: Course, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    files = {canvas_name("Lovelace, Ada", 1815, 77, "tiny.ipynb"): b"{}"}
    _run(course, "collect", str(write_zip(tmp_path / "a.zip", files)))
    _grade(course)
    _run(course, "feedback", "--zip", "canvas")
    path = course.root / "tiny-feedback-canvas.zip"
    before = path.read_bytes()
    _run(course, "feedback", "--zip", "canvas")
    assert path.read_bytes() == before
    capfd.readouterr()
    _run(course, "feedback", "--zip", "moodle", code=1)
    _, err = capfd.readouterr()
    assert "no zip of Moodle brought" in err and len(err.splitlines()) == 1
    assert not (course.root / "tiny-feedback-moodle.zip").exists()
