"""Collecting hand-ins from a platform's zip into ``submitted/STUDENT/ASSIGNMENT``."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.files import notebooks_in, replaced_folder, write_file
from fairmark.intake.folders import meant_by
from fairmark.intake.stamp import TIMESTAMP
from fairmark.lms.archive import Archive, Member, MemberError, open_archive
from fairmark.lms.collected import (
    Collected,
    digest_of,
    digest_of_folder,
    read_collected,
    write_collected,
)
from fairmark.lms.names import Handed, read_names
from fairmark.lms.people import Entry, Known, NobodyError, People
from fairmark.lms.times import Due, is_wrong, stamp_of
from fairmark.record.database import explained, gradebook_url, open_gradebook

State = Literal["new", "newer", "same", "time", "older", "kept", "nobody", "empty", "failed"]
"""What becomes of a hand-in; the last four need somebody's help, and nothing is written."""
HELPLESS: frozenset[State] = frozenset(["kept", "nobody", "empty", "failed"])
_MOST_LINES = 20


@dataclass
class Step:
    """A hand-in, and what is to be done with it."""

    handed: Handed
    student: str = ""
    state: State = "new"
    remark: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    stamp: str = ""


def assignment_meant(course: Course, archive: Archive) -> str:
    """Return the assignment whose notebooks most files are named after; raise FairmarkError."""
    notebooks = {
        path.stem: folder.name
        for folder in sorted(course.source.glob("[!.]*"))
        for path in notebooks_in(folder)
    }
    handed, _ = read_names(archive.members)
    names = [PurePosixPath(name) for one in handed for name in one.files]
    meant = Counter(
        notebooks[stem]
        for name in names
        if name.suffix.lower() == ".ipynb" and (stem := meant_by(name.stem, notebooks))
    )
    best = meant.most_common(2)
    if not best or (len(best) == 2 and best[0][1] < 2 * best[1][1]):
        raise FairmarkError(
            "the names of the files do not tell which assignment it is: name it, as in "
            "`fairmark collect FILE.zip ASSIGNMENT`"
        )
    return best[0][0]


