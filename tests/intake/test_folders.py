"""Folders whose names are not quite the assignment's."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest

from fairmark.course.course import Course
from fairmark.intake.folders import folder_of
from fairmark.intake.handins import find_handins, strangers
from tests.tiny import RIGHT, answer, make_course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return make_course(tmp_path)


def _hand_in(course: Course, folder: str, answers: dict[str, str] = RIGHT) -> Path:
    place = course.root / "submitted" / folder
    place.mkdir(parents=True, exist_ok=True)
    nbformat.write(answer(course.assignment("tiny"), answers), place / "tiny.ipynb")
    return place


@pytest.mark.parametrize(
    "name",
    ["Tiny", "TINY", " tiny", "tiny ", "ti-ny", "tiny (1)", "tiny-1", "tiny - Copy", "tiny_2"],
)
def test_other_spellings(name: str, course: Course) -> None:
    place = _hand_in(course, f"ada/{name}")
    (handin,) = find_handins(course, course.assignments())
    assert handin.folder == place
    assert [repair.text for repair in handin.repairs] == [
        f"The folder was called {name}; tiny was expected."
    ]
    assert strangers(course) == []


def test_answers_decide_between_two_folders(course: Course) -> None:
    tiny = course.assignment("tiny")
    own = _hand_in(course, "ada/tiny", {})
    other = _hand_in(course, "ada/TINY")
    assert folder_of("ada", tiny) == other
    assert strangers(course) == ["not looked at, for its name is no assignment's: tiny of ada"] or (
        strangers(course) == []
    )
    _hand_in(course, "ada/tiny")
    assert folder_of("ada", tiny) == own
    assert strangers(course) == ["not looked at, for its name is no assignment's: TINY of ada"]
    shutil.rmtree(own)
    _hand_in(course, "ada/Tiny")
    assert folder_of("ada", tiny) == own  # nobody knows which is meant
    assert len(strangers(course)) == 2


def test_another_assignments_folder_is_no_spelling(course: Course) -> None:
    shutil.copytree(course.source / "tiny", course.source / "tiny2")
    _hand_in(course, "ada/tiny2")
    assert not folder_of("ada", course.assignment("tiny")).exists()
    _hand_in(course, "ada/Tiny 2")
    shutil.rmtree(course.root / "submitted/ada/tiny2")
    assert not folder_of("ada", course.assignment("tiny")).exists()


def test_what_belongs_to_nothing_is_named(course: Course) -> None:
    for student in ("ada", "bob", "cy", "dan", "eve", "flo"):
        (course.root / "submitted" / student / "homework").mkdir(parents=True)
    (course.root / "submitted/ada/tiny.ipynb").write_text("{}")
    (course.root / "submitted/bob/TINY").mkdir()
    assert strangers(course) == [
        "not looked at, for its name is no assignment's: TINY of bob",
        "not looked at, for its name is no assignment's: homework of ada, bob, cy, dan, eve and 1 "
        "more",
        "not looked at, for its name is no assignment's: tiny.ipynb of ada",
    ]
    assert len(strangers(course, ["cy"])) == 1


def test_a_linked_folder_is_not_taken(course: Course, tmp_path: Path) -> None:
    (tmp_path / "submitted/eve").mkdir(parents=True)
    (tmp_path / "submitted/eve/TINY").symlink_to(tmp_path / "source/tiny")
    assert find_handins(course, course.assignments()) == []
