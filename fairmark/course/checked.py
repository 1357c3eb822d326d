"""Which answers the test cells of a notebook are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fairmark.course.marks import grade_id, mark_of
from fairmark.syntax.cells import names_defined
from fairmark.syntax.names import names_used

if TYPE_CHECKING:
    from nbformat import NotebookNode


def checked_by_cells(
    master: NotebookNode, solved: NotebookNode
) -> dict[str, dict[str, frozenset[str]]]:
    """Return which answers each test cell is about, with the names that they have to define.

    By the grade_ids of test cells and answers. A test cell is about the answers above it, up to the
    test cells of the answers before those. What the instructor's own answer binds, and the test
    cell uses, has to be defined as well as what the stub binds.
    """
    solutions = {
        grade_id(cell): names_defined(cell.source)
        for cell in solved.cells
        if cell.cell_type == "code"
    }
    found: dict[str, dict[str, frozenset[str]]] = {}
    above: list[Any] = []
    tested = False
    for cell in master.cells:
        mark = mark_of(cell)
        if cell.cell_type != "code" or not grade_id(cell):
            continue
        if mark.get("solution") and not mark.get("grade"):
            above, tested = [*([] if tested else above), cell], False
        elif mark.get("grade") and not mark.get("solution"):
            used, tested = names_used(cell.source), True
            found[grade_id(cell)] = {
                grade_id(answer): names_defined(answer.source)
                | (solutions.get(grade_id(answer), frozenset()) & used)
                for answer in above
            }
    return found
