"""Bringing a copy of a course up to date, without losing what was changed in it.

An image of the grader brings a course along, and a volume keeps it::

    python -m fairmark.hub.shipped /opt/course /home/grader/course
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from fairmark.errors import FairmarkError
from fairmark.files import files_below, write_file

RECORD = Path(".fairmark", "shipped.json")
"""Where a volume keeps the digests of the files that the last image had."""
_MOST_NAMED = 20


class Brought(NamedTuple):
    """What became of the files that are not as they were the last time."""

    replaced: list[str]
    kept: list[str]
    """These were changed on both sides: the copy's stay."""
    removed: list[str]


def bring(files: Mapping[str, bytes], place: Path, known: Mapping[str, str]) -> Brought:
    """Bring the copy at ``place`` up to date; ``known`` are the digests of the last time.

    A file is written when it is new or has changed since then. One that was changed or deleted in
    the copy, or that somebody has made there, stays so. What is no more is removed.
    """
    brought = Brought([], [], [])
    for name, content in files.items():
        there, now = _digest_of(place / name), digest(content)
        if there == now:
            continue
        if there != known.get(name):
            if known.get(name) != now:
                brought.kept.append(name)
            continue
        write_file(place / name, content, parents=True)
        if there is not None:
            brought.replaced.append(name)
    for name in sorted(known.keys() - files.keys()):
        if _digest_of(place / name) == known[name]:
            (place / name).unlink()
            brought.removed.append(name)
    return brought


def bring_image(image: Path, course: Path) -> list[str]:
    """Put an image's files into a volume; return a line for each that people should know of.

    Else a repaired grader would never reach the course.
    """
    paths = files_below(image, ("__pycache__",))
    files = {str(path.relative_to(image)): path.read_bytes() for path in paths}
    brought = bring(files, course, _read(course / RECORD))
    now = {name: digest(content) for name, content in files.items()}
    write_file(course / RECORD, json.dumps(now, indent=1) + "\n", parents=True)
    return [
        *(f"{name}: taken from the new image" for name in brought.replaced),
        *(f"{name}: removed, as the new image has it no more" for name in brought.removed),
        *(f"{name}: kept as it was changed here; {image / name} is new" for name in brought.kept),
    ]


def digest(content: bytes) -> str:
    """What a file's content is known by."""
    return hashlib.sha256(content).hexdigest()


def _digest_of(path: Path) -> str | None:
    return digest(path.read_bytes()) if path.is_file() else None


def _read(record: Path) -> dict[str, str]:
    """What was put there; nothing, in a volume from before this was written down."""
    try:
        content = json.loads(record.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise FairmarkError(f"{record} cannot be read: {error}") from None
    return {str(name): str(value) for name, value in content.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Bring the files, and print what people should know."""
    parser = argparse.ArgumentParser(prog="fairmark.hub.shipped", description=__doc__)
    parser.add_argument("image", type=Path)
    parser.add_argument("course", type=Path)
    given = parser.parse_args(arguments)
    lines = bring_image(given.image, given.course)
    for line in lines[:_MOST_NAMED]:
        print(line, flush=True)
    if len(lines) > _MOST_NAMED:
        print(f"… and {len(lines) - _MOST_NAMED} more files", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
