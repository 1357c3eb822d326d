"""What the judge's side tells the warm process at its start."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

SealName = Literal["namespaces", "account", "none"]


@dataclass(frozen=True)
class ZygoteSettings:
    """What the zygote is told at its start."""

    control: int
    """Descriptor of the socket that requests come from."""
    preload: list[str]
    limits: dict[str, Any]
    user: tuple[int, int] | None
    """(uid, gid) to become, where the sandbox was set up by root."""
    seal: SealName
    """What seals a student's process."""
    folders: list[str]
    """Folders of the machine that can be read, at their own paths."""
    shared_files: int
    """How many files a submission may get a link to, in its work folder."""
    place: str
    """The sandbox's own folder on this machine, where that is seen."""
    readable: list[str]
    """What can be read, where nothing is mounted."""

    gpu: list[str]
    """The device files of a GPU that submissions may be given, as they are called here."""
    gpu_folders: list[str]
    """What its driver's libraries read about it, and others need not see."""
    gpu_table: int | None
    """Descriptor of the table of what processes hold of its memory; None where no limit is held."""
    gpu_choice: str | None
    """Which GPUs CUDA may find for those; None for all that it sees."""

    @classmethod
    def from_json(cls, text: str) -> ZygoteSettings:
        """Read what :meth:`to_json` wrote."""
        raw = json.loads(text)
        return cls(**{**raw, "user": tuple(raw["user"]) if raw["user"] else None})

    def to_json(self) -> str:
        """The settings as one command line argument."""
        return json.dumps(asdict(self))
