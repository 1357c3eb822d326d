"""Due dates on their way from the gradebook to the students: one small file in the exchange.

Students can read the exchange's course folder and not the gradebook. The file is written whenever
something is released or a due date is changed, so that a later change reaches them as well; it is
not part of what they fetch and hand in.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.exchange.default import ExchangeReleaseAssignment

from fairmark.files import write_file

FILE = "due-dates.json"
_MODE = 0o644


class ReleaseWithDueDate(ExchangeReleaseAssignment):  # type: ignore[misc]
    """nbgrader's way of releasing; ``c.ExchangeFactory.release_assignment`` names it."""

    def copy_files(self) -> None:
        """Release, and tell the due dates."""
        super().copy_files()
        publish(self.coursedir, self.root)


def publish(directory: Any, exchange: str | Path) -> None:
    """Write the gradebook's due dates into the exchange of a course, where they have changed.

    ``directory`` is nbgrader's CourseDirectory.
    """
    with Gradebook(directory.db_url, directory.course_id) as gradebook:
        dates = {
            row.name: row.duedate.replace(tzinfo=UTC).isoformat()
            for row in gradebook.assignments
            if row.duedate is not None
        }
    place = Path(exchange, directory.course_id, FILE)
    text = json.dumps(dates, indent=1) + "\n"
    if place.parent.is_dir() and (not place.is_file() or place.read_text("utf-8") != text):
        write_file(place, text)
        os.chmod(place, _MODE)


def read(exchange: Path, course: str) -> dict[str, datetime]:
    """Return the due dates of a course's assignments, by name; without the file there are none."""
    try:
        content = json.loads((exchange / course / FILE).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return {name: datetime.fromisoformat(text) for name, text in content.items()}
