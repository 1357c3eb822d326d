"""Releasing feedback: to all who can get it, with a line about each who cannot."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from nbgrader.exchange.default import ExchangeReleaseFeedback

_LONGEST = 200
_NEEDED = ("timestamp.txt", "submission_secret.txt")


class ReleaseFeedback(ExchangeReleaseFeedback):  # type: ignore[misc]
    """nbgrader's way of releasing; ``c.ExchangeFactory.release_feedback`` names it.

    A page is found by the time and the secret of its hand-in. nbgrader's own way ends at the first
    hand-in that lacks one of them, and nobody after it gets anything.
    """

    def copy_files(self) -> None:
        """Release the pages of those who have both; name the others."""
        left_out = [student for student in self._students() if not self._has_needed(student)]
        excluded = self.coursedir.student_id_exclude
        self.coursedir.student_id_exclude = ",".join(filter(None, [excluded, *left_out]))
        try:
            super().copy_files()
        finally:
            self.coursedir.student_id_exclude = excluded

    def _students(self) -> list[str]:
        """The students whose pages are to be released."""
        wanted = self.coursedir.student_id or "*"
        root = self._folder("feedback_directory", ".").parent
        names = sorted(path.name for path in root.iterdir()) if root.is_dir() else []
        return [name for name in names if wanted in ("*", name) and self._has_page(name)]

    def _has_page(self, student: str) -> bool:
        return any(self._folder("feedback_directory", student).glob("*.html"))

    def _has_needed(self, student: str) -> bool:
        """Whether the hand-in's files are beside the page, where nbgrader looks for them."""
        for name in _NEEDED:
            place = self._folder("feedback_directory", student) / name
            source = self._folder("submitted_directory", student) / name
            if not place.is_file() and source.is_file() and not source.is_symlink():
                shutil.copy(source, place)
            if not _makes_sense(place):
                self.log.error(
                    "Not released: %s: the hand-in has no proper %s, so it did not come by the hub",
                    student,
                    name,
                )
                return False
        return True

    def _folder(self, step: str, student: str) -> Path:
        folder = getattr(self.coursedir, step)
        assignment = self.coursedir.assignment_id
        return Path(os.path.abspath(self.coursedir.format_path(folder, student, assignment)))


def _makes_sense(file: Path) -> bool:
    """Whether it is one short line: students write it, and nbgrader reads and logs it."""
    try:
        text = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return False
    return 0 < len(text) <= _LONGEST and text.isprintable()
