"""Runs one command in the background, and writes down how it ended.

``python -m fairmark.hub.runner FOLDER LOCK COMMAND…``: what the command prints goes to files in the
folder. As long as this process lives it keeps LOCK, an open file with a lock on it, which tells
everybody that the command runs; the command itself does not get it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

STDOUT, STDERR, TOLD, EXIT = "stdout", "stderr", "told", "exit"
"""The files: what the command prints, what it tells (``fairmark.cli.told``), its exit code."""


def main(arguments: list[str]) -> int:
    """Run the command; return its exit code."""
    folder, lock, command = Path(arguments[0]), int(arguments[1]), arguments[2:]
    os.set_inheritable(lock, False)
    with (folder / STDOUT).open("wb") as out, (folder / STDERR).open("wb") as err:
        done = subprocess.run(
            command,
            env=os.environ | {"FAIRMARK_TELL": str(folder / TOLD)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            check=False,
        )
    (folder / EXIT).write_text(f"{done.returncode}\n")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
