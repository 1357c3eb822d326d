"""Finding the assignment of a notebook by its cells, or else by its file's name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairmark.course.course import Assignment
from fairmark.course.marks import grade_id
from fairmark.errors import FairmarkError
from fairmark.syntax.cells import names_defined

if TYPE_CHECKING:
    from nbformat import NotebookNode


def match_assignment(
    assignments: Iterable[Assignment], notebook: NotebookNode, path: Path
) -> Assignment:
    """Return the assignment that a loose notebook belongs to; raise FairmarkError for none."""

    def kin(assignment: Assignment) -> tuple[int, int]:
        return kinship(notebook, assignment), _namesake(path, assignment)

    best = max(assignments, key=kin, default=None)
    if best is None or not any(kin(best)):
        raise FairmarkError(
            f"{path} is no notebook of an assignment of this course (use --assignment)"
        )
    return best


def kinship(notebook: NotebookNode, assignment: Assignment) -> int:
    """The number of grade_ids and cell sources that the notebook shares with the assignment.

    Where the notebook has lost all marks, the cells count that share an id or a defined name.
    """
    cells = [*assignment.master.cells, *assignment.handed_out.cells]
    known = set().union(*map(_marks, cells))
    found = sum(len(_marks(cell) & known) for cell in notebook.cells)
    if found or any(grade_id(cell) for cell in notebook.cells):
        return found
    marked = [cell for cell in assignment.master.cells if grade_id(cell)]
    answers = [c for c in marked if c.cell_type == "code" and c.metadata.nbgrader.get("solution")]
    names = frozenset[str]().union(*(names_defined(cell.source) for cell in answers))
    ids = {cell.id for cell in marked}
    return sum(
        bool({cell.id, cell.metadata.get("id")} & ids)
        or (cell.cell_type == "code" and bool(names_defined(cell.source) & names))
        for cell in notebook.cells
    )


def _namesake(path: Path, assignment: Assignment) -> int:
    """How well a path fits: the file's own name counts more than its folder's."""
    alone = assignment.label == assignment.name
    stem = path.stem == assignment.notebook or (alone and path.stem == assignment.name)
    if not stem and not alone:
        return 0  # the folder is that of other notebooks as well
    return 2 * stem + (path.parent.name == assignment.name)


def _marks(cell: Any) -> set[str]:
    """What a cell is recognised by: its grade_id, and its source if that is long enough."""
    marks = set()
    if name := grade_id(cell):
        marks.add("grade:" + name)
    source = str(cell.source).strip()
    if len(source) > 40:
        marks.add("source:" + source)
    return marks
