"""Commands that run in the background, and outlive the request, the page and the server.

Each job has a folder in ``.fairmark/jobs`` of the course. Who holds the lock on its file is running
it, so there is one at a time, whoever starts it.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairmark.hub.runner import EXIT, STDERR, TOLD
from fairmark.startup import PYTHON_MODULE

PREVIEW = "preview"
"""The kind of job that grades again without recording."""
_COMMANDS = {PREVIEW: ("autograde", "--preview")}
_CHANGES = "3"
"""The exit code of a preview that would change marks."""
_PREFIX = "fairmark: "
_MOST_LINES = 400
_started: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Job:
    """One of fairmark's commands, for one assignment or for all."""

    course: Path
    kind: str
    assignment: str = ""

    @property
    def folder(self) -> Path:
        """Where its files are."""
        name = f"{self.kind}-{self.assignment}" if self.assignment else self.kind
        return self.course / ".fairmark" / "jobs" / name

    def start(self) -> bool:
        """Start it; False when it is running already."""
        _reap()
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = _locked(self.folder)
        if lock is None:
            return False
        try:
            if self.kind == "autograde":
                Job(self.course, PREVIEW, self.assignment)._forget()  # it comes true, or is old
            for name in (TOLD, STDERR, EXIT):
                (self.folder / name).unlink(missing_ok=True)
            (self.folder / TOLD).write_text(json.dumps({"started": time.time()}) + "\n")
            # A name may begin with a hyphen.
            names = ["--", self.assignment] if self.assignment else []
            words = _COMMANDS.get(self.kind, (self.kind,))
            command = [sys.executable, "-m", "fairmark", *words, *names]
            runner = [*PYTHON_MODULE, "fairmark.hub.runner", str(self.folder), str(lock), *command]
            _started.append(
                subprocess.Popen(
                    runner,
                    cwd=self.course,
                    stdin=subprocess.DEVNULL,
                    pass_fds=[lock],
                    start_new_session=True,
                )
            )
        finally:
            os.close(lock)
        return True

    def _forget(self) -> None:
        """Forget what it told, unless it is running."""
        if self.folder.is_dir() and not self._is_running():
            (self.folder / TOLD).unlink(missing_ok=True)

    def state(self) -> dict[str, Any]:
        """What is known of it, as JSON: ``state`` is none, running, done, failed or ended.

        A job that ended without an exit code was killed.
        """
        _reap()
        if not (self.folder / TOLD).is_file():
            return {"state": "none"}
        running = self._is_running()
        told = _told(self.folder / TOLD)
        code = _read(self.folder / EXIT).strip()
        done = code == "0" or (code == _CHANGES and self.kind == PREVIEW)
        ended = "done" if done else "failed" if code else "ended"
        state = "running" if running else ended
        return {"state": state, **told, "messages": _messages(_read(self.folder / STDERR))}

    def _is_running(self) -> bool:
        lock = _locked(self.folder)
        if lock is not None:
            os.close(lock)
        return lock is None


def _locked(folder: Path) -> int | None:
    """An open file with the job's lock; None when another process has it."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _reap() -> None:
    """Take leave of the jobs of this process that have ended; else they would stay as zombies."""
    _started[:] = [process for process in _started if process.poll() is None]


def _told(file: Path) -> dict[str, Any]:
    """What the command has told: progress so far, and what it printed, in order."""
    progress: dict[str, Any] = {}
    names: list[str] = []
    printed: list[dict[str, Any]] = []
    started = time.time()
    for line in file.read_text("utf-8").splitlines(keepends=True):
        if not line.endswith("\n"):
            break  # it is being written
        said = json.loads(line)
        started = said.get("started", started)
        if "progress" in said:
            progress = said["progress"]
            names += filter(None, [progress.pop("name")])
        elif "started" not in said:
            printed.append(said)
    return {"progress": progress, "names": names, "printed": printed, "started": started}


def _messages(text: str) -> list[str]:
    lines = [line.removeprefix(_PREFIX) for line in text.splitlines() if line.strip()]
    return lines[:_MOST_LINES]


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return ""
