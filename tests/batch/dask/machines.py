"""Machines that share nothing but a network: namespaces of this one, each with files of its own.

What the tests put below ``hidden`` is on the first machine only.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

ADDRESS = "tcp://10.99.0.1:8786"
_NOTICED_SECONDS = "30s"
"""After so long a machine counts as lost; Dask's own default is five minutes."""
_DASK = [sys.executable, "-m", "dask"]


def objection() -> str | None:
    """Why there can be no such machines here, or None."""
    if os.getuid() != 0 or not all(map(shutil.which, ("unshare", "nsenter", "ip"))):
        return "root, and the programs unshare, nsenter and ip, are needed"
    done = subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True, check=False)
    return None if done.returncode == 0 else "this machine lets nobody make network namespaces"


class Machine:
    """One of them, with the processes that were started on it."""

    def __init__(self, number: int, hidden: Path | None) -> None:
        self.address = f"10.99.0.{number}"
        self._running: list[subprocess.Popen[str]] = []
        script = "ip link set lo up; "
        if hidden is not None:
            script += f"mount -t tmpfs -o mode=755 none {hidden}; "
        script += "echo ready; exec sleep infinity"
        self._holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "sh", "-ec", script], stdout=subprocess.PIPE, text=True
        )
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == "ready\n"

    @property
    def pid(self) -> int:
        """A process of the machine."""
        return self._holder.pid

    def start(
        self, command: Sequence[object], variables: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Start a command on the machine."""
        spaces = [f"--{kind}=/proc/{self.pid}/ns/{name}" for kind, name in _KINDS]
        process = subprocess.Popen(
            ["nsenter", *spaces, *map(str, command)],
            env=os.environ
            | {"DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": _NOTICED_SECONDS}
            | dict(variables or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._running.append(process)
        return process

    def start_quietly(
        self, command: Sequence[object], log: Path, variables: Mapping[str, str] | None = None
    ) -> None:
        """Start what runs on, with its output in a file."""
        self.start(["sh", "-c", f'exec "$@" > {log} 2>&1', "quiet", *command], variables)

    def call(self, *command: object) -> subprocess.CompletedProcess[str]:
        """Run a command there to its end."""
        process = self.start(command)
        out, _ = process.communicate(timeout=120)
        self._running.remove(process)
        return subprocess.CompletedProcess(list(map(str, command)), process.returncode, out, "")

    def end(self) -> None:
        """End all that runs there, and the machine."""
        for process in self._everything():
            process.kill()
        for own in [*self._running, self._holder]:
            own.kill()
            own.communicate()

    def _everything(self) -> list[psutil.Process]:
        found = []
        for own in self._running:
            if own.poll() is None:
                process = psutil.Process(own.pid)
                found += [process, *process.children(recursive=True)]
        return found

    @contextmanager
    def slowed(self) -> Iterator[None]:
        """Let all that runs there have a fifth of the time only."""
        over = threading.Event()

        def slow() -> None:
            while not over.is_set():
                self._signal(signal.SIGSTOP)
                time.sleep(0.4)
                self._signal(signal.SIGCONT)
                time.sleep(0.1)

        slowing = threading.Thread(target=slow)
        slowing.start()
        try:
            yield
        finally:
            over.set()
            slowing.join()

    def _signal(self, number: int) -> None:
        for process in self._everything():
            try:
                process.send_signal(number)
            except psutil.NoSuchProcess:  # it has ended meanwhile
                continue


_KINDS = (("net", "net"), ("mount", "mnt"))


class Cluster:
    """A scheduler on the first machine, where the course is, and workers on the others."""

    def __init__(self, hidden: Path, log: Path) -> None:
        self._hidden, self._log = hidden, log
        self.first = Machine(1, None)
        self.others: dict[int, Machine] = {}
        self._ip("link", "add", "br0", "type", "bridge")
        self._ip("address", "add", "10.99.0.1/24", "dev", "br0")
        self._ip("link", "set", "br0", "up")
        call = [*_DASK, "scheduler", "--host", "10.99.0.1", "--port", "8786", "--no-dashboard"]
        self.first.start_quietly(call, log / "scheduler.log")

    def join(self, number: int, variables: Mapping[str, str] | None = None) -> Machine:
        """Let another machine join the network, with a worker."""
        machine = self.others[number] = Machine(number, self._hidden)
        name = f"veth{number}"
        pair = ("type", "veth", "peer", "name", "eth0", "netns", str(machine.pid))
        self._ip("link", "add", name, *pair)
        self._ip("link", "set", name, "master", "br0", "up")
        for words in (
            ("address", "add", f"{machine.address}/24", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
        ):
            assert machine.call("ip", *words).returncode == 0
        call = [*_DASK, "worker", ADDRESS, "--host", machine.address, "--nthreads", 1]
        call += ["--no-dashboard", "--local-directory", self._hidden / "dask"]
        machine.start_quietly(call, self._log / f"worker-{number}.log", variables)
        return machine

    def cut(self, number: int) -> None:
        """Pull a machine's plug: nobody hears from it any more."""
        self._ip("link", "set", f"veth{number}", "down")

    def leave(self, number: int) -> None:
        """Let a machine go."""
        self.others.pop(number).end()

    def wait_for(self, workers: int) -> None:
        """Until so many workers are there."""
        code = (
            "import sys; from distributed import Client\n"
            f"Client({ADDRESS!r}, timeout=90).wait_for_workers({workers}, timeout=90)"
        )
        done = self.first.call(sys.executable, "-c", code)
        assert done.returncode == 0, done.stdout

    def end(self) -> None:
        """End it all."""
        for machine in [*self.others.values(), self.first]:
            machine.end()

    def _ip(self, *words: str) -> None:
        done = self.first.call("ip", *words)
        assert done.returncode == 0, done.stdout
