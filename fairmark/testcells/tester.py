"""Trying one case: which test cells let a wrong answer pass, or a right one fail."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from fairmark.course.answers import checked_answers
from fairmark.course.course import Assignment
from fairmark.grading.grade import grade
from fairmark.grading.testcells import ON_STDERR
from fairmark.harness.report import QuestionResult
from fairmark.sandbox import Sandbox
from fairmark.testcells.cases import CellCase, cells_about
from fairmark.testcells.trials import Baseline, CellTrials
from fairmark.verify.broken import broken_cells

_MIN_SECONDS = 2.0
_PATIENCE = 10.0
"""A wrong answer may take this many times as long as the right one."""


@dataclass(frozen=True)
class CellOutcome:
    """The outcome of trying one case."""

    problems: dict[str, str] = field(default_factory=dict)
    """What the case shows to be wrong, by the grade_id of the cell it is wrong with."""
    points: dict[str, float] = field(default_factory=dict)
    """What the test cells about the answer gave."""
    seconds: float = 0.0
    baseline: Baseline | None = None
    """Of the instructor's notebook: what became of it."""
    untried: str = ""
    """Why the case could not be tried."""
    broken: Mapping[str, str] = field(default_factory=dict)
    """Of the instructor's notebook: why cells of it fail, by how a person finds them."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` wrote."""
        baseline = Baseline(**data["baseline"]) if data.get("baseline") else None
        return cls(**{**data, "baseline": baseline})

    def to_json(self) -> dict[str, Any]:
        """The outcome as JSON-able data."""
        return asdict(self)


class CellTester:
    """Tries cases in a worker; all of them share one process that runs the instructor's answers."""

    def __init__(self, assignment: Assignment, sandbox: Sandbox, baseline: Baseline | None) -> None:
        self._assignment = assignment
        self._sandbox = sandbox
        self._trials = CellTrials(assignment, sandbox, baseline)
        self._full = {q.grade_cell: q.points for q in assignment.questions if not q.manual}

    def outcome(self, case: CellCase) -> CellOutcome:
        """Try one case."""
        started = time.monotonic()
        match case.kind:
            case "notebook":
                told = self._notebook()
            case "order":
                told = self._other_order()
            case "release":
                told = self._release()
            case "empty":
                told = self._empty()
            case _:
                told = self._answer(case)
        return replace(told, seconds=round(time.monotonic() - started, 3))

    def _notebook(self) -> CellOutcome:
        """Grade the instructor's notebook twice."""
        assignment = self._assignment
        report = grade(copy.deepcopy(assignment.solved), assignment, self._sandbox)
        once = {
            question.grade_cell: result
            for question, result in zip(assignment.questions, report.questions, strict=True)
            if not question.manual
        }
        baseline = self._trials.baseline()
        problems = {}
        for cell, full in self._full.items():
            first, second = once[cell].score or 0.0, baseline.points[cell]
            if first != second:
                problems[cell] = (
                    f"two runs of the instructor's own solution give {first:g} and {second:g} of "
                    f"{full:g} points"
                )
            elif first < full:
                problems[cell] = (
                    f"the instructor's own solution gets {first:g} of {full:g} points"
                    f"{_why(once[cell])}"
                )
        broken = broken_cells(report, assignment)
        return CellOutcome(problems, baseline.points, baseline=baseline, broken=broken)

    def _other_order(self) -> CellOutcome:
        own, other = self._trials.baseline().points, self._trials.points_in_another_order()
        return CellOutcome(
            {
                cell: f"with independent cells in another order it gives {other[cell]:g} of "
                f"{full:g} points, and {own[cell]:g} in the notebook's"
                for cell, full in self._full.items()
                if other is not None and other[cell] != own[cell]
            }
        )

    def _release(self) -> CellOutcome:
        """Grade the release, where nothing is solved."""
        assignment = self._assignment
        report = grade(copy.deepcopy(assignment.master), assignment, self._sandbox)
        results = zip(assignment.questions, report.questions, strict=True)
        points = {q.grade_cell: r.score or 0.0 for q, r in results if not q.manual}
        problems = {
            cell: f"an untouched stub gets {points[cell]:g} of {full:g} points"
            for cell, full in self._full.items()
            if points[cell] > 0
        }
        return CellOutcome(problems, points)

    def _empty(self) -> CellOutcome:
        """Take all answers away."""
        answers = {name for about in checked_answers(self._assignment).values() for name in about}
        points = self._trials.points(dict.fromkeys(sorted(answers), ""))
        problems = {
            cell: f"it tests nothing: it gives {points[cell]:g} of {full:g} points without any "
            "answer"
            for cell, full in self._full.items()
            if points[cell] > 0
        }
        return CellOutcome(problems, points)

    def _answer(self, case: CellCase) -> CellOutcome:
        about = [cell for cell in cells_about(self._assignment, case.answer) if cell in self._full]
        own = self._trials.baseline().points
        right = case.kind == "alternative"
        seconds = None if right else self._trials.patience(_MIN_SECONDS, _PATIENCE)
        points = self._trials.points({case.answer: case.source}, only=about, seconds=seconds)
        lost = [cell for cell in about if points[cell] < own[cell]]
        problems: dict[str, str] = {}
        if right:
            problems = {
                cell: f"a right answer gets {points[cell]:g} of {self._full[cell]:g} points"
                for cell in lost
            }
        elif not lost:
            listed = " or ".join(f"`{cell}`" for cell in about)
            problems = {about[0]: f"no test of {listed} notices this"}
        return CellOutcome(problems, points)


def _why(result: QuestionResult) -> str:
    """What the test cell said, if it said anything: its error, behind the line that failed."""
    said = [test.message.strip().splitlines() for test in result.tests if test.message.strip()]
    if not said:
        return f" ({result.status})"
    lines = said[-1]
    before, traceback, _ = lines[0].partition("Traceback (most recent call last)")
    if traceback:
        return f": {before[:1].lower()}{before[1:]}{lines[-1].strip()[:200]}"
    if lines[0].startswith(ON_STDERR) and len(lines) > 1:
        return f": it wrote to stderr, which takes all points: {lines[-1].strip()[:200]}"
    return f": {lines[:2][-1].strip()[:200]}"
