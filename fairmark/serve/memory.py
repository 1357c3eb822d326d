"""How much memory a process has with all that it has started."""

from __future__ import annotations

import contextlib
from pathlib import Path


def memory_of(root: int) -> int:
    """Return the bytes of a process and its descendants; shared pages count once.

    What the kernel does not tell of a process is left out.
    """
    return sum(_share_of(pid) for pid in _tree(root))


def _tree(root: int) -> list[int]:
    found = [root]
    for pid in found:
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
            found.extend(map(int, children.split()))
    return found


def _share_of(pid: int) -> int:
    with contextlib.suppress(OSError), open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        for line in file:
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
