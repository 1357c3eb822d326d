"""What sending marks knows of any platform: people, columns of marks, and what goes wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from fairmark.errors import FairmarkError

Number = int | str
"""What a platform calls a person."""


class StoppedError(FairmarkError):
    """Nothing more can be done now: the token is refused, or the platform cannot be reached."""


class RefusedError(FairmarkError):
    """The platform refuses this one thing."""


@dataclass(frozen=True)
class Person:
    """A student of the course on the platform."""

    number: Number
    name: str
    sortable_name: str
    logins: tuple[str, ...]


@dataclass(frozen=True)
class There:
    """What the platform has of a student for an assignment."""

    score: float | None
    """As it was entered, before what the platform itself takes off for being late."""
    excused: bool = False
    deducted: float = 0.0
    """What the platform takes off."""


class Column(Protocol):
    """An assignment there, with what it has of each student."""

    def read(self) -> Mapping[Number, There]:
        """Return what it has, by the platform's number of the student. Raise StoppedError."""

    def write(self, number: Number, score: float) -> There:
        """Enter a student's points; return what is there then.

        Raise RefusedError, StoppedError.
        """


class Platform(Protocol):
    """A course there."""

    name: str
    """What to call it."""

    def people(self) -> Sequence[Person]:
        """Return the students of the course. Raise StoppedError."""

    def column(self, assignment: str, most: float) -> Column:
        """Return where the marks of an assignment with so many points go.

        Raise RefusedError where none or several may be meant, or its points mean something else.
        """
