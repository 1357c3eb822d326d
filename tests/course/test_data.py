"""Folders of data that a course names for its notebooks to read."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairmark.course.beside import fingerprint
from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from tests.classic import make_classic_course


def _course(tmp_path: Path, *folders: object) -> Course:
    return make_classic_course(tmp_path, f"c.Fairmark.data = {list(map(str, folders))!r}")


def test_folders_outside_of_the_course_and_beside_its_own(tmp_path: Path) -> None:
    outside, inside = tmp_path / "data", tmp_path / "course/data"
    course = _course(tmp_path / "course", outside, "data", f"{outside}/")
    for folder in (outside, inside):
        folder.mkdir()
    assert course.data == (inside, outside)
    one = make_classic_course(tmp_path / "other", f"c.Fairmark.data = {str(outside)!r}")
    assert one.data == (outside,)
    assert make_classic_course(tmp_path / "none").data == ()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nowhere", "is no folder"),
        ("nbgrader_config.py", "is no folder"),
        (".", "would show the instructor's notebooks"),
        ("..", "would show the instructor's notebooks"),
        ("source/classic", "would show the instructor's notebooks"),
        ("graders/classic", "would show the course"),
        ("submitted", "would show students' work"),
        ("autograded/ada", "would show students' work"),
        ("link", "would show students' work"),
        ("marks", "would show the gradebook"),
        ("keys", "would show what looks like somebody's keys"),
        (".ssh/data", "would show what looks like somebody's keys"),
        ("/", "would show"),
        ("/etc", "the system's own"),
        ("/proc/self", "the system's own"),
        ("/tmp", "would show"),
        ("~", "would show the home"),
    ],
)
def test_what_students_must_not_see(name: str, reason: str, tmp_path: Path) -> None:
    course = make_classic_course(
        tmp_path / "course",
        f"c.Fairmark.data = [{name!r}]\nc.CourseDirectory.db_url = 'sqlite:///marks/book.db'",
    )
    for folder in ("graders/classic", "submitted", "autograded/ada", "marks", "keys/.ssh"):
        (course.root / folder).mkdir(parents=True)
    (course.root / ".ssh/data").mkdir(parents=True)
    (course.root / "link").symlink_to(course.root / "submitted")
    with pytest.raises(FairmarkError, match=reason) as caught:
        _ = course.data
    assert str(caught.value).startswith("nbgrader_config.py: c.Fairmark.data: /")
    assert "\n" not in str(caught.value)


def test_an_exchange_is_not_shown(tmp_path: Path) -> None:
    config = f"c.Exchange.root = '{tmp_path}/exchange'\nc.Fairmark.data = ['{tmp_path}/exchange/x']"
    course = make_classic_course(tmp_path / "course", config)
    (tmp_path / "exchange/x").mkdir(parents=True)
    with pytest.raises(FairmarkError, match="nbgrader's exchange"):
        _ = course.data


def test_what_changes_in_them_can_change_a_mark(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    prints = set()
    for content in ("a", "bc"):
        (folder / "labels.txt").write_text(content)
        course = _course(tmp_path / content, folder)
        prints |= {fingerprint(course.assignment("classic")) for _ in range(2)}
    without = make_classic_course(tmp_path / "without")
    assert len(prints | {fingerprint(without.assignment("classic"))}) == 3
