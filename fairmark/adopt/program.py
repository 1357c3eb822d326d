"""What a test cell needs of the cells above it: whose each name is, and the instructor's code."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from fairmark.adopt.beside import Beside
from fairmark.adopt.units import NotPython, Owner, Unit, units_of
from fairmark.course.course import Assignment
from fairmark.course.marks import grade_id, mark_of

Kind = Literal["function", "variable"]
IPYTHON = frozenset("get_ipython In Out _ __ ___ _i _ii _iii _ih _oh _dh exit quit".split())
"""Names that IPython binds."""
WRITES = re.compile(
    r"\.(?:save\w*|to_(?:csv|json|excel|pickle|sql|hdf|parquet)|dump|write\w*|tofile|mkdir)\("
    r"|open\([^)]*['\"][wax]|urlretrieve|^\s*[!%]",
    re.MULTILINE,
)
"""Code that writes files."""
READS = re.compile(r"\b(?:open|read_\w+|load\w*|imread|genfromtxt|fromfile|connect)\(")
"""Code that reads files."""


class Left(Exception):
    """A test cell that stays as it is; the message says why, with the line in the cell."""


@dataclass
class Program:
    """A test cell with the instructor's statements that it needs."""

    cell: str
    """The grade_id of the test cell."""
    beside: Beside
    """The modules beside the notebook."""
    visible: list[Unit]
    """Its statements as students get them."""
    whole: list[Unit]
    """All its statements, those of hidden tests among them."""
    given: list[Unit] = field(default_factory=list)
    """The instructor's statements above that it needs, in their order."""
    students: dict[str, Kind] = field(default_factory=dict)
    """The names of the student's that it asks for."""
    replaced: frozenset[str] = frozenset()
    """The names of the notebook that it sets, or takes away, for the answers to meet."""


class Notebook:
    """A notebook's statements in order, by whose cell they are."""

    def __init__(self, assignment: Assignment) -> None:
        self._beside = Beside.of(assignment.source.parent)
        self._units: list[Unit] = []
        self._start: dict[str, int] = {}
        """By test cell: the number of statements above it."""
        self._faults: dict[str, NotPython] = {}
        self._sources: dict[str, tuple[str, str]] = {}
        """By test cell: its code as handed out, and as it is."""
        handed_out = {grade_id(c): c.source for c in assignment.handed_out.cells if grade_id(c)}
        prepared = {grade_id(c): c.source for c in assignment.master.cells if grade_id(c)}
        for number, cell in enumerate(assignment.solved.cells):
            if cell.cell_type != "code":
                continue
            mark = mark_of(cell)
            owner: Owner = "answer" if mark.get("solution") else "given"
            source = str(cell.source)
            if mark.get("grade") and owner == "given":
                owner, source = "test", str(prepared[grade_id(cell)])
                self._start[grade_id(cell)] = len(self._units)
                self._sources[grade_id(cell)] = str(handed_out[grade_id(cell)]), source
            try:
                found = units_of(_without_markers(source), owner, number)
                self._units += [one for unit in found for one in self._beside.spelt_out(unit)]
            except NotPython as fault:
                self._faults[grade_id(cell)] = fault

        self._modules = {n for unit in self._units if unit.imports for n in unit.binds}

    @property
    def writes_files(self) -> bool:
        """Whether an answer seems to write files."""
        return any(unit.owner == "answer" and WRITES.search(unit.code) for unit in self._units)

    @property
    def test_cells(self) -> list[str]:
        """The grade_ids of the test cells, in order."""
        return list(self._start)

    def program(self, cell: str) -> Program:
        """What a test cell needs; raise Left where it cannot be told."""
        if cell in self._faults:
            raise Left(str(self._faults[cell]))
        visible, whole = self._sources[cell]
        number = len(self._units)
        try:
            program = Program(
                cell,
                self._beside,
                self._parsed(visible, number),
                self._parsed(_without_markers(whole), number),
            )
        except NotPython as fault:
            raise Left(str(fault)) from None
        self._complete(program)
        for unit in program.whole:
            if READS.search(unit.code) and self.writes_files:
                raise Left(f"line {unit.line}: it reads a file, and answers write files")
        return program

    def _parsed(self, source: str, number: int) -> list[Unit]:
        found = [u for u in units_of(source, "test", number) if not u.code.startswith("display(")]
        return [one for unit in found for one in self._beside.spelt_out(unit)]

    def _complete(self, program: Program) -> None:
        """Find out whose the names are that the cell uses, and what they need."""
        start = self._start[program.cell]
        waiting = [(name, start) for name in sorted(free_names(program.whole))]
        waiting += [(name, start) for name in sorted(free_names(program.visible))]
        seen: set[tuple[str, int]] = set()
        needed: set[int] = set()
        while waiting:
            name, place = waiting.pop()
            if (name, place) in seen:
                continue
            seen.add((name, place))
            found, kind = self._makers(name, place)
            if kind is not None:
                program.students[name] = kind
            elif not found and not hasattr(builtins, name):
                self._refuse_unknown(name, program)
            for maker in found:
                needed.add(maker)
                waiting += [(used, maker) for used in self._units[maker].uses]
                went_on = self._units[maker].goes_on_with
                waiting += [(n, maker) for n in went_on if self._makers(n, maker)[0]]
        program.given = _only_needed([self._units[i] for i in sorted(needed)], program.whole)

    def _makers(self, name: str, place: int) -> tuple[list[int], Kind | None]:
        """The instructor's statements that make a name what it is at a place.

        Or there are none, and it is the student's name, of this kind.
        """
        found: list[int] = []
        for number in range(place - 1, -1, -1):
            unit = self._units[number]
            if unit.owner == "answer" and name in unit.binds:
                if unit.imports and not self._beside.has(unit):
                    return [number, *found], None
                return [], "function" if _is_function(unit, name) else "variable"
            if unit.owner == "answer" and name in unit.changes and name not in self._modules:
                return [], "variable"
            if unit.owner != "answer" and (name in unit.binds or name in unit.changes):
                if name in self._modules and name not in unit.binds and not unit.sets_up:
                    continue
                found.insert(0, number)
                if name in unit.replaces:
                    return found, None
        return found, None

    def _refuse_unknown(self, name: str, program: Program) -> None:
        line = line_of(name, program.whole)
        if name in IPYTHON:
            raise Left(f"line {line}: `{name}` is IPython's own")
        raise Left(f"line {line}: `{name}` is no name of the notebook's cells above")

    def used_by_answers(self, program: Program) -> set[str]:
        """The names that a cell asks for, and those that the instructor's answers use for them."""
        start = self._start[program.cell]
        deleted = set[str]().union(*(unit.deletes for unit in program.whole))
        answers = [unit for unit in self._units[:start] if unit.owner == "answer"]
        asked = deleted & set[str]().union(*(unit.binds for unit in answers))
        asked |= set(program.students)
        waiting, found = list(asked), set(asked)
        while waiting:
            name = waiting.pop()
            for unit in self._units[:start]:
                if unit.owner == "answer" and name in unit.binds and unit.defines:
                    new = unit.uses - found
                    found |= new
                    waiting += new
        return found


