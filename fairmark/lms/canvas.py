"""A course of Canvas: its students, assignments and marks, by way of canvasapi."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import requests
from canvasapi import Canvas
from canvasapi.exceptions import (
    CanvasException,
    Forbidden,
    InvalidAccessToken,
    RateLimitExceeded,
    ResourceDoesNotExist,
)
from requests.adapters import HTTPAdapter

from fairmark.lms.settings import CanvasSettings
from fairmark.lms.there import Number, Person, RefusedError, StoppedError, There
from fairmark.text import points, printable

_SECONDS = 60
"""How long an answer may take."""
_PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Before each further try, in seconds."""
_LONGEST = 200
_UNGRADED = ("not_graded", "pass_fail")
_T = TypeVar("_T")


class CanvasAssignment:
    """An assignment in Canvas, with what it has of each student."""

    def __init__(self, found: Any) -> None:
        self._found = found
        self.name = str(found.name)
        self.points_possible = getattr(found, "points_possible", None)
        self.grading_type = str(getattr(found, "grading_type", "points"))
        self.marks_groups = bool(getattr(found, "group_category_id", None)) and not getattr(
            found, "grade_group_students_individually", False
        )
        """Whether the points of one member become those of the whole group."""
        self._rows: dict[Number, Any] = {}

    def read(self) -> Mapping[Number, There]:
        """Return what Canvas has, by its number of the student. Raise StoppedError."""
        self._rows = _patiently(
            lambda: {int(row.user_id): row for row in self._found.get_submissions(per_page=100)}
        )
        return {number: _there(row) for number, row in self._rows.items()}

    def write(self, number: Number, score: float) -> There:
        """Enter a student's points; return what Canvas has then.

        Raise RefusedError, StoppedError.
        """
        row = self._rows[number]
        return _there(_patiently(lambda: row.edit(submission={"posted_grade": points(score)})))


class CanvasCourse:
    """A course in Canvas. What cannot be reached is tried again, with growing pauses."""

    name = "Canvas"

    def __init__(self, settings: CanvasSettings, token: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of http, which settings allow on this machine only
            canvas = Canvas(settings.url, token)
        # canvasapi waits for an answer for ever, and offers no way but its session to change that.
        session = canvas._Canvas__requester._session
        session.mount(settings.url, _Adapter())
        self._settings = settings
        try:
            self._course = _patiently(lambda: canvas.get_course(settings.course))
            self._assignments = _patiently(
                lambda: {int(one.id): one for one in self._course.get_assignments(per_page=100)}
            )
        except RefusedError as error:
            raise StoppedError(f"course {settings.course}: {error}") from None

    def people(self) -> list[Person]:
        """Return the students of the course."""
        users = _patiently(
            lambda: list(
                self._course.get_users(enrollment_type=["student"], include=["email"], per_page=100)
            )
        )
        return [_person(user) for user in users]

    def column(self, name: str, most: float) -> CanvasAssignment:
        """Return the assignment that is meant; raise RefusedError where none or several may be."""
        if (number := self._settings.assignments.get(name)) is not None:
            found = [one for key, one in self._assignments.items() if key == number]
        else:
            wanted = _plain(name)
            found = [one for one in self._assignments.values() if _plain(str(one.name)) == wanted]
        if len(found) != 1:
            what = "no assignment" if not found else f"{len(found)} assignments"
            raise RefusedError(
                f"Canvas has {what} of this name: say which in "
                f'c.Fairmark.canvas, as in "assignments": {{"{name}": 5678}}'
            )
        assignment = CanvasAssignment(found[0])
        _check(assignment, most)
        return assignment


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


class _Adapter(HTTPAdapter):
    """Waits for an answer for a bounded time."""

    def send(self, *arguments: Any, **options: Any) -> Any:
        options["timeout"] = options.get("timeout") or _SECONDS
        return super().send(*arguments, **options)


def _patiently(call: Callable[[], _T]) -> _T:
    """Return what a call to Canvas returns, trying again what may go well later.

    Entering the same points twice changes nothing, so that may be tried again as well.
    """
    for pause in (*_PAUSES, None):
        try:
            return call()
        except InvalidAccessToken:
            raise StoppedError(
                "Canvas refuses the token: it has expired or was revoked, so make a new one"
            ) from None
        except (CanvasException, requests.RequestException, ValueError) as error:
            if not _may_pass(error):
                raise RefusedError(f"Canvas says: {_told(error)}") from None
            if pause is None:
                raise StoppedError(f"Canvas cannot be reached now: {_told(error)}") from None
            time.sleep(pause)
        except (AttributeError, KeyError, TypeError) as error:
            raise RefusedError(f"Canvas's answer is not as documented: {_told(error)}") from None
    raise AssertionError("unreachable")


def _may_pass(error: Exception) -> bool:
    """Whether it may go well later: too many calls, a server in trouble, a broken connection."""
    if isinstance(error, RateLimitExceeded):
        return True
    if isinstance(error, Forbidden):  # as Canvas says it, too, when there are too many calls
        return "rate limit" in str(error).lower()
    if isinstance(error, CanvasException):
        return "status code 5" in str(error)
    return True  # a broken connection, or an answer that is cut off


def _told(error: Exception) -> str:
    """What an error says, in one short line."""
    if isinstance(error, ResourceDoesNotExist):
        return "there is no such thing, or you may not see it"
    if isinstance(error, requests.Timeout):
        return f"no answer in {_SECONDS} seconds"
    if isinstance(error, requests.RequestException):
        return "the connection fails"
    text = " ".join(printable(str(error)).split())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _person(user: Any) -> Person:
    logins = (getattr(user, key, None) for key in ("login_id", "sis_user_id", "email"))
    name = str(getattr(user, "name", ""))
    sortable = str(getattr(user, "sortable_name", "") or name)
    return Person(int(user.id), name, sortable, tuple(str(login) for login in logins if login))


def _there(row: Any) -> There:
    score = getattr(row, "entered_score", None)
    if score is None:
        score = getattr(row, "score", None)
    deducted = getattr(row, "points_deducted", None) or 0.0
    excused = bool(getattr(row, "excused", False))
    return There(None if score is None else float(score), excused, float(deducted))


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())
