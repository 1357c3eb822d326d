"""Takes away what is only on Unix, as on Windows: for the first cell of a notebook.

What the student's code and fairmark import from then on finds no module and no name of Unix, and
no /proc. That text files are not UTF-8 unless somebody says so is for the kernel's environment.
"""

from __future__ import annotations

import contextlib
import io
import os
import select
import signal
import socket
import sys
import time
from types import ModuleType
from typing import Any

MODULES = (
    "_curses _posixsubprocess crypt curses fcntl grp nis ossaudiodev posix pty pwd readline "
    "resource spwd syslog termios tty"
).split()
NAMES = {
    os: "chown chroot confstr ctermid fchdir fchown fork forkpty getegid geteuid getgid getgroups "
    "getloadavg getpgid getpgrp getpriority getsid getuid initgroups killpg lchown memfd_create "
    "mkfifo mknod nice openpty pidfd_open pipe2 posix_spawn pread preadv pwrite pwritev "
    "register_at_fork sched_getaffinity sched_setaffinity sched_yield sendfile setegid seteuid "
    "setgid setgroups setns setpgid setpriority setregid setresuid setreuid setsid setuid splice "
    "statvfs sync sysconf tcgetpgrp ttyname uname unshare wait wait3 wait4 waitid O_CLOEXEC "
    "O_DIRECTORY O_NOFOLLOW O_NONBLOCK O_PATH WNOHANG",
    select: "epoll poll",
    signal: "ITIMER_PROF ITIMER_REAL ITIMER_VIRTUAL SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE "
    "SIGPROF SIGSTOP SIGTSTP SIGUSR1 SIGUSR2 SIGVTALRM SIGWINCH SIGXCPU alarm getitimer pause "
    "pthread_kill pthread_sigmask setitimer siginterrupt sigpending sigtimedwait sigwait",
    socket: "AF_UNIX CMSG_LEN SCM_RIGHTS recv_fds send_fds socketpair",
    time: "clock_gettime clock_settime pthread_getcpuclockid tzset",
}
"""What Python has on Unix and not on Windows; POSIX parts of pathlib and subprocess stay."""


def hide() -> None:
    """Take all that away from this process."""
    for name in MODULES:
        sys.modules[name] = None  # type: ignore[assignment]  # importing it fails from now on
    for module, names in NAMES.items():
        for name in names.split():
            _take(module, name)
    usual = io.open

    def opened(file: Any, *args: Any, **keywords: Any) -> Any:
        if isinstance(file, (str, bytes, os.PathLike)) and os.fspath(file)[:5] in (
            "/proc",
            b"/proc",
        ):
            raise FileNotFoundError(file)
        return usual(file, *args, **keywords)

    io.open = opened


def _take(module: ModuleType, name: str) -> None:
    with contextlib.suppress(AttributeError):
        delattr(module, name)
