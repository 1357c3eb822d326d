"""Ways out of a submission's sandbox that namespaces alone leave open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fairmark.course.course import Assignment
from fairmark.errors import FairmarkError
from fairmark.grading.grade import grade
from fairmark.sandbox import CellRequest, Process, Sandbox, bubblewrap
from tests.tiny import RIGHT, answer


@pytest.fixture
def session(sandbox: Sandbox) -> Iterator[Process]:
    session = sandbox.launch()
    yield session
    session.close()


def run(session: Process, source: str) -> str:
    """Run a cell and return what it printed, errors included."""
    outputs: list[dict[str, Any]] = []
    session.run_cell(CellRequest(source), outputs.append, 10)
    return "".join(o.get("text", "") + o.get("evalue", "") for o in outputs).strip()


def test_no_notes_in_the_keyrings_of_the_user(session: Process) -> None:
    code = """
import ctypes, os
call = ctypes.CDLL(None, use_errno=True).syscall
number = {"x86_64": 248, "aarch64": 217}[os.uname().machine]
print([call(number, b"user", b"note", b"for you", 7, ring) for ring in (-1, -2, -3, -4, -5)])
print(call(number + 2, 1, 0), repr(open("/proc/keys").read()))
"""
    assert run(session, code) == "[-1, -1, -1, -1, -1]\n-1 ''"


def test_no_way_to_the_machine_below(session: Process) -> None:
    for family in ("AF_VSOCK", "AF_PACKET", "AF_ALG"):
        code = f"import socket; socket.socket(socket.{family}, socket.SOCK_STREAM)"
        assert "not supported by protocol" in run(session, code)
    assert run(session, "socket.socket(socket.AF_UNIX); socket.socketpair(); print(1)") == "1"


def test_no_memory_past_the_limit(session: Process) -> None:
    assert "Cannot allocate" in run(session, "import mmap; mmap.mmap(-1, 4096)")
    assert "not implemented" in run(session, "import os; os.memfd_create('x')")
    assert "Unable to allocate" in run(session, "import numpy as np; np.ones(10**9)")


def test_the_kernel_ends_student_code_first(session: Process) -> None:
    assert run(session, "print(open('/proc/self/oom_score_adj').read())") == "1000"


def test_usual_libraries_still_work(session: Process) -> None:
    code = """
import multiprocessing, subprocess, threading, tempfile, asyncio
with multiprocessing.Pool(2) as pool: print(pool.map(abs, [-1, -2]))
shared = multiprocessing.Array("d", [1.0, 2.0]); queue = multiprocessing.Queue(); queue.put(3)
print(list(shared), queue.get(), subprocess.run(["echo", "4"], capture_output=True).stdout)
async def five(): return 5
print(await five(), tempfile.TemporaryFile().write(b"6"))
"""
    assert run(session, code) == "[1, 2]\n[1.0, 2.0] 3 b'4\\n'\n5 1"


def test_the_exchange_is_out_of_sight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bubblewrap, "_HIDDEN", (str(tmp_path), "/nowhere"))
    line = " ".join(bubblewrap.command(0))
    assert "--ro-bind /usr /usr" in line
    assert line.index("--ro-bind /usr /usr") < line.index(f"--tmpfs {tmp_path}")
    assert "/nowhere" not in line


def test_a_course_that_student_code_could_read_is_refused(
    tiny: Assignment, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = str(tiny.course.root.parent)
    monkeypatch.setattr(bubblewrap, "python_folders", lambda: [parent])
    with pytest.raises(FairmarkError, match="which student code can read; move the course"):
        grade(answer(tiny, RIGHT), tiny, sandbox)
