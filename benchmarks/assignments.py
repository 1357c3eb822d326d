"""``python -m benchmarks.assignments``: what grading one right submission costs, by assignment.

The instructor's notebook is graded, and its cells are run alone in the same sandbox: what grading
costs beyond that is fairmark's own. Both are CPU seconds of the judge and of all the student's
processes.
"""

from __future__ import annotations

import argparse
import copy
import json
import resource
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from fairmark.batch.local import forbid_threads
from fairmark.course.course import Assignment, Course
from fairmark.grading.clock import Budget
from fairmark.grading.execute import execute
from fairmark.grading.grade import grade
from fairmark.intake.repair import repair
from fairmark.sandbox import make_sandbox

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = {"cnn": 15.0, "style-transfer": 30.0}
"""CPU seconds that grading may cost beyond the cells, where it is more than the usual."""
ALLOWED_ELSE = 2.0


@dataclass(frozen=True)
class Cost:
    """CPU seconds for one right submission."""

    assignment: str
    cells: float
    """The notebook's cells alone."""
    grading: float
    """All that grading costs beyond them."""
    allowed: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the assignments of this course; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("assignments", nargs="*", help="[default: all]")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    forbid_threads()
    course = Course.load(ROOT)
    names = options.assignments or [assignment.name for assignment in course.assignments()]
    console = Console(stderr=True, highlight=False)
    costs = []
    with console.status("") as status:
        tell = status.update if console.is_terminal else console.print
        for name in names:
            tell(f"grading {name}")
            costs.append(measure(course.assignment(name)))
    if options.json:
        json.dump([asdict(cost) for cost in costs], sys.stdout, indent=1)
        sys.stdout.write("\n")
    else:
        Console(highlight=False).print(_table(costs))
    return int(any(cost.grading > cost.allowed for cost in costs))


def measure(assignment: Assignment) -> Cost:
    """Grade the instructor's own notebook, and run its cells alone."""
    course = assignment.course
    visible = course.visible_for([assignment])
    preload = course.preload_for([assignment])
    with make_sandbox(preload, course.limits, visible=visible) as sandbox:
        grade(copy.deepcopy(assignment.solved), assignment, sandbox)  # loads the graders
        before = _own_cpu()
        report = grade(copy.deepcopy(assignment.solved), assignment, sandbox)
        graded = _own_cpu() - before + report.cpu_seconds
        cells = repair(copy.deepcopy(assignment.solved), assignment).cells
        limits = assignment.limits(sandbox.limits)
        budget = Budget(limits.submission_seconds)
        execution = execute(cells, sandbox, limits, assignment.extra_files(), budget)
        execution.close()
    allowed = ALLOWED.get(assignment.name, ALLOWED_ELSE)
    return Cost(
        assignment.name,
        round(execution.cpu_seconds, 2),
        round(graded - execution.cpu_seconds, 2),
        allowed,
    )


def _own_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _table(costs: Sequence[Cost]) -> Table:
    table = Table(box=SIMPLE_HEAD)
    table.add_column("assignment", no_wrap=True)
    for title in ("cells alone", "grading beyond", "allowed"):
        table.add_column(title, justify="right", no_wrap=True)
    for cost in costs:
        style = "" if cost.grading <= cost.allowed else "red"
        row = [f"{seconds:.1f} s" for seconds in (cost.cells, cost.grading, cost.allowed)]
        table.add_row(cost.assignment, *row, style=style)
    return table


if __name__ == "__main__":
    sys.exit(main())
