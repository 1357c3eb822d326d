"""Half-made files and folders: named after the process that makes them, until they are whole."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path

_PARTIAL = re.compile(r"\..+\.(new|old)-(\d+)")


def partial_path(place: Path, kind: str = "new") -> Path:
    """Return where this process keeps what will be, or was, at ``place``."""
    return place.with_name(f".{place.name}.{kind}-{os.getpid()}")


def sweep(folder: Path) -> None:
    """Remove from a folder what processes that were killed have left half made there."""
    with suppress(OSError):
        for path in list(folder.iterdir()):
            match = _PARTIAL.fullmatch(path.name)
            if match is None or _is_alive(int(match[2])):
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    """Whether another process of this number may still be at work."""
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
