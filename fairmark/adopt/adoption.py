"""Making graders of a notebook's test cells, and trying that they give the same marks."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from fairmark.adopt.agree import SOURCE, Both, Difference, broken_class
from fairmark.adopt.beside import Beside
from fairmark.adopt.compare import compare_mutants
from fairmark.adopt.layout import files_of
from fairmark.adopt.program import Left, Notebook, Program
from fairmark.adopt.refuse import refuse
from fairmark.adopt.replaced import replaced_names
from fairmark.adopt.write import Module, class_names
from fairmark.course.course import Assignment, Course
from fairmark.errors import FairmarkError
from fairmark.grading.testcells import ON_STDERR
from fairmark.sandbox import Sandbox

_ROUNDS = 12


@dataclass
class Adoption:
    """What became of a notebook's test cells."""

    assignment: Assignment
    points: dict[str, float]
    """The points of each test cell."""
    taken: dict[str, Program] = field(default_factory=dict)
    objects: dict[str, tuple[str, ...]] | None = None
    """By test cell: what gives it objects to ask for parts; None as long as that is not known."""
    left: dict[str, str] = field(default_factory=dict)
    """By test cell: why it stays as it is."""
    drafted: set[str] = field(default_factory=set)
    """The test cells of which other grader modules have tests: they are none that are left."""
    differences: list[Difference] = field(default_factory=list)
    """Where the test cells of those taken over give other marks, still."""
    mutants: int = 0
    """How many mutants were marked both ways."""

    @property
    def module(self) -> Module:
        """The grader module of the cells that are taken over."""
        folder = os.path.relpath(self.assignment.source.parent, self.assignment.graders)
        beside = Beside.of(self.assignment.source.parent)
        module = Module(
            self.assignment.label, frozenset(beside.files), folder, objects=self.objects
        )
        for cell, program in list(self.taken.items()):
            try:
                module.add(program, self.points[cell])
            except Left as left:
                self.leave(cell, str(left))
        return module

    @property
    def files(self) -> dict[Path, str]:
        """The files of its graders, by their paths in the course; none where all is left."""
        module = self.module
        if not self.taken:
            return {}
        order = [cell for cell in self.points if cell in self.left and cell not in self.drafted]
        return files_of(
            self.assignment, module.text(), {c: self.left[c] for c in order}, self.taken
        )

    def leave(self, cell: str, why: str) -> None:
        """Let a test cell be as it is."""
        self.taken.pop(cell, None)
        self.left.setdefault(cell, " ".join(why.split()))


def adopt(assignment: Assignment) -> Adoption:
    """Rewrite a notebook's test cells, as far as their text can be judged from outside."""
    notebook = Notebook(assignment)
    found = Adoption(
        assignment, {q.grade_cell: q.points for q in assignment.questions if not q.manual}
    )
    for cell in found.points:
        try:
            program = notebook.program(cell)
            program.replaced = replaced_names(program, notebook.used_by_answers(program))
            refuse(program)
        except Left as left:
            found.leave(cell, str(left))
        else:
            found.taken[cell] = program
    _ = found.module
    return found


def try_out(
    adoption: Adoption,
    copy: Course,
    sandbox: Sandbox,
    *,
    mutants: int = 0,
    tell: Callable[[], None] = lambda: None,
) -> None:
    """Mark the source, the release and mutants both ways; leave the cells whose marks differ.

    ``copy`` is the course to lay graders down in, and ``mutants`` the number for each answer.
    ``tell`` is called now and then.
    """
    if not adoption.taken:
        return
    both = Both(adoption.assignment, copy, sandbox)
    for cell, result in both.old(SOURCE).items():
        if (result.score or 0) < result.max_score and cell in adoption.taken:
            told = next((t.message for t in result.tests if not t.passed), "")
            why = told if told.startswith(ON_STDERR) else told.split("\n")[-1]
            adoption.leave(cell, f"it does not give the instructor's own answer all points: {why}")
    for _ in range(len(adoption.taken) + 2):
        files = adoption.files
        if not files:
            return
        tell()
        try:
            differences = both.differences(files)
        except FairmarkError as error:
            _leave_broken(adoption, both, error)
            continue
        for difference in differences:
            adoption.leave(difference.cell, difference.line)
        if differences:
            continue
        if adoption.objects is not None:
            break
        names = class_names(list(adoption.taken))
        adoption.objects = {
            cell: tuple(sorted(both.objects[name]))
            for cell, name in names.items()
            if name in both.objects
        }
    if mutants and adoption.taken:
        parts = {cell.grade_id for cell in adoption.module.cells if not cell.together}
        adoption.mutants, adoption.differences = compare_mutants(
            adoption.assignment, both.laid_down(adoption.files), sandbox, parts, mutants, tell
        )
        for difference in adoption.differences:
            if difference.cell not in parts:  # there an exception costs its part, not the cell
                adoption.leave(difference.cell, difference.line)


def _leave_broken(adoption: Adoption, both: Both, error: FairmarkError) -> None:
    """Leave the cell whose test is broken; where none is named, each that breaks the module alone.

    Raises the error where that is none.
    """
    name = broken_class(error)
    names = class_names(list(adoption.taken))
    cells = [cell for cell, made in names.items() if made == name][:1]
    broken = dict.fromkeys(cells, error) or _broken_alone(adoption, both)
    if not broken:
        raise error
    for cell, why in broken.items():
        adoption.leave(cell, str(why).partition(": ")[2])


def _broken_alone(adoption: Adoption, both: Both) -> dict[str, FairmarkError]:
    found: dict[str, FairmarkError] = {}
    for cell, program in adoption.taken.items():
        others = {other: "not tried" for other in adoption.points if other != cell}
        alone = replace(adoption, taken={cell: program}, left=others)
        try:
            both.differences(alone.files)
        except FairmarkError as error:
            found[cell] = error
    return found
