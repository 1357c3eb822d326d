"""Worker processes that grade, all with one warm sandbox."""

from __future__ import annotations

import ast
import gc
import importlib
import sys
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from typing import Self

from fairmark.batch.pool import FailedTask, Pool
from fairmark.course.course import Assignment, Course
from fairmark.course.proof import lessons_of
from fairmark.errors import FairmarkError
from fairmark.grading.grade import grade_handin
from fairmark.grading.judge import collect
from fairmark.harness.report import Report
from fairmark.intake.handins import SubmittedNotebook
from fairmark.sandbox import DEFAULT_MODE, Sandbox, Visible, make_sandbox
from fairmark.sandbox.cores import usable_cores
from fairmark.sandbox.ready import ready_sandbox
from fairmark.startup import forbid_threads as forbid_threads
from fairmark.syntax.imports import members_imported, modules_imported
from fairmark.syntax.names import is_reference

ENDING_SECONDS = 0.5
"""How long a sandbox may take to end that has closed its sockets."""


class LocalBackend:
    """Grades with ``workers`` processes and one warm sandbox.

    By default there is a worker for each core that may be used. ``on_wait`` is called now and then
    while the workers work.
    """

    def __init__(
        self,
        course: Course,
        *,
        workers: int | None = None,
        mode: str = DEFAULT_MODE,
        on_wait: Callable[[], None] | None = None,
    ) -> None:
        self._course = course
        self._workers = workers or usable_cores()
        self._mode = mode
        self._on_wait = on_wait
        self._warm: tuple[list[str], Visible, Sandbox] | None = None
        self.warnings: list[str] = []
        """What is wrong with the sandbox's preload list."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._let_go()

    def warm_up(self, assignments: Iterable[Assignment]) -> None:
        """Start the sandbox for these assignments now: its imports run beside this process's."""
        self._let_go()
        assignments = list(assignments)
        preload = self._course.preload_for(assignments)
        visible = self._course.visible_for(assignments)
        sandbox = self._ready_or_new(preload, visible)
        self._warm = preload, visible, sandbox
        sandbox.start()

    def _let_go(self) -> None:
        if self._warm is not None:
            self._warm[-1].close()
            self._warm = None

    def _sandbox(self, assignments: list[Assignment]) -> Sandbox:
        """The sandbox that was warmed up for these assignments, else a new one."""
        preload = self._course.preload_for(assignments)
        visible = self._course.visible_for(assignments)
        if self._warm is not None:
            warm_preload, warm_visible, sandbox = self._warm
            enough = warm_visible.files >= visible.files and warm_visible.gpu >= visible.gpu
            if warm_preload == preload and enough:
                self._warm = None
                return sandbox
        self._let_go()
        return self._ready_or_new(preload, visible)

    def _ready_or_new(self, preload: list[str], visible: Visible) -> Sandbox:
        """A sandbox that ``fairmark serve`` has ready, else one that is still to be started."""
        settings = preload, self._course.limits, self._mode, visible
        return ready_sandbox(*settings) or make_sandbox(*settings)

    def grade(
        self, handins: Sequence[SubmittedNotebook], fingerprints: Mapping[SubmittedNotebook, str]
    ) -> Generator[tuple[int, Report | FailedTask]]:
        """Yield the reports of these notebooks, with their places, as they are done."""

        def work(task: int, sandbox: Sandbox) -> Report:
            return grade_handin(handins[task], sandbox)

        assignments = dict.fromkeys(handin.assignment for handin in handins)
        return self.run(work, len(handins), assignments)

    def run(
        self, work: Callable[[int, Sandbox], Report], count: int, assignments: Iterable[Assignment]
    ) -> Generator[tuple[int, Report | FailedTask]]:
        """Yield the reports of ``work(0)`` to ``work(count - 1)``, as they are done.

        ``work`` is called in the workers. A task that lost its worker or its sandbox is tried once
        more. So is what ran out of time on a crowded machine, alone, when all else is done; the
        better report counts.
        """
        assignments = list(assignments)
        todo = list(range(count))
        crowded: dict[int, Report] = {}
        for attempt in (1, 2):
            lost: list[int] = []
            for task, result in self._attempt(work, todo, assignments, self._workers):
                if attempt == 1 and isinstance(result, FailedTask) and result.died:
                    lost.append(task)
                elif isinstance(result, Report) and _may_get_more(result):
                    crowded[task] = result
                else:
                    yield task, result
            todo = lost
        for task, result in self._attempt(work, list(crowded), assignments, workers=1):
            yield task, _better(crowded[task], result)

    def _attempt(
        self,
        work: Callable[[int, Sandbox], Report],
        tasks: list[int],
        assignments: list[Assignment],
        workers: int,
    ) -> Generator[tuple[int, Report | FailedTask]]:
        if not tasks:
            return
        with self._sandbox(assignments) as sandbox:
            warm_up_for(sandbox, assignments)
            self.warnings = sandbox.warnings

            def grade_one(task: int) -> Report | FailedTask:
                try:
                    return work(task, sandbox)
                except FairmarkError as error:
                    return FailedTask(str(error), died=not sandbox.is_alive(ENDING_SECONDS))

            workers = min(workers, len(tasks))
            pool = Pool(grade_one, workers, seconds_allowed(assignments), self._on_wait)
            with closing(pool.run(tasks)) as results:
                yield from results


def warm_up_for(sandbox: Sandbox, assignments: Iterable[Assignment]) -> None:
    """Load what all workers share, while the sandbox does its own imports; raise FairmarkError."""
    load_for(assignments)
    sandbox.wait_ready()
    gc.freeze()  # the workers' collectors would touch, and so copy, what they all share


def load_for(assignments: Iterable[Assignment]) -> None:
    """Load what all workers share; raise FairmarkError."""
    for assignment in assignments:
        _import_what_graders_import(assignment)
        _ = assignment.questions, lessons_of(assignment)  # read now, and kept
        if assignment.has_graders:
            collect(assignment)


def seconds_allowed(assignments: Iterable[Assignment]) -> float:
    """Return a bound for a grader that never ends: more time than a submission's limits allow."""
    return 60 + max(map(_seconds_of_limits, assignments), default=0.0)


def _may_get_more(report: Report) -> bool:
    """Whether points were lost for want of time that other work of the machine has taken."""
    return report.crowded and report.score < report.max_score


def _better(first: Report, second: Report | FailedTask) -> Report:
    """The report with more points; the first one where the second attempt has none."""
    if isinstance(second, FailedTask) or second.error is not None:
        return first
    return second if second.score > first.score else first


def _import_what_graders_import(assignment: Assignment) -> None:
    """Import the modules that the graders name at their top, and run what check cells describe.

    What cannot be imported is left for the judge to complain about.
    """
    with suppress(FairmarkError):
        assignment.inline.described()
    names: set[str] = set()
    for path in assignment.grader_files if assignment.has_graders else ():
        try:
            tree = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError):
            continue
        names |= modules_imported(tree.body)
        names |= {name for name in members_imported(tree.body) if is_reference(name)}
    root = str(assignment.course.root)
    sys.path.insert(0, root)
    try:
        for name in sorted(names):
            try:
                importlib.import_module(name)
            except Exception:
                continue
    finally:
        sys.path.remove(root)


def _seconds_of_limits(assignment: Assignment) -> float:
    limits = assignment.limits()
    seconds = 2 * limits.submission_seconds + len(assignment.questions) * limits.question_seconds
    return seconds + (limits.rerun_seconds if limits.gpu_memory_mib else 0.0)
