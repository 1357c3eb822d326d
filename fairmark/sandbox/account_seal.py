"""The seal for machines without namespaces: a user's number for each submission.

A submission has three processes of fairmark's: the *guard* holds the account and clears it up
whatever happens; the supervisor, its child, looks after the student's process; that one becomes the
account's user for good. What the file permissions leave open, Landlock closes where there is any.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fairmark.sandbox import accounts, landlock, namespaces, seccomp
from fairmark.sandbox.account_usage import AccountMonitor
from fairmark.sandbox.limits import Limits
from fairmark.sandbox.reachable import first_closed
from fairmark.sandbox.seals import inodes_for, mount_empty
from fairmark.sandbox.settings import ZygoteSettings
from fairmark.sandbox.usage import UsageMonitor

_DEVICES = ("/dev/null", "/dev/full", "/dev/random", "/dev/urandom", "/dev/ptmx", "/dev/pts")
_ABOUT_THE_MACHINE = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/loadavg")
_OWN_PROCESS = "/proc/self"


class AccountSeal:
    """Another user, no privileges, no network, and the paths that it needs."""

    holds = True

    def __init__(self, settings: ZygoteSettings) -> None:
        self._settings = settings
        self._account: accounts.Account | None = None
        self._folder = ""

    def prepare(self) -> None:
        """Import as somebody who can read what students can: modules stay in their memory."""
        accounts.prepare()
        _uncover([*self._settings.readable, self._settings.place])
        namespaces.forbid_new_privileges()
        if landlock.version():
            own = (self._settings.place, accounts.LOCKS, "/proc", *_DEVICES)
            landlock.restrict(self._settings.readable, own)
        os.setegid(accounts.IMPORTER)
        os.seteuid(accounts.IMPORTER)

    def warmed(self) -> None:
        """Be root again, for who else could become many users."""
        os.seteuid(0)
        os.setegid(0)

    def enclose(self, descriptors: Sequence[int]) -> None:
        """Take an account, and stay behind as its guard while the supervisor goes on."""
        self._account = accounts.claim()
        own = tempfile.mkdtemp(dir=self._settings.place)
        self._folder = f"{own}/work"
        os.mkdir(self._folder, 0o700)
        os.chown(self._folder, self._account.uid, self._account.uid)
        os.chown(own, 0, self._account.uid)
        os.chmod(own, 0o710)  # its user could open his own folder to others, but not this one
        namespaces.adopt_orphans()
        supervisor = os.fork()
        if supervisor == 0:
            namespaces.adopt_orphans()
            namespaces.end_with_parent()
            return
        for descriptor in descriptors:
            os.close(descriptor)
        os.waitpid(supervisor, 0)
        self.end()
        # Any depth of folders has to go, which shutil does not manage.
        subprocess.run(["rm", "-rf", "--one-file-system", own], check=True)
        os._exit(0)

    def monitor(self, limits: Limits) -> UsageMonitor:
        """Look at the processes and the folder of the account."""
        assert self._account is not None
        inodes = inodes_for(self._settings)
        return AccountMonitor(limits, self._account.uid, self._folder, inodes)

    def enter(self, request: dict[str, Any], limits: Limits) -> None:
        """Become the account's user, and leave everything else behind."""
        assert self._account is not None
        os.chdir(self._folder)
        os.environ.update(HOME=self._folder, TMPDIR=self._folder)
        tempfile.tempdir = None  # it was found out by an import
        request["account_folder"] = self._folder
        limits.apply()
        namespaces.forbid_capabilities()
        accounts.become(self._account.uid)
        namespaces.allow_looks()
        namespaces.adopt_orphans()  # of a question's, that its origin can end them
        namespaces.end_with_parent()
        namespaces.drop_privileges()
        if landlock.version():
            readable = [*self._settings.readable, *_ABOUT_THE_MACHINE, _OWN_PROCESS]
            landlock.restrict(readable, [self._folder, *_DEVICES], alone=True)
        seccomp.refuse_system_calls(namespaces=False)

    def end(self) -> None:
        """End every process of the account."""
        assert self._account is not None
        accounts.end_all(self._account)
        accounts.reap()


def _uncover(paths: Sequence[str]) -> None:
    """Show what lies behind a folder that is closed to others, as root's home is, and no more.

    That takes a mount, which only this process sees; where root may not mount, Python has to lie
    elsewhere.
    """
    closed = {str(folder) for path in paths if (folder := first_closed(Path(path))) is not None}
    if not closed:
        return
    namespaces.unshare_mounts()
    kept = [path for path in paths if os.path.isdir(path)]
    for place in closed:
        mount_empty(place, 1, 1_024, kept, "0755")