def free_names(units: Sequence[Unit]) -> set[str]:
    """The names that statements use before they bind them themselves."""
    known: set[str] = set()
    free: set[str] = set()
    for unit in units:
        free |= unit.uses - known
        known |= unit.binds
    # A function may use what is bound behind it, before it is called.
    late = set[str]().union(*(unit.binds for unit in units))
    return free - {name for name in free if name in late and _only_in_functions(name, units)}


def line_of(name: str, units: Sequence[Unit]) -> int:
    """The line of a cell in which a name is used first."""
    for unit in units:
        for tree in unit.tree:
            for node in ast.walk(tree):
                if isinstance(node, ast.Name) and node.id == name:
                    return unit.line + node.lineno - 1
    return 1


def _only_in_functions(name: str, units: Sequence[Unit]) -> bool:
    for unit in units:
        if name in unit.uses and not unit.defines:
            return False
        if name in unit.binds:
            return True
    return True


def _only_needed(given: Sequence[Unit], whole: Sequence[Unit]) -> list[Unit]:
    """The statements, with the names only that are used of what ``import *`` gives."""
    used = set[str]().union(*(unit.uses for unit in [*given, *whole]))
    return [unit.importing(used) if unit.is_star else unit for unit in given]


def _is_function(unit: Unit, name: str) -> bool:
    return any(
        isinstance(
            node,
            (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom),
        )
        or (isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda))
        for node in unit.tree
        if name in unit.binds
    )


def _without_markers(source: str) -> str:
    """The code without the lines between which nbgrader hides tests."""
    lines = source.splitlines()
    kept = [line for line in lines if not _is_marker(line)]
    return "\n".join(kept)


def _is_marker(line: str) -> bool:
    text = line.strip()
    return text.startswith("#") and ("BEGIN" in text or "END" in text) and text.isupper()
