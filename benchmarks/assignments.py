"""``python -m benchmarks.assignments``: what grading one right submission costs, by assignment.

The instructor's notebook is graded with the cells that its questions need, and these cells are run
alone in the same sandbox: what grading costs beyond that is fairmark's own. It is told as a part of
what stock nbgrader costs beyond a notebook's cells, measured in turns in the same run. All is CPU
time of the judge and of all the student's processes.
"""

from __future__ import annotations

import argparse
import copy
import json
import resource
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table

from benchmarks.class_runs import Runs
from benchmarks.progress import Progress
from benchmarks.results import results_console, spread
from fairmark.batch.local import forbid_threads
from fairmark.course.course import Assignment, Course
from fairmark.grading.clock import Budget
from fairmark.grading.execute import execute
from fairmark.grading.grade import grade
from fairmark.grading.needed import unneeded
from fairmark.intake.repair import repair
from fairmark.sandbox import Sandbox, make_sandbox

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = {"cnn": 3.0, "style-transfer": 6.0}
"""What grading may cost beyond the cells, as a part of stock nbgrader's own, where it may more."""
ALLOWED_ELSE = 0.5
_STOCK_CLASS = 2


@dataclass(frozen=True)
class Cost:
    """CPU seconds for one right submission, of one round."""

    all_cells: float
    needed_cells: float
    beyond: float
    """All that grading costs beyond the needed cells."""
    stock_beyond: float
    """What stock nbgrader costs beyond a notebook's cells."""

    @property
    def needed(self) -> float:
        """The needed cells, as a part of all cells."""
        return self.needed_cells / self.all_cells

    @property
    def whole(self) -> float:
        """Grading with the needed cells, as a part of grading with all cells."""
        return (self.needed_cells + self.beyond) / (self.all_cells + self.beyond)

    @property
    def own(self) -> float:
        """What grading costs beyond the cells, as a part of what it costs stock nbgrader."""
        return self.beyond / self.stock_beyond


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the assignments of this course; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("assignments", nargs="*", help="[default: all]")
    parser.add_argument("--rounds", type=int, default=3, help="how often all is measured")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    forbid_threads()
    course = Course.load(ROOT)
    course.config.Fairmark.run_cells = "needed"
    names = options.assignments or [assignment.name for assignment in course.assignments()]
    costs: dict[str, list[Cost]] = {name: [] for name in names}
    folder = Path(tempfile.mkdtemp(prefix="fairmark-bench-"))
    try:
        with Progress(options.rounds * (len(names) + 2)).shown() as progress:
            runs = Runs(folder, 1, progress)
            for _ in range(options.rounds):
                floor = statistics.fmean(bare.cpu for bare in runs.floor(_STOCK_CLASS))
                stock, _peak = runs.stock(_STOCK_CLASS)
                for name in names:
                    progress.step(f"fairmark grades {name}")
                    beyond = stock.cpu / _STOCK_CLASS - floor
                    costs[name].append(measure(course.assignment(name), beyond))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        plain = {name: [asdict(cost) for cost in rounds] for name, rounds in costs.items()}
        json.dump(plain, sys.stdout, indent=1)
        sys.stdout.write("\n")
    else:
        results_console().print(_table(costs))
    return int(not all(_holds(name, rounds) for name, rounds in costs.items()))


def measure(assignment: Assignment, stock_beyond: float) -> Cost:
    """Grade the instructor's own notebook, and run its cells alone."""
    course = assignment.course
    visible = course.visible_for([assignment])
    preload = course.preload_for([assignment])
    with make_sandbox(preload, course.limits, visible=visible) as sandbox:
        grade(copy.deepcopy(assignment.solved), assignment, sandbox)  # loads the graders
        before = _own_cpu()
        report = grade(copy.deepcopy(assignment.solved), assignment, sandbox)
        graded = _own_cpu() - before + report.cpu_seconds
        needed = _cells(assignment, sandbox, needed=True)
        every = _cells(assignment, sandbox, needed=False)
    return Cost(every, needed, graded - needed, stock_beyond)


def _cells(assignment: Assignment, sandbox: Sandbox, *, needed: bool) -> float:
    """The CPU seconds of the cells alone."""
    cells = repair(copy.deepcopy(assignment.solved), assignment).cells
    if needed:
        unneeded(cells, assignment, ()).leave_out()
    limits = assignment.limits(sandbox.limits)
    budget = Budget(limits.submission_seconds)
    execution = execute(cells, sandbox, limits, assignment.extra_files(), budget)
    execution.close()
    return execution.cpu_seconds


def _own_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _allowed(name: str) -> float:
    return ALLOWED.get(name, ALLOWED_ELSE)


def _holds(name: str, rounds: Sequence[Cost]) -> bool:
    return statistics.median(cost.own for cost in rounds) <= _allowed(name)


def _table(costs: dict[str, list[Cost]]) -> Table:
    table = Table(box=SIMPLE_HEAD, title="CPU time of a right submission: median (spread)")
    table.add_column("assignment", no_wrap=True)
    table.add_column("all cells\nalone", justify="right", no_wrap=True)
    for title in (
        "needed cells\nover all cells",
        "grading with needed\nover with all cells",
        "beyond the cells over\nstock nbgrader's",
        "allowed",
    ):
        table.add_column(title, justify="right", no_wrap=True)
    for name, rounds in costs.items():
        figures = [[c.needed for c in rounds], [c.whole for c in rounds], [c.own for c in rounds]]
        texts = ["{} ({})".format(*spread(values, ".2f")) for values in figures]
        style = "" if _holds(name, rounds) else "red"
        seconds = f"{statistics.median(cost.all_cells for cost in rounds):.1f} s"
        table.add_row(name, seconds, *texts, f"{_allowed(name):g}", style=style)
    return table


if __name__ == "__main__":
    sys.exit(main())
