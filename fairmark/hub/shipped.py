"""What an image brings of a course, put into the volume that keeps the course.

A file that nobody has changed since an image put it there follows the next image: else a repaired
grader would never reach the course. What the instructor has changed stays as it is, and is named.

    python -m fairmark.hub.shipped /opt/course /home/grader/course
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from fairmark.errors import FairmarkError
from fairmark.files import files_below, write_file

RECORD = Path(".fairmark", "shipped.json")
"""Where a course keeps the digests of the files that images have put into it."""
_MOST_NAMED = 20


def bring(image: Path, course: Path) -> list[str]:
    """Put an image's files into the course; return a line for each that was changed or kept.

    What is new is copied without a word, for at the first start that is everything.
    """
    before = _read(course / RECORD)
    after: dict[str, str] = {}
    lines: list[str] = []
    for path in files_below(image, ("__pycache__",)):
        name = str(path.relative_to(image))
        theirs, own = _digest(path), _digest(course / name)
        after[name] = before.get(name, "")
        if own in ("", before.get(name)) and own != theirs:
            write_file(course / name, path.read_bytes(), parents=True)
            lines += [f"{name}: taken from the new image"] if own else []
        elif own != theirs:
            lines.append(f"{name}: kept as it was changed here; the image's is {path}")
            continue
        after[name] = theirs
    for name in sorted(before.keys() - after.keys()):
        if before[name] and before[name] == _digest(course / name):
            (course / name).unlink()
            lines.append(f"{name}: removed, as the new image has it no more")
    write_file(course / RECORD, json.dumps(after, indent=1) + "\n", parents=True)
    return lines


def _read(record: Path) -> dict[str, str]:
    """What was put there; nothing, in a course from before this was written down."""
    try:
        content = json.loads(record.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise FairmarkError(f"{record} cannot be read: {error}") from None
    return {str(name): str(digest) for name, digest in content.items()}


def _digest(path: Path) -> str:
    """The digest of a file; "" where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Bring the files, and print what people should know."""
    parser = argparse.ArgumentParser(prog="fairmark.hub.shipped", description=__doc__)
    parser.add_argument("image", type=Path)
    parser.add_argument("course", type=Path)
    given = parser.parse_args(arguments)
    lines = bring(given.image, given.course)
    for line in lines[:_MOST_NAMED]:
        print(line, flush=True)
    if len(lines) > _MOST_NAMED:
        print(f"… and {len(lines) - _MOST_NAMED} more files", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
