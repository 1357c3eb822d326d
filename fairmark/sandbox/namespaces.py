"""Linux calls that Python 3.11 has no function for: namespaces, mounts, capabilities."""

from __future__ import annotations

import ctypes
import os
import signal
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)

_CLONE_NEWNS = 0x00020000
_CLONE_NEWIPC = 0x08000000
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWPID = 0x20000000
_CLONE_NEWNET = 0x40000000

_MS_RDONLY = 1
_MS_NOSUID = 2
_MS_NODEV = 4
_MS_NOEXEC = 8
_MS_REMOUNT = 32
_MS_BIND = 4096
_MS_REC = 16384
_MS_PRIVATE = 1 << 18

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP = 24
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_LAST_CAPABILITY = 63
_CAPABILITY_VERSION_3 = 0x20080522


def mount_proc() -> None:
    """Mount a fresh /proc that shows the processes of this pid namespace only."""
    _mount("proc", "/proc", "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)


def mount_tmpfs(path: str, mebibytes: int, mode: str = "0700", inodes: int = 16_384) -> None:
    """Mount an empty folder that lies in memory, for so many files and folders."""
    options = f"size={mebibytes}m,mode={mode},nr_inodes={inodes}"
    _mount("tmpfs", path, "tmpfs", _MS_NOSUID | _MS_NODEV, options)


def mount_bind(source: str, target: str) -> None:
    """Make the folder ``source``, with what is mounted in it, appear at ``target``."""
    _mount(source, target, None, _MS_BIND | _MS_REC)


def mount_terminals(count: int) -> None:
    """Mount a /dev/pts of its own: all processes of a machine share the number of terminals."""
    options = f"newinstance,ptmxmode=0666,mode=0620,max={count}"
    _mount("devpts", "/dev/pts", "devpts", _MS_NOSUID | _MS_NOEXEC, options)


def forbid_device(path: str) -> None:
    """Keep a device from being opened."""
    mount_bind(path, path)
    flags = _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
    _mount("none", path, None, flags)


def unshare_all() -> None:
    """Put this process's children into user, pid, mount, ipc and network namespaces of their own.

    The user keeps its number; it gets every capability inside the new user namespace and none
    outside. Call :func:`drop_privileges` when the mounts are done.
    """
    uid, gid = os.getuid(), os.getgid()
    flags = _CLONE_NEWUSER | _CLONE_NEWPID | _CLONE_NEWNS | _CLONE_NEWIPC | _CLONE_NEWNET
    _check(_libc.unshare(flags), "unshare")
    Path("/proc/self/setgroups").write_text("deny", encoding="utf-8")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1", encoding="utf-8")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1", encoding="utf-8")
    _mount("none", "/", None, _MS_REC | _MS_PRIVATE)


def become(uid: int, gid: int) -> None:
    """Give up root for good and become an ordinary user."""
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    # A process that changed its user is not "dumpable": its /proc files belong to root, and it
    # could not write the uid_map of its own children.
    _prctl(_PR_SET_DUMPABLE, 1)


def end_with_parent() -> None:
    """Have the kernel kill this process when the one that forked it ends."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """Be the parent of all descendants whose own parent ends."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def allow_looks() -> None:
    """Let others of the same user look at this process, as one that has not changed its user."""
    _prctl(_PR_SET_DUMPABLE, 1)


def access_as(uid: int) -> None:
    """Have the kernel check this process's access to files as that user's, of the same group."""
    _libc.setfsgid(uid)
    _libc.setfsuid(uid)


def unshare_mounts() -> None:
    """Let this process's mounts be its own."""
    _check(_libc.unshare(_CLONE_NEWNS), "unshare")
    _mount("none", "/", None, _MS_REC | _MS_PRIVATE)


def forbid_user_namespaces() -> None:
    """Keep this user namespace from having children: in one, a process would be root again."""
    Path("/proc/sys/user/max_user_namespaces").write_text("0", encoding="utf-8")


def limit_notifications(instances: int) -> None:
    """Leave some of what watches files to others: all processes of a user share their number."""
    for kind in ("inotify_instances", "fanotify_groups"):
        path = Path(f"/proc/sys/user/max_{kind}")
        if path.exists():
            path.write_text(str(instances), encoding="utf-8")


def forbid_capabilities() -> None:
    """Let no program that is started from now on have a capability."""
    for capability in range(_LAST_CAPABILITY + 1):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # the kernel knows no capability of this number


def drop_privileges() -> None:
    """Give up every capability, in such a way that no program can win one back."""
    forbid_capabilities()
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _check(_libc.capset(header, nothing), "capset")
    forbid_new_privileges()


def forbid_new_privileges() -> None:
    """Let no program that is started from now on have more rights than who starts it."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def _mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    result = _libc.mount(
        source.encode(),
        target.encode(),
        kind.encode() if kind else None,
        ctypes.c_ulong(flags),
        options.encode(),
    )
    _check(result, f"mount {target}")


def _prctl(option: int, value: int) -> None:
    _check(_libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0), f"prctl {option}")


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
