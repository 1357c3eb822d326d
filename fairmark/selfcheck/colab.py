"""Google Colab: a notebook that was opened there alone gets the files that belong to it."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

from fairmark.errors import FairmarkError

_SECONDS = 60.0
_COPY = re.compile(r" \(\d+\)(?=\.\w+$)")
"""What browsers and Colab put into the name of a file that is there already."""


def bring(address: str, names: Sequence[str]) -> None:
    """Put the files with these names into the working folder; raise FairmarkError.

    They come from the course's address, else from what was uploaded, else from an upload that is
    asked for now. "" is no address. A file that is there and is another one is kept under a name
    beside it.
    """
    missing = [name for name in names if not (_downloaded(address, name) or _found(name))]
    if missing:
        from google.colab import files  # type: ignore[import-not-found]  # there only

        sys.stdout.write(f"Choose these files, or a zip of them: {', '.join(missing)}\n")
        for given in files.upload():
            if given.endswith(".zip"):
                _unpack(Path(given))
        missing = [name for name in missing if not _found(name)]
    if missing:
        raise FairmarkError(
            f"Still missing: {', '.join(missing)}. Run this cell again, and choose them."
        )


def _downloaded(address: str, name: str) -> bool:
    """Fetch a file from the course's address; tell why where that fails."""
    if not address:
        return False
    try:
        with urlopen(f"{address}/{quote(name)}", timeout=_SECONDS) as answer:
            data = answer.read()
    except OSError as error:
        sys.stdout.write(f"{address}/{name}: {error}\n")
        return False
    _put(Path(name), data)
    return True


def _put(target: Path, data: bytes) -> None:
    """Write a file; what is there and was not written by this stays under another name."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_file() and (old := target.read_bytes()) != data:
        number = 1
        while (kept := target.with_name(f"{target.stem}-old{number}{target.suffix}")).exists():
            if kept.read_bytes() == old:
                break
            number += 1
        kept.write_bytes(old)
        sys.stdout.write(f"{target} has changed: the one that was here is now {kept.name}\n")
    target.write_bytes(data)


def _unpack(archive: Path) -> None:
    """Unpack what was uploaded into a folder of its own, where it takes nothing's place."""
    folder = archive.with_suffix("")
    number = 1
    while folder.exists():
        number += 1
        folder = archive.with_name(f"{archive.stem}-{number}")
    shutil.unpack_archive(archive, folder)


def _found(name: str) -> bool:
    """Whether the file is there, or was among what is: uploads have no folders, zips have more."""
    target = Path(name)
    if target.is_file():
        return True
    wanted = target.name
    for path in sorted(Path().rglob("*")):
        if path.is_file() and wanted in (path.name, _COPY.sub("", path.name)):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
            return True
    return False
