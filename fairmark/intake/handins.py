"""Submissions: finding them, reading them safely, and telling whether they have changed."""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import fairmark
from fairmark.course.beside import companions, fingerprint
from fairmark.course.course import Assignment, Course
from fairmark.course.handout import text_of
from fairmark.errors import FairmarkError
from fairmark.files import walk
from fairmark.harness.report import Repair
from fairmark.intake.choice import choose
from fairmark.intake.folders import folder_of, not_looked_at
from fairmark.intake.kinds import RepairKind
from fairmark.intake.stamp import TIMESTAMP, time_in
from fairmark.notebook import MAX_BYTES, NotebookError, parse_notebook, read_bytes


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
        return time_in(self.folder)

    @property
    def is_there(self) -> bool:
        """Whether the folder holds this notebook, under its own name or another one."""
        return choose(self.folder, self.assignment) is not None

    def read(self) -> tuple[Path, bytes]:
        """Return the notebook's path and bytes; raise NotebookError.

        A notebook with another name is read where only this notebook can be meant. Links are
        never followed: they could lead to the instructor's solution.
        """
        for place in (self.folder, self.folder.parent):
            if place.is_symlink():
                raise NotebookError(f"{place} is a link: put the files there that were handed in")
        choice = choose(self.folder, self.assignment)
        if choice is None:
            there = sorted(
                path.name for path in self.folder.glob("[!.]*") if path.name != TIMESTAMP
            )
            listed = ", ".join(there[:10]) + (", …" if len(there) > 10 else "")
            found = f"; its folder has {listed}" if there else ""
            raise NotebookError(f"{self.name} does not exist{found}")
        return choice.path, read_bytes(choice.path, follow_links=False)

    @property
    def repairs(self) -> tuple[Repair, ...]:
        """What was not as expected: the name of the folder or of the notebook."""
        choice = choose(self.folder, self.assignment)
        found = choice.repairs if choice is not None else ()
        name, expected = self.folder.name, self.assignment.name
        if name == expected:
            return found
        return (RepairKind.OTHER_FOLDER.of(name=name, expected=expected), *found)

    def notebooks_beside(self, text: str) -> dict[str, bytes]:
        """Return the student's other notebooks of the assignment that this one, ``text``, names."""
        found = {}
        for other in companions(self.assignment, text):
            with suppress(NotebookError):
                path, data = SubmittedNotebook(self.student, other, self.folder).read()
                parse_notebook(data, path.name)
                found[other.source.name] = data
        return found

    def fingerprint(self, base: str) -> str:
        """A hash of everything that can change the mark; ``base`` is :func:`fingerprint_base`."""
        digest = hashlib.sha256(base.encode())
        own = self.folder / self.assignment.source.name
        choice = choose(self.folder, self.assignment)
        text = text_of(choice.path) if choice is not None and not choice.path.is_symlink() else ""
        beside = companions(self.assignment, text)
        for other in beside:
            digest.update(text_of(other.source).encode(errors="replace"))
        others = {self.folder / a.source.name for a in self.assignment.notebooks} - {own}
        others -= {self.folder / other.source.name for other in beside}
        for folder, folders, files in walk(self.folder):
            folders.sort()
            for name in sorted(files):
                path = Path(folder, name)
                if path in others and os.path.lexists(own):
                    continue
                digest.update(f"\0{path.relative_to(self.folder)}\0".encode(errors="replace"))
                if path not in others:
                    digest.update(_content_or_stamp(path))
        return digest.hexdigest()


def find_handins(
    course: Course, assignments: list[Assignment], students: list[str] | None = None
) -> list[SubmittedNotebook]:
    """Return the submissions of these assignments, ordered by assignment and student.

    ``students`` limits them to these students; those in nbgrader's
    ``c.CourseDirectory.student_id_exclude`` are left out. Raises FairmarkError when one of
    ``students`` has none.
    """
    root, names = course.folder("submitted"), _students(course)
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
            if students and student not in students:
                continue
            folder = folder_of(student, assignment)
            handin = SubmittedNotebook(student, assignment, folder)
            if folder.is_dir() and (handin.is_there or _is_asked_for(assignment)):
                found.append(handin)
    for student in students or ():
        if student in excluded:
            raise FairmarkError(f"{student} is left out by c.CourseDirectory.student_id_exclude")
        if not any(handin.student == student for handin in found):
            wanted = ", ".join(assignment.label for assignment in assignments)
            raise FairmarkError(f"{student} has handed in nothing for {wanted}")
    return found


def strangers(course: Course, students: list[str] | None = None) -> list[str]:
    """Return a line for each name in submitted/STUDENT/ that belongs to no assignment."""
    excluded = course.excluded_students
    names = [name for name in students or _students(course) if name not in excluded]
    lines = []
    for name, whose in sorted(not_looked_at(course, names).items()):
        shown = ", ".join(whose[:5]) + (f" and {len(whose) - 5} more" if len(whose) > 5 else "")
        lines.append(f"not looked at, for its name is no assignment's: {name} of {shown}")
    return lines


def _students(course: Course) -> list[str]:
    """The names of the folders in submitted/; raise FairmarkError when it cannot be read."""
    root = course.folder("submitted")
    try:
        return sorted(p.name for p in root.iterdir() if p.is_dir() and not p.name.startswith("."))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise FairmarkError(f"{root} cannot be read: {error.strerror}") from None


def _is_asked_for(assignment: Assignment) -> bool:
    """Whether students hand a notebook in; others lie beside it, with nothing to be marked."""
    return len(assignment.notebooks) == 1 or bool(assignment.questions)


def fingerprint_base(assignment: Assignment) -> str:
    """A hash of everything but the submission itself that can change its mark."""
    preload = assignment.course.preload_for([assignment])
    parts = (fairmark.__version__, fingerprint(assignment), assignment.limits(), preload)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _content_or_stamp(path: Path) -> bytes:
    """A hash of a file's content; its mode, size and time if it is too large or no plain file."""
    try:
        status = path.lstat()
        if stat.S_ISREG(status.st_mode) and status.st_size <= MAX_BYTES:
            return hashlib.sha256(path.read_bytes()).digest()
        return f"{status.st_mode} {status.st_size} {status.st_mtime_ns}".encode()
    except OSError as error:
        return str(error).encode()
