"""A hand-in as plain data, which travels to a Dask worker along with the request to grade it."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairmark.errors import FairmarkError
from fairmark.files import walk
from fairmark.intake.handins import SubmittedNotebook
from fairmark.notebook import MAX_BYTES

_MOST_BYTES = 256 * 2**20
"""What one hand-in may have that travels."""

Entry = list[Any]
"""A path, what it is ("file", "link", "large" or "folder"), and its content, target or size."""


@dataclass(frozen=True)
class Travelled(SubmittedNotebook):
    """A notebook that was laid out anew, and goes by the name that it has at home."""

    called: str

    @property
    def name(self) -> str:
        """What reports call the notebook: its path within the course."""
        return self.called


def pack_folder(folder: Path) -> list[Entry]:
    """Return what a student's folder holds; links as links, which nobody follows.

    Of a file that is too large to be read anyway, only the size is told. Raises FairmarkError.
    """
    found: list[Entry] = []
    room = _MOST_BYTES
    for place, folders, names in walk(folder):
        folders.sort()
        for name in sorted([*folders, *names]):
            path = Path(place, name)
            status = path.lstat()
            where = str(path.relative_to(folder))
            if stat.S_ISLNK(status.st_mode):
                found.append([where, "link", os.readlink(path)])
            elif stat.S_ISDIR(status.st_mode):
                found.append([where, "folder", ""])
            elif stat.S_ISREG(status.st_mode) and status.st_size > MAX_BYTES:
                found.append([where, "large", status.st_size])
            elif stat.S_ISREG(status.st_mode):
                room -= status.st_size
                if room < 0:
                    most = _MOST_BYTES >> 20
                    raise FairmarkError(
                        f"{folder} has more than {most} MiB, too much to travel: grade it here"
                    )
                found.append([where, "file", b64encode(path.read_bytes()).decode()])
    return found


def unpack_folder(entries: Sequence[Entry], folder: Path) -> None:
    """Make the folder anew that :func:`pack_folder` has read."""
    folder.mkdir(parents=True)
    for where, kind, content in entries:
        path = folder / where
        if kind == "folder":
            path.mkdir()
        elif kind == "link":
            path.symlink_to(content)
        elif kind == "large":
            with path.open("wb") as file:
                file.truncate(content)
        else:
            path.write_bytes(b64decode(content))


def digest_of(entries: Sequence[Entry]) -> str:
    """What a hand-in is known by on its way."""
    return hashlib.sha256(json.dumps(entries).encode()).hexdigest()
