"""The warm process: imports the course's libraries once, then forks one process per submission.

It starts as ``python -m fairmark.sandbox.zygote SETTINGS``. Requests come over a
SOCK_SEQPACKET socket, each with two descriptors: the student's end of a channel, and a status
socket. It runs no student code itself and must never start a thread, or forking would not be safe.

Every submission gets a *supervisor*: the process between zygote and student. It waits for the
student's process to end, or for the status socket to close (the judge is done, or dead), and kills
all of the student's processes then. Over the same socket it tells the judge what the student's
processes have used.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import sys
import time
from typing import Any

from fairmark.sandbox.account_seal import AccountSeal
from fairmark.sandbox.gpu import CHOICE
from fairmark.sandbox.gpu_usage import GpuWatch
from fairmark.sandbox.limits import Limits
from fairmark.sandbox.memory import use_huge_pages
from fairmark.sandbox.rehearsal import rehearse
from fairmark.sandbox.seals import NamespaceSeal, NoSeal, Seal
from fairmark.sandbox.settings import ZygoteSettings
from fairmark.sandbox.usage import UsageMonitor

_LOOK_SECONDS = 5.0
"""How long a look at a submission may take. Its threads can make the kernel wait for them."""


def main() -> None:
    """Warm up, say so, and serve until the control socket closes."""
    settings = ZygoteSettings.from_json(sys.argv[1])
    control = socket.socket(fileno=settings.control)
    seal = _make_seal(settings)
    seal.prepare()
    from fairmark.guest.shell import Shell  # imports IPython, as an ordinary user

    gc.disable()  # what is imported is no garbage, but looked through again and again
    shell = Shell()
    missing = _preload(["fairmark.guest.session", *settings.preload])
    shell.enable_figures()
    if not settings.gpu:  # torch would take it that there is none, in all forks
        rehearse()
    shell.know_libraries(settings.preload)
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        missing.append(f"a preloaded module started {threads - 1} threads")
    use_huge_pages()
    gc.freeze()  # keeps the collector from touching, and so copying, the shared pages
    gc.enable()
    seal.warmed()
    if settings.gpu:
        _refuse_open_gpu(settings.gpu)
    control.send(json.dumps({"ready": True, "missing": missing}).encode())
    _serve(control, settings, seal, shell)
    os._exit(0)  # taking all the modules apart would only take time


def _make_seal(settings: ZygoteSettings) -> Seal:
    if settings.seal == "namespaces":
        return NamespaceSeal(settings)
    if settings.seal == "account":
        return AccountSeal(settings)
    return NoSeal(settings)


def _refuse_open_gpu(devices: list[str]) -> None:
    """End this process where an import has opened the GPU: none of its forks could use it."""
    proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
    if GpuWatch(devices, None).is_open(os.getpid(), proc):
        sys.exit("a preloaded module uses the GPU when it is imported: no submission could then")
    os.close(proc)


def _preload(modules: list[str]) -> list[str]:
    missing = []
    for name in modules:
        try:
            importlib.import_module(name)
        except ImportError as error:
            missing.append(f"cannot import {name}: {error}")
    if "numpy" in sys.modules:
        importlib.import_module("numpy.random")  # NumPy puts it off, to each process
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_num_threads(1)
        # An optimiser imports it when it is first used, for a second in each process.
        with contextlib.suppress(ImportError):
            importlib.import_module("torch._dynamo")
    return missing


def _serve(control: socket.socket, settings: ZygoteSettings, seal: Seal, shell: Any) -> None:
    limits = Limits(**settings.limits)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # supervisors are reaped by the kernel
    while True:
        data, descriptors, _flags, _address = socket.recv_fds(control, 65536, 2)
        if not data:
            return
        channel_fd, status_fd = descriptors
        request = json.loads(data)
        if os.fork() == 0:
            control.close()
            own_limits = Limits(**request["limits"]) if "limits" in request else limits
            if own_limits.gpu_memory_mib:
                _show_gpu(settings.gpu_choice)
            _guard(channel_fd, status_fd, request, own_limits, seal, shell)
        os.close(channel_fd)
        os.close(status_fd)


def _show_gpu(choice: str | None) -> None:
    """Let CUDA find the GPU, in this process and its forks."""
    if choice is None:
        os.environ.pop(CHOICE, None)  # a preloaded module may have removed it
    else:
        os.environ[CHOICE] = choice


def _guard(
    channel_fd: int,
    status_fd: int,
    request: dict[str, Any],
    limits: Limits,
    seal: Seal,
    shell: Any,
) -> None:
    """The supervisor's whole life; it never returns."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        seal.enclose((channel_fd, status_fd))
        status = socket.socket(fileno=status_fd)
        watch = seal.monitor(limits)
        child = os.fork()
        if child == 0:
            _become_student(channel_fd, request, limits, seal, shell)
        os.close(channel_fd)
        report = _wait(child, status, watch, seal)
        try:
            status.send(json.dumps(report).encode())
        except OSError:
            code = 0  # the judge has gone and wants no report
        code = 0
    except Exception as error:
        os.write(2, f"fairmark: a submission's sandbox failed: {error}\n".encode())
    finally:
        os._exit(code)


