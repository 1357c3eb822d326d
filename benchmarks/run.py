"""``python -m benchmarks.run``: a class graded by fairmark, by two others, and its floor."""

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
from benchmarks.classroom import CHEAP
from benchmarks.measure import CommandFailed
from benchmarks.otter import make_environment
from benchmarks.progress import Progress
from benchmarks.results import Class, Results, Round, results_console, table, to_markdown
from benchmarks.scaling import Scaling, ScalingRound, scaling_table

RESULTS = Path(__file__).parent / "results.json"
_STEPS = 8
_SCALING_STEPS = 4
"""How many commands a round has, and one of --scaling."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return the exit code: 1 where a ratio is not within its limit."""
    options = _parse(arguments)
    console = Console(stderr=True, highlight=False)
    out: str | Table
    data: dict[str, object]
    broken: list[str] = []
    folder = Path(tempfile.mkdtemp(prefix="fairmark-bench-"))
    steps = (_SCALING_STEPS if options.scaling else _STEPS - options.no_otter) * options.rounds
    try:
        with Progress(steps).shown() as progress:
            if options.scaling:
                runs = Runs(folder, options.workers, progress, CHEAP)
                scaling = measure_scaling(runs, options.small, options.large, options.rounds)
                out = scaling_table(scaling)
                data = {"scaling": scaling.as_dict()}
                broken = scaling.broken()
            else:
                runs = Runs(folder, options.workers, progress)
                few = min(options.stock or options.students, options.students)
                otter = None if options.no_otter else make_environment(folder / "otter")
                results = measure_class(runs, options.students, few, options.rounds, otter)
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


def measure_class(runs: Runs, students: int, few: int, rounds: int, otter: Path | None) -> Results:
    """Grade a class with everything, in turns; stock nbgrader and ``otter`` grade ``few`` of it."""
    measured, exact = [], True
    for _ in range(rounds):
        floor = runs.floor(students)
        fairmark = runs.fairmark(students)
        served = runs.served(students)
        stock, stock_peak = runs.stock(few)
        by_otter = None if otter is None else Class.of([runs.otter(otter, few)])
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
                otter=by_otter,
            )
        )
    return Results(tuple(measured), exact)


def measure_scaling(runs: Runs, small: int, large: int, rounds: int) -> Scaling:
    """Compare a submission's cost in a large class with that in a small one, in turns."""
    measured = []
    for _ in range(rounds):
        start = runs.fairmark(runs.workers)
        few = runs.fairmark(small)
        many, held = runs.fairmark_held(large)
        few_again = runs.fairmark(small)
        measured.append(
            ScalingRound(
                workers=runs.workers,
                small=small,
                large=large,
                start=Class.of([start]),
                few=Class.of([few, few_again]),
                many=Class.of([many]),
                held_small=held.at(small),
                held_large=held.at(large),
            )
        )
    return Scaling(tuple(measured))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--students", type=_positive, default=64, help="size of the class")
    parser.add_argument("--rounds", type=_positive, default=3, help="how often all is measured")
    parser.add_argument(
        "--stock", type=_positive, help="how many stock nbgrader and otter grade of them"
    )
    parser.add_argument("--no-otter", action="store_true", help="leave otter-grader out")
    parser.add_argument("--workers", type=_positive, default=2, help="fairmark's worker processes")
    parser.add_argument("--scaling", action="store_true", help="a large class beside a small one")
    parser.add_argument("--small", type=_positive, default=100, help="the small class of --scaling")
    parser.add_argument(
        "--large", type=_positive, default=1000, help="the large class of --scaling"
    )
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
