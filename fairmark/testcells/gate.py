"""The gate for test cells: trying every case, and reporting what is wrong with the cells."""

from __future__ import annotations

import hashlib
import json
import pkgutil
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import fairmark
from fairmark.course.answers import checked_answers
from fairmark.course.beside import fingerprint
from fairmark.course.course import Assignment
from fairmark.sandbox import Sandbox
from fairmark.testcells.cases import CellCase, cases_of, cells_about
from fairmark.testcells.doubts import Doubt, doubts_of
from fairmark.testcells.tester import CellOutcome, CellTester
from fairmark.verify.gate import Count, Finding
from fairmark.verify.tries import Tries


@dataclass
class CellRow:
    """What was proven of one test cell."""

    cell: str
    points: float
    answers: list[str] = field(default_factory=list)
    alternatives: Count = field(default_factory=Count)
    misconceptions: Count = field(default_factory=Count)
    mutants: Count = field(default_factory=Count)
    """Good are those that this cell notices; equivalent mutants are not counted."""
    survivors: int = 0
    """Those that no test cell about their answer notices."""
    equivalent: int = 0
    seconds: float = 0.0
    """The time that trying all cases took, in this run or an earlier one."""


@dataclass
class CellVerification:
    """What was proven of one notebook's test cells."""

    assignment: Assignment
    rows: list[CellRow]
    findings: list[Finding]
    doubts: list[Doubt]
    mutants: Count
    """All mutants of the notebook; good are those that a test cell about their answer notices."""
    tried: int
    """The number of cases tried in this run; the outcomes of the others were known."""
    whole: bool
    """Whether no case was left out."""
    broken: Mapping[str, str] = field(default_factory=dict)
    """Why cells of the instructor's notebook fail that are no test cells."""


