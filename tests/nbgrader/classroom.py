"""A class in a tiny course: handing in, grading with nbgrader, reading the gradebook."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.apps.api import NbGraderAPI

from fairmark.course.course import Assignment, Course
from fairmark.grading.grade import grade_handin
from fairmark.harness.report import Report
from fairmark.intake.handins import SubmittedNotebook
from fairmark.nbgrader.warm import process_sandbox
from fairmark.record.gradebook import Recorder
from tests.tiny import CONFIG, make_course, prove

REPOSITORY = Path(__file__).resolve().parents[2]
Rows = dict[str, list[tuple[Any, ...]]]

_ROWS = {
    "student": "SELECT id, first_name, last_name, email, lms_user_id FROM student",
    "assignment": "SELECT name, duedate FROM assignment",
    "notebook": "SELECT a.name, n.name, n.kernelspec FROM notebook n "
    "JOIN assignment a ON a.id = n.assignment_id",
    "cell": "SELECT b.name, b.type, g.max_score, g.cell_type FROM base_cell b "
    "LEFT JOIN grade_cells g ON g.id = b.id",
    "source": "SELECT name, cell_type, locked, source, checksum FROM source_cell",
    "submission": "SELECT student_id, timestamp, extension FROM submitted_assignment",
    "submitted_notebook": "SELECT sa.student_id, sn.flagged, sn.late_submission_penalty "
    "FROM submitted_notebook sn JOIN submitted_assignment sa ON sa.id = sn.assignment_id",
    "grade": "SELECT sa.student_id, b.name, g.auto_score, g.manual_score, g.extra_credit, "
    "g.needs_manual_grade FROM grade g JOIN base_cell b ON b.id = g.cell_id "
    "JOIN submitted_notebook sn ON sn.id = g.notebook_id "
    "JOIN submitted_assignment sa ON sa.id = sn.assignment_id",
    "comment": "SELECT sa.student_id, b.name, c.auto_comment, c.manual_comment FROM comment c "
    "JOIN base_cell b ON b.id = c.cell_id JOIN submitted_notebook sn ON sn.id = c.notebook_id "
    "JOIN submitted_assignment sa ON sa.id = sn.assignment_id",
}


def new_course(root: Path, extra: str = "") -> Course:
    make_course(root)
    lines = [
        f"load_subconfig('nbgrader_config.py', path={str(REPOSITORY)!r})",
        CONFIG,
        f"c.CourseDirectory.db_url = 'sqlite:///{root}/gradebook.db?timeout=0.2'",
        extra,
    ]
    (root / "nbgrader_config.py").write_text("\n".join(lines))
    course = Course.load(root)
    prove(course.assignment("tiny"))
    return course


def submit(
    course: Course,
    student: str,
    notebook: NotebookNode | str,
    timestamp: str = "2026-02-01 10:00:00 UTC",
) -> Path:
    folder = course.folder("submitted", student, "tiny")
    folder.mkdir(parents=True)
    if isinstance(notebook, str):
        (folder / "tiny.ipynb").write_text(notebook)
    else:
        nbformat.write(notebook, folder / "tiny.ipynb")
    (folder / "timestamp.txt").write_text(timestamp)
    return folder


def rows(course: Course) -> Rows:
    """All that the gradebook says, without its random ids."""
    connection = sqlite3.connect(course.root / "gradebook.db")
    try:
        return {
            name: sorted(connection.execute(query).fetchall(), key=repr)
            for name, query in _ROWS.items()
        }
    finally:
        connection.close()


def execute(course: Course, statement: str) -> None:
    connection = sqlite3.connect(course.root / "gradebook.db")
    with connection:
        connection.execute(statement)
    connection.close()


def report_of(assignment: Assignment, student: str) -> Report:
    course = assignment.course
    folder = course.folder("submitted", student, assignment.name)
    return grade_handin(SubmittedNotebook(student, assignment, folder), process_sandbox(course))


def record(assignment: Assignment, *students: str) -> None:
    """Grade and record these students as the batch command does."""
    with Recorder(assignment.course) as recorder:
        for student in students:
            report = report_of(assignment, student)
            folder = assignment.course.folder("submitted", student, assignment.name)
            timestamp = (folder / "timestamp.txt").read_text()
            recorder.record(report, assignment, student, timestamp)


def nbgrader(course: Course) -> Any:
    """nbgrader's own interface: what formgrader's buttons call."""
    return NbGraderAPI(course.directory, config=course.config)
