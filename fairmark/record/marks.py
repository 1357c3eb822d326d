"""The marks of a class, as the gradebook has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.record.database import explained, gradebook_url, open_gradebook

_EXCHANGE = "/usr/local/share/nbgrader/exchange"  # nbgrader's own default


class UnknownAssignment(FairmarkError):
    """The gradebook does not know this assignment."""


@dataclass(frozen=True)
class Mark:
    """A student's points for one assignment."""

    score: float
    """After the penalty for being late, if any."""
    unmarked: tuple[str, ...] = ()
    """Questions that a person still has to mark; until then, the points are not all."""


@dataclass(frozen=True)
class StudentMarks:
    """A student, with a mark for each assignment that was handed in."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    marks: Mapping[str, Mark] = field(default_factory=dict)
    ungraded: tuple[str, ...] = ()
    """Assignments that were handed in and never graded."""

    @property
    def total(self) -> float | None:
        """All points, of which an assignment that was not handed in has none.

        None as long as a notebook waits to be graded, or an answer for a mark by hand.
        """
        if self.waiting or self.ungraded:
            return None
        return round(sum(mark.score for mark in self.marks.values()), 2)

    @property
    def waiting(self) -> dict[str, tuple[str, ...]]:
        """By assignment, the questions that a person still has to mark."""
        return {name: mark.unmarked for name, mark in self.marks.items() if mark.unmarked}


@dataclass(frozen=True)
class ClassMarks:
    """The marks of a class."""

    max_scores: Mapping[str, float]
    """By assignment."""
    students: tuple[StudentMarks, ...]
    drafts: tuple[str, ...] = ()
    """Assignments that are left out: never released, and handed in by nobody."""


def read_marks(course: Course, assignments: Sequence[str] = ()) -> ClassMarks:
    """Return the marks in the gradebook, of all assignments but drafts unless some are named.

    Raise UnknownAssignment, and FairmarkError when there is no gradebook that can be read.
    """
    url = gradebook_url(course)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise FairmarkError(f"there are no marks yet: no {url.database}; run `fairmark autograde`")
    gradebook = open_gradebook(course)
    try:
        with explained(url):
            return _read(gradebook, course, assignments)
    finally:
        gradebook.close()


def _released(course: Course) -> set[str]:
    """The assignments that students can fetch from nbgrader's exchange, where there is one."""
    root = str(course.config.Exchange.get("root", _EXCHANGE))
    place = Path(root, str(course.directory.course_id), "outbound")
    try:
        return {path.name for path in place.iterdir()}
    except OSError:  # there is no exchange
        return set()


def _read(gradebook: Any, course: Course, wanted: Sequence[str]) -> ClassMarks:
    known = {row.name: row for row in gradebook.assignments}
    if missing := [name for name in wanted if name not in known]:
        raise UnknownAssignment(
            f"the gradebook has no assignment {missing[0]!r}; it has: "
            f"{', '.join(known) or 'none'} (see `fairmark autograde`)"
        )
    released = _released(course)
    drafts = [n for n, row in known.items() if n not in released and not row.submissions]
    rows = {name: known[name] for name in dict.fromkeys(wanted or known)}
    if not wanted:
        rows = {name: row for name, row in rows.items() if name not in drafts}
    marks: dict[str, dict[str, Mark]] = {}
    for name, row in rows.items():
        for submission in row.submissions:
            score = max(0.0, submission.score - submission.late_submission_penalty)
            unmarked = _unmarked(submission) if submission.needs_manual_grade else ()
            marks.setdefault(submission.student_id, {})[name] = Mark(round(score, 2), unmarked)
    students = tuple(
        StudentMarks(
            student.id,
            student.first_name or "",
            student.last_name or "",
            student.email or "",
            own := marks.get(student.id, {}),
            tuple(n for n in rows if n not in own and _is_handed_in(course, student.id, n)),
        )
        for student in sorted(gradebook.students, key=lambda student: str(student.id))
    )
    max_scores = {name: round(row.max_score, 2) for name, row in rows.items()}
    return ClassMarks(max_scores, students, () if wanted else tuple(drafts))


def _is_handed_in(course: Course, student: str, assignment: str) -> bool:
    return any(course.folder("submitted", student, assignment).glob("*.ipynb"))


def _unmarked(submission: Any) -> tuple[str, ...]:
    several = len(submission.notebooks) > 1
    return tuple(
        sorted(
            f"{notebook.name}/{grade.cell.name}" if several else grade.cell.name
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.needs_manual_grade and grade.manual_score is None
        )
    )
