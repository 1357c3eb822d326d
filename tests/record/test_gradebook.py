"""The gradebook: the same rows as nbgrader's own way, whole or not at all, with clear refusals."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from nbgrader.preprocessors import SaveAutoGrades

from fairmark.course.course import Assignment, Course
from fairmark.errors import FairmarkError
from fairmark.harness.report import QuestionResult, Report
from fairmark.nbgrader.generate import generate_release
from fairmark.record.database import open_gradebook
from fairmark.record.gradebook import Recorder, auto_score
from tests.nbgrader.classroom import (
    execute,
    nbgrader,
    new_course,
    record,
    rows,
    submit,
)
from tests.tiny import RIGHT, answer

PENALTY = "c.LateSubmissionPlugin.penalty_method = 'zero'"
REPORT = Report(
    "tiny.ipynb",
    "tiny",
    (
        QuestionResult("double", 1.5, 2.0, "graded"),
        QuestionResult("mean", 3.0, 3.0, "graded"),
        QuestionResult("essay", None, 4.0, "manual"),
    ),
)


class StockSave(SaveAutoGrades):  # type: ignore[misc]
    """nbgrader's own preprocessor with the score replaced, and nothing else."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        self.scores = {q.id: q.score for q in resources.pop("fairmark_report").questions}
        return super().preprocess(nb, resources)

    def _add_score(self, cell: Any, resources: Any) -> None:
        if cell.metadata.nbgrader.solution:
            super()._add_score(cell, resources)
            return
        name = cell.metadata.nbgrader.grade_id
        grade = self.gradebook.find_grade(
            name, self.notebook_id, self.assignment_id, self.student_id
        )
        grade.auto_score = self.scores[name.removeprefix("check_")]
        grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
        self.gradebook.db.commit()


def hand_in_all(assignment: Assignment) -> None:
    course = assignment.course
    submit(course, "right", answer(assignment, RIGHT))
    submit(course, "empty", answer(assignment, {}))
    wrong = answer(assignment, {**RIGHT, "mean": "def mean(x):\n    return 3.0"})
    submit(course, "wrong", wrong, timestamp="2026-02-03 12:00:00 CET")
    submit(course, "late", answer(assignment, RIGHT), timestamp="2026-03-01 00:00:00 UTC")


def test_same_rows_as_nbgrader(tmp_path: Path) -> None:
    stock = (
        "c.Autograde.autograde_preprocessors = ['fairmark.nbgrader.preprocessors.Grade', "
        "'tests.record.test_gradebook.StockSave', 'nbgrader.preprocessors.AssignLatePenalties', "
        "'nbgrader.preprocessors.CheckCellMetadata']"
    )
    found = {}
    for name, extra in (("stock", stock), ("nbgrader", ""), ("fairmark", "")):
        course = new_course(tmp_path / name, f"{PENALTY}\n{extra}")
        assignment = course.assignment("tiny")
        hand_in_all(assignment)
        open_gradebook(course).close()
        api = nbgrader(course)
        assert api.generate_assignment("tiny")["success"]
        execute(course, "UPDATE assignment SET duedate = '2026-02-04 00:00:00.000000'")
        for regraded in (False, True):
            if regraded:
                _mark_by_hand(course)
            if name == "fairmark":
                record(assignment, "right", "empty", "wrong", "late")
            else:
                result = api.autograde("tiny", "*", force=True)
                assert result["success"], result
        found[name] = rows(course)
    assert found["nbgrader"] == found["stock"]
    assert found["fairmark"] == found["stock"]
    assert len(found["stock"]["grade"]) == 12
    assert ("late", 0, 5.0) in found["stock"]["submitted_notebook"]


def _mark_by_hand(course: Course) -> None:
    execute(
        course,
        "UPDATE grade SET manual_score = 2.5, needs_manual_grade = 0 WHERE notebook_id IN "
        "(SELECT sn.id FROM submitted_notebook sn JOIN submitted_assignment sa ON "
        "sa.id = sn.assignment_id WHERE sa.student_id = 'right') AND cell_id IN "
        "(SELECT id FROM base_cell WHERE name = 'essay')",
    )


