"""Marks as tables."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.files import write_file
from fairmark.harness.report import QuestionResult, Report
from fairmark.record.gradebook import Recorder
from fairmark.record.marks import ClassMarks, Mark, StudentMarks, UnknownAssignment, read_marks
from fairmark.reporting.export import FORMATS, remarks
from tests.tiny import make_course

CLASS = ClassMarks(
    {"tiny": 9.0, "big, bad": 30.0},
    (
        StudentMarks("ada", "Ada", "Lovelace", "ada@example.org", {"tiny": Mark(8.5)}),
        StudentMarks("=2+3", marks={"tiny": Mark(1 / 3, ("essay", "proof")), "big, bad": Mark(0)}),
    ),
)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return make_course(tmp_path)


def _rows(kind: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(FORMATS[kind].text(CLASS))))


def test_csv() -> None:
    header, ada, other = _rows("csv")
    assert header == [
        *("student", "last_name", "first_name", "email"),
        *("tiny", "tiny max", "tiny to mark by hand"),
        *("big, bad", "big, bad max", "big, bad to mark by hand"),
        *("total", "total max"),
    ]
    assert ada == [
        *("ada", "Lovelace", "Ada", "ada@example.org"),
        *("8.5", "9", "", "", "30", "", "8.5", "39"),
    ]
    assert other[0] == "'=2+3"
    assert other[4:] == ["", "9", "essay proof", "0", "30", "", "", "39"]


def test_canvas() -> None:
    header, possible, ada, other = _rows("canvas")
    assert header[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert possible == ["    Points Possible", "", "", "", "", "9", "30"]
    assert ada == ["Lovelace, Ada", "", "", "ada", "", "8.5", ""]
    assert other[0] == "'=2+3"
    assert other[5:] == ["", "0"]


def test_moodle() -> None:
    header, ada, other = _rows("moodle")
    assert other[4:] == ["", "0"]
    assert header == ["Username", "Last name", "First name", "Email address", "tiny", "big, bad"]
    assert ada == ["ada", "Lovelace", "Ada", "ada@example.org", "8.5", ""]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r="])
def test_no_formula(start: str) -> None:
    marks = ClassMarks({"a": 1}, (StudentMarks(f"{start}HYPERLINK('x')\nnew line"),))
    (row,) = list(csv.reader(io.StringIO(FORMATS["csv"].text(marks))))[1:]
    assert not row[0].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert "\n" not in row[0]


def test_marks_of_the_gradebook(course: Course) -> None:
    questions = (
        QuestionResult("double", 2.0, 2.0, "graded"),
        QuestionResult("mean", 1.5, 3.0, "graded"),
        QuestionResult("essay", None, 4.0, "manual"),
    )
    report = Report("tiny.ipynb", "tiny", questions)
    with Recorder(course) as recorder:
        for student in ("ada", "bob"):
            recorder.record(report, course.assignment("tiny"), student)
    with Gradebook(course.directory.db_url) as gradebook:
        gradebook.add_student("late", first_name="L", email="l@example.org")
        grade = gradebook.find_grade("essay", "tiny", "tiny", "bob")
        grade.manual_score, grade.needs_manual_grade = 4.0, False
        gradebook.find_submission_notebook("tiny", "tiny", "bob").late_submission_penalty = 0.5
        gradebook.db.commit()
    marks = read_marks(course)
    assert marks.max_scores == {"tiny": 9.0}
    assert remarks(marks) == ["tiny, essay: not marked by hand yet, and so blank: ada"]
    ada, bob, late = marks.students
    assert ada.marks == {"tiny": Mark(3.5, ("essay",))}
    assert bob.marks == {"tiny": Mark(7.0)}
    assert (late.id, late.first_name, late.email, late.marks) == ("late", "L", "l@example.org", {})
    assert read_marks(course, ["tiny"]) == marks
    assert (late.total, late.ungraded) == (0, ())
    folder = course.folder("submitted", "late", "tiny")
    folder.mkdir(parents=True)
    (folder / "tiny.ipynb").write_text("{}")
    marks = read_marks(course)
    assert (marks.students[2].total, marks.students[2].ungraded) == (None, ("tiny",))
    assert remarks(marks)[1:] == ["tiny: handed in and not graded yet, and so blank: late"]
    with pytest.raises(UnknownAssignment, match="no assignment 'huge'; it has: tiny"):
        read_marks(course, ["huge"])


def test_what_waits_for_a_mark_is_blank_and_named() -> None:
    student = StudentMarks("kim", marks={"tiny": Mark(3, ("essay",)), "other": Mark(2)})
    marks = ClassMarks({"tiny": 9.0, "other": 4.0}, (student,))
    for form in FORMATS.values():
        _, *rows = csv.reader(io.StringIO(form.text(marks)))
        (row,) = [row for row in rows if "kim" in row]
        assert "2" in row
        assert "3" not in row
        assert "5" not in row
    assert remarks(marks) == ["tiny, essay: not marked by hand yet, and so blank: kim"]


def test_drafts_are_left_out_and_named(course: Course, tmp_path: Path) -> None:
    report = Report("tiny.ipynb", "tiny", (QuestionResult("essay", None, 4.0, "manual"),))
    with Recorder(course) as recorder:
        recorder.record(report, course.assignment("tiny"), "ada")
    with Gradebook(course.directory.db_url) as gradebook:
        for name in ("draft", "released"):
            gradebook.add_assignment(name)
    course.config.Exchange.root = str(tmp_path / "exchange")
    (tmp_path / "exchange" / "tiny" / "outbound" / "released").mkdir(parents=True)
    marks = read_marks(course)
    assert list(marks.max_scores) == ["released", "tiny"]
    assert remarks(marks)[1:] == ["left out, as never released and handed in by nobody: draft"]
    assert list(read_marks(course, ["draft"]).max_scores) == ["draft"]  # who names it wants it


def test_canvas_finds_what_it_asks_for() -> None:
    """The rules of its importer: these titles first, a row of points, a login for each student."""
    header, possible, *students = _rows("canvas")
    assert header[:2] == ["Student", "ID"]
    assert {"SIS Login ID", "Section"} <= set(header[:5])
    assert "Points Possible" in possible[0]
    assert all(float(value) > 0 for value in possible[5:])
    assert all(len(row) == len(header) for row in (possible, *students))
    for row in students:
        assert row[0] and row[header.index("SIS Login ID")]
        assert all(re.fullmatch(r"\d+(\.\d{1,2})?|", value) for value in row[5:])


def test_moodle_finds_what_it_asks_for() -> None:
    """A title and an identifier in each row; a point in decimals, and nothing for no grade."""
    header, *students = _rows("moodle")
    assert len(set(header)) == len(header)
    assert {"Username", "Email address"} <= set(header)
    for row in students:
        assert row[0]
        assert len(row) == len(header)
        assert all(re.fullmatch(r"\d+(\.\d{1,2})?|", value) for value in row[4:])


@pytest.mark.parametrize("kind", list(FORMATS))
@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_no_cell_is_a_formula(kind: str, start: str) -> None:
    bad = f"{start}cmd|' /C calc'!A0"
    marks = ClassMarks({bad: 1}, (StudentMarks(bad, bad, bad, bad, {bad: Mark(0.5)}),))
    for row in csv.reader(io.StringIO(FORMATS[kind].text(marks))):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
        assert not any(cell.strip().startswith(start) for cell in row)


def test_letters_of_all_languages_are_utf_8() -> None:
    marks = ClassMarks({"a": 1}, (StudentMarks("u1", "Zoë", "Łukasiewicz", marks={"a": Mark(1)}),))
    for form in FORMATS.values():
        assert "Łukasiewicz" in form.text(marks).encode().decode("utf-8")


def test_no_gradebook(course: Course) -> None:
    with pytest.raises(FairmarkError, match="there are no marks yet"):
        read_marks(course)
    assert not (course.root / "gradebook.db").exists()


def test_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "grades.csv"
    write_file(path, "äöü\n")
    assert path.read_text(encoding="utf-8") == "äöü\n"
    assert [p.name for p in tmp_path.iterdir()] == ["grades.csv"]
    with pytest.raises(FairmarkError, match="cannot be written"):
        write_file(tmp_path / "missing" / "grades.csv", "")
