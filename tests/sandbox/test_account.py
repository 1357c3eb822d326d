"""Student code as a user of its own, in containers like those of platforms."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.sandbox import (
    Asked,
    CellRequest,
    Limits,
    Process,
    Sandbox,
    account_needs,
    accounts,
    landlock,
    make_sandbox,
)
from fairmark.wire.channel import ChannelClosed
from tests import platforms
from tests.processes import pid_of
from tests.sealed import skip_where_impossible

FAIRMARK = [sys.executable, "-m", "fairmark"]
TRIES = """
import sys
from pathlib import Path
from fairmark.sandbox import CellRequest, Limits, make_sandbox
Path("/course/graders").mkdir(parents=True)
Path("/course/graders/key.txt").write_text("secret")
Path("/course").chmod(0o700)
with make_sandbox(["numpy"], Limits(), "account") as sandbox:
    sandbox.refuse_visible(Path("/course"))
    first, second = sandbox.launch(), sandbox.launch()
    def run(process, source):
        outputs = []
        process.run_cell(CellRequest(source), outputs.append, 20)
        return "".join(o.get("text", "") + o.get("evalue", "") for o in outputs).strip()
    print(run(first, "import os, numpy, xml.dom.minidom; print(os.getuid())"))
    print(run(second, "import os; print(os.getuid())"))
    print(run(first, "open('/course/graders/key.txt').read()"))
    print(run(first, "import socket; socket.create_connection(('127.0.0.1', 80), 1)"))
    print(run(first, "os.kill(os.getppid(), 9)"))
    print(run(first, "open(f'/proc/{os.getppid()}/environ').read()"))
    print(run(first, "open('note', 'w').write('x'); os.chmod('.', 0o777)"), end="")
    place = run(first, "print(os.getcwd())")
    print(run(second, f"open('{place}/mine', 'w')"))
    for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/"):
        assert "denied" in run(second, f"open('{folder}/mine', 'w')"), folder
    pid = int(run(first, "print(os.getpid())"))
    assert "denied" in (said := run(second, f"os.kill({pid}, 9)")) or "not permitted" in said
    print("held")
