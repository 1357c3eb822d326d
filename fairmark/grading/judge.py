"""Judging: grader tests in this process ask the student's process for values."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fairmark.course.course import Assignment
from fairmark.errors import FairmarkError
from fairmark.harness.observe import Observation
from fairmark.harness.plugin import Grading, run_graders
from fairmark.harness.proxy import (
    Calls,
    ProcessDied,
    StudentError,
    Submission,
    TimeLimitExceeded,
)
from fairmark.harness.report import Status, TestResult
from fairmark.sandbox import Session
from fairmark.sandbox.exit_status import ExitStatus, limit_hit
from fairmark.sandbox.host import Fork
from fairmark.sandbox.limits import Limits
from fairmark.wire.channel import ChannelClosed, ChannelTimeout
from fairmark.wire.codec import WireError

_MAX_RESTARTS = 8
_ENDING_SECONDS = 1.0
"""How long a process that has closed its channel may take to end."""


@dataclass(frozen=True)
class Override:
    """Source that is run in a fork before the judge's first call."""

    source: str
    names: list[str] | None = None
    """The names that it gives to the student's notebook; None runs it as a cell of the notebook."""


@dataclass
class Verdict:
    """What the graders found."""

    tests: dict[str, list[TestResult]] = field(default_factory=dict)
    """The results by question."""
    observations: dict[str, dict[str, list[Observation]]] = field(default_factory=dict)
    """By question and test: what the test saw of the answer."""
    broken_by: dict[str, Status] = field(default_factory=dict)
    """Questions whose calls hit the time limit or ended the process."""
    reasons: dict[str, str] = field(default_factory=dict)
    """Of these questions: which limit it was, or how the process ended, in one sentence."""
    override_error: str = ""
    """Why an override could not be run."""


