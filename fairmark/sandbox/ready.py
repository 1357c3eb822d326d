"""A sandbox that somebody has made ready before it was asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from fairmark.sandbox.limits import Limits
from fairmark.sandbox.protocols import Sandbox
from fairmark.sandbox.visible import SharedFile, Visible


@dataclass(frozen=True)
class Wanted:
    """All that makes one sandbox another one."""

    preload: tuple[str, ...]
    limits: Limits
    mode: str
    visible: Visible

    def as_json(self) -> str:
        """The same as a text, which is equal for what is equal."""
        files = sorted((f.place, str(f.path), list(f.stamp)) for f in self.visible.files)
        seen = {"folders": [str(folder) for folder in self.visible.folders], "files": files}
        plain = {"preload": self.preload, "limits": asdict(self.limits), "mode": self.mode, **seen}
        return json.dumps(plain)

    @classmethod
    def from_json(cls, text: str) -> Wanted:
        """Read what :meth:`as_json` wrote."""
        raw: dict[str, Any] = json.loads(text)
        files = (
            SharedFile(place, Path(path), (stamp[0], stamp[1], stamp[2]))
            for place, path, stamp in raw["files"]
        )
        visible = Visible(tuple(map(Path, raw["folders"])), frozenset(files))
        return cls(tuple(raw["preload"]), Limits(**raw["limits"]), raw["mode"], visible)


@runtime_checkable
class Keepable(Sandbox, Protocol):
    """A sandbox that one process can make ready for another, a fork of it."""

    def descriptors(self) -> tuple[int, int]:
        """What the other process needs to take it over.

        The first one can be read once the sandbox is ready, or has ended.
        """

    def take_over(self, control: int, stderr: int) -> None:
        """In the other process: own the ready sandbox, by copies of its descriptors."""

    def leave(self) -> None:
        """Let go of a sandbox that another process owns: it ends with that one.

        Who started it still calls :meth:`close`, once it has ended.
        """


_take: Callable[[Wanted], Sandbox | None] | None = None


def offer(take: Callable[[Wanted], Sandbox | None]) -> None:
    """From now on, ask ``take`` for ready sandboxes; each that it returns is the asker's own."""
    global _take
    _take = take


def ready_sandbox(
    preload: Sequence[str], limits: Limits, mode: str, visible: Visible
) -> Sandbox | None:
    """Return a sandbox that was made ready with exactly this, to be closed; None without one."""
    if _take is None or visible.gpu or limits.gpu_memory_mib:
        return None  # with a GPU goes what looks after its memory: it is the command's own
    return _take(Wanted(tuple(preload), limits, mode, visible))
