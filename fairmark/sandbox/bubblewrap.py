"""The outer sandbox: what of this machine the warm process, and so every student, can see."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from fairmark.errors import FairmarkError

_PACKAGE = Path(__file__).resolve().parents[1]
"""fairmark's own folder."""
STUDENT_ID = 64_999
"""Who student code runs as where root sets up the sandbox: an ordinary user, nobody's number."""

INSTALL_HINT = "bubblewrap is missing; install it with: sudo apt-get install bubblewrap"
WORK_FOLDER = "/home/student"

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SYSTEM_FILES = (
    "/etc/ld.so.cache",
    "/etc/fonts",
    "/etc/alternatives",
    "/etc/ssl/certs",
    "/sys/kernel/mm/transparent_hugepage",
)
_HIDDEN = ("/usr/local/share/nbgrader", "/usr/share/nbgrader")
"""Below the system's folders: nbgrader's usual exchange, with what all students handed in."""
_PASSWD = f"student:x:{STUDENT_ID}:{STUDENT_ID}::{WORK_FOLDER}:/bin/sh\n"


def find_bubblewrap() -> str:
    """Return the path of ``bwrap``; raise FairmarkError with the line that installs it."""
    path = shutil.which("bwrap")
    if path is None:
        raise FairmarkError(INSTALL_HINT)
    return path


def command(
    passwd_fd: int,
    binds: Sequence[tuple[str, str]] = (),
    devices: Sequence[tuple[str, str]] = (),
    about_devices: Sequence[str] = (),
) -> list[str]:
    """Return the ``bwrap`` command line up to, and without, the program that it runs.

    ``passwd_fd`` is a readable descriptor with the text of :func:`passwd`; ``binds`` are paths of
    this machine that can be read in the sandbox, each with the path that it has there, and
    ``devices`` are devices that can be used; ``about_devices`` are folders of /sys about them.
    """
    root = os.getuid() == 0
    arguments = [find_bubblewrap(), "--die-with-parent", "--new-session"]
    if root:
        # Root can bind what an ordinary user may not enter (a Python under /root, say). The warm
        # process then mounts /proc and becomes an ordinary user, before it imports anything.
        arguments += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
        arguments += ["--unshare-cgroup-try"]
        for capability in ("CAP_SYS_ADMIN", "CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
            arguments += ["--cap-add", capability]
    else:
        arguments += ["--unshare-all"]
    arguments += ["--hostname", "sandbox"]
    # Before the binds: a Python may lie below /tmp.
    for folder in ("/tmp", WORK_FOLDER):
        arguments += ["--perms", "1777", "--tmpfs", folder]
    for path in _SYSTEM:
        if os.path.islink(path):
            arguments += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            arguments += ["--ro-bind", path, path]
    for path in _HIDDEN:
        if os.path.isdir(path):
            arguments += ["--tmpfs", path]
    arguments += ["--dir", "/etc", *(("--dir", "/sys") if about_devices else ())]
    for path in _SYSTEM_FILES:
        arguments += ["--ro-bind-try", path, path]
    own = ((path, path) for path in (*python_folders(), *about_devices))
    for path, target in (*own, *binds):
        for parent in reversed(Path(target).parents):
            if not parent.is_relative_to("/usr") and not _is_bound(parent, binds):
                arguments += ["--dir", str(parent)]  # else bwrap makes it for root's eyes only
        arguments += ["--ro-bind", path, target]
    arguments += ["--perms", "0644", "--ro-bind-data", str(passwd_fd), "/etc/passwd"]
    arguments += ["--dev", "/dev", "--dir", "/run"]
    for path, target in devices:
        arguments += ["--dev-bind", path, target]
    arguments += ["--dir", "/proc"] if root else ["--proc", "/proc"]
    if any(path.startswith("/tmp/") for path in python_folders()):
        arguments += ["--remount-ro", "/tmp"]  # submissions get no /tmp of their own then
    arguments += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", WORK_FOLDER]
    return arguments


def refuse_visible(folder: Path) -> None:
    """Raise FairmarkError when student code could read this folder."""
    for seen in (*python_folders(), *_SYSTEM):
        if folder.resolve().is_relative_to(seen):
            raise FairmarkError(
                f"{folder} lies in {seen}, which student code can read; move the course elsewhere"
            )


def readable() -> list[str]:
    """The system's paths and Python's, without what is hidden below them."""
    system = [path for path in _SYSTEM if os.path.isdir(path) and not os.path.islink(path)]
    seen = [part for path in system for part in _without_hidden(path)]
    return [*seen, *_SYSTEM_FILES, *python_folders()]


def environment(extra: dict[str, str]) -> dict[str, str]:
    """The whole environment of the warm process: nothing is taken over from this one."""
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"]),
        "PYTHONPATH": str(_PACKAGE.parent),
        "HOME": WORK_FOLDER,
        "TMPDIR": WORK_FOLDER,
        "USER": "student",
        "LOGNAME": "student",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",  # the order of sets must not decide about a mark
        "CUDA_VISIBLE_DEVICES": "",  # CUDA does not survive a fork
        "NBGRADER_EXECUTION": "autograde",
        # One thread each: a thread pool does not survive a fork.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        # Where the heap grows in huge pages, these need not be made of small ones later. The C
        # library asks /sys whether there are any.
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
        **extra,
    }


def _without_hidden(folder: str) -> list[str]:
    """A folder, or what lies in it where some of that is hidden."""
    if folder in _HIDDEN:
        return []
    if not any(path.startswith(folder + os.sep) and os.path.isdir(path) for path in _HIDDEN):
        return [folder]
    below = sorted(entry.path for entry in os.scandir(folder))
    return [part for path in below for part in _without_hidden(path)]


def _is_bound(folder: Path, binds: Sequence[tuple[str, str]]) -> bool:
    return any(folder.is_relative_to(target) for _, target in binds)


def passwd() -> bytes:
    """The text of the sandbox's /etc/passwd."""
    if os.getuid() == 0:
        return _PASSWD.encode()
    return f"student:x:{os.getuid()}:{os.getgid()}::{WORK_FOLDER}:/bin/sh\n".encode()


def python_folders() -> list[str]:
    """The folders of this Python, its packages and fairmark itself, none inside another."""
    folders = {sys.prefix, sys.base_prefix, str(Path(sys.executable).resolve().parent.parent)}
    folders.add(str(_PACKAGE))
    found: list[str] = []
    for folder in sorted(folders, key=len):
        inside = [*found, *(path for path in _SYSTEM if not os.path.islink(path))]
        if not any(folder == other or folder.startswith(other + os.sep) for other in inside):
            found.append(folder)
    return found
