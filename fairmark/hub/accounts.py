"""Real accounts of this machine for a local hub: made, recognised and removed again."""

from __future__ import annotations

import contextlib
import grp
import multiprocessing
import os
import pwd
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import psutil

import fairmark
from fairmark.errors import FairmarkError
from fairmark.hub.settings import HubSettings

MARK = "fairmark hub"
"""Stands in the comment field of the accounts made here; no other is touched."""
RUNTIME = Path("/run/fairmark")
Result = TypeVar("Result")
_NOT_OURS = Path("/")
_TRIES = 50
_POLL_SECONDS = 0.1
_OTHERS_READ = stat.S_IROTH | stat.S_IXOTH


def require_root() -> None:
    """Raise FairmarkError for those who can make no accounts, nor look into such a hub."""
    if os.geteuid() != 0:
        raise FairmarkError("--accounts unix makes accounts of this machine: start it as root")


def refuse_taken_names(settings: HubSettings) -> None:
    """Raise FairmarkError when an account of that name is not this hub's."""
    for name in (settings.grader, *settings.people):
        owner = _home(name)
        if owner is not None and owner != settings.homes / name:
            raise FairmarkError(_in_the_way(name, owner))


def make_accounts(settings: HubSettings) -> None:
    """Make the accounts that are missing: no password, a home that nobody else can enter."""
    refuse_taken_names(settings)
    for name in (settings.grader, *settings.people):
        home = settings.homes / name
        if _home(name) is None:
            command = ["useradd", "--user-group", "--create-home", "--home-dir", str(home)]
            _run([*command, "--shell", "/bin/bash", "--comment", MARK, name])
            home.chmod(0o700)


def remove_accounts(settings: HubSettings) -> list[str]:
    """Remove all accounts of this hub, with their homes; return their names."""
    removed = []
    for account in pwd.getpwall():
        if _home(account.pw_name) == settings.homes / account.pw_name:
            _end_processes(account.pw_uid)
            _run(["userdel", "--remove", account.pw_name])
            shutil.rmtree(RUNTIME / str(account.pw_uid), ignore_errors=True)
            removed.append(account.pw_name)
    with contextlib.suppress(OSError):  # another hub's folders are in it
        RUNTIME.rmdir()
    return removed


def run_as(name: str | None, function: Callable[..., Result], *arguments: Any) -> Result:
    """Call the function in a process of that account, or right here when ``name`` is None.

    Whoever owns a folder may have put links into it: root had better not write there.
    """
    if name is None:
        return function(*arguments)
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(1, context, initializer=_become, initargs=(name,)) as pool:
        return pool.submit(function, *arguments).result()


def make_folder(path: Path, owner: str | None, mode: int) -> None:
    """Make a folder of that account's, unless it is there."""
    if path.exists():
        return
    path.mkdir()
    if owner is not None:
        user = pwd.getpwnam(owner)
        os.chown(path, user.pw_uid, user.pw_gid)
    path.chmod(mode)


def make_runtime_folder(name: str) -> Path:
    """Make the folder for an account's kernels' sockets, which nobody else can enter.

    It is not in the home: the name of a socket may have 107 letters, and those of kernels are long.
    """
    user = pwd.getpwnam(name)
    folder = RUNTIME / str(user.pw_uid)
    folder.mkdir(parents=True, exist_ok=True)  # below a folder of root's, so it is what it seems
    folder.chmod(0o700)
    os.chown(folder, user.pw_uid, user.pw_gid)
    return folder


def _become(name: str) -> None:
    user = pwd.getpwnam(name)
    os.initgroups(name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.chdir(user.pw_dir)
    os.environ["HOME"] = user.pw_dir


def refuse_what_others_can_read(course: Path) -> None:
    """Raise FairmarkError when other accounts can read the course this hub is made from."""
    if _others_can_enter(course) and course.stat().st_mode & _OTHERS_READ:
        raise FairmarkError(
            f"other accounts could read the solutions in {course}: run `chmod o-rwx {course}`"
        )


def refuse_what_others_cannot_run() -> None:
    """Raise FairmarkError when students could not start this Python, or not import fairmark."""
    for path in (sys.executable, os.path.realpath(sys.executable), fairmark.__file__):
        if not _others_can_enter(Path(path)):
            raise FairmarkError(
                f"other accounts cannot use {path}; install fairmark where they can: "
                "/usr/bin/python3 -m venv /opt/fairmark && "
                "/opt/fairmark/bin/pip install '.[course,instructor,hub]'"
            )


def _others_can_enter(path: Path) -> bool:
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.absolute().parents)


def _in_the_way(name: str, home: Path) -> str:
    if home == _NOT_OURS:
        return (
            f"there is an account {name} on this machine already, which no hub has made: choose "
            "other names with --student and --instructor"
        )
    return (
        f"the account {name} is that of another hub, in {home.parents[1]}: remove that one first "
        f"(fairmark hub --accounts unix --folder {home.parents[1]} --remove)"
    )


def _end_processes(number: int) -> None:
    """End what still runs as that account: something that outlived a hub which was killed."""
    for _ in range(_TRIES):
        found = [
            process for process in psutil.process_iter(["uids"]) if number in process.info["uids"]
        ]
        if not found:
            return
        for process in found:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        time.sleep(_POLL_SECONDS)


def _home(name: str) -> Path | None:
    """The home of an account of that name, made here or not; None when there is none."""
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        if _is_group(name):
            raise FairmarkError(f"there is a group {name} on this machine already") from None
        return None
    return Path(found.pw_dir) if found.pw_gecos.split(",")[0] == MARK else _NOT_OURS


def _is_group(name: str) -> bool:
    try:
        grp.getgrnam(name)
    except KeyError:
        return False
    return True


def _run(command: Iterable[str]) -> None:
    program, *rest = command
    found = shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    if found is None:
        raise FairmarkError(f"{program} is missing; it comes with the Debian package passwd")
    done = subprocess.run([found, *rest], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        words = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise FairmarkError(f"{program}: {words}")