def test_what_a_person_marks(tiny: Assignment) -> None:
    course = tiny.course
    submit(course, "right", answer(tiny, RIGHT))
    submit(course, "empty", answer(tiny, {}))
    record(tiny, "right", "empty")
    grades = {row[:2]: row[2:] for row in rows(course)["grade"]}
    assert grades["right", "essay"] == (None, None, None, 1)
    assert grades["empty", "essay"] == (0.0, None, None, 0)
    assert grades["right", "check_double"] == (2.0, None, None, 0)
    assert ("empty", "essay", "No response.", None) in rows(course)["comment"]
    assert ("right", "essay", None, None) in rows(course)["comment"]
    _mark_by_hand(course)
    record(tiny, "right")
    grades = {row[:2]: row[2:] for row in rows(course)["grade"]}
    assert grades["right", "essay"] == (None, 2.5, None, 1)


def test_an_unreadable_notebook_gets_no_points(tiny: Assignment) -> None:
    submit(tiny.course, "broken", "{")
    record(tiny, "broken")
    assert {row[2:] for row in rows(tiny.course)["grade"]} == {(0.0, None, None, 0)}


def test_no_gradebook_is_needed_before(tiny: Assignment) -> None:
    with Recorder(tiny.course) as recorder:
        recorder.record(REPORT, tiny, "ada")
    found = rows(tiny.course)
    assert ("ada", None, None) in found["submission"]
    assert ("check_double", "GradeCell", 2.0, "code") in found["cell"]
    generate_release(tiny)
    assert rows(tiny.course) == found


def test_without_a_timestamp_the_known_one_stays(tiny: Assignment) -> None:
    with Recorder(tiny.course) as recorder:
        recorder.record(REPORT, tiny, "ada", "2026-02-03 12:00:00 CET")
        recorder.record(REPORT, tiny, "ada")
    assert rows(tiny.course)["submission"] == [("ada", "2026-02-03 11:00:00.000000", None)]


def test_changed_points_reach_the_gradebook(tiny: Assignment) -> None:
    with Recorder(tiny.course) as recorder:
        recorder.record(REPORT, tiny, "ada")
    tiny.source.write_text(tiny.source.read_text().replace('"points": 2', '"points": 7'))
    with Recorder(tiny.course) as recorder:
        recorder.record(REPORT, tiny, "ada")
    assert ("check_double", "GradeCell", 7.0, "code") in rows(tiny.course)["cell"]


def test_a_renamed_cell_is_refused_once_there_are_marks(tiny: Assignment) -> None:
    with Recorder(tiny.course) as recorder:
        recorder.record(REPORT, tiny, "ada")
    tiny.source.write_text(tiny.source.read_text().replace('"grade_id": "mean"', '"grade_id": "m"'))
    with (
        Recorder(tiny.course) as recorder,
        pytest.raises(FairmarkError, match=r"renamed since.*nbgrader db assignment remove tiny"),
    ):
        recorder.record(REPORT, tiny, "ada")


@pytest.mark.parametrize(
    ("result", "untouched", "expected"),
    [
        (1.5, False, 1.5),
        (-1.0, False, 0.0),
        (5.0, False, 2.0),
        (float("nan"), False, 0.0),
        (float("inf"), False, 0.0),
        (None, False, None),
        (None, True, 0.0),
    ],
)
def test_scores_stay_within_their_bounds(
    result: float | None, untouched: bool, expected: float | None
) -> None:
    assert auto_score(QuestionResult("q", result, 2.0, "graded"), 2.0, untouched) == expected


def test_a_question_without_result_is_for_a_person() -> None:
    assert auto_score(None, 2.0, False) is None


