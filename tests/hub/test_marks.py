"""The grader's page of exports, as a real Jupyter server shows it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fairmark.course.course import Assignment
from tests.marked import record, report
from tests.tiny import make_course

SECONDS = 60


@pytest.fixture
def tiny(tmp_path: Path) -> Assignment:
    return make_course(tmp_path / "a <course>").assignment("tiny")


@contextmanager
def server(course: Path, home: Path) -> Iterator[str]:
    """A Jupyter server in the course, which has the page; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = {
        "jpserver_extensions": {"fairmark.hub.marks": True},
        "base_url": "/user/grader",
        "open_browser": False,
        "allow_root": True,
        "ip": "127.0.0.1",
        "port": port,
        "port_retries": 0,
        "root_dir": str(course),
    }
    config = home / "jupyter_server_config.json"
    config.write_text(json.dumps({"ServerApp": app, "IdentityProvider": {"token": ""}}))
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "HOME")
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyter_server", "--config", str(config)],
        env=os.environ | dict.fromkeys(names, str(home)),
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}/user/grader/fairmark/marks"
    finally:
        process.terminate()
        process.wait(SECONDS)


def read(address: str) -> str:
    """The page, once the server is up."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            with urllib.request.urlopen(address, timeout=SECONDS) as reply:
                return str(reply.read().decode())
        except urllib.error.HTTPError:
            raise
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_page(tiny: Assignment, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with server(tiny.course.root, home) as address:
        text = read(address)
        assert "<p>there are no marks yet: no " in text
        assert "a &lt;course&gt;/gradebook.db; run `fairmark autograde`</p>" in text
        with pytest.raises(urllib.error.HTTPError) as refused:
            read(f"{address}/csv")
        assert refused.value.code == 409
        record(tiny, {"ada": report(), "bob": report()})
        text = read(address)
        assert "<p>2 students.</p>" in text
        assert "<strong>2 submissions</strong> with answers that nobody has marked yet" in text
        assert '<a href="/user/grader/fairmark/marks/csv" download>' in text
        assert '<a href="/user/grader/formgrader">Back to Formgrader</a>' in text
        assert "ada" in read(f"{address}/csv")
