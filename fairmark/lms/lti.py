"""A course of a platform of LTI 1.3: its roster and its columns of marks, by way of pylti1p3."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from jwcrypto.common import JWException
from jwcrypto.jwk import JWK
from pylti1p3.assignments_grades import AssignmentsGradesService
from pylti1p3.exception import LtiException, LtiServiceException
from pylti1p3.grade import Grade
from pylti1p3.lineitem import LineItem
from pylti1p3.names_roles import NamesRolesProvisioningService
from pylti1p3.registration import Registration
from pylti1p3.service_connector import ServiceConnector
from requests.adapters import HTTPAdapter

from fairmark.course.lti import LtiSettings, is_learner, student_id
from fairmark.errors import FairmarkError
from fairmark.lms.there import Number, Person, RefusedError, StoppedError, There
from fairmark.text import printable

_SECONDS = 60
"""How long an answer may take."""
_PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Before each further try, in seconds."""
_LONGEST = 200
_MOST = 3
"""How many tokens one call may take."""
_EARLY = 30
"""Seconds before its end in which a token is not used any more."""
_AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
_SCOPES = [_AGS + scope for scope in ("lineitem", "result.readonly", "score")]
_T = TypeVar("_T")


def read_key(file: Path | None) -> str:
    """Return the tool's private key; raise FairmarkError where others can read it."""
    if file is None:
        raise FairmarkError("c.Fairmark.lti has to say key_file: the tool's private key")
    try:
        if file.stat().st_mode & 0o077:
            raise FairmarkError(f"others can read {file}: chmod 600 it")
        text = file.read_text("ascii")
        key = JWK.from_pem(text.encode())
        if key["kty"] != "RSA" or not key.has_private:
            raise ValueError
    except (OSError, ValueError, KeyError, JWException):
        raise FairmarkError(f"{file} holds no private RSA key that can be read") from None
    return text


def public_key(key: str) -> dict[str, Any]:
    """Return what a platform has to know of a key, as the JWK that platforms ask for."""
    return dict(Registration.get_jwk(_public(key)))


class LtiCourse:
    """A course there. What cannot be reached is tried again, with growing pauses."""

    name = "the platform"

    def __init__(self, settings: LtiSettings, key: str) -> None:
        self._settings = settings
        self._link = _Link(settings, key)
        self._items: list[dict[str, Any]] | None = None
        self._members: list[dict[str, Any]] | None = None

    def members(self) -> list[dict[str, Any]]:
        """Return the roster, with everybody in the course. Raise StoppedError."""
        if self._members is None:
            url = self._settings.memberships_url
            service = NamesRolesProvisioningService(self._link, {"context_memberships_url": url})
            found = self._link.patiently(service.get_members)
            if not all(isinstance(m, dict) and m.get("user_id") for m in found):
                raise StoppedError(
                    "the platform's roster is not as documented: there is no user_id"
                )
            self._members = [dict(member) for member in found]
        return self._members

    def people(self) -> list[Person]:
        """Return the students of the course who are active."""
        found = {str(m["user_id"]): m for m in self.members() if is_student(m)}
        return [_person(member, self._settings) for member in found.values()]

    def column(self, assignment: str, most: float) -> LtiColumn:
        """Return the column of an assignment; one that is missing is made by the first mark."""
        url = (self._settings.assignments or {}).get(assignment)
        service = AssignmentsGradesService(
            self._link, {"scope": _SCOPES, "lineitems": self._settings.lineitems_url}
        )
        if self._items is None:
            found = self._link.patiently(lambda: list(service.get_lineitems()))
            self._items = [dict(item) for item in found]
        if url is not None:
            items = [item for item in self._items if item.get("id") == url]
        else:
            tagged = [item for item in self._items if item.get("tag") == _tag(assignment)]
            wanted = _plain(assignment)
            items = tagged or [i for i in self._items if _plain(str(i.get("label"))) == wanted]
        if len(items) > 1 or (url is not None and not items):
            what = f"{len(items)} columns" if items else "no column"
            raise RefusedError(
                f"the platform has {what} of this name or address: say which in c.Fairmark.lti, as "
                f'in "assignments": {{"{assignment}": "https://…"}}'
            )
        students = [str(person.number) for person in self.people()]
        item = items[0] if items else None
        return LtiColumn(self._link, service, assignment, most, item, students)


