"""Notes of what is done already, so that it need not be done again.

They lie in ``.fairmark/KIND`` of a course. They can be deleted: then everything is done once more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from fairmark.files import sweep, write_file

Kind = Literal["graded", "feedback", "verify", "collected"]


class Notes:
    """The notes of one kind in a course, each a JSON object with a name."""

    def __init__(self, course: Path, kind: Kind) -> None:
        self.folder = course / ".fairmark" / kind

    def read(self, name: str) -> dict[str, Any]:
        """Return a note; an empty one where there is none that can be read."""
        try:
            note = json.loads(self._path(name).read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        return note if isinstance(note, dict) else {}

    def write(self, name: str, note: Mapping[str, Any]) -> None:
        """Keep a note, whole or not at all; raise FairmarkError where it cannot be written."""
        write_file(self._path(name), json.dumps(note), parents=True)

    def sweep(self, folder: str) -> None:
        """Remove half-written files of processes that were killed."""
        sweep(self.folder / folder)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"
