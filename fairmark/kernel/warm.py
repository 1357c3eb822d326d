"""Warm sandboxes that are kept for all kernels of this process."""

from __future__ import annotations

import atexit
import json
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import asdict

from fairmark.errors import FairmarkError
from fairmark.sandbox import Limits, Sandbox, make_sandbox

KERNEL_MODULE = "fairmark.guest.kernel"
_CLOSE_SECONDS = 5.0

_lock = threading.Lock()
_kept: dict[str, _Keeper] = {}


def kernel_sandbox(preload: Sequence[str], limits: Limits, mode: str) -> Future[Sandbox]:
    """Return the sandbox with these settings, started at the first call; it can fork kernels."""
    key = json.dumps([list(preload), asdict(limits), mode])
    with _lock:
        keeper = _kept.get(key)
        if keeper is None or keeper.is_over():
            keeper = _kept[key] = _Keeper(make_sandbox([KERNEL_MODULE, *preload], limits, mode))
            keeper.start()
        return keeper.sandbox


def forget(sandbox: Sandbox) -> None:
    """Close a sandbox that has broken, so that the next call starts a new one."""
    with _lock:
        keepers = [keeper for keeper in _kept.values() if keeper.keeps(sandbox)]
    for keeper in keepers:
        keeper.close()


@atexit.register
def close_all() -> None:
    """End all warm sandboxes, and all kernels with them."""
    with _lock:
        keepers = list(_kept.values())
        _kept.clear()
    for keeper in keepers:
        keeper.close()


class _Keeper(threading.Thread):
    """A thread that starts one sandbox and lives as long as it.

    Linux ends a sandbox with the *thread* that started it, as bubblewrap asks it to. A kernel may
    be launched from a thread that ends soon.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(name="fairmark-sandbox", daemon=True)
        self.sandbox: Future[Sandbox] = Future()
        self._sandbox = sandbox
        self._done = threading.Event()

    def run(self) -> None:
        try:
            with self._sandbox:
                self._sandbox.wait_ready()
                for warning in self._sandbox.warnings:
                    if KERNEL_MODULE in warning:
                        raise FairmarkError(f"no kernel can run: {warning}")
                self.sandbox.set_result(self._sandbox)
                self._done.wait()
        except BaseException as error:
            self.sandbox.set_exception(error)

    def is_over(self) -> bool:
        """Whether a new sandbox is needed."""
        return self._done.is_set() or (self.sandbox.done() and self.sandbox.exception() is not None)

    def keeps(self, sandbox: Sandbox) -> bool:
        """Whether this thread keeps that sandbox."""
        return self._sandbox is sandbox

    def close(self) -> None:
        """End the sandbox and wait for its end."""
        self._done.set()
        self.join(_CLOSE_SECONDS)
