"""Zips of hand-ins, named by the rules that Canvas and Moodle follow when they make them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

NOON = datetime(2026, 11, 30, 12)


def canvas_name(
    sortable: str, person: int, file: int, name: str, *, late: bool = False, anonymous: str = ""
) -> str:
    """The name that Canvas gives to a file: only letters, digits and _ of the person's name."""
    who = re.sub(r"_(\d+)_", r"\1", sortable).lower()
    parts = [None if anonymous else who, "LATE" if late else None]
    parts.append(f"anon_{anonymous}" if anonymous else str(person))
    start = re.sub(r"[^\w]", "", "_".join(filter(None, parts)))
    return f"{start}_{file}_" + re.sub(r'[\x00/\\:*?"<>|]+', "_", name)


def moodle_name(full: str, participant: int, name: str, *, end: str = "_/") -> str:
    """The path that Moodle gives to a file; ``end`` is "_/" before 4.1, then "/", or "_"."""
    who = re.sub(r"""[&<>"`|':\\/]""", "", full.replace("_", " "))
    return f"{who}_{participant}_assignsubmission_file{end}{name}"


def write_zip(path: Path, files: Mapping[str, bytes], when: datetime = NOON) -> Path:
    """Write a zip whose files were all put there at one time."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, when.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(info, data)
    return path
