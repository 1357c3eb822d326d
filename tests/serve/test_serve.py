"""A command with a server does what it does without, and needs none."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
import signal
import sqlite3
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest

from fairmark.hub.formgrader.jobs import Job
from fairmark.serve import client, place
from tests.nbgrader.classroom import rows
from tests.serve.servers import REFUSES, RUNS, Class, hand_in, wait_for, warm_processes
from tests.tiny import RIGHT

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")

SCORES = {"ada": 5.0, "bob": 2.0, "cy": 2.0, "dee": 3.0, "eve": 0.0}
SLOW = {**RIGHT, "mean": "import time\ntime.sleep(1.5)\ndef mean(x): return sum(x) / len(x)"}
TIMES = re.compile(r'"(cpu_)?seconds": [0-9.e-]+|"notebook": \[[0-9]+, [0-9]+\]')
"""How long a test and a submission took; when the graded notebook was written, and its size with
these times."""
SLOW_CALL = {"mean": "import time\ndef mean(x): return time.sleep(1.0) or sum(x) / len(x)"}
ANSWERS_NOW = "def double(x): return 3 * np.asarray(x)"


@pytest.fixture(scope="module")
def tiny_class(tmp_path_factory: pytest.TempPathFactory) -> Class:
    folder = tmp_path_factory.mktemp("serve")
    return Class(folder / "course", folder / "run")


@pytest.fixture(scope="module")
def server(tiny_class: Class) -> Any:
    with tiny_class.served() as process:
        yield process


@pytest.fixture
def served(tiny_class: Class, server: psutil.Process) -> Class:
    """A class with a server that is ready, and nothing graded."""
    forget(tiny_class)
    wait_for(lambda: not is_running(server) or tiny_class.status().get("ready"))
    assert is_running(server), "the server has ended"
    return tiny_class


def is_running(process: psutil.Process) -> bool:
    return bool(process.is_running()) and process.status() != psutil.STATUS_ZOMBIE


def forget(a_class: Class) -> None:
    for name in ("autograded", ".fairmark"):
        shutil.rmtree(a_class.root / name, ignore_errors=True)
    (a_class.root / "gradebook.db").unlink(missing_ok=True)


def kept(a_class: Class) -> dict[str, Any]:
    """All that grading has left behind, byte by byte, but for ids and what was timed."""
    places = [a_class.root / "autograded", a_class.root / ".fairmark"]
    files = sorted(p for place in places for p in place.rglob("*") if p.is_file())
    found = {str(path.relative_to(a_class.root)): TIMES.sub("", path.read_text()) for path in files}
    return {**found, "rows": rows(a_class.course)}


def scores(a_class: Class) -> dict[str, float]:
    query = """select s.student_id, sum(g.auto_score) from grade g
        join submitted_notebook n on n.id = g.notebook_id
        join submitted_assignment s on s.id = n.assignment_id group by s.student_id"""
    with closing(sqlite3.connect(a_class.root / "gradebook.db")) as gradebook:
        return dict(gradebook.execute(query))


def without_seconds(text: str) -> list[str]:
    return [line.partition(" submissions in ")[0] for line in text.splitlines()]


@pytest.mark.parametrize("request_", [{"do": "run"}, {"do": "run", "terms": 1}, {}, []])
def test_a_request_of_another_version_does_not_end_the_server(
    served: Class, monkeypatch: pytest.MonkeyPatch, request_: object
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(served.place))
    with contextlib.suppress(EOFError, OSError):
        connection = place.connected(str(served.root), 5.0)
        assert connection is not None
        with connection:
            place.send(connection, request_)
            place.receive(connection)
    status = client.ask(str(served.root), "status", 5.0)
    assert isinstance(status, dict) and status["pid"]


def test_marks_reports_and_gradebook_are_the_same(served: Class) -> None:
    out, err = served.autograde()
    assert err.splitlines()[0] == RUNS
    with_server = kept(served)
    assert scores(served) == SCORES
    forget(served)
    cold_out, cold_err = served.autograde("--cold")
    assert RUNS not in cold_err
    assert without_seconds(cold_out) == without_seconds(out)
    cold = kept(served)
    assert len(cold) > 2 * len(SCORES)
    assert cold == with_server


def test_nothing_of_the_course_is_kept(served: Class) -> None:
    """Graders, reference, settings and files that are handed out count as they are now."""
    grader = served.root / "graders/tiny/test_tiny.py"
    reference = served.root / "reference/tiny.py"
    config = served.root / "nbgrader_config.py"
    before = {path: path.read_text() for path in (grader, reference, config)}
    try:
        served.autograde()
        grader.write_text(
            before[grader].replace("submission.double(3), 6", "submission.double(3), 9")
        )
        reference.write_text(before[reference].replace("2 * np", "3 * np"))
        assert served.autograde()[1].startswith(RUNS)
        assert scores(served)["ada"] == 3.0
        hand_in(served.course, "ada", {**RIGHT, "double": ANSWERS_NOW})
        assert served.autograde()[1].startswith(RUNS)
        assert scores(served)["ada"] == 5.0
        config.write_text(before[config] + 'c.Fairmark.limits["call_seconds"] = 0.3\n')
        hand_in(served.course, "ada", {**SLOW_CALL, "double": ANSWERS_NOW})
        assert served.autograde()[1].startswith(RUNS)
        assert scores(served)["ada"] == 2.0
    finally:
        for path, text in before.items():
            path.write_text(text)
        hand_in(served.course, "ada", RIGHT)


def test_each_command_has_a_warm_process_of_its_own(served: Class, server: psutil.Process) -> None:
    (first,) = warm_processes(server)
    hand_in(served.course, "ada", SLOW)
    hand_in(served.course, "cy", SLOW)
    try:
        one = served.start("autograde", "--verbose", "--student", "ada")
        wait_for(lambda: served.status()["running"] == 1)
        two = served.start("autograde", "--verbose", "--student", "cy")
        wait_for(lambda: served.status()["running"] == 2)
        commands = [child for child in server.children() if child != first]
        assert first.is_running()
        wait_for(lambda: sum(len(warm_processes(command)) for command in commands) == 1)
        for process in (one, two):
            _out, err = process.communicate(timeout=60)
            assert process.returncode == 0
            assert err.startswith(RUNS)
        wait_for(lambda: served.status()["ready"])
        assert not first.is_running(), "it is never given to a second command"
        (last,) = warm_processes(server)
        assert last != first
        assert {scores(served)[student] for student in ("ada", "cy")} == {5.0}
    finally:
        hand_in(served.course, "ada", RIGHT)
        hand_in(served.course, "cy", {**RIGHT, "mean": "def mean(x): return x[0]"})


def test_students_code_does_not_reach_the_socket(served: Class) -> None:
    (socket,) = served.place.rglob("socket")
    assert socket.is_socket()
    look = f"""
