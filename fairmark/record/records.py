"""What is kept of each graded submission: gradebook, autograded notebook, and a note of its state.

The notes, in ``.fairmark/graded`` of the course, say what need not be graded again. They can be
deleted: then everything is graded once more.
"""

from __future__ import annotations

import glob
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType

from fairmark.course.course import Assignment, Course
from fairmark.errors import FairmarkError
from fairmark.files import check_writable
from fairmark.harness.report import Report
from fairmark.intake.folders import folder_of
from fairmark.intake.handins import SubmittedNotebook, find_handins, fingerprint_base
from fairmark.record.autograded import write_autograded
from fairmark.record.gradebook import SAME_SCORE, Recorder, UnknownStudent, agrees
from fairmark.record.manual_marks import changed_answers, noted_changes
from fairmark.record.notes import Notes
from fairmark.record.queries import Key, auto_scores, auto_totals, to_look_at, unmarked


@dataclass(frozen=True)
class Stored:
    """A graded submission, as it was left by the run that graded it."""

    handin: SubmittedNotebook
    report: Report
    """Without its cells."""
    noted: bool
    """Graded by ``fairmark autograde``; else it was nbgrader's command or Formgrader's button."""
    changed: frozenset[str] = frozenset()
    """The cells whose answers have changed since a person marked them."""


class NotWritten(FairmarkError):
    """One submission's folder in autograded/ cannot be written; others may be."""


class Records:
    """The stored marks of a course. Writing needs it as a context manager, reading does not."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._notes = Notes(course.root, "graded")
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

    def synchronise(self, assignments: Iterable[Assignment]) -> None:
        """Make sure that the gradebook knows the assignments as they are; raise FairmarkError."""
        for assignment in assignments:
            self._notes.sweep(assignment.label)
            self._recorder.synchronise(assignment)

    def refresh_penalties(self, assignments: Iterable[Assignment]) -> set[Key]:
        """Reckon the late penalties of these notebooks anew; return whose have changed."""
        return {
            (student, assignment.name, assignment.notebook)
            for assignment in assignments
            for student in self._recorder.refresh_penalties(assignment)
        }

    def find(self, handin: SubmittedNotebook, fingerprint: str) -> Report | None:
        """Return the report of an earlier run, without its cells; None if it holds no more.

        It holds where nothing has changed and the gradebook has the same points, which one that was
        restored from a backup may not have.
        """
        try:
            note = self._notes.read(_name(handin))
            if note["fingerprint"] != fingerprint or note["notebook"] != _stamp(handin):
                return None
            report = Report.from_json(note["report"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if self._in_gradebook is None:
            self._in_gradebook = auto_totals(self._course)
        score = self._in_gradebook.get(handin.key, math.nan)
        return report if abs(score - report.score) < SAME_SCORE else None

    def cost(self, handin: SubmittedNotebook) -> float | None:
        """Return the CPU seconds that a notebook took when it was last graded; None if unknown.

        It may have been another one, that its student has handed in before.
        """
        seconds = self._notes.read(_name(handin)).get("cpu_seconds")
        return seconds if isinstance(seconds, float) and math.isfinite(seconds) else None

    def write(self, handin: SubmittedNotebook, report: Report, fingerprint: str) -> None:
        """Record one report. Raise NotWritten, or another FairmarkError where the gradebook fails.

        The note comes last, so that what was cut off before is graded again.
        """
        if not handin.student.isprintable():  # no database could hold it
            raise NotWritten(f"the folder {handin.folder} has a name that is no name: rename it")
        assignment, student = handin.assignment, handin.student
        marked = self._recorder.marked_by_hand(assignment, student).get(student, {})
        try:
            self._recorder.record(report, assignment, student, handin.timestamp)
        except UnknownStudent as error:
            raise NotWritten(str(error)) from None
        try:
            write_autograded(assignment, report, student, marked)
        except FairmarkError as error:
            raise NotWritten(str(error)) from None
        try:
            note = {
                "fingerprint": fingerprint,
                "notebook": _stamp(handin),
                "report": report.to_stored_json(),
                "cpu_seconds": report.cpu_seconds,
                "changed": changed_answers(marked, report.cells),
            }
            self._notes.write(_name(handin), note)
        except FairmarkError as error:
            raise NotWritten(str(error)) from None
        except OSError as error:  # the notebook was taken away at once
            raise NotWritten(f"{error.filename} cannot be read: {error.strerror}") from None

    def unmarked(self) -> Mapping[Key, int]:
        """Return how many answers of each notebook a person still has to mark."""
        return unmarked(self._course)

    def changed(self, handins: Iterable[SubmittedNotebook]) -> Mapping[Key, int]:
        """Return how many answers of each notebook changed after a person marked them.

        An answer that a person has looked at since does not count.
        """
        waiting = to_look_at(self._course)
        found: dict[Key, int] = {}
        for handin in handins:
            if handin.key in waiting:
                stored = _noted(handin) or _in_notebook(handin)
                number = len(stored.changed & waiting[handin.key]) if stored is not None else 0
                found |= {handin.key: number} if number else {}
        return found


def stored_reports(assignment: Assignment) -> list[Stored]:
    """Return what fairmark has graded for an assignment, ordered by student.

    In a notebook that nbgrader graded by itself, the report may be its student's own. It is
    returned where it agrees with the gradebook.
    """
    course, name = assignment.course, assignment.name
    places = course.folder("autograded").glob(
        f"*/{glob.escape(name)}/{glob.escape(assignment.source.name)}"
    )
    found = []
    scores: dict[str, dict[str, float | None]] | None = None
    for student in sorted(place.parent.parent.name for place in places):
        handin = SubmittedNotebook(student, assignment, folder_of(student, assignment))
        stored = _noted(handin)
        if stored is None and (stored := _in_notebook(handin)) is not None:
            if scores is None:
                scores = auto_scores(assignment)
            if not agrees(stored.report, scores.get(student, {})):
                continue
        if stored is not None:
            found.append(stored)
    return found


def outdated_marks(assignment: Assignment) -> list[str]:
    """Return the students whose marks the next grading may change: what gave them has changed."""
    records, base = Records(assignment.course), fingerprint_base(assignment)
    handins = {h.student: h for h in find_handins(assignment.course, [assignment])}
    return [
        one.handin.student
        for one in stored_reports(assignment)
        if one.noted
        and (handin := handins.get(one.handin.student)) is not None
        and records.find(handin, handin.fingerprint(base)) is None
    ]


def _name(handin: SubmittedNotebook) -> str:
    """What the note about a notebook is called."""
    return f"{handin.assignment.label}/{handin.student}"


def _noted(handin: SubmittedNotebook) -> Stored | None:
    """What the note tells of, where it is about the graded notebook that is there."""
    try:
        note = Notes(handin.assignment.course.root, "graded").read(_name(handin))
        if note["notebook"] != _stamp(handin):
            return None
        report = Report.from_json(note["report"])
        return Stored(handin, report, True, noted_changes(note))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _in_notebook(handin: SubmittedNotebook) -> Stored | None:
    """What the graded notebook holds; None when fairmark did not grade it."""
    try:
        path = handin.autograded / handin.assignment.source.name
        own = json.loads(path.read_bytes())["metadata"]["fairmark"]
        report = Report.from_json(own["report"])
        return Stored(handin, report, False, noted_changes(own))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _stamp(handin: SubmittedNotebook) -> list[int]:
    """The time and size by which a note knows its graded notebook."""
    status = (handin.autograded / handin.assignment.source.name).stat()
    return [status.st_mtime_ns, status.st_size]
