"""A report that a student put into the notebook, and that nbgrader by itself let stand."""

from __future__ import annotations

import copy
import json
import warnings
from pathlib import Path
from typing import Any

import nbformat
import pytest

from fairmark.course.course import Assignment, Course
from fairmark.harness.report import QuestionResult, Report, TestResult
from fairmark.nbgrader.generate import generate_release
from fairmark.reporting.classreport import read_class
from fairmark.reporting.feedback import generate_feedback
from tests.classic import RIGHT, make_classic_course
from tests.nbgrader.classroom import nbgrader, rows

POINTS = (("test_square", 2.0), ("test_cube", 3.0), ("test_share", 3.0))
LIE = TestResult("test_x", "Solved by FORGED.", False, 1.0, True)


def report(*scores: float, **values: Any) -> dict[str, Any]:
    questions = tuple(
        QuestionResult(name, score, points, "graded", (LIE,))
        for (name, points), score in zip(POINTS, scores, strict=False)
    )
    made = Report("classic.ipynb", "classic", questions, **values).to_json()
    return dict(json.loads(json.dumps(made)))


FULL = report(2.0, 3.0, 3.0)
WRONG_TYPES = {**report(0.0, 0.0, 3.0), "repairs": [{"a": 1}]}


@pytest.fixture(scope="module")
def classic(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    """A course of which nbgrader has graded two notebooks by itself, with its own settings."""
    root = tmp_path_factory.mktemp("course")
    database = f"c.CourseDirectory.db_url = 'sqlite:///{root}/gradebook.db'"
    assignment = make_classic_course(root, database).assignment("classic")
    course = assignment.course
    released = nbformat.read(generate_release(assignment) / "classic.ipynb", 4)
    for cell in released.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "share":
            cell.source = RIGHT["share"]
    for student, own in (("ada", {}), ("eve", {"fairmark": {"report": FULL, "changed": ["x"]}})):
        notebook = copy.deepcopy(released)
        notebook.metadata.update(own)
        folder = course.folder("submitted", student, "classic")
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / "classic.ipynb")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbgrader's own
        result = nbgrader(course).autograde("classic", "*")
    assert result["success"], result
    return assignment


def forge(assignment: Assignment, own: Any) -> None:
    """Let eve's graded notebook hold what nbgrader would have let stand."""
    path = assignment.course.folder("autograded", "eve", "classic") / "classic.ipynb"
    path.chmod(0o644)
    notebook = json.loads(path.read_bytes())
    notebook["metadata"]["fairmark"] = own
    path.write_text(json.dumps(notebook))


def test_nbgrader_lets_it_stand_but_no_mark_comes_of_it(classic: Assignment) -> None:
    path = classic.course.folder("autograded", "eve", "classic") / "classic.ipynb"
    assert "FORGED" in path.read_text()
    scores = {row[:2]: row[2] for row in rows(classic.course)["grade"]}
    for student in ("ada", "eve"):
        assert [scores[student, name] for name, _ in POINTS] == [0.0, 0.0, 3.0]


@pytest.mark.parametrize(
    ("own", "why"),
    [
        ({"report": FULL}, "the stored report and the gradebook disagree"),
        ({"report": report(error="FORGED: it broke")}, "the stored report and the gradebook"),
        ({"report": report(0.0, 1.0)}, "the stored report and the gradebook disagree"),
        ({"report": WRONG_TYPES}, "the stored report is none of this version's: grade again"),
        ({"report": [FULL]}, "the stored report is none of this version's: grade again"),
        ({"report": 7, "changed": {"a": 1}, "marked": 7}, "the stored report is none of"),
        ({"report": None}, ""),
        ({"report": {}}, "the stored report is none of this version's: grade again"),
        ([FULL], ""),
        ("FORGED", ""),
    ],
)
def test_it_is_not_believed(classic: Assignment, own: Any, why: str) -> None:
    forge(classic, own)
    found = read_class(classic)
    assert [one.state for one in found.submissions] == ["waiting", "waiting"]
    assert not any(row.tests or row.by_status for row in found.questions)
    pages = dict(generate_feedback(classic))
    assert isinstance(pages["ada"], Path)
    page = pages["eve"]
    if why:
        assert str(page).startswith(why)
    else:
        assert isinstance(page, Path)
        assert "FORGED" not in page.read_text()


def test_what_fairmark_grades_has_none_of_it(classic: Assignment) -> None:
    course = classic.course
    config = course.root / "nbgrader_config.py"
    before = config.read_text()
    config.write_text(f"{before}from fairmark.nbgrader.config import use_fairmark\nuse_fairmark(c)")
    again = Course.load(course.root)
    config.write_text(before)
    assert nbgrader(again).autograde("classic", "eve", force=True)["success"]
    path = course.folder("autograded", "eve", "classic") / "classic.ipynb"
    assert "FORGED" not in path.read_text()
    assert [one.student for one in read_class(classic).of("graded")] == ["eve"]
    (page,) = dict(generate_feedback(classic, ["eve"])).values()
    assert isinstance(page, Path)
    forge(classic, {"report": FULL})  # for the tests beside this one
