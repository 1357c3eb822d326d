"""Marks question by question and test by test."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from fairmark.course.course import Assignment
from fairmark.grading.grade import unreadable
from fairmark.record.itemmarks import by_question, by_test
from fairmark.record.marks import read_marks
from fairmark.reporting.export import FORMATS, text_by_test, unknown_tests
from tests.marked import hand_in, question, record, report
from tests.tiny import make_course

TESTS = (
    "tiny: double: test_three",
    "tiny: double: test_secret_array",
    "tiny: mean: test_example",
    "tiny: mean: test_secret_long",
)


@pytest.fixture
def tiny(tmp_path: Path) -> Assignment:
    return make_course(tmp_path).assignment("tiny")


@pytest.fixture
def marked(tiny: Assignment) -> Assignment:
    """A class: one late with an essay marked by hand, and others of all kinds."""
    missing = question("double", (False, False), "missing")
    record(
        tiny,
        {
            "ada": report(question("mean", (True, False))),
            "bob": report(missing),
            "eve": unreadable("it is no notebook", tiny, "tiny.ipynb"),
        },
    )
    hand_in(tiny, "fay")
    with Gradebook(tiny.course.directory.db_url) as gradebook:
        for student in ("fay", "gil"):
            gradebook.add_student(student)
        grade = gradebook.find_grade("essay", "tiny", "tiny", "ada")
        grade.manual_score, grade.needs_manual_grade, grade.extra_credit = 3.0, False, 0.5
        gradebook.find_submission_notebook("tiny", "tiny", "ada").late_submission_penalty = 2.0
        gradebook.db.commit()
    return tiny


def table(text: str) -> dict[str, dict[str, str]]:
    rows = list(csv.DictReader(io.StringIO(text)))
    return {row.get("student") or row.get("Username") or row["SIS Login ID"]: row for row in rows}


def test_questions(marked: Assignment) -> None:
    course = marked.course
    whole = read_marks(course)
    marks = by_question(course, whole)
    assert dict(marks.max_scores) == {
        "tiny: double": 2,
        "tiny: mean": 3,
        "tiny: essay": 4,
        "tiny: penalty for being late": 0,
    }
    rows = table(FORMATS["csv"].text(marks))
    columns = list(marks.max_scores)
    assert {student: [row[name] for name in columns] for student, row in rows.items()} == {
        "ada": ["2", "1.5", "3.5", "-2"],
        "bob": ["0", "3", "", ""],  # the essay waits
        "eve": ["0", "0", "0", ""],
        "fay": ["", "", "", ""],  # not graded
        "gil": ["", "", "", ""],  # handed in nothing
    }
    assert rows["bob"]["tiny: essay to mark by hand"] == "essay"
    # The sums are those of the table by assignment.
    before = table(FORMATS["csv"].text(whole))
    assert {s: (row["total"], row["total max"]) for s, row in rows.items()} == {
        s: (row["total"], row["total max"]) for s, row in before.items()
    }
    assert rows["ada"]["total"] == "5"
    for name in ("canvas", "moodle"):
        assert table(FORMATS[name].text(marks))["ada"]["tiny: mean"] == "1.5"


def test_tests(marked: Assignment) -> None:
    found = by_test(marked.course, read_marks(marked.course))
    assert found.tests == TESTS
    rows = table(text_by_test(found))
    assert {student: [row[name] for name in TESTS] for student, row in rows.items()} == {
        "ada": ["1", "1", "1", "0"],
        "bob": ["0", "0", "1", "1"],  # no answer passes no test
        "eve": ["0", "0", "0", "0"],
        "fay": ["", "", "", ""],
        "gil": ["", "", "", ""],
    }
    assert unknown_tests(found) == []


def test_what_only_nbgrader_graded_has_no_tests(marked: Assignment) -> None:
    place = marked.course.folder("autograded", "bob", "tiny") / "tiny.ipynb"
    notebook = json.loads(place.read_text())
    del notebook["metadata"]["fairmark"]
    place.write_text(json.dumps(notebook))
    found = by_test(marked.course, read_marks(marked.course))
    assert {table(text_by_test(found))["bob"][name] for name in TESTS} == {""}
    assert unknown_tests(found) == [
        "tiny: graded by nbgrader alone, so that no test is known, and blank: bob"
    ]


def test_no_name_is_a_formula(tiny: Assignment) -> None:
    record(tiny, {"=1+1": report()})
    marks = read_marks(tiny.course)
    text = text_by_test(by_test(tiny.course, marks))
    assert "\n'=1+1," in text
    assert "\n'=1+1," in FORMATS["csv"].text(by_question(tiny.course, marks))


def test_what_is_no_notebook_here_stays_whole(marked: Assignment) -> None:
    with Gradebook(marked.course.directory.db_url) as gradebook:
        gradebook.add_assignment("in-r")
        gradebook.add_submission("in-r", "ada")
    marks = by_question(marked.course, read_marks(marked.course))
    assert marks.max_scores["in-r"] == 0
    assert marks.students[0].marks["in-r"].score == 0
