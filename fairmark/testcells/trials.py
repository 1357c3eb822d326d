"""Points of test cells for other answers, in forks of a process that ran the instructor's."""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from nbformat import NotebookNode

from fairmark.course.beside import files_beside
from fairmark.course.course import Assignment, Question
from fairmark.course.marks import grade_id
from fairmark.errors import FairmarkError
from fairmark.grading.clock import Budget
from fairmark.grading.execute import Checks, Execution, execute, is_run, run_cells
from fairmark.grading.testcells import points_of, with_checks
from fairmark.intake.cells import Cell, Repaired
from fairmark.intake.repair import repair
from fairmark.sandbox import Limits, Process, Runner, Sandbox
from fairmark.syntax.effects import Effects, effects_of
from fairmark.testcells.plan import Plan, another_order, fits, plan_for
from fairmark.wire.errors import ExchangeError

_BREAKING = ("timeout", "killed")
_ATTEMPTS = 3
_UNLIMITED = 10**9
"""Processor seconds: many versions of an answer are tried in one process."""


@dataclass(frozen=True)
class Baseline:
    """What became of the instructor's own notebook."""

    points: dict[str, float]
    """By the grade_id of each test cell."""
    seconds: dict[str, float]
    """How long each of the cells took, by its number."""
    is_broken: bool
    """Whether a cell ran out of time or ended the process, so that only whole runs say anything."""


@dataclass(frozen=True)
class _Version:
    """A notebook with some answers of its own, repaired as a student's is."""

    cells: list[Cell]
    checks: Checks
    effects: dict[int, Effects]
    """Those of the cells that are run."""


