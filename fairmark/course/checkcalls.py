"""Check cells that describe their tests: ``check("f", example=…, random=…)``.

They are read as syntax trees and never run here. What students get of such a cell is the call with
the exercise's name alone.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairmark.course.marks import checked_by, grade_id, mark_of
from fairmark.files import open_plain_file
from fairmark.inline.exercise import KEYWORDS
from fairmark.syntax.cells import names_defined, parsed

if TYPE_CHECKING:
    from nbformat import NotebookNode

_TELLING = frozenset({"example", "examples", "gives", "random"})
"""What tells such a call: an existing course may have a function ``check`` of its own."""
_MISSED = (r"\bcheck\(", r"\bexamples?\s*=", r"\b(random|gives)\s*=")
"""What tells such a call in a cell that cannot be parsed."""


@dataclass(frozen=True)
class CheckCall:
    """The call in one check cell."""

    number: int
    """The cell's place in the notebook, from 1 on."""
    cell: str
    """The cell's grade_id."""
    node: ast.Call
    alone: bool
    """Whether nothing else stands in the cell."""

    @property
    def question(self) -> str:
        """The exercise that the cell checks."""
        return checked_by(self.cell)

    @property
    def named(self) -> str | None:
        """The exercise that the call names; None where it names none."""
        given = self.node.args
        one = len(given) == 1 and isinstance(given[0], ast.Constant)
        return str(given[0].value) if one else None  # type: ignore[attr-defined]

    @property
    def keywords(self) -> dict[str, ast.expr]:
        """The keywords, each with what it is given."""
        return {keyword.arg: keyword.value for keyword in self.node.keywords if keyword.arg}

    @property
    def function(self) -> str:
        """The function that is called."""
        given = self.keywords.get("function")
        return str(given.value) if isinstance(given, ast.Constant) else self.question

    @property
    def label(self) -> str:
        """How to find the cell."""
        return _label(self.number, self.cell)


def check_calls(notebook: NotebookNode) -> list[CheckCall]:
    """Return the calls that describe tests, in the notebook's order."""
    return list(_calls(notebook.cells))


def describes_checks(source: Path) -> bool:
    """Whether any check cell of a notebook file describes its tests; False where it is unreadable.

    One that seems to is meant to. What is wrong with it is told by whoever reads it next.
    """
    try:
        with open_plain_file(source) as file:
            data = file.read()
        if not all(word in data for word in (b"check(", b"=")):
            return False
        cells = [_Raw(cell) for cell in json.loads(data)["cells"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return any(True for _ in _calls(cells)) or any(map(_missed, cells))


def without_descriptions(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook, changed so that its check cells hold what students may see."""
    for call in check_calls(notebook):
        cell = notebook.cells[call.number - 1]
        cell.source = f'check("{call.question}")'
    return notebook


def call_faults(notebook: NotebookNode) -> Iterator[str]:
    """Yield what is wrong with the calls as they are written, each in one line with its cell."""
    answers = {
        grade_id(cell): cell
        for cell in notebook.cells
        if cell.cell_type == "code" and mark_of(cell).get("solution")
    }
    calls = check_calls(notebook)
    for call in calls:
        for fault in _faults(call, answers):
            yield f"{call.label}: {fault}"
    read = {call.number for call in calls}
    for number, cell in enumerate(notebook.cells, 1):
        if number not in read and (fault := _missed(cell)):
            yield f"{_label(number, grade_id(cell))}: {fault}"


def _missed(cell: Any) -> str:
    """Why a cell that seems to describe tests is not read so: students would get it as it is."""
    if cell.cell_type != "code":
        return ""
    tree = parsed(cell.source)
    if tree is None:
        mentioned = all(re.search(word, cell.source) for word in _MISSED)
        return "it seems to describe tests, and Python cannot read it" if mentioned else ""
    if not any(isinstance(node, ast.Call) and _seems(node) for node in ast.walk(tree)):
        return ""
    mark = mark_of(cell)
    if not mark.get("grade") or mark.get("solution"):
        return "it describes tests, but is no test cell: mark it as Autograder tests"
    return 'tests are described by one call that stands alone: check("NAME", example=…, random=…)'


def _seems(call: ast.Call) -> bool:
    """Whether a call, however it is written, tells what fairmark's ``check`` alone is told."""
    name = getattr(call.func, "id", "") or getattr(call.func, "attr", "")
    told = {keyword.arg for keyword in call.keywords}
    return name == "check" and bool({"example", "examples"} & told and {"random", "gives"} & told)


def _faults(call: CheckCall, answers: dict[str, Any]) -> Iterator[str]:
    if call.named != call.question:
        yield f"it checks {call.named!r}, but its id is that of {call.question!r}"
        return
    if not call.alone:
        yield "beside its check(…) nothing else may stand in it"
    starred = any(keyword.arg is None for keyword in call.node.keywords)
    unknown = sorted(call.keywords.keys() - set(KEYWORDS))
    if unknown or starred:
        yield f"check has no {unknown[0] if unknown else '**'}=; it has {', '.join(KEYWORDS)}"
    given = call.keywords.get("function", ast.Constant(""))
    if not (isinstance(given, ast.Constant) and isinstance(given.value, str)):
        yield "function= must be the function's name, as a text"
    answer = answers.get(call.question)
    if answer is None:
        yield f"there is no solution cell with the id {call.question}"
    elif call.function not in names_defined(answer.source):
        yield f"the solution cell {call.question} defines no {call.function} (function= names it)"
    elif call.function not in _functions(answer.source):
        yield (
            f"the answer {call.function} is no function: write a grader for it, in graders/, and "
            f'check("{call.question}") here'
        )


def _functions(source: str) -> set[str]:
    """The names that may be functions: whatever is bound, but for classes and constants."""
    tree = parsed(source)
    if tree is None:
        return set(names_defined(source))
    values = (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.JoinedStr, ast.BinOp)
    no_functions = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, values):
            no_functions |= {t.id for t in node.targets if isinstance(t, ast.Name)}
    return set(names_defined(source)) - no_functions


def _calls(cells: Any) -> Iterator[CheckCall]:
    for number, cell in enumerate(cells, 1):
        mark = mark_of(cell)
        if cell.cell_type != "code" or not mark.get("grade") or mark.get("solution"):
            continue
        tree = parsed(cell.source)
        for node in tree.body if tree is not None else ():
            if isinstance(node, ast.Expr) and _describes(node.value):
                assert isinstance(node.value, ast.Call) and tree is not None
                yield CheckCall(number, grade_id(cell), node.value, len(tree.body) == 1)
                break


def _label(number: int, name: str) -> str:
    return f"cell {number} ({name})" if name else f"cell {number}"


def _describes(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "check"
        and any(keyword.arg in _TELLING for keyword in node.keywords)
        and bool(node.args)
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    )


class _Raw:
    """A cell of a notebook file as it stands there."""

    def __init__(self, cell: dict[str, Any]) -> None:
        self.cell_type = cell.get("cell_type")
        self.metadata = cell.get("metadata") or {}
        self.source = "".join(cell.get("source") or "")
