"""Sending marks to a platform: first what would be sent, then only what has changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from fairmark.lms.names import Handed
from fairmark.lms.people import Entry, Known, NobodyError, People
from fairmark.lms.sent import Sent
from fairmark.lms.there import Column, Number, Person, Platform, RefusedError, There
from fairmark.record.marks import ClassMarks, Mark, StudentMarks
from fairmark.text import points

State = Literal["send", "sent", "same", "waiting", "kept", "nobody", "failed"]
MISSING: frozenset[State] = frozenset(["send", "nobody", "failed", "kept"])
"""The mark is not there."""
_EQUAL = 0.005


@dataclass
class Item:
    """A student's mark for an assignment, and what becomes of it."""

    assignment: str
    student: str
    mark: Mark
    state: State = "send"
    remark: str = ""
    number: Number = 0
    """The platform's number of the student."""
    there: There = field(default_factory=lambda: There(None))


class Push:
    """The marks of a class on their way to a course of a platform.

    A mark that somebody has changed there since it was sent is kept, unless ``overwrite``.
    """

    def __init__(
        self,
        platform: Platform,
        marks: ClassMarks,
        known: Sequence[Known],
        sent: Sent,
        *,
        overwrite: bool = False,
    ) -> None:
        self.platform = platform.name
        self._sent, self._overwrite = sent, overwrite
        self._matched = match_people(platform.people(), known)
        self._columns: dict[str, Column] = {}
        self.refused: list[str] = []
        """A line about each assignment that the platform cannot take marks of."""
        self.items: list[Item] = []
        for name, most in marks.max_scores.items():
            graded = [student for student in marks.students if name in student.marks]
            if not graded:
                continue
            try:
                found = platform.column(name, most)
                there = found.read()
            except RefusedError as error:
                self.refused.append(f"{name}: {error}")
                continue
            self._columns[name] = found
            self.items += [self._item(name, student, there) for student in graded]

    @property
    def to_send(self) -> list[Item]:
        """The marks that the platform has not, or has otherwise."""
        return [item for item in self.items if item.state == "send"]

    def send(self) -> Iterator[Item]:
        """Send them; yield each with what became of it. Raise StoppedError.

        What was not sent then still is to be sent.
        """
        try:
            for item in self.to_send:
                try:
                    there = self._columns[item.assignment].write(item.number, item.mark.score)
                except RefusedError as error:
                    item.state, item.remark = "failed", str(error)
                else:
                    self._confirm(item, there)
                yield item
        finally:
            self._sent.save()

    def _item(self, name: str, student: StudentMarks, there: Mapping[Number, There]) -> Item:
        item = Item(name, student.id, student.marks[name])
        number = self._matched.numbers.get(student.id)
        if item.mark.unmarked:
            item.state = "waiting"
            item.remark = f"to mark by hand: {', '.join(item.mark.unmarked)}"
        elif number is None:
            item.state = "nobody"
            item.remark = self._matched.reasons.get(
                student.id,
                f"{self.platform} has no one student of this login, e-mail address or name",
            )
        elif number not in there:
            item.state = "nobody"
            item.remark = f"in {self.platform} the assignment is not for this student"
        else:
            item.number, item.there = number, there[number]
            self._compare(item)
        return item

    def _compare(self, item: Item) -> None:
        """Say what becomes of a mark whose place is known."""
        before = self._sent.score(item.assignment, item.student)
        now = item.there.score
        if item.there.excused:
            item.state, item.remark = "kept", f"excused in {self.platform}"
        elif _is_same(item.there, item.mark):
            item.state, item.remark = "same", self._deducted(item.there)
        elif before is not None and (now is None or abs(now - before) >= _EQUAL):
            changed = f"{points(before)} was sent, and somebody has changed it there"
            item.remark = changed
            if not self._overwrite:
                item.state, item.remark = "kept", f"{changed}: --overwrite sends it all the same"
        elif item.student in self._matched.named:
            item.remark = f"found by nothing but the name {self._matched.named[item.student]}"

    def _confirm(self, item: Item, there: There) -> None:
        """Look whether the mark is there now."""
        if _is_same(there, item.mark):
            item.state, item.remark = "sent", self._deducted(there)
            self._sent.note(item.assignment, item.student, item.mark.score)
        else:
            kept = "none" if there.score is None else points(there.score)
            item.state, item.remark = "failed", f"{self.platform} took it and has {kept}"

    def _deducted(self, there: There) -> str:
        if not there.deducted:
            return ""
        off = points(there.deducted)
        return f"{self.platform} takes off {off} for being late, by its own policy"


@dataclass
class Matched:
    """Which person of the platform each student is."""

    numbers: dict[str, Number] = field(default_factory=dict)
    """The platform's numbers."""
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


def _is_same(there: There, mark: Mark) -> bool:
    return there.score is not None and abs(there.score - mark.score) < _EQUAL
