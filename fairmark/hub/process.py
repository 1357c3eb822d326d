"""Starting a local hub, waiting for it, and ending it with everything that it has started."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from fairmark.errors import FairmarkError
from fairmark.hub.proxy import proxy_command
from fairmark.hub.settings import HubSettings
from fairmark.startup import PYTHON_MODULE

_START_SECONDS = 90.0
_SERVERS_SECONDS = 3.0
_HUB_SECONDS = 6.0
_POLL_SECONDS = 0.1
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_CONFIG = """\
from fairmark.hub.configure import configure

configure(get_config(), {file!r})  # noqa: F821
"""
_libc = ctypes.CDLL(None, use_errno=True)


@contextlib.contextmanager
def locked(settings: HubSettings) -> Iterator[None]:
    """Keep others from starting, changing or removing this hub at the same time.

    Raises FairmarkError when one of them is at it.
    """
    settings.hub.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(settings.hub / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        running = HubSettings.read(settings.file) if settings.file.is_file() else settings
        raise FairmarkError(
            f"this hub is running already, at {running.url}: end it first, with Ctrl-C"
        ) from None
    try:
        yield
    finally:
        os.close(descriptor)


class Hub:
    """A running local hub; ``with`` starts it, and ends it in seconds."""

    def __init__(self, settings: HubSettings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What the hub and all its servers print."""
        return self._settings.hub / "hub.log"

    def __enter__(self) -> Hub:
        try:
            self._start()
            self._wait_until_up()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def wait(self) -> None:
        """Wait until the hub ends by itself, which it should not."""
        assert self._process is not None
        self._process.wait()
        raise FairmarkError(f"the hub has ended: {self._last_words()} (all of it: {self.log})")

    def stop(self) -> None:
        """End the hub and everything that it started, the servers first.

        The hub itself would ask one server after the other, and wait for each.
        """
        hub = self._process
        if hub is not None:
            servers = [pid for pid in _descendants() if _is_server(pid)]
            _signal(servers, signal.SIGTERM)
            _wait_for(lambda: not any(map(_is_running, servers)), _SERVERS_SECONDS)
            if hub.poll() is None:
                hub.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                hub.wait(_HUB_SECONDS)
            while left := _descendants():
                _signal(left, signal.SIGKILL)
                _reap(left)
                time.sleep(_POLL_SECONDS)
            hub.poll()
            self._process = None

    def _start(self) -> None:
        settings = self._settings
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", settings.port))
            except OSError:
                raise FairmarkError(
                    f"port {settings.port} is taken; choose another one with --port"
                ) from None
        config = settings.hub / "jupyterhub_config.py"
        config.write_text(_CONFIG.format(file=str(settings.file)))
        # What a hub ends with itself must not go to the one above this process.
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self._process = subprocess.Popen(
            [*PYTHON_MODULE, "jupyterhub", "--config", str(config)],
            cwd=settings.hub,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=self.log.open("wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for this process, which knows a better order
            preexec_fn=_end_with_parent,
        )

    def _wait_until_up(self) -> None:
        assert self._process is not None
        pages = (f"127.0.0.1:{self._settings.port}/hub/login",)
        deadline = time.monotonic() + _START_SECONDS
        for page in pages:
            while not _answers(f"http://{page}"):
                if self._process.poll() is not None or time.monotonic() > deadline:
                    words = self._last_words()
                    raise FairmarkError(f"the hub does not start: {words} (all of it: {self.log})")
                time.sleep(_POLL_SECONDS)

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else "it says nothing"


def _environment() -> dict[str, str]:
    """The hub's environment, with the ports that it uses behind the proxy."""
    secret = ("JUPYTER", "CONFIGPROXY", "OPENBLAS", "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(secret)}
    ports = " ".join(map(str, _free_ports(3)))
    return kept | {
        "FAIRMARK_HUB_PORTS": ports,
        "FAIRMARK_HUB_PROXY": "\n".join(proxy_command()),
    }


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for sock in sockets:
            sock.bind(("127.0.0.1", 0))
        return [sock.getsockname()[1] for sock in sockets]


def _end_with_parent() -> None:
    """Let the hub end, in its own slow way, when this process is killed."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError:
        return False
    except OSError:
        return False


def _descendants() -> list[int]:
    """The processes that this process and its children have started, itself aside."""
    parents: dict[int, list[int]] = {}
    for pid, parent in _all_processes():
        parents.setdefault(parent, []).append(pid)
    found, todo = [], [os.getpid()]
    while todo:
        children = parents.get(todo.pop(), [])
        found += children
        todo += children
    return found


def _all_processes() -> Iterator[tuple[int, int]]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            pid, _, rest = path.read_text(errors="replace").partition(" (")
            yield int(pid), int(rest.rpartition(")")[2].split()[1])


def _is_server(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return b"jupyterhub.singleuser" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def _is_running(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return " Z " not in Path(f"/proc/{pid}/stat").read_text(errors="replace")
    return False


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _reap(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def _wait_for(is_done: object, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while callable(is_done) and not is_done() and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
