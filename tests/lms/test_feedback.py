"""Feedback pages go back to whom the platform knows: its own rules of reading names say whose."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from fairmark.cli.main import main
from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.grading.grade import unreadable
from fairmark.lms.feedback import zip_feedback
from fairmark.lms.names import Platform
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
    _run(course, "feedback", "--zip", "moodle", code=1)
    _, err = capfd.readouterr()
    assert "no zip of Moodle brought" in err and len(err.splitlines()) == 1


def _zip_of(course: Course, platform: Platform, *students: str) -> list[str]:
    """The names in the zip of pages that are made up."""
    page = course.root / "tiny.html"
    page.write_text("<p>a page</p>")
    target = course.root / f"tiny-feedback-{platform}.zip"
    zip_feedback(course, "tiny", platform, {student: [page] for student in students}, target)
    return list(_zip(course, platform))


def test_canvas_without_names(course: Course, tmp_path: Path) -> None:
    files = {canvas_name("", 0, 90, "tiny.ipynb", late=True, anonymous="aB3xZ"): b"{}"}
    table = tmp_path / "who.csv"
    table.write_text("student,lms_user_id\nada,anon_aB3xZ\n")
    path = write_zip(tmp_path / "a.zip", files)
    _run(course, "collect", str(path), "--students", str(table))
    assert [*map(whom_canvas_finds, _zip_of(course, "canvas", "ada"))] == [("aB3xZ", "90")]


@pytest.mark.parametrize("end", ["_/", "/", "_"])
def test_moodle(course: Course, tmp_path: Path, end: str) -> None:
    folder = "" if end == "_" else "work/"
    files = {
        moodle_name("Ada Lovelace", 4711, f"{folder}tiny.ipynb", end=end): b"{}",
        moodle_name("Ben Ō'Neill 2nd", 12, "tiny.ipynb", end=end): b"{}",
    }
    _run(course, "collect", str(write_zip(tmp_path / "a.zip", files)))
    names = _zip_of(course, "moodle", "ada", "ben")
    assert [*map(whom_moodle_finds, names)] == [
        (4711, "assignsubmission", "file", "feedback-tiny.html"),
        (12, "assignsubmission", "file", "feedback-tiny.html"),
    ]
    assert all(name.startswith(("Ada Lovelace_4711_", "Ben ŌNeill 2nd_12_")) for name in names)


def test_a_name_that_canvas_would_take_for_a_links(course: Course, tmp_path: Path) -> None:
    files = {canvas_name("Lovelace, Ada", 1815, 77, "tiny.ipynb"): b"{}"}
    _run(course, "collect", str(write_zip(tmp_path / "a.zip", files)))
    page = tmp_path / "my_links.html"
    page.write_text("<p>a page</p>")
    target = course.root / "tiny-feedback-canvas.zip"
    zip_feedback(course, "tiny", "canvas", {"ada": [page]}, target)
    assert whom_canvas_finds("lovelaceada_1815_77_my_links.html") is None
    assert [*map(whom_canvas_finds, _zip(course, "canvas"))] == [("1815", "77")]


def test_equal_pages_make_an_equal_zip_and_another_platform_knows_nobody(
    course: Course, tmp_path: Path
) -> None:
    files = {canvas_name("Lovelace, Ada", 1815, 77, "tiny.ipynb"): b"{}"}
    _run(course, "collect", str(write_zip(tmp_path / "a.zip", files)))
    path = course.root / "tiny-feedback-canvas.zip"
    _zip_of(course, "canvas", "ada")
    before = path.read_bytes()
    _zip_of(course, "canvas", "ada")
    assert path.read_bytes() == before
    with pytest.raises(FairmarkError, match="no zip of Moodle brought"):
        _zip_of(course, "moodle", "ada")
    assert not (course.root / "tiny-feedback-moodle.zip").exists()
