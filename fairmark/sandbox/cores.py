"""How many processor cores this process may use."""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Iterator
from pathlib import Path


@functools.cache
def usable_cores() -> int:
    """Return how many cores this process may use: of the machine's, what control groups allow.

    A share of a core counts as a whole one.
    """
    return max(1, min(len(os.sched_getaffinity(0)), math.ceil(min(quota(), os.cpu_count() or 1))))


def quota(root: Path = Path("/")) -> float:
    """Return how many cores the control groups of this process allow: the least number of any.

    It is infinite where none sets a limit. The kernel's file systems lie in ``root``.
    """
    return min(map(_quota_of, _groups(root)), default=math.inf)


def _quota_of(group: Path) -> float:
    """What one group allows; both versions of control groups have files of their own for it."""
    words = _words(group / "cpu.max")
    if not words:
        words = [*_words(group / "cpu.cfs_quota_us"), *_words(group / "cpu.cfs_period_us")]
    if len(words) != 2 or not words[0].isdigit():  # "max" and "-1" are no limits
        return math.inf
    return int(words[0]) / int(words[1])


def _groups(root: Path) -> Iterator[Path]:
    """Yield the folders of the groups that this process is in, with all groups above them.

    What is mounted in a container may be its own group alone, while the group's path is that of the
    machine.
    """
    groups = [line.split(":", 2)[1:] for line in _text(root / "proc/self/cgroup").splitlines()]
    for line in _text(root / "proc/self/mountinfo").splitlines():
        mount, _, system = line.partition(" - ")
        top, point = mount.split()[3:5]
        kind, _, options = system.split()[:3]
        for controllers, path in groups:
            if kind == "cgroup2":
                is_mounted = controllers == ""
            else:
                both = {*controllers.split(",")} & {*options.split(",")}
                is_mounted = kind == "cgroup" and "cpu" in both
            if is_mounted:
                folder = root / point.lstrip("/")
                yield folder
                for name in path.removeprefix(top.rstrip("/")).split("/"):
                    if name not in ("", ".."):
                        folder /= name
                        yield folder


def _words(path: Path) -> list[str]:
    return _text(path).split()


def _text(path: Path) -> str:
    """The text of one of the kernel's files; "" where it has none of this name."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
