"""A Canvas for tests: a server on this machine that answers as Canvas's API is documented to."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.lms.serving import serving

TOKEN = "1234~" + "k" * 40
COURSE = 77
_MOST_A_PAGE = 2

Fault = Callable[[str, str], "tuple[int, dict[str, str], str] | None"]


@dataclass
class Served:
    """What the server knows, and what it was asked."""

    users: list[dict[str, Any]]
    assignments: list[dict[str, Any]]
    submissions: dict[int, dict[int, dict[str, Any]]]
    """By assignment and user."""
    url: str = ""
    token: str = TOKEN
    asked: list[tuple[str, str]] = field(default_factory=list)
    """The method and the path of each request."""
    sent: list[tuple[int, int, str]] = field(default_factory=list)
    """Assignment, user, and points of each mark that was entered."""
    fault: Fault = lambda method, path: None
    """What it answers in place of the truth, or None. (0, …) breaks the connection."""
    deduct: dict[int, float] = field(default_factory=dict)
    """By user, what its own policy takes off for being late."""

    def score(self, assignment: int, user: int) -> float | None:
        """Return what it has."""
        found: float | None = self.submissions[assignment][user]["entered_score"]
        return found


def submission(user: int, score: float | None = None, **more: Any) -> dict[str, Any]:
    """A submission as the API gives it."""
    return {
        "user_id": user,
        "entered_score": score,
        "score": score,
        "points_deducted": None,
        "excused": False,
        "workflow_state": "unsubmitted" if score is None else "graded",
        **more,
    }


@contextmanager
def serve(served: Served) -> Iterator[Served]:
    """Serve for as long as the block runs."""

    class Handler(_Handler):
        canvas = served

    with serving(Handler) as served.url:
        yield served


class _Handler(BaseHTTPRequestHandler):
    canvas: Served

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""

    def do_GET(self) -> None:
        self._answer("GET", {})

    def do_PUT(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self._answer("PUT", parse_qs(self.rfile.read(length).decode()))

    def _answer(self, method: str, form: dict[str, list[str]]) -> None:
        path = urlsplit(self.path).path
        self.canvas.asked.append((method, path))
        if (fault := self.canvas.fault(method, path)) is not None:
            status, headers, text = fault
            if status:
                self._send(status, text, headers)
            else:
                self.connection.close()
            return
        if self.headers.get("Authorization") != f"Bearer {self.canvas.token}":
            self._send(*expired())
            return
        status, found = self._found(method, path, form)
        if isinstance(found, list):
            self._send_page(found)
        else:
            self._send(status, json.dumps(found), {})

    def _found(self, method: str, path: str, form: dict[str, list[str]]) -> tuple[int, Any]:
        canvas = self.canvas
        parts = re.fullmatch(
            rf"/api/v1/courses/{COURSE}(?:/(search_users|assignments)(?:/(\d+)/submissions(?:/(\d+))?)?)?",
            path,
        )
        if parts is None:
            return 404, {"errors": [{"message": "The specified resource does not exist."}]}
        kind, assignment, user = parts.groups()
        if kind is None:
            return 200, {"id": COURSE, "name": "Neural networks"}
        if kind == "search_users":
            return 200, canvas.users
        if assignment is None:
            return 200, [{"course_id": COURSE, **one} for one in canvas.assignments]
        rows = canvas.submissions[int(assignment)]
        if method == "GET":
            return 200, [{"assignment_id": int(assignment), **row} for row in rows.values()]
        return self._grade(int(assignment), rows[int(user)], form)

    def _grade(
        self, assignment: int, row: dict[str, Any], form: dict[str, list[str]]
    ) -> tuple[int, Any]:
        (text,) = form["submission[posted_grade]"]
        score, off = float(text), self.canvas.deduct.get(row["user_id"], 0.0)
        self.canvas.sent.append((assignment, row["user_id"], text))
        row.update(
            entered_score=score, score=score - off, points_deducted=off, workflow_state="graded"
        )
        return 200, {"assignment_id": assignment, **row}

    def _send_page(self, found: list[Any]) -> None:
        """A page of a list, with the address of the next one in a header, as Canvas does."""
        query = parse_qs(urlsplit(self.path).query)
        page = int(query.get("page", ["1"])[0])
        size = min(int(query.get("per_page", ["10"])[0]), _MOST_A_PAGE)
        some = found[(page - 1) * size : page * size]
        links = f'<{self.canvas.url}{urlsplit(self.path).path}?page=1&per_page={size}>; rel="first"'
        if page * size < len(found):
            links += (
                f",<{self.canvas.url}{urlsplit(self.path).path}?page={page + 1}"
                f'&per_page={size}>; rel="next"'
            )
        self._send(200, json.dumps(some), {"Link": links})

    def _send(self, status: int, text: str, headers: dict[str, str]) -> None:
        data = text.encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def expired() -> tuple[int, str, dict[str, str]]:
    """What Canvas answers to a token that it does not know (any more)."""
    text = json.dumps({"errors": [{"message": "Invalid access token."}]})
    return 401, text, {"WWW-Authenticate": 'Bearer realm="canvas-lms"'}
