"""The platform's roster and the gradebook's: who is new, who has changed, who has left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from fairmark.course.lti import is_learner, student_id
from fairmark.errors import FairmarkError
from fairmark.lms.people import Known

State = Literal["new", "changed", "same", "nobody", "doubled", "gone"]
HELPLESS: frozenset[State] = frozenset(["nobody", "doubled"])
"""The person is not in the gradebook."""
_FIELDS = {"first_name": "given_name", "last_name": "family_name", "email": "email"}


@dataclass(frozen=True)
class Line:
    """What becomes of a person."""

    state: State
    student: str
    name: str
    remark: str = ""
    values: Mapping[str, str] | None = None
    """What to write into the gradebook."""


def compare(members: Sequence[Mapping[str, Any]], known: Sequence[Known], key: str) -> list[Line]:
    """Return a line for each student of the roster, and for those of the gradebook who are not.

    Nobody is removed from the gradebook: marks hang on it. What the gradebook has and the roster
    does not tell stays.
    """
    by_id = {student.id.casefold(): student for student in known}
    numbers = Counter(known_.lms_user_id for known_ in known if known_.lms_user_id)
    by_number = {one.lms_user_id: one for one in known if numbers[one.lms_user_id] == 1}
    people = _students(members)
    lines: list[Line] = []
    met: dict[str, list[Mapping[str, Any]]] = {}
    for person in people.values():
        number = str(person["user_id"])
        try:
            found = by_number.get(number)
            student = found.id if found else student_id(person, key)
        except FairmarkError as error:
            lines.append(Line("nobody", "", _name(person), str(error)))
            continue
        found = by_id.get(student.casefold())
        met.setdefault(found.id if found else student, []).append(person)
    for student, persons in met.items():
        if len(persons) > 1:
            names = " and ".join(f"{_name(one)} ({one['user_id']})" for one in persons)
            lines.append(Line("doubled", student, "", f"it may be {names}"))
        else:
            lines.append(_line(student, persons[0], by_id.get(student.casefold())))
    there = {student.casefold() for student in met}
    gone = sorted(student.id for name, student in by_id.items() if name not in there)
    remark = "not in the roster; what was handed in and marked stays"
    return lines + [Line("gone", student, "", remark) for student in gone]


def _students(members: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Those who take part, each once: a platform may list a person for each section."""
    return {
        str(member["user_id"]): member
        for member in members
        if member.get("status", "Active") == "Active" and is_learner(member.get("roles"))
    }


def _line(student: str, person: Mapping[str, Any], known: Known | None) -> Line:
    told = {field: str(person.get(name) or "") for field, name in _FIELDS.items()}
    told["lms_user_id"] = str(person["user_id"])
    if not (told["first_name"] or told["last_name"]):
        *first, last = _name(person).split() or [""]
        told["first_name"], told["last_name"] = " ".join(first), last
    if known is None:
        values = {field: value for field, value in told.items() if value}
        return Line("new", student, _name(person), "", values)
    if known.lms_user_id and known.lms_user_id != told["lms_user_id"]:
        del told["lms_user_id"]  # of Canvas's own interface, which its zips go by
    values = {f: value for f, value in told.items() if value and value != getattr(known, f)}
    state: State = "changed" if values else "same"
    return Line(state, known.id, _name(person), ", ".join(values), values)


def _name(person: Mapping[str, Any]) -> str:
    names = (str(person.get(key) or "") for key in ("given_name", "family_name"))
    return str(person.get("name") or " ".join(names).strip() or person["user_id"])