"""


@pytest.fixture(scope="module")
def sandbox(tiny_course: Course) -> Iterator[Sandbox]:
    skip_where_impossible("account")
    with make_sandbox(tiny_course.preload, tiny_course.limits, "account") as sandbox:
        yield sandbox


def run(process: Process, source: str, seconds: float = 10) -> str:
    """Run a cell and return what it printed, errors included."""
    outputs: list[dict[str, Any]] = []
    process.run_cell(CellRequest(source), outputs.append, seconds)
    return "".join(o.get("text", "") + o.get("evalue", "") for o in outputs).strip()


@pytest.mark.parametrize("has_landlock", [True, False])
def test_in_a_container_without_namespaces(tmp_path: Path, has_landlock: bool) -> None:
    platforms.require()
    close = "chmod o-w /tmp /var/tmp /dev/shm /dev/mqueue; " if not has_landlock else ""
    command = ["sh", "-c", f'{close}exec "$0" -c "$1"', sys.executable, TRIES]
    done = platforms.run(tmp_path, command, {}, landlock=has_landlock)
    uids, told = done.stdout.splitlines()[:2], done.stdout.splitlines()[2:]
    assert len(set(uids)) == 2, done.stderr
    assert {int(uid) for uid in uids} < set(range(accounts.FIRST, accounts.LAST, 2))
    assert ["denied" in line or "not permitted" in line for line in told] == [True] * 5 + [False]
    assert told[-1] == "held"


def test_the_doctor_in_a_container(tmp_path: Path) -> None:
    platforms.require()
    done = platforms.run(tmp_path, [*FAIRMARK, "doctor"], {})
    assert done.returncode == 0, done.stdout
    assert "seal bubblewrap: not possible here" in done.stdout
    assert "seal account: it starts" in done.stdout
    assert "grade with --sandbox=account" in done.stdout
    assert done.stdout.count("student code cannot reach") == 4


def test_what_others_could_write_to_is_closed_first(tmp_path: Path) -> None:
    platforms.require()
    done = platforms.run(tmp_path, [*FAIRMARK, "doctor"], {}, landlock=False)
    assert done.returncode == 1
    assert "close them: chmod o-w /dev/mqueue /dev/shm /tmp /var/tmp" in done.stdout


def test_who_is_not_root_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(FairmarkError, match="sandbox=account is not possible here: only root"):
        make_sandbox(mode="account").start()


def test_an_open_course_needs_landlock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    make_sandbox(mode="account").refuse_visible(tmp_path)  # its owner has closed it
    with pytest.raises(FairmarkError, match="chmod o-rwx /var"):
        make_sandbox(mode="account").refuse_visible(Path("/var"))
    assert any("/proc" in gap for gap in account_needs.what_is_not_covered())


def test_what_a_killed_grader_has_left_is_ended_before_its_account_is_used(
    tmp_path: Path,
) -> None:
    skip_where_impossible("account")
    accounts.prepare()
    account = accounts.claim()
    numbers = [account.uid, *range(accounts.FIRST, accounts.LAST, 2)]
    left = subprocess.Popen(["sleep", "1000"], user=account.uid, group=account.uid)
    os.close(account.lock)
    again = accounts.claim(numbers)
    try:
        assert again.uid == account.uid
        assert left.wait(10) == -signal.SIGKILL
        assert accounts.claim(numbers).uid != again.uid, "it is taken"
    finally:
        os.close(again.lock)


def test_what_a_killed_grader_has_left_ends_with_the_next_start() -> None:
    skip_where_impossible("account")
    accounts.prepare()
    kept, lost = accounts.claim(), accounts.claim()
    processes = [
        subprocess.Popen(["sleep", "1000"], user=account.uid, group=account.uid)
        for account in (kept, lost)
    ]
    os.close(lost.lock)
    try:
        accounts.prepare()
        assert processes[1].wait(10) == -signal.SIGKILL
        assert processes[0].poll() is None, "its account is in use"
    finally:
        accounts.end_all(kept)
        assert processes[0].wait(10) == -signal.SIGKILL
        os.close(kept.lock)


def test_no_two_submissions_share_an_account(sandbox: Sandbox) -> None:
    processes = [sandbox.launch() for _ in range(4)]
    numbers = {run(process, "import os; print(os.getuid())") for process in processes}
    for process in processes:
        process.close()
    assert len(numbers) == 4


def test_processes_and_files_of_a_question_are_gone_before_the_next(sandbox: Sandbox) -> None:
    process = sandbox.launch()
    run(process, "import os, subprocess, time; open('kept', 'w').close()")
    run(process, "own = subprocess.Popen(['sleep', '1000'])")
    for _ in range(2):
        fork = process.fork(Asked(""))
        source = "import os, time\nfor _ in range(3):\n    if os.fork() == 0: os.setsid(); "
        source += "os.fork(); time.sleep(1000)\nopen('left', 'w').close()"
        fork.channel.send({"op": "define", "source": source})
        assert fork.channel.receive(10)["status"] == "ok"
        fork.close()
    assert run(process, "print(sorted(os.listdir('.')), own.poll())") == "['kept'] None"
    children = run(process, "print(open(f'/proc/self/task/{os.getpid()}/children').read())")
    assert len(children.split()) == 1
    process.close()


def test_everything_ends_with_the_supervisor_and_its_folder_goes(sandbox: Sandbox) -> None:
    sandbox.wait_ready()
    warm = psutil.Process(pid_of(sandbox))
    before = set(warm.children(recursive=True))
    process = sandbox.launch()
    place = Path(run(process, "import os; print(os.getcwd())"))
    deep = "for _ in range(60): os.mkdir('d' * 200); os.chdir('d' * 200)\n"
    run(
        process,
        deep + "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        import time; time.sleep(1000)\n    os._exit(0)",
    )
    mine = sorted(set(warm.children(recursive=True)) - before, key=lambda found: found.pid)
    assert len(mine) >= 4
    mine[1].send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(mine, timeout=10)
    assert not alive
    assert not place.exists()
    process.close()


@pytest.mark.parametrize(
    ("source", "limit"),
    [
        ("for n in range(20_000): open(str(n), 'w').close()", "disk"),
        (
            "kept = []\nfor n in range(9):\n    kept.append(open('x', 'wb'))\n    os.remove('x')\n"
            "    kept[-1].write(b'x' * 30_000_000)",
            "disk",
        ),
        (
            "os.mkdir('a'); open('a/x', 'wb').truncate(0); os.chmod('a', 0o700)\n"
            "for n in range(9): open(f'a/{n}', 'wb').write(b'x' * 30_000_000)\nos.chmod('a', 0)",
            "disk",
        ),
        ("kept = [os.open('/dev/ptmx', os.O_RDWR) for _ in range(99)]", "terminals"),
    ],
    ids=["many files", "deleted files", "a closed folder", "terminals"],
)
def test_what_one_account_may_use(sandbox: Sandbox, source: str, limit: str) -> None:
    process = sandbox.launch(replace(sandbox.limits, open_files=256))
    with pytest.raises(ChannelClosed):
        run(process, f"import os, time\n{source}\ntime.sleep(30)", 40)
    ended = process.close()
    assert ended is not None and ended.limit == limit


def test_no_privileges_come_back(sandbox: Sandbox) -> None:
    process = sandbox.launch()
    source = "import ctypes, os, subprocess; libc = ctypes.CDLL(None, use_errno=True)"
    run(process, source)
    assert "not permitted" in run(process, "os.setuid(0)")
    assert "not permitted" in run(process, "os.setuid(os.getuid() + 1)")
    setuid = "print(subprocess.run(['su', '-c', 'id', 'root'], capture_output=True, input=b''))"
    assert "uid=0" not in run(process, setuid)
    flags = "[libc.syscall(272, flag) for flag in (0x10000000, 0x20000000, 0x40000000, 0x20000)]"
    if os.uname().machine == "x86_64":
        assert run(process, f"print({flags})") == "[-1, -1, -1, -1]"
    assert run(process, "print(libc.prctl(4, 0), libc.prctl(3))") == "0 1", "it stays visible"
    process.close()


def test_a_submission_does_not_wait_for_another(sandbox: Sandbox) -> None:
    """Its limit of processes is its own, and the other's fork bomb none of its business."""
    bomb, honest = sandbox.launch(), sandbox.launch()
    run(
        bomb,
        "import os, time\ntry:\n    while True:\n        if os.fork() == 0: time.sleep(1000)\n"
        "except OSError: pass",
    )
    started = time.monotonic()
    assert run(honest, "import subprocess; subprocess.run(['true']).returncode") == ""
    bomb.close()
    honest.close()
    assert time.monotonic() - started < 60


def test_limits_are_told_in_words() -> None:
    from fairmark.sandbox.exit_status import ExitStatus

    assert "128 MiB of files" in ExitStatus(9, limit="disk").words(Limits())


def test_the_supervisor_cannot_be_slowed_down(sandbox: Sandbox) -> None:
    """It looks with the account's rights, and must not be the account's for that."""
    process = sandbox.launch()
    source = """
import os, resource, signal, time
supervisor, reached, end = os.getppid(), set(), time.monotonic() + 2
tries = {
    "affinity": lambda: os.sched_setaffinity(supervisor, {0}),
    "policy": lambda: os.sched_setscheduler(supervisor, os.SCHED_IDLE, os.sched_param(0)),
    "priority": lambda: os.setpriority(os.PRIO_PROCESS, supervisor, 19),
    "limits": lambda: resource.prlimit(supervisor, resource.RLIMIT_CPU, (1, 1)),
    "signal": lambda: os.kill(supervisor, signal.SIGSTOP),
}
while time.monotonic() < end:
    for name, attempt in tries.items():
        try: attempt()
        except OSError: pass
        else: reached.add(name)
print(sorted(reached))
"""
    assert run(process, source) == "[]"
    process.close()
