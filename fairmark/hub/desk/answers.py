"""Which answers of a notebook are still as they were handed out."""

from __future__ import annotations

from pathlib import Path

from fairmark.course.marks import grade_id
from fairmark.intake.cells import role_of, same_source
from fairmark.notebook import read_notebook


def empty_answers(released: Path, own: Path) -> list[str]:
    """Return the exercises of a released notebook to which ``own`` has no answer.

    Raises NotebookError where one of them cannot be read. That is how the grader tells it, too; a
    cell that was split or renamed, which the grader would find again, counts as empty here.
    """
    cells = {grade_id(cell): cell for cell in read_notebook(own).cells if grade_id(cell)}
    empty = []
    for stub in read_notebook(released).cells:
        name = grade_id(stub)
        if role_of(stub) in ("answer", "written"):
            cell = cells.get(name)
            if cell is None or not cell.source.strip() or same_source(cell, stub):
                empty.append(name)
    return empty
