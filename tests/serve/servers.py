"""A tiny class, a server of its course, and commands that may use it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import psutil

from fairmark.course.course import Course
from fairmark.serve.client import ask
from tests.conftest import ROOT
from tests.tiny import RIGHT, answer, make_course

SECONDS = 600.0
RUNS, REFUSES = "fairmark: the server runs this command", "fairmark: the server does not run this"
CLASS = {
    "ada": RIGHT,
    "bob": {**RIGHT, "mean": "import os\nos._exit(0)"},
    "cy": {**RIGHT, "mean": "def mean(x): return x[0]"},
    "dee": {**RIGHT, "double": "def double(x): __import__('os').kill(0, 9)"},
    "eve": {},
}


def hand_in(course: Course, student: str, answers: Mapping[str, str]) -> None:
    path = course.folder("submitted", student, "tiny") / "tiny.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(answer(course.assignment("tiny"), answers), path)


def make_class(root: Path) -> Course:
    course = make_course(root)
    for student, answers in CLASS.items():
        hand_in(course, student, answers)
    return course


class Class:
    """A course, its folder for sockets, and what is called in it."""

    def __init__(self, root: Path, place: Path) -> None:
        self.course = make_class(root)
        self.root = root
        place.mkdir(mode=0o700)
        self.place = place
        path = {"PYTHONPATH": str(ROOT), "XDG_RUNTIME_DIR": str(place)}
        self.environment = {**os.environ, **path}
        self.program = [sys.executable, "-m", "fairmark"]

    def start(self, *words: str, **settings: Any) -> subprocess.Popen[str]:
        """Start a command in the course's folder."""
        pipe = subprocess.PIPE
        usual = {"cwd": self.root, "env": self.environment, "stdout": pipe, "stderr": pipe}
        return subprocess.Popen(
            [*self.program, *words],
            text=True,
            **{**usual, **settings},
        )

    def run(self, *words: str, code: int = 0, **settings: Any) -> tuple[str, str]:
        """Run a command; check its exit code; return what it wrote on stdout and stderr."""
        process = self.start(*words, **settings)
        out, err = process.communicate(timeout=SECONDS)
        assert process.returncode == code, err
        return out, err

    def autograde(self, *words: str, code: int = 0, **settings: Any) -> tuple[str, str]:
        return self.run("autograde", "--verbose", *words, code=code, **settings)

    @contextmanager
    def served(self, *words: str) -> Iterator[psutil.Process]:
        """Serve while the block runs; give the server's process."""
        server = self.start("serve", *words)
        try:
            self.wait_ready(server)
            yield psutil.Process(server.pid)
        finally:
            server.kill()
            server.communicate()

    def wait_ready(self, server: subprocess.Popen[str]) -> None:
        wait_for(lambda: server.poll() is not None or self.status().get("ready"))
        assert server.poll() is None, server.communicate()[1]

    def status(self) -> dict[str, Any]:
        """What the server says of itself; nothing where there is none."""
        before = os.environ.get("XDG_RUNTIME_DIR")
        os.environ["XDG_RUNTIME_DIR"] = str(self.place)
        try:
            told = ask(str(self.root), "status", 20.0)
        finally:
            if before is None:
                del os.environ["XDG_RUNTIME_DIR"]
            else:
                os.environ["XDG_RUNTIME_DIR"] = before
        return told if isinstance(told, dict) else {}


def wait_for(found: Any, seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.05)


def warm_processes(of: psutil.Process) -> list[psutil.Process]:
    """The sandboxes that a process has started, each by its outermost process."""
    found = []
    for child in of.children():
        try:
            if any("fairmark.sandbox.zygote" in word for word in child.cmdline()):
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found
