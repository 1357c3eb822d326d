"""What is kept of each graded submission: gradebook, autograded notebook, and a note of its state.

The notes, in ``.fairmark/graded`` of the course, tell what need not be graded again. They hold
nothing that could not be made anew: without them everything is graded once more.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from nbgrader.api import Assignment as AssignmentRow
from nbgrader.api import Grade, SubmittedAssignment, SubmittedNotebook
from nbgrader.api import Notebook as NotebookRow
from sqlalchemy import func

from fairmark.course.course import Assignment, Course
from fairmark.errors import FairmarkError
from fairmark.files import check_writable, sweep, write_file
from fairmark.harness.report import Report
from fairmark.intake.handins import HandIn
from fairmark.record.autograded import write_autograded
from fairmark.record.database import explained, gradebook_url, open_gradebook
from fairmark.record.gradebook import SAME_SCORE, Recorder, agrees
from fairmark.record.manual_marks import (
    auto_scores,
    changed_answers,
    noted_changes,
    to_look_at,
)

Key = tuple[str, str, str]
"""A student, an assignment and a notebook of it."""


@dataclass(frozen=True)
class Stored:
    """A graded submission, as it was left by the run that graded it."""

    handin: HandIn
    report: Report
    """Without its cells."""
    noted: bool
    """Graded by ``fairmark autograde``; else it was nbgrader's command or Formgrader's button."""
    changed: frozenset[str] = frozenset()
    """The cells whose answers were others when a person marked them."""


class NotWritten(FairmarkError):
    """One submission's folder in autograded/ cannot be written; others may be."""


