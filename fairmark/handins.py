"""What students handed in: finding it, reading it safely, and telling whether it changed."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import fairmark
from fairmark.course import Assignment, Course
from fairmark.errors import FairmarkError
from fairmark.notebook import MAX_BYTES, NotebookError

TIMESTAMP = "timestamp.txt"


@dataclass(frozen=True)
class HandIn:
    """One student's folder for one assignment."""

    student: str
    assignment: Assignment
    folder: Path

    @property
    def name(self) -> str:
        """What reports call the notebook: its path within the course."""
        path = self.folder / self.assignment.source.name
        root = self.assignment.course.root
        return str(path.relative_to(root) if path.is_relative_to(root) else path)

    @property
    def autograded(self) -> Path:
        """The folder that the graded notebook goes to."""
        return self.assignment.course.folder("autograded", self.student, self.assignment.name)

    @property
    def timestamp(self) -> datetime | None:
        """When it was handed in, if that is known."""
        from nbgrader.utils import parse_utc

        try:
            text = (self.folder / TIMESTAMP).read_text().strip()
            return parse_utc(text) if text else None
        except (OSError, ValueError, OverflowError):
            return None

    def read(self) -> tuple[Path, bytes]:
        """Return the notebook's path and bytes; raise NotebookError.

        A notebook under another name is taken where it is the only one. Links are never followed:
        they could lead to the instructor's solution.
        """
        for place in (self.folder, self.folder.parent):
            if place.is_symlink():
                raise NotebookError(f"{place} is a link: put the files there that were handed in")
        path = self.folder / self.assignment.source.name
        if not os.path.lexists(path):
            others = sorted(self.folder.glob("*.ipynb"))
            if len(others) != 1:
                found = f"; it has {', '.join(p.name for p in others)}" if others else ""
                raise NotebookError(f"{self.name} does not exist{found}")
            path = others[0]
        return path, _read_plain_file(path)

    def fingerprint(self, base: str) -> str:
        """A hash of all that can change the mark; ``base`` is :func:`fingerprint_base`."""
        digest = hashlib.sha256(base.encode())
        for folder, folders, files in os.walk(self.folder):
            folders.sort()
            for name in sorted(files):
                path = Path(folder, name)
                digest.update(f"\0{path.relative_to(self.folder)}\0".encode(errors="replace"))
                digest.update(_content_or_stamp(path))
        return digest.hexdigest()


def find_handins(
    course: Course, assignments: list[Assignment], students: list[str] | None = None
) -> list[HandIn]:
    """Return the submissions to these assignments, ordered by assignment and student.

    Raises FairmarkError when one of ``students``, where they are named, has none.
    """
    root = course.folder("submitted")
    try:
        names = sorted(p.name for p in root.iterdir() if p.is_dir() and not p.name.startswith("."))
    except FileNotFoundError:
        names = []
    except OSError as error:
        raise FairmarkError(f"{root} cannot be read: {error.strerror}") from None
    for student in students or ():
        if student not in names:
            known = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
            raise FairmarkError(f"no student {student!r} in {root}; there are: {known or 'none'}")
    found = []
    for assignment in assignments:
        for student in names:
            folder = course.folder("submitted", student, assignment.name)
            if (not students or student in students) and folder.is_dir():
                found.append(HandIn(student, assignment, folder))
    for student in students or ():
        if not any(handin.student == student for handin in found):
            wanted = ", ".join(assignment.name for assignment in assignments)
            raise FairmarkError(f"{student} has handed in nothing for {wanted}")
    return found


def fingerprint_base(assignment: Assignment) -> str:
    """A hash of all but the submission that can change its mark."""
    preload = assignment.course.preload_for([assignment])
    parts = (fairmark.__version__, assignment.fingerprint, assignment.limits(), preload)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _read_plain_file(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        reason = "it is a link" if path.is_symlink() else error.strerror
        raise NotebookError(f"{path} cannot be read: {reason}") from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise NotebookError(f"{path} is no file")
    with open(descriptor, "rb") as file:
        if status.st_size > MAX_BYTES:
            size, limit = status.st_size >> 20, MAX_BYTES >> 20
            raise NotebookError(f"{path} has {size} MiB; {limit} MiB is the limit")
        return file.read(MAX_BYTES)


def _content_or_stamp(path: Path) -> bytes:
    """A file's bytes; of what is no plain file, or too large to be graded, what identifies it."""
    try:
        status = path.lstat()
        if stat.S_ISREG(status.st_mode) and status.st_size <= MAX_BYTES:
            return hashlib.sha256(path.read_bytes()).digest()
        return f"{status.st_mode} {status.st_size} {status.st_mtime_ns}".encode()
    except OSError as error:
        return str(error).encode()
