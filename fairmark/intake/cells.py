"""The cells of a repaired notebook: what each is for, and what became of it."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any, Literal

from nbformat import NotebookNode

from fairmark.course.marks import grade_id, mark_of, without_import
from fairmark.harness.report import Repair
from fairmark.sandbox import Asked
from fairmark.syntax.cells import names_defined

Role = Literal["answer", "written", "check", "given", "own"]
"""The use of a cell: an answer in code or in words, a check, read-only, or the student's own."""
CellFailure = Literal["error", "timeout", "killed"]
"""How a cell can fail when it is run."""


@dataclass
class Cell:
    """One cell of a repaired notebook."""

    node: NotebookNode
    role: Role
    grade_id: str | None = None
    untouched: bool = False
    """Whether it is an answer cell that is still the release's stub."""
    defines: frozenset[str] = frozenset()
    """Names that the code binds at its top level."""
    claimed: dict[str, Any] = field(default_factory=dict)
    """The nbgrader mark in the submitted notebook; only compared, not believed."""
    superfluous: bool = False
    """Whether it is a further copy of a cell, with nothing of the student's."""
    asks: frozenset[str] = frozenset()
    """The names that an answer has to define, as the release's stub does."""
    given: frozenset[str] = frozenset()
    """The names that it binds as the instructor's cell did that it was: they are no answer."""
    is_given: bool = False
    """Whether it is a cell of the instructor's without a mark, as it was handed out."""
    failure: CellFailure | None = None
    """How it failed when it was last run."""
    reason: str = ""
    """Which limit it hit then, or how it ended the process."""
    seconds: float = 0.0
    """How much time it used then."""
    at: tuple[int, int] | None = None
    """Which statement was run last, of how many; None where there is only one."""
    failed: list[tuple[int, int]] = field(default_factory=list)
    """Which statements failed, each of how many; those behind them were run all the same."""
    checks: tuple[Asked, ...] = ()
    """Of a check cell: the answers that it is about."""
    imports: str = ""
    """Of a test cell that graders judge: what it imports, which answers may need as well."""
    left_out: tuple[int, int] | None = None
    """Which statement broke a process, of how many, so that it was left out."""
    unrun: str = ""
    """What it is that it is not run at all, as in "tagged skip-execution"; "" where it is run."""
    rest: str | None = None
    """What is run in its place, without the statements that broke a process; None for all of it."""

    @property
    def answers(self) -> frozenset[str]:
        """The names that it binds as the student's work: an answer, or another cell of his own."""
        if self.role not in ("answer", "own") or self.untouched:
            return frozenset()
        return self.defines - self.given

    def is_unanswered(self) -> bool:
        """Whether there is no answer in the cell: the stub is, or nothing."""
        return self.untouched or not self.node.source.strip()


@dataclass
class Repaired:
    """A notebook whose marked cells are exactly the assignment's."""

    cells: list[Cell]
    repairs: list[Repair] = field(default_factory=list)

    def find(self, name: str) -> Cell:
        """Return the cell with this grade_id; raise KeyError."""
        for cell in self.cells:
            if cell.grade_id == name:
                return cell
        raise KeyError(name)


def role_of(cell: NotebookNode) -> Role:
    """Return what a cell of the instructor's is for, by its mark."""
    mark = mark_of(cell)
    if not mark.get("grade_id"):
        return "own"
    if mark.get("solution"):
        return "written" if mark.get("grade") else "answer"
    if mark.get("grade"):
        return "check"
    return "given"


def names_of(master: NotebookNode) -> frozenset[str]:
    """Return the names that a cell of the instructor's binds."""
    return names_defined(master.source) if master.cell_type == "code" else frozenset()


def own_cell(cell: NotebookNode) -> Cell:
    """A copy of a cell without its mark, as a cell of the student's own."""
    node = copy.deepcopy(cell)
    claimed = dict(mark_of(node))
    node.metadata = {}
    if node.cell_type == "code":
        node.outputs, node.execution_count = [], None
        return Cell(node, "own", defines=names_defined(node.source), claimed=claimed)
    return Cell(node, "own", claimed=claimed)


def from_master(master: NotebookNode, role: Role) -> Cell:
    """Return a cell of the instructor's as it is put back."""
    node = copy.deepcopy(master)
    if node.cell_type == "code":
        node.update(outputs=[], execution_count=None)
    untouched = role in ("answer", "written")
    defines = names_defined(node.source) if node.cell_type == "code" else frozenset()
    return Cell(node, role, grade_id(master), untouched, defines, asks=defines)


def same_source(cell: NotebookNode, other: NotebookNode) -> bool:
    """Whether two cells have the same source, trailing spaces aside.

    The import that a release has in its check cells is left aside as well.
    """
    lines = [
        [line.rstrip() for line in without_import(c.source.strip()).splitlines()]
        for c in (cell, other)
    ]
    return lines[0] == lines[1]
