"""``python -m benchmarks.run``: a class graded by fairmark, by two others, and its floor."""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
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
    measured: Results | Scaling | None = None
    code = 0
    folder = Path(tempfile.mkdtemp(prefix="fairmark-bench-"))
    try:
        for measured in _measure(options, folder):
            _keep(measured)
    except CommandFailed as error:
        console.print(str(error), style="red", markup=False)
        code = 1
    except KeyboardInterrupt:
        console.print("stopped; what follows is of the rounds until then", style="red")
        code = 130
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if measured is None:
        return code
    if options.json:
        json.dump(_plain(measured), sys.stdout, indent=1)
        sys.stdout.write("\n")
    else:
        results_console().print(_shown(measured, as_markdown=options.markdown), markup=False)
    broken = measured.broken()
    for name in broken:
        console.print(f"not within its limit: {name}", style="red", markup=False)
    return code or int(bool(broken))


def _measure(options: argparse.Namespace, folder: Path) -> Iterator[Results | Scaling]:
    """Yield after each round what was measured until then."""
    steps = (_SCALING_STEPS if options.scaling else _STEPS - options.no_otter) * options.rounds
    with Progress(steps).shown() as progress:
        if options.scaling:
            runs = Runs(folder, options.workers, progress, CHEAP)
            yield from measure_scaling(runs, options.small, options.large, options.rounds)
        else:
            runs = Runs(folder, options.workers, progress)
            few = min(options.stock or options.students, options.students)
            otter = None if options.no_otter else make_environment(folder / "otter")
            yield from measure_class(runs, options.students, few, options.rounds, otter)


def _keep(measured: Results | Scaling) -> None:
    """Write to the file of results what was measured until now."""
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps({**known, **_plain(measured)}, indent=1) + "\n")


def _plain(measured: Results | Scaling) -> dict[str, object]:
    return {"class" if isinstance(measured, Results) else "scaling": measured.as_dict()}


def _shown(measured: Results | Scaling, *, as_markdown: bool) -> str | Table:
    if isinstance(measured, Scaling):
        return scaling_table(measured)
    return to_markdown(measured) if as_markdown else table(measured)


def measure_class(
    runs: Runs, students: int, few: int, rounds: int, otter: Path | None
) -> Iterator[Results]:
    """Grade a class with everything, in turns; stock nbgrader and ``otter`` grade ``few`` of it.

    After each round, all rounds until then are yielded.
    """
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
                floor_cpu=statistics.fmean(bare.cpu for bare in floor),
                floor_memory=int(statistics.fmean(bare.added_memory for bare in floor)),
                stock_peak=stock_peak,
                fairmark_peak=runs.fairmark_peak(min(students, 4 * runs.workers)),
                added_memory=runs.added_memory(3),
                otter=by_otter,
            )
        )
        yield Results(tuple(measured), exact)


def measure_scaling(runs: Runs, small: int, large: int, rounds: int) -> Iterator[Scaling]:
    """Compare a submission's cost in a large class with that in a small one, in turns.

    After each round, all rounds until then are yielded.
    """
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
        yield Scaling(tuple(measured))


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
