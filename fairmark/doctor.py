"""Whether this machine can grade safely, by trying it."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from fairmark.course.course import Course
from fairmark.course.handout import modules_behind
from fairmark.errors import FairmarkError
from fairmark.files import notebooks_in
from fairmark.sandbox import DEFAULT_MODE, CellRequest, Process, bubblewrap, make_sandbox
from fairmark.sandbox.account_needs import what_is_lacking, what_is_not_covered
from fairmark.sandbox.gpu import find_gpu
from fairmark.sandbox.gpu_usage import NvmlReader
from fairmark.wire.errors import ExchangeError

Verdict = Literal["good", "warning", "bad"]
_USER_NAMESPACES = (
    (
        "/proc/sys/kernel/unprivileged_userns_clone",
        "0",
        "sysctl kernel.unprivileged_userns_clone=1",
    ),
    ("/proc/sys/user/max_user_namespaces", "0", "sysctl user.max_user_namespaces=15000"),
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for bwrap",
    ),
)
_FREE_GIB = 1.0
_PROBES = {
    "the network": "import socket; socket.create_connection(('1.1.1.1', 53), 2)",
    "this machine's processes": """
import os
def command_line(pid):
    try:
        return open(f"/proc/{pid}/cmdline", "rb").read()
    except OSError:
        return b""
