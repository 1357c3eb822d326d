"""A machine that has other work to do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from fairmark.sandbox.cores import usable_cores

SPIN = """
from fairmark.sandbox.namespaces import end_with_parent
end_with_parent()
print(flush=True)
while True: pass
"""


@contextmanager
def one_processor() -> Iterator[None]:
    """Keep this process, and what it starts in the block, to one processor.

    A few busy processes crowd it, on a machine of any size, and tests beside this one are not held
    up. Each of several processes that test takes another processor, as far as there are others.
    """
    all_of_them = os.sched_getaffinity(0)
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    os.sched_setaffinity(0, {sorted(all_of_them)[number % len(all_of_them)]})
    usable_cores.cache_clear()
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_of_them)
        usable_cores.cache_clear()


@contextmanager
def busy_processes(count: int = 4) -> Iterator[None]:
    """Keep this many processes busy on this process's processor, until the end of the block.

    Each has a session of its own: the kernel may share the processors among sessions.
    """
    assert len(os.sched_getaffinity(0)) == 1, "they are meant to crowd one processor"
    command = [sys.executable, "-c", SPIN]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
        for _ in range(count)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == b"\n"
        yield
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()
            assert process.stdout is not None
            process.stdout.close()
