"""A running ``fairmark hub``, as a person starts it: a command in a terminal."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

START_SECONDS = 100


class RunningHub:
    """Starts the command, and knows what it has written down."""

    def __init__(
        self, course: Path, folder: Path, *options: str, python: str = sys.executable
    ) -> None:
        self.course, self.folder = course, folder
        self.port = _free_port()
        self.options: Sequence[str] = options
        self.python = python
        self.printed: list[str] = []
        self.process: subprocess.Popen[str] | None = None
        self.start_seconds = 0.0

    def start(self) -> float:
        """Start the hub; return after how many seconds it said that it is there."""
        begin = time.monotonic()
        self.printed.clear()
        process = subprocess.Popen(
            self._call("--port", str(self.port)),
            cwd=self.folder.parent,
            env={k: v for k, v in os.environ.items() if not k.startswith("PYTEST")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        timer = threading.Timer(START_SECONDS, process.terminate)
        timer.start()
        assert process.stdout is not None
        for line in process.stdout:
            self.printed.append(line)
            if line.startswith("Ctrl-C"):
                break
        timer.cancel()
        if process.poll() is not None or not self.printed[-1].startswith("Ctrl-C"):
            process.wait()
            raise AssertionError("the hub did not start:\n" + "".join(self.printed))
        self.process = process
        self.start_seconds = time.monotonic() - begin
        return self.start_seconds

    def stop(self) -> float:
        """Press Ctrl-C; return after how many seconds the command has ended."""
        process = self.process
        if process is None:
            return 0.0
        self.process = None
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        try:
            rest, _ = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        self.printed.append(rest)
        return time.monotonic() - begin

    def remove(self) -> str:
        """Remove all that it has made; return what the command says."""
        done = subprocess.run(
            self._call("--remove"), cwd=self.folder.parent, capture_output=True, text=True
        )
        return done.stdout + done.stderr

    def _call(self, *more: str) -> list[str]:
        place = ["--folder", str(self.folder), "--course", str(self.course)]
        return [self.python, "-m", "fairmark.cli.main", "hub", *place, *self.options, *more]

    @property
    def settings(self) -> dict[str, Any]:
        """What the hub keeps: names and passwords."""
        content: dict[str, Any] = json.loads((self.folder / "hub" / "hub.json").read_text())
        return content

    @property
    def log(self) -> str:
        """What the hub and its servers have printed."""
        return (self.folder / "hub" / "hub.log").read_text(errors="replace")

    @property
    def grading(self) -> Path:
        """The grader's copy of the course."""
        course_id = self.settings["course_id"]
        return Path(self.folder, "home", f"grader-{course_id}", course_id)

    def memory(self, person: str) -> float:
        """The MiB of somebody's server and kernels; what processes share is counted by share."""
        total = 0
        ours = f"={self.folder}/".encode()  # another hub may have somebody of the same name
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                environment = (folder / "environ").read_bytes().split(b"\0")
                is_theirs = f"JUPYTERHUB_USER={person}".encode() in environment
                if is_theirs and any(ours in each for each in environment):
                    lines = (folder / "smaps_rollup").read_text().splitlines()
                    total += sum(int(x.split()[1]) for x in lines if x.startswith("Pss:"))
            except OSError:
                continue
        return total / 1024

    @property
    def formgrader(self) -> str:
        """Where Formgrader is, as the command says."""
        (line,) = [line for line in self.printed if line.startswith("Formgrader")]
        return line.split()[1]

    def url(self, path: str = "", person: str = "") -> str:
        """An address; with real accounts each person's pages have an origin of their own."""
        unix = self.settings["accounts"] == "unix"
        host = "localhost" if unix else "127.0.0.1"
        if unix and person:
            host = f"{person}.{host}"
        return f"http://{host}:{self.port}{path}"

    def __enter__(self) -> RunningHub:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