def _wait(child: int, status: socket.socket, watch: UsageMonitor, seal: Seal) -> dict[str, Any]:
    """Wait for the child to end, for the judge to want it ended, or for too much to be used.

    The judge may ask, by any message, what was used until now. A look that takes too long ends this
    process by SIGALRM, even while the kernel is asked, and the child with it: who ended it is not
    told then, and the judge tries once more.
    """
    pidfd = os.pidfd_open(child)
    waiting: list[Any] = [pidfd, status]
    limit = ""
    next_look = time.monotonic() + watch.seconds
    while not limit:
        left = max(next_look - time.monotonic(), 0.0) if seal.holds else None
        ready = select.select(waiting, [], [], left)[0]
        if pidfd in ready or (status in ready and not _is_asked(status)):
            break
        signal.setitimer(signal.ITIMER_REAL, _LOOK_SECONDS)
        if ready:
            told = {"used": watch.used(child), "gpu": watch.has_gpu(child)}
            answer = json.dumps(told).encode()
            with contextlib.suppress(OSError):  # the judge has gone, as the next message tells
                status.send(answer)
        if seal.holds and time.monotonic() >= next_look:
            limit = watch.look(child)
            next_look = time.monotonic() + watch.seconds
        signal.setitimer(signal.ITIMER_REAL, 0.0)
    os.kill(child, signal.SIGKILL)  # a namespace's init takes every descendant along
    _pid, wait_status, usage = os.wait4(child, 0)
    seal.end()
    total = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "signal": os.WTERMSIG(wait_status) if os.WIFSIGNALED(wait_status) else 0,
        "code": os.WEXITSTATUS(wait_status) if os.WIFEXITED(wait_status) else 0,
        "limit": limit,
        "cpu": max(total.ru_utime + total.ru_stime, usage.ru_utime + usage.ru_stime),
    }


def _is_asked(status: socket.socket) -> bool:
    """Whether the judge asks something; else it wants the child ended, or has gone."""
    try:
        return bool(status.recv(64))
    except OSError:
        return False


def _become_student(
    channel_fd: int,
    request: dict[str, Any],
    limits: Limits,
    seal: Seal,
    shell: Any,
) -> None:
    """Seal this process and serve the judge; never returns."""
    try:
        if channel_fd != 3:
            os.dup2(channel_fd, 3, inheritable=False)
        os.closerange(4, 65536 if seal.holds else os.sysconf("SC_OPEN_MAX"))
        os.setsid()
        seal.enter(request, limits)
        from fairmark.guest.session import serve

        serve(socket.socket(fileno=3), shell, request)
    except BaseException as error:
        os.write(2, f"fairmark: a student's process could not start: {error}\n".encode())
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
