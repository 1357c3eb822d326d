"""Feedback pages are made again where something changed, and only there."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.grading.grade import unreadable
from fairmark.record.autograded import write_autograded
from fairmark.record.gradebook import Recorder
from fairmark.reporting.pages import FeedbackPages
from tests.tiny import make_course

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = make_course(tmp_path)
    tiny = course.assignment("tiny")
    report = unreadable("tiny.ipynb is damaged", tiny, "tiny.ipynb")
    with Recorder(course) as recorder:
        for student in ("ada", "bob", "eve"):
            recorder.record(report, tiny, student)
            write_autograded(tiny, report, student)
    return course


def test_only_what_changed(course: Course) -> None:
    def changed() -> list[str]:
        pages = FeedbackPages(course.assignment("tiny"))
        students = pages.changed(pages.graded())
        made = dict(pages.make(students))
        assert made == {student: pages.page(student) for student in students}
        return students

    assert changed() == ["ada", "bob", "eve"]
    assert changed() == []
    with Gradebook(course.directory.db_url) as gradebook:
        gradebook.find_comment("essay", "tiny", "tiny", "ada").manual_comment = "Well thought."
        gradebook.find_grade("essay", "tiny", "tiny", "bob").manual_score = 1.0
        gradebook.db.commit()
    FeedbackPages(course.assignment("tiny")).page("eve").unlink()
    assert changed() == ["ada", "bob", "eve"]
    assert changed() == []
    tiny = course.assignment("tiny")
    write_autograded(tiny, unreadable("another reason", tiny, "tiny.ipynb"), "bob")
    assert changed() == ["bob"]
    (course.root / ".fairmark/feedback/tiny.json").write_text("damaged")
    assert changed() == ["ada", "bob", "eve"]


def test_page_that_cannot_be_made_is_tried_again(course: Course) -> None:
    pages = FeedbackPages(course.assignment("tiny"))
    (course.root / "feedback").mkdir()
    (course.root / "feedback" / "bob").write_text("a file in the way")
    made = dict(pages.make(pages.changed(pages.graded())))
    assert isinstance(made["bob"], FairmarkError)
    again = FeedbackPages(course.assignment("tiny"))
    assert again.changed(again.graded()) == ["bob"]


@pytest.mark.parametrize("place", ["feedback", ".fairmark/feedback"])
def test_no_place_for_any_page_is_said_once(course: Course, place: str) -> None:
    (course.root / place).parent.mkdir(exist_ok=True)
    (course.root / place).write_text("a file in the way")
    pages = FeedbackPages(course.assignment("tiny"))
    with pytest.raises(FairmarkError, match=f"{place} cannot be written: File exists"):
        list(pages.make(pages.graded()))
