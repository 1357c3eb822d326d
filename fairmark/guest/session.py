"""The main loop of a student's process: runs cells, and forks itself for questions and cells."""

from __future__ import annotations

import base64
import contextlib
import os
import resource
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import getstate, setstate
from typing import Any, NoReturn

from fairmark.files import walk
from fairmark.guest import GRADING
from fairmark.guest.agent import Agent
from fairmark.guest.cleanup import Cleanup, Surroundings
from fairmark.guest.seeds import seed
from fairmark.guest.shell import Shell
from fairmark.wire.channel import Channel, ChannelClosed
from fairmark.wire.codec import Decoder, Encoder, WireError

_COLLECTED_BYTES = 16 * 2**20
_FILE_ENTRY_BYTES = 1024
"""What a file's name may take in a message."""


def serve(sock: socket.socket, shell: Shell, request: dict[str, Any]) -> None:
    """Serve the judge until it closes the channel; never returns."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.environ[GRADING] = "1"
    sys.path.insert(0, "")  # modules that were handed in beside the notebook, as in a kernel
    seed(0)  # what an answer draws without a seed must not decide about its mark anew each time
    channel = Channel(sock, descriptors=True)
    folder = Path.cwd()  # as it is before any cell changes it
    forks: dict[int, Cleanup | None] = {}
    own = Surroundings.of(request.get("account_folder"))
    try:
        while True:
            _serve_one(channel, channel.receive(), shell, folder, forks, own)
    except ChannelClosed:
        os._exit(0)


def _serve_one(
    channel: Channel,
    message: dict[str, Any],
    shell: Shell,
    folder: Path,
    forks: dict[int, Cleanup | None],
    own: Surroundings | None,
) -> None:
    match message["op"]:
        case "files":
            _write_files(message["files"], "wb")
            channel.send({"status": "ok"})
        case "append":
            _write_files(message["files"], "r+b")
            channel.send({"status": "ok"})
        case "link":
            _place_files(message["files"], os.symlink)
            channel.send({"status": "ok"})
        case "copy":
            _place_files(message["files"], shutil.copyfile)
            channel.send({"status": "ok"})
        case "collect":
            channel.send({"status": "ok", "files": Encoder().encode(_read_files(folder))})
        case "run":
            result = shell.run(message["source"], lambda output: _send(channel, output), message)
            channel.send({"done": result})
        case "fork" | "branch" as kind:
            (descriptor,) = channel.take_descriptors()
            for child in list(forks):  # there is one at a time
                _end(child, 0.0, forks)
            traces = None if own is None else Cleanup(own, restores=kind == "branch")
            chance = getstate()
            with _more_processes():
                child = os.fork()
            if child == 0:
                channel.close()
                setstate(chance)  # Python seeds it anew in each fork
                sock = socket.socket(fileno=descriptor)
                if kind == "branch":
                    _serve_cells(sock, shell, folder)
                shell.return_to(message["answers"])
                _settle_in_fork(shell)
                _serve_questions(sock, shell)
            os.close(descriptor)
            forks[child] = traces
            channel.send({"child": child})
        case "become":
            (descriptor,) = channel.take_descriptors()
            shell.silence()  # what its threads print from now on is no answer
            channel.send({"status": "ok"})
            channel.close()
            shell.return_to(message["answers"])
            _use_one_thread()
            _serve_questions(socket.socket(fileno=descriptor), shell)
        case "kill":
            ended = _end(message["child"], message["seconds"], forks)
            channel.send({"status": "ok", "ended": ended})
        case "listen":
            channel.send({"status": "ok"})  # the channel keeps its descriptor for the kernel
        case "kernel":
            _serve_kernel(channel, message["info"])


@contextmanager
def _more_processes() -> Iterator[None]:
    """Let this process start one of those that are held in reserve."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    resource.setrlimit(resource.RLIMIT_NPROC, (hard, hard))
    try:
        yield
    finally:  # on both sides of a fork
        resource.setrlimit(resource.RLIMIT_NPROC, (soft, hard))


def _serve_kernel(channel: Channel, info: dict[str, Any]) -> NoReturn:
    """Be a Jupyter kernel from now on."""
    os.environ.pop(GRADING, None)
    seed(None)  # only marks must not depend on chance
    try:
        from fairmark.guest.kernel import Kernel

        kernel = Kernel(info, channel.take_descriptors())
    except BaseException as error:
        channel.send({"status": "error", "message": f"{type(error).__name__}: {error}"})
        os._exit(1)
    channel.send({"status": "ok"})
    channel.close()
    kernel.serve()


