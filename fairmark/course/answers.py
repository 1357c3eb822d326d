"""The instructor's answers: the names that they define, and the code that they need."""

from __future__ import annotations

from collections.abc import Iterable

from fairmark.course.course import Assignment
from fairmark.course.marks import grade_id, mark_of
from fairmark.sandbox import Asked
from fairmark.syntax.cells import names_defined, without_magics
from fairmark.syntax.slices import needed_statements


def answer_cells(assignment: Assignment, question_id: str) -> dict[str, frozenset[str]]:
    """Return the cells that answer a question, each with the names that it has to define.

    By grade_id, in the notebook's order. Mostly it is one, which has the question's name; where the
    question is a test cell, they are those that it is about.
    """
    if assignment.asks_test_cells and question_id in assignment.checked:
        return assignment.checked[question_id]
    for cell in assignment.master.cells:
        if grade_id(cell) == question_id:
            return {question_id: names_defined(cell.source)}
    return {}


def asked_of(assignment: Assignment, question_id: str) -> tuple[Asked, ...]:
    """Return the cells that answer a question, as a student's process is told of them."""
    cells = answer_cells(assignment, question_id)
    return tuple(Asked(answer, tuple(sorted(names))) for answer, names in cells.items())


def answers_names(assignment: Assignment, question_id: str) -> list[str]:
    """Return the names that an answer to this question has to define, sorted."""
    return sorted(frozenset().union(*answer_cells(assignment, question_id).values()))


def asked_names(assignment: Assignment, question_id: str) -> frozenset[str]:
    """Return the names that this question may ask for: the instructor's own answer binds them."""
    answers = answer_cells(assignment, question_id)
    solved = [cell for cell in assignment.solved.cells if grade_id(cell) in answers]
    bound = [names_defined(cell.source) for cell in solved if cell.cell_type == "code"]
    return frozenset(answers_names(assignment, question_id)).union(*bound)


def checked_answers(assignment: Assignment) -> dict[str, dict[str, frozenset[str]]]:
    """Return which answers each test cell is about, with the names that they have to define.

    By the grade_ids of test cells and answers, in the notebook's order.
    """
    return assignment.checked


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
    """Return the instructor's code that these names need, from before the answer to ``before``."""
    own = answer_cells(assignment, before) or {before: frozenset()}
    cells: list[str] = []
    for cell in assignment.solved.cells:
        if grade_id(cell) in own:
            break
        if cell.cell_type == "code":
            cells.append(cell.source)
    return "\n".join(filter(None, needed_statements(cells, names)))


def solution_source(assignment: Assignment, question: str) -> str:
    """Return the instructor's answer to a question, with the code that it needs; no test of it."""
    own = answer_cells(assignment, question)
    cells: list[str] = []
    kept = 0
    for cell in assignment.solved.cells:
        mark = mark_of(cell)
        if cell.cell_type == "code" and not (mark.get("grade") and not mark.get("solution")):
            cells.append(without_magics(str(cell.source)))
        if grade_id(cell) in own:
            kept = len(cells)
    return "\n".join(needed_statements(cells[:kept], asked_names(assignment, question)))


def dependents(assignment: Assignment, question: str) -> list[str]:
    """Return the later questions whose instructor's answers use the answer to this one.

    Those that ask about the same answer are none of them.
    """
    names = set(answers_names(assignment, question))
    own = answer_cells(assignment, question)
    cells = {
        grade_id(cell): cell.source for cell in assignment.solved.cells if cell.cell_type == "code"
    }
    ids = [q.id for q in assignment.questions if q.judged]
    found = []
    for later in ids[ids.index(question) + 1 :]:
        answers = answer_cells(assignment, later)
        if own.keys() & answers.keys():
            continue
        wanted = answers_names(assignment, later)
        sources = [source for name, source in cells.items() if name not in answers]
        sources += [cells[name] for name in answers if name in cells]
        needed = "\n".join(needed_statements(sources, wanted))
        defined = needed_statements([needed], names)
        if any(defined):
            found.append(later)
    return found
