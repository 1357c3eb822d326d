"""Relations to what one operation makes of the arguments, or of what was expected."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np

from fairmark.harness.comparison import Array, Comparison, same, same_number
from fairmark.harness.relations_by_argument import given
from fairmark.harness.relations_by_value import Relation, factor_of

_REDUCED: Mapping[str, Callable[..., Array]] = {
    "sum": np.sum,
    "mean": np.mean,
    "largest value": np.max,
    "smallest value": np.min,
    "median": np.median,
}
_CHANGED: Mapping[str, Callable[[Array], Array]] = {
    "minus {}": np.negative,
    "{}, transposed": lambda a: a.T if a.ndim > 1 else a + np.nan,
    "the exponential of {}": np.exp,
    "the logarithm of {}": np.log,
    "the sigmoid of {}": lambda a: 1 / (1 + np.exp(-a)),
    "the tanh of {}": np.tanh,
    "{}, with 0 for what is negative": lambda a: np.maximum(a, 0),
    "{}, without its signs": np.abs,
    "the square of {}": np.square,
    "1 minus {}": lambda a: 1 - a,
    "{} times (1 minus {})": lambda a: a * (1 - a),
}
_OF_TWO: Mapping[str, Callable[[Array, Array], Array]] = {
    "{} plus {}": np.add,
    "{} minus {}": np.subtract,
    "{} times {}": np.multiply,
    "{} divided by {}": np.divide,
    "the matrix product of {} and {}": np.matmul,
}
_POWERS = {
    1: "times {}: is it a factor too many, or is a division by it missing?",
    -1: "divided by {}: is it a factor that is missing, or a division too many?",
    2: "times the square of {}: is it multiplied where it should be divided?",
    -2: "divided by the square of {}: is it divided where it should be multiplied?",
}
_SIZES: Mapping[str, Callable[[float], float]] = {
    "times {n}/({n} - 1), where {n} is {}: is it divided by {n} - 1?": lambda n: n / (n - 1),
    "times ({n} - 1)/{n}, where {n} is {}: is it divided by {n} too soon?": lambda n: (n - 1) / n,
    "times the root of {n}/({n} - 1), where {n} is {}: is a variance divided by {n} - 1?": (
        lambda n: math.sqrt(n / (n - 1))
    ),
    "times the root of ({n} - 1)/{n}, where {n} is {}: is a variance divided by {n} - 1?": (
        lambda n: math.sqrt((n - 1) / n)
    ),
    "times {}: is it a sum, where a mean is asked for?": lambda n: n,
    "divided by {}: is it a mean, where a sum is asked for?": lambda n: 1 / n,
}


_Operation = Callable[[Array], Array]
_AS_IT_IS: Sequence[tuple[str, _Operation]] = (("{}", lambda value: value),)


def _reductions(values: Sequence[Array]) -> Iterator[tuple[str, _Operation]]:
    """Ways to take arrays together: along an axis, or as a whole."""
    depth = min(value.ndim for value in values)
    for (name, reduce), axis in itertools.product(_REDUCED.items(), (None, *range(depth))):
        where = f" along axis {axis}" if axis is not None else ""
        for keepdims in (False, True) if axis is not None else (False,) * bool(depth):
            operation = partial(reduce, axis=axis, keepdims=keepdims)
            yield f"the {name} of {{}}{where}", operation


def _gives(made: Sequence[Comparison], values: Sequence[Array], operation: _Operation) -> bool:
    """Whether each answer is what the operation makes of a value."""
    return all(
        same(one.got, np.asarray(operation(value))) for one, value in zip(made, values, strict=True)
    )


def _tells(failed: Sequence[Comparison]) -> bool:
    """Whether the answers that are wrong differ: of one number, or of zeros, much is true."""
    first = failed[0].got
    return any(one.got.any() for one in failed) and any(not same(o.got, first) for o in failed)


def _of_argument(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    """Whether what comes back is one operation on one argument."""
    if not _tells(failed):
        return ""
    for which, values in given(made):
        for text, operation in itertools.chain(_reductions(values), _CHANGED.items()):
            if _gives(made, values, operation):
                return f"What comes back is only {text.replace('{}', which)}."
    return ""


def _of_two_arguments(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    """Whether what comes back is one operation on two arguments."""
    if not _tells(failed):
        return ""
    for (first, ones), (second, others) in itertools.permutations(given(made), 2):
        for text, operation in _OF_TWO.items():
            try:
                if all(
                    same(one.got, np.asarray(operation(a, b)))
                    for one, a, b in zip(made, ones, others, strict=True)
                ):
                    return f"What comes back is only {text.format(first, second)}."
            except ValueError:  # their shapes do not fit
                continue
    return ""


def _taken_together(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    """Whether each answer is a sum or the like of what is expected."""
    wanted = [one.wanted for one in made]
    if not _tells(failed) or sum(one.wanted.size > 1 for one in failed) < 2:
        return ""
    for text, operation in _reductions(wanted):
        if _gives(made, wanted, operation):
            return (
                f"What comes back is {text.format('what is expected')}: is more taken together "
                "than should be?"
            )
    return ""


def _not_taken_together(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    """Whether what is expected is a sum or the like of each answer."""
    if sum(one.got.size > 1 for one in failed) < 2:
        return ""
    for text, operation in _reductions([one.got for one in made]):
        if all(same(np.asarray(operation(one.got)), one.wanted) for one in made):
            return f"A last step is missing: {text.format('what comes back')} is what is expected."
    return ""


def _argument_as_factor(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    """Whether an argument, or a sum or the like of it, is a factor too many or too few."""
    if sum(bool(one.wanted.any()) for one in failed) < 2:
        return ""
    for which, values in given(made):
        for text, operation in itertools.chain(_AS_IT_IS, _reductions(values)):
            for power, told in _POWERS.items():
                pairs = zip(made, values, strict=True)
                if not all(_is_times(o, np.asarray(operation(v)), power) for o, v in pairs):
                    continue
                if len({np.asarray(operation(v)).tobytes() for v in values}) > 1:  # else any number
                    named = text.replace("{}", which)
                    return f"Every value is what is expected, {told.format(named)}"
    return ""


def _is_times(one: Comparison, value: Array, power: int) -> bool:
    if value.ndim > one.wanted.ndim:
        return False
    try:
        return same(one.got, one.wanted * value.astype(float) ** power)
    except ValueError:  # they cannot be broadcast
        return False


def _step_by_argument(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    """Whether the step from an argument lacks another argument as its factor."""
    for which, values in given(made):
        pairs = list(zip(made, values, strict=True))
        if any(one.got.shape != v.shape or one.wanted.shape != v.shape for one, v in pairs):
            continue
        found = [factor_of(one.got - v, one.wanted - v) for one, v in pairs]
        factors = [factor for factor in found if factor is not None and not math.isnan(factor)]
        if len(factors) < len(found):
            continue
        for other, numbers in given(made):
            if other == which or any(number.size > 1 for number in numbers):
                continue
            scalars = [float(number.ravel()[0]) for number in numbers]
            if 0 in scalars or len(set(scalars)) < 2:
                continue
            for power, told in _POWERS.items():
                if all(same_number(f, s**power) for f, s in zip(factors, scalars, strict=True)):
                    return f"The step from {which} is what it should be, {told.format(other)}"
    return ""


def _size_as_factor(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    """Whether the size of an argument, or of one of its axes, is in the answer as a factor."""
    factors = [factor_of(one.got, one.wanted) for one in made]
    if any(factor is None for factor in factors):
        return ""
    for which, values in given(made):
        for named, sizes in _sizes(which, values):
            if min(sizes) < 2 or len(set(sizes)) < 2:
                continue
            for text, factor in _SIZES.items():
                expected = [factor(size) for size in sizes]
                if all(
                    f is None or math.isnan(f) or same_number(f, e)
                    for f, e in zip(factors, expected, strict=True)
                ):
                    told = text.replace("{n}", "n").format(named)
                    return f"Every value is what is expected, {told}"
    return ""


def _sizes(which: str, values: Sequence[Array]) -> Iterator[tuple[str, list[int]]]:
    for axis in range(min(value.ndim for value in values)):
        yield f"the size of axis {axis} of {which}", [value.shape[axis] for value in values]
    yield f"the number of values in {which}", [value.size for value in values]


BY_OPERATION: tuple[Relation, ...] = (
    Relation("step-by-argument", _step_by_argument),
    Relation("not-taken-together", _not_taken_together),
    Relation("taken-together", _taken_together),
    Relation("argument-changed", _of_argument),
    Relation("of-two-arguments", _of_two_arguments),
    Relation("argument-as-factor", _argument_as_factor),
    Relation("size-as-factor", _size_as_factor),
)
