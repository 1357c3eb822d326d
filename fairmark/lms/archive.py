"""Reading a zip that anybody may have made: nothing in it is believed, and nothing is unpacked."""

from __future__ import annotations

import lzma
import stat
import struct
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

from fairmark.errors import FairmarkError
from fairmark.files import is_plain_name, plain_files
from fairmark.text import printable

_MOST_MEMBERS = 50_000
_MOST_BYTES = 8 * 2**30
"""Of all members together, unpacked."""
_IGNORED = ("__MACOSX", "Thumbs.db", "desktop.ini")
_UTF8, _ENCRYPTED = 0x800, 0x1
_DAMAGES = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, OSError, ValueError),
)
"""What zipfile raises, beside its own error, for bytes that are not as the format says."""


class MemberError(FairmarkError):
    """A file in the zip that cannot be read; the others can."""


@dataclass(frozen=True)
class Member:
    """A file in a zip."""

    name: str
    """Its path, which stays in its folder; composed characters (NFC)."""
    size: int
    written: datetime
    """When it was put there, in the local time of whoever made the zip."""
    info: zipfile.ZipInfo


class Archive:
    """The files in an open zip."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self.members: list[Member] = []
        self.left_out: list[str] = []
        """What is never read, each with the reason."""
        names: set[str] = set()
        for info in file.infolist():
            if info.is_dir():
                continue
            name = _name(info)
            if _is_clutter(name):
                continue
            if reason := _objection(info, name, names):
                self.left_out.append(f"{printable(name)}: {reason}")
                continue
            names.add(name)
            self.members.append(Member(name, info.file_size, _written(info), info))

    def read(self, member: Member, largest: int) -> bytes:
        """Return a file's content; raise MemberError where it is damaged, or larger than that."""
        if member.size > largest:
            raise MemberError(f"{member.name} is larger than {largest / 2**20:.0f} MiB")
        try:
            with self._file.open(member.info) as stream:
                data = stream.read(largest + 1)
        except _DAMAGES as error:
            raise MemberError(f"{member.name} is damaged: {error}") from None
        except (NotImplementedError, RuntimeError) as error:  # an unknown compression, a password
            raise MemberError(f"{member.name} cannot be read: {error}") from None
        if len(data) != member.size:
            raise MemberError(f"{member.name} is damaged: its size is not what the zip says")
        return data


@contextmanager
def open_archive(source: Path | bytes, name: str = "") -> Iterator[Archive]:
    """Open a zip, a file or what lies in one; messages call it ``name``, by default its path.

    A folder counts as the zip that was unpacked to it, as some browsers do unasked. Raise
    FairmarkError, with the reason, where it is none that can be read.
    """
    name = name or str(source)
    if isinstance(source, Path) and source.is_dir():
        with (
            tempfile.TemporaryDirectory(prefix="fairmark-") as place,
            open_archive(_packed(source, Path(place, "folder.zip")), name) as archive,
        ):
            yield archive
        return
    with _opened(source, name) as file:
        infos = file.infolist()
        if len(infos) > _MOST_MEMBERS:
            raise FairmarkError(f"{name} holds more than {_MOST_MEMBERS} files")
        if sum(info.file_size for info in infos) > _MOST_BYTES:
            raise FairmarkError(f"{name} unpacks to more than {_MOST_BYTES // 2**30} GiB")
        yield Archive(file)


def _opened(source: Path | bytes, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source if isinstance(source, Path) else BytesIO(source))
    except OSError as error:
        raise FairmarkError(f"{name} cannot be read: {error.strerror or error}") from None
    except (*_DAMAGES, NotImplementedError) as error:
        raise FairmarkError(f"{name} is no zip that can be read: {error}") from None


def _packed(folder: Path, target: Path) -> Path:
    """Write a folder's plain files into a zip; no link is followed. Raise FairmarkError."""
    try:
        with zipfile.ZipFile(target, "w", strict_timestamps=False) as file:
            for path in plain_files([folder]):
                file.write(path, str(path.relative_to(folder)))
    except OSError as error:
        raise FairmarkError(f"{folder} cannot be read: {error.strerror or error}") from None
    return target


def _name(info: zipfile.ZipInfo) -> str:
    """The name as it was meant: some programs write UTF-8 and do not say so."""
    name = info.orig_filename
    if not info.flag_bits & _UTF8:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return unicodedata.normalize("NFC", name)


def _is_clutter(name: str) -> bool:
    """Whether a program that packs has put it there: a student hands no such file in."""
    parts = name.split("/")
    return bool({*parts} & {*_IGNORED}) or parts[-1].startswith("._") or parts[-1] == ".DS_Store"


def _objection(info: zipfile.ZipInfo, name: str, names: set[str]) -> str:
    """Why a file is not read; empty where it may be."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "it is a link"
    if kind not in (0, stat.S_IFREG):
        return "it is no plain file"
    if info.flag_bits & _ENCRYPTED:
        return "it has a password"
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or name.startswith(("/", "\\")) or name[1:2] == ":":
        return "its path leads out of its folder"
    if not is_plain_name(name):
        return "its name is hidden, too long, or has letters that cannot be shown"
    if name in names:
        return "there is another file of this name, which counts"
    return ""


def _written(info: zipfile.ZipInfo) -> datetime:
    try:
        return datetime(*info.date_time)
    except ValueError:  # month 0: the program did not know
        return datetime(1980, 1, 1)
