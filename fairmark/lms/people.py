"""Which student of the gradebook a person of the platform is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from dateutil import parser

from fairmark.errors import FairmarkError
from fairmark.intake.tables import rows_of
from fairmark.lms.names import Handed
from fairmark.text import printable

_TITLES = {
    "student": "student studentid",
    "person": "canvasid lmsuserid participant identifier",
    "login": "username user login sisloginid sisuserid idnumber",
    "name": "name fullname studentname",
    "first": "firstname first givenname forename",
    "last": "lastname last surname familyname",
    "email": "email mail emailaddress",
    "time": "lastmodifiedsubmission submittedat submitted time timestamp",
}
"""What a column may be called: the tables of Canvas and Moodle, and what one writes by hand."""
_ID = re.compile(r"[^\W_][\w.@+-]{0,127}")


@dataclass(frozen=True)
class Entry:
    """A line of a table about a person: who it is on the platform, and who in the gradebook."""

    person: str = ""
    student: str = ""
    """What a column "student" says: it is believed."""
    logins: tuple[str, ...] = ()
    """Logins, numbers, the e-mail address: they count where the gradebook knows them, too."""
    names: tuple[str, ...] = ()
    time: datetime | None = None


@dataclass(frozen=True)
class Known:
    """A student of the gradebook."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""

    @classmethod
    def of(cls, student: Any) -> Known:
        """Return a row of the gradebook."""
        values = (student.first_name, student.last_name, student.email, student.lms_user_id)
        return cls(str(student.id), *(str(value or "") for value in values))

    @property
    def names(self) -> tuple[str, ...]:
        """The names that a platform may make of first and last name."""
        if not (self.first_name or self.last_name):
            return ()
        return f"{self.first_name} {self.last_name}", f"{self.last_name} {self.first_name}"


class NobodyError(FairmarkError):
    """No student, or more than one, may be meant."""


def read_entries(content: bytes, zone: tzinfo | None) -> tuple[list[Entry], list[str]]:
    """Return the lines of a table about people, and what is wrong with others.

    It is Canvas's table of grades, Moodle's grading worksheet or list of participants, or any other
    with a line of titles that are known. Times without a zone are of ``zone``, or of this machine.
    Raise FairmarkError.
    """
    rows = rows_of(content)
    columns = _columns(rows[0][1]) if rows else []
    if not {"person", "name", "last", "email"} & {*columns}:
        raise FairmarkError(
            "the table needs a line of titles: student, and name, e-mail, or the number on the "
            "platform (lms_user_id)"
        )
    entries, faults = [], []
    for number, cells in rows[1:]:
        try:
            entries.append(_entry(columns, cells, zone))
        except FairmarkError as error:
            faults.append(f"line {number} of the table: {error}")
    return entries, faults


class People:
    """Finds the student that is meant, in a table first and then in the gradebook."""

    def __init__(self, known: Iterable[Known], entries: Sequence[Entry] = ()) -> None:
        self._known = list(known)
        self._entries = entries

    def entry(self, handed: Handed) -> Entry | None:
        """Return the line of the table about a person; raise NobodyError where two may be."""
        lines = [e for e in self._entries if e.person == handed.person]
        if not lines and handed.name:
            name = plain(handed.name)
            lines = [e for e in self._entries if not e.person and name in map(plain, e.names)]
        if len({(e.student, e.logins, e.names) for e in lines}) > 1:
            raise NobodyError(f"{len(lines)} lines of the table may be meant")
        return lines[-1] if lines else None

    def student(self, handed: Handed) -> str:
        """Return the id of the student that handed in; raise NobodyError."""
        entry = self.entry(handed)
        if entry is not None and entry.student:
            return self._id(entry.student)
        if handed.platform == "canvas" and (
            found := self._one(lambda k: k.lms_user_id == handed.person)
        ):
            return found
        if entry is not None:
            logins = {login.casefold() for login in entry.logins}
            if found := self._one(lambda k: bool(logins & {k.id.casefold(), k.email.casefold()})):
                return found
            if found := self._named(entry.names):
                return found
        if found := self._named((handed.name,)):
            return found
        raise NobodyError("the gradebook has no such student")

    def _id(self, student: str) -> str:
        found = self._one(lambda known: _same(known.id, student))
        if found or _ID.fullmatch(student):
            return found or student
        raise NobodyError(f"{printable(student)!r} in the table is no student's id")

    def _named(self, names: Sequence[str]) -> str:
        wanted = {plain(name) for name in names} - {""}
        found = self._one(lambda known: bool(wanted & {*map(plain, known.names)}))
        return found or self._one(lambda known: plain(known.id) in wanted)

    def _one(self, fits: Any) -> str:
        """The student that fits, or none; raise NobodyError where several do."""
        found = sorted(known.id for known in self._known if fits(known))
        if len(found) > 1:
            raise NobodyError(f"it may be {' or '.join(found)}")
        return found[0] if found else ""


def plain(name: str) -> str:
    """A name without what platforms leave out of file names: case, spaces, punctuation."""
    text = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isalnum())


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _columns(titles: Sequence[str]) -> list[str]:
    """What each column is, "" for what does not matter."""
    names = [re.sub(r"[\W_]+", "", title.lower()) for title in titles]
    known = {word: key for key, words in _TITLES.items() for word in words.split()}
    if "sisloginid" in names:  # Canvas's table of grades: its "Student" is a name
        known |= {"student": "name", "id": "person"}
    elif "student" not in names:
        known["id"] = "student"
    found = [known.get(name, "") for name in names]
    # Where two columns are the same thing, the first counts.
    return [key if key == "login" or key not in found[:at] else "" for at, key in enumerate(found)]


def _entry(columns: Sequence[str], cells: Sequence[str], zone: tzinfo | None) -> Entry:
    values = dict(zip(columns, cells, strict=False))
    first, last, whole = (values.get(key, "") for key in ("first", "last", "name"))
    names = [f"{first} {last}", f"{last} {first}"] if first or last else []
    if whole:
        names += [whole, " ".join(reversed(whole.split(",")))]
    pairs = zip(columns, cells, strict=False)
    logins = tuple(cell for key, cell in pairs if key in ("login", "email") and cell)
    return Entry(
        person=re.sub(r"^.* (?=\d+$)", "", values.get("person", "")),  # "Participant 4711"
        student=values.get("student", ""),
        logins=logins,
        names=tuple(names),
        time=_time(values["time"], zone) if values.get("time", "-") not in ("-", "") else None,
    )


def _time(text: str, zone: tzinfo | None) -> datetime:
    try:
        time: datetime = parser.parse(text)
    except (ValueError, OverflowError):
        raise FairmarkError(f"{printable(text)!r} is no date that can be read") from None
    if time.tzinfo is None:
        time = time.replace(tzinfo=zone) if zone is not None else time.astimezone()
    return time.astimezone(UTC)
