"""Cells of the instructor's own notebook that fail: each is named, and the rest is proven."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairmark.course.course import Assignment
from fairmark.course.marks import cell_by_place, grade_id, mark_of
from fairmark.grading.execute import complaint
from fairmark.harness.report import Report

_GOES_ON = "raises-exception"
"""By this tag Jupyter knows that a cell is meant to fail."""


def broken_cells(report: Report, assignment: Assignment) -> dict[str, str]:
    """Return why cells fail, by how a person finds them; the report is of the solved notebook.

    Test cells are none: what they give is told elsewhere.
    """
    ran = {_key(cell): cell for cell in report.cells}
    found = {}
    for number, cell in enumerate(assignment.solved.cells, 1):
        mark = mark_of(cell)
        is_test = mark.get("grade") and not mark.get("solution")
        if is_test or _GOES_ON in cell.metadata.get("tags", []) or _key(cell) not in ran:
            continue
        if why := complaint(ran[_key(cell)]):
            found[grade_id(cell) or cell_by_place(cell, number)] = why
    return found


def _key(cell: Mapping[str, Any]) -> str:
    """What a cell keeps through repairs: its mark's name, else its own id."""
    mark = cell["metadata"].get("nbgrader", {})
    return f"mark:{mark['grade_id']}" if "grade_id" in mark else f"id:{cell.get('id')}"
