"""The notebook as it was last saved: what it says of the cells that ran and of the others."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fairmark.selfcheck.exercises import Exercise, read_cells, source_of
from fairmark.selfcheck.history import Run
from fairmark.syntax.cells import names_defined, parsed
from fairmark.syntax.names import bound

_SESSION = "JPY_SESSION_NAME"
"""Where Jupyter's server tells a kernel which notebook it is for."""
_LARGEST = 64 * 2**20


def saved_notebook(folder: Path) -> Path | None:
    """Return the file of this kernel's notebook; None where it is not known."""
    named = Path(os.environ.get(_SESSION, ""))
    if named.suffix == ".ipynb" and (place := folder / named).is_file():
        return place
    found = sorted(folder.glob("*.ipynb"))
    return found[0] if len(found) == 1 else None


class Saved:
    """The cells of a notebook's file, and when it was written."""

    def __init__(self, path: Path | None) -> None:
        self._cells: list[dict[str, Any]] = []
        self._written = 0.0
        try:
            if path is not None and path.stat().st_size <= _LARGEST:
                self._written = path.stat().st_mtime
                self._cells = read_cells(path)
        except OSError:
            return

    def changed_since(self, exercise: Exercise, runs: Mapping[str, Run]) -> bool:
        """Whether a cell of the exercise was edited after it ran, and was not run again.

        It is said only where there is no doubt: the file is younger than the run, and knows of it.
        """
        for cell in self._cells:
            run = runs.get(str(cell.get("id")))
            if run is None or not self._is_of(cell, exercise):
                continue
            knows = self._written > run.when and cell.get("execution_count") == run.number
            if knows and source_of(cell).strip() != run.source.strip():
                return True
        return False

    def made_above(self, names: Iterable[str], exercise: Exercise) -> list[str]:
        """Return those of the names that a code cell outside the exercise makes."""
        made: set[str] = set()
        for cell in self._cells:
            tree = parsed(source_of(cell)) if cell.get("cell_type") == "code" else None
            if tree is not None and not self._is_of(cell, exercise):
                made |= {name for statement in tree.body for name in bound(statement)}
        return sorted(set(names) & made)

    def _is_of(self, cell: Mapping[str, Any], exercise: Exercise) -> bool:
        if cell.get("cell_type") != "code":
            return False
        mark = dict(cell.get("metadata") or {}).get("nbgrader")
        if isinstance(mark, dict) and mark.get("solution"):
            return bool(mark.get("grade_id") == exercise.id)
        return bool(names_defined(source_of(cell)) & set(exercise.names))
