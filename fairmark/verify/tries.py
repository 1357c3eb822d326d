"""The outcomes of many cases: those known from earlier runs, and those that are tried now."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Hashable, Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any, Generic, Protocol, TypeVar

from fairmark.batch.local import forbid_threads
from fairmark.batch.pool import FailedTask, Pool
from fairmark.course.course import Assignment
from fairmark.record.notes import Notes
from fairmark.sandbox import Sandbox, make_sandbox
from fairmark.sandbox.cores import usable_cores
from fairmark.syntax.imports import cells_modules

_SAVE_SECONDS = 10.0


class Outcome(Protocol):
    """What trying a case gave."""

    @property
    def untried(self) -> Any:
        """True, or the reason, where the case could not be tried."""

    def to_json(self) -> dict[str, Any]:
        """The outcome as JSON-able data."""


CaseT = TypeVar("CaseT", bound=Hashable)
OutcomeT = TypeVar("OutcomeT", bound=Outcome)


class Tries(Generic[CaseT, OutcomeT]):
    """Tries an assignment's cases in several processes, and keeps their outcomes.

    They are kept in ``.fairmark/verify`` of the course, under the key of their case. Left out are
    those that do not hold (``holds``), or all of them (``afresh``). Where not all cases were asked
    for (``whole``), those of the others stay.
    """

    def __init__(
        self,
        assignment: Assignment,
        keys: Mapping[CaseT, str],
        read: Callable[[dict[str, Any]], OutcomeT],
        *,
        holds: Callable[[CaseT, OutcomeT], bool],
        workers: int | None,
        whole: bool,
        afresh: bool,
        on_wait: Callable[[], None] | None,
    ) -> None:
        self._assignment = assignment
        self._keys = keys
        # A worker keeps a process of the instructor's answers, and with it its turn on a GPU.
        self._workers = 1 if assignment.limits().gpu_memory_mib else workers or usable_cores()
        self._whole = whole
        self._on_wait = on_wait
        self._notes = Notes(assignment.course.root, "verify")
        known = {} if afresh else self._notes.read(assignment.label)
        found = {case: read(known[key]) for case, key in keys.items() if key in known}
        self.outcomes = {case: outcome for case, outcome in found.items() if holds(case, outcome)}

    @property
    def unknown(self) -> list[CaseT]:
        """The cases that have to be tried."""
        return [case for case in self._keys if case not in self.outcomes]

    def run(
        self,
        first: Sequence[CaseT],
        others: Sequence[CaseT],
        *,
        narrow: Callable[[Sequence[CaseT]], Sequence[CaseT]],
        answers: Iterable[str],
        tester: Callable[[Sandbox], Callable[[CaseT], OutcomeT]],
        failed: Callable[[str], OutcomeT],
    ) -> Generator[CaseT]:
        """Try cases, and yield each one when it is done.

        The outcomes of the ``first`` decide which of the others ``narrow`` leaves to be tried. The
        sandbox has the modules that ``answers`` import: importing them must not use a call's time.
        ``tester`` makes what tries a case, and ``failed`` an outcome of the reason why it could not
        be tried.
        """
        if not first and not others:
            return
        forbid_threads()
        saved = time.monotonic()
        course = self._assignment.course
        preload = set(course.preload_for([self._assignment])).union(*map(cells_modules, answers))
        visible = course.visible_for([self._assignment])
        with make_sandbox(sorted(preload), course.limits, visible=visible) as sandbox:
            sandbox.wait_ready()
            try:
                for is_first in (True, False):
                    cases = first if is_first else narrow(others)
                    outcomes = self._try(cases, tester(sandbox)) if cases else ()
                    for case, result in outcomes:
                        failure = isinstance(result, FailedTask)
                        self.outcomes[case] = failed(result.reason) if failure else result
                        if time.monotonic() > saved + _SAVE_SECONDS:
                            self._save()
                            saved = time.monotonic()
                        yield case
            finally:
                self._save()

    def _try(
        self, cases: Sequence[CaseT], outcome: Callable[[CaseT], OutcomeT]
    ) -> Generator[tuple[CaseT, Any]]:
        seconds = 60 + 4 * self._assignment.limits().submission_seconds
        workers = min(self._workers, len(cases))
        pool = Pool(lambda task: outcome(cases[task]), workers, seconds, self._on_wait)
        with closing(pool.run(range(len(cases)))) as results:
            for task, result in results:
                yield cases[task], result

    def _save(self) -> None:
        found = {
            self._keys[case]: outcome.to_json()
            for case, outcome in self.outcomes.items()
            if not outcome.untried  # the next run may succeed
        }
        name = self._assignment.label
        self._notes.write(name, found if self._whole else self._notes.read(name) | found)
