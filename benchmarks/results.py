"""What was measured, as ratios of what was run in turns, and how it is shown."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from benchmarks.measure import Usage

_FILE_WIDTH = 160


def results_console() -> Console:
    """The standard output, wide enough in a file or a pipe that no table is cut off there."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_FILE_WIDTH)


@dataclass(frozen=True)
class Class:
    """The cost of grading one class: seconds."""

    wall: float
    cpu: float

    @classmethod
    def of(cls, runs: Sequence[Usage]) -> Class:
        """The median of several runs."""
        return cls(statistics.median(r.wall for r in runs), statistics.median(r.cpu for r in runs))


@dataclass(frozen=True)
class Round:
    """One class graded by all, in turns, so that a busy machine slows all of them."""

    students: int
    workers: int
    fairmark: Class
    start: Class
    """fairmark with one submission for each worker."""
    served: Class
    """fairmark with a server that is ready. The server's processor time is in no figure."""
    stock: Class
    stock_students: int
    floor_cpu: float
    """What a submission's own cells take, in a bare process."""
    floor_memory: int
    """Bytes that they add there."""
    stock_peak: int
    fairmark_peak: int
    """Bytes, of all processes together."""
    added_memory: int
    """Bytes that a running submission adds."""
    otter: Class | None = None
    """``otter run`` for as many submissions as stock nbgrader had; None where it was left out."""

    @property
    def each_cpu(self) -> float:
        """What one more submission costs fairmark, once it runs."""
        more = self.students - self.workers
        return (self.fairmark.cpu - self.start.cpu) / more

    @property
    def stock_each(self) -> Class:
        """What one submission costs stock nbgrader."""
        n = self.stock_students
        return Class(self.stock.wall / n, self.stock.cpu / n)

    @property
    def otter_each(self) -> Class:
        """What one submission costs ``otter run``."""
        assert self.otter is not None
        n = self.stock_students
        return Class(self.otter.wall / n, self.otter.cpu / n)


@dataclass(frozen=True)
class Ratio:
    """A figure of the table, of each round, and within what it has to be."""

    name: str
    of: Callable[[Round], float]
    at_most: float | None = None
    at_least: float | None = None
    form: str = ".2f"
    of_otter: bool = False
    """Whether it needs otter-grader's figures."""

    def values(self, rounds: Sequence[Round]) -> list[float]:
        """The figure of each round."""
        return [self.of(one) for one in rounds]

    def holds(self, rounds: Sequence[Round]) -> bool:
        """Whether the median is within the limit."""
        median = statistics.median(self.values(rounds))
        above = self.at_most is not None and median > self.at_most
        return not above and not (self.at_least is not None and median < self.at_least)

    @property
    def limit(self) -> str:
        """The limit in words; "" for none."""
        if self.at_least is not None:
            return f"at least {self.at_least:g}"
        return "" if self.at_most is None else f"at most {self.at_most:g}"


