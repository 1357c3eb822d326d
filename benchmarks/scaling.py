"""A large class beside a small one: what a submission costs in each, and what memory grows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median

from rich.table import Table

from benchmarks.results import Class, spread


@dataclass(frozen=True)
class ScalingRound:
    """Both classes, graded in turns."""

    workers: int
    small: int
    large: int
    start: Class
    """One submission for each worker."""
    few: Class
    many: Class
    held_small: int
    """Bytes of the command's own process when the large class was as far as the small one."""
    held_large: int
    """The same at its end."""

    def each(self, kind: str, *, large: bool, with_start: bool = False) -> float:
        """Return a submission's "wall" or "cpu" seconds in one of the classes."""
        size, cost = (self.large, self.many) if large else (self.small, self.few)
        total = float(getattr(cost, kind))
        if with_start:
            return total / size
        return (total - float(getattr(self.start, kind))) / (size - self.workers)

    def ratio(self, kind: str, *, with_start: bool = False) -> float:
        """What a submission of the large class costs over one of the small class."""
        large = self.each(kind, large=True, with_start=with_start)
        return large / self.each(kind, large=False, with_start=with_start)


_Of = Callable[[ScalingRound], float]
SCALING: tuple[tuple[str, _Of, float | None], ...] = (
    ("CPU time of a submission", lambda r: r.ratio("cpu"), 1.05),
    ("wall time of a submission", lambda r: r.ratio("wall"), 1.05),
    ("CPU time, start included", lambda r: r.ratio("cpu", with_start=True), None),
    ("wall time, start included", lambda r: r.ratio("wall", with_start=True), None),
    ("memory of the command's own process", lambda r: r.held_large / r.held_small, 1.05),
)
"""What is compared, large class over small one, and how much it may be."""


@dataclass(frozen=True)
class Scaling:
    """All rounds."""

    rounds: tuple[ScalingRound, ...]

    def values(self, of: _Of) -> list[float]:
        """A figure of each round."""
        return [of(one) for one in self.rounds]

    def broken(self) -> list[str]:
        """What is not within its limit."""
        return [
            name
            for name, of, most in SCALING
            if most is not None and median(self.values(of)) > most
        ]

    def as_dict(self) -> dict[str, object]:
        """Everything, as plain data."""
        ratios = {name: self.values(of) for name, of, _ in SCALING}
        return {"rounds": [asdict(one) for one in self.rounds], "ratios": ratios}


def scaling_table(scaling: Scaling) -> Table:
    """Return the table of a large class beside a small one."""
    first = scaling.rounds[0]
    shown = Table(title=f"{first.large} submissions over {first.small}, {first.workers} workers")
    for head in ("", f"median of {len(scaling.rounds)} rounds", "spread", "limit"):
        shown.add_column(head, justify="right" if head and head != "limit" else "left")
    broken = scaling.broken()
    for name, of, most in SCALING:
        limit = "" if most is None else f"at most {most:g}"
        middle, ends = spread(scaling.values(of), ".3f")
        shown.add_row(name, middle, ends, limit, style="red" if name in broken else "")
    for name, seconds in _each(scaling.rounds):
        shown.add_row(name, *spread(seconds, ".3f"), "")
    return shown


def _each(rounds: Sequence[ScalingRound]) -> list[tuple[str, list[float]]]:
    """What a submission costs, in seconds: its own figures, of this machine at this time."""
    return [
        (
            f"{kind} seconds of one among {rounds[0].large if large else rounds[0].small}",
            [one.each(of, large=large) for one in rounds],
        )
        for kind, of in (("CPU", "cpu"), ("wall", "wall"))
        for large in (False, True)
    ]
