"""Worker processes that grade, all with one warm sandbox."""

from __future__ import annotations

import ast
import importlib
import os
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import closing

from fairmark.course import Assignment, Course
from fairmark.errors import FairmarkError
from fairmark.report import Report
from fairmark.sandbox import Sandbox
from fairmark.sandbox.host import Mode
from fairmark.workers import Failure, Pool

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Jury:
    """Grades with ``workers`` processes (default: one per core) and one warm sandbox.

    ``on_wait`` is called now and then while the workers work.
    """

    def __init__(
        self,
        course: Course,
        *,
        workers: int | None = None,
        mode: Mode = "bubblewrap",
        on_wait: Callable[[], None] | None = None,
    ) -> None:
        self._course = course
        self._workers = workers or len(os.sched_getaffinity(0))
        self._mode: Mode = mode
        self._on_wait = on_wait
        self.warnings: list[str] = []
        """What is wrong with the sandbox's preload list."""

    def run(
        self, work: Callable[[int, Sandbox], Report], count: int, assignments: Iterable[Assignment]
    ) -> Generator[tuple[int, Report | Failure]]:
        """Yield the reports of ``work(0)`` to ``work(count - 1)``, as they are done.

        ``work`` is called in the workers. A task that lost its worker or its sandbox is tried once
        more.
        """
        assignments = list(assignments)
        todo = list(range(count))
        for attempt in (1, 2):
            lost: list[int] = []
            for task, result in self._attempt(work, todo, assignments):
                if attempt == 1 and isinstance(result, Failure) and result.died:
                    lost.append(task)
                else:
                    yield task, result
            todo = lost

    def _attempt(
        self,
        work: Callable[[int, Sandbox], Report],
        tasks: list[int],
        assignments: list[Assignment],
    ) -> Generator[tuple[int, Report | Failure]]:
        if not tasks:
            return
        preload = self._course.preload_for(assignments)
        with Sandbox(preload, self._course.limits, self._mode) as sandbox:
            self._warm_up(sandbox, assignments)

            def grade_one(task: int) -> Report | Failure:
                try:
                    return work(task, sandbox)
                except FairmarkError as error:
                    return Failure(str(error), died=not _is_alive(sandbox))

            workers = min(self._workers, len(tasks))
            pool = Pool(grade_one, workers, self._seconds(assignments), self._on_wait)
            with closing(pool.run(tasks)) as results:
                yield from results

    def _seconds(self, assignments: list[Assignment]) -> float:
        """More time than a submission's limits allow for: it bounds a grader that never ends."""
        limits = self._course.limits
        questions = max((len(assignment.questions) for assignment in assignments), default=0)
        return 60 + 2 * limits.submission_seconds + questions * limits.question_seconds

    def _warm_up(self, sandbox: Sandbox, assignments: list[Assignment]) -> None:
        """Load what all workers share, while the sandbox does its own imports."""
        for assignment in assignments:
            _import_what_graders_import(assignment)
            assert assignment.questions is not None  # read now, and kept
        sandbox.wait_ready()
        self.warnings = sandbox.warnings


def forbid_threads() -> None:
    """Let numerical libraries that are imported from now on start no threads of their own.

    The workers are forked from this process, and are as many as there are cores already.
    """
    for variable in _THREAD_VARIABLES:
        os.environ[variable] = "1"


def _import_what_graders_import(assignment: Assignment) -> None:
    """Import the modules that the graders name at their top.

    What cannot be imported is left for the judge to complain about.
    """
    names: set[str] = set()
    for path in assignment.grader_files:
        try:
            tree = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError):
            continue
        for node in tree.body:
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module)
                if node.module == "reference":
                    names.update(f"reference.{alias.name}" for alias in node.names)
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


def _is_alive(sandbox: Sandbox) -> bool:
    """Whether the sandbox lives, as far as a forked worker can tell."""
    try:
        with open(f"/proc/{sandbox.pid}/stat") as status:
            return status.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
