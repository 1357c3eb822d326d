"""Which cells ran in this kernel, with what text: so that one edited since is noticed.

Only frontends that name the cells that they run, as JupyterLab does, make this possible. The
notebook is read as it was last saved.
"""

from __future__ import annotations

import time
from typing import Any, NamedTuple


class Run(NamedTuple):
    """The last run of a cell."""

    source: str
    number: int
    """The number beside the cell."""
    when: float


runs: dict[str, Run] = {}
"""The last runs in this kernel, by the id of the cell."""

_watched: list[Any] = []


def watch(shell: Any) -> None:
    """Note each cell that this IPython runs from now on."""
    if shell not in _watched:
        _watched.append(shell)
        shell.events.register("post_run_cell", _note)


def _note(result: Any) -> None:
    info = getattr(result, "info", None)
    cell_id, number = getattr(info, "cell_id", None), getattr(result, "execution_count", None)
    if isinstance(cell_id, str) and isinstance(number, int):
        runs[cell_id] = Run(str(getattr(info, "raw_cell", "")), number, time.time())