class LtiColumn:
    """A column of marks there. The platform takes points out of ours, and keeps its own scale."""

    def __init__(
        self,
        link: _Link,
        service: AssignmentsGradesService,
        assignment: str,
        most: float,
        item: Mapping[str, Any] | None,
        students: Sequence[str],
    ) -> None:
        self._link, self._service = link, service
        self._assignment, self._most = assignment, most
        self._item = LineItem(dict(item)) if item is not None else None
        self._students = students

    def read(self) -> dict[Number, There]:
        """Return what the platform has, by its number of the student. Raise StoppedError."""
        found: dict[Number, There] = {student: There(None) for student in self._students}
        for row in self._results():
            if (student := str(row.get("userId"))) in found:
                found[student] = self._there(row)
        return found

    def write(self, number: Number, score: float) -> There:
        """Enter a student's points; return what the platform has then.

        Raise RefusedError, StoppedError.
        """
        if self._item is None:
            item = LineItem().set_label(self._assignment).set_tag(_tag(self._assignment))
            item.set_score_maximum(self._most)
            # An answer that was lost may have made it: look again before each try.
            self._item = self._link.patiently(
                lambda: self._service.find_or_create_lineitem(item, find_by="tag")
            )
        grade = Grade().set_user_id(str(number)).set_score_given(score)
        grade.set_score_maximum(self._most)
        grade.set_activity_progress("Completed").set_grading_progress("FullyGraded")
        # The same in each try: a platform that has it already sees that it is no other.
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        grade.set_timestamp(now.replace("+00:00", "Z"))
        # It has this one, from a try whose answer was lost, or a newer one: that is looked up.
        with contextlib.suppress(_OlderError):
            self._link.patiently(lambda: self._service.put_grade(grade, self._item))
        rows = [row for row in self._results() if str(row.get("userId")) == number]
        return self._there(rows[-1]) if rows else There(None)

    def _results(self) -> list[dict[str, Any]]:
        if self._item is None:
            return []
        return self._link.patiently(lambda: [dict(r) for r in self._service.get_grades(self._item)])

    def _there(self, row: Mapping[str, Any]) -> There:
        """A mark there, in our points."""
        score = row.get("resultScore")
        if score is None:
            return There(None)
        try:
            return There(float(score) * self._most / float(row.get("resultMaximum") or 1.0))
        except (TypeError, ValueError):
            raise RefusedError("the platform's results are not as documented") from None


class _OlderError(RefusedError):
    """The platform has a mark that is as new as this one, or newer."""


