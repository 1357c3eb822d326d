"""Sending marks to Canvas: first what would be sent, then only what has changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from fairmark.lms.canvas import (
    CanvasAssignment,
    CanvasCourse,
    Person,
    RefusedError,
    There,
)
from fairmark.lms.names import Handed
from fairmark.lms.people import Entry, Known, NobodyError, People
from fairmark.record.marks import ClassMarks, Mark, StudentMarks
from fairmark.text import points

State = Literal["send", "sent", "same", "waiting", "kept", "nobody", "failed"]
MISSING: frozenset[State] = frozenset(["send", "nobody", "failed", "kept"])
"""The mark is not in Canvas."""
_UNGRADED = ("not_graded", "pass_fail")


@dataclass
class Item:
    """A student's mark for an assignment, and what becomes of it."""

    assignment: str
    student: str
    mark: Mark
    state: State = "send"
    remark: str = ""
    number: int = 0
    """Canvas's number of the student."""
    there: There = field(default_factory=lambda: There(None))


class Push:
    """The marks of a class on their way to a course of Canvas."""

    def __init__(self, course: CanvasCourse, marks: ClassMarks, known: Sequence[Known]) -> None:
        self._marks = marks
        self._matched = match_people(course.people(), known)
        self._assignments: dict[str, CanvasAssignment] = {}
        self.refused: list[str] = []
        """A line about each assignment that Canvas cannot take marks of."""
        self.items: list[Item] = []
        for name, most in marks.max_scores.items():
            graded = [student for student in marks.students if name in student.marks]
            if not graded:
                continue
            try:
                found = course.assignment(name)
                _check(found, most)
                there = found.read()
            except RefusedError as error:
                self.refused.append(f"{name}: {error}")
                continue
            self._assignments[name] = found
            self.items += [self._item(name, student, there) for student in graded]

    @property
    def to_send(self) -> list[Item]:
        """The marks that Canvas has not, or has otherwise."""
        return [item for item in self.items if item.state == "send"]

    def send(self) -> Iterator[Item]:
        """Send them; yield each with what became of it. Raise StoppedError.

        What was not sent then still is to be sent.
        """
        for item in self.to_send:
            try:
                there = self._assignments[item.assignment].write(
                    item.number, points(item.mark.score)
                )
            except RefusedError as error:
                item.state, item.remark = "failed", str(error)
            else:
                _confirm(item, there)
            yield item

    def _item(self, name: str, student: StudentMarks, there: Mapping[int, There]) -> Item:
        item = Item(name, student.id, student.marks[name])
        number = self._matched.numbers.get(student.id)
        if item.mark.unmarked:
            item.state = "waiting"
            item.remark = f"to mark by hand: {', '.join(item.mark.unmarked)}"
        elif number is None:
            item.state = "nobody"
            item.remark = self._matched.reasons.get(
                student.id, "Canvas has no one student of this login, e-mail address or name"
            )
        elif number not in there:
            item.state, item.remark = "nobody", "in Canvas the assignment is not for this student"
        else:
            item.number, item.there = number, there[number]
            if item.there.excused:
                item.state, item.remark = "kept", "excused in Canvas"
            elif _is_same(item.there, item.mark):
                item.state, item.remark = "same", _deducted(item.there)
            elif student.id in self._matched.named:
                item.remark = f"found by nothing but the name {self._matched.named[student.id]}"
        return item


@dataclass
class Matched:
    """Which person of Canvas each student is."""

    numbers: dict[str, int] = field(default_factory=dict)
    """Canvas's numbers."""
    named: dict[str, str] = field(default_factory=dict)
    """Those who were found by their name alone, which anybody may have taken."""
    reasons: dict[str, str] = field(default_factory=dict)
    """Why others were not found."""


def match_people(people: Iterable[Person], known: Sequence[Known]) -> Matched:
    """Return who is who. Numbers, logins and e-mail addresses count before names."""
    matched = Matched()
    left = list(people)
    for by_name in (False, True):
        open_ = [student for student in known if student.id not in matched.numbers]
        found: dict[str, list[Person]] = {}
        for person in left:
            try:
                student = People(open_, [_entry(person, by_name)]).student(
                    Handed("canvas", str(person.number), "")
                )
            except NobodyError:
                continue
            found.setdefault(student, []).append(person)
        for student, some in found.items():
            names = " or ".join(f"{one.name} ({one.number})" for one in some)
            if len(some) > 1:
                matched.reasons[student] = f"it may be {names}"
                continue
            matched.numbers[student] = some[0].number
            matched.reasons.pop(student, None)
            if by_name:
                matched.named[student] = names
        left = [person for person in left if person.number not in matched.numbers.values()]
    return matched


def _entry(person: Person, by_name: bool) -> Entry:
    names = (person.name, person.sortable_name) if by_name else ()
    return Entry(str(person.number), logins=person.logins, names=names)


def _check(assignment: CanvasAssignment, most: float) -> None:
    """Refuse to send points that would mean something else in Canvas."""
    if assignment.grading_type in _UNGRADED:
        raise RefusedError(f"Canvas gives no points for it, but {assignment.grading_type}")
    if assignment.marks_groups:
        raise RefusedError(
            "Canvas gives one member's points to the whole group: set \"Assign grades to each "
            'student individually" there'
        )
    possible = assignment.points_possible
    if possible and abs(float(possible) - most) > 0.005:
        raise RefusedError(
            f"it has {points(most)} points here and {points(float(possible))} in Canvas: "
            "change the points there"
        )


def _is_same(there: There, mark: Mark) -> bool:
    return there.score is not None and abs(there.score - mark.score) < 0.005


def _confirm(item: Item, there: There) -> None:
    """Look whether the mark is there now."""
    if _is_same(there, item.mark):
        item.state, item.remark = "sent", _deducted(there)
    else:
        kept = "none" if there.score is None else points(there.score)
        item.state, item.remark = "failed", f"Canvas took it and has {kept}"


def _deducted(there: There) -> str:
    if not there.deducted:
        return ""
    return f"Canvas takes off {points(there.deducted)} for being late, by its own policy"