class Judge:
    """Runs an assignment's graders on one student's process.

    Each question gets a fork of the process, and another one after a test that hung it, killed it
    or left it in disorder: what one question does to the process no other question sees.
    ``restart`` makes the process anew, should a fork have broken it.
    """

    def __init__(
        self,
        session: Session | None,
        restart: Callable[[], Session | None],
        limits: Limits,
    ) -> None:
        self._session = session
        self._restart = restart
        self._restarts = 0
        self._limits = limits
        self._fork: tuple[str, Fork] | None = None
        self._seconds_used: dict[str, float] = {}
        self._overrides: Sequence[Override] = ()
        self._verdict = Verdict()
        self._excused: set[str] = set()
        self._lost: FairmarkError | None = None

    def run(
        self,
        assignment: Assignment,
        *,
        only: str | None = None,
        overrides: Sequence[Override] = (),
        order: Callable[[str], float] | None = None,
        to_first_failure: bool = False,
    ) -> Verdict:
        """Judge all questions, or ``only`` one; raise FairmarkError when a grader is broken.

        ``overrides`` are run in each fork before its first call. ``order`` gives each test a place,
        by its key. A question whose process was killed, as the kernel and other people do, is
        judged once more, in a process that has seen no hidden test.
        """
        self._overrides = overrides
        self._excused.clear()
        verdict = self._run(assignment, only, order, to_first_failure)
        for question in sorted(self._excused):
            self._renew()
            if self._session is None:
                break
            again = self._run(assignment, question, order, to_first_failure)
            verdict.tests[question] = again.tests.get(question, [])
            verdict.observations[question] = again.observations.get(question, {})
            verdict.broken_by.pop(question, None)
            verdict.broken_by |= again.broken_by
            verdict.reasons |= again.reasons
        if self._lost is not None:
            raise self._lost
        return verdict

    def _run(
        self,
        assignment: Assignment,
        only: str | None,
        order: Callable[[str], float] | None,
        to_first_failure: bool,
    ) -> Verdict:
        self._seconds_used.clear()
        self._verdict = Verdict()
        grading = Grading(self._open, only, order, self._limit_hit)
        files = assignment.grader_files if only is None else assignment.graders_of(only)
        root = assignment.course.root
        try:
            with _importable(root):
                run_graders(files, root, grading, to_first_failure=to_first_failure)
        finally:
            self.close()
        if self._lost is not None:  # whatever the tests have made of it
            raise self._lost
        broken = grading.broken or _misfits(assignment, only, set(grading.results))
        if broken:
            # pytest keeps a module that could not be imported, and would take it for an empty one.
            _forget_modules()
            raise FairmarkError(f"a grader of {assignment.name} is broken: {broken[0]}")
        self._verdict.tests = grading.results
        self._verdict.observations = grading.observations
        return self._verdict

    def _limit_hit(self, error: StudentError) -> str:
        return limit_hit(error.types, error.message, self._limits)

    @contextmanager
    def _open(self, question: str) -> Iterator[Submission]:
        yield Submission(_ForkTransport(self, question))

    def fork(self, question: str) -> Fork:
        """Return this question's fork; raise ProcessDied when none can be had."""
        if self._fork is not None:
            forked_for, fork = self._fork
            if forked_for == question:
                return fork
            self.end_fork()
        while self._session is not None:
            try:
                fork = self._session.fork(question)
            except (ChannelClosed, ChannelTimeout, WireError):
                self._renew()
            else:
                self._fork = question, fork
                self._apply_overrides(fork)
                return fork
        raise ProcessDied("The notebook's process could not be kept alive.")

    def _apply_overrides(self, fork: Fork) -> None:
        """Run the overrides in a new fork."""
        for override in self._overrides:
            deadline = time.monotonic() + self._limits.call_seconds
            request = {"op": "override", "source": override.source, "names": override.names}
            fork.channel.send(request, seconds=self._limits.call_seconds)
            reply = fork.channel.receive(deadline - time.monotonic())
            if reply.get("status") != "ok":
                self._verdict.override_error = f"{reply.get('types')}: {reply.get('message')}"[:500]

    def end_fork(self, seconds: float = 0.0) -> ExitStatus | None:
        """End the fork there is, so that the next call gets another one.

        Return how it ended, if it did so by itself or does within ``seconds``.
        """
        if self._fork is None:
            return None
        _, fork = self._fork
        self._fork = None
        try:
            return fork.close(seconds)
        except (ChannelClosed, ChannelTimeout, WireError):
            exit_status = None if self._session is None else self._session.wait(_ENDING_SECONDS)
            self._renew()
            return exit_status

    def close(self) -> None:
        """Let go of the fork there is; it ends with the student's process."""
        if self._fork is not None:
            self._fork[1].channel.close()
            self._fork = None

    def _renew(self) -> None:
        """Replace a broken process, as often as is reasonable."""
        self._restarts += 1
        self._session = None
        if self._restarts <= _MAX_RESTARTS and self._lost is None:
            try:
                self._session = self._restart()
            except FairmarkError as error:  # the sandbox itself is gone: no student pays for it
                self._lost = error

    def seconds_left(self, question: str) -> float:
        """How long the next call of this question may take."""
        left = self._limits.question_seconds - self._seconds_used.get(question, 0.0)
        return min(self._limits.call_seconds, left)

    def note_broken(self, question: str, how: Status, reason: str) -> None:
        """Note that a call hit the time limit or ended the process."""
        self._verdict.broken_by[question] = how
        self._verdict.reasons.setdefault(question, reason)  # the later ones follow from it

    def note_exit(self, question: str, exit_status: ExitStatus | None) -> str:
        """Note how a call has ended the process; return it in words."""
        if exit_status is None:
            reason = "Your code cut its process off from the one that grades."
        else:
            reason = f"Your code {exit_status.words(self._limits)}."
            if exit_status.is_from_outside(self._limits):
                self._excused.add(question)
        self.note_broken(question, "killed", reason)
        return reason

    def time_limit(self, seconds: float) -> str:
        """Say which limit a call has hit that was given these seconds."""
        limits = self._limits
        if seconds >= limits.call_seconds:
            return f"Your code did not answer within {limits.call_seconds:g} seconds."
        return (
            "Your code did not end in time: "
            f"all tests of this question together may take {limits.question_seconds:g} seconds."
        )

    def use_seconds(self, question: str, seconds: float) -> None:
        """Count time against a question."""
        self._seconds_used[question] = self._seconds_used.get(question, 0.0) + seconds