class CellGate:
    """Proves the test cells of one notebook.

    ``only`` selects the cases whose title contains it. Outcomes are kept in ``.fairmark/verify`` of
    the course, under a hash of all that they depend on; ``afresh`` ignores the ones that are there.
    """

    def __init__(
        self,
        assignment: Assignment,
        *,
        workers: int | None = None,
        only: str = "",
        afresh: bool = False,
        on_wait: Callable[[], None] | None = None,
    ) -> None:
        self.assignment = assignment
        everything = cases_of(assignment)
        self.cases = [case for case in everything if only in case.title]
        self._whole = not only
        # What other answers get is compared with what the instructor's own get.
        asked = [c for c in everything if c.kind == "notebook" and c not in self.cases]
        asked = [*asked, *self.cases] if self.cases else []
        engine = _engine_hash() + fingerprint(assignment)
        self._tries: Tries[CellCase, CellOutcome] = Tries(
            assignment,
            {case: _key(engine, case) for case in asked},
            CellOutcome.from_json,
            # A whole notebook with a problem is tried again: the machine may have been too busy.
            holds=lambda case, outcome: bool(case.answer) or not outcome.problems,
            workers=workers,
            whole=self._whole,
            afresh=afresh,
            on_wait=on_wait,
        )
        self._outcomes = self._tries.outcomes

    @property
    def unknown(self) -> list[CellCase]:
        """The cases that have to be tried."""
        return self._tries.unknown

    def run(self) -> Generator[CellCase]:
        """Try the cases whose outcome is unknown, and yield each one when it is done."""
        todo = self.unknown
        yield from self._tries.run(
            [case for case in todo if case.kind == "notebook"],
            [case for case in todo if case.kind != "notebook"],
            narrow=self._with_hope,
            answers=(c.source for c in self.cases if c.kind in ("alternative", "misconception")),
            tester=self._tester,
            failed=lambda reason: CellOutcome(untried=reason),
        )

    def _tester(self, sandbox: Sandbox) -> Callable[[CellCase], CellOutcome]:
        baseline = next((one.baseline for one in self._outcomes.values() if one.baseline), None)
        return CellTester(self.assignment, sandbox, baseline).outcome

    def _with_hope(self, cases: Sequence[CellCase]) -> list[CellCase]:
        """The cases that say anything: no wrong answer does where the right one gets no point."""
        own = next((one.points for c, one in self._outcomes.items() if c.kind == "notebook"), {})
        return [
            case
            for case in cases
            if not case.answer
            or any(own.get(cell, 0.0) > 0 for cell in cells_about(self.assignment, case.answer))
        ]

    def verification(self, tried: int) -> CellVerification:
        """Return what all outcomes together prove."""
        checked = checked_answers(self.assignment)
        rows = {
            q.grade_cell: CellRow(q.grade_cell, q.points, list(checked.get(q.grade_cell, ())))
            for q in self.assignment.questions
            if not q.manual
        }
        findings: list[Finding] = []
        mutants = Count()
        known = {case.kind: outcome for case, outcome in self._outcomes.items() if not case.answer}
        own = known["notebook"].points if "notebook" in known else {}
        for case in self.cases:
            outcome = self._outcomes.get(case)
            if outcome is None:
                continue
            if outcome.untried:
                findings.append(Finding("", case.title, outcome.untried, case.where))
            elif case.answer:
                findings += self._judged(case, outcome, rows, own, mutants)
            else:
                told_by = {"order": "notebook", "release": "empty"}.get(case.kind, "")
                told = known[told_by].problems if told_by in known else {}
                problems = {c: text for c, text in outcome.problems.items() if c not in told}
                findings += [
                    Finding(cell, case.title, f"{cell}: {text}", case.where)
                    for cell, text in problems.items()
                ]
        shown = [row for row in rows.values() if self._whole or row.seconds]
        doubts = doubts_of(self.assignment) if self._whole and self.cases else []
        free = {finding.question for finding in findings if finding.case == "no answers"}
        where = str(self.assignment.source)
        findings += [
            Finding(doubt.cell, "text", f"{doubt.cell}: {doubt.text}", where)
            for doubt in doubts
            if doubt.is_proof and doubt.cell not in free
        ]
        doubts = [doubt for doubt in doubts if not doubt.is_proof]
        broken = known["notebook"].broken if "notebook" in known and self._whole else {}
        return CellVerification(
            self.assignment, shown, findings, doubts, mutants, tried, self._whole, broken
        )

    def _judged(
        self,
        case: CellCase,
        outcome: CellOutcome,
        rows: dict[str, CellRow],
        own: dict[str, float],
        mutants: Count,
    ) -> list[Finding]:
        """Count a single answer's case, and return what it shows to be wrong."""
        about = [rows[cell] for cell in outcome.points if cell in rows]
        for row in about:
            row.seconds += outcome.seconds / len(about)
        proves = any(own.get(row.cell, 0.0) > 0 for row in about)
        if not proves:
            return []  # the test cell fails the right answer as well, which is told
        noticed = not outcome.problems
        if case.kind == "mutant":
            if case.equivalent and not noticed:
                for row in about:
                    row.equivalent += 1
                return []
            mutants.all += 1
            mutants.good += noticed
            for row in about:
                row.mutants.all += 1
                row.mutants.good += outcome.points[row.cell] < own.get(row.cell, 0.0)
                row.survivors += not noticed
            if case.equivalent:
                text = "it is listed as no mistake, but a test notices it"
                return [Finding(case.answer, case.title, text, case.where)]
        else:
            for row in about:
                count = row.alternatives if case.kind == "alternative" else row.misconceptions
                count.all += 1
                count.good += not outcome.problems
        acceptable = case.kind == "mutant"
        return [
            Finding(
                case.answer,
                case.title,
                f"{cell}: {text}" if case.kind == "alternative" else text,
                case.where,
                acceptable,
            )
            for cell, text in outcome.problems.items()
        ]


def _key(engine: str, case: CellCase) -> str:
    parts = [engine, case.kind, case.answer, case.source]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _engine_hash() -> str:
    """A hash of this package: what it says of a case may be another thing tomorrow."""
    digest = hashlib.sha256(fairmark.__version__.encode())
    assert __package__
    for module in sorted(m.name for m in pkgutil.iter_modules(sys.modules[__package__].__path__)):
        spec = find_spec(f"{__package__}.{module}")
        assert spec is not None and spec.origin is not None
        digest.update(Path(spec.origin).read_bytes())
    return digest.hexdigest()
