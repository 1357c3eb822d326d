"""The instructor's answers: the names that they define, and the code that they need."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fairmark.course.course import Assignment
from fairmark.course.marks import grade_id, mark_of
from fairmark.syntax.cells import names_defined
from fairmark.syntax.names import names_used
from fairmark.syntax.slices import needed_statements


def answers_names(assignment: Assignment, question_id: str) -> list[str]:
    """Return the names that an answer to this question has to define, sorted."""
    for cell in assignment.master.cells:
        if grade_id(cell) == question_id:
            return sorted(names_defined(cell.source))
    return []


def asked_names(assignment: Assignment, question_id: str) -> frozenset[str]:
    """Return the names that this question may ask for: the instructor's own answer binds them."""
    solved = [cell for cell in assignment.solved.cells if grade_id(cell) == question_id]
    bound = [names_defined(cell.source) for cell in solved if cell.cell_type == "code"]
    return frozenset(answers_names(assignment, question_id)).union(*bound)


def checked_answers(assignment: Assignment) -> dict[str, dict[str, frozenset[str]]]:
    """Return which answers each test cell is about, with the names that they have to define.

    By the grade_ids of test cells and answers. A test cell is about the answers above it, up to the
    test cells of the answers before those. What the instructor's own answer binds, and the test
    cell uses, has to be defined as well as what the stub binds.
    """
    solutions = {
        grade_id(cell): names_defined(cell.source)
        for cell in assignment.solved.cells
        if cell.cell_type == "code"
    }
    found: dict[str, dict[str, frozenset[str]]] = {}
    above: list[Any] = []
    tested = False
    for cell in assignment.master.cells:
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


def bare_cells(assignment: Assignment) -> list[str]:
    """Return the instructor's code cells without code that no answer needs: figures, trainings, ...

    Cells with a mark of nbgrader are unchanged.
    """
    names = [name for q in assignment.questions for name in answers_names(assignment, q.id)]
    cells = [cell for cell in assignment.solved.cells if cell.cell_type == "code"]
    sources = [str(cell.source) for cell in cells]
    return [
        source if grade_id(cell) else kept
        for cell, source, kept in zip(
            cells, sources, needed_statements(sources, names), strict=True
        )
    ]


def instructors_source(assignment: Assignment, before: str, names: Iterable[str]) -> str:
    """Return the instructor's code that these names need, from the cells before ``before``."""
    cells: list[str] = []
    for cell in assignment.solved.cells:
        if grade_id(cell) == before:
            break
        if cell.cell_type == "code":
            cells.append(cell.source)
    return "\n".join(filter(None, needed_statements(cells, names)))


def dependents(assignment: Assignment, question: str) -> list[str]:
    """Return the later questions whose instructor's answers use the answer to this one."""
    names = set(answers_names(assignment, question))
    cells = {
        grade_id(cell): cell.source for cell in assignment.solved.cells if cell.cell_type == "code"
    }
    ids = [q.id for q in assignment.questions if not q.manual]
    found = []
    for later in ids[ids.index(question) + 1 :]:
        wanted = answers_names(assignment, later)
        sources = [source for name, source in cells.items() if name != later]
        needed = "\n".join(needed_statements([*sources, cells[later]], wanted))
        defined = needed_statements([needed], names)
        if any(defined):
            found.append(later)
    return found
