"""What was measured, and how it is shown."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.table import Table

from benchmarks.measure import Usage

_MEGA = 2**20


@dataclass(frozen=True)
class Class:
    """The median cost of grading one class."""

    wall: float
    cpu: float

    @classmethod
    def of(cls, runs: Sequence[Usage]) -> Class:
        """Summarise several runs."""
        return cls(statistics.median(r.wall for r in runs), statistics.median(r.cpu for r in runs))


@dataclass(frozen=True)
class Results:
    """All about a class. Times in seconds, memory in bytes."""

    students: int
    workers: int
    stock: Class
    stock_peak: int
    fairmark: Class
    fairmark_peak: int
    start: Class
    """fairmark with one submission per worker."""
    floor_cpu: float
    """What a submission's own cells take."""
    added_memory: int
    exact: bool
    """Whether the CPU times are the kernel's own sums."""

    @property
    def wall_ratio(self) -> float:
        """How many times faster than stock nbgrader, for a person who waits."""
        return self.stock.wall / self.fairmark.wall

    @property
    def cpu_ratio(self) -> float:
        """How many times less CPU time than stock nbgrader."""
        return self.stock.cpu / self.fairmark.cpu

    @property
    def memory_ratio(self) -> float:
        """How many times stock nbgrader's peak memory."""
        return self.fairmark_peak / self.stock_peak

    @property
    def own_cpu(self) -> float:
        """CPU time per submission that is not the student's, the start of fairmark included."""
        return self.fairmark.cpu / self.students - self.floor_cpu

    @property
    def own_cpu_running(self) -> float:
        """The same for each further submission, once fairmark runs."""
        return (
            _each(self.start.cpu, self.fairmark.cpu, self.workers, self.students) - self.floor_cpu
        )

    @property
    def start_cpu(self) -> float:
        """CPU time that fairmark takes once, however large the class."""
        each = self.own_cpu_running + self.floor_cpu
        return self.fairmark.cpu - self.students * each

    def as_dict(self) -> dict[str, object]:
        """Everything, as plain data."""
        derived = ("wall_ratio", "cpu_ratio", "memory_ratio")
        own = ("own_cpu", "own_cpu_running", "start_cpu")
        return {**asdict(self), **{name: getattr(self, name) for name in (*derived, *own)}}


@dataclass(frozen=True)
class Scaling:
    """A large class beside a small one."""

    workers: int
    small: int
    large: int
    start: Class
    few: Class
    many: Class

    def each(self, kind: str, *, large: bool, with_start: bool = False) -> float:
        """Return a submission's "wall" or "cpu" seconds in one of the classes."""
        size, cost = (self.large, self.many) if large else (self.small, self.few)
        total = float(getattr(cost, kind))
        if with_start:
            return total / size
        return _each(float(getattr(self.start, kind)), total, self.workers, size)

    def change(self, kind: str, *, with_start: bool = False) -> float:
        """How much more a submission costs in the large class: 0.1 means 10 % more."""
        large = self.each(kind, large=True, with_start=with_start)
        return large / self.each(kind, large=False, with_start=with_start) - 1

    def as_dict(self) -> dict[str, object]:
        """Everything, as plain data."""
        changes = {f"{kind}_change": self.change(kind) for kind in ("wall", "cpu")}
        return {**asdict(self), **changes}


def rows(results: Results) -> list[tuple[str, str, str, str]]:
    """Return the table's rows: what, stock nbgrader, fairmark, ratio or goal."""
    n, r = results.students, results
    about = "" if r.exact else "about "
    floor = f"{r.floor_cpu:.2f} s"
    other, own = f"{r.stock.cpu / n - r.floor_cpu:.2f} s", f"{about}{r.own_cpu_running:.2f} s"
    wall = f"{r.wall_ratio:.1f} times faster; goal: 20"
    cpu = f"{r.cpu_ratio:.1f} times less"
    peaks = f"{r.stock_peak // _MEGA} MB", f"{r.fairmark_peak // _MEGA} MB"
    return [
        ("wall time of the class", f"{r.stock.wall:.1f} s", f"{r.fairmark.wall:.1f} s", wall),
        ("CPU time of the class", f"{r.stock.cpu:.1f} s", f"{about}{r.fairmark.cpu:.1f} s", cpu),
        ("peak memory", *peaks, f"{r.memory_ratio:.2f} times"),
        ("CPU time of the cells (floor)", floor, floor, "each submission"),
        ("CPU time beside the cells", other, own, "each; goal: 0.5 s"),
        ("CPU time of the start", "", f"{about}{r.start_cpu:.1f} s", "once a class"),
        ("memory added by a submission", "", f"{r.added_memory // _MEGA} MB", "goal: 100 MB"),
    ]


def table(results: Results) -> Table:
    """Return the table for a terminal."""
    shown = Table(title=_title(results))
    for number, head in enumerate(_heads(results)):
        shown.add_column(head, justify="right" if number in (1, 2) else "left")
    for row in rows(results):
        shown.add_row(*row)
    return shown


def to_markdown(results: Results) -> str:
    """Return the table for the README."""
    lines = [_heads(results), ("---", "---:", "---:", "---"), *rows(results)]
    return "\n".join("| " + " | ".join(cell.strip() for cell in line) + " |" for line in lines)


def scaling_lines(scaling: Scaling) -> Table:
    """Return the table of a large class beside a small one."""
    shown = Table(title=f"fairmark with {scaling.workers} workers, per submission")
    for head in ("", f"{scaling.small} submissions", f"{scaling.large} submissions", "change"):
        shown.add_column(head, justify="right" if head else "left")
    for kind, name in (("wall", "wall time"), ("cpu", "CPU time")):
        for with_start, suffix in ((False, ""), (True, ", start included")):
            few = scaling.each(kind, large=False, with_start=with_start)
            many = scaling.each(kind, large=True, with_start=with_start)
            change = scaling.change(kind, with_start=with_start)
            shown.add_row(name + suffix, f"{few:.3f} s", f"{many:.3f} s", f"{change:+.1%}")
    return shown


def _heads(results: Results) -> tuple[str, str, str, str]:
    return ("", "stock nbgrader", f"fairmark, {results.workers} workers", "")


def _title(results: Results) -> str:
    exact = "" if results.exact else "; CPU times from many looks, so a little too small"
    return f"A class of {results.students}: imports torch, trains a third of a second{exact}"


def _each(start: float, total: float, first: int, all_: int) -> float:
    """What one more submission costs, from a run with ``first`` and one with ``all_`` of them."""
    return (total - start) / (all_ - first)
