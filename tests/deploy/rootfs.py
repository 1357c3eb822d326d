"""Containers that hold this machine's own files: Podman runs them, and no image is needed."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MARKS = [
    pytest.mark.skipif(os.getuid() != 0, reason="NOT TESTED: a container needs root"),
    pytest.mark.skipif(
        not shutil.which("podman") or not shutil.which("runc") or not shutil.which("bwrap"),
        reason="NOT TESTED: podman, runc and bubblewrap are not all here (make test-containers)",
    ),
]
USER = 1000


def podman(folder: Path, options: Sequence[str]) -> list[str]:
    """Return the start of a command line that an ordinary user runs in such a container.

    ``folder`` is an empty place on this machine. What is written in there is gone afterwards.
    """
    binds: list[str] = []
    for place in dict.fromkeys([sys.base_prefix, sys.prefix, str(ROOT)]):
        closed = next((each for each in _ways(Path(place)) if not _is_open(each)), None)
        if closed is not None:  # a Python below /root, say: an empty folder with the same name
            way = folder / closed.name
            (way / Path(place).relative_to(closed)).mkdir(parents=True, exist_ok=True)
            for each in (folder, way):
                each.chmod(0o755)
            binds += [f"--volume={way}:{closed}:ro", f"--volume={place}:{place}:ro"]
    call = ["podman", "--runtime", "runc", "--cgroup-manager", "cgroupfs", "run", "--rm"]
    # Root's own limits may be higher than what podman may set here.
    call += ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096"]
    call += ["--network", "none", "--user", f"{USER}:{USER}", "--workdir", "/"]
    return [*call, *dict.fromkeys(binds), *options, "--rootfs", "/:O"]


def _ways(place: Path) -> list[Path]:
    return [*reversed(place.parents), place]


def _is_open(folder: Path) -> bool:
    """Whether an ordinary user gets through."""
    return bool(folder.stat().st_mode & 0o001)