class _Link(ServiceConnector):  # type: ignore[misc]
    """Asks the platform, with a token that is fetched anew where it has expired."""

    def __init__(self, settings: LtiSettings, key: str) -> None:
        registration = (
            Registration()
            .set_issuer(settings.issuer)
            .set_client_id(settings.client_id)
            .set_auth_token_url(settings.token_url)
            .set_tool_private_key(key)
            .set_tool_public_key(_public(key))
        )
        session = requests.Session()
        session.trust_env = False  # a .netrc would take the token's place
        session.mount("https://", _Adapter())
        session.mount("http://", _Adapter())
        super().__init__(registration, session)
        self._origins = {
            _origin(url) for url in (settings.memberships_url, settings.lineitems_url) if url
        }
        self._tokens: dict[str, tuple[str, float]] = {}
        self._token_is_new = False

    def make_service_request(self, scopes: Any, url: str, **options: Any) -> Any:
        """Ask for an address of the platform's own: no other gets the token."""
        if _origin(url) not in self._origins:
            raise RefusedError(f"the platform leads to another place: {printable(url)}")
        return super().make_service_request(scopes, url, **options)

    def patiently(self, call: Callable[[], _T]) -> _T:
        """Return what a call returns, trying again what may go well later."""
        pauses: Iterator[float | None] = iter((*_PAUSES, None))
        renewals = 0
        while True:
            try:
                return call()
            except LtiServiceException as error:
                status = error.response.status_code
                is_token = _without_query(error.response.url) == _without_query(
                    self._registration.get_auth_token_url()
                )
                if status == 401 and not is_token and not self._token_is_new and renewals < _MOST:
                    renewals += 1
                    self._tokens.clear()  # it has expired before its time: a new one, at once
                    continue
                if status != 429 and status < 500:
                    raise _refusal(error, is_token) from None
                told = f"it answers {status}"
            except requests.RequestException as error:
                told = (
                    "no answer in time" if isinstance(error, requests.Timeout) else "no connection"
                )
                if isinstance(error, requests.JSONDecodeError):
                    told = "its answer is no JSON"
            except (LtiException, AttributeError, KeyError, TypeError, ValueError) as error:
                text = " ".join(printable(str(error)).split())[:_LONGEST]
                raise StoppedError(f"the platform's answer is not as documented: {text}") from None
            pause = next(pauses)
            if pause is None:
                raise StoppedError(f"the platform cannot be reached now: {told}")
            time.sleep(pause)

    def _get_cached_access_token(self, scope_key: str) -> str | None:
        token, end = self._tokens.get(scope_key, ("", 0.0))
        is_good = bool(token) and time.monotonic() < end
        self._token_is_new = not is_good
        return token if is_good else None

    def _cache_access_token(self, scope_key: str, access_token: str, expires_in: float) -> None:
        self._tokens[scope_key] = (access_token, time.monotonic() + float(expires_in) - _EARLY)


class _Adapter(HTTPAdapter):
    """Waits for an answer for a bounded time."""

    def send(self, *arguments: Any, **options: Any) -> Any:
        options["timeout"] = options.get("timeout") or _SECONDS
        return super().send(*arguments, **options)


def is_student(member: Mapping[str, Any]) -> bool:
    """Whether a person of the roster is a student who takes part."""
    return member.get("status", "Active") == "Active" and is_learner(member.get("roles"))


def _refusal(error: LtiServiceException, is_token: bool) -> FairmarkError:
    status = error.response.status_code
    text = " ".join(printable(error.response.text).split())[:_LONGEST]
    if is_token:
        return StoppedError(
            f"the platform gives no token ({status}): it does not know this key or client_id, or "
            f"forbids the scopes: {text}"
        )
    if status == 401:
        return StoppedError("the platform refuses tokens that it has just given (401)")
    if status == 409:
        return _OlderError("the platform has a newer mark (409)")
    return RefusedError(f"the platform says {status}: {text}")


def _person(member: Mapping[str, Any], settings: LtiSettings) -> Person:
    first, last = (str(member.get(key) or "") for key in ("given_name", "family_name"))
    name = str(member.get("name") or f"{first} {last}".strip())
    logins = [member.get(key) for key in ("email", "lis_person_sourcedid")]
    with contextlib.suppress(FairmarkError):  # found by another login, or not at all
        logins.insert(0, student_id(member, settings.student))
    sortable = f"{last}, {first}" if first and last else name
    return Person(str(member["user_id"]), name, sortable, tuple(str(x) for x in logins if x))


def _public(key: str) -> str:
    return str(JWK.from_pem(key.encode()).export_to_pem().decode())


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _without_query(url: str | None) -> str:
    return (url or "").partition("?")[0]


def _tag(assignment: str) -> str:
    return f"fairmark:{assignment}"


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())
