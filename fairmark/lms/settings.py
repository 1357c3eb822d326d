"""Which course of Canvas a course is, and the token to reach it with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from fairmark.course.configuration import CONFIG_FILE
from fairmark.course.course import Course
from fairmark.errors import FairmarkError

TOKEN = "CANVAS_API_TOKEN"
"""The environment variable with the token."""
_HERE = ("127.0.0.1", "::1", "localhost")
_KEYS = {"url", "course", "assignments"}


@dataclass(frozen=True)
class CanvasSettings:
    """What ``c.Fairmark.canvas`` says."""

    url: str
    course: int
    assignments: Mapping[str, int]
    """Canvas's numbers of assignments that have another name there."""

    @classmethod
    def read(cls, course: Course) -> CanvasSettings:
        """Return what the configuration says; raise FairmarkError."""
        found = course.config.Fairmark.get("canvas")
        where = f"{CONFIG_FILE}: c.Fairmark.canvas"
        if not isinstance(found, Mapping) or not {"url", "course"} <= found.keys():
            raise FairmarkError(
                f"{where} has to name the course in Canvas, as in "
                '{"url": "https://canvas.example.edu", "course": 1234}'
            )
        if "token" in " ".join(map(str, found)).lower():
            raise FairmarkError(f"{where}: a token does not belong there: put it into ${TOKEN}")
        if unknown := found.keys() - _KEYS:
            raise FairmarkError(f"{where} knows no {', '.join(sorted(map(str, unknown)))}")
        assignments = found.get("assignments", {})
        if not isinstance(assignments, Mapping):
            raise FairmarkError(f"{where}: assignments are names with their numbers in Canvas")
        try:
            numbers = {str(name): int(number) for name, number in assignments.items()}
            number = int(found["course"])
        except (TypeError, ValueError):
            raise FairmarkError(f"{where}: courses and assignments are numbers") from None
        return cls(_address(str(found["url"]), where), number, numbers)


def read_token(file: Path | None) -> str:
    """Return the token, of a file or the environment; raise FairmarkError where there is none."""
    if file is None:
        token = os.environ.get(TOKEN, "").strip()
        if not token:
            raise FairmarkError(f"there is no token: put it into ${TOKEN}, or name --token-file")
    else:
        try:
            if file.stat().st_mode & 0o077:
                raise FairmarkError(f"others can read {file}: chmod 600 it")
            token = file.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            raise FairmarkError(f"{file} holds no token that can be read") from None
    if not token or not token.isprintable() or not token.isascii() or " " in token:
        raise FairmarkError("the token has letters that no token has")
    return token


def _address(url: str, where: str) -> str:
    """The address of Canvas; none that would send the token over the network in clear text."""
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
    if not is_safe or not parts.hostname or parts.username:
        raise FairmarkError(f"{where}: the url has to begin with https://, and name no user")
    return f"{parts.scheme}://{parts.netloc}"
