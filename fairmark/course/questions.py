"""The questions of a notebook: what its cells with points ask."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fairmark.course.marks import checked_by, mark_of

if TYPE_CHECKING:
    from nbformat import NotebookNode


@dataclass(frozen=True)
class Question:
    """One exercise of an assignment."""

    id: str
    """The grade_id of the cell that the student writes in, or of the test cell about it."""
    points: float
    manual: bool
    """Marked by hand."""
    grade_cell: str
    """The grade_id of the cell that carries the points."""
    judged: bool = True
    """Marked by graders: neither by hand, nor by its own test cell."""


def questions_in(
    master: NotebookNode, left: Container[str] | None, *, named_by_tests: bool
) -> tuple[Question, ...]:
    """Return the questions of a notebook, in its order.

    Those in ``left`` are marked by their test cells, with None all of them. ``named_by_tests`` says
    whether a question has the grade_id of its test cell.
    """
    found = []
    for cell in master.cells:
        mark = mark_of(cell)
        if not mark.get("grade") and not mark.get("task"):
            continue
        grade_id, manual = mark["grade_id"], bool(mark.get("solution") or mark.get("task"))
        question_id = grade_id if manual or named_by_tests else checked_by(grade_id)
        judged = not manual and left is not None and question_id not in left
        found.append(Question(question_id, float(mark["points"]), manual, grade_id, judged))
    return tuple(found)
