"""What student code in the sandbox can and cannot do, asked of the real sandbox."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from fairmark.course.course import Course
from fairmark.sandbox import Asked, CellRequest, Process, Sandbox, make_sandbox
from fairmark.wire.channel import ChannelClosed, ChannelTimeout
from tests.processes import pid_of
from tests.sealed import SEALS, skip_where_impossible


@pytest.fixture(scope="module", params=SEALS)
def sandbox(request: pytest.FixtureRequest, tiny_course: Course) -> Iterator[Sandbox]:
    skip_where_impossible(request.param)
    with make_sandbox(tiny_course.preload, tiny_course.limits, request.param) as sandbox:
        yield sandbox


@pytest.fixture
def session(sandbox: Sandbox) -> Iterator[Process]:
    session = sandbox.launch()
    yield session
    session.close()


def run(session: Process, source: str, seconds: float = 10) -> str:
    """Run a cell and return what it printed, errors included."""
    outputs: list[dict[str, Any]] = []
    session.run_cell(CellRequest(source), outputs.append, seconds)
    return "".join(o.get("text", "") + o.get("evalue", "") for o in outputs)


def limit_of(session: Process) -> str:
    """The limit that all processes have passed together."""
    ended = session.close()
    assert ended is not None
    return ended.limit


def evaluate(session: Process, expression: str) -> str:
    return run(session, f"print({expression})").strip()


def test_cells_share_a_namespace_and_show_what_they_yield(session: Process) -> None:
    assert run(session, "x = 20") == ""
    outputs: list[dict[str, Any]] = []
    session.run_cell(CellRequest("x + 1"), outputs.append, 10)
    assert outputs[0]["output_type"] == "execute_result"
    assert outputs[0]["data"]["text/plain"] == "21"


def test_an_ordinary_user_without_capabilities(session: Process) -> None:
    assert evaluate(session, "__import__('os').getuid()") != "0"
    status = evaluate(session, "open('/proc/self/status').read()")
    for line in status.splitlines():
        if line.startswith(("CapEff", "CapPrm", "CapBnd", "CapInh", "CapAmb")):
            assert int(line.split()[1], 16) == 0, line
        if line.startswith("NoNewPrivs"):
            assert line.split()[1] == "1"


def test_shell_commands_show_what_they_print(session: Process) -> None:
    assert run(session, "!echo one; echo two >&2").split() == ["one", "two"]


def test_no_new_namespaces(session: Process) -> None:
    code = "import subprocess as s; print(s.run(['unshare', '-U', 'id'], capture_output=True))"
    assert "returncode=1" in run(session, code)


def test_no_network(sandbox: Sandbox, session: Process) -> None:
    connect = "import socket; socket.create_connection(('127.0.0.1', 22), 1)"
    if sandbox.mode == "account":
        assert "Permission denied" in run(session, connect)
        for family in ("AF_INET, socket.SOCK_DGRAM", "AF_INET6", "AF_UNIX", "AF_NETLINK"):
            assert "denied" in run(session, f"socket.socket(socket.{family})")
        assert "denied" in run(session, "socket.socketpair(type=socket.SOCK_DGRAM)")
        return
    names = evaluate(session, "[n for _, n in __import__('socket').if_nameindex()]")
    assert names == "['lo']"
    assert "unreachable" in run(session, connect)


def test_only_its_own_processes(sandbox: Sandbox, session: Process) -> None:
    run(session, "import os")
    if sandbox.mode == "account":
        assert "denied" in run(session, "os.listdir('/proc')")
        for name in ("cmdline", "environ", "status", "mem", "fd"):
            assert "denied" in run(session, f"open('/proc/{os.getpid()}/{name}')")
            assert "denied" in run(session, f"open(f'/proc/{{os.getppid()}}/{name}')")
        return
    pids = evaluate(session, "sorted(p for p in os.listdir('/proc') if p.isdigit())")
    assert pids == "['1']"


def test_the_environment_holds_no_secret(sandbox: Sandbox, session: Process) -> None:
    names = evaluate(session, "' '.join(__import__('os').environ)").split()
    assert not [n for n in names if "TOKEN" in n or "SECRET" in n or "JUPYTERHUB" in n]
    assert set(os.environ) - set(names), "the environment was taken over"


def test_the_course_and_this_machine_are_out_of_sight(
    sandbox: Sandbox, session: Process, tiny_course: Course
) -> None:
    hidden = [
        str(tiny_course.root),
        str(tiny_course.root / "graders/tiny/test_tiny.py"),
        str(Path(__file__).parent),
        str(Path(__file__).parent.parent.parent / "graders"),
        str(Path(__file__).parent.parent.parent / "reference"),
        str(Path.home() / ".bashrc"),
        "/etc/shadow",
        "/var/log",
    ]
    run(session, "import os")
    if sandbox.mode == "bubblewrap":
        assert evaluate(session, f"[p for p in {hidden} if os.path.exists(p)]") == "[]"
    for path in hidden:
        told = run(session, f"os.listdir({path!r}) if os.path.isdir({path!r}) else open({path!r})")
        assert "denied" in told or "No such file" in told, path


def test_nothing_outside_the_work_folder_can_be_written(sandbox: Sandbox, session: Process) -> None:
    code = """
