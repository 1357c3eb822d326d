"""Trying answers to single questions, in a process that ran the instructor's own answers."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from types import TracebackType
from typing import Any, Literal, Self

from fairmark.course.answers import (
    answer_cells,
    answers_names,
    asked_of,
    bare_cells,
    instructors_source,
)
from fairmark.course.course import Assignment
from fairmark.grading.clock import Budget, Clock
from fairmark.grading.execute import Execution, complaint, execute
from fairmark.grading.forks import Forks, Origin, Override
from fairmark.grading.judge import Between, Judge, Verdict
from fairmark.grading.transport import ForkTransport
from fairmark.harness.diagnose import seen_from_json, seen_to_json
from fairmark.harness.observe import Observation
from fairmark.harness.proxy import Transport
from fairmark.intake.cells import Cell, Repaired
from fairmark.intake.repair import repair
from fairmark.sandbox import Limits, Process, Sandbox
from fairmark.syntax.imports import imports_of
from fairmark.syntax.statements import bound_behind
from fairmark.verify.cases import solutions_of


@dataclass(frozen=True)
class Trial:
    """The results of one question's tests for one answer."""

    passed: dict[str, bool] = field(default_factory=dict)
    """By the key of each test that was run."""
    weights: dict[str, float] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    """The messages of the tests that failed."""
    times: dict[str, float] = field(default_factory=dict)
    observations: dict[str, list[Observation]] = field(default_factory=dict)
    visible: list[str] = field(default_factory=list)
    """The keys of the tests that students get."""
    error: str = ""
    """Why the answer's cell could not be run, or "timeout" or "killed"."""
    seconds: float = 0.0

    @property
    def is_right(self) -> bool:
        """Whether the answer would get full points."""
        return bool(self.passed) and all(self.passed.values()) and not self.error

    @property
    def marks(self) -> tuple[dict[str, bool], bool]:
        """Everything that decides the mark."""
        return self.passed, bool(self.error)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` wrote."""
        return cls(**{**data, "observations": seen_from_json(data["observations"])})

    def to_json(self) -> dict[str, Any]:
        """The trial as JSON-able data."""
        return {**asdict(self), "observations": seen_to_json(self.observations)}


class Trials:
    """Judges answers to single questions of one assignment; a context manager.

    The process has all of the instructor's answers. A trial replaces one of them, in a fork.
    """

    def __init__(self, assignment: Assignment, sandbox: Sandbox) -> None:
        self.assignment = assignment
        self._sandbox = sandbox
        # One process serves many answers, and cells that use a GPU may run again for each of them.
        self._limits = replace(assignment.limits(sandbox.limits), rerun_seconds=math.inf)
        self._repaired = _bare(assignment)
        self._execution: Execution | None = None
        self._failed: dict[str, str] = {}
        self._whole: set[str] = set()
        self._errors: dict[str, str] = {}

    @property
    def failed(self) -> dict[str, str]:
        """Which of the instructor's cells failed, and why: all is tried without what they lack."""
        self._process()
        return self._failed

    def lost(self, question: str) -> str:
        """Return why the instructor's own answer is none, so that nothing is told by it; else "".

        One that only fails behind all that it defines is an answer.
        """
        for cell in answer_cells(self.assignment, question):
            if cell in self.failed and cell not in self._whole:
                return f"the instructor's own answer fails: cell {cell}: {self.failed[cell]}"
        return ""

    def _own_error(self, question: str) -> str:
        """How the instructor's own answer fails behind all that it defines; others do so, too."""
        if not self.failed.keys() & answer_cells(self.assignment, question).keys():
            return ""
        if question not in self._errors:
            source = "\n".join(solutions_of(self.assignment, question).values())
            self._errors[question] = self.verdict(question, source).override_error
        return self._errors[question]

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
        if self._execution is not None:
            self._execution.close()
            self._execution = None

    def run(
        self,
        question: str,
        answer: str | None = None,
        *,
        instead_of: Sequence[str] = (),
        spilt: bool = False,
        order: Callable[[str], float] | None = None,
        to_first_failure: bool = False,
        seconds: float | None = None,
        between: Between | None = None,
    ) -> Trial:
        """Judge one question, after running ``answer`` as a cell of the notebook.

        ``instead_of`` lists earlier questions: their names get the instructor's values again, as
        for error carried forward. ``spilt`` says that the answer is to another question, whose
        mistake may cost this one something. ``seconds`` is a limit in addition to those of the
        course. What tests ask goes by way of ``between``.
        """
        started = time.monotonic()
        verdict = self.verdict(
            question,
            answer,
            instead_of=instead_of,
            spilt=spilt,
            order=order,
            to_first_failure=to_first_failure,
            seconds=seconds,
            between=between,
        )
        tests = verdict.tests.get(question, [])
        seen = verdict.observations.get(question, {})
        results = dict(zip(seen, tests, strict=True))
        broken = verdict.broken.get(question)
        error = verdict.override_error
        if error and error == self._own_error(question):
            error = ""
        return Trial(
            passed={key: test.passed for key, test in results.items()},
            weights={key: test.weight for key, test in results.items()},
            messages={key: test.message for key, test in results.items() if not test.passed},
            times={key: test.seconds for key, test in results.items()},
            observations=seen,
            visible=[key for key, test in results.items() if not test.hidden],
            error=error or (broken.status if broken else ""),
            seconds=round(time.monotonic() - started, 3),
        )

    def verdict(
        self,
        question: str,
        answer: str | None = None,
        *,
        instead_of: Sequence[str] = (),
        spilt: bool = False,
        order: Callable[[str], float] | None = None,
        to_first_failure: bool = False,
        seconds: float | None = None,
        between: Between | None = None,
    ) -> Verdict:
        """Judge one question as :meth:`run` does; give all that its tests say."""
        limits = self._limits_within(seconds)
        overrides = [] if answer is None else [self._override(answer, spilt=spilt)]
        for earlier in instead_of:
            names = answers_names(self.assignment, earlier)
            source = instructors_source(self.assignment, question, names)
            overrides.append(Override(source, names))
        judge = Judge(self._process(), self._restart, limits)
        return judge.run(
            self.assignment,
            only=question,
            overrides=overrides,
            order=order,
            to_first_failure=to_first_failure,
            between=between,
        )

    @contextmanager
    def asking(
        self, question: str, answer: str | None = None, seconds: float | None = None
    ) -> Iterator[Transport]:
        """Give a way to ask an answer without any test: the instructor's, or another one."""
        limits = self._limits_within(seconds)
        overrides = [] if answer is None else [self._override(answer)]
        origin = Origin(self._process(), self._restart)
        answers = partial(asked_of, self.assignment)
        forks = Forks(origin, overrides, limits.call_seconds, answers)
        try:
            yield ForkTransport(question, forks, Clock(limits), limits, {})
        finally:
            forks.close()

    def _override(self, answer: str, *, spilt: bool = False) -> Override:
        """An answer, run where its cell stands: what test cells ask for may be variables."""
        rewinds: Literal["", "before"] = "before" if self.assignment.adopted is not None else ""
        return Override(answer, rewinds=rewinds, answers=not spilt)

    def _limits_within(self, seconds: float | None) -> Limits:
        if seconds is None:
            return self._limits
        return replace(
            self._limits,
            call_seconds=min(seconds, self._limits.call_seconds),
            question_seconds=min(2 * seconds, self._limits.question_seconds),
        )

    def _process(self) -> Process:
        if self._execution is None:
            cells = copy.deepcopy(self._repaired.cells)
            budget = Budget(self._limits.submission_seconds)
            files = self.assignment.extra_files()
            self._execution = execute(cells, self._sandbox, self._limits, files, budget)
            for cell in cells:
                if cell.failure is not None:
                    name = cell.grade_id or cell.node.id
                    self._failed[name] = complaint(cell.node) or cell.failure
                    if cell.failed and not _binds(cell, min(cell.failed)[0]):
                        self._whole.add(name)
        return self._execution.process

    def _restart(self) -> Process:
        self.close()
        return self._process()


def _binds(cell: Cell, index: int) -> bool:
    """Whether a statement of a cell defines anything, or what stands behind it does."""
    return any(bound_behind(cell.node.source, index - 1, count) for _, count in cell.failed)


def _bare(assignment: Assignment) -> Repaired:
    """The instructor's notebook without code that no answer needs: figures, trainings, ...

    All imports stay: an answer in another style may need what the instructor's does without.
    """
    repaired = repair(copy.deepcopy(assignment.solved), assignment)
    solved = [cell.id for cell in assignment.solved.cells if cell.cell_type == "code"]
    bare = dict(zip(solved, bare_cells(assignment), strict=True))
    for cell in repaired.cells:
        if cell.node.cell_type == "code" and cell.node.id in bare:  # else nbgrader has added it
            imports = imports_of(cell.node.source) if cell.role == "own" else ""
            cell.node.source = f"{imports}\n{bare[cell.node.id]}".strip()
    return repaired
