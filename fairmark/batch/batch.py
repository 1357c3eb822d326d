"""Grading a whole class: what changed is graded by worker processes and recorded by this one."""

from __future__ import annotations

import gc
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Literal

from fairmark.batch.backend import Backend
from fairmark.batch.better import never_worse
from fairmark.batch.order import in_order
from fairmark.batch.pool import FailedTask
from fairmark.course.course import Assignment, Course
from fairmark.harness.report import Report
from fairmark.intake.handins import SubmittedNotebook, fingerprint_base
from fairmark.record.foresight import Foresight
from fairmark.record.queries import Key
from fairmark.record.records import NotWritten, Records

OutcomeState = Literal["graded", "unchanged", "failed"]

_COLLECTED_AFTER = 50
"""Submissions. The collector counts objects: of the gradebook's and json's cycles, 60 for each
submission with 10 KB, it would leave those of more than a thousand lying.
"""


@dataclass(frozen=True)
class NotebookOutcome:
    """What became of one notebook that was handed in."""

    handin: SubmittedNotebook
    state: OutcomeState
    report: Report | None = None
    """None when it has failed for no fault of its own; nothing is recorded then."""
    problem: str = ""
    """Why there is no mark, in one line."""
    kept: tuple[str, ...] = ()
    """The questions whose marks stay though the tests now give less."""


class Batch:
    """The submissions of a class, sorted into those to grade and those that need no grading.

    ``only_better`` records no mark of a question that is lower than the one that the same answer
    has.
    """

    def __init__(
        self,
        course: Course,
        handins: Sequence[SubmittedNotebook],
        *,
        force: bool = False,
        only_better: bool = False,
    ) -> None:
        self._only_better = only_better
        self._before: dict[Assignment, Foresight] = {}
        self._records = Records(course)
        self.assignments = list(dict.fromkeys(handin.assignment for handin in handins))
        """The notebooks of assignments that they are of."""
        bases = {assignment: fingerprint_base(assignment) for assignment in self.assignments}
        self.fingerprints: dict[SubmittedNotebook, str] = {}
        """What each of them is graded by."""
        self.unchanged: list[NotebookOutcome] = []
        """Those that were graded before, where nothing that could change the mark did change."""
        self.penalties: set[Key] = set()
        """Those whose penalty for being late has changed, though nothing else did."""
        waiting: list[SubmittedNotebook] = []
        for handin in handins:
            fingerprint = handin.fingerprint(bases[handin.assignment])
            self.fingerprints[handin] = fingerprint
            known = None if force else self._records.find(handin, fingerprint)
            if known is None:
                waiting.append(handin)
            else:
                self.unchanged.append(
                    NotebookOutcome(handin, "unchanged", known, known.error or "")
                )
        costs = {handin: self._records.cost(handin) for handin in waiting}
        self.pending = in_order(waiting, {h: cost for h, cost in costs.items() if cost is not None})
        """Those that have to be graded, in this order."""

    def run(self, backend: Backend) -> Generator[NotebookOutcome]:
        """Grade what is pending, here or on a cluster; record each outcome and then yield it.

        Close the iterator to end early. Raises FairmarkError when nothing can be graded or
        recorded, as when the gradebook is locked; what was recorded until then stays.
        """
        if not self.pending and not self.unchanged:
            return
        if self._only_better:
            self._before = {one: Foresight(one) for one in self.assignments}
        with self._records:
            self._records.synchronise(self.assignments)
            self.penalties = self._records.refresh_penalties(self.assignments)
            with closing(backend.grade(self.pending, self.fingerprints)) as results:
                for done, (task, result) in enumerate(results, start=1):
                    yield self._settle(self.pending[task], result)
                    if done % _COLLECTED_AFTER == 0:
                        gc.collect()

    def _settle(self, handin: SubmittedNotebook, result: Report | FailedTask) -> NotebookOutcome:
        if isinstance(result, FailedTask):
            return NotebookOutcome(handin, "failed", problem=result.reason)
        kept: tuple[str, ...] = ()
        if self._only_better:
            before = self._before[handin.assignment]
            if result.error is not None and before.is_marked(handin.student):
                problem = f"{result.error}; it keeps the mark that it has"
                return NotebookOutcome(handin, "failed", problem=problem)
            result, kept = never_worse(before, handin, result)
        try:
            self._records.write(handin, result, self.fingerprints[handin])
        except NotWritten as error:
            return NotebookOutcome(handin, "failed", problem=str(error))
        # The cells hold every figure of the class: they are written, so they can go.
        report = replace(result, cells=())
        return NotebookOutcome(handin, "graded", report, result.error or "", kept)

    def unmarked(self) -> Mapping[Key, int]:
        """Return how many answers of each notebook a person still has to mark."""
        return self._records.unmarked()

    def changed(self) -> Mapping[Key, int]:
        """Return how many answers of each notebook were changed after a person marked them."""
        return self._records.changed(self.fingerprints)
