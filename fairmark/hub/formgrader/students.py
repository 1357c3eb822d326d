"""Adding the students of a table (CSV) to the gradebook, and to the hub's group of students."""

from __future__ import annotations

import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.intake.tables import rows_of
from fairmark.record.database import explained, gradebook_url, open_gradebook
from fairmark.text import printable

_COLUMNS = ("id", "first_name", "last_name", "email")
_TITLES = {
    "id": "id studentid student username user login sislogin sisloginid matriculation",
    "first_name": "firstname first givenname forename",
    "last_name": "lastname last surname familyname",
    "email": "email mail emailaddress",
}
_ID = re.compile(r"[^\W_][\w.@+-]{0,127}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_LONGEST = 200
_HUB_SECONDS = 20


@dataclass
class Line:
    """A line of the table."""

    number: int
    id: str = ""
    names: dict[str, str] = field(default_factory=dict)
    """The other columns of the student that are not empty."""
    fault: str = ""
    """Why it is left out."""


def read_table(content: bytes) -> list[Line]:
    """Return the lines of a table, each with a student or a fault. Raise FairmarkError.

    Columns are separated by commas, semicolons or tabs. A first line of titles tells their order,
    which is else that of ``_COLUMNS``.
    """
    columns: Sequence[str] = _COLUMNS
    lines: list[Line] = []
    seen: dict[str, int] = {}
    for number, cells in rows_of(content):
        if not lines and (titles := _titles(cells)):
            columns = titles
            continue
        lines.append(_line(number, cells, columns, seen))
    if not lines:
        raise FairmarkError("the table has no students in it")
    return lines


def add_students(course: Course, lines: Sequence[Line], *, dry_run: bool) -> dict[str, Any]:
    """Add the students that have no fault, and change those that are known by another name.

    Returns, as JSON, what was done with each line, or would be. A column that is missing or empty
    changes nothing, so the same table twice does nothing the second time. Raise FairmarkError.
    """
    with explained(gradebook_url(course)), open_gradebook(course) as gradebook:
        known = {student.id: student for student in gradebook.students}
        rows = [_row(line, known.get(line.id)) for line in lines]
        if not dry_run:
            for line, row in zip(lines, rows, strict=True):
                if row["state"] in ("new", "changed"):
                    gradebook.update_or_create_student(line.id, **line.names)
    good = [line.id for line in lines if not line.fault]
    hub = "" if dry_run or not good else _add_to_hub(str(course.directory.course_id), good)
    return {"rows": rows, "hub": hub, "added": not dry_run}


def _titles(cells: Sequence[str]) -> list[str]:
    """The columns that a line of titles names, "" for unknown ones; [] if it has no titles."""
    names = [re.sub(r"[\W_]+", "", cell.lower()) for cell in cells]
    found = [
        next((key for key, words in _TITLES.items() if name in words.split()), "") for name in names
    ]
    if "id" not in found:
        return []
    for key in _COLUMNS:
        if found.count(key) > 1:
            raise FairmarkError(f"two columns of the table are both the student's {key}")
    return found


def _line(number: int, cells: Sequence[str], columns: Sequence[str], seen: dict[str, int]) -> Line:
    values = {key: cell for key, cell in zip(columns, cells, strict=False) if key and cell}
    student = values.pop("id", "")
    line = Line(number, student, values)
    if len(cells) > len(columns) and any(cells[len(columns) :]):
        line.fault = f"it has {len(cells)} columns instead of {len(columns)}"
    elif not student:
        line.fault = "it has no id"
    elif not _ID.fullmatch(student):
        line.fault = f"{printable(student)!r} is no id: letters, digits and . @ + - _ only"
    elif student in seen:
        line.fault = f"{student} is in line {seen[student]} already"
    elif any(not value.isprintable() or len(value) > _LONGEST for value in values.values()):
        line.fault = "a name or address has letters that cannot be shown, or is too long"
    elif "email" in values and not _EMAIL.fullmatch(values["email"]):
        line.fault = f"{values['email']!r} is no e-mail address"
    else:
        seen[student] = number
    return line


def _row(line: Line, student: Any) -> dict[str, Any]:
    changes = [
        f"{key.replace('_', ' ')}: {getattr(student, key)} → {value}"
        for key, value in line.names.items()
        if student is not None and getattr(student, key) and getattr(student, key) != value
    ]
    filled = student is not None and any(not getattr(student, key) for key in line.names)
    if line.fault:
        state = "fault"
    elif student is None:
        state = "new"
    else:
        state = "changed" if changes or filled else "known"
    return {
        "line": line.number,
        "id": printable(line.id),
        **{key: printable(line.names.get(key, "")) for key in _COLUMNS[1:]},
        "state": state,
        "remark": line.fault or "; ".join(changes),
    }


def _add_to_hub(course_id: str, students: Sequence[str]) -> str:
    """Put students into the hub's group, if this is a hub's server; return what to tell of it."""
    url, token = os.environ.get("JUPYTERHUB_API_URL"), os.environ.get("JUPYTERHUB_API_TOKEN")
    if not url or not token:
        return ""
    refused = []
    for student in students:  # one by one: the hub refuses all where it does not know one
        request = urllib.request.Request(
            f"{url}/groups/{quote(f'nbgrader-{course_id}', safe='')}/users",
            json.dumps({"users": [student]}).encode(),
            {"Authorization": f"token {token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=_HUB_SECONDS):
                pass
        except urllib.error.HTTPError as error:
            if error.code not in (400, 403, 404):
                raise FairmarkError(f"the hub answers {error.code} {error.reason}") from None
            refused.append(student)
        except OSError as error:
            raise FairmarkError(f"the hub cannot be reached: {error}") from None
    if not refused:
        return "All of them are in the hub's group of students."
    return (
        f"The hub does not know these students yet: {', '.join(refused)}. They are in the "
        "gradebook; who runs the hub has to let them log in."
    )
