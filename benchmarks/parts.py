"""``python -m benchmarks.parts``: where the processor time of one submission goes.

Each submission's cells are run in a bare process, then it is graded and recorded: so what else the
machine does slows all parts alike, and their ratios say something.
"""

from __future__ import annotations

import argparse
import importlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from rich.table import Table

from benchmarks import floor
from benchmarks.classroom import PRELOAD, make_course
from benchmarks.results import results_console, spread
from fairmark.batch.local import forbid_threads, warm_up_for
from fairmark.course.course import Course
from fairmark.grading.grade import grade_handin
from fairmark.intake.handins import find_handins
from fairmark.record.records import Records
from fairmark.sandbox import DEFAULT_MODE, make_sandbox

T = TypeVar("T")
PARTS = {
    "student's processes": "the cells, and the copies for the questions",
    "judge": "repair, tests, messages, the report",
    "recording": "gradebook, graded notebook, note",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parts", description=__doc__)
    parser.add_argument("--students", type=int, default=8, help="how many submissions")
    options = parser.parse_args(arguments)
    os.environ["MPLBACKEND"] = "agg"
    forbid_threads()
    with tempfile.TemporaryDirectory(prefix="fairmark-parts-") as folder:
        make_course(Path(folder) / "course", options.students + 1, fairmark=True)
        rows = measure(Course.load(Path(folder) / "course"))
    results_console().print(table(rows))
    return 0


def measure(course: Course) -> list[dict[str, float]]:
    """Return the CPU seconds of each submission's floor and parts; the first one only warms up."""
    assignments = course.assignments()
    handins = find_handins(course, assignments)
    sandbox = make_sandbox(
        course.preload_for(assignments),
        course.limits,
        DEFAULT_MODE,
        course.visible_for(assignments),
    )
    rows = []
    records = Records(course)
    with sandbox, records:
        warm_up_for(sandbox, assignments)
        for name in PRELOAD:
            importlib.import_module(name)
        records.synchronise(assignments)
        for handin in handins:
            path, _data = handin.read()
            bare = floor.run(str(path)).cpu
            report, judge = _timed(partial(grade_handin, handin, sandbox))
            _, recorded = _timed(partial(records.write, handin, report, "-"))
            parts = (report.cpu_seconds, judge, recorded)
            rows.append({"floor": bare, **dict(zip(PARTS, parts, strict=True))})
    return rows[1:]


def table(rows: Sequence[dict[str, float]]) -> Table:
    """Return each part's CPU seconds, and its ratio to those of the bare cells."""
    shown = Table(title=f"CPU time of a submission, {len(rows)} submissions")
    for head in ("part", "seconds", "over the bare cells", "spread", "what"):
        shown.add_column(head, justify="left" if head in ("part", "what") else "right")
    shown.add_row("bare cells", f"{statistics.median(r['floor'] for r in rows):.3f}")
    for part, what in PARTS.items():
        median, around = spread([row[part] / row["floor"] for row in rows], ".3f")
        seconds = statistics.median(row[part] for row in rows)
        shown.add_row(part, f"{seconds:.3f}", median, around, what)
    return shown


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    """Return what work does, and the CPU seconds of this process meanwhile."""
    before = time.process_time()
    result = work()
    return result, time.process_time() - before


if __name__ == "__main__":
    sys.exit(main())
