"""Students from a table."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.hub.formgrader.students import add_students, read_table
from tests.tiny import make_course

TABLE = """\
Student ID;Last name;First Name;group;E-Mail

ada;Lovelace;Ada;1;ada@example.org
kim;;;2;
kim;Again;;2;
;Nobody;;;
../x;;;;
lee;Lee;;;no address
ben;Ö'Neill;"<b>Ben";;
dot;a;b;c;d@e;one too many
"""


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return make_course(tmp_path)


def _add(course: Course, table: str, *, dry_run: bool = False) -> dict[str, Any]:
    return add_students(course, read_table(table.encode()), dry_run=dry_run)


def _known(course: Course) -> dict[str, tuple[str | None, str | None, str | None]]:
    with Gradebook(course.directory.db_url) as gradebook:
        return {s.id: (s.first_name, s.last_name, s.email) for s in gradebook.students}


def test_lines_and_their_faults() -> None:
    lines = read_table(TABLE.encode())
    assert {line.id: line.names for line in lines if not line.fault} == {
        "ada": {"last_name": "Lovelace", "first_name": "Ada", "email": "ada@example.org"},
        "kim": {},
        "ben": {"last_name": "Ö'Neill", "first_name": "<b>Ben"},
    }
    assert {line.number: line.fault for line in lines if line.fault} == {
        5: "kim is in line 4 already",
        6: "it has no id",
        7: "'../x' is no id: letters, digits and . @ + - _ only",
        8: "'no address' is no e-mail address",
        10: "it has 6 columns instead of 5",
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_spreadsheets_write(encoding: str, delimiter: str) -> None:
    rows = (("id", "first name"), ("zoë", "Zoë"))
    text = "\r\n".join(delimiter.join(row) for row in rows)
    (line,) = read_table(text.encode(encoding))
    assert (line.id, line.names, line.fault) == ("zoë", {"first_name": "Zoë"}, "")


def test_a_table_without_titles() -> None:
    (line,) = read_table(b"ada,Ada,Lovelace,ada@example.org\n")
    assert line.number == 1
    assert line.names == {
        "first_name": "Ada",
        "last_name": "Lovelace",
        "email": "ada@example.org",
    }


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no students"),
        (b"id,first name\n", "no students"),
        (b"PK\x03\x04\0\0\0", "no table of text"),
        (b'a,"b\n', "line 1 of the table cannot be read"),
        (b"id,user\nx,y\n", "are both the student's id"),
    ],
)
def test_what_is_no_table(content: bytes, reason: str) -> None:
    with pytest.raises(FairmarkError, match=reason):
        read_table(content)


def test_nothing_is_written_before_it_is_wanted(course: Course) -> None:
    found = _add(course, TABLE, dry_run=True)
    assert [row["state"] for row in found["rows"]] == [
        *("new", "new", "fault", "fault", "fault", "fault", "new", "fault")
    ]
    assert _known(course) == {}


def test_twice_is_as_good_as_once(course: Course) -> None:
    _add(course, TABLE)
    once = _known(course)
    assert once == {
        "ada": ("Ada", "Lovelace", "ada@example.org"),
        "kim": (None, None, None),
        "ben": ("<b>Ben", "Ö'Neill", None),
    }
    again = _add(course, TABLE)
    assert {row["state"] for row in again["rows"]} == {"known", "fault"}
    assert _known(course) == once


def test_another_name_is_told_and_an_empty_cell_changes_nothing(course: Course) -> None:
    _add(course, TABLE)
    found = _add(course, "id,first name,email\nada,Augusta,\n")
    assert [(row["state"], row["remark"]) for row in found["rows"]] == [
        ("changed", "first name: Ada → Augusta")
    ]
    assert _known(course)["ada"] == ("Augusta", "Lovelace", "ada@example.org")


class _Hub(BaseHTTPRequestHandler):
    """Knows ada only."""

    asked: list[tuple[str, str | None, list[str]]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.path, self.headers["Authorization"], body["users"]))
        self.send_response(200 if body["users"] == ["ada"] else 400)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as it is called there
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str | None, list[str]]]]:
    _Hub.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), _Hub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("JUPYTERHUB_API_URL", f"http://127.0.0.1:{server.server_port}/hub/api")
        monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "secret")
        yield _Hub.asked
        server.shutdown()


def test_students_come_into_the_hubs_group(
    course: Course, hub: list[tuple[str, str | None, list[str]]]
) -> None:
    assert _add(course, TABLE, dry_run=True)["hub"] == ""
    assert hub == []
    said = _add(course, TABLE)["hub"]
    assert said.startswith("The hub does not know these students yet: kim, ben.")
    path, token, users = hub[0]
    assert (path, token, users) == ("/hub/api/groups/nbgrader-tiny/users", "token secret", ["ada"])
    assert _add(course, "ada\n")["hub"] == "All of them are in the hub's group of students."


def test_a_hub_that_is_gone(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_URL", "http://127.0.0.1:9/hub/api")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "secret")
    with pytest.raises(FairmarkError, match="the hub cannot be reached"):
        _add(course, "ada\n")
    assert set(_known(course)) == {"ada"}
