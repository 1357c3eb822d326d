"""What is kept of each collected hand-in: whose it is on the platform, and what it held."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fairmark.course.course import Course
from fairmark.files import files_below
from fairmark.intake.stamp import TIMESTAMP
from fairmark.record.notes import Notes


@dataclass(frozen=True)
class Collected:
    """A hand-in that came in a zip."""

    platform: str
    person: str
    prefix: str
    """What the platform looks for at the start of a feedback file's name."""
    age: int
    late: bool
    digest: str
    """Of the files, to tell whether somebody has changed them here."""


def read_collected(course: Course, assignment: str) -> dict[str, Collected]:
    """Return, by student, what was collected of an assignment."""
    return {
        student: Collected(**values)
        for student, values in Notes(course.root, "collected").read(assignment).items()
        if _makes_sense(values)
    }


def canvas_numbers(course: Course) -> dict[str, str]:
    """Return Canvas's number of each student whose hand-in came from there."""
    folder = Notes(course.root, "collected").folder
    found = {}
    for path in sorted(folder.glob("*.json")):
        for student, one in read_collected(course, path.stem).items():
            if one.platform == "canvas" and one.person.isdigit():
                found[student] = one.person
    return found


def write_collected(course: Course, assignment: str, collected: Mapping[str, Collected]) -> None:
    """Keep this; raise FairmarkError where it cannot be written."""
    note = {student: asdict(one) for student, one in collected.items()}
    Notes(course.root, "collected").write(assignment, note)


def digest_of(files: Mapping[str, bytes]) -> str:
    """A hash of the names and contents of files."""
    digest = hashlib.sha256()
    for name, data in sorted(files.items()):
        digest.update(f"\0{name}\0{len(data)}\0".encode(errors="replace"))
        digest.update(data)
    return digest.hexdigest()


def digest_of_folder(folder: Path) -> str:
    """The same of what lies in a folder, without nbgrader's time of the hand-in."""
    digest = hashlib.sha256()
    found = {str(path.relative_to(folder)): path for path in files_below(folder, ())}
    found.pop(TIMESTAMP, None)
    for name, path in sorted(found.items()):
        data = b"" if path.is_symlink() else path.read_bytes()
        digest.update(f"\0{name}\0{len(data)}\0".encode(errors="replace"))
        digest.update(data)
    return digest.hexdigest()


def _makes_sense(values: Any) -> bool:
    kinds = {
        "platform": str, "person": str, "prefix": str, "age": int, "late": bool, "digest": str
    }  # fmt: skip
    return (
        isinstance(values, dict)
        and values.keys() == kinds.keys()
        and all(type(values[key]) is kind for key, kind in kinds.items())
    )