def test_a_submission_is_recorded_whole_or_not(
    tiny: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Recorder(tiny.course) as recorder:
        recorder.synchronise(tiny)
        monkeypatch.setattr(Recorder, "_penalty", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            recorder.record(REPORT, tiny, "ada")
        assert rows(tiny.course)["grade"] == rows(tiny.course)["student"] == []
        monkeypatch.undo()
        recorder.record(REPORT, tiny, "ada")
    assert len(rows(tiny.course)["grade"]) == 3


def test_a_locked_gradebook(tiny: Assignment) -> None:
    with Recorder(tiny.course) as recorder:
        recorder.record(REPORT, tiny, "ada")
        other = sqlite3.connect(tiny.course.root / "gradebook.db")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(FairmarkError, match=r"gradebook\.db is locked: end the program"):
            recorder.record(REPORT, tiny, "bob")
        other.rollback()
        other.close()
        recorder.record(REPORT, tiny, "bob")
    assert len(rows(tiny.course)["student"]) == 2


def test_a_gradebook_that_cannot_be_written(tmp_path: Path) -> None:
    tiny = new_course(tmp_path / "c").assignment("tiny")
    with Recorder(tiny.course) as recorder:
        recorder.record(REPORT, tiny, "ada")
    url = f"sqlite:///file:{tmp_path}/c/gradebook.db?mode=ro&uri=true&timeout=0.2"
    config = tmp_path / "c/nbgrader_config.py"
    config.write_text(f"{config.read_text()}\nc.CourseDirectory.db_url = {url!r}")
    tiny = Course.load(tmp_path / "c").assignment("tiny")
    with (
        Recorder(tiny.course) as recorder,
        pytest.raises(FairmarkError, match="make it and its folder writable"),
    ):
        recorder.record(REPORT, tiny, "bob")


def test_what_nbgrader_raises_is_not_logged_too(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Recorder(new_course(tmp_path / "c")):
        pass
    url = f"sqlite:///file:{tmp_path}/c/gradebook.db?mode=ro&uri=true"
    config = tmp_path / "c/nbgrader_config.py"
    lines = f"c.CourseDirectory.db_url = {url!r}\nc.CourseDirectory.course_id = 'another'"
    config.write_text(f"{config.read_text()}\n{lines}")
    with (
        pytest.raises(FairmarkError, match="cannot be written"),
        Recorder(Course.load(tmp_path / "c")),
    ):
        pass
    assert caplog.text == ""


def test_a_gradebook_that_is_moved_away(tmp_path: Path) -> None:
    tiny = new_course(tmp_path / "c").assignment("tiny")
    with Recorder(tiny.course) as recorder:
        recorder.record(REPORT, tiny, "ada")
        (tmp_path / "c").rename(tmp_path / "elsewhere")
        with pytest.raises(FairmarkError, match="was moved or deleted: put it back"):
            recorder.record(REPORT, tiny, "bob")
        (tmp_path / "elsewhere").rename(tmp_path / "c")
    with Recorder(tiny.course) as recorder:
        recorder.record(REPORT, tiny, "bob")
    assert len(rows(tiny.course)["student"]) == 2


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("724cde206c17", "older nbgrader: back it up, then run `nbgrader db upgrade`"),
        (None, "older nbgrader: back it up, then run `nbgrader db upgrade`"),
        ("feedfeedfeed", "newer nbgrader .schema feedfeedfeed.: update nbgrader"),
    ],
)
def test_a_gradebook_of_another_schema(tiny: Assignment, version: str | None, message: str) -> None:
    with Recorder(tiny.course) as recorder:
        recorder.synchronise(tiny)
    if version is None:
        execute(tiny.course, "DROP TABLE alembic_version")
    else:
        execute(tiny.course, f"UPDATE alembic_version SET version_num = '{version}'")
    with pytest.raises(FairmarkError, match=message), Recorder(tiny.course):
        pass


def test_a_gradebook_that_is_none(tiny: Assignment) -> None:
    (tiny.course.root / "gradebook.db").write_bytes(b"no database at all " * 99)
    with pytest.raises(FairmarkError, match="damaged, or no gradebook"), Recorder(tiny.course):
        pass


def test_a_gradebook_in_a_missing_folder(tmp_path: Path) -> None:
    course = new_course(tmp_path / "c", "c.CourseDirectory.db_url = 'sqlite:////nowhere/g.db'")
    with pytest.raises(FairmarkError, match="does its folder exist"), Recorder(course):
        pass