import os
written = []
own = ("/proc", "/home/student", "/tmp", "/dev/shm", "/sys") if HAS_OWN else (os.getcwd(),)
places = [folder for top in ("/", "/usr") for folder, _, _ in os.walk(top)]
for folder in ("/tmp", "/dev/shm", "/var/tmp", "/dev/mqueue", "/run", *places):
    if folder.startswith(own):
        continue
    try:
        with open(os.path.join(folder, f"mine-{os.getpid()}"), "w") as file:
            written.append(folder)
    except OSError:
        pass
print(written)
"""
    code = f"HAS_OWN = {sandbox.mode == 'bubblewrap'}\n{code}"
    assert run(session, code, 60).strip() == "[]"


def test_submissions_share_no_folder(sandbox: Sandbox) -> None:
    first, second = sandbox.launch(), sandbox.launch()
    look = "__import__('glob').glob('/home/student/*') + __import__('glob').glob('/tmp/*')"
    look += " + __import__('glob').glob('/dev/shm/*')"
    try:
        if sandbox.mode == "account":
            for folder in ("/tmp", "/dev/shm"):
                assert "denied" in run(first, f"open('{folder}/note-{os.getpid()}', 'w')")
            run(first, "open('note', 'w').write('for you'); import os; os.chmod('.', 0o777)")
            place = evaluate(first, "os.getcwd()")
            assert "denied" in run(second, f"open('{place}/note').read()")
            assert "denied" in run(second, f"open('{place}/mine', 'w')")
            return
        for folder in ("/home/student", "/tmp", "/dev/shm"):
            run(first, f"open('{folder}/note', 'w').write('for you')")
        assert "note" in evaluate(first, look)
        assert evaluate(second, look) == "[]"
    finally:
        first.close()
        second.close()


def test_memory_is_limited(session: Process) -> None:
    assert "Unable to allocate" in run(session, "import numpy as np; np.ones(10**9)")
    assert evaluate(session, "1") == "1"


def test_disk_and_file_size_are_limited(sandbox: Sandbox, session: Process) -> None:
    code = "for n in range(9): open(str(n), 'wb').write(b'x' * 30_000_000)"
    assert "File too large" in run(session, "open('one', 'wb').write(b'x' * 70_000_000)")
    if sandbox.mode == "account":
        with pytest.raises(ChannelClosed):
            run(session, f"import time\n{code}\ntime.sleep(9)")
        assert limit_of(session) == "disk"
        return
    assert "No space left" in run(session, code)


def test_processes_are_limited(session: Process) -> None:
    code = """
import os, time
count = 0
try:
    while count < 1000:
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
        count += 1
except BlockingIOError:
    pass
print(count)
"""
    assert int(run(session, code)) < 100


def test_nothing_outlives_the_session(sandbox: Sandbox) -> None:
    sandbox.wait_ready()
    before = descendants(pid_of(sandbox))
    session = sandbox.launch()
    code = "import os, time\nfor _ in range(5):\n    if os.fork() == 0:\n        os.setsid(); "
    run(session, code + "time.sleep(1000)")
    mine = descendants(pid_of(sandbox)) - before
    others = {"bubblewrap": 2, "account": 3}[sandbox.mode]
    assert len(mine) == 5 + others, "five, their parent and its supervisor, and the guard"
    session.close()
    deadline = time.monotonic() + 5
    while mine & descendants(pid_of(sandbox)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not mine & descendants(pid_of(sandbox))


def test_a_cell_that_hangs_and_a_cell_that_dies(sandbox: Sandbox) -> None:
    hanging, dying = sandbox.launch(), sandbox.launch()
    try:
        with pytest.raises(ChannelTimeout):
            run(hanging, "while True: pass", 0.2)
        with pytest.raises(ChannelClosed):
            run(dying, "import ctypes; ctypes.string_at(0)")
    finally:
        hanging.close()
        dying.close()
    ended = dying.wait(0.0)
    assert ended is not None
    assert ended.signal == 11


def test_a_fork_is_a_copy(session: Process) -> None:
    run(session, "x = [1]")
    fork = session.fork(Asked(""))
    fork.channel.send({"op": "find", "name": "x"})
    assert fork.channel.receive(5)["value"] == ["l", [1]]
    fork.close()


def test_without_a_seal_when_asked_by_name(tiny_course: Course) -> None:
    with make_sandbox(["math"], tiny_course.limits, mode="none") as sandbox:
        session = sandbox.launch()
        assert evaluate(session, "6 * 7") == "42"
        session.close()


def descendants(pid: int) -> set[int]:
    """All processes below this one."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        for child in children.get(waiting.pop(), []):
            found.add(child)
            waiting.append(child)
    return found


