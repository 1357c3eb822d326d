"""A machine that has other work to do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SPIN = """
from fairmark.sandbox.namespaces import end_with_parent
end_with_parent()
print(flush=True)
while True: pass
"""


@contextmanager
def busy_processes(count: int = 8) -> Iterator[None]:
    """Keep this many processes busy, until the end of the block.

    Each has a session of its own: the kernel may share the processors among sessions.
    """
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
