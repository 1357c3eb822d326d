"""The sandbox for machines without namespaces: each submission is a user of its own."""

from __future__ import annotations

import os
from pathlib import Path

from fairmark.errors import FairmarkError
from fairmark.sandbox import accounts, bubblewrap, landlock
from fairmark.sandbox.account_needs import what_is_lacking
from fairmark.sandbox.host import ZygoteSandbox
from fairmark.sandbox.reachable import first_closed
from fairmark.sandbox.visible import SharedFile, stage

_HANDED_OUT = "handed-out"


class AccountSandbox(ZygoteSandbox):
    """Sealed by a user's number for each submission, a filter of system calls, and Landlock."""

    mode = "account"
    seal = "account"

    def refuse_visible(self, folder: Path) -> None:
        """Raise FairmarkError when student code could read a folder."""
        bubblewrap.refuse_visible(folder)
        if not landlock.version() and first_closed(folder) is None:
            raise FairmarkError(
                f"every user of this machine can read {folder}, and its kernel has no Landlock; "
                f"close it: chmod o-rwx {folder}"
            )

    def _require(self) -> None:
        for lacking in what_is_lacking():
            raise FairmarkError(f"--sandbox=account is not possible here: {lacking}")

    def _lay_out(self, folder: Path) -> list[tuple[str, str]]:
        folder.chmod(0o711)  # each student's process has a folder in it
        if (closed := first_closed(folder)) is not None:
            raise FairmarkError(
                f"{closed} is closed to other users: set TMPDIR to a folder that they can enter"
            )
        for path in self._visible.folders:
            if not landlock.version() and first_closed(path) is not None:
                raise FairmarkError(f"{first_closed(path)} is closed to other users: {path}")
        python = folder / "python"  # beside fairmark there may be a course
        python.mkdir()
        (python / "fairmark").symlink_to(Path(bubblewrap.__file__).resolve().parents[1])
        warm = folder / "warm"
        warm.mkdir()
        os.chown(warm, accounts.IMPORTER, accounts.IMPORTER)
        stage(folder / _HANDED_OUT, self._visible, most=0)
        for shown in (python, folder / _HANDED_OUT):
            for place, _folders, _files in os.walk(shown):  # whatever this process's umask
                os.chmod(place, 0o755)
        return []

    def _readable(self, folder: Path) -> list[str]:
        own = [str(folder / name) for name in (_HANDED_OUT, "python")]
        return [*bubblewrap.readable(), *map(str, self._visible.folders), *own]

    def _place(self, file: SharedFile, folder: Path) -> str:
        return str(folder / _HANDED_OUT / file.place)

    def _environment(self, folder: Path) -> dict[str, str]:
        warm = str(folder / "warm")
        return {"HOME": warm, "TMPDIR": warm, "PYTHONPATH": str(folder / "python")}
