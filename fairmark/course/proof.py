"""The proof of an assignment's graders: ``graders/<assignment>/verified.json``.

``fairmark verify`` writes it and an instructor commits it. It holds what was proven, a fingerprint
of the files that it was proven for, and the lessons by which feedback names a student's mistake.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairmark.course.answers import bare_cells
from fairmark.course.marks import grade_id
from fairmark.course.variants import MISCONCEPTIONS
from fairmark.errors import FairmarkError
from fairmark.files import plain_files, write_file
from fairmark.harness.diagnose import RECORD, Lessons
from fairmark.syntax.imports import members_imported, modules_imported

if TYPE_CHECKING:
    from fairmark.course.course import Assignment


_FORM = 3
"""Of an error, observations had its type only in the first form; what is free has marks since the
third."""


def why_unverified(assignment: Assignment) -> str:
    """Return why the graders are not proven, as a clause; "" if they are."""
    record = _read(assignment)
    if not record:
        return "its graders have not been verified"
    if record.get("fingerprint") != fingerprint(assignment):
        return "its graders or answers have changed since they were verified"
    return ""


def refusal(name: str, reason: str) -> str:
    """Return the line that says why an assignment is not released, and what mends it."""
    return f"{name} is not released: {reason}; run `fairmark verify {name}`"


def adopted_unproven(assignment: Assignment) -> str:
    """Return the line about adopted graders that are not proven; "" for all others.

    Students get nbgrader's release as before, on which these graders have no influence.
    """
    reason = why_unverified(assignment) if assignment.adopted is not None else ""
    if not reason:
        return ""
    return (
        f"{assignment.label}: {reason}; the release does not depend on them. Prove them with "
        f"`fairmark verify {assignment.label}`, or remove {assignment.graders}: then the test "
        "cells give the marks, as before"
    )


def edited_test_cells(assignment: Assignment) -> str:
    """Return the line about test cells edited since graders were made of them; "" for none."""
    if assignment.adopted is None:
        return ""
    cells = {grade_id(cell): cell.source for cell in assignment.prepared.cells if grade_id(cell)}
    edited = assignment.adopted.edited(cells)
    if not edited:
        return ""
    return (
        f"{assignment.label}: edited since the graders were made of them: {', '.join(edited)}; the "
        "graders give marks as before. Change them as well, or run "
        f"`fairmark adopt --write --force {assignment.label}`"
    )


def thin_exercises(assignment: Assignment) -> list[str]:
    """Return a line for each exercise of which the proof says little, as its graders are thin."""
    return [
        f"the grader of {row['question']} is thin: it has {', '.join(row['thin'])}"
        for row in _read(assignment).get("proven", [])
        if row.get("thin")
    ]


def is_current(assignment: Assignment) -> bool:
    """Whether the proof holds, and its lessons are written as they are now.

    A proof of an earlier form holds as well, but fewer mistakes are recognised.
    """
    return not why_unverified(assignment) and _read(assignment).get("form") == _FORM


def lessons_of(assignment: Assignment) -> Lessons:
    """Return the lessons of an assignment; none where the proof is out of date.

    A test that has changed since could confuse mistakes. The lessons are cached until a file of the
    course changes, and processes that are forked later share the cache.
    """
    course = assignment.course
    folders = [assignment.graders, course.root / "reference", assignment.source.parent]
    stamps = [(path, path.stat().st_mtime_ns) for path in plain_files(folders)]
    return _lessons_of(assignment, tuple(stamps))


@functools.lru_cache(maxsize=32)
def _lessons_of(assignment: Assignment, _stamps: tuple[tuple[Path, int], ...]) -> Lessons:
    if not (assignment.graders / MISCONCEPTIONS).is_file() or why_unverified(assignment):
        return Lessons({})
    return Lessons.from_json(_read(assignment)["lessons"])


def visible_lessons(assignment: Assignment) -> bytes:
    """Return the file of lessons for students: only those of visible tests."""
    visible = {q: set(keys) for q, keys in _read(assignment).get("visible", {}).items()}
    found = lessons_of(assignment).only(visible).to_json()
    return (json.dumps({"lessons": found}, ensure_ascii=False) + "\n").encode()


def write_record(
    assignment: Assignment, proven: list[Any], visible: dict[str, list[str]], lessons: Lessons
) -> Path:
    """Write the proof and return its path; the same content gives the same text."""
    path = assignment.graders / RECORD
    lines = {
        "form": json.dumps(_FORM),
        "fingerprint": json.dumps(fingerprint(assignment)),
        "proven": _lines(proven),
        "visible": json.dumps(visible, sort_keys=True),
        "lessons": "{"
        + ",".join(
            f"\n{json.dumps(question)}: {_lines(found)}"
            for question, found in lessons.to_json().items()
        )
        + "\n}",
    }
    text = "{\n" + ",\n".join(f"{json.dumps(k)}: {v}" for k, v in lines.items()) + "\n}\n"
    write_file(path, text, parents=True)
    return path


def fingerprint(assignment: Assignment) -> str:
    """A hash of everything that the proof depends on: answers, tests and lists of answers."""
    beside = [*assignment.graders.glob("*.py"), *assignment.graders.glob("*.toml")]
    files = {path for path in beside if path.is_file()}  # an editor's lock file is a broken link
    files |= imported_files(assignment.grader_files, assignment.course.root)
    digest = hashlib.sha256(json.dumps(bare_cells(assignment)).encode())
    digest.update(hash_files(sorted(files)).encode())
    if assignment.inline.calls:
        digest.update(assignment.inline.text().encode())
    return digest.hexdigest()


def imported_files(files: Iterable[Path], root: Path) -> set[Path]:
    """Return the modules of the course that these modules import, directly or indirectly."""
    found: set[Path] = set()
    waiting = list(files)
    while waiting:
        for name in _names_imported(waiting.pop()):
            if name.partition(".")[0] == "fairmark":
                continue  # the engine, which may be in the course's folder
            path = root.joinpath(*name.split(".")).with_suffix(".py")
            package = root.joinpath(*name.split("."), "__init__.py")
            for file in (path, package):
                if file.is_file() and file not in found:
                    found.add(file)
                    waiting.append(file)
    return found


def hash_files(paths: Iterable[Path]) -> str:
    """Return a hash of the names and contents of files; raise FairmarkError if one is missing."""
    digest = hashlib.sha256()
    for path in paths:
        try:
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        except OSError as error:
            raise FairmarkError(f"cannot read {path}: {error.strerror}") from None
    return digest.hexdigest()


def _read(assignment: Assignment) -> dict[str, Any]:
    try:
        found = json.loads((assignment.graders / RECORD).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _lines(items: list[Any]) -> str:
    """A JSON list with one item on each line, so that a diff shows which items changed."""
    return "[" + ",".join("\n  " + json.dumps(item, ensure_ascii=False) for item in items) + "\n]"


def _names_imported(path: Path) -> set[str]:
    """The names of the modules that a module imports, and of members that may be modules."""
    try:
        nodes = list(ast.walk(ast.parse(path.read_bytes())))
    except (SyntaxError, ValueError):
        return set()  # running the module reports the error
    return modules_imported(nodes) | members_imported(nodes)
