"""Marks that a person gave: for which answer, and whether the student has changed it since.

The gradebook keeps the points that a person gave, and asks for another look whenever a notebook is
graded again. It does not keep what the points were given for: that is the answer in the graded
notebook that lay there at the time. Its digest is carried on in the notebooks that come after it,
until a person saves the mark again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import nbformat
from nbgrader import utils
from nbgrader.api import Assignment as AssignmentRow
from nbgrader.api import BaseCell, Grade, Notebook, SubmittedAssignment, SubmittedNotebook

from fairmark.course.course import Assignment
from fairmark.course.marks import grade_id
from fairmark.notebook import NotebookError, parse_notebook, source_of

Marked = Mapping[str, str]
"""By the cell that has the points: a digest of the answer for which a person gave them."""


def marked_by_hand(
    session: Any, assignment: Assignment, student: str | None = None
) -> dict[str, Marked]:
    """Return, by student, what a person has marked, as it was when it was marked.

    Of all students unless one is named. What nobody can tell any more, because the graded notebook
    is gone, is left out. To be asked before the notebook is graded again.
    """
    cells = _of(
        _grades(session, SubmittedAssignment.student_id, BaseCell.name, Grade.needs_manual_grade),
        assignment,
    ).filter(Grade.manual_score.is_not(None))
    if student is not None:
        cells = cells.filter(SubmittedAssignment.student_id == student)
    by_student: dict[str, dict[str, bool]] = {}
    for who, name, needed in cells:
        by_student.setdefault(who, {})[name] = not needed
    return {who: _when_marked(assignment, who, seen) for who, seen in by_student.items()}


def changed_answers(marked: Marked, cells: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return which of the marked answers are others in these cells, by the cell with the points."""
    if not marked:
        return []
    there = answers(cells)
    return sorted(name for name, digest in marked.items() if there.get(name) != digest)


def noted_changes(note: Mapping[str, Any]) -> frozenset[str]:
    """Return what a note or a graded notebook tells of :func:`changed_answers`."""
    changed = note.get("changed")
    return frozenset(map(str, changed if isinstance(changed, list) else ()))


def to_look_at(session: Any) -> list[Any]:
    """Return the marks by hand that no person has looked at since the notebook was graded again.

    Each is a student, an assignment, a notebook and the cell that has the points.
    """
    columns = (SubmittedAssignment.student_id, AssignmentRow.name, Notebook.name, BaseCell.name)
    again = (Grade.needs_manual_grade, Grade.manual_score.is_not(None))
    return list(_grades(session, *columns).filter(*again))


def auto_scores(session: Any, assignment: Assignment) -> list[Any]:
    """Return the points that were given automatically, each with its student and cell."""
    columns = (SubmittedAssignment.student_id, BaseCell.name, Grade.auto_score)
    return list(_of(_grades(session, *columns), assignment))


def answers(cells: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return a digest of each answer, by the grade_id of the cell that has its points.

    A test cell has the points of the answers above it, a task those of the cells below it.
    """
    found: dict[str, str] = {}
    above: list[Any] = []
    below: dict[str, list[Any]] = {}
    tested, task = False, ""
    for raw in cells:
        cell = nbformat.from_dict(dict(raw))
        name = grade_id(cell)
        if not name and task:
            below[task].append(cell)
        elif utils.is_task(cell):
            below[name] = []
        elif utils.is_grade(cell) and utils.is_solution(cell):
            found[name] = _digest([cell])
        elif utils.is_grade(cell):
            found[name], tested = _digest(above), True
        elif utils.is_solution(cell):
            above, tested = [*([] if tested else above), cell], False
        if name:
            task = name if name in below else ""
    return found | {name: _digest(written) for name, written in below.items()}


def _when_marked(assignment: Assignment, student: str, seen: Mapping[str, bool]) -> Marked:
    """``seen`` tells of each cell whether a person has marked it since it was last graded."""
    folder = assignment.course.folder("autograded", student, assignment.name)
    try:
        data = (folder / assignment.source.name).read_bytes()
        notebook = parse_notebook(data, assignment.source.name)
    except (OSError, NotebookError):
        return {}
    there = answers(notebook.cells)
    before = _remembered(notebook.metadata)
    found = {
        # Until a person looks again, the mark is still the one for the earlier answer.
        name: there.get(name) if since else before.get(name, there.get(name))
        for name, since in seen.items()
    }
    return {name: digest for name, digest in found.items() if digest is not None}


def _digest(cells: Iterable[Any]) -> str:
    """Outputs do not count, nor does empty space around an answer."""
    content = [(source_of(cell).strip(), cell.get("attachments") or {}) for cell in cells]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _remembered(metadata: Mapping[str, Any]) -> Marked:
    """What the graded notebook tells of an earlier one's marks."""
    own = metadata.get("fairmark")
    marked = own.get("marked") if isinstance(own, dict) else None
    if not isinstance(marked, dict):
        return {}
    return {name: digest for name, digest in marked.items() if isinstance(digest, str)}


def _grades(session: Any, *columns: Any) -> Any:
    return (
        session.query(*columns)
        .join(AssignmentRow, SubmittedAssignment.assignment_id == AssignmentRow.id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
    )


def _of(grades: Any, assignment: Assignment) -> Any:
    return grades.filter(
        AssignmentRow.name == assignment.name, Notebook.name == assignment.notebook
    )
