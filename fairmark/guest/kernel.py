"""A Jupyter kernel in a student's process.

The warm process imports this module before it forks, so that a kernel need only bind its channels:
ipykernel starts its threads when it runs, none when it is imported.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any, NoReturn

import zmq
from ipykernel.heartbeat import Heartbeat
from ipykernel.kernelapp import IPKernelApp
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


def _import_without_debugger() -> None:
    """Import what each kernel would import when it starts, all but the debugger.

    The debugger is the largest part, and connects by TCP, which the sandbox has not.
    """
    modules: dict[str, Any] = sys.modules
    present = modules.pop("debugpy", None)
    modules["debugpy"] = None
    importlib.import_module("ipykernel.debugger")
    del modules["debugpy"]
    if present is not None:
        modules["debugpy"] = present
    for name in ("ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.eventloops"):
        importlib.import_module(name)


_import_without_debugger()


class Kernel:
    """A kernel that is connected, and will serve when it is told to."""

    def __init__(self, info: dict[str, Any], descriptors: list[int]) -> None:
        """Make the kernel.

        ``descriptors`` are listening sockets that the other side made; ``info["ports"]`` tells
        which channel gets which, counted from 1. ``info["key"]`` and ``info["signature_scheme"]``
        sign the messages, and ``info["environment"]`` names variables to set (or, where None, to
        remove).
        """
        for name, value in info["environment"].items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        if InteractiveShell.initialized():  # the warm process's shell: its outputs go elsewhere
            type(InteractiveShell.instance()).clear_instance()
        config = Config()
        config.IPKernelApp.transport = "ipc"
        config.IPKernelApp.parent_handle = 1  # nobody reads the greeting for terminals
        app: Any = _KernelApp.instance(config=config, descriptors=descriptors)
        app.session.key = info["key"]
        app.session.signature_scheme = info["signature_scheme"]
        for channel, port in info["ports"].items():
            setattr(app, f"{channel}_port", port)
        app.initialize([])
        self._app = app
        _enable_figures()

    def serve(self) -> NoReturn:
        """Serve until a message asks for the end."""
        self._app.start()
        self._app.close()
        os._exit(0)


class _KernelApp(IPKernelApp):
    """The usual application, but for where its sockets and settings come from."""

    def __init__(self, descriptors: list[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        self._descriptors = descriptors

    def init_connection_file(self) -> None:
        """The connection was told to :func:`serve_kernel`."""

    def write_connection_file(self, **kwargs: Any) -> None:
        """Nobody could read it."""

    def init_control(self, context: Any) -> None:
        super().init_control(context)  # type: ignore[no-untyped-call]
        # It looks for the shell channel's path, which lies outside: it would look for ever.
        self.debug_shell_socket.disconnect(self.shell_socket.getsockopt(zmq.LAST_ENDPOINT))

    def init_heartbeat(self) -> None:
        address = ("ipc", "heartbeat", self.hb_port)
        self.heartbeat = _Heartbeat(zmq.Context(), address, self._descriptors[self.hb_port - 1])
        self.heartbeat.start()

    def _try_bind_socket(self, s: Any, port: int) -> int:
        _bind(s, self._descriptors[port - 1])
        return port


class _Heartbeat(Heartbeat):
    def __init__(self, context: Any, address: tuple[str, str, int], descriptor: int) -> None:
        super().__init__(context, address)  # type: ignore[no-untyped-call]
        self._descriptor = descriptor

    def _try_bind_socket(self) -> None:
        _bind(self.socket, self._descriptor)


def _bind(sock: Any, descriptor: int) -> None:
    """Let a ZeroMQ socket accept its peers from a socket that listens already."""
    sock.setsockopt(zmq.USE_FD, descriptor)
    sock.bind(f"ipc://descriptor-{descriptor}")  # a name is asked for, and not used


def _enable_figures() -> None:
    """Show figures below their cells, also where matplotlib was imported before the fork."""
    if backend := sys.modules.get("matplotlib_inline.backend_inline"):
        shell = InteractiveShell.instance()
        backend.configure_inline_support.current_backend = "unset"  # of the warm process's shell
        shell.enable_matplotlib("inline")
