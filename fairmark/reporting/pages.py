"""Making feedback pages again where marks or comments have changed."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

import fairmark
from fairmark.course.course import Assignment
from fairmark.errors import FairmarkError
from fairmark.files import check_writable
from fairmark.record.notes import Notes
from fairmark.record.queries import all_about
from fairmark.reporting.feedback import allows_spread, generate_feedback, graded_students


class FeedbackPages:
    """The pages of one notebook of an assignment.

    A hash of the data behind each page is kept in ``.fairmark/feedback`` of the course. Without it
    all pages are made again.
    """

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._course = assignment.course
        self._notes = Notes(self._course.root, "feedback")
        self._states: Mapping[str, str] = {}

    @property
    def assignment(self) -> str:
        """The name of the assignment."""
        return self._assignment.name

    def graded(self) -> list[str]:
        """Return the students who have a graded notebook."""
        return graded_students(self._assignment)

    def changed(self, students: Sequence[str]) -> list[str]:
        """Return those of the students whose page is missing or out of date."""
        self._states = self._read_states(students)
        made = self._notes.read(self._assignment.label)
        return [
            student
            for student in students
            if not self.page(student).is_file() or made.get(student) != self._states[student]
        ]

    def make(self, students: Sequence[str]) -> Generator[tuple[str, Path | FairmarkError]]:
        """Make the pages of these students; yield each page, or its error.

        Raises FairmarkError if the folders cannot be written.
        """
        for folder in (self._course.folder("feedback"), self._notes.folder):
            check_writable(folder)
        states = self._states or self._read_states(students)
        notes = self._notes.read(self._assignment.label)
        try:
            for student, page in generate_feedback(self._assignment, students):
                notes.pop(student, None)
                if isinstance(page, Path):
                    notes[student] = states[student]
                yield student, page
        finally:
            self._notes.write(self._assignment.label, notes)

    def page(self, student: str) -> Path:
        """The path of a student's page."""
        folder = self._course.folder("feedback", student, self._assignment.name)
        return folder / f"{self._assignment.notebook}.html"

    def _read_states(self, students: Sequence[str]) -> dict[str, str]:
        """By student, a hash of the data behind the page."""
        rows = all_about(self._assignment)
        version = fairmark.__version__
        if allows_spread(self._course.config):  # then each page shows something of all students
            version += repr(sorted(row for some in rows.values() for row in some))
        states = {}
        for student in students:
            digest = hashlib.sha256(version.encode(errors="replace"))
            graded = self._course.folder("autograded", student, self._assignment.name)
            try:
                status = (graded / self._assignment.source.name).stat()
                digest.update(f"{status.st_mtime_ns} {status.st_size}".encode())
            except OSError:
                digest.update(b"none")
            digest.update("\n".join(sorted(rows.get(student, []))).encode(errors="replace"))
            states[student] = digest.hexdigest()
        return states