RATIOS = (
    Ratio(
        "stock nbgrader over fairmark, wall time",
        lambda r: r.stock_each.wall * r.students / r.fairmark.wall,
        at_least=10.0,
        form=".1f",
    ),
    Ratio(
        "stock nbgrader over fairmark, CPU time",
        lambda r: r.stock_each.cpu * r.students / r.fairmark.cpu,
        at_least=5.0,
        form=".1f",
    ),
    Ratio(
        "otter run over fairmark, wall time",
        lambda r: r.otter_each.wall * r.students / r.fairmark.wall,
        at_least=10.0,
        form=".1f",
        of_otter=True,
    ),
    Ratio(
        "otter run over fairmark, CPU time",
        lambda r: r.otter_each.cpu * r.students / r.fairmark.cpu,
        at_least=5.0,
        form=".1f",
        of_otter=True,
    ),
    Ratio(
        "fairmark over the floor, wall time",
        lambda r: r.fairmark.wall / (r.floor_cpu * r.students / r.workers),
        at_most=2.0,
    ),
    Ratio(
        "stock nbgrader over fairmark with a server, wall time",
        lambda r: r.stock_each.wall * r.students / r.served.wall,
        at_least=12.0,
        form=".1f",
    ),
    Ratio(
        "fairmark with a server over the floor, wall time",
        lambda r: r.served.wall / (r.floor_cpu * r.students / r.workers),
        at_most=1.3,
    ),
    Ratio(
        "beside the cells, fairmark over stock nbgrader, CPU time",
        lambda r: (r.each_cpu - r.floor_cpu) / (r.stock_each.cpu - r.floor_cpu),
        at_most=0.06,
        form=".3f",
    ),
    Ratio(
        "start of fairmark over a submission of stock nbgrader, CPU time",
        lambda r: (r.fairmark.cpu - r.students * r.each_cpu) / r.stock_each.cpu,
        at_most=1.5,
    ),
    Ratio(
        "peak memory, fairmark over stock nbgrader",
        lambda r: r.fairmark_peak / r.stock_peak,
        at_most=1.6,
    ),
    Ratio(
        "memory that a submission adds, over stock nbgrader's peak",
        lambda r: r.added_memory / r.stock_peak,
        at_most=0.08,
        form=".3f",
    ),
    Ratio(
        "memory that a submission adds, over what its bare cells add",
        lambda r: r.added_memory / r.floor_memory,
        at_most=1.3,
    ),
)


@dataclass(frozen=True)
class Results:
    """All rounds."""

    rounds: tuple[Round, ...]
    exact: bool
    """Whether the CPU times are the kernel's own sums."""

    @property
    def ratios(self) -> list[Ratio]:
        """Those of which there are figures."""
        has_otter = all(one.otter is not None for one in self.rounds)
        return [ratio for ratio in RATIOS if has_otter or not ratio.of_otter]

    def as_dict(self) -> dict[str, object]:
        """Everything, as plain data."""
        rounds = [asdict(one) for one in self.rounds]
        ratios = {ratio.name: ratio.values(self.rounds) for ratio in self.ratios}
        return {"rounds": rounds, "ratios": ratios, "exact": self.exact}

    def broken(self) -> list[str]:
        """What is not within its limit."""
        return [ratio.name for ratio in self.ratios if not ratio.holds(self.rounds)]


def spread(values: Sequence[float], form: str) -> tuple[str, str]:
    """The median of some values, and from where to where they go."""
    low, high = format(min(values), form), format(max(values), form)
    return format(statistics.median(values), form), f"{low} to {high}"


def rows(results: Results) -> list[tuple[str, str, str, str]]:
    """Return the table's rows: what, median, spread, limit."""
    return [
        (ratio.name, *spread(ratio.values(results.rounds), ratio.form), ratio.limit)
        for ratio in results.ratios
    ]


def table(results: Results) -> Table:
    """Return the table for a terminal."""
    shown = Table(title=_title(results))
    for number, head in enumerate(_heads(results)):
        shown.add_column(head, justify="right" if number in (1, 2) else "left")
    for ratio, row in zip(results.ratios, rows(results), strict=True):
        shown.add_row(*row, style="" if ratio.holds(results.rounds) else "red")
    return shown


def to_markdown(results: Results) -> str:
    """Return the table for the README."""
    lines = [_heads(results), ("---", "---:", "---:", "---"), *rows(results)]
    return "\n".join("| " + " | ".join(cell.strip() for cell in line) + " |" for line in lines)


def _heads(results: Results) -> tuple[str, str, str, str]:
    return ("ratio", f"median of {len(results.rounds)} rounds", "spread", "limit")


def _title(results: Results) -> str:
    first = results.rounds[0]
    few = first.stock_students
    others = "stock nbgrader" if first.otter is None else "stock nbgrader and otter"
    of_them = "" if few == first.students else f" ({few} of them by {others})"
    exact = "" if results.exact else "; CPU times from many looks, so a little too small"
    return f"A class of {first.students}{of_them}, {first.workers} workers{exact}"
