"""What a command and its server must have in common, so that it does not matter which one runs it.

All that is not known to be of no influence on what has been imported has to be equal.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

_FREE = frozenset(
    "_ COLORTERM COLUMNS DISPLAY EDITOR HISTCONTROL HISTFILE INVOCATION_ID JOURNAL_STREAM "
    "LESS LESSCLOSE LESSOPEN LINES LS_COLORS MAIL MAKEFLAGS MAKELEVEL MAKE_TERMERR "
    "MAKE_TERMOUT MFLAGS MOTD_SHOWN OLDPWD PAGER PATH PROMPT_COMMAND PS1 PWD "
    "PYTEST_CURRENT_TEST SHELL SHLVL STY SYSTEMD_EXEC_PID TERM TERM_PROGRAM "
    "TERM_PROGRAM_VERSION TMPDIR TMUX TMUX_PANE VIRTUAL_ENV VIRTUAL_ENV_PROMPT VISUAL "
    "WAYLAND_DISPLAY WINDOW WINDOWID XAUTHORITY XDG_RUNTIME_DIR".split()
)
"""Environment variables that nothing reads while it is imported. A command has its own ones."""
_FREE_BEGINNINGS = (
    "DBUS_",
    "FAIRMARK_",
    "GPG_",
    "JPY_",
    "JUPYTERHUB_",
    "JUPYTER_SERVER_",
    "SSH_",
    "VSCODE_",
    "XDG_SESSION_",
)
_FLAGS = (
    "debug",
    "optimize",
    "dont_write_bytecode",
    "no_user_site",
    "no_site",
    "ignore_environment",
    "bytes_warning",
    "isolated",
    "dev_mode",
    "utf8_mode",
    "int_max_str_digits",
    "hash_randomization",
)
_KERNELS = (
    "Uid",
    "Gid",
    "Groups",
    "CapInh",
    "CapPrm",
    "CapEff",
    "CapBnd",
    "CapAmb",
    "NoNewPrivs",
    "Seccomp",
)
"""Lines of /proc/PID/status that say what a process may do."""
_NAMESPACES = ("ipc", "mnt", "net", "pid", "user")


def own_terms(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return what this process has to have in common with the other one, as plain data."""
    import fairmark

    path = sys.path if sys.flags.safe_path else sys.path[1:]
    return {
        "fairmark": [fairmark.__version__, fairmark.__file__],
        "Python": [sys.version, sys.prefix, sys.base_prefix],
        "Python's path": [os.path.abspath(place) for place in path],
        "Python's flags": [
            *(getattr(sys.flags, name) for name in _FLAGS),
            list(sys.warnoptions),
            sorted(map(list, sys._xoptions.items())),
        ],
        "environment": {
            name: value
            for name, value in environment.items()
            if name not in _FREE and not name.startswith(_FREE_BEGINNINGS)
        },
    }


def difference(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> str:
    """Return what differs, as a clause; "" where nothing does. It tells no value."""
    here, there = mine["environment"], theirs["environment"]
    if names := sorted(n for n in {*here, *there} if here.get(n) != there.get(n)):
        return f"the environment differs: {', '.join(names)}"
    for name in mine:
        if mine[name] != theirs.get(name):
            return f"{name} is another one" if name in ("fairmark", "Python") else f"{name} differ"
    return ""


def stranger(pid: int) -> str:
    """Return what the kernel says in which a process differs from this one; "" for nothing.

    A process in a sandbox or a container, with other rights or limits, is a stranger.
    """
    try:
        for name in _NAMESPACES:
            if os.readlink(f"/proc/{pid}/ns/{name}") != os.readlink(f"/proc/self/ns/{name}"):
                return f"it is in another namespace ({name})"
        if _root_of(pid) != _root_of(os.getpid()):
            return "it sees other files"
        there, here = _status(pid), _status(os.getpid())
        for name in _KERNELS:
            if there.get(name) != here.get(name):
                return f"it has other rights ({name})"
        if _text(f"/proc/{pid}/limits") != _text("/proc/self/limits"):
            return "it has other limits (ulimit)"
    except OSError:
        return "it has ended"
    return ""


def _root_of(pid: int) -> tuple[int, int]:
    status = os.stat(f"/proc/{pid}/root")
    return status.st_dev, status.st_ino


def _status(pid: int) -> dict[str, str]:
    lines = _text(f"/proc/{pid}/status").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _text(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()
