"""Processor time of a command with all that it starts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.processor import counted

BURN = "import time\nwhile time.process_time() < 0.5: pass\nprint('done')"
OF_ITS_OWN = f"""
import os, select, signal, subprocess, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # so that nobody is told what it used
child = subprocess.Popen([sys.executable, "-c", {BURN!r}])
select.select([os.pidfd_open(child.pid)], [], [])
"""


def test_what_nobody_waits_for_is_counted(tmp_path: Path) -> None:
    try:
        output, seconds = counted([sys.executable, "-c", OF_ITS_OWN], tmp_path)
    except SystemExit as error:
        pytest.skip(str(error))
    assert output == b"done\n"
    assert seconds > 0.5
