"""What lies beside a submitted notebook when it is run, and what a mark depends on."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from fairmark.course.course import Assignment
from fairmark.course.handout import mentioned, state_of, text_of
from fairmark.course.marks import mark_of
from fairmark.files import plain_files
from fairmark.sandbox import SharedFile

if TYPE_CHECKING:
    from nbformat import NotebookNode


def files_beside(
    assignment: Assignment,
    handed_in: Mapping[str, bytes],
    text: str = "",
    notebook: NotebookNode | None = None,
) -> dict[str, bytes | SharedFile]:
    """Return the files that lie beside a submitted notebook when it is run, by relative name.

    The instructor's come first, and none of a student's can stand in their place, but for those
    that students are to change: files that the course names, and notebooks with answers. Nor can a
    file stand where the instructor has a folder, or a folder where he has a file. ``text``
    is the submitted notebook's, which may name other notebooks. ``notebook`` itself lies there
    where it or the instructor's names its own file: some courses read it. Raises FairmarkError.
    """
    import nbformat

    given = assignment.extra_files()
    students = set(assignment.students_files)
    for other in companions(assignment, text):
        name = other.source.name
        given[name] = nbformat.writes(other.handed_out).encode()
        if any(mark_of(cell).get("solution") for cell in other.master.cells):
            students.add(name)
    taken = set(given) - students
    folders = {str(place) for n in given for place in PurePosixPath(n).parents}
    own = {
        n: data
        for n, data in handed_in.items()
        if not {n, *map(str, PurePosixPath(n).parents)} & taken and n not in folders
    }
    files = given | own
    name = assignment.source.name
    if notebook is not None and any(name in t for t in (text, text_of(assignment.source))):
        files[name] = nbformat.versions[4].writes_json(notebook).encode(errors="replace")
    return files


def companions(assignment: Assignment, text: str = "") -> tuple[Assignment, ...]:
    """Return the other notebooks that this one, or ``text``, names: it may run or import them."""
    others = {o.notebook: o for o in assignment.notebooks if o.source != assignment.source}
    if not others:
        return ()
    texts = {name: text_of(other.source) for name, other in others.items()}
    found = mentioned(texts, [text_of(assignment.source), text])
    return tuple(other for name, other in others.items() if name in found)


def fingerprint(assignment: Assignment) -> str:
    """Return a hash of all the instructor's files and settings that can change a mark."""
    course = assignment.course
    digest = hashlib.sha256(course.cell_settings.encode())
    settings = (sorted(assignment.students_files), course.ignored, course.run_cells)
    digest.update(repr(settings).encode())
    digest.update(repr((course.data, state_of(course.data))).encode(errors="replace"))
    folders = [assignment.source.parent, assignment.graders, course.root / "reference"]
    others = {other.source for other in assignment.notebooks} - {assignment.source}
    others -= {other.source for other in companions(assignment)}
    for path in sorted([*plain_files(folders), *course.cell_files]):
        digest.update(os.path.relpath(path, course.root).encode(errors="replace"))
        if path not in others:
            with open(path, "rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
