"""What of a notebook some of its names need: a slice of the cells' statements."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from fairmark.cellcode import names_defined
from fairmark.course import Assignment
from fairmark.names import bound, global_uses


def needed_statements(cells: Sequence[str], names: Iterable[str]) -> list[str]:
    """Return, for each cell, the source of those of its statements that ``names`` need.

    These are the statements that bind the names at the top level (imports, functions, classes,
    assignments), those that bind what these mention, and so on. What a cell merely does is left
    out, and so are cells that are no plain Python.
    """
    statements = [(place, node) for place, cell in enumerate(cells) for node in _parsed(cell)]
    wanted, kept = set(names), set[int]()
    while True:
        found = {
            number
            for number, (_, node) in enumerate(statements)
            if number not in kept and bound(node) & wanted
        }
        if not found:
            break
        kept |= found
        for number in found:
            wanted |= global_uses(statements[number][1])
    return [
        "\n".join(
            ast.unparse(node)
            for number, (where, node) in enumerate(statements)
            if where == place and number in kept
        )
        for place in range(len(cells))
    ]


def answers_names(assignment: Assignment, question_id: str) -> list[str]:
    """Return the names that an answer to this question has to define, sorted."""
    for cell in assignment.master.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == question_id:
            return sorted(names_defined(cell.source))
    return []


def bare_cells(assignment: Assignment) -> list[str]:
    """Return the instructor's code cells without what serves no answer: figures, trainings, ...

    Cells with a mark of nbgrader's are whole.
    """
    names = [name for q in assignment.questions for name in answers_names(assignment, q.id)]
    cells = [cell for cell in assignment.solved.cells if cell.cell_type == "code"]
    sources = [str(cell.source) for cell in cells]
    return [
        source if cell.metadata.get("nbgrader", {}).get("grade_id") else kept
        for cell, source, kept in zip(
            cells, sources, needed_statements(sources, names), strict=True
        )
    ]


def _parsed(cell: str) -> list[ast.stmt]:
    lines = [line for line in cell.splitlines() if not line.lstrip().startswith(("%", "!"))]
    try:
        body = ast.parse("\n".join(lines)).body
    except SyntaxError:
        return []
    return [
        node
        for node in body
        if isinstance(
            node,
            (
                ast.Import,
                ast.ImportFrom,
                ast.FunctionDef,
                ast.ClassDef,
                ast.Assign,
                ast.AnnAssign,
                ast.AugAssign,
            ),
        )
    ]