def _send(channel: Channel, output: dict[str, Any]) -> None:
    """Send one output as JSON-able data; what is not is shown as text."""
    if output["output_type"] == "statement":
        channel.send({"statement": [output["index"], output["count"]]})
        return
    try:
        channel.send({"output": _plain(output)})
    except WireError as error:
        notice = f"[an output was left out: {error}]\n"
        channel.send({"output": {"output_type": "stream", "name": "stderr", "text": notice}})


def _plain(value: object) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return repr(value)


def _write_files(tree: Any, mode: str) -> None:
    """Put the submission's own files into the work folder, but for those that cannot lie there."""
    for name, data in Decoder().decode(tree).items():
        path = Path(name)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open(mode) as file:
                file.seek(0, os.SEEK_END)
                file.write(data)


def _place_files(tree: Any, place: Callable[[str, Path], object]) -> None:
    """Put links to files that all submissions share, or copies of them, into the work folder."""
    for name, shared in Decoder().decode(tree).items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        place(shared, path)


def _read_files(root: Path) -> dict[str, bytes]:
    """The files in the work folder, as far as they fit into one message."""
    files: dict[str, bytes] = {}
    room = _COLLECTED_BYTES
    for folder, _, names in walk(root):
        for name in names:
            path = Path(folder, name)
            relative = str(path.relative_to(root))
            with contextlib.suppress(OSError):
                size = path.lstat().st_size + _FILE_ENTRY_BYTES
                if path.is_symlink() or not path.is_file() or size > room:
                    continue
                if relative.isprintable():
                    files[relative] = path.read_bytes()
                    room -= size
    return files


def _serve_cells(sock: socket.socket, shell: Shell, folder: Path) -> NoReturn:
    """Go on running cells in a forked copy of the student's process."""
    _settle_in_fork(shell)
    channel = Channel(sock, descriptors=True)
    forks: dict[int, Cleanup | None] = {}
    try:
        while True:
            _serve_one(channel, channel.receive(), shell, folder, forks, None)
    except ChannelClosed:
        os._exit(0)
    finally:
        os._exit(1)


def _settle_in_fork(shell: Shell) -> None:
    os.setpgid(0, 0)
    shell.silence()
    _use_one_thread()


def _use_one_thread() -> None:
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_num_threads(1)  # the threads of its pool did not survive the fork


def _serve_questions(sock: socket.socket, shell: Shell) -> None:
    """Answer the judge's calls, mostly in a forked copy of a student's process; never returns."""
    channel = Channel(sock)

    def callback(number: int, args: Any, kwargs: Any) -> Any:
        channel.send({"call": number, "args": args, "kwargs": kwargs})
        while "op" in (reply := channel.receive()):  # the function asks about its arguments
            channel.send(agent.answer(reply))
        if reply["status"] != "ok":
            raise RuntimeError(reply["message"])
        return reply["value"]

    agent = Agent(shell.namespace, callback, shell.printed, shell.rewind)
    try:
        while True:
            reply = agent.answer(channel.receive())
            try:
                channel.send(reply)
            except (WireError, MemoryError) as error:
                message = str(error) or "it does not fit into memory twice"
                channel.send({"status": "unsendable", "message": message})
    except ChannelClosed:
        os._exit(0)
    finally:
        os._exit(1)


def _end(child: int, seconds: float, forks: dict[int, Cleanup | None]) -> dict[str, float] | None:
    """Kill a fork and take away what it leaves behind."""
    ended = _kill(child, seconds)
    if (traces := forks.pop(child, None)) is not None:
        traces.remove()
    return ended


def _kill(child: int, seconds: float) -> dict[str, float] | None:
    """Kill a fork and what it started; return how it ended, if it does so within this time."""
    ended = None
    alive = not _ends(child, seconds)
    for kill in (os.killpg, os.kill):  # it may not have its own group yet
        with contextlib.suppress(ProcessLookupError):
            kill(child, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):  # the student's code may have it reaped
        _, status, usage = os.wait4(child, 0)
        ended = {
            "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
            "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0,
            "cpu": usage.ru_utime + usage.ru_stime,
        }
        # What the fork had started is this process's now, and counts as a process until reaped.
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    return None if alive else ended


def _ends(child: int, seconds: float) -> bool:
    """Whether a fork has ended by itself, or does within this time."""
    deadline = time.monotonic() + seconds
    with contextlib.suppress(ChildProcessError):
        while os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.002)
    return True
