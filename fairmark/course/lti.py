"""What a course says of its learning platform, ``c.Fairmark.lti``, and which student a person is.

The hub's log-in, the roster and the marks take the student's id by the same rule.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from fairmark.errors import FairmarkError
from fairmark.text import printable

if TYPE_CHECKING:
    from fairmark.course.course import Course

STUDENT_KEYS = ("sub", "email", "lis_person_sourcedid")
"""What a student's id is made of: the platform's own number, the address, or the registry's id."""
_LIS = "https://purl.imsglobal.org/spec/lti/claim/lis"
_HERE = ("127.0.0.1", "::1", "localhost")
# "+" would end the name in the folders of nbgrader's exchange.
_ID = re.compile(r"[a-z0-9][a-z0-9._@-]{0,99}")
_URLS = ("token_url", "memberships_url", "lineitems_url", "login_url", "keys_url")
_NEEDED = ("issuer", "client_id")
_KEYS = {*_NEEDED, *_URLS, "context", "key_file", "student", "assignments"}


@dataclass(frozen=True)
class LtiSettings:
    """The registration of this course's tool with a platform of LTI 1.3."""

    issuer: str
    client_id: str
    token_url: str = ""
    """Gives access tokens."""
    key_file: Path | None = None
    """The tool's private key."""
    memberships_url: str = ""
    """The course's roster (Names and Role Provisioning)."""
    lineitems_url: str = ""
    """The course's columns of marks (Assignment and Grade Services)."""
    login_url: str = ""
    """Where the platform says who somebody is; for the hub's log-in, as is the next one."""
    keys_url: str = ""
    """The platform's public keys."""
    context: str = ""
    """The course as launches call it: a platform has courses with teachers of their own."""
    student: str = "sub"
    """One of STUDENT_KEYS."""
    assignments: Mapping[str, str] | None = None
    """The addresses of columns that have another name there."""

    @classmethod
    def read(cls, course: Course, *needed: str) -> LtiSettings:
        """Return what the configuration says, with these settings; raise FairmarkError."""
        from fairmark.course.configuration import CONFIG_FILE  # a hub's image has no course

        found = course.config.Fairmark.get("lti")
        return cls.of(found, f"{CONFIG_FILE}: c.Fairmark.lti", course.root, needed)

    @classmethod
    def of(cls, found: Any, where: str, folder: Path, needed: tuple[str, ...] = ()) -> LtiSettings:
        """Return settings that ``where`` holds; paths in it are taken from ``folder``."""
        wanted = (*_NEEDED, *needed)
        given = found.keys() if isinstance(found, Mapping) else set()
        if missing := [key for key in wanted if key not in given or not found[key]]:
            raise FairmarkError(f"{where} has to say {', '.join(missing)} (see docs/lti.md)")
        if unknown := given - _KEYS:
            raise FairmarkError(f"{where} knows no {', '.join(sorted(map(str, unknown)))}")
        values = {key: str(found[key]) for key in (*_NEEDED, *_URLS, "context") if key in given}
        for key in _URLS:
            if not is_safe(values.get(key) or "https://x"):
                raise FairmarkError(f"{where}: {key} has to begin with https://, and name no user")
        student = found.get("student", "sub")
        if student not in STUDENT_KEYS:
            raise FairmarkError(f"{where}: student is one of {', '.join(STUDENT_KEYS)}")
        assignments = found.get("assignments", {})
        if not isinstance(assignments, Mapping) or not all(
            is_safe(str(url)) for url in assignments.values()
        ):
            raise FairmarkError(f"{where}: assignments are names with the addresses of columns")
        return cls(
            **values,
            key_file=folder / str(found["key_file"]) if found.get("key_file") else None,
            student=student,
            assignments={str(name): str(url) for name, url in assignments.items()},
        )


def is_safe(url: str) -> bool:
    """Whether a token may be sent there: no network carries it in clear text."""
    parts = urlsplit(url)
    is_sealed = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
    return is_sealed and bool(parts.hostname) and parts.username is None


def student_id(person: Mapping[str, Any], key: str) -> str:
    """Return the id of a person, of a launch or of the roster; raise FairmarkError.

    There is no second choice where the platform does not tell it: that would be another student.
    """
    value = person.get(key)
    if key == "sub":
        value = person.get("sub") or person.get("user_id")
    elif key == "lis_person_sourcedid" and not value:
        lis = person.get(_LIS)
        value = lis.get("person_sourcedid") if isinstance(lis, Mapping) else None
    if not isinstance(value, str) or not value:
        raise FairmarkError(f"the platform does not tell {key}")
    name = value.lower()
    if not _ID.fullmatch(name) or name.startswith("grader-"):
        raise FairmarkError(f"{key} {printable(value)!r} cannot be a student's id")
    return name


def is_learner(roles: Any) -> bool:
    """Whether these roles are a student's, in this course."""
    return _has(roles, "Learner") and not is_teacher(roles)


def is_teacher(roles: Any) -> bool:
    """Whether these roles are a teacher's of this course; some platforms say it of assistants."""
    return _has(roles, "Instructor")


def _has(roles: Any, role: str) -> bool:
    if not isinstance(roles, list):
        return False
    full = f"http://purl.imsglobal.org/vocab/lis/v2/membership#{role}"
    return full in roles or role in roles
