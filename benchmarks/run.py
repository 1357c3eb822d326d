"""``python -m benchmarks.run``: a class graded by fairmark, by stock nbgrader, and its floor."""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.class_runs import Runs
from benchmarks.measure import CommandFailed
from benchmarks.progress import Progress
from benchmarks.results import (
    Class,
    Results,
    Round,
    Scaling,
    results_console,
    scaling_lines,
    table,
    to_markdown,
)

RESULTS = Path(__file__).parent / "results.json"
_STEPS = 7
"""How many commands a round has."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return the exit code: 1 where a ratio is not within its limit."""
    options = _parse(arguments)
    console = Console(stderr=True, highlight=False)
    out: str | Table
    data: dict[str, object]
    broken: list[str] = []
    folder = Path(tempfile.mkdtemp(prefix="fairmark-bench-"))
    steps = 5 if options.scaling else _STEPS * options.rounds
    try:
        with Progress(steps).shown() as progress:
            runs = Runs(folder, options.workers, progress)
            if options.scaling:
                scaling = measure_scaling(runs, options.small, options.large)
                out = scaling_lines(scaling)
                data = {"scaling": scaling.as_dict()}
            else:
                few = min(options.stock or options.students, options.students)
                results = measure_class(runs, options.students, few, options.rounds)
                out = to_markdown(results) if options.markdown else table(results)
                data = {"class": results.as_dict()}
                broken = results.broken()
    except CommandFailed as error:
        console.print(str(error), style="red", markup=False)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        json.dump(data, sys.stdout, indent=1)
        sys.stdout.write("\n")
    else:
        results_console().print(out, markup=False)
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps({**known, **data}, indent=1) + "\n")
    for name in broken:
        console.print(f"not within its limit: {name}", style="red", markup=False)
    return int(bool(broken))


def measure_class(runs: Runs, students: int, few: int, rounds: int) -> Results:
    """Grade a class with everything, in turns; stock nbgrader grades ``few`` of it."""
    measured, exact = [], True
    for _ in range(rounds):
        floor = runs.floor(students)
        fairmark = runs.fairmark(students)
        served = runs.served(students)
        stock, stock_peak = runs.stock(few)
        start = runs.fairmark(runs.workers)
        exact = exact and fairmark.exact
        measured.append(
            Round(
                students=students,
                workers=runs.workers,
                fairmark=Class.of([fairmark]),
                start=Class.of([start]),
                served=Class.of([served]),
                stock=Class.of([stock]),
                stock_students=few,
                floor_cpu=statistics.fmean(floor),
                stock_peak=stock_peak,
                fairmark_peak=runs.fairmark_peak(min(students, 4 * runs.workers)),
                added_memory=runs.added_memory(3),
            )
        )
    return Results(tuple(measured), exact)


def measure_scaling(runs: Runs, small: int, large: int) -> Scaling:
    """Compare a submission's cost in a large class with that in a small one."""
    few, many, start = [], [], []
    start.append(runs.fairmark(runs.workers))
    few.append(runs.fairmark(small))
    many.append(runs.fairmark(large))
    few.append(runs.fairmark(small))
    start.append(runs.fairmark(runs.workers))
    return Scaling(runs.workers, small, large, Class.of(start), Class.of(few), Class.of(many))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--students", type=_positive, default=64, help="size of the class")
    parser.add_argument("--rounds", type=_positive, default=3, help="how often all is measured")
    parser.add_argument("--stock", type=_positive, help="how many stock nbgrader grades of them")
    parser.add_argument("--workers", type=_positive, default=2, help="fairmark's worker processes")
    parser.add_argument("--scaling", action="store_true", help="a large class beside a small one")
    parser.add_argument("--small", type=_positive, default=20, help="the small class of --scaling")
    parser.add_argument("--large", type=_positive, default=200, help="the large class of --scaling")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--markdown", action="store_true", help="print a table for the README")
    options = parser.parse_args(arguments)
    smallest = options.small if options.scaling else options.students
    if smallest <= options.workers:
        parser.error("the class must be larger than the number of workers")
    return options


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1 is needed")
    return number


if __name__ == "__main__":
    sys.exit(main())
