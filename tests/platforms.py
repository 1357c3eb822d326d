"""A root file system laid out like a platform's container, in which a command is run.

It has this machine's programs and libraries and a Python that everybody can enter, and nothing else
of it: no course, no home, folders of its own for everything that is written.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

import fairmark
from fairmark.sandbox.bubblewrap import python_folders

ROOT = Path(__file__).resolve().parent.parent
_LAY_OUT = r"""
set -e
root=$1; shift
mount -t tmpfs -o size=2g,mode=755 none "$root"
cd "$root"
mkdir -p proc dev/pts dev/shm dev/mqueue tmp var/tmp run root
chmod 1777 tmp var/tmp dev/mqueue
for path in usr bin sbin lib lib32 lib64 libx32 etc; do
  if [ -L /$path ]; then cp -P /$path $path
  elif [ -d /$path ]; then mkdir $path; mount --bind /$path $path; fi
done
mount -t proc none proc
for name in null zero full random urandom; do
  touch dev/$name; mount --bind /dev/$name dev/$name
done
mount -t devpts -o newinstance,ptmxmode=0666 none dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs -o mode=1777 none dev/shm
while [ "$1" != -- ]; do
  mkdir -p ".$2"
  if [ -f "$1" ]; then rmdir ".$2"; touch ".$2"; fi
  mount --bind "$1" ".$2"
  shift 2
done
shift
exec "$@"
"""


def require() -> None:
    """Skip a test where no such root file system can be made."""
    if os.getuid() != 0:
        pytest.skip("a root file system needs root")
    done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True)
    if done.returncode != 0:
        pytest.skip("this machine lets nobody mount")


def run(
    folder: Path,
    command: Sequence[str],
    binds: Mapping[Path, str],
    *,
    landlock: bool = True,
    seconds: float = 300,
) -> subprocess.CompletedProcess[str]:
    """Run a command in it as a container's root; ``folder`` is an empty place on this machine.

    ``binds`` are files and folders of this machine with their places in there, to be written to.
    """
    seen = {path: path for path in python_folders()} | {
        str(path): place for path, place in binds.items()
    }
    call = ["unshare", "--mount", "--pid", "--fork", "--propagation", "private"]
    call += ["sh", "-c", _LAY_OUT, "lay-out", str(folder)]
    call += [part for pair in seen.items() for part in pair]
    call += ["--", sys.executable, "-m", "tests.containers", "--root", str(folder)]
    call += [] if landlock else ["--no-landlock"]
    environment = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": "/root",
        "LANG": "C.UTF-8",
        "PYTHONPATH": f"{ROOT}:{Path(fairmark.__file__).parent.parent}",
    }
    return subprocess.run(
        [*call, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
