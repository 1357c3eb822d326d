"""A preview: a class is graded again, and what it would change is told. Nothing is written."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing

from fairmark.batch.backend import Backend
from fairmark.batch.batch import Batch
from fairmark.batch.better import never_worse
from fairmark.batch.pool import FailedTask
from fairmark.harness.report import Report
from fairmark.intake.handins import SubmittedNotebook
from fairmark.record.changes import MarkChange
from fairmark.record.foresight import Foresight


class Preview:
    """What grading a batch would change. ``only_better`` is as the batch's own.

    Raises FairmarkError where the gradebook could not take the marks.
    """

    def __init__(self, batch: Batch, *, only_better: bool = False) -> None:
        self._batch = batch
        self._only_better = only_better
        self._before = {assignment: Foresight(assignment) for assignment in batch.assignments}

    def unchanged(self) -> list[MarkChange]:
        """Return the changes where nothing has to be graded again: those of penalties."""
        return [
            self._before[outcome.handin.assignment].unchanged(outcome.handin)
            for outcome in self._batch.unchanged
        ]

    def run(self, backend: Backend) -> Generator[MarkChange]:
        """Grade what is pending; yield what each outcome would change.

        Close the iterator to end early. Raises FairmarkError when nothing can be graded.
        """
        if not self._batch.pending:
            return
        with closing(backend.grade(self._batch.pending, self._batch.fingerprints)) as results:
            for task, result in results:
                yield self._change(self._batch.pending[task], result)

    def _change(self, handin: SubmittedNotebook, result: Report | FailedTask) -> MarkChange:
        before = self._before[handin.assignment]
        if isinstance(result, FailedTask):
            return before.lost(handin, result.reason)
        kept: tuple[str, ...] = ()
        if self._only_better:
            if result.error is not None and before.is_marked(handin.student):
                return before.lost(handin, f"{result.error}; it keeps the mark that it has")
            result, kept = never_worse(before, handin, result)
        return before.after(handin, result, kept)
