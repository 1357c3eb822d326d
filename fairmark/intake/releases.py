"""Whether a cell is as some release of the assignment had it: then no student has changed it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode


def is_as_released(cell: NotebookNode, mark: Mapping[str, Any]) -> bool:
    """Whether a cell is as it was when nbgrader last computed the checksum in its ``mark``.

    The checksum is over the cell's source, flags, points and id. A student can compute one, too:
    so nothing but the wording of a repair may depend on this.
    """
    from nbgrader.utils import compute_checksum

    claimed = NotebookNode(
        cell_type=cell.cell_type,
        source=cell.source,
        metadata=NotebookNode(nbgrader=dict(mark)),
    )
    try:
        return bool(mark.get("checksum") == compute_checksum(claimed))
    except (KeyError, TypeError, ValueError):  # of a damaged mark
        return False
