"""A further kind of sandbox: the usual one, which counts what it has launched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from fairmark.sandbox import Limits, Process, Sandbox, Visible
from fairmark.sandbox.host import BubblewrapSandbox


class CountingSandbox:
    """Has no method but those that a sandbox must have."""

    mode = "counting"

    def __init__(self, preload: Sequence[str], limits: Limits, visible: Visible) -> None:
        self.launched = 0
        self._real: Sandbox = BubblewrapSandbox(preload, limits, visible)

    @property
    def limits(self) -> Limits:
        return self._real.limits

    @property
    def warnings(self) -> list[str]:
        return self._real.warnings

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
        self._real.start()

    def wait_ready(self) -> None:
        self._real.wait_ready()

    def launch(self, limits: Limits | None = None) -> Process:
        self.launched += 1
        return self._real.launch(limits)

    def is_alive(self, seconds: float = 0.0) -> bool:
        return self._real.is_alive(seconds)

    def refuse_visible(self, folder: Path) -> None:
        self._real.refuse_visible(folder)

    def close(self) -> None:
        self._real.close()
