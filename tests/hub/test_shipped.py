"""A repaired grader in a new image reaches the course; what the instructor changed stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairmark.hub.shipped import RECORD, bring_image, main


@pytest.fixture
def image(tmp_path: Path) -> Path:
    folder = tmp_path / "image"
    put(folder, "graders/one/test_one.py", "first")
    put(folder, "source/one/one.ipynb", "{}")
    put(folder, "graders/one/__pycache__/old.pyc", "bytes")
    return folder


@pytest.fixture
def course(image: Path, tmp_path: Path) -> Path:
    """The course after the first start."""
    folder = tmp_path / "course"
    assert bring_image(image, folder) == []
    return folder


def put(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def names(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_first_start_copies_all(course: Path) -> None:
    assert names(course) == [str(RECORD), "graders/one/test_one.py", "source/one/one.ipynb"]


def test_same_image_again_changes_nothing(image: Path, course: Path) -> None:
    assert bring_image(image, course) == []


def test_repaired_grader_arrives(image: Path, course: Path) -> None:
    put(image, "graders/one/test_one.py", "repaired")
    assert bring_image(image, course) == ["graders/one/test_one.py: taken from the new image"]
    assert (course / "graders/one/test_one.py").read_text() == "repaired"
    put(image, "graders/one/test_one.py", "repaired again")
    assert bring_image(image, course)
    assert (course / "graders/one/test_one.py").read_text() == "repaired again"


def test_instructors_change_stays_and_is_named(image: Path, course: Path) -> None:
    put(course, "graders/one/test_one.py", "mine")
    put(image, "graders/one/test_one.py", "repaired")
    place = image / "graders/one/test_one.py"
    expected = [f"graders/one/test_one.py: kept as it was changed here; {place} is new"]
    assert bring_image(image, course) == expected
    assert bring_image(image, course) == []  # once for each new image
    assert (course / "graders/one/test_one.py").read_text() == "mine"
    put(course, "graders/one/test_one.py", "repaired")
    assert bring_image(image, course) == []
    put(image, "graders/one/test_one.py", "and again")
    assert bring_image(image, course) == ["graders/one/test_one.py: taken from the new image"]


def test_what_the_instructor_deleted_stays_away(image: Path, course: Path) -> None:
    (course / "graders/one/test_one.py").unlink()
    assert bring_image(image, course) == []
    put(image, "graders/one/test_one.py", "repaired")
    (line,) = bring_image(image, course)
    assert line.startswith("graders/one/test_one.py: kept")
    assert not (course / "graders/one/test_one.py").exists()


def test_file_that_the_instructor_made_stays_when_the_image_gets_one(
    image: Path, course: Path
) -> None:
    put(course, "graders/one/test_two.py", "mine")
    put(image, "graders/one/test_two.py", "theirs")
    (line,) = bring_image(image, course)
    assert line.startswith("graders/one/test_two.py: kept")
    assert (course / "graders/one/test_two.py").read_text() == "mine"


def test_course_from_before_the_record(image: Path, course: Path) -> None:
    """Nobody knows who changed what: what differs is kept, and named."""
    (course / RECORD).unlink()
    put(image, "graders/one/test_one.py", "repaired")
    (line,) = bring_image(image, course)
    assert line.startswith("graders/one/test_one.py: kept")
    put(image, "source/one/one.ipynb", "[]")  # the same until now, so it is the image's
    assert "source/one/one.ipynb: taken from the new image" in bring_image(image, course)


def test_file_that_the_image_has_no_more(image: Path, course: Path) -> None:
    put(course, "graders/one/test_mine.py", "mine")
    put(image, "graders/one/test_two.py", "second")
    assert bring_image(image, course) == []
    (image / "graders/one/test_two.py").unlink()
    assert bring_image(image, course) == [
        "graders/one/test_two.py: removed, as the new image has it no more"
    ]
    assert (course / "graders/one/test_mine.py").read_text() == "mine"


def test_changed_file_that_the_image_has_no_more_stays(image: Path, course: Path) -> None:
    put(course, "graders/one/test_one.py", "mine")
    (image / "graders/one/test_one.py").unlink()
    assert bring_image(image, course) == []
    assert (course / "graders/one/test_one.py").read_text() == "mine"


def test_command_names_some(image: Path, course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(30):
        put(image, f"graders/one/{number}.py", "a")
        put(course, f"graders/one/{number}.py", "b")
    assert main([str(image), str(course)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 21
    assert printed[-1] == "… and 10 more files"
