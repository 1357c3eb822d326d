"""nbgrader's mark of a cell: the metadata that states the use of the cell."""

from __future__ import annotations

from typing import Any

_CHECK_PREFIX = "check_"
_IMPORT = "from fairmark import check\n"
_CALL = "check("


def mark_of(cell: Any) -> dict[str, Any]:
    """Return a cell's mark (``metadata.nbgrader``); an empty one where there is none."""
    mark = cell.metadata.get("nbgrader")
    return mark if isinstance(mark, dict) else {}


def grade_id(cell: Any) -> str:
    """Return the name that a cell's mark gives it; "" where it gives none."""
    name = mark_of(cell).get("grade_id")
    return name if isinstance(name, str) else ""


def cell_by_place(cell: Any, number: int) -> str:
    """Return how a person finds a cell without a mark: its place, and what it starts with."""
    first = next((line.strip() for line in str(cell.source).splitlines() if line.strip()), "")
    return f"cell {number} ({first:.40})" if first else f"cell {number}"


def checked_by(check_cell: str) -> str:
    """Return the id of the exercise that is checked by the cell with this grade_id.

    The cell that checks ``conv1d`` is called ``check_conv1d``.
    """
    return check_cell.removeprefix(_CHECK_PREFIX)


def with_import(source: str) -> str:
    """Return a check cell's source as a release has it: it works after a restart, too.

    A check can then say which cells to run first, where Python would say that there is no check.
    """
    return _IMPORT + source if source.startswith(_CALL) else source


def without_import(source: str) -> str:
    """Return a check cell's source as the instructor wrote it; any other source unchanged."""
    return source.removeprefix(_IMPORT) if source.startswith(_IMPORT + _CALL) else source
