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
from benchmarks.results import Class, Results, Scaling, scaling_lines, table, to_markdown

RESULTS = Path(__file__).parent / "results.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return the exit code."""
    options = _parse(arguments)
    console = Console(stderr=True, highlight=False)
    out: str | Table
    data: dict[str, object]
    folder = Path(tempfile.mkdtemp(prefix="fairmark-bench-"))
    try:
        with console.status("") as status:
            tell = status.update if console.is_terminal else console.print
            runs = Runs(folder, options.workers, tell)
            if options.scaling:
                scaling = measure_scaling(runs, options.small, options.large)
                out = scaling_lines(scaling)
                data = {"scaling": scaling.as_dict()}
            else:
                results = measure_class(runs, options.students, options.repeat)
                out = to_markdown(results) if options.markdown else table(results)
                data = {"class": results.as_dict()}
    except CommandFailed as error:
        console.print(str(error), style="red", markup=False)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        json.dump(data, sys.stdout, indent=1)
        sys.stdout.write("\n")
    else:
        Console(highlight=False).print(out, markup=False)
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps({**known, **data}, indent=1) + "\n")
    return 0


def measure_class(runs: Runs, students: int, repeat: int) -> Results:
    """Grade a class with everything, alternating, so that a busy machine slows all of them."""
    fairmark, stock, floor, start = [], [], [], []
    for _ in range(repeat):
        floor.append(runs.floor(students))
        fairmark.append(runs.fairmark(students))
        start.append(runs.fairmark(runs.workers))
        stock.append(runs.stock(students))
        start.append(runs.fairmark(runs.workers))
        fairmark.append(runs.fairmark(students))
        floor.append(runs.floor(students))
    peak = runs.fairmark_peak(min(students, 4 * runs.workers))
    return Results(
        students=students,
        workers=runs.workers,
        stock=Class.of([usage for usage, _peak in stock]),
        stock_peak=max(peak for _usage, peak in stock),
        fairmark=Class.of(fairmark),
        fairmark_peak=peak,
        start=Class.of(start),
        floor_cpu=statistics.median(cpu for run in floor for cpu in run),
        added_memory=runs.added_memory(3),
        exact=all(usage.exact for usage in fairmark),
    )


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
    parser.add_argument("--repeat", type=_positive, default=1, help="how often all is measured")
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
