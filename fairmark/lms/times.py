"""When something was handed in, as far as a zip and a table can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fairmark.intake.stamp import time_in, time_of
from fairmark.lms.names import Handed

_STAMP = "%Y-%m-%d %H:%M:%S UTC"


@dataclass(frozen=True)
class Due:
    """When an assignment is due, in UTC without a zone, and who has more time."""

    date: datetime | None
    extensions: Mapping[str, timedelta]

    def of(self, student: str) -> datetime | None:
        """Return when it is due for a student; None where it is never."""
        if self.date is None:
            return None
        return self.date + self.extensions.get(student, timedelta())


def stamp_of(handed: Handed, time: datetime | None, due: datetime | None) -> str:
    """The time of a hand-in as nbgrader reads it.

    No zip tells it, only when it was made. What Canvas calls late counts as late by a second, in
    favour of the student, and what is not known to be late as in time.
    """
    made = handed.written.astimezone(UTC).replace(tzinfo=None)
    if time is not None:
        made = time.astimezone(UTC).replace(tzinfo=None)
    elif due is not None:
        made = due + timedelta(seconds=1) if handed.late else min(made, due)
    return made.strftime(_STAMP)


def is_wrong(folder: Path, stamp: str, due: datetime | None, late: bool, is_known: bool) -> bool:
    """Whether another time has to be written beside equal files: the same zip changes nothing."""
    there = time_in(folder)
    if there is None:
        return True
    if is_known or (late and due is not None):
        return there != time_of(stamp)
    return due is not None and there > due
