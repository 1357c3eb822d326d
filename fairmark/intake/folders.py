"""Which of a student's folders is meant where its name is not quite the assignment's."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Collection, Iterable
from pathlib import Path

from fairmark.course.course import Assignment, Course
from fairmark.intake.choice import has_answers, is_kin

_COPY = re.compile(r"([-_ ]*copy)?[-_ ]*(\d+|\(\d+\))?$", re.IGNORECASE)
"""What systems append to the name of a copy: "hw (1)", "hw-1", "hw - Copy", "hw copy 2"."""


def folder_of(student: str, assignment: Assignment) -> Path:
    """Return the folder that a student handed in for an assignment; it may not exist.

    It is the one with the assignment's name. One with another spelling of it is returned where that
    one is missing, or holds no answer while this one does.
    """
    course = assignment.course
    own = course.folder("submitted", student, assignment.name)
    known = _assignments(course)
    others = [
        folder
        for folder in _folders(own.parent)
        if folder.name not in known and meant_by(folder.name, known) == assignment.name
    ]
    others = [folder for folder in others if is_kin(folder, assignment)]
    if not others or (own.is_dir() and has_answers(own, assignment)):
        return own
    answered = [folder for folder in others if has_answers(folder, assignment)]
    if own.is_dir() or len(others) > 1:
        others = answered
    return others[0] if len(others) == 1 else own


def not_looked_at(course: Course, students: Iterable[str]) -> dict[str, list[str]]:
    """Return, by its name, whose folder or notebook in submitted/STUDENT belongs to no assignment.

    What :func:`folder_of` returns does belong to one.
    """
    known = _assignments(course)
    found: dict[str, list[str]] = {}
    for student in students:
        root = course.folder("submitted", student)
        strange = [folder for folder in _folders(root) if folder.name not in known]
        if strange:
            meant = {meant_by(folder.name, known) for folder in strange} - {""}
            used = {
                folder_of(student, assignment)
                for assignment in course.assignments()
                if assignment.name in meant
            }
            strange = [folder for folder in strange if folder not in used]
        strange += [path for path in root.glob("[!.]*.ipynb") if not path.is_dir()]
        for path in strange:
            found.setdefault(path.name, []).append(student)
    return found


def meant_by(name: str, known: Collection[str]) -> str:
    """Return which known name this is another spelling or a copy of; empty where it is of none."""
    spellings = [name]
    while (shorter := _COPY.sub("", spellings[-1].strip())) != spellings[-1]:
        spellings.append(shorter)  # "hw (1)-2" is the copy of a copy
    for spelling in spellings:
        meant = [one for one in known if _plain(one) == _plain(spelling) != ""]
        if len(meant) == 1:
            return meant[0]
    return ""


def _folders(root: Path) -> list[Path]:
    try:
        paths = sorted(root.iterdir())
    except OSError:
        return []
    return [
        path
        for path in paths
        if path.is_dir() and not path.is_symlink() and not path.name.startswith(".")
    ]


def _assignments(course: Course) -> frozenset[str]:
    return frozenset(path.name for path in _folders(course.source))


@functools.lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    """A name without what spellings differ in: case, spaces, hyphens, kinds of characters."""
    text = unicodedata.normalize("NFKC", name).casefold()
    return "".join(character for character in text if character.isalnum())