class _ForkTransport:
    """Carries one test's requests to the question's fork of the student's process."""

    def __init__(self, judge: Judge, question: str) -> None:
        self._judge = judge
        self._question = question
        self._ended: Exception | None = None

    def exchange(self, request: dict[str, Any], calls: Calls) -> dict[str, Any]:
        """Return the reply; raise TimeLimitExceeded, ProcessDied or WireError, then always."""
        if self._ended is not None:
            raise self._ended
        seconds = self._judge.seconds_left(self._question)
        started = time.monotonic()
        try:
            if seconds <= 0:
                raise ChannelTimeout
            fork = self._judge.fork(self._question)
            started = time.monotonic()
            return self._talk(fork, request, calls, started + seconds)
        except ChannelTimeout:
            reason = self._judge.time_limit(seconds)
            self._judge.note_broken(self._question, "timeout", reason)
            self._ended = TimeLimitExceeded(
                reason
                if seconds > 0
                else "The tests before this one used up the time of this question."
            )
        except ChannelClosed:
            exit_status = self._judge.end_fork(_ENDING_SECONDS)
            self._ended = ProcessDied(self._judge.note_exit(self._question, exit_status))
        except WireError as error:
            self._ended = error
        finally:
            self._judge.use_seconds(self._question, time.monotonic() - started)
        self._judge.end_fork()
        raise self._ended

    def _talk(
        self, fork: Fork, request: dict[str, Any], calls: Calls, deadline: float
    ) -> dict[str, Any]:
        fork.channel.send(request, seconds=deadline - time.monotonic())
        while True:
            reply = fork.channel.receive(deadline - time.monotonic())
            if "call" not in reply:
                return reply
            answer = calls(reply["call"], reply.get("args"), reply.get("kwargs"))
            fork.channel.send(answer, seconds=deadline - time.monotonic())


def _misfits(assignment: Assignment, only: str | None, asked: set[str]) -> list[str]:
    """How the tests do not fit the notebook: nobody is to get 0 for a question without a test."""
    known = [question.id for question in assignment.questions if not question.manual]
    untested = [q for q in known if q not in asked and only in (None, q)]
    found = [f"no test is about {', '.join(untested)}"] if untested else []
    foreign = sorted(asked.difference(known))
    if foreign:
        found.append(f"the notebook has no check cell for {', '.join(foreign)}")
    return ["; ".join(found)] if found else []


@contextmanager
def _importable(root: Path) -> Iterator[None]:
    """Let grader modules import the course's ``reference`` package, and write no byte code."""
    _forget_changed_modules(root)
    writes_nothing, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    sys.path.insert(0, str(root))
    try:
        yield
    finally:
        sys.path.remove(str(root))
        sys.dont_write_bytecode = writes_nothing
        _stamps.update({name: _stamp(path) for name, path in _course_modules().items()})


_stamps: dict[str, int] = {}
"""When each loaded module of a course was written."""


def _forget_changed_modules(root: Path) -> None:
    """Drop the modules of another course, or of an older text, from ``sys.modules``.

    A server that grades for days must not use yesterday's grader.
    """
    modules = _course_modules()
    if any(
        not path.is_relative_to(root) or _stamp(path) != _stamps.get(name)
        for name, path in modules.items()
    ):
        _forget_modules()


def _forget_modules() -> None:
    for name in _course_modules():
        del sys.modules[name]


def _course_modules() -> dict[str, Path]:
    """The loaded modules of the course: its graders and its reference."""
    found = {}
    for name, module in list(sys.modules.items()):
        # The name first: some modules import others when they are asked for an attribute.
        if name.partition(".")[0] in ("graders", "reference"):
            file = getattr(module, "__file__", None)
            if file is not None:
                found[name] = Path(file)
    return found


def _stamp(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else -1