class Collection:
    """The hand-ins of an assignment in one zip."""

    def __init__(
        self,
        course: Course,
        assignment: str,
        archive: Archive,
        entries: Sequence[Entry] = (),
        *,
        force: bool = False,
    ) -> None:
        self._course, self._assignment, self._archive = course, assignment, archive
        self._force = force
        self.handed, self.nobodys = read_names(archive.members)
        self._collected = read_collected(course, assignment)
        known, self._due = _in_gradebook(course, assignment)
        self._people = People(known, entries)
        self._whose: dict[str, list[Handed]] = {}
        for handed in self.handed:
            try:
                self._whose.setdefault(self._people.student(handed), []).append(handed)
            except NobodyError:
                continue  # steps() says so

    @property
    def remarks(self) -> list[str]:
        """A line about each thing that the zip cannot tell, and each file that is not looked at."""
        lines = [f"not looked at: {line}" for line in self._archive.left_out]
        lines += [f"not looked at, for its name is no hand-in's: {n}" for n in self.nobodys]
        if len(lines) > _MOST_LINES:
            lines[_MOST_LINES:] = [f"not looked at: {len(lines) - _MOST_LINES} more files"]
        late = sorted(self._shown(one) for one in self.handed if one.late)
        if late and self._due.date is None:
            lines.append(
                f"the gradebook has no due date for {self._assignment}, so it cannot tell that "
                f"these were late: {', '.join(late)}"
            )
        if self._due.date is not None and self._untimed:
            lines.append(
                "Moodle's zip does not tell when files were handed in, so they count as in time: "
                "its grading worksheet does (--students)"
            )
        return lines

    @property
    def _untimed(self) -> bool:
        moodles = [one for one in self.handed if one.platform == "moodle"]
        return any(self._whose_time(one) is None for one in moodles)

    def _whose_time(self, handed: Handed) -> datetime | None:
        try:
            entry = self._people.entry(handed)
        except NobodyError:
            return None
        return entry.time if entry is not None else None

    def _shown(self, handed: Handed) -> str:
        return next((who for who, some in self._whose.items() if handed in some), handed.shown)

    def steps(self) -> Iterator[Step]:
        """Yield what is to be done with each hand-in; its files are read on the way."""
        for handed in self.handed:
            yield self._step(handed)

    def carry_out(self, step: Step) -> None:
        """Do it, or note in the step why it cannot be done."""
        folder = self._course.folder("submitted", step.student, self._assignment)
        try:
            if step.state in ("new", "newer"):
                _write(folder, step)
            elif step.state == "time":
                write_file(folder / TIMESTAMP, step.stamp)
        except FairmarkError as error:
            step.state, step.remark = "failed", str(error)
        if step.state in ("new", "newer", "time", "same"):
            self._keep(step)

    def _keep(self, step: Step) -> None:
        """Note whose it is on the platform, unless that is of a newer hand-in."""
        handed, before = step.handed, self._collected.get(step.student)
        if before is not None and before.person == handed.person and before.age > handed.age:
            return
        new = Collected(
            handed.platform,
            handed.person,
            handed.prefix,
            handed.age,
            handed.late,
            digest_of(step.files),
        )
        if new != before:
            self._collected[step.student] = new
            write_collected(self._course, self._assignment, self._collected)

    def _step(self, handed: Handed) -> Step:
        step = Step(handed)
        try:
            step.student = self._people.student(handed)
            entry = self._people.entry(handed)
        except NobodyError as error:
            step.state, step.remark = "nobody", str(error)
            return step
        if len(others := self._whose[step.student]) > 1:
            step.state, step.remark = "nobody", f"{len(others)} people would be {step.student}"
            return step
        try:
            step.files = self._read(step)
        except FairmarkError as error:
            step.state, step.remark = "failed", str(error)
            return step
        if not _has_notebook(step.files):
            there = ", ".join(sorted(step.files)[:5])
            missing = f"no notebook, but {there}" if there else "no file, but text or a link"
            step.remark = "; ".join(filter(None, [missing, step.remark]))
            if not step.files:
                step.state = "empty"
                return step
        self._compare(step, entry)
        return step

    def _read(self, step: Step) -> dict[str, bytes]:
        """The files, under the names that they have in the student's folder.

        What cannot be read, or is too large, is left out and named; where it is a notebook, the
        hand-in is not collected without it. Raise FairmarkError.
        """
        files, left_out = self._read_files(self._archive, step.handed.files)
        zips = [name for name in files if name.lower().endswith(".zip")]
        if len(zips) == 1 and not _has_notebook(files) and "/" not in zips[0]:
            with open_archive(files.pop(zips[0]), zips[0]) as archive:
                inner = {member.name: member for member in archive.members}
                unpacked, more = self._read_files(archive, inner)
                files = {**unpacked, **files}
                left_out += [*archive.left_out, *more]
        if left_out:
            step.remark = f"without {'; '.join(left_out)}"
        return files

    def _read_files(
        self, archive: Archive, members: Mapping[str, Member]
    ) -> tuple[dict[str, bytes], list[str]]:
        limit = 1000 * int(self._course.directory.max_file_size)
        room = 1000 * int(self._course.directory.max_dir_size)
        found: dict[str, bytes] = {}
        left_out = []
        for name, place in self._places(members).items():
            try:
                if any(len(os.fsencode(part)) > 255 for part in place.split("/")):
                    raise MemberError(f"{name}: its name is too long")
                found[place] = archive.read(members[name], min(limit, room))
            except MemberError as error:
                if _has_notebook([name]):
                    raise
                left_out.append(str(error))
            else:
                room -= len(found[place])
        return found, left_out

    def _places(self, members: Iterable[str]) -> Mapping[str, str]:
        """Where each file goes.

        Platforms and browsers number the copies of a file: the only one that can be a notebook of
        the assignment gets its name.
        """
        ignored = self._course.directory.ignore
        names = {
            name: name
            for name in members
            if name != TIMESTAMP
            and not any(fnmatchcase(part, one) for part in name.split("/") for one in ignored)
        }
        expected = [path.stem for path in notebooks_in(self._course.source / self._assignment)]
        for stem in expected:
            if f"{stem}.ipynb" in names:
                continue
            copies = [
                name
                for name in names
                if "/" not in name
                and name.lower().endswith(".ipynb")
                and PurePosixPath(name).stem not in expected
                and meant_by(PurePosixPath(name).stem, expected) == stem
            ]
            if len(copies) == 1:
                names[copies[0]] = f"{stem}.ipynb"
        return names

    def _compare(self, step: Step, entry: Entry | None) -> None:
        """Tell what to do from what is there already."""
        folder = self._course.folder("submitted", step.student, self._assignment)
        time = entry.time if entry is not None else None
        due = self._due.of(step.student)
        step.stamp = stamp_of(step.handed, time, due)
        if not folder.is_dir():
            return
        there, new = digest_of_folder(folder), digest_of(step.files)
        before = self._collected.get(step.student)
        is_older = (
            before is not None
            and before.person == step.handed.person
            and before.age > step.handed.age
        )
        is_believed = self._force or entry is not None
        if before is not None and not is_believed and _is_another(before, step.handed):
            step.state = "kept"  # anybody may take another's name on a platform
            step.remark = f"the last one came from {before.person}: --students tells who is who"
        elif there == new and is_older:
            step.state = "same"
        elif there == new:
            late, is_known = step.handed.late, time is not None
            wrong = is_wrong(folder, step.stamp, due, late, is_known)
            step.state = "time" if wrong else "same"
        elif self._force:
            step.state = "newer"
        elif before is None or before.digest != there:
            step.state = "kept"
            step.remark = "other files lie there, which no zip brought: --force replaces them"
        elif is_older:
            step.state, step.remark = "older", "a newer one is here"
        else:
            step.state = "newer"


def _in_gradebook(course: Course, assignment: str) -> tuple[list[Known], Due]:
    with explained(gradebook_url(course)), open_gradebook(course) as gradebook:
        known = [Known.of(student) for student in gradebook.students]
        rows: list[Any] = [row for row in gradebook.assignments if row.name == assignment]
        extensions = {
            str(submission.student_id): submission.extension
            for row in rows
            for submission in row.submissions
            if submission.extension
        }
        return known, Due(rows[0].duedate if rows else None, extensions)


def _is_another(before: Collected, handed: Handed) -> bool:
    return before.platform == handed.platform and before.person != handed.person


def _has_notebook(names: Iterable[str]) -> bool:
    """Whether one of the files may be a notebook; browsers and mail append .txt and .json."""
    ends = (".ipynb", ".ipynb.txt", ".ipynb.json")
    return any(name.lower().endswith(ends) for name in names)


def _write(folder: Path, step: Step) -> None:
    with replaced_folder(folder) as new:
        for name, data in step.files.items():
            place = new / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        (new / TIMESTAMP).write_text(step.stamp, "utf-8")
