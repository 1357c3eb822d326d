"""Relations of which calls are right and which are wrong: a condition that tells them apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fairmark.harness.comparison import Array, Comparison, told
from fairmark.harness.relations_by_argument import MOST_ARGUMENTS, ordinal
from fairmark.harness.relations_by_value import Relation

_ENOUGH = 2
"""So many calls must be right: one may be so by chance."""


def _split(
    made: Sequence[Comparison], wrong: Sequence[Comparison]
) -> Iterator[tuple[str, list[Array | None], list[Array | None]]]:
    """By argument: how it is called, and its values in the calls that are right and wrong.

    What was not given is None: then the function has its own value for it.
    """
    right = [one for one in made if not any(one is other for other in wrong)]
    if len(right) < _ENOUGH or any(not (one.arguments or one.keywords) for one in made):
        return
    for place in range(min(MOST_ARGUMENTS, max(len(one.arguments) for one in made))):
        if any(len(one.arguments) > place and one.arguments[place] is None for one in made):
            continue  # it is no numbers
        yield (
            ordinal(place),
            [one.arguments[place] if len(one.arguments) > place else None for one in right],
            [one.arguments[place] if len(one.arguments) > place else None for one in wrong],
        )
    for name in sorted({name for one in made for name in one.keywords}):
        yield (
            f"the argument `{name}`",
            [one.keywords.get(name) for one in right],
            [one.keywords.get(name) for one in wrong],
        )


def _only_for_one_value(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    """Whether a single number, such as a stride, has one value in all calls that are right."""
    for which, right, wrong in _split(made, failed):
        if any(value is not None and value.size > 1 for value in (*right, *wrong)):
            continue
        values = {None if value is None else float(value.ravel()[0]) for value in right}
        others = {None if value is None else float(value.ravel()[0]) for value in wrong}
        if len(values) > 1 or values & others:
            continue
        value = values.pop()
        if value is None:
            return f"Right are the calls without {which}; all with it are wrong. Is it used?"
        return told(
            f"Right are the calls where {which} is {value:g}; all others are wrong. Is it used?",
            f"Right are the calls where {which} has one value; all others are wrong. Is it used?",
        )
    return ""


def _only_with_axes(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    """Whether samples are right and batches are wrong, or the other way round."""
    for which, right, wrong in _split(made, failed):
        if any(value is None for value in (*right, *wrong)):
            continue
        depths = [{v.ndim for v in values if v is not None} for values in (right, wrong)]
        if any(len(depth) > 1 for depth in depths) or depths[0] == depths[1]:
            continue
        good, bad = depths[0].pop(), depths[1].pop()
        return (
            f"It is right where {which} has {_axes(good)}, and wrong where it has {_axes(bad)}. "
            "Which axis do your steps run along?"
        )
    return ""


def _axes(depth: int) -> str:
    return ("no axis", "one axis", "two axes")[depth] if depth < 3 else f"{depth} axes"


BY_CONDITION: tuple[Relation, ...] = (
    Relation("only-for-one-value", _only_for_one_value),
    Relation("only-with-axes", _only_with_axes),
)