import os, socket
def looks(path):
    try:
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).connect(path)
        return "reached"
    except OSError as error:
        return type(error).__name__
print("LOOKS", looks({str(socket)!r}), os.path.lexists({str(served.place)!r}), os.listdir("/run"))
def mean(x): return sum(x) / len(x)"""
    hand_in(served.course, "ada", {**RIGHT, "mean": look})
    try:
        assert served.autograde("--student", "ada")[1].startswith(RUNS)
    finally:
        hand_in(served.course, "ada", RIGHT)
    assert scores(served) == {"ada": 5.0}
    graded = json.loads((served.root / "autograded/ada/tiny/tiny.ipynb").read_text())
    printed = [
        o["text"] for cell in graded["cells"] for o in cell.get("outputs", []) if "text" in o
    ]
    (line,) = ["".join(text) for text in printed if "LOOKS" in "".join(text)]
    assert line.strip() == "LOOKS FileNotFoundError False []"


def test_a_killed_server_costs_nothing(tiny_class: Class, server: psutil.Process) -> None:
    """Its command ends with it, says so in one line, and the caller does what is left."""
    del server
    other = Class(tiny_class.root.parent / "killed", tiny_class.root.parent / "run2")
    for student in SCORES:
        hand_in(other.course, student, SLOW)
    with other.served() as process:
        called = other.start("autograde", "--workers", "1")
        wait_for(lambda: list((other.root / "autograded").glob("*/tiny/tiny.ipynb")))
        (command,) = [c for c in process.children() if c not in warm_processes(process)]
        process.kill()
        out, err = called.communicate(timeout=120)
    assert called.returncode == 0
    assert err == "fairmark: the server was ended in the middle; this command goes on without it\n"
    assert not command.is_running()
    assert "graded" in out and "unchanged" in out
    assert scores(other) == dict.fromkeys(SCORES, 5.0)


@contextlib.contextmanager
def slow_command(
    served: Class, server: psutil.Process
) -> Iterator[tuple[subprocess.Popen[str], psutil.Process]]:
    """A caller and the server's process for it, in the middle of grading a slow answer."""
    hand_in(served.course, "ada", SLOW)
    try:
        called = served.start("autograde", "--student", "ada")
        wait_for(lambda: served.status()["running"] == 1)
        time.sleep(0.5)
        (command,) = [c for c in server.children() if c not in warm_processes(server)]
        yield called, command
    finally:
        hand_in(served.course, "ada", RIGHT)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_command_ends_with_its_caller(
    served: Class, server: psutil.Process, number: signal.Signals
) -> None:
    with slow_command(served, server) as (called, command):
        called.send_signal(number)
        _out, err = called.communicate(timeout=60)
    wait_for(lambda: served.status()["running"] == 0, 10)
    assert not command.is_running()
    if number == signal.SIGINT:
        assert called.returncode == 130
        assert err == "fairmark: interrupted; what was recorded until now stays\n"
    else:
        assert (called.returncode, err) == (-number, "")
    wait_for(lambda: served.status()["ready"])
    served.autograde()
    assert scores(served) == SCORES


