"""Whose each file in a zip of hand-ins is, told by its name as Canvas and Moodle make it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Literal

from fairmark.lms.archive import Member

Platform = Literal["canvas", "moodle"]

# Canvas: lovelaceada_1815_77012_perceptron-1.ipynb, with LATE_ before the first number where it was
# late; anon_aB3xZ in place of name and number where students are to stay unknown.
_CANVAS = re.compile(
    r"(?P<prefix>(?P<name>.+?)_(?P<late>LATE_)?(?P<person>\d+)_(?P<age>\d+)_)(?P<file>.+)"
)
_CANVAS_ANONYMOUS = re.compile(
    r"(?P<prefix>(?P<late>LATE_)?(?P<person>anon_[^\W_]+)_(?P<age>\d+)_)(?P<file>.+)"
)
_CANVAS_TEXT = re.compile(
    r"(?:(?P<name>.+?)_)?(?P<late>LATE_)?(?P<person>\d+|anon_[^\W_]+)_(?:text|link)\.html"
)
# Moodle: Ada Lovelace_4711_assignsubmission_file_/perceptron.ipynb, without the last underscore
# since Moodle 4.1, and with no folder where the teacher wants none.
_MOODLE = re.compile(
    r"(?P<prefix>(?P<name>[^_]+)_(?P<person>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_|$))"
    r"(?P<file>.*)"
)


@dataclass
class Handed:
    """What one person handed in, as the platform names it."""

    platform: Platform
    person: str
    """The platform's number of the person; for Moodle, of the participant in this assignment."""
    name: str
    """The person's name, as far as the platform's way of writing file names leaves it."""
    late: bool = False
    """Whether Canvas says that it was late; Moodle says nothing of that."""
    prefix: str = ""
    """What the platform looks for at the start of a feedback file's name."""
    age: int = 0
    """Grows from one hand-in to the next: Canvas's number of the file, the time of Moodle's zip."""
    written: datetime = datetime(1980, 1, 1)
    """When the newest file was put into the zip."""
    files: dict[str, Member] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """What to call the person in a message."""
        return f"{self.name} ({self.person})" if self.name else self.person


def read_names(members: Iterable[Member]) -> tuple[list[Handed], list[str]]:
    """Return what each person handed in, in the order of the zip, and which files are nobody's.

    A person who wrote into the platform's own text field has no file.
    """
    found: dict[tuple[str, str], Handed] = {}
    nobodys = [
        member.name
        for member in members
        if not (_add_moodle(found, member) or _add_canvas(found, member))
    ]
    return list(found.values()), nobodys


def _add_moodle(found: dict[tuple[str, str], Handed], member: Member) -> bool:
    parts = member.name.split("/")
    found_at = ((at, _MOODLE.fullmatch(part)) for at, part in enumerate(parts))
    at, match = next(((at, match) for at, match in found_at if match), (0, None))
    if match is None:
        return False
    handed = found.setdefault(
        ("moodle", match["person"]), Handed("moodle", match["person"], match["name"])
    )
    if match["kind"] != "file":
        return True
    rest = parts[at + 1 :]
    if match["file"]:
        rest = [match["file"], *rest]
    handed.prefix = match["prefix"] + ("" if match["file"] else "/")
    handed.age = max(handed.age, int(member.written.replace(tzinfo=UTC).timestamp()))
    _add_file(handed, "/".join(rest), member)
    return True


def _add_canvas(found: dict[tuple[str, str], Handed], member: Member) -> bool:
    base = PurePosixPath(member.name).name
    match = _CANVAS_ANONYMOUS.fullmatch(base) or _CANVAS.fullmatch(base)
    text = None if match else _CANVAS_TEXT.fullmatch(base)
    if (match := match or text) is None:
        return False
    named = match.groupdict()
    handed = found.setdefault(
        ("canvas", match["person"]), Handed("canvas", match["person"], named.get("name") or "")
    )
    handed.late = handed.late or bool(match["late"])
    if text is None:
        if int(match["age"]) >= handed.age:
            handed.age, handed.prefix = int(match["age"]), match["prefix"]
        _add_file(handed, match["file"], member)
    return True


def _add_file(handed: Handed, name: str, member: Member) -> None:
    """Keep a file under its name, or under one like it where the person has two of that name."""
    path, number = PurePosixPath(name), 1
    while name in handed.files:
        number += 1
        name = str(path.with_name(f"{path.stem} ({number}){path.suffix}"))
    handed.files[name] = member
    handed.written = max(handed.written, member.written)