def test_memory_that_no_limit_counts_is_refused(sandbox: Sandbox, session: Process) -> None:
    """Each of these once took GiB of memory past every limit, or what the whole machine has."""
    source = """
import ctypes, mmap, resource, socket
libc = ctypes.CDLL(None, use_errno=True)
def refused(attempt):
    try: attempt()
    except (OSError, ValueError): return True
def calls(x86_64, aarch64, *arguments):
    number = x86_64 if __import__("os").uname().machine == "x86_64" else aarch64
    if libc.syscall(number, *arguments) < 0: raise OSError(ctypes.get_errno())
print([
    refused(lambda: open("/dev/zero", "r+b")),
    refused(lambda: mmap.mmap(-1, 4096, flags=0x122)),  # grows down
    refused(lambda: resource.setrlimit(resource.RLIMIT_STACK, (-1, -1))),
    refused(lambda: calls(68, 186, 0, 0o600)),  # msgget
    refused(lambda: calls(64, 190, 0, 9, 0o600)),  # semget
    refused(lambda: calls(278, 75, 1, None, 0, 0)),  # vmsplice
    refused(lambda: calls(444, 444, (ctypes.c_uint64 * 1)(1), 8, 0)),  # landlock_create_ruleset
    refused(lambda: socket.socketpair()[0].setsockopt(socket.SOL_SOCKET, 26, bytes(16))),
    refused(lambda: mmap.mmap(-1, 4096, flags=0x22)),
    refused(lambda: socket.socket(socket.AF_INET6).setsockopt(41, 26, 1)),
])
"""
    socket = True if sandbox.mode == "account" else None
    assert run(session, source).strip() == str([True] * 8 + [None, socket])


def test_what_waits_in_sockets_counts_as_memory(sandbox: Sandbox) -> None:
    few = replace(sandbox.limits, memory_mib=99, submission_memory_mib=99)
    session = sandbox.launch(few)
    source = "import os, socket, time\nfor _ in range(4): os.fork()\n"
    source += "kept = [socket.socketpair() for _ in range(40)]\ntime.sleep(9)"
    with pytest.raises(ChannelClosed):
        run(session, source)
    assert limit_of(session) == "memory"


def test_what_waits_in_one_socket_is_little(session: Process) -> None:
    source = """
import socket
ours, theirs = socket.socketpair()
ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**30)
print(ours.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF))
"""
    assert int(run(session, source)) == int(Path("/proc/sys/net/core/wmem_default").read_text())


def test_terminals_and_what_watches_files_are_left_to_others(sandbox: Sandbox) -> None:
    greedy, honest = sandbox.launch(), sandbox.launch()
    if sandbox.mode == "account":
        many = "import os, time\nkept = [os.open('/dev/ptmx', os.O_RDWR) for _ in range(99)]\n"
        with pytest.raises(ChannelClosed):
            run(greedy, many + "time.sleep(9)")
        assert limit_of(greedy) == "terminals"
        honest.close()
        return
    source = """
import ctypes, os
kept = []
try:
    while len(kept) < 200: kept.append(os.open("/dev/ptmx", os.O_RDWR))
except OSError: pass
libc = ctypes.CDLL(None)
watching = 0
while watching < 200 and libc.inotify_init() >= 0: watching += 1
print(len(kept), watching)
"""
    assert run(greedy, source).split() == ["16", "16"]
    assert run(honest, source).split() == ["16", "16"]
    greedy.close()
    honest.close()


def test_a_submission_ends_with_its_supervisor(sandbox: Sandbox) -> None:
    sandbox.wait_ready()
    warm = psutil.Process(pid_of(sandbox))
    before = set(warm.children(recursive=True))
    session = sandbox.launch()
    assert run(session, "import ctypes; print(ctypes.CDLL(None).prctl(1, 0))").strip() == "0"
    *guard, supervisor, student = sorted(
        set(warm.children(recursive=True)) - before, key=lambda process: process.pid
    )
    assert len(guard) == (sandbox.mode == "account")
    assert student.parent() == supervisor
    supervisor.send_signal(signal.SIGALRM)
    assert session.wait(10) is not None
    assert session.close() is None
    _, alive = psutil.wait_procs([*guard, supervisor, student], timeout=10)
    assert not alive
