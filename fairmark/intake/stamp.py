"""When something was handed in, as a file beside it says that anybody may have written."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from fairmark.files import open_plain_file

TIMESTAMP = "timestamp.txt"
_STAMP_BYTES = 1_000
_YEARS = range(1970, 9000)
"""Near the ends of what Python knows, a time of another zone is an error."""


def time_in(folder: Path) -> datetime | None:
    """Return the time in a folder's timestamp.txt, in UTC without a zone; None without one."""
    try:
        with open_plain_file(folder / TIMESTAMP, follow_links=False) as file:
            return time_of(file.read(_STAMP_BYTES).decode())
    except (OSError, ValueError):
        return None


def time_of(text: str) -> datetime | None:
    """Return a time in any of the formats that nbgrader reads, in UTC; None where it is none."""
    from nbgrader.utils import parse_utc

    text = text.strip()
    if not text or len(text) > _STAMP_BYTES or not text.isprintable():
        return None
    try:
        found = parse_utc(text)
    except (ArithmeticError, LookupError, OSError, TypeError, ValueError):
        return None  # its library means to raise ValueError alone, and does not
    return found if isinstance(found, datetime) and found.year in _YEARS else None
