"""Relations of which part of an answer is right: what is missing, too many, or at the edges."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fairmark.harness.comparison import Array, Comparison, close, same
from fairmark.harness.relations_by_value import Relation

_STARTS: dict[str, Callable[[int, int], int]] = {
    "start": lambda large, small: 0,
    "end": lambda large, small: large - small,
    "middle": lambda large, small: (large - small) // 2,
}


def _axes_exchanged(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    depth = made[0].wanted.ndim
    if depth < 3 or any(one.wanted.ndim != depth for one in made):
        return ""
    for order in itertools.permutations(range(depth)):
        if all(same(one.got, one.wanted.transpose(order)) for one in made):
            return (
                f"The numbers are right, but the axes are exchanged: axes {order} of what is "
                f"expected are axes {tuple(range(depth))} of the answer."
            )
    return ""


def _cut(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    """Whether each answer is a part of what is expected, or has more than that."""
    if any(one.got.ndim != one.wanted.ndim or not one.wanted.ndim for one in made):
        return ""
    if any(one.got.shape == one.wanted.shape for one in failed):
        return ""
    for place, start in _STARTS.items():
        if all(_is_part(one.got, one.wanted, start) for one in made):
            return f"Some of the answer is missing: what comes back is only its {place}."
        if all(_is_part(one.wanted, one.got, start) for one in made):
            return f"The answer has too much: what is expected is only its {place}."
    return ""


def _is_part(small: Array, large: Array, start: Callable[[int, int], int]) -> bool:
    if any(s > n for s, n in zip(small.shape, large.shape, strict=True)):
        return False
    begins = [start(n, s) for s, n in zip(small.shape, large.shape, strict=True)]
    part = large[tuple(slice(b, b + s) for b, s in zip(begins, small.shape, strict=True))]
    return same(small, part)


def _only_at_edges(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    """Whether all that is wrong is at the edges of the last two axes, or of the only one."""
    inside = 0
    for one in failed:
        depth = min(one.wanted.ndim, 2)
        if one.got.shape != one.wanted.shape or not depth:
            return ""
        middle = np.zeros(one.wanted.shape, bool)
        within: Any = (..., *[slice(1, -1)] * depth)
        middle[within] = True
        if (~close(one.got, one.wanted) & middle).any():
            return ""
        inside += int(middle.sum())
    if inside < 2 * len(failed):
        return ""
    return "Only numbers at the edges are wrong: what is done at the first and at the last place?"


def _diagonal(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    for one in failed:
        if one.got.shape != one.wanted.shape or one.wanted.ndim != 2 or min(one.wanted.shape) < 2:
            return ""
    for on, text in ((True, "on"), (False, "off")):
        if all(
            not (~close(one.got, one.wanted) & (np.eye(*one.wanted.shape).astype(bool) != on)).any()
            for one in failed
        ):
            return f"Only numbers {text} the diagonal are wrong; all others are right."
    return ""


def _only_where(
    is_there: Callable[[Array], Array], is_elsewhere: Callable[[Array], Array], text: str
) -> Relation:
    """The relation that an answer is wrong only where a certain number is expected.

    Elsewhere there must be numbers that could be wrong as well: 0 often is right by itself.
    """

    def find(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
        right = 0
        for one in failed:
            if one.got.shape != one.wanted.shape:
                return ""
            there = is_there(one.wanted)
            if (~close(one.got, one.wanted) & ~there).any():
                return ""
            right += int(is_elsewhere(one.wanted).sum())
        return f"It is wrong only where {text} is expected." if right > 2 * len(failed) else ""

    return Relation("only-where", find)


BY_PART: tuple[Relation, ...] = (
    Relation("axes-exchanged", _axes_exchanged),
    Relation("part", _cut),
    Relation("only-at-edges", _only_at_edges),
    Relation("diagonal", _diagonal),
    _only_where(lambda value: value == 0, lambda value: value != 0, "0"),
    _only_where(lambda value: value < 0, lambda value: value > 0, "a negative number"),
    _only_where(lambda value: value > 0, lambda value: value < 0, "a positive number"),
)
