"""Submissions: finding them, reading them safely, and telling whether they have changed."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nbformat import NotebookNode

import fairmark
from fairmark.course.course import Assignment, Course
from fairmark.errors import FairmarkError
from fairmark.intake.identify import kinship
from fairmark.notebook import MAX_BYTES, NotebookError, parse_notebook

TIMESTAMP = "timestamp.txt"
_NOTEBOOK = re.compile(r"\.ipynb(\.txt|\.json)?$", re.IGNORECASE)
"""The end of a notebook's name; browsers and mail programs append the second part."""


@dataclass(frozen=True)
class SubmittedNotebook:
    """One student's notebook of an assignment, in the folder that the student handed in."""

    student: str
    assignment: Assignment
    folder: Path

    @property
    def key(self) -> tuple[str, str, str]:
        """The student, the assignment and the notebook, as the gradebook names them."""
        return self.student, self.assignment.name, self.assignment.notebook

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
        """The time of the submission; None where it is not known."""
        from nbgrader.utils import parse_utc

        try:
            text = (self.folder / TIMESTAMP).read_text().strip()
            return parse_utc(text) if text else None
        except (OSError, ValueError, OverflowError):
            return None

    @property
    def is_there(self) -> bool:
        """Whether the folder holds this notebook, under its own name or another one."""
        return self._find() is not None

    def read(self) -> tuple[Path, bytes]:
        """Return the notebook's path and bytes; raise NotebookError.

        A notebook with another name is read where only this notebook can be meant. Links are
        never followed: they could lead to the instructor's solution.
        """
        for place in (self.folder, self.folder.parent):
            if place.is_symlink():
                raise NotebookError(f"{place} is a link: put the files there that were handed in")
        path = self._find()
        if path is None:
            there = sorted(
                path.name for path in self.folder.glob("[!.]*") if path.name != TIMESTAMP
            )
            listed = ", ".join(there[:10]) + (", …" if len(there) > 10 else "")
            found = f"; its folder has {listed}" if there else ""
            raise NotebookError(f"{self.name} does not exist{found}")
        return path, _read_plain_file(path)

    def fingerprint(self, base: str) -> str:
        """A hash of everything that can change the mark; ``base`` is :func:`fingerprint_base`."""
        digest = hashlib.sha256(base.encode())
        own = self.folder / self.assignment.source.name
        others = {self.folder / a.source.name for a in self.assignment.notebooks} - {own}
        for folder, folders, files in os.walk(self.folder):
            folders.sort()
            for name in sorted(files):
                path = Path(folder, name)
                if path.suffix == ".ipynb" and path != own and os.path.lexists(own):
                    continue
                digest.update(f"\0{path.relative_to(self.folder)}\0".encode(errors="replace"))
                if path not in others:
                    digest.update(_content_or_stamp(path))
        return digest.hexdigest()

    def _find(self) -> Path | None:
        path = self.folder / self.assignment.source.name
        if os.path.lexists(path):
            return path
        mine = [stray for stray in self._strays() if self._is_meant(stray)]
        if len(mine) > 1:  # some may belong to no assignment
            mine = [stray for stray in mine if _kinship(_parsed(stray), self.assignment)]
        return mine[0] if len(mine) == 1 else None

    def _strays(self) -> list[Path]:
        """The notebooks whose names belong to no notebook of the assignment."""
        expected = {assignment.source.name for assignment in self.assignment.notebooks}
        found = sorted(path for path in self.folder.glob("[!.]*") if _NOTEBOOK.search(path.name))
        return [path for path in found if path.name not in expected]

    def _is_meant(self, stray: Path) -> bool:
        """Whether a stray is this notebook, and not another notebook that is missing as well."""
        missing = [
            assignment
            for assignment in self.assignment.notebooks
            if not os.path.lexists(self.folder / assignment.source.name)
        ]
        if missing == [self.assignment]:
            return True
        notebook = _parsed(stray)

        def kin(assignment: Assignment) -> tuple[int, int]:
            name = assignment.notebook
            return _kinship(notebook, assignment), len(name) if name in stray.stem else 0

        best = max(map(kin, missing))
        return [assignment for assignment in missing if kin(assignment) == best] == [
            self.assignment
        ]


def find_handins(
    course: Course, assignments: list[Assignment], students: list[str] | None = None
) -> list[SubmittedNotebook]:
    """Return the submissions of these assignments, ordered by assignment and student.

    ``students`` limits them to these students; those in nbgrader's
    ``c.CourseDirectory.student_id_exclude`` are left out. Raises FairmarkError when one of
    ``students`` has none.
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
    excluded = course.excluded_students
    found = []
    for assignment in assignments:
        for student in names:
            if student in excluded:
                continue
            folder = course.folder("submitted", student, assignment.name)
            if (not students or student in students) and folder.is_dir():
                found.append(SubmittedNotebook(student, assignment, folder))
    for student in students or ():
        if student in excluded:
            raise FairmarkError(f"{student} is left out by c.CourseDirectory.student_id_exclude")
        if not any(handin.student == student for handin in found):
            wanted = ", ".join(assignment.label for assignment in assignments)
            raise FairmarkError(f"{student} has handed in nothing for {wanted}")
    return found


def fingerprint_base(assignment: Assignment) -> str:
    """A hash of everything but the submission itself that can change its mark."""
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


def _parsed(path: Path) -> NotebookNode | None:
    """The notebook in a file; None where the file holds no notebook."""
    try:
        return parse_notebook(_read_plain_file(path), path.name)
    except NotebookError:
        return None


def _kinship(notebook: NotebookNode | None, assignment: Assignment) -> int:
    return kinship(notebook, assignment) if notebook is not None else 0


def _content_or_stamp(path: Path) -> bytes:
    """A hash of a file's content; its mode, size and time if it is too large or no plain file."""
    try:
        status = path.lstat()
        if stat.S_ISREG(status.st_mode) and status.st_size <= MAX_BYTES:
            return hashlib.sha256(path.read_bytes()).digest()
        return f"{status.st_mode} {status.st_size} {status.st_mtime_ns}".encode()
    except OSError as error:
        return str(error).encode()
