"""``fairmark serve``: a warm process that is kept between commands."""

from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from fairmark.cli import common
from fairmark.cli.talk import say
from fairmark.errors import FairmarkError
from fairmark.startup import forbid_threads
from fairmark.text import count

_MODULES = (
    "fairmark.batch.batch",
    "fairmark.batch.local",
    "fairmark.cli.pages",
    "fairmark.cli.preview",
    "fairmark.cli.tables",
    "fairmark.course.course",
    "fairmark.intake.handins",
    "fairmark.record.database",
    "fairmark.reporting.previewpages",
)
"""What `fairmark autograde` imports in its course."""
_START_SECONDS = 300.0
_ANSWER_SECONDS = 10.0
_LOOK_SECONDS = 0.1


def serve(
    context: typer.Context,
    assignments: common.AssignmentArguments = None,
    idle: Annotated[
        float,
        typer.Option("--idle", min=0.01, metavar="MINUTES", help="End when unused for so long."),
    ] = 30.0,
    warm: Annotated[
        int,
        typer.Option(
            "--warm",
            min=0,
            metavar="N",
            help="How many sealed warm processes are kept: one for each list of assignments that "
            "was graded last. Each takes as much memory as the notebook's imports.",
        ),
    ] = 1,
    background: Annotated[
        bool, typer.Option("--background", help="Return as soon as it is ready.")
    ] = False,
    status: Annotated[
        bool, typer.Option("--status", help="Tell of the server that runs, and end.")
    ] = False,
    stop: Annotated[
        bool,
        typer.Option("--stop", help="End the server that runs, behind the command that it runs."),
    ] = False,
    course: common.CourseOption = None,
) -> None:
    """Keep a warm process, so that `fairmark autograde` starts at once.

    Whoever started it uses it by themselves, in this course and on this machine: on the command
    line and from Formgrader. Nobody else can. It holds libraries alone: each command reads the
    course as it is then, in a process of its own, and gives the same marks as without a server.
    The assignments are those to be ready for first. It can be killed at any time: commands go on
    without it. `fairmark autograde --verbose` says whether it was used, and `--cold` does without.
    """
    if status and stop:
        raise common.WrongCall("--status and --stop exclude each other")
    folder = _course_folder(course or context.obj)
    if status:
        _show_status(folder)
    elif stop:
        _stop(folder)
    elif background:
        _start(folder)
    else:
        _serve(folder, assignments, idle, warm)


def _course_folder(named: Path | None) -> str:
    """The folder by which commands find the server. The course's files are not read for it."""
    from fairmark.serve.place import CONFIG_FILE, course_at_or_above

    start = named or common.working_folder()
    folder = course_at_or_above(str(start))
    if folder is None or (named is not None and Path(folder) != named.resolve()):
        where = f"in {named}" if named else f"at or above {start}"
        raise common.WrongCall(f"no course here: no {CONFIG_FILE} {where} (use --course)")
    return folder


def _serve(folder: str, assignments: list[str] | None, idle: float, warm: int) -> None:
    from fairmark.serve.server import Server, Settings

    environment = dict(os.environ)
    forbid_threads()  # as each command does, before anything is imported

    def rehearse() -> None:
        from fairmark.batch.local import load_for
        from fairmark.course.course import Course
        from fairmark.sandbox import DEFAULT_MODE
        from fairmark.sandbox.ready import ready_sandbox

        for name in _MODULES:
            importlib.import_module(name)
        found = Course.load(Path(folder))
        targets = common.find_assignments(found, assignments)
        visible = found.visible_for(targets)
        ready_sandbox(found.preload_for(targets), found.limits, DEFAULT_MODE, visible)
        load_for(targets)

    run = pkgutil.resolve_name("fairmark.cli.main:main")  # it knows this command, in turn
    server = Server(Settings(folder, idle * 60, warm), environment, run, rehearse, say)
    reason = server.serve()
    if reason.startswith("changed: "):
        say(f"{reason}; the server starts anew")
        os.execve(sys.executable, sys.orig_argv, environment)
    say(f"the server has ended: {reason}")


def _start(folder: str) -> None:
    words = [word for word in sys.orig_argv[1:] if word != "--background"]
    with open(os.devnull, "r+b") as nothing, tempfile.TemporaryFile() as told:
        process = subprocess.Popen(
            [sys.executable, *words],
            stdin=nothing,
            stdout=nothing,
            stderr=told,
            start_new_session=True,
        )
        deadline = time.monotonic() + _START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            status = _status(folder)
            if status is not None and status["pid"] == process.pid and status["ready"]:
                return
            time.sleep(_LOOK_SECONDS)
        told.seek(0)
        lines = told.read().decode("utf-8", "replace").splitlines()
    last = lines[-1].removeprefix("fairmark: ") if lines else "it does not get ready"
    raise FairmarkError(f"no server: {last}")


def _status(folder: str) -> dict[str, Any] | None:
    from fairmark.serve.client import ask

    told = ask(folder, "status", _ANSWER_SECONDS)
    return told if isinstance(told, dict) else None


def _show_status(folder: str) -> None:
    told = _status(folder)
    if told is None:
        raise FairmarkError(f"no server of yours runs for {folder}")
    state = "ready" if told["ready"] else "busy" if told["running"] else "getting ready"
    sys.stdout.write(
        f"{state}: process {told['pid']} serves {told['course']}\n"
        f"{count(told['done'], 'command')} in {told['seconds'] / 60:.0f} minutes, "
        f"{told['running']} running now; {count(told['warm'], 'sealed warm process')} ready\n"
        f"{told['memory'] / 2**20:.0f} MiB of memory; it ends when unused for another "
        f"{told['idle_seconds'] / 60:.0f} minutes\n".replace("processs", "processes")
    )


def _stop(folder: str) -> None:
    from fairmark.serve.client import ask

    told = ask(folder, "stop", _ANSWER_SECONDS)
    if not isinstance(told, dict):
        raise FairmarkError(f"no server of yours runs for {folder}")
    running = told["running"]
    behind = f", behind {count(running, 'running command')}" if running else ""
    sys.stdout.write(f"The server ends{behind}.\n")