def test_a_command_and_its_caller_may_be_gone_when_the_server_looks(
    served: Class, server: psutil.Process
) -> None:
    """Its end, the caller's, and the end of what joins them, are told of all at once."""
    with slow_command(served, server) as (called, command):
        server.suspend()
        for process in (command, called):
            process.kill()
        called.communicate(timeout=60)
        wait_for(lambda: command.status() == psutil.STATUS_ZOMBIE)
        server.resume()
    wait_for(lambda: served.status()["running"] == 0, 60)


def test_at_a_terminal(served: Class) -> None:
    """The bar is drawn there, in its width; Ctrl-C comes from there."""
    hand_in(served.course, "ada", SLOW)
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 61, 0, 0))
    try:
        process = served.start(
            "autograde",
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env={**served.environment, "TERM": "xterm", "COLUMNS": ""},
        )
        os.close(theirs)
        shown = b""
        while b"grading 5 notebooks" not in shown:
            shown += os.read(ours, 4096)
        assert served.status()["running"] == 1
        os.write(ours, b"\x03")
        with contextlib.suppress(OSError):  # it is closed at the other end
            while True:
                shown += os.read(ours, 4096)
        assert process.wait(60) == 130
    finally:
        os.close(ours)
        hand_in(served.course, "ada", RIGHT)
    lines = re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", shown).replace(b"\r", b"\n").splitlines()
    assert b"fairmark: interrupted; what was recorded until now stays" in lines
    bars = [
        line.decode().strip().removesuffix("^C") for line in lines if b"grading 5 notebooks" in line
    ]
    assert 40 < max(map(len, bars)) <= 61, bars


def test_what_does_not_fit_is_run_cold_and_says_why(served: Class) -> None:
    def refused(**settings: Any) -> str:
        forget(served)
        _out, err = served.autograde("--student", "ada", **settings)
        first = err.splitlines()[0]
        assert first.startswith(REFUSES)
        assert scores(served) == {"ada": 5.0}
        return first

    secret = {**served.environment, "OPENBLAS_CORETYPE": "Haswell"}
    assert refused(env=secret).endswith(": the environment differs: OPENBLAS_CORETYPE")
    limited = lambda: __import__("resource").setrlimit(7, (512, 512))  # noqa: E731
    assert refused(preexec_fn=limited).endswith(": it has other limits (ulimit)")
    _out, err = served.run("autograde", "--student", "ada", env=secret)
    assert err == "", "without --verbose nothing is said"


def test_formgraders_job_and_pages_use_it(served: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_RUNTIME_DIR", "PYTHONPATH"):
        monkeypatch.setenv(name, served.environment[name])
    done = served.status()["done"]
    job = Job(served.root, "autograde", "tiny")
    assert job.start()
    wait_for(lambda: job.state()["state"] != "running")
    state = job.state()
    assert (state["state"], state["messages"]) == ("done", [])
    assert sorted(state["names"]) == sorted(SCORES)
    assert served.status()["done"] == done + 1
    assert scores(served) == SCORES
    _out, err = served.autograde("--feedback", "--force")
    assert err.splitlines()[0] == RUNS
    assert len(list((served.root / "feedback").glob("*/tiny/tiny.html"))) == len(SCORES)


def test_another_course_and_another_command_have_nothing_of_it(
    served: Class, tmp_path: Path
) -> None:
    other = Class(tmp_path / "other", tmp_path / "run")
    other.environment = served.environment
    _out, err = other.autograde("--student", "ada")
    assert err.startswith("fairmark: no server runs for this course")
    done = served.status()["done"]
    served.run("autograde", "--help")
    served.run("export", "--output", "-", code=1)
    assert served.status()["done"] == done
    assert os.environ.get("XDG_RUNTIME_DIR") != str(served.place)
