import os
import sys
from pathlib import Path

import pytest

from benchmarks.measure import CommandFailed, PeakMemory, measure, memory_of, tree

# The child of a process that ignores SIGCHLD is waited for by nobody.
_UNSEEN = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
if os.fork() == 0:
    end = time.process_time() + 0.3
    while time.process_time() < end:
        pass
    os._exit(0)
try:
    os.wait()
except ChildProcessError:
    pass
"""


def test_cpu_of_a_process_that_nobody_waits_for_is_counted(tmp_path: Path) -> None:
    usage = measure([sys.executable, "-c", _UNSEEN], folder=tmp_path)
    assert 0.25 < usage.cpu < 1.5


def test_memory_is_seen(tmp_path: Path) -> None:
    peak = PeakMemory()
    program = "import time; x = bytearray(50_000_000); time.sleep(0.3)"
    measure([sys.executable, "-c", program], folder=tmp_path, looks=[peak])
    assert 50_000_000 < peak.bytes < 90_000_000


def test_this_process_is_in_its_own_tree() -> None:
    assert os.getpid() in tree(os.getppid())
    assert memory_of(os.getpid())["Pss"] > 0


def test_a_failure_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="no luck"):
        measure([sys.executable, "-c", "raise SystemExit('no luck')"], folder=tmp_path)