assert any(TOKEN in command_line(pid) for pid in os.listdir("/proc") if pid.isdigit())
""",
    "the files of whoever starts it": "open(HOME_FILE).read()",
    "a place outside of its own folder": "open('/usr/fairmark-was-here', 'w')",
}
"""What student code must fail at."""


@dataclass(frozen=True)
class Inspection:
    """One thing that was looked at."""

    what: str
    verdict: Verdict
    detail: str = ""
    """What was found, and what to do about it."""


def examine(course: Course | None) -> Iterator[Inspection]:
    """Yield what was found of this machine, and of a course if there is one."""
    for look in (_system, _python, _bubblewrap, _namespaces):
        yield from look()
    sealed = yield from _seals()
    if not sealed:
        detail = "none can be had: this machine should grade nothing"
        yield Inspection("seal", "bad", detail)
    yield from _gpu(course)
    if course is not None:
        for examine_course in (_course, _gradebook, _space):
            yield from examine_course(course)


def _system() -> Iterator[Inspection]:
    name = os.uname()
    if sys.platform != "linux":
        yield Inspection(
            "system", "bad", f"{name.sysname}: student code can be sealed on Linux only"
        )
        return
    known = name.machine in ("x86_64", "aarch64")
    detail = f"Linux {name.release} on {name.machine}"
    if known:
        yield Inspection("system", "good", detail)
    else:
        yield Inspection("system", "warning", f"{detail}: no system call filter for this processor")


def _python() -> Iterator[Inspection]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Inspection("Python", "good", f"{version} in {sys.prefix}")


def _bubblewrap() -> Iterator[Inspection]:
    try:
        path = bubblewrap.find_bubblewrap()
    except FairmarkError as error:
        yield Inspection("bubblewrap", "warning", str(error))
        return
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    told = (done.stdout or done.stderr).strip()
    yield Inspection("bubblewrap", "good" if done.returncode == 0 else "bad", told)


def _namespaces() -> Iterator[Inspection]:
    for path, refusal, remedy in _USER_NAMESPACES:
        try:
            with open(path, encoding="utf-8") as setting:
                refused = setting.read().strip() == refusal
        except OSError:
            continue  # this kernel has no such setting
        if refused:
            yield Inspection(
                "user namespaces", "warning", f"{path} is {refusal}: as root, {remedy}"
            )
            return
    yield Inspection("user namespaces", "good", "no setting of the kernel forbids them")


def _seals() -> Generator[Inspection, None, bool]:
    """Try each seal, and say what it leaves open; return whether one can be had."""
    strongest = yield from _tried_seal(DEFAULT_MODE)
    lacking = list(what_is_lacking())
    if lacking:
        yield Inspection("seal account", "warning", f"not possible here: {lacking[0]}")
        return strongest
    holds = yield from _tried_seal("account")
    for gap in what_is_not_covered():
        yield Inspection("seal account", "warning", f"not covered: {gap}")
    if holds and not strongest:
        yield Inspection("seal", "warning", "grade with --sandbox=account: it has to be asked for")
    return strongest or holds


def _tried_seal(mode: str) -> Generator[Inspection, None, bool]:
    """Start a sandbox, and try from inside of it what must not be possible."""
    what = f"seal {mode}"
    try:
        with make_sandbox(mode=mode) as sandbox:
            sandbox.wait_ready()
            process = sandbox.launch()
            try:
                probes = list(_probe(process))
            finally:
                process.close()
    except FairmarkError as error:
        yield Inspection(what, "warning", f"not possible here: {error}")
        return False
    except ExchangeError:
        yield Inspection(what, "warning", "a student's process cannot be started in it")
        return False
    yield Inspection(what, "good", "it starts")
    yield from probes
    return all(probe.verdict == "good" for probe in probes)


def _probe(process: Process) -> Iterator[Inspection]:
    home = os.path.join(os.path.expanduser("~"), "")
    token = secrets.token_hex()
    names = f"TOKEN, HOME_FILE = {token.encode()!r}, {_file_in(home)!r}\n"
    for what, source in _PROBES.items():
        outputs: list[object] = []
        with _process_called(token):
            done = process.run_cell(CellRequest(names + source), outputs.append, 10.0)
        if done.get("status") == "ok":
            yield Inspection("sealed off", "bad", f"student code can reach {what}")
        else:
            yield Inspection("sealed off", "good", f"student code cannot reach {what}")


@contextmanager
def _process_called(name: str) -> Iterator[None]:
    """Run a process that its command line tells from all others.

    Process numbers do not: the sandbox has its own, and in a container this process may be 1.
    """
    program = [sys.executable, "-I", "-S", "-c", "input()", name]
    with subprocess.Popen(program, stdin=subprocess.PIPE) as process:
        yield
        process.kill()


def _file_in(folder: str) -> str:
    """A file that this process can read, in a folder that students must not see."""
    for name in (".profile", ".bashrc", ".bash_history"):
        if os.path.isfile(folder + name):
            return folder + name
    return folder + ".profile"


def _gpu(course: Course | None) -> Iterator[Inspection]:
    """Whether student code could use a GPU here, within the limit of its memory."""
    assignments = course.assignments() if course is not None else []
    asking = sorted({one.name for one in assignments if one.limits().gpu_memory_mib})
    try:
        gpu = find_gpu(os.environ)
        NvmlReader(gpu.place).used_mib()
    except FairmarkError as error:
        verdict: Verdict = "warning" if asking else "good"
        needed = f"{', '.join(asking)} cannot be graded here" if asking else "none is asked for"
        yield Inspection("GPU", verdict, f"{needed}: {error}" if asking else f"{needed}; {error}")
    else:
        yield Inspection(
            "GPU", "good", f"{gpu.devices[0][0]} can be used, one submission at a time"
        )


def _course(course: Course) -> Iterator[Inspection]:
    assignments = course.assignments()
    names = ", ".join(assignment.label for assignment in assignments) or "no assignment"
    yield Inspection("course", "good" if assignments else "warning", f"{course.root}: {names}")
    yield from _tried(
        "students' view", lambda: make_sandbox().refuse_visible(course.root), "the course is hidden"
    )
    try:
        folders = ", ".join(map(str, course.data)) or "none is named"
        yield Inspection("data folders", "good", folders)
    except FairmarkError as error:
        yield Inspection("data folders", "bad", str(error))
    missing = _cannot_import(course)
    if missing:
        detail = f"{', '.join(missing)}: install what the notebooks import"
        yield Inspection("what notebooks import", "bad", detail)
    else:
        yield Inspection("what notebooks import", "good", "all of it is installed")


def _cannot_import(course: Course) -> list[str]:
    from importlib.util import find_spec

    names = set(course.preload)
    for assignment in course.assignments():
        for notebook in notebooks_in(assignment.source.parent):
            names |= modules_behind(notebook)
    packages = {name.partition(".")[0] for name in names} - {"fairmark"}
    return sorted(name for name in packages if find_spec(name) is None)


def _gradebook(course: Course) -> Iterator[Inspection]:
    from fairmark.record.database import gradebook_url, open_gradebook, place_of

    place = gradebook_url(course)
    if place.get_backend_name() == "sqlite" and not os.path.exists(place.database or ""):
        yield Inspection("gradebook", "good", "none yet; it is made when something is graded")
        return
    yield from _tried("gradebook", lambda: open_gradebook(course).close(), place_of(place))


def _space(course: Course) -> Iterator[Inspection]:
    free = shutil.disk_usage(course.root).free / 2**30
    verdict: Verdict = "good" if free >= _FREE_GIB else "warning"
    yield Inspection("disk", verdict, f"{free:.1f} GiB free in {course.root}")
    if not os.access(course.root, os.W_OK):
        yield Inspection("disk", "bad", f"{course.root} is not writable for you")


def _tried(what: str, action: Callable[[], None], detail: str) -> Iterator[Inspection]:
    try:
        action()
    except FairmarkError as error:
        yield Inspection(what, "bad", str(error))
    else:
        yield Inspection(what, "good", detail)
