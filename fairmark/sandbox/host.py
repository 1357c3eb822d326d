"""The judge's side of the zygote: start the warm process, get students' processes from it."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from fairmark.errors import FairmarkError
from fairmark.sandbox import bubblewrap
from fairmark.sandbox.gpu_host import GpuKeeper
from fairmark.sandbox.limits import Limits
from fairmark.sandbox.process import ZygoteProcess
from fairmark.sandbox.protocols import Process
from fairmark.sandbox.rerun import RerunProcess
from fairmark.sandbox.settings import SealName, ZygoteSettings
from fairmark.sandbox.visible import HANDED_OUT, SharedFile, Visible, stage

_START_SECONDS = 180.0


class ZygoteSandbox:
    """A warm process that forks one process per submission; what seals it is for subclasses.

    ``preload`` names the modules that it imports first; ``visible`` is what student code can read
    beside the system.
    """

    mode: ClassVar[str]
    seal: ClassVar[SealName]

    def __init__(
        self, preload: Sequence[str], limits: Limits, visible: Visible | None = None
    ) -> None:
        self.limits = limits
        self._visible = visible or Visible()
        self._shared: dict[SharedFile, str] = {}
        self.warnings: list[str] = []
        self._preload = list(preload)
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._folder: Path | None = None
        self._gpu = GpuKeeper(wanted=self._visible.gpu or limits.gpu_memory_mib > 0)
        self._owner = os.getpid()
        self._ready = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the warm process without waiting for its imports; raise FairmarkError."""
        if self._process is not None:
            return
        self._require()
        self._folder = Path(tempfile.mkdtemp(prefix="fairmark-"))
        try:
            binds = self._lay_out(self._folder)
            self._shared = {file: self._place(file, self._folder) for file in self._visible.files}
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        is_root = self.seal == "namespaces" and os.getuid() == 0
        user = bubblewrap.STUDENT_ID if is_root else None
        self._gpu.find(self.mode)
        settings = ZygoteSettings(
            control=theirs.fileno(),
            preload=self._preload,
            limits=asdict(self.limits),
            user=None if user is None else (user, user),
            seal=self.seal,
            folders=[str(folder) for folder in self._visible.folders],
            shared_files=len(self._visible.files),
            place=str(self._folder),
            readable=self._readable(self._folder),
            gpu=self._gpu.devices,
            gpu_folders=list(self._gpu.gpu.folders) if self._gpu.gpu else [],
            gpu_table=self._gpu.table,
            gpu_choice=self._gpu.choice,
        )
        program = [sys.executable, "-P", "-m", "fairmark.sandbox.zygote", settings.to_json()]
        passwd_read, passwd_write = os.pipe()
        os.write(passwd_write, bubblewrap.passwd())
        os.close(passwd_write)
        self._process = subprocess.Popen(
            [*self._command(passwd_read, binds), *program],
            env=bubblewrap.environment(self._environment(self._folder) | self._gpu.environment),
            pass_fds=(theirs.fileno(), passwd_read, *self._gpu.passed),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        os.close(passwd_read)
        theirs.close()
        self._gpu.start(self._process.pid)
        self._owner = os.getpid()

    def wait_ready(self) -> None:
        """Wait until the imports are done; raise FairmarkError if the warm process can't start."""
        if self._ready:
            return
        self.start()
        assert self._control is not None
        self._control.settimeout(_START_SECONDS)
        try:
            data = self._control.recv(65536)
        except OSError:
            data = b""
        if not data:
            raise FairmarkError(f"the sandbox cannot start: {self._last_words()}")
        self.warnings = list(json.loads(data)["missing"])
        self._ready = True

    def launch(self, limits: Limits | None = None) -> Process:
        """Return a fresh student's process; ``limits`` replace the sandbox's own for it.

        One that may use the GPU waits until no other submission of this machine does. Raises
        FairmarkError where there is none for it.
        """
        self.wait_ready()
        limits = limits or self.limits
        if not limits.gpu_memory_mib:
            return self._launch(limits)
        turn = self._gpu.take_turn(self.mode)
        try:
            return RerunProcess(lambda: self._launch(limits), limits, turn.give_back)
        except BaseException:
            turn.give_back()
            raise

    def _launch(self, limits: Limits) -> ZygoteProcess:
        assert self._control is not None and self._folder is not None
        message: dict[str, Any] = {} if limits == self.limits else {"limits": asdict(limits)}
        message |= self._request(self._folder)
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        status, their_status = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            socket.send_fds(
                self._control,
                [json.dumps(message).encode()],
                [theirs.fileno(), their_status.fileno()],
            )
        except OSError:
            mine.close()
            status.close()
            raise FairmarkError(f"the sandbox has ended: {self._last_words()}") from None
        finally:
            theirs.close()
            their_status.close()
        return ZygoteProcess(mine, status, limits, self._shared, copied=self.seal == "none")

    @property
    def pid(self) -> int:
        """The process id of the sandbox on this machine."""
        assert self._process is not None
        return self._process.pid

    def is_alive(self, seconds: float = 0.0) -> bool:
        """Whether the warm process lives, and does not end within ``seconds``.

        What ends closes its sockets first: whoever notices that is a moment too early.
        """
        if self._process is None:
            return False
        try:
            descriptor = os.pidfd_open(self._process.pid)
        except ProcessLookupError:
            return False
        try:
            return not select.select([descriptor], [], [], seconds)[0]
        finally:
            os.close(descriptor)

    def descriptors(self) -> tuple[int, int]:
        """What another process needs to take the warm process over.

        The first one can be read once the warm process is ready, or has ended.
        """
        assert self._control is not None and self._process is not None
        assert self._process.stderr is not None
        return self._control.fileno(), self._process.stderr.fileno()

    def take_over(self, control: int, stderr: int) -> None:
        """Own the ready warm process, in a process that was forked from the one that started it."""
        assert self._process is not None
        self._control = socket.socket(fileno=control)
        self._control.settimeout(_START_SECONDS)
        self._process.stderr = os.fdopen(stderr, "rb")
        self._owner = os.getpid()

    def leave(self) -> None:
        """Let go of the warm process: another process owns it, and it ends with that one.

        Who started it still calls :meth:`close`, once it has ended.
        """
        if self._control is not None:
            self._control.close()
        if self._process is not None and self._process.stderr is not None:
            self._process.stderr.close()

    def close(self) -> None:
        """End the warm process and everything that was forked from it."""
        if self._process is None or self._owner != os.getpid():
            return
        assert self._control is not None and self._folder is not None
        self._control.close()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()
        self._gpu.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._process = None
        self._ready = False

    def _require(self) -> None:
        """Raise FairmarkError where the machine lacks what the seal is made of."""

    def _command(self, passwd_fd: int, binds: Sequence[tuple[str, str]]) -> list[str]:
        """What comes before the warm process's own command line; ``binds`` are mounts."""
        return []

    def _lay_out(self, folder: Path) -> list[tuple[str, str]]:
        """Fill the sandbox's own folder; raise FairmarkError.

        Return what is to be mounted, each path with the one that it has in the sandbox.
        """
        return []

    def _readable(self, folder: Path) -> list[str]:
        """What student code can read, where nothing is mounted."""
        return []

    def _place(self, file: SharedFile, folder: Path) -> str:
        """Where a shared file lies for a student's process."""
        return str(file.path)

    def _environment(self, folder: Path) -> dict[str, str]:
        """What the warm process's environment has beside the usual; ``folder`` is the sandbox's."""
        return {}

    def _request(self, folder: Path) -> dict[str, Any]:
        """What a student's process is told beside its limits."""
        return {}

    def _last_words(self) -> str:
        """The last line that the warm process wrote to its stderr."""
        if self._process is None or self._process.stderr is None:
            return "it was closed"
        stderr = self._process.stderr
        text = ""
        while select.select([stderr], [], [], 0.5)[0]:
            chunk = os.read(stderr.fileno(), 65536)
            if not chunk:
                break
            text += chunk.decode("utf-8", "replace")
        lines = text.strip().splitlines()
        return lines[-1] if lines else "it ended without a word"


class BubblewrapSandbox(ZygoteSandbox):
    """Sealed by bubblewrap, and each student's process by namespaces of its own."""

    mode = "bubblewrap"
    seal = "namespaces"

    def refuse_visible(self, folder: Path) -> None:
        """Raise FairmarkError when student code could read a folder."""
        bubblewrap.refuse_visible(folder)

    def _require(self) -> None:
        bubblewrap.find_bubblewrap()

    def _lay_out(self, folder: Path) -> list[tuple[str, str]]:
        handed_out = folder / "handed-out"
        mounts = [(handed_out, HANDED_OUT)]
        mounts += [
            (path, f"{HANDED_OUT}/{place}") for path, place in stage(handed_out, self._visible)
        ]
        mounts += [(folder, str(folder)) for folder in self._visible.folders]
        return [(str(path), place) for path, place in mounts]

    def _place(self, file: SharedFile, folder: Path) -> str:
        return f"{HANDED_OUT}/{file.place}"

    def _command(self, passwd_fd: int, binds: Sequence[tuple[str, str]]) -> list[str]:
        gpu = self._gpu.gpu
        if gpu is None:
            return bubblewrap.command(passwd_fd, binds)
        return bubblewrap.command(passwd_fd, binds, gpu.devices, gpu.folders)


class UnsealedSandbox(ZygoteSandbox):
    """The same processes without any seal, for machines that have none: to be asked for by name."""

    mode = "none"
    seal = "none"

    def refuse_visible(self, folder: Path) -> None:
        """Refuse nothing: without a seal, student code can read whatever its user can."""

    def _environment(self, folder: Path) -> dict[str, str]:
        return {name: str(folder) for name in ("HOME", "TMPDIR")}

    def _request(self, folder: Path) -> dict[str, Any]:
        return {"folder": tempfile.mkdtemp(dir=folder)}
