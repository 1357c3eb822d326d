"""Which feedback pages have to be made again: those of students whose marks or comments changed."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment as AssignmentRow
from nbgrader.api import Comment, Grade, Student, SubmittedAssignment, SubmittedNotebook
from nbgrader.api import Notebook as NotebookRow

import fairmark
from fairmark.course.course import Assignment
from fairmark.errors import FairmarkError
from fairmark.files import check_writable, write_file
from fairmark.record.records import query_gradebook
from fairmark.reporting.feedback import generate_feedback

_GRADES = (
    Grade.cell_id,
    Grade.auto_score,
    Grade.manual_score,
    Grade.extra_credit,
    Grade.needs_manual_grade,
    SubmittedNotebook.late_submission_penalty,
)
_COMMENTS = (Comment.cell_id, Comment.auto_comment, Comment.manual_comment)


class FeedbackPages:
    """The pages of one assignment; of one of its notebooks, where it has several.

    What a page was made of is noted in ``.fairmark/feedback`` of the course; without these notes
    all pages are made once more.
    """

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._course = assignment.course
        self._notes = self._course.root / ".fairmark" / "feedback" / f"{assignment.label}.json"
        self._states: Mapping[str, str] = {}

    def graded(self) -> list[str]:
        """Return the students who have a graded notebook."""
        name = self._assignment.source.name
        found = self._course.folder("autograded").glob(f"*/{self._assignment.name}/{name}")
        return sorted(path.parent.parent.name for path in found)

    def changed(self, students: Sequence[str]) -> list[str]:
        """Return those of the students whose page is missing or out of date."""
        self._states = self._read_states(students)
        made = self._read_notes()
        return [
            student
            for student in students
            if not self.page(student).is_file() or made.get(student) != self._states[student]
        ]

    def make(self, students: Sequence[str]) -> Generator[tuple[str, Path | FairmarkError]]:
        """Make the pages of these students; yield each page, or why there is none.

        Raises FairmarkError when there is no place for any of them.
        """
        for folder in (self._course.folder("feedback"), self._notes.parent):
            check_writable(folder)
        states = self._states or self._read_states(students)
        notes = self._read_notes()
        try:
            for student, page in generate_feedback(self._assignment, students):
                notes.pop(student, None)
                if isinstance(page, Path):
                    notes[student] = states[student]
                yield student, page
        finally:
            write_file(self._notes, json.dumps(notes))

    def page(self, student: str) -> Path:
        """Where a student's page is."""
        folder = self._course.folder("feedback", student, self._assignment.name)
        return folder / f"{self._assignment.notebook}.html"

    def _read_notes(self) -> dict[str, str]:
        try:
            notes = json.loads(self._notes.read_bytes())
        except (OSError, ValueError):
            return {}
        return notes if isinstance(notes, dict) else {}

    def _read_states(self, students: Sequence[str]) -> dict[str, str]:
        """By student, a hash of what the page is made of."""
        rows: dict[str, list[str]] = defaultdict(list)
        for student, *row in query_gradebook(self._course, self._query):
            rows[student].append(repr(row))
        states = {}
        for student in students:
            digest = hashlib.sha256(fairmark.__version__.encode())
            graded = self._course.folder("autograded", student, self._assignment.name)
            try:
                status = (graded / self._assignment.source.name).stat()
                digest.update(f"{status.st_mtime_ns} {status.st_size}".encode())
            except OSError:
                digest.update(b"none")
            digest.update("\n".join(sorted(rows[student])).encode(errors="replace"))
            states[student] = digest.hexdigest()
        return states

    def _query(self, session: Any) -> list[Any]:
        found: list[Any] = []
        wanted = (
            AssignmentRow.name == self._assignment.name,
            NotebookRow.name == self._assignment.notebook,
        )
        for columns, table in ((_GRADES, Grade), (_COMMENTS, Comment)):
            found += (
                session.query(Student.id, Student.first_name, Student.last_name, *columns)
                .join(SubmittedAssignment, SubmittedAssignment.student_id == Student.id)
                .join(AssignmentRow, SubmittedAssignment.assignment_id == AssignmentRow.id)
                .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
                .join(NotebookRow, SubmittedNotebook.notebook_id == NotebookRow.id)
                .join(table, table.notebook_id == SubmittedNotebook.id)
                .filter(*wanted)
            )
        return found
