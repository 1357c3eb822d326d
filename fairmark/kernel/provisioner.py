"""A Jupyter kernel provisioner whose kernels are forks of a warm, sealed process.

The kernel's channels are Unix sockets that this side makes and listens at, in a folder that only
this user can enter. The kernel is handed the sockets; it sees neither the folder nor a network.
"""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
import tempfile
import time
import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from traitlets import Bool, Dict, Enum, List, Unicode, default

from fairmark.errors import FairmarkError
from fairmark.kernel.warm import forget, kernel_sandbox
from fairmark.sandbox import DEFAULT_MODE, SANDBOXES, Limits, Process
from fairmark.wire.channel import ChannelClosed, ChannelTimeout
from fairmark.wire.codec import WireError

CHANNELS = ("shell", "iopub", "stdin", "control", "hb")
"""Their ports are 1 to 5: in the transport "ipc" a port is the end of the socket's name."""

_PASSED_ON = ("NBGRADER_EXECUTION",)
_LONGEST_SOCKET_NAME = 100
_KILL_SECONDS = 2.0
_SHUTDOWN_SECONDS = 1.0
_POLL_SECONDS = 0.005
_ATTEMPTS = 3


class SandboxProvisioner(KernelProvisionerBase):
    """Starts kernels in the sandbox.

    The settings come from the kernelspec (``metadata.kernel_provisioner.config``), from
    ``c.SandboxProvisioner`` or from ``c.Fairmark`` of the application that starts the kernel.
    No configuration file is looked for near the notebook: it might be a student's.
    """

    preload = List(Unicode(), config=True, help="Modules that the warm process imports.")
    limits = Dict(config=True, help="Limits that differ from fairmark.sandbox.Limits, by name.")
    sandbox = Enum(
        list(SANDBOXES),
        default_value=DEFAULT_MODE,
        config=True,
        help='"none" runs kernels without a sandbox, where bubblewrap cannot be had.',
    )
    copy_files = Bool(
        config=True,
        help="""Give the kernel a copy of the plain files, notebooks excepted, in the folder that it
        is started in and below. Off by default: there may be graders among them.""",
    )

    _process: Process | None = None
    _folder: Path | None = None
    _exit_code = 0

    @default("preload")
    def _default_preload(self) -> list[str]:
        return list(self.config.Fairmark.get("preload", ["numpy"]))

    @default("limits")
    def _default_limits(self) -> dict[str, Any]:
        return dict(self.config.Fairmark.get("limits", {}))

    @property
    def has_process(self) -> bool:
        """Whether there is a kernel, alive or not yet waited for."""
        return self._process is not None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Make the folder for the sockets. The kernelspec's command is not used."""
        if self._folder is None:
            self._folder = _make_folder()
            self._remove_folder = weakref.finalize(
                self, shutil.rmtree, self._folder, ignore_errors=True
            )
        self.connection_info = self._connection_info()
        return await super().pre_launch(cmd=[], **kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel from the warm process, which is started if there is none."""
        wanted = (*_PASSED_ON, *(self.kernel_spec.env if self.kernel_spec else ()))
        info = {
            "key": self.connection_info["key"],
            "signature_scheme": self.connection_info["signature_scheme"],
            "ports": {channel: port for port, channel in enumerate(CHANNELS, 1)},
            "environment": {name: kwargs.get("env", {}).get(name) for name in wanted},
        }
        files: dict[str, bytes] = {}
        if self.copy_files and kwargs.get("cwd"):
            from fairmark.files import read_folder

            files, left_out = read_folder(Path(kwargs["cwd"]))
            for name in left_out:
                self.log.warning("the kernel does without a file beside its notebook: %s", name)
        listening = [self._listen(port) for port in range(1, len(CHANNELS) + 1)]
        try:
            self._process = await self._fork(info, listening, files)
        finally:
            for sock in listening:
                sock.close()  # the kernel has its own copies
        return self.connection_info

    async def poll(self) -> int | None:
        """Return None while the kernel runs, else its exit code (minus the signal's number)."""
        if self._process is None:
            return self._exit_code
        exit_status = self._process.wait(0.0)
        if exit_status is None:
            return None
        self._exit_code = -exit_status.signal if exit_status.signal else exit_status.code
        return self._exit_code

    async def wait(self) -> int | None:
        """Wait for the kernel's end."""
        while await self.poll() is None:
            await asyncio.sleep(_POLL_SECONDS)
        if self._process is not None:
            self._process.close()
            self._process = None
        return self._exit_code

    async def send_signal(self, signum: int) -> None:
        """Interrupt the kernel by a message on SIGINT; kill it on a signal that ends a process.

        No real signal can be sent: the sandbox has process numbers of its own.
        """
        if self._process is None:
            return
        if signum == signal.SIGINT and self.parent is not None:
            control = self.parent.connect_control()
            self.parent.session.send(control, "interrupt_request", content={})
            control.close()
        elif signum in (signal.SIGTERM, signal.SIGKILL, signal.SIGQUIT, signal.SIGHUP):
            await self.kill()

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel and everything that it started."""
        if self._process is None:
            return
        self._process.kill()
        deadline = time.monotonic() + _KILL_SECONDS
        while await self.poll() is None and time.monotonic() < deadline:
            await asyncio.sleep(_POLL_SECONDS)

    async def terminate(self, restart: bool = False) -> None:
        """Kill the kernel: by now Jupyter has asked it by a message to shut down."""
        await self.kill(restart)

    async def cleanup(self, restart: bool = False) -> None:
        """Leave no process and no socket behind; the warm process stays."""
        await self.kill(restart)
        if self._process is not None:
            self._process.close()
            self._process = None
        if self._folder is not None and not restart:
            self._remove_folder()
            self._folder = None

    def get_shutdown_wait_time(self, recommended: float = 5.0) -> float:
        """Return how long a kernel may take to shut down; nothing that it could save is kept."""
        return min(recommended, _SHUTDOWN_SECONDS)

    def _connection_info(self) -> KernelConnectionInfo:
        assert self.parent is not None and self._folder is not None
        info: dict[str, Any] = {f"{name}_port": port for port, name in enumerate(CHANNELS, 1)}
        info["transport"] = "ipc"
        info["ip"] = str(self._folder / "k")
        info["key"] = self.parent.session.key
        info["signature_scheme"] = self.parent.session.signature_scheme
        return cast(KernelConnectionInfo, info)

    def _listen(self, port: int) -> socket.socket:
        assert self._folder is not None
        path = self._folder / f"k-{port}"
        path.unlink(missing_ok=True)  # of the kernel that is being restarted
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(str(path))
        sock.listen(64)
        sock.setblocking(False)
        return sock

    async def _fork(
        self, info: dict[str, Any], listening: list[socket.socket], files: dict[str, bytes]
    ) -> Process:
        # A GPU is one submission's at a time, and a kernel lives long.
        limits, mode = replace(Limits(**self.limits), gpu_memory_mib=0), str(self.sandbox)
        error: Exception | None = None
        for _ in range(_ATTEMPTS):
            sandbox = await asyncio.wrap_future(kernel_sandbox(self.preload, limits, mode))
            try:
                process = await asyncio.to_thread(sandbox.launch)
            except FairmarkError as ended:  # the warm process has, perhaps long ago
                await asyncio.to_thread(forget, sandbox)
                error = ended
                continue
            try:
                await asyncio.to_thread(_start_kernel, process, info, listening, files)
                return process
            except ChannelClosed as closed:  # the warm process may just be ending, or may not:
                process.close()  # it must not be closed, for other kernels would end with it
                error = closed
            except BaseException:
                process.close()
                raise
        raise FairmarkError(f"the kernel cannot start: {error!r}") from error


def _start_kernel(
    process: Process,
    info: dict[str, Any],
    listening: list[socket.socket],
    files: dict[str, bytes],
) -> None:
    try:
        process.send_files(files)
        process.start_kernel(info, listening)
    except ChannelTimeout:
        raise FairmarkError("the kernel cannot start: it takes too long") from None
    except WireError as error:
        raise FairmarkError(f"the kernel cannot start: {error}") from None


def _make_folder() -> Path:
    """Make a folder for sockets that only this user can enter, with a name that is short enough."""
    folder = Path(tempfile.mkdtemp(prefix="fairmark-"))
    if len(bytes(folder / "k-1")) > _LONGEST_SOCKET_NAME:
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="fairmark-", dir="/tmp"))
    return folder
