"""What the seal by accounts needs of a machine, and what it leaves open on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from fairmark.sandbox import accounts, bubblewrap, landlock, seccomp
from fairmark.sandbox.reachable import first_closed, open_to_all

_NEEDED = {
    "CAP_CHOWN": 0,
    "CAP_DAC_OVERRIDE": 1,
    "CAP_FOWNER": 3,
    "CAP_KILL": 5,
    "CAP_SETGID": 6,
    "CAP_SETUID": 7,
    "CAP_SETPCAP": 8,
}
_MAY_MOUNT = 21


def what_is_lacking() -> Iterator[str]:
    """Yield what this machine lacks for this seal, as lines for people."""
    if os.geteuid() != 0:
        yield "only root can run each submission as another user, and this is not root"
        return
    held = int(_status("CapEff") or "0", 16)
    if missing := [name for name, bit in _NEEDED.items() if not held >> bit & 1]:
        yield f"root lacks {', '.join(missing)} in this container"
    closed = [
        folder for path in bubblewrap.python_folders() if (folder := first_closed(Path(path)))
    ]
    if closed and not held >> _MAY_MOUNT & 1:
        yield f"Python, or fairmark, lies in {closed[0]}, which other users cannot enter"
    if not _maps(accounts.FIRST, accounts.IMPORTER):
        yield f"this container has no users {accounts.FIRST} to {accounts.IMPORTER}"
    if not seccomp.knows_processor():
        yield f"there is no system call filter for {os.uname().machine}"
    if not _status("Seccomp"):
        yield "the kernel has no seccomp, and nothing else would refuse the network"
    if not landlock.version() and (folders := sorted(open_to_all())):
        yield (
            "the kernel has no Landlock, and students could leave files for others in "
            f"{', '.join(folders)}; close them: chmod o-w {' '.join(folders)}"
        )


def what_is_not_covered() -> Iterator[str]:
    """Yield what this seal leaves open on this machine, as lines for people."""
    yield "that files and folders are there, and how large they are, can be told where they lie"
    yield "there is no shared memory, no named semaphore and no socket but pairs of connected ones"
    yield "files lie on this machine's disk, and their size is looked at four times a second only"
    version = landlock.version()
    if not version:
        yield "no Landlock: student code reads whatever every user of this machine can read"
        yield "no Landlock: the arguments of all programs that run can be read in /proc"


def _status(name: str) -> str:
    """A line of what the kernel tells about this process; "" where it has none of this name."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(name + ":"):
            return line.split()[1]
    return ""


def _maps(first: int, last: int) -> bool:
    """Whether the users' numbers from ``first`` to ``last`` can be had."""
    ranges = [
        line.split() for line in Path("/proc/self/uid_map").read_text(encoding="utf-8").splitlines()
    ]
    return any(
        int(start) <= first and last < int(start) + int(count) for start, _outside, count in ranges
    )
