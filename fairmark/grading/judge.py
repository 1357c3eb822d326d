"""Judging: grader tests in this process ask the student's process for values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from fairmark.course.answers import asked_of
from fairmark.course.course import Assignment
from fairmark.errors import FairmarkError
from fairmark.grading.clock import Clock
from fairmark.grading.forks import Forks, Origin, Override
from fairmark.grading.memory import MemoryBound
from fairmark.grading.modules import forget_modules, importable
from fairmark.grading.solutions import solution_of
from fairmark.grading.suite import suite_of
from fairmark.grading.transport import Breakdown, ForkTransport
from fairmark.harness.observe import Observation
from fairmark.harness.plugin import Grading, run_graders
from fairmark.harness.proxy import Calls, StudentError, Submission, Transport
from fairmark.harness.report import TestResult, share_earned
from fairmark.sandbox import Limits, Process
from fairmark.sandbox.exit_status import limit_hit

_REWOUND = Override("", names=[], rewinds="behind", answers=False)
Between = Callable[[Transport, bool], Transport]
"""Takes the way of one test's requests, and whether the test is hidden; gives another way."""


@dataclass
class Verdict:
    """What the graders found."""

    tests: dict[str, list[TestResult]] = field(default_factory=dict)
    """The results by question."""
    observations: dict[str, dict[str, list[Observation]]] = field(default_factory=dict)
    """By question and test: what the test saw of the answer."""
    broken: dict[str, Breakdown] = field(default_factory=dict)
    """By question, where calls hit the time limit or ended the process."""
    asked: set[str] = field(default_factory=set)
    """The names of the notebook that tests have asked for."""
    override_error: str = ""
    """Why an override could not be run."""


class Judge:
    """Runs an assignment's graders on one student's process.

    Each question gets a fork of the process, and another one after a test that hung it, killed it
    or left it in disorder: what one question does to the process no other question sees.
    ``restart`` makes the process anew, should a fork have broken it.
    """

    def __init__(
        self, process: Process, restart: Callable[[], Process | None], limits: Limits
    ) -> None:
        self._origin = Origin(process, restart)
        self._limits = limits

    def run(
        self,
        assignment: Assignment,
        *,
        only: str | frozenset[str] | None = None,
        overrides: Sequence[Override] = (),
        order: Callable[[str], float] | None = None,
        to_first_failure: bool = False,
        between: Between | None = None,
        to_better: Sequence[TestResult] | None = None,
    ) -> Verdict:
        """Judge all questions, or ``only`` some; raise FairmarkError when a grader is broken.

        ``overrides`` are run in each fork before its first call. ``order`` gives each test a place,
        by its key. What tests ask goes by way of ``between``. To better earlier results of one
        question, it is judged as long as that is possible, and nothing is told of what fails. A
        question whose process was killed, as the kernel and other people do, is judged once more,
        in a process that has seen no hidden test.
        """
        wanted = frozenset([only]) if isinstance(only, str) else only
        rest = order, to_first_failure, between, to_better
        verdict = self._run(assignment, wanted, overrides, *rest)
        excused = [question for question, how in verdict.broken.items() if how.from_outside]
        for question in sorted(excused):
            self._origin.renew()
            if self._origin.process is None:
                break
            once = frozenset([question])
            again = self._run(assignment, once, overrides, *rest)
            verdict.tests[question] = again.tests.get(question, [])
            verdict.observations[question] = again.observations.get(question, {})
            verdict.broken.pop(question)
            verdict.broken |= again.broken
            verdict.asked |= again.asked
        if self._origin.lost is not None:
            raise self._origin.lost
        return verdict

    def _run(
        self,
        assignment: Assignment,
        only: frozenset[str] | None,
        overrides: Sequence[Override],
        order: Callable[[str], float] | None,
        to_first_failure: bool,
        between: Between | None,
        to_better: Sequence[TestResult] | None,
    ) -> Verdict:
        limits = self._limits
        answers = partial(asked_of, assignment)
        # Test cells were made to be run where they stand.
        first = [_REWOUND] if assignment.adopted is not None else []
        forks = Forks(self._origin, [*first, *overrides], limits.call_seconds, answers)
        clock = Clock(limits)
        broken: dict[str, Breakdown] = {}
        asked = set[str]()

        @contextmanager
        def open_submission(question: str) -> Iterator[Submission]:
            way: Transport = ForkTransport(
                question, forks, clock, limits, broken, hidden=grading.is_hidden
            )
            if between is not None:
                way = between(way, grading.is_hidden)
            yield Submission(_Noted(way, asked))

        solution = partial(solution_of, assignment)
        memory = MemoryBound(limits.judge_memory_mib)
        grading = _Chosen(
            only, to_better, open_submission, None, order, self._limit_hit, solution, memory.held
        )
        files = assignment.grader_files if only is None else _files_of(assignment, only)
        root, made = assignment.course.root, _made(assignment, only)
        try:
            with importable(root):
                suite = suite_of(assignment.grader_files, root) if files and not made else None
                if suite is not None:
                    enough = grading.is_enough
                    suite.run(grading, to_first_failure=to_first_failure, is_enough=enough)
                elif files or made:  # pytest would take none for all that there are
                    run_graders(files, root, grading, made=made, to_first_failure=to_first_failure)
        finally:
            forks.close()
            memory.let_go()
        if self._origin.lost is not None:  # whatever the tests have made of it
            raise self._origin.lost
        faults = grading.broken or _misfits(assignment, only, set(grading.results))
        if faults:
            # pytest keeps a module that could not be imported, and would take it for an empty one.
            forget_modules()
            raise FairmarkError(f"a grader of {assignment.name} is broken: {faults[0]}")
        return Verdict(grading.results, grading.observations, broken, asked, forks.override_error)

    def _limit_hit(self, error: StudentError) -> str:
        return limit_hit(error.types, error.message, self._limits)


