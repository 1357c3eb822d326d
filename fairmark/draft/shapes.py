"""Sizes that hang together: what the sizes of one argument say of another's."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from fairmark.draft.texts import symbols_in


def primes_solved(
    observed: dict[str, tuple[int, ...]], scalars: dict[str, tuple[int, ...]]
) -> tuple[dict[str, tuple[int, ...]], dict[str, str]]:
    """The sizes without those that others explain, such as H_ (the text's H'), and how they do."""
    columns = {name: sizes for name, sizes in observed.items() if not name.endswith("_")}
    solved: dict[str, str] = {}
    for name, sizes in observed.items():
        if not name.endswith("_"):
            continue
        own = name.rstrip("_")
        ordered = {n: columns[n] for n in sorted(columns, key=lambda n: (n != own, own not in n))}
        fitting = [
            expression
            for expression, values in _combinations(ordered, scalars)
            if values == sizes and (own not in columns or own in symbols_in([(expression,)])[:1])
        ]
        if fitting:
            solved[name] = max(fitting, key=_fullness)
        else:
            columns[name] = sizes
    return columns, solved


def _fullness(expression: str) -> tuple[int, int]:
    """How well an expression accounts for what was given: strides and paddings, too."""
    return len(symbols_in([(expression,)])), -len(expression)


def as_told(
    sizes: tuple[int, ...],
    observed: dict[str, tuple[int, ...]],
    told: dict[str, tuple[str, ...]],
) -> str | None:
    """A size that the text writes for another argument, such as d + 1, and that fits here."""
    for dim in (dim for shape in told.values() for dim in shape):
        names = symbols_in([(dim,)])
        if sizes[0] > 1 and not dim.isidentifier() and names and set(names) <= observed.keys():
            rows = zip(*(observed[name] for name in names), strict=True)
            made = [eval(dim, {}, dict(zip(names, row, strict=True))) for row in rows]
            if tuple(made) == sizes:
                return dim
    return None


def bound(
    pool: Sequence[Any],
    own: Sequence[str],
    columns: dict[str, tuple[int, ...]],
    scalars: dict[str, tuple[int, ...]],
) -> str:
    """What the whole numbers of an array are below, in all calls and in one only just."""
    if any(a.dtype.kind not in "iu" or not a.size for a in pool):
        return ""
    tops = [int(a.max()) for a in pool]
    if not tops or min(int(a.min()) for a in pool) < 0:
        return ""
    for name, values in (*scalars.items(), *columns.items()):
        gaps = [value - top for value, top in zip(values, tops, strict=True)]
        if min(gaps) == 1 and max(tops) > 0 and name not in own:
            return name
    return ""


def explained(
    sizes: tuple[int, ...],
    columns: dict[str, tuple[int, ...]],
    scalars: dict[str, tuple[int, ...]],
    tie: bool,
) -> str | None:
    """An expression of known sizes and whole numbers that gives these sizes in all calls."""
    several = len(set(sizes)) > 1
    for name, values in columns.items():
        if values == sizes and (several or tie or sizes[0] > 1):
            return name
    for name, values in scalars.items():
        if values == sizes and (several or sizes[0] > 3):
            return name
    if not several:
        return None
    for expression, values in _combinations(columns, scalars):
        if values == sizes:
            return expression
    return None


def _combinations(
    columns: dict[str, tuple[int, ...]], scalars: dict[str, tuple[int, ...]]
) -> Iterator[tuple[str, tuple[int, ...]]]:
    def of(expression: str, *values: Sequence[int]) -> tuple[str, tuple[int, ...]]:
        names = symbols_in([(expression,)])
        made = [
            int(eval(expression, {}, dict(zip(names, row, strict=True))))
            for row in zip(*values, strict=True)
        ]
        return expression, tuple(made)

    for a, sizes in columns.items():
        for step in (1, -1):
            yield of(f"{a} {'+' if step > 0 else '-'} 1", sizes)
    for (a, one), (b, two) in itertools.combinations(columns.items(), 2):
        yield of(f"{a} * {b}", one, two)
    for (a, one), (b, two) in itertools.permutations(columns.items(), 2):
        yield of(f"{a} - {b} + 1", one, two)
    for trio in itertools.combinations(columns.items(), 3):
        yield of(" * ".join(n for n, _ in trio), *(v for _, v in trio))
    for (a, one), (b, two) in itertools.permutations(columns.items(), 2):
        for s, strides in scalars.items():
            if 0 in strides:
                continue
            yield of(f"({a} - {b}) // {s} + 1", one, two, strides)
            for p, paddings in scalars.items():
                if p != s:
                    text = f"({a} + 2 * {p} - {b}) // {s} + 1"
                    yield of(text, one, paddings, two, strides)
