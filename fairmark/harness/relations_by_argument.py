"""Relations between an answer, what was expected, and the arguments of the call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from fairmark.harness.comparison import Array, Comparison, close, same, told
from fairmark.harness.relations_by_value import Relation, factor_of, one_factor

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
_ENOUGH = 3
MOST_ARGUMENTS = len(_ORDINALS)
"""Those beyond are not looked at."""


def given(made: Sequence[Comparison]) -> Iterator[tuple[str, list[Array]]]:
    """Each argument that is numbers in every call: how it is called, and its values by call."""
    for place in range(min(len(one.arguments) for one in made)):
        values = [one.arguments[place] for one in made]
        numbers = [value for value in values if value is not None]
        if len(numbers) == len(made) and place < MOST_ARGUMENTS:
            yield ordinal(place), numbers
    for name in made[0].keywords:
        values = [one.keywords.get(name) for one in made]
        numbers = [value for value in values if value is not None]
        if len(numbers) == len(made):
            yield f"the argument `{name}`", numbers


def ordinal(place: int) -> str:
    """How an argument is called by its place."""
    return f"the {_ORDINALS[place]} argument"


def _handed_back(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    for which, values in given(made):
        if all(same(one.got, value) for one, value in zip(made, values, strict=True)):
            return f"What comes back is {which}, as it was given."
    return ""


def _step(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    """Whether the answer goes from an argument in the right direction, but not as far."""
    for which, values in given(made):
        pairs = list(zip(made, values, strict=True))
        if any(one.got.shape != v.shape or one.wanted.shape != v.shape for one, v in pairs):
            continue
        factor = one_factor([factor_of(one.got - v, one.wanted - v) for one, v in pairs])
        if factor is None:
            continue
        if np.isclose(factor, -1):
            return f"The step from {which} goes the wrong way: its sign is turned."
        return told(
            f"The step from {which} is {factor:.4g} times as long as it should be.",
            f"The step from {which} has the right direction, and not the right length.",
        )
    return ""


def _missing(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    """Whether an argument is missing as a summand, or was added with the wrong sign or twice."""
    if any(one.got.shape != one.wanted.shape for one in made):
        return ""
    for which, values in given(made):
        for times, text in (
            (-1.0, "is missing: with it added, all would be right."),
            (-2.0, "is subtracted where it should be added."),
            (1.0, "is added once too often."),
            (2.0, "is added where it should be subtracted."),
        ):
            if all(
                _is_sum(one, times * value) for one, value in zip(made, values, strict=True)
            ) and any(np.any(value) for value in values):
                return f"{which[0].upper()}{which[1:]} {text}"
    return ""


def _is_sum(one: Comparison, summand: Array) -> bool:
    try:
        return same(one.got, one.wanted + summand)
    except ValueError:  # they cannot be broadcast
        return False


def _only_where(
    is_there: Callable[[Array], Array], is_elsewhere: Callable[[Array], Array], text: str
) -> Relation:
    """The relation that an elementwise answer is wrong only for some arguments.

    Elsewhere there must be several values that could be wrong as well: 0 often is right by itself.
    """

    def find(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
        for which, values in given(made):
            pairs = list(zip(made, values, strict=True))
            if any(one.got.shape != v.shape or one.wanted.shape != v.shape for one, v in pairs):
                continue
            wrong = [~close(one.got, one.wanted) for one, _ in pairs]
            there = [is_there(v) for _, v in pairs]
            inside = all(not (w & ~t).any() for w, t in zip(wrong, there, strict=True))
            if inside and sum(int(is_elsewhere(v).sum()) for _, v in pairs) >= _ENOUGH:
                return f"It is wrong only where {which} is {text}; elsewhere it is right."
        return ""

    return Relation("only-there", find)


HANDED_BACK = Relation("argument-handed-back", _handed_back)
BY_ARGUMENT: tuple[Relation, ...] = (
    Relation("step", _step),
    Relation("summand", _missing),
    _only_where(lambda value: value == 0, lambda value: value != 0, "0"),
    _only_where(lambda value: value < 0, lambda value: value > 0, "negative"),
    _only_where(lambda value: value > 0, lambda value: value < 0, "positive"),
)
