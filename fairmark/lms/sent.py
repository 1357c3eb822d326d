"""Which marks were sent to a platform, so that a change there can be told from one here."""

from __future__ import annotations

import json
from pathlib import Path

from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.files import write_file

_FOLDER = "sent"


class Sent:
    """The marks that arrived, by assignment and student; kept in a file beside the course's."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._scores: dict[str, dict[str, float]] = {}
        self._changed = False
        try:
            text = file.read_text("utf-8")
        except FileNotFoundError:
            return
        try:
            for name, students in json.loads(text).items():
                self._scores[name] = {student: float(s) for student, s in students.items()}
        except (ValueError, TypeError, AttributeError):
            raise FairmarkError(
                f"{file} cannot be read: remove it, and marks that were changed on the platform "
                "are no longer told from others"
            ) from None

    @classmethod
    def of(cls, course: Course, platform: str) -> Sent:
        """Return those of a course for a platform; raise FairmarkError."""
        return cls(course.root / ".fairmark" / _FOLDER / f"{platform}.json")

    def score(self, assignment: str, student: str) -> float | None:
        """Return what was sent last and arrived, if anything was."""
        return self._scores.get(assignment, {}).get(student)

    def note(self, assignment: str, student: str, score: float) -> None:
        """Note that a mark has arrived."""
        self._scores.setdefault(assignment, {})[student] = score
        self._changed = True

    def save(self) -> None:
        """Write down what has arrived."""
        if self._changed:
            text = json.dumps(self._scores, indent=1, sort_keys=True, ensure_ascii=False)
            write_file(self._file, text + "\n", parents=True)
            self._changed = False
