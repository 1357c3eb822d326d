"""fairmark's pages and addresses beside Formgrader, as a real server answers."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from nbgrader.api import Gradebook
from tornado.websocket import websocket_connect

from fairmark.course.course import Assignment
from tests.hub.formgrader.serving import SECONDS, Server, serving
from tests.marked import record, report
from tests.tiny import make_course

PAGES = ("marks", "report", "verify", "students", "preview/tiny")
FORM = "multipart/form-data; boundary=limit"
TABLE = (
    "--limit\r\n"
    'Content-Disposition: form-data; name="table"; filename="class.csv"\r\n\r\n'
    "id,first name\nkim,Kim\nkim,Kim\n\r\n"
    "{}--limit--\r\n"
)
ADD = '--limit\r\nContent-Disposition: form-data; name="add"\r\n\r\nyes\r\n'
CHANGES = ("api/job/autograde/tiny", "api/job/report", "api/assignments", "api/students")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    tiny = make_course(tmp_path_factory.mktemp("hub") / "a <course>").assignment("tiny")
    record(tiny, {"ada": report(), "bob": report()})
    return tiny


@pytest.fixture(scope="module")
def server(tiny: Assignment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tiny.course.root, tmp_path_factory.mktemp("home")) as running:
        yield running


def test_nothing_to_export(tmp_path: Path) -> None:
    course = make_course(tmp_path / "a <course>")
    with serving(course.root, tmp_path) as server:
        _, text, _ = server.get("fairmark/marks")
        assert "there are no marks yet: no " in text
        assert "a &lt;course&gt;/gradebook.db; run `fairmark autograde`" in text
        assert server.get("fairmark/marks/csv")[0] == 409


def test_export(server: Server) -> None:
    _, text, _ = server.get("fairmark/marks")
    assert " students, " in text
    assert "tiny, essay: not marked by hand yet, and so blank: ada, bob" in text
    assert 'href="/user/grader/fairmark/marks/csv" download>' in text
    _, table, headers = server.get("fairmark/marks/csv")
    assert "ada" in table
    assert headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'href="/user/grader/fairmark/marks/canvas/question" download>' in text
    _, table, headers = server.get("fairmark/marks/moodle/question")
    assert "tiny: double" in table
    assert headers["Content-Disposition"].endswith('"grades-moodle-by-question.csv"')
    assert "tiny: mean: test_example" in server.get("fairmark/marks/csv/test")[1]
    assert server.get("fairmark/marks/canvas/test")[0] == 404


def test_a_draft_is_left_out_until_it_is_released(server: Server, tiny: Assignment) -> None:
    with Gradebook(tiny.course.directory.db_url) as gradebook:
        gradebook.add_assignment("draft")
    assert "handed in by nobody: draft" in server.get("fairmark/marks")[1]
    assert "draft" not in server.get("fairmark/marks/canvas")[1]
    (server.exchange / "tiny" / "outbound" / "draft").mkdir()
    assert "draft" not in server.get("fairmark/marks")[1]
    assert "draft" in server.get("fairmark/marks/canvas")[1]


def test_sidebar(server: Server) -> None:
    for page in ("formgrader/manage_assignments", "fairmark/verify"):
        status, text, _ = server.get(page)
        assert status == 200
        for entry in ("report", "marks", "verify", "students"):
            assert f'<a href="/user/grader/fairmark/{entry}">' in text


@pytest.mark.parametrize("page", ["manage_students", "manage_submissions", "gradebook"])
def test_no_address_is_a_script(server: Server, page: str) -> None:
    for attack in ('x";window.pwned=1;"', "</script><script>window.pwned=1<", "<img src=x>"):
        status, text, _ = server.get(f"formgrader/{page}/{quote(attack, safe='')}")
        assert status == 200
        assert attack not in text


def test_changes_need_the_token(server: Server) -> None:
    for path in CHANGES:
        status, text, _ = server.post(f"fairmark/{path}", token=False)
        assert status == 403, path
        assert "_xsrf" in text
    assert not (server.course / ".fairmark" / "jobs").exists()


def test_nothing_without_a_log_in(tiny: Assignment, tmp_path: Path) -> None:
    with serving(tiny.course.root, tmp_path, IdentityProvider={"token": "secret"}) as closed:
        for path in (*PAGES, "course/report/x.html", "preview/tiny/x.html", "api/job/report"):
            _, text, _ = closed.get(f"fairmark/{path}")
            assert "Log in" in text, path


def test_files_of_the_course(server: Server) -> None:
    for name in ("report/tiny/tiny.html", "feedback/ada/tiny/tiny.html"):
        (server.course / name).parent.mkdir(parents=True, exist_ok=True)
        (server.course / name).write_text("<p>here</p>")
        status, text, headers = server.get(f"fairmark/course/{name}")
        assert (status, text) == (200, "<p>here</p>")
        policy = headers["Content-Security-Policy"]
        assert "frame-ancestors 'self'" in policy
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "allow-scripts" not in policy
    (server.course / "report" / "link.html").symlink_to(server.course / "nbgrader_config.py")
    (server.course / "report" / "pipe.html").unlink(missing_ok=True)
    os.mkfifo(server.course / "report" / "pipe.html")
    (server.course / "secret.html").write_text("secret")
    for name in (
        "report/link.html",
        "report/pipe.html",
        "report/%2e%2e/secret.html",
        "report/../secret.html",
        "report/x%00.html",
        f"report/{'x' * 300}.html",
        "source/tiny/tiny.ipynb",
        "gradebook.db",
    ):
        assert server.get(f"fairmark/course/{name}")[0] == 404, name


def test_a_graded_notebook_leads_to_its_marks(server: Server) -> None:
    status, text, _ = server.get("fairmark/course/autograded/ada/tiny/tiny.ipynb")
    assert status == 200
    assert "Submission" in text
    assert server.get("fairmark/course/autograded/eve/tiny/tiny.ipynb")[0] == 404


def test_preview(server: Server) -> None:
    assert server.get("fairmark/preview/tiny")[0] == 404
    release = server.course / "release" / "tiny"
    release.mkdir(parents=True)
    notebook = json.loads((server.course / "source" / "tiny" / "tiny.ipynb").read_text())
    notebook["cells"][0]["source"] = "# Title\n\n$x^2$ <script>alert(1)</script>"
    (release / "tiny.ipynb").write_text(json.dumps(notebook))
    assert "fairmark/preview/tiny/tiny.html" in server.get("fairmark/preview/tiny")[1]
    status, text, headers = server.get("fairmark/preview/tiny/tiny.html")
    assert status == 200
    assert "<math" in text
    assert "<script" not in text
    for path in (
        "tiny/..%2f..%2fsource%2ftiny%2ftiny.html",
        "tiny/%2e%2e%2f%2e%2e%2fsource%2ftiny%2ftiny.html",
        "tiny/x%00.html",
        "x" * 300,
    ):
        assert server.get(f"fairmark/preview/{path}")[0] == 404, path
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert server.get("fairmark/preview/tiny/other.html")[0] == 404


def test_new_assignment(server: Server) -> None:
    status, reply = server.post_json("fairmark/api/assignments", name="Bad name")
    assert status == 409
    assert "cannot name an assignment" in reply["error"]
    status, reply = server.post_json("fairmark/api/assignments", name=" k-means ")
    assert (status, reply["error"]) == (200, "")
    assert "source/k-means/k-means.ipynb" in reply["made"]
    assert all((server.course / name).is_file() for name in reply["made"])
    status, reply = server.post_json("fairmark/api/assignments", name="k-means")
    assert status == 409
    assert "exists already; nothing was written" in reply["error"]


def test_students(server: Server, tiny: Assignment) -> None:
    def known() -> set[str]:
        with Gradebook(tiny.course.directory.db_url) as gradebook:
            return {student.id for student in gradebook.students}

    status, text, _ = server.post("fairmark/api/students", TABLE.format("").encode(), FORM)
    assert status == 200
    assert [row["state"] for row in json.loads(text)["rows"]] == ["new", "fault"]
    assert "kim" not in known()
    server.post("fairmark/api/students", TABLE.format(ADD).encode(), FORM)
    assert "kim" in known()
    status, text, _ = server.post("fairmark/api/students", b"", FORM)
    assert status == 400


@pytest.mark.parametrize("body", [b"[]", b'"name"', b"3", b"{"])
def test_what_is_no_json_object_is_refused(server: Server, body: bytes) -> None:
    status, _, _ = server.post("fairmark/api/assignments", body)
    assert status == 400


def test_unknown_assignments_have_no_jobs(server: Server) -> None:
    for name in ("other", "%2e%2e", "--help"):
        assert server.post(f"fairmark/api/job/autograde/{name}")[0] == 404


def test_the_terminal_knows_the_commands(server: Server) -> None:
    name = server.post_json("api/terminals")[1]["name"]
    address = f"{server.url}/terminals/websocket/{name}".replace("http", "ws", 1)

    async def said() -> str:
        socket = await websocket_connect(address)
        lines = "fairmark --help && nbgrader --version && pwd && echo ST''OP\n"
        socket.write_message(json.dumps(["stdin", lines]))
        text = ""
        while "STOP" not in text and "not found" not in text:
            message = await asyncio.wait_for(socket.read_message(), SECONDS)
            kind, *content = json.loads(message or "[]")
            text += content[0] if kind == "stdout" else ""
        socket.close()
        return text

    text = asyncio.run(said())
    assert "Grade what the class handed in" in text or "autograde" in text
    assert "not found" not in text
    assert str(server.course) in text
