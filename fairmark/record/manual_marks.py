"""Marks that a person gave: for which answer, and whether the student has changed it since.

The gradebook keeps the points that a person gave, and asks for another look whenever a notebook is
graded again. It does not keep the answer that got the points: that is in the graded notebook, which
the next one replaces. So each graded notebook keeps a digest of that answer, until a person saves
the mark again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbgrader import utils

from fairmark.course.course import Assignment
from fairmark.course.marks import grade_id
from fairmark.harness.report import Report
from fairmark.notebook import NotebookError, parse_notebook, source_of
from fairmark.record.queries import marked_cells
from fairmark.sanitise.text import clean_text

Marked = Mapping[str, str]
"""By the cell that has the points: a digest of the answer for which a person gave them."""


def marked_by_hand(
    session: Any, assignment: Assignment, student: str | None = None
) -> dict[str, Marked]:
    """Return, by student, digests of the answers that a person has marked, as they were then.

    ``student`` asks for one student only. Left out are answers whose graded notebook is gone. To be
    called before the notebook is graded again, which replaces the graded notebook.
    """
    return {
        who: _when_marked(assignment, who, again)
        for who, again in marked_cells(session, assignment, student).items()
    }


def changed_answers(marked: Marked, cells: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the marked answers that differ in these cells, as names of the cells with points."""
    if not marked:
        return []
    there = answers(cells)
    return sorted(name for name, digest in marked.items() if there.get(name) != digest)


def noted_changes(note: Mapping[str, Any]) -> frozenset[str]:
    """Return the changed answers that a note or a graded notebook lists."""
    changed = note.get("changed")
    return frozenset(map(str, changed if isinstance(changed, list) else ()))


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


def is_as_graded(graded: Path, report: Report) -> bool:
    """Whether the student's cells of a report are those of the graded notebook in this file."""
    try:
        notebook = parse_notebook(graded.read_bytes(), graded.name)
    except (OSError, NotebookError):
        return False
    return _own_cells(notebook.cells) == _own_cells(report.cells)


def _own_cells(cells: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """What a student can change: all cells but those that are locked, cleaned as when graded."""
    own = (cell for cell in map(nbformat.from_dict, map(dict, cells)) if not utils.is_locked(cell))
    found = [(cell.cell_type, clean_text(source_of(cell)).strip()) for cell in own]
    return [(kind, source) for kind, source in found if source]


def _when_marked(assignment: Assignment, student: str, again: Mapping[str, bool]) -> Marked:
    """The marked answers of one student.

    ``again`` says of each cell whether it was graded again since a person marked it.
    """
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
        name: before.get(name, there.get(name)) if graded_since else there.get(name)
        for name, graded_since in again.items()
    }
    return {name: digest for name, digest in found.items() if digest is not None}


def _digest(cells: Iterable[Any]) -> str:
    """Outputs do not count, nor does empty space around an answer."""
    content = [(source_of(cell).strip(), cell.get("attachments") or {}) for cell in cells]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _remembered(metadata: Mapping[str, Any]) -> Marked:
    """The digests that a graded notebook took over from the one before it."""
    own = metadata.get("fairmark")
    marked = own.get("marked") if isinstance(own, dict) else None
    if not isinstance(marked, dict):
        return {}
    return {name: digest for name, digest in marked.items() if isinstance(digest, str)}