class _Chosen(Grading):
    """A run of the tests of some questions; of all where none are named.

    It may be there only to better some results, of which the messages are known.
    """

    def __init__(
        self,
        questions: frozenset[str] | None,
        to_better: Sequence[TestResult] | None,
        *rest: Any,
    ) -> None:
        super().__init__(*rest)
        self._questions = questions
        self._to_better = to_better

    def is_enough(self) -> bool:
        """Whether the results are not bettered even if all the tests that are left pass."""
        if self._to_better is None:
            return False
        made = [result for results in self.results.values() for result in results]
        left = [replace(result, passed=True) for result in self._to_better[len(made) :]]
        return share_earned([*made, *left]) <= share_earned(self._to_better)

    def finish(self) -> None:
        """Tell what failed, where somebody reads it."""
        if self._to_better is None:
            super().finish()

    def arranged(self, items: Sequence[pytest.Item]) -> list[pytest.Item]:
        """Return the tests of the wanted questions in their order; tests of none are refused."""
        if self._questions is None:
            return super().arranged(items)
        marks = ((item, item.get_closest_marker("fairmark_question")) for item in items)
        wanted = [i for i, mark in marks if mark is None or mark.args[0] in self._questions]
        return super().arranged(wanted)


class _Noted:
    """A way of requests that notes which of the notebook's names they are about."""

    def __init__(self, way: Transport, names: set[str]) -> None:
        self._way = way
        self._names = names

    def exchange(self, request: dict[str, Any], calls: Calls) -> dict[str, Any]:
        """Pass a request on, and return its reply."""
        if "name" in request:
            self._names.add(request["name"])
        return self._way.exchange(request, calls)


def collect(assignment: Assignment) -> None:
    """Collect an assignment's tests now: processes that are forked later share them.

    What is wrong with a grader is told when it is run.
    """
    with importable(assignment.course.root):
        if assignment.grader_files and not assignment.inline.calls:
            suite_of(assignment.grader_files, assignment.course.root)


def _files_of(assignment: Assignment, questions: frozenset[str]) -> list[Path]:
    """The grader modules that have tests of some questions, in their order."""
    found = {path for question in questions for path in assignment.graders_of(question)}
    return [path for path in assignment.grader_files if path in found]


def _made(assignment: Assignment, only: frozenset[str] | None) -> dict[Path, ModuleType]:
    """The module of the tests that check cells describe, in the place of the notebook's file."""
    inline = assignment.inline_checks()
    if not inline.calls or (only is not None and only.isdisjoint(inline.questions)):
        return {}
    return {inline.source: inline.module()}


def _misfits(assignment: Assignment, only: frozenset[str] | None, asked: set[str]) -> list[str]:
    """How the tests do not fit the notebook: nobody is to get 0 for a question without a test."""
    known = [question.id for question in assignment.questions if question.judged]
    untested = [q for q in known if q not in asked and (only is None or q in only)]
    adopted = assignment.adopted
    found = []
    if untested:
        left = f", and {adopted.path.name} does not list it as left" if adopted else ""
        found.append(f"no test is about {', '.join(untested)}{left}")
    if adopted is not None and (twice := sorted(asked & adopted.left.keys())):
        found.append(f"{adopted.path.name} lists as left what has tests: {', '.join(twice)}")
        asked = asked.difference(twice)
    if foreign := sorted(asked.difference(known)):
        kind = "test cell" if adopted else "check cell for"
        found.append(f"the notebook has no {kind} {', '.join(foreign)}")
    return ["; ".join(found)] if found else []