class Records:
    """The marks of a course. Reading needs nothing; writing, to be used as a context manager."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._folder = course.root / ".fairmark" / "graded"
        self._recorder = Recorder(course)
        self._in_gradebook: dict[Key, float] | None = None

    def __enter__(self) -> Records:
        check_writable(self._course.folder("autograded"))
        self._recorder.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._recorder.__exit__(kind, error, traceback)

    def prepare(self, assignments: Iterable[Assignment]) -> None:
        """Make sure that the gradebook knows the assignments as they are; raise FairmarkError."""
        for assignment in assignments:
            sweep(self._folder / assignment.label)
            self._recorder.prepare(assignment)

    def find(self, handin: HandIn, fingerprint: str) -> Report | None:
        """Return the report of an earlier run that is still true, without its cells.

        It is not where the gradebook says something else, as one that was restored from a backup.
        """
        try:
            note = json.loads(self._note(handin).read_bytes())
            if note["fingerprint"] != fingerprint or note["notebook"] != _stamp(handin):
                return None
            report = Report.from_json(note["report"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if self._in_gradebook is None:
            self._in_gradebook = dict(query_gradebook(self._course, _scores))
        score = self._in_gradebook.get(handin.key, math.nan)
        return report if abs(score - report.score) < SAME_SCORE else None

    def write(self, handin: HandIn, report: Report, fingerprint: str) -> None:
        """Record one report. Raise NotWritten, or another FairmarkError where the gradebook fails.

        The note comes last, so that what was cut off before is graded again.
        """
        if not handin.student.isprintable():  # no database could hold it
            raise NotWritten(f"the folder {handin.folder} has a name that is no name: rename it")
        assignment, student = handin.assignment, handin.student
        marked = self._recorder.marked_by_hand(assignment, student).get(student, {})
        self._recorder.record(report, assignment, student, handin.timestamp)
        try:
            write_autograded(assignment, report, student, marked)
        except FairmarkError as error:
            raise NotWritten(str(error)) from None
        path = self._note(handin)
        try:
            stamp = _stamp(handin)
            note = {
                "fingerprint": fingerprint,
                "notebook": stamp,
                "report": report.to_json(),
                "changed": changed_answers(marked, report.cells),
            }
            write_file(path, json.dumps(note))
        except FairmarkError as error:
            raise NotWritten(str(error)) from None
        except OSError as error:
            raise NotWritten(f"{path} cannot be written: {error.strerror}") from None

    def unmarked(self) -> Mapping[Key, int]:
        """Return how many answers of each notebook a person still has to mark."""
        return dict(query_gradebook(self._course, _unmarked))

    def changed(self, handins: Iterable[HandIn]) -> Mapping[Key, int]:
        """Return how many answers are others than those that a person has marked.

        Those count that no person has looked at since.
        """
        waiting: dict[Key, set[str]] = {}
        for student, name, notebook, cell in query_gradebook(self._course, to_look_at):
            waiting.setdefault((student, name, notebook), set()).add(cell)
        found: dict[Key, int] = {}
        for handin in handins:
            if handin.key in waiting:
                stored = _noted(handin) or _in_notebook(handin)
                number = len(stored.changed & waiting[handin.key]) if stored is not None else 0
                found |= {handin.key: number} if number else {}
        return found

    def _note(self, handin: HandIn) -> Path:
        return _note_path(self._course, handin)


def stored_reports(assignment: Assignment) -> list[Stored]:
    """Return what fairmark has graded for an assignment, ordered by student.

    A report in a notebook may be its student's own, where nbgrader graded it by itself; it is
    believed where it agrees with the gradebook.
    """
    course, name = assignment.course, assignment.name
    places = course.folder("autograded").glob(f"*/{name}/{assignment.source.name}")
    found = []
    scores: dict[str, dict[str, float | None]] | None = None
    for student in sorted(place.parent.parent.name for place in places):
        handin = HandIn(student, assignment, course.folder("submitted", student, name))
        stored = _noted(handin)
        if stored is None and (stored := _in_notebook(handin)) is not None:
            if scores is None:
                scores = _scores_by_cell(assignment)
            if not agrees(stored.report, scores.get(student, {})):
                continue
        if stored is not None:
            found.append(stored)
    return found


def _note_path(course: Course, handin: HandIn) -> Path:
    folder = course.root / ".fairmark" / "graded" / handin.assignment.label
    return folder / f"{handin.student}.json"


def _noted(handin: HandIn) -> Stored | None:
    """What the note tells of, where it is about the graded notebook that is there."""
    try:
        note = json.loads(_note_path(handin.assignment.course, handin).read_bytes())
        if note["notebook"] != _stamp(handin):
            return None
        report = Report.from_json(note["report"])
        return Stored(handin, report, True, noted_changes(note))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _in_notebook(handin: HandIn) -> Stored | None:
    """What the graded notebook holds; None when fairmark did not grade it."""
    try:
        path = handin.autograded / handin.assignment.source.name
        own = json.loads(path.read_bytes())["metadata"]["fairmark"]
        report = Report.from_json(own["report"])
        return Stored(handin, report, False, noted_changes(own))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _stamp(handin: HandIn) -> list[int]:
    """What tells that the graded notebook is the one that was written here."""
    status = (handin.autograded / handin.assignment.source.name).stat()
    return [status.st_mtime_ns, status.st_size]


def query_gradebook(course: Course, question: Callable[[Any], Iterable[Any]]) -> list[Any]:
    """Return what ``question`` yields for a session; nothing where there is no gradebook."""
    url = gradebook_url(course)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return []
    gradebook = open_gradebook(course)
    try:
        with explained(url):
            return list(question(gradebook.db))
    finally:
        gradebook.close()


def _scores(session: Any) -> list[tuple[Key, float]]:
    """The sum of the points that were given automatically, by notebook."""
    sums = _by_notebook(session, func.sum(Grade.auto_score))
    return [((student, name, notebook), points or 0.0) for student, name, notebook, points in sums]


def _unmarked(session: Any) -> list[tuple[Key, int]]:
    # Grading again asks for another look at what was marked by hand; it is marked all the same.
    waiting = _by_notebook(session, func.count(Grade.id)).filter(
        Grade.needs_manual_grade, Grade.manual_score.is_(None)
    )
    return [((student, name, notebook), n) for student, name, notebook, n in waiting]


def _scores_by_cell(assignment: Assignment) -> dict[str, dict[str, float | None]]:
    """By student and cell: the points that were given automatically."""
    found: dict[str, dict[str, float | None]] = {}
    for student, cell, score in query_gradebook(
        assignment.course, lambda session: auto_scores(session, assignment)
    ):
        found.setdefault(student, {})[cell] = score
    return found


def _by_notebook(session: Any, what: Any) -> Any:
    """Ask for something about the grades of each notebook that was handed in."""
    columns = (SubmittedAssignment.student_id, AssignmentRow.name, NotebookRow.name)
    return (
        session.query(*columns, what)
        .join(AssignmentRow, SubmittedAssignment.assignment_id == AssignmentRow.id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(NotebookRow, SubmittedNotebook.notebook_id == NotebookRow.id)
        .outerjoin(Grade, Grade.notebook_id == SubmittedNotebook.id)  # it may have no cell to mark
        .group_by(*columns)
    )
