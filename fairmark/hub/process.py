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
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from fairmark.errors import FairmarkError
from fairmark.hub.proxy import is_installed, proxy_command
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

    Raises FairmarkError when another process has the lock.
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

    def __init__(
        self, settings: HubSettings, tell: Callable[[str], None] = lambda step: None
    ) -> None:
        self._settings = settings
        self._tell = tell
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
            servers = [process for process in _descendants() if _is_server(process)]
            _signal(servers, signal.SIGTERM)
            _wait_for(lambda: not any(map(_is_running, servers)), _SERVERS_SECONDS)
            if hub.poll() is None:
                hub.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                hub.wait(_HUB_SECONDS)
            while left := _descendants():
                _signal(left, signal.SIGKILL)
                psutil.wait_procs(left, _POLL_SECONDS)  # reaps those that are children by now
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
        if not is_installed():
            self._tell("the hub's proxy, which npm downloads once")
        proxy = proxy_command()
        self._tell("JupyterHub, which starts now")
        config = settings.hub / "jupyterhub_config.py"
        config.write_text(_CONFIG.format(file=str(settings.file)))
        # Processes that outlive the hub become children of this process, which ends them.
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self._process = subprocess.Popen(
            [*PYTHON_MODULE, "jupyterhub", "--config", str(config)],
            cwd=settings.hub,
            env=_environment(proxy),
            stdin=subprocess.DEVNULL,
            stdout=self.log.open("wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for this process, which knows a better order
            preexec_fn=_end_with_parent,
        )

    def _wait_until_up(self) -> None:
        assert self._process is not None
        page = f"http://127.0.0.1:{self._settings.port}/hub/login"
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(page):
            if self._process.poll() is not None or time.monotonic() > deadline:
                words = self._last_words()
                raise FairmarkError(f"the hub does not start: {words} (all of it: {self.log})")
            time.sleep(_POLL_SECONDS)

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else "it says nothing"


def _environment(proxy: list[str]) -> dict[str, str]:
    """The hub's environment, with the ports that it uses behind the proxy."""
    secret = ("JUPYTER", "CONFIGPROXY", "OPENBLAS", "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(secret)}
    ports = " ".join(map(str, _free_ports(3)))
    return kept | {
        "FAIRMARK_HUB_PORTS": ports,
        "FAIRMARK_HUB_PROXY": "\n".join(proxy),
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


def _descendants() -> list[psutil.Process]:
    """The processes that this process and its children have started, itself aside."""
    return psutil.Process().children(recursive=True)  # type: ignore[no-any-return]


def _is_server(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return "jupyterhub.singleuser" in " ".join(process.cmdline())
    return False


def _is_running(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        # The hub looks after its servers now and then only, so one that has ended may be a zombie.
        return process.status() != psutil.STATUS_ZOMBIE  # type: ignore[no-any-return]
    return False


def _signal(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def _wait_for(is_done: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_done() and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
