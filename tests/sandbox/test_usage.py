"""Looking after all processes of a submission, with processes that stand for them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fairmark.sandbox.limits import Limits
from fairmark.sandbox.usage import UsageMonitor

FORK = "import os, signal, time\nfor _ in range({}): os.fork() or {}\n"
SPIN = """
import hashlib, signal, threading
def spin(): hashlib.pbkdf2_hmac("sha256", b"", b"", 2 * 10**9)  # it lets go of Python's lock
for _ in range(3): threading.Thread(target=spin, daemon=True).start()
"""
READY = "print('ready', flush=True)\nsignal.pause()"


@contextmanager
def running(source: str) -> Iterator[int]:
    """A process with children, until the end of the block."""
    command = [sys.executable, "-c", f"{source}{READY}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"ready\n"
            yield process.pid
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def looks(watch: UsageMonitor, first: int, count: int) -> list[str]:
    found = []
    for _ in range(count):
        time.sleep(0.1)
        found.append(watch.look(first))
    return found


OWN_PRIORITY = os.getpriority(os.PRIO_PROCESS, 0)


def priorities(first: int) -> set[int]:
    """The priorities of a process, its threads and its children with theirs."""
    processes = [first, *children_of(first)]
    threads = [int(name) for p in processes for name in os.listdir(f"/proc/{p}/task")]
    return {os.getpriority(os.PRIO_PROCESS, thread) for thread in threads}


def children_of(first: int) -> list[int]:
    text = Path(f"/proc/{first}/task/{first}/children").read_text()
    return [int(word) for word in text.split()]


@pytest.mark.parametrize(
    ("source", "priority"),
    [
        (FORK.format(3, "signal.pause()"), OWN_PRIORITY),
        (FORK.format(1, "exec('while True: pass')"), OWN_PRIORITY),
        (FORK.format(3, "exec('while True: pass')"), 19),
        (SPIN, 19),
    ],
    ids=["idle", "one busy", "busy processes", "busy threads"],
)
def test_who_takes_many_processors_has_to_wait(source: str, priority: int) -> None:
    with running(source) as first:
        assert set(looks(UsageMonitor(Limits()), first, 6)) == {""}
        assert priorities(first) == {priority}


def test_who_pauses_in_step_with_the_looks_has_to_wait() -> None:
    with running(FORK.format(3, "exec('while True: pass')")) as first:
        watch = UsageMonitor(Limits())
        for step in range(6):
            for child in children_of(first):
                os.kill(child, signal.SIGCONT if step % 2 else signal.SIGSTOP)
            looks(watch, first, 1)
        assert priorities(first) == {19}


def test_processors_are_shared_among_sessions() -> None:
    with running(FORK.format(5, "(os.setsid(), exec('while True: pass'))")) as first:
        try:
            assert looks(UsageMonitor(Limits()), first, 4)[-1] == "sessions"
        finally:
            for child in children_of(first):
                os.kill(child, signal.SIGKILL)


def test_processor_time_of_all_that_were_there() -> None:
    spin = "exec('while time.process_time() < 0.4: pass'), os._exit(0)"
    source = FORK.format(3, f"({spin})") + "for _ in range(3): os.wait()\n"
    with running(source) as first:
        assert looks(UsageMonitor(Limits(cpu_seconds=1, submission_cpu_seconds=1)), first, 1) == [
            "cpu"
        ]
        assert looks(UsageMonitor(Limits(cpu_seconds=1, submission_cpu_seconds=3)), first, 1) == [
            ""
        ]


def test_an_idle_submission_is_looked_at_less_often() -> None:
    with running(FORK.format(2, "signal.pause()")) as first:
        watch = UsageMonitor(Limits())
        busy = watch.seconds
        looks(watch, first, 2)
        assert watch.seconds > busy
    assert watch.look(first) == "", "it has ended"


def test_a_higher_limit_of_a_process_is_one_of_all_its_processes() -> None:
    raised = Limits(memory_mib=9999, cpu_seconds=5)
    assert (raised.submission_memory_mib, raised.submission_cpu_seconds) == (9999, 1200)


@pytest.mark.parametrize("line_break", ["\\x0b", "\\x0c", "\\x1c", "\\x85", "\\r", "\\n"])
def test_a_name_hides_no_memory(line_break: str) -> None:
    """A process may have any name, and the kernel tells it among what the process uses."""
    status = Path("/proc/self/status").read_text()
    own_kib = next(int(x.split()[1]) for x in status.splitlines() if x.startswith("RssAnon:"))
    # What the process that looks holds itself is allowed besides.
    source = f"""
import ctypes, signal
text = bytearray(b"x") * ({own_kib} * 1024 + 300 * 2**20)
ctypes.CDLL(None).prctl(15, b"{line_break}VmPTE: -999999", 0, 0, 0)
"""
    limits = Limits(memory_mib=100, submission_memory_mib=100)
    with running(source) as first:
        assert UsageMonitor(limits).look(first) == "memory"