class CellTrials:
    """Tells the points of an assignment's test cells for other answers; a context manager.

    A process stands before the answer, having run what does not depend on it. Each trial is a fork
    of it, in which the answer and what depends on it are run. The points are those that grading the
    whole notebook gives, but where an answer takes more than ``seconds``. The ``baseline`` is what
    an earlier one has found for the same notebook.
    """

    def __init__(
        self, assignment: Assignment, sandbox: Sandbox, baseline: Baseline | None = None
    ) -> None:
        self.assignment = assignment
        self._sandbox = sandbox
        limits = assignment.limits(sandbox.limits)
        self._limits = replace(limits, submission_cpu_seconds=_UNLIMITED)
        self._own = self._version({})
        self._baseline = baseline
        self._trunk: Execution | None = None
        self.cpu_seconds = 0.0
        """What the processes before an answer, and their forks, have used until they ended."""
        self._done: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        if self._trunk is not None:
            self._trunk.close()
            self.cpu_seconds += self._trunk.cpu_seconds
            self._trunk = None
        self._done = []

    def points(
        self,
        answers: Mapping[str, str],
        *,
        only: Collection[str] | None = None,
        seconds: float | None = None,
    ) -> dict[str, float]:
        """Return the points of the test cells (of ``only`` these), by grade_id, for these answers.

        ``answers`` are sources by the grade_id of the answer's cell; the others are the
        instructor's. ``seconds`` is a limit for each cell in addition to the course's.
        """
        questions = self._questions(only)
        version = self._version(answers)
        limits = self._limits
        if seconds is not None:
            limits = replace(limits, cell_seconds=min(seconds, limits.cell_seconds))
        changed = self._changed(version)
        baseline = self.baseline()
        if changed is None or baseline.is_broken:
            return self._whole(version, questions, limits)
        numbers = {cell.grade_id: i for i, cell in enumerate(version.cells) if cell.grade_id}
        effects = self._joined(version, changed)
        wanted = {numbers[name] for name in questions}
        plan = plan_for(effects, changed, wanted & effects.keys())
        found = {name: baseline.points[name] for name in questions}
        if plan.wanted:
            ran = self._in_fork(version, plan, effects, limits)
            for name, question in questions.items():
                if numbers[name] in plan.wanted:
                    found[name] = points_of(ran[numbers[name]], question, self.assignment)
        return found

    def baseline(self) -> Baseline:
        """Return what becomes of the instructor's own notebook."""
        if self._baseline is None:
            cells = self._own.cells
            self._baseline = Baseline(
                points=self._whole(self._own, self._questions(None), self._limits),
                seconds={str(i): round(cell.seconds, 3) for i, cell in enumerate(cells)},
                is_broken=any(cell.failure in _BREAKING for cell in cells),
            )
        return self._baseline

    def points_in_another_order(self) -> dict[str, float] | None:
        """Return the instructor's points where independent cells change places; None if none do."""
        own = self._own
        order = another_order(own.effects)
        if order == sorted(order) or self.baseline().is_broken:
            return None
        version = replace(own, cells=[_fresh(own.cells[i]) for i in order])
        return self._whole(version, self._questions(None), self._limits)

    def feeding(self, name: str) -> list[str]:
        """Return the answers whose doings a test cell may see, by their grade_ids."""
        number = next(i for i, cell in enumerate(self._own.cells) if cell.grade_id == name)
        effects = self._own.effects
        return [
            cell.grade_id
            for i, cell in enumerate(self._own.cells)
            if cell.role == "answer" and cell.grade_id is not None and i in effects
            if number in plan_for(effects, {i}, {number} & effects.keys()).wanted
        ]

    def patience(self, least: float, times: float) -> float:
        """Return how long a cell of a wrong answer may take: many times as long as a right one."""
        return max(least, times * max(self.baseline().seconds.values(), default=0.0))

    def _questions(self, only: Collection[str] | None) -> dict[str, Question]:
        return {
            question.grade_cell: question
            for question in self.assignment.questions
            if not question.manual and (only is None or question.grade_cell in only)
        }

    # --- Versions of the notebook ---------------------------------------------------------------

    def _version(self, answers: Mapping[str, str]) -> _Version:
        repaired = repair(_with(self.assignment, answers), self.assignment)
        checks = with_checks(repaired, self.assignment)
        cells = repaired.cells
        run = [is_run(cell, cells, checks) for cell in cells]
        sources = [cell.node.source if runs else "" for cell, runs in zip(cells, run, strict=True)]
        effects = dict(enumerate(effects_of(sources)))
        return _Version(cells, checks, {i: one for i, one in effects.items() if run[i]})

    def _changed(self, version: _Version) -> set[int] | None:
        """The cells that are others than the instructor's; None where only a whole run will do."""
        own = self._own
        same = [cell.grade_id for cell in own.cells] == [cell.grade_id for cell in version.cells]
        if not same or "retry" in (version.checks, own.checks):
            return None
        return {
            i
            for i, (mine, other) in enumerate(zip(own.cells, version.cells, strict=True))
            if (i in own.effects) != (i in version.effects)
            or mine.node.source != other.node.source
            or mine.untouched != other.untouched
        }

    def _joined(self, version: _Version, changed: set[int]) -> dict[int, Effects]:
        """The effects of the cells that are run; of a changed one, of both its versions."""
        own, other = self._own.effects, version.effects
        return {
            i: own.get(i, Effects()) | other.get(i, Effects())
            for i in range(len(version.cells))
            if i in own or i in other
        }

    # --- Running --------------------------------------------------------------------------------

    def _whole(
        self, version: _Version, questions: Mapping[str, Question], limits: Limits
    ) -> dict[str, float]:
        """The points by a run of the whole notebook in a process of its own."""
        text = "\n".join(cell.node.source for cell in version.cells)
        files = files_beside(self.assignment, {}, text, self.assignment.solved)
        budget = Budget(limits.submission_seconds)
        execute(version.cells, self._sandbox, limits, files, budget, version.checks).close()
        repaired = Repaired(version.cells)
        return {
            name: points_of(repaired.find(name), question, self.assignment)
            for name, question in questions.items()
        }

    def _in_fork(
        self, version: _Version, plan: Plan, effects: Mapping[int, Effects], limits: Limits
    ) -> dict[int, Cell]:
        """Run the plan's cells in forks, and return them by their numbers."""
        numbers = [i for i in plan.again if i in version.effects]
        cells = [_fresh(version.cells[i]) for i in numbers]
        budget = Budget(limits.submission_seconds)

        def launch() -> Runner:
            for _ in range(_ATTEMPTS):
                process = self._process_at(plan, effects)
                try:
                    return process.branch()
                except ExchangeError:
                    self.close()
            raise FairmarkError(f"{self.assignment.label}: no process for its answers can be kept")

        run_cells(cells, launch, limits, budget, version.checks, once=True).close()
        return dict(zip(numbers, cells, strict=True))

    def _process_at(self, plan: Plan, effects: Mapping[int, Effects]) -> Process:
        """The process, after the cells that the plan has run once for all versions."""
        if self._trunk is None or not fits(effects, self._done, plan):
            self.close()
        todo = [i for i in plan.before if i not in self._done and i in self._own.effects]
        cells = [_fresh(self._own.cells[i]) for i in todo]
        budget = Budget(self._limits.submission_seconds)
        if self._trunk is None:
            files = files_beside(self.assignment, {}, "", self.assignment.solved)
            self._trunk = execute([], self._sandbox, self._limits, files, budget, "run")
        process = self._trunk.process
        run_cells(cells, lambda: process, self._limits, budget, "run", once=True)
        broken = next((cell for cell in cells if cell.failure in _BREAKING), None)
        if broken is not None:
            self.close()
            name = broken.grade_id or broken.node.id
            raise FairmarkError(f"{self.assignment.label}: cell {name}: {broken.reason}")
        self._done += todo
        return process


def _with(assignment: Assignment, answers: Mapping[str, str]) -> NotebookNode:
    """The instructor's notebook with other answers."""
    notebook = copy.deepcopy(assignment.solved)
    left = dict(answers)
    for cell in notebook.cells:
        name = grade_id(cell)
        cell.source = left.pop(name, cell.source)
    if left:
        raise FairmarkError(f"{assignment.source}: there is no cell {min(left)}")
    return notebook


def _fresh(cell: Cell) -> Cell:
    return replace(cell, node=copy.deepcopy(cell.node))
