"""What the gradebook must know of an assignment: its cells, points and checksums."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Assignment as AssignmentRow
from nbgrader.api import Gradebook, MissingEntry, Notebook
from nbgrader.preprocessors import SaveCells

from fairmark.course.course import Assignment
from fairmark.course.marks import grade_id, mark_of
from fairmark.course.versions import resources_of
from fairmark.errors import FairmarkError
from fairmark.record.database import alone, gradebook_url
from fairmark.record.queries import query_gradebook


@dataclass(frozen=True)
class CellNames:
    """The marked cells of one notebook, as the gradebook keeps them."""

    grade: dict[str, tuple[float, str]] = field(default_factory=dict)
    solution: frozenset[str] = frozenset()
    task: dict[str, tuple[float, str]] = field(default_factory=dict)
    source: dict[str, tuple[str, bool, str, str | None]] = field(default_factory=dict)
    kernelspec: str = "{}"


def synchronise(gradebook: Gradebook, assignment: Assignment) -> None:
    """Bring what the gradebook knows of the assignment up to date with its source notebook.

    It is nbgrader's own preprocessor that writes; it is only called where something differs.
    """
    if _is_known(gradebook, assignment):
        return
    with alone(assignment.course):
        if not _is_known(gradebook, assignment):  # another program may have written it meanwhile
            _write(gradebook, assignment)


def _is_known(gradebook: Gradebook, assignment: Assignment) -> bool:
    try:
        known = _known(gradebook.find_notebook(assignment.notebook, assignment.name))
    except MissingEntry:
        known = None
    gradebook.db.remove()
    return known == _wanted(assignment.prepared)


def _write(gradebook: Gradebook, assignment: Assignment) -> None:
    gradebook.update_or_create_assignment(assignment.name)
    gradebook.db.remove()  # SaveCells opens its own connection
    try:
        resources = resources_of(assignment.source, assignment.name, assignment.course.directory)
        resources["nbgrader"]["db_url"] = gradebook_url(assignment.course)
        SaveCells(config=assignment.course.config).preprocess(assignment.prepared, resources)
    except RuntimeError:
        raise _other_cells(assignment) from None


def refuse_other_cells(assignment: Assignment) -> None:
    """Raise FairmarkError where an assignment of which submissions were graded has other cells.

    It is what :func:`synchronise` would refuse; nothing is written.
    """

    def known(session: Any) -> Iterable[CellNames]:
        rows = session.query(Notebook).join(AssignmentRow, Notebook.assignment)
        named = (AssignmentRow.name == assignment.name, Notebook.name == assignment.notebook)
        return map(_known, rows.filter(*named))

    for cells in query_gradebook(assignment.course, known):
        if _names(cells) != _names(_wanted(assignment.prepared)):
            raise _other_cells(assignment)


def _names(cells: CellNames) -> tuple[frozenset[str], ...]:
    named = (cells.grade, cells.solution, cells.task, cells.source)
    return tuple(frozenset(names) for names in named)


def _other_cells(assignment: Assignment) -> FairmarkError:
    return FairmarkError(
        f"cells of {assignment.label} were added, removed or renamed since submissions were "
        f"graded: undo that, or run `nbgrader db assignment remove {assignment.name} --force` "
        "and grade again (marks given by hand are lost)"
    )


def _wanted(notebook: NotebookNode) -> CellNames:
    names = CellNames(kernelspec=json.dumps(notebook.metadata.get("kernelspec", {})))
    solution = set()
    for cell in notebook.cells:
        mark, name = mark_of(cell), grade_id(cell)
        if utils.is_grade(cell):
            names.grade[name] = (float(mark["points"]), cell.cell_type)
        if utils.is_solution(cell):
            solution.add(name)
        if utils.is_task(cell):
            names.task[name] = (float(mark["points"]), cell.cell_type)
        if any(
            f(cell) for f in (utils.is_grade, utils.is_solution, utils.is_locked, utils.is_task)
        ):
            names.source[name] = (
                cell.cell_type,
                bool(utils.is_locked(cell)),
                cell.source,
                mark.get("checksum"),
            )
    return CellNames(names.grade, frozenset(solution), names.task, names.source, names.kernelspec)


def _known(notebook: Notebook) -> CellNames:
    return CellNames(
        grade={cell.name: (cell.max_score, cell.cell_type) for cell in notebook.grade_cells},
        solution=frozenset(cell.name for cell in notebook.solution_cells),
        task={cell.name: (cell.max_score, cell.cell_type) for cell in notebook.task_cells},
        source={
            cell.name: (cell.cell_type, cell.locked, cell.source, cell.checksum)
            for cell in notebook.source_cells
        },
        kernelspec=notebook.kernelspec,
    )
