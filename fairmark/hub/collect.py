"""Collecting what students handed in, without believing what they say about it.

A drop box lets everybody put anything into it: a folder with another's name, links to files that
only the instructor may read, files without end. Nobody can choose the owner of a folder, so the
owner tells who handed in.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import ignore_patterns
from traitlets import Enum, default

from fairmark.files import DEEPEST
from fairmark.hub.identity import account_id, hashed_id
from fairmark.intake.stamp import TIMESTAMP, time_of

DROP_BOX = 0o3733
"""The mode of a folder into which all may put things, and nobody but its owner can look."""
_MOST_FILES = 2000
_LONGEST_PATH = 1000
_NAME = re.compile(r"[^\W_][\w.@+-]{0,127}")
_OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_LONGEST_COPY = timedelta(minutes=5)
"""How long after its time a hand-in may be written: handing in takes the time first."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)


class CollectOwned(ExchangeCollect):  # type: ignore[misc]
    """nbgrader's collector for a drop box; ``c.ExchangeFactory.collect`` names it.

    nbgrader itself warns when somebody hands in under another's name, and collects it all the
    same, in place of the real one. It also copies what links lead to.
    """

    owners = Enum(
        ["accounts", "hashed", "none"],
        default_value="accounts",
        config=True,
        help="""What the owner of a hand-in must be: the machine's account of that name; the number
        that fairmark.hub.identity makes of the name, for containers; or anybody, which is right
        only where all students share one account.""",
    )

    times = Enum(
        ["checked", "claimed"],
        default_value="checked",
        config=True,
        help="""What is believed of when something was handed in. Students write its time, and can
        change their files later: by default it counts as handed in when its files were last
        changed, as the file system tells, where that is more than five minutes after its time.
        An exchange that was copied or restored as a whole has lost that; there, say "claimed".""",
    )

    @default("check_owner")
    def _default_check_owner(self) -> bool:
        return False  # the owner is checked below; nbgrader would only warn

    src_records: list[dict[str, Any]]

    def init_src(self) -> None:
        """Find the newest hand-in of each student, among those that are really theirs."""
        super().init_src()
        if self.owners == "hashed":
            self._close_box()
        self.src_records = [r for r in self.src_records if r["username"] is not None]

    def _close_box(self) -> None:
        """Take from others the right to read the box, and say that they had it.

        In containers it lies on a volume, and a driver may give all of it to the group of whoever
        mounts it.
        """
        mode = stat.S_IMODE(os.stat(self.inbound_path).st_mode)
        if not mode & (stat.S_IRGRP | stat.S_IROTH):
            return
        closed = "It is closed again."
        try:
            os.chmod(self.inbound_path, DROP_BOX)
        except PermissionError:
            closed = "It belongs to another account, so it stays open."
        self.log.error(
            "Students could look into the drop box %s (its mode was %o). %s If its file system "
            "gives folders to other groups, let it not: for Kubernetes, fsGroupPolicy: None.",
            self.inbound_path,
            mode,
            closed,
        )

    def _path_to_record(self, path: str) -> dict[str, Any]:
        """Return who handed in a folder, and when; nobody, where the owner is not who it says.

        nbgrader takes the newest folder of each name. A forged one must not hide a real one.
        """
        try:
            record: dict[str, Any] = super()._path_to_record(path)
            reason = self._objection(path, str(record["username"]))
        except Exception as error:  # anybody can put a folder with any name there
            record, reason = {}, f"its name makes no sense ({error})"
        if reason is None:
            return record
        self.log.error("Not collected: %s: %s", os.path.basename(path), reason)
        return {"username": None, "filename": os.path.basename(path), "timestamp": _LONG_AGO}

    def _objection(self, path: str, name: str) -> str | None:
        """Return why this is not a folder of that student, or None."""
        status = os.lstat(path)
        if not stat.S_ISDIR(status.st_mode):
            return "it is no folder"
        if not _NAME.fullmatch(name):
            return f"{name!r} is no name"
        try:
            os.close(os.open(path, _OPEN_FOLDER))
        except OSError as error:
            return f"it cannot be opened ({error.strerror})"
        if self.owners == "none":
            return None
        expected = account_id(name) if self.owners == "accounts" else hashed_id(name)
        if expected is None:
            return f"there is no account {name}"
        if status.st_uid != expected:
            return f"it says it is from {name}, but account number {status.st_uid} put it there"
        return None

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy plain files that belong to the owner of the folder, and nothing else.

        Its time is written anew: nobody gains by a wrong one, and one that makes no sense would end
        nbgrader's next collecting and grading for all.
        """
        left_out = ignore_patterns(
            exclude=self.coursedir.ignore,
            include=self.coursedir.include,
            max_file_size=self.coursedir.max_file_size,
            log=self.log,
        )
        room = 1000 * int(self.coursedir.max_dir_size)
        claimed, changed = b"", 0.0
        for folder, below, names, opened in _folders(src):
            place = os.path.join(src, folder)
            ignored = set(left_out(place, [*below, *names]))
            if folder == ".":
                ignored.update({TIMESTAMP} & set(below))  # no folder: its file is written below
            below[:] = [name for name in below if name not in ignored]  # do not go there
            target = Path(dest, folder)
            target.mkdir(parents=True, exist_ok=True)
            for name in sorted(set(names) - ignored):
                data = opened(name, room)
                if data is None:
                    self.log.warning("Left out of %s: %s/%s", src, folder, name)
                    continue
                room -= len(data)
                if folder == "." and name == TIMESTAMP:
                    claimed = data
                else:
                    (target / name).write_bytes(data)
            changed = max(changed, opened.changed)
        Path(dest).mkdir(parents=True, exist_ok=True)
        time = self._time(src, claimed, datetime.fromtimestamp(changed, UTC).replace(tzinfo=None))
        (Path(dest) / TIMESTAMP).write_text(time, encoding="utf-8")

    def _time(self, src: str, claimed: bytes, changed: datetime) -> str:
        """Return when something counts as handed in, as its student wrote it where that is true."""
        name = os.path.basename(src)
        text = claimed.decode(errors="replace").strip()
        if (time := time_of(text)) is None:  # its name has been understood already
            text = name.rsplit("+", 3)[2]
            time = time_of(text) or changed
        if self.times == "claimed" or changed <= time + _LONGEST_COPY:
            return text
        self.log.error(
            "%s counts as handed in at %s UTC, when its files were last changed, and not at %s",
            *(name, f"{changed:%Y-%m-%d %H:%M:%S}", text),
        )
        return f"{changed:%Y-%m-%d %H:%M:%S.%f} UTC"


class _Folder:
    """An open folder of a hand-in. A file in it cannot be exchanged while it is opened."""

    def __init__(self, descriptor: int, owner: int) -> None:
        self._descriptor = descriptor
        self._owner = owner
        self.changed = os.fstat(descriptor).st_ctime
        """When it, or a file that was read, was last changed: nobody can choose that."""

    def __call__(self, name: str, room: int) -> bytes | None:
        """Return a file's bytes; None for links, others' files, and what is too large."""
        try:
            descriptor = os.open(name, _OPEN_FILE, dir_fd=self._descriptor)
        except OSError:
            return None
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            plain = stat.S_ISREG(status.st_mode) and status.st_nlink == 1
            if not plain or status.st_uid != self._owner or status.st_size > room:
                return None
            data = file.read(room + 1)
            self.changed = max(self.changed, os.fstat(descriptor).st_ctime)
            return data if len(data) <= room else None


def _folders(root: str) -> Iterator[tuple[str, list[str], list[str], _Folder]]:
    """Walk through a hand-in without following links.

    Yields the path in it, the names of the folders to visit next, which may be changed, those of
    the files, and the open folder.
    """
    top = os.open(root, _OPEN_FOLDER)
    seen = 0
    try:
        owner = os.fstat(top).st_uid
        walk = os.fwalk(".", topdown=True, follow_symlinks=False, dir_fd=top)
        for folder, below, names, descriptor in walk:
            if folder.count("/") >= DEEPEST or len(os.fsencode(folder)) > _LONGEST_PATH:
                below.clear()
            seen += 1 + len(names)
            if seen > _MOST_FILES:
                return
            yield folder, below, names, _Folder(descriptor, owner)
    finally:
        os.close(top)


__all__ = ["DROP_BOX", "CollectOwned"]
