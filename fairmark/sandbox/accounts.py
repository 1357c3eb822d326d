"""Numbers of users that nobody has, lent to one submission each.

Each account is a pair of numbers: student code runs as the first. The second is its keeper's, who
ends all processes of the first and can be ended by none of them.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

FIRST, LAST = 64_000, 64_899
"""The numbers that are tried. Containers have no others than those below 65536, often."""
IMPORTER = 64_998
"""Who the warm process is while it imports."""
LOCKS = "/run/fairmark-accounts"
_ENDING_SECONDS = 10.0


@dataclass(frozen=True)
class Account:
    """A user's number that belongs to this process, and to those that it has forked."""

    uid: int
    lock: int
    """A descriptor; whoever holds it has the account."""

    @property
    def keeper(self) -> int:
        """The number of who ends the account's processes."""
        return self.uid + 1


def prepare() -> None:
    """Make the folder in which accounts are locked, and end what nobody looks after any more.

    Raises OSError.
    """
    os.makedirs(LOCKS, mode=0o700, exist_ok=True)
    if os.stat(LOCKS).st_uid != 0:
        raise PermissionError(f"{LOCKS} belongs to somebody else")
    os.chmod(LOCKS, 0o700)
    owners = {_owner(pid) for pid in os.listdir("/proc") if pid.isdigit()}
    for uid in owners & set(range(FIRST, LAST, 2)):
        with suppress(OSError):  # it belongs to a grader that lives
            os.close(claim([uid]).lock)


def claim(numbers: Iterable[int] | None = None) -> Account:
    """Return an account that nobody else has, with no process left in it; raise OSError.

    ``numbers`` are tried in their order; by default all, from any one of them on. The kernel counts
    the processes of a number for all containers of a machine together, which know nothing of each
    other: what one student starts in his should not be at the expense of who has the same number.
    """
    for uid in numbers or _from_anywhere():
        lock = os.open(f"{LOCKS}/{uid}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        account = Account(uid, lock)
        if not _is_known(uid) and not _is_known(account.keeper) and _is_emptied(account):
            return account
        os.close(lock)
    raise OSError(f"no account is free between {FIRST} and {LAST}")


def become(uid: int) -> None:
    """Become an ordinary user for good, of a group of the same number."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def end_all(account: Account) -> None:
    """Kill every process of an account, all at once, wherever it has hidden; raise OSError.

    The kernel sends a signal to "all that I may signal" in one go, and no fork slips through. Who
    sends it has the account's number as the effective one only: the account's processes may
    neither signal nor trace it.
    """
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setresgid(account.keeper, account.keeper, account.keeper)
            os.setresuid(account.keeper, account.uid, account.keeper)
            with suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
            os._exit(0)
        finally:
            os._exit(1)
    if os.waitpid(child, 0)[1] != 0:
        raise OSError(f"the processes of account {account.uid} cannot be ended")


def reap() -> None:
    """Wait for all children of this process, which were killed."""
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def _from_anywhere() -> list[int]:
    """All numbers of accounts, beginning with one by chance (which is no notebook's to seed)."""
    found = list(range(FIRST, LAST, 2))
    start = int.from_bytes(os.urandom(4)) % len(found)
    return found[start:] + found[:start]


def _is_known(uid: int) -> bool:
    """Whether a user of this machine has this number."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _is_emptied(account: Account) -> bool:
    """End what a grader that was killed has left behind, if anything."""
    deadline = time.monotonic() + _ENDING_SECONDS
    while any(_owner(pid) == account.uid for pid in os.listdir("/proc") if pid.isdigit()):
        if time.monotonic() > deadline:
            return False
        end_all(account)
        time.sleep(0.01)
    return True


def _owner(pid: str) -> int:
    """The user of a process that is no zombie; -1 where there is none."""
    try:
        status = Path("/proc", pid, "status").read_bytes().decode(errors="replace")
    except OSError:
        return -1
    fields = dict(line.split(":", 1) for line in status.split("\n") if ":" in line)
    return -1 if fields["State"].split()[0] in "ZX" else int(fields["Uid"].split()[0])
