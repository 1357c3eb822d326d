"""The single runs: a class graded once by stock nbgrader, by fairmark, or run by the floor."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import otter
from benchmarks.classroom import ASSIGNMENT, POINTS, make_course
from benchmarks.floor import Bare
from benchmarks.measure import (
    AddedMemory,
    CommandFailed,
    Look,
    OwnMemory,
    PeakMemory,
    Usage,
    measure,
)
from benchmarks.progress import Progress

_ROOT = Path(__file__).resolve().parent.parent
_USED = "fairmark: the server runs this command"


class Runs:
    """Grades classes in ``folder``, and tells ``progress`` what it is doing."""

    def __init__(
        self, folder: Path, workers: int, progress: Progress, assignment: str = ASSIGNMENT
    ) -> None:
        self.workers = workers
        self._assignment = assignment
        self._folder = folder
        self._progress = progress
        self._count = 0
        home = folder / "home"
        home.mkdir(mode=0o700)
        # Nobody's own configuration, and nothing but the measured code's folder on the path.
        self._environment: Mapping[str, str] = {
            "JUPYTER_CONFIG_DIR": str(home),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "IPYTHONDIR": str(home / "ipython"),
            "PYTHONPATH": str(_ROOT),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": "200",
            "XDG_RUNTIME_DIR": str(home),
        }

    def stock(self, students: int) -> tuple[Usage, int]:
        """Grade a class with stock nbgrader; return the usage and the peak memory."""
        course = self._course(students, fairmark=False)
        nbgrader = [sys.executable, "-m", "nbgrader"]
        self._run([*nbgrader, "generate_assignment", self._assignment], course, "")
        peak = PeakMemory()
        usage = self._run(
            [*nbgrader, "autograde", self._assignment],
            course,
            f"stock nbgrader grades {students} submissions",
            peak,
            every=0.5,
        )
        self._check_marks(course, students)
        return usage, peak.bytes

    def otter(self, program: Path, students: int) -> Usage:
        """Grade a class with ``otter run``, one submission after the other."""
        self._count += 1
        folder = self._folder / f"course{self._count}"
        notebooks = otter.make_class(folder, students)
        zipped = ["generate", "-t", "tests", "-c", "otter_config.json", "-o", "autograder.zip"]
        self._run([str(program), *zipped], folder, "")
        self._progress.step(f"otter-grader grades {students} submissions")
        used = []
        for number, notebook in enumerate(notebooks):
            self._progress.inner(number, students)
            words = ["run", str(notebook), "-a", "autograder.zip", "-o", str(notebook.parent)]
            used.append(self._run([str(program), *words, "--no-logo"], folder, ""))
            points = otter.points_given(notebook.parent / "results.json")
            if points != POINTS[ASSIGNMENT]:
                raise CommandFailed(f"otter gave a right submission {points} points")
        exact = all(usage.exact for usage in used)
        return Usage(sum(u.wall for u in used), sum(u.cpu for u in used), exact, "")

    def fairmark(self, students: int) -> Usage:
        """Grade a class with fairmark."""
        course = self._course(students, fairmark=True)
        usage = self._autograde(course, self.workers, f"fairmark grades {students} submissions")
        self._check_marks(course, students)
        return usage

    def served(self, students: int) -> Usage:
        """Grade a class with fairmark while a server of the course runs, which is ready."""
        course = self._course(students, fairmark=True)
        with self._server(course):
            usage = self._autograde(
                course, self.workers, f"fairmark with a server grades {students} submissions"
            )
        if _USED not in usage.output:
            raise CommandFailed(f"the server was not used:\n{usage.output}")
        self._check_marks(course, students)
        return usage

    @contextlib.contextmanager
    def _server(self, course: Path) -> Iterator[None]:
        serve = [sys.executable, "-m", "fairmark.cli.main", "serve"]
        how: dict[str, Any] = {"cwd": course, "env": {**os.environ, **self._environment}}
        subprocess.run([*serve, "--background", self._assignment], check=True, **how)
        try:
            yield
        finally:
            subprocess.run([*serve, "--stop"], check=True, stdout=subprocess.DEVNULL, **how)

    def fairmark_held(self, students: int) -> tuple[Usage, OwnMemory]:
        """Grade a class with fairmark; return also what the command's own process held."""
        course = self._course(students, fairmark=True)
        held = OwnMemory(lambda: self._count_graded(course))
        what = f"fairmark grades {students} submissions"
        usage = self._autograde(course, self.workers, what, held)
        self._check_marks(course, students)
        return usage, held

    def floor(self, students: int) -> list[Bare]:
        """Run a class's cells in bare processes; return what each one took."""
        course = self._course(students, fairmark=False)
        paths = sorted(map(str, course.glob(f"submitted/*/{self._assignment}/*.ipynb")))
        usage = self._run(
            [sys.executable, "-m", "benchmarks.floor", *paths],
            course,
            f"the cells of {students} submissions run in bare processes",
        )
        return [Bare(*taken) for taken in json.loads(usage.output.splitlines()[-1])]

    def fairmark_peak(self, students: int) -> int:
        """Return the most memory that fairmark takes, all processes together."""
        course, peak = self._course(students, fairmark=True), PeakMemory()
        self._autograde(course, self.workers, "fairmark again, for its memory", peak, 0.02)
        return peak.bytes

    def added_memory(self, students: int) -> int:
        """Return what one running submission adds to the warm process."""
        course, added = self._course(students, fairmark=True), AddedMemory()
        self._autograde(course, 1, "fairmark with one worker, for its memory", added, 0.02)
        return added.bytes

    def _autograde(
        self,
        course: Path,
        workers: int,
        what: str,
        look: Look | None = None,
        every: float = 0.2,
    ) -> Usage:
        command = [sys.executable, "-m", "fairmark.cli.main", "autograde", self._assignment]
        options = ["--verbose", "--workers", str(workers)]
        return self._run([*command, *options], course, what, look, every)

    def _run(
        self,
        command: Sequence[str],
        course: Path,
        what: str,
        look: Look | None = None,
        every: float = 0.2,
    ) -> Usage:
        if what:
            self._progress.step(what)
        looks: list[Look] = [self._graded(course)]
        return measure(
            command,
            folder=course,
            environment=self._environment,
            looks=[look, *looks] if look else looks,
            every=every,
        )

    def _graded(self, course: Path) -> Look:
        """Tell now and then how many of a class are graded."""
        total = sum(1 for _ in course.glob("submitted/*"))
        due = 0.0

        def look(_root: int) -> None:
            nonlocal due
            if time.monotonic() >= due:
                due = time.monotonic() + 2.0
                if done := self._count_graded(course):
                    self._progress.inner(done, total)

        return look

    def _count_graded(self, course: Path) -> int:
        return sum(1 for _ in course.glob(f"autograded/*/{self._assignment}/*.ipynb"))

    def _course(self, students: int, *, fairmark: bool) -> Path:
        self._count += 1
        folder = self._folder / f"course{self._count}"
        return make_course(folder, students, fairmark=fairmark, assignment=self._assignment)

    def _check_marks(self, course: Path, students: int) -> None:
        """Make sure that a class, which is right, got all points: else nothing was measured."""
        query = "select sum(auto_score) from grade group by notebook_id"
        with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as gradebook:
            marks = [row[0] for row in gradebook.execute(query)]
        if marks != [POINTS[self._assignment]] * students:
            raise CommandFailed(f"{students} right submissions were given the marks {marks}")
