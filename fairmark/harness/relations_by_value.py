"""Relations between an answer and what was expected alone: signs, factors, order, shape."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from fairmark.harness.comparison import Array, Comparison, close, same, same_number, told

Find = Callable[[Sequence[Comparison], Sequence[Comparison]], str]
"""Takes all comparisons, and those that failed; gives a sentence, or "" where nothing holds."""


@dataclass(frozen=True)
class Relation:
    """A kind of relation, and how it is found."""

    name: str
    find: Find


_KNOWN_FACTORS = {
    1 / math.log(2): "That is 1/ln 2: is a logarithm to base 2 in the place of the natural one?",
    1 / math.log(10): "That is 1/ln 10: is a logarithm to base 10 in the place of the natural one?",
    math.log(2): "That is ln 2: is a natural logarithm in the place of one to base 2?",
    math.log(10): "That is ln 10: is a natural logarithm in the place of one to base 10?",
    math.pi / 180: "That is pi/180: are radians in the place of degrees?",
    180 / math.pi: "That is 180/pi: are degrees in the place of radians?",
}
_NEARLY = 1e-3


def factor_of(got: Array, wanted: Array) -> float | None:
    """Return by which factor one array is the other: nan if any fits, None if none does."""
    if got.shape != wanted.shape or not (np.isfinite(got).all() and np.isfinite(wanted).all()):
        return None
    place = np.unravel_index(int(np.abs(wanted).argmax()), wanted.shape)
    if wanted[place] == 0:
        return None if got.any() else math.nan
    factor = float(got[place] / wanted[place])
    return factor if factor and same(got, factor * wanted) else None


def one_factor(factors: Sequence[float | None]) -> float | None:
    """Return the factor that all of these are; None where they differ or where two do not tell."""
    if None in factors:
        return None
    known = [factor for factor in factors if factor is not None and not math.isnan(factor)]
    if len(known) < 2 or not all(same_number(factor, known[0]) for factor in known):
        return None
    return known[0]


def _is(change: Callable[[Array], Array], sentence: str) -> Find:
    """The relation that each answer is a function of what was expected."""

    def find(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
        return sentence if all(same(one.got, change(one.wanted)) for one in made) else ""

    return find


def _is_along_an_axis(change: Callable[[Array, int], Array], sentence: str) -> Find:
    def find(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
        for axis in (-1, -2):
            deep = all(one.wanted.ndim >= -axis for one in made)
            if deep and all(same(one.got, change(one.wanted, axis)) for one in made):
                return sentence
        return ""

    return find


def _always_the_same(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    first = made[0]
    others = any(not same(one.wanted, first.wanted) for one in made)
    if others and all(same(one.got, first.got) for one in made):
        return "The answer is the same in every call, whatever the arguments are."
    return ""


def _transposed(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    if all(one.wanted.ndim >= 2 and same(one.got, one.wanted.swapaxes(-1, -2)) for one in made):
        return "Rows and columns are exchanged: the answer is the transpose of what is expected."
    return ""


def _other_shape(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    if not all(same(one.got.ravel(), one.wanted.ravel()) for one in made):
        return ""
    got, wanted = failed[0].got.shape, failed[0].wanted.shape
    return told(
        f"The numbers are right, but their shape is not: it is {got} in the place of {wanted}.",
        "The numbers are right, but their shape is not.",
    )


def _one_item(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    if any(one.got.ndim == 0 or one.wanted.ndim == 0 for one in made):
        return ""
    if all(same(one.got, one.wanted[1:]) for one in made):
        return "The answer lacks its first item; the others are right."
    if all(same(one.got, one.wanted[:-1]) for one in made):
        return "The answer lacks its last item; the others are right."
    if all(same(one.got[1:], one.wanted) for one in made):
        return "The answer has one item too many, at its start; the others are right."
    if all(same(one.got[:-1], one.wanted) for one in made):
        return "The answer has one item too many, at its end; the others are right."
    return ""


def _other_places(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    for one in made:
        if one.got.shape != one.wanted.shape or one.wanted.size < 3:
            return ""
        if not same(np.sort(one.got, axis=None), np.sort(one.wanted, axis=None)):
            return ""
    return "The numbers are right, but they stand in other places."


def _factor(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    factor = one_factor([factor_of(one.got, one.wanted) for one in made])
    if factor is None or math.isclose(factor, 1, rel_tol=_NEARLY):
        return ""
    question = "Which factor is missing, or too many?"
    for value, known in _KNOWN_FACTORS.items():
        if math.isclose(abs(factor), value, rel_tol=1e-5):
            question = known
    return told(
        f"Every value is {factor:.4g} times what is expected. {question}",
        f"Every value is what is expected, times one and the same number. {question}",
    )


def _size_as_factor(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    """Whether each answer is divided, or multiplied, by the size of an axis of an argument."""
    factors = [factor_of(one.got, one.wanted) for one in made]
    if None in factors:
        return ""
    for place in range(min(len(one.arguments) for one in made)):
        given = [one.arguments[place] for one in made]
        shapes = [value.shape for value in given if value is not None]
        if len(shapes) < len(made):
            continue
        for axis in range(min(map(len, shapes))):
            sizes = [float(shape[axis]) for shape in shapes]
            for power, text in (
                (-1, "divided by {}: is it a mean, where a sum is asked for?"),
                (1, "multiplied by {}: is it a sum, where a mean is asked for?"),
            ):
                if len(set(sizes)) > 1 and _fit(factors, [size**power for size in sizes]):
                    return (
                        f"Every value is {text.format(f'the size of axis {axis} of an argument')}"
                    )
    return ""


def _fit(factors: Sequence[float | None], expected: Sequence[float]) -> bool:
    return all(
        factor is not None and (math.isnan(factor) or same_number(factor, value))
        for factor, value in zip(factors, expected, strict=True)
    )


def _offset(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    if any(one.got.shape != one.wanted.shape for one in made):
        return ""
    every = np.concatenate([(one.got - one.wanted).ravel() for one in made])
    scale = max(float(np.abs(one.wanted).max()) for one in made)
    if not np.isfinite(every).all() or not math.isfinite(scale):
        return ""
    if np.abs(every - every[0]).max() > 1e-9 + 1e-6 * scale or abs(every[0]) < _NEARLY * scale:
        return ""
    return told(
        f"Every value is off by the same number, {every[0]:+.4g}.",
        "Every value is off by the same number.",
    )


def _factor_of_each(axis: int | None, text: str) -> Find:
    """Whether each answer, or each of its rows or columns, has a factor of its own."""

    def find(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
        if any(one.got.shape != one.wanted.shape for one in made):
            return ""
        for one in made:
            if axis is not None and one.wanted.ndim < 2:
                return ""
            if not one.failed and one.wanted.any():
                return ""
            if one.failed and any(np.count_nonzero(w) < 2 for _, w in _pieces(one, axis)):
                return ""  # of a single number, any other is a multiple
            if any(factor_of(got, wanted) is None for got, wanted in _pieces(one, axis)):
                return ""
        if max(one.wanted.size for one in failed) < 3:
            return ""
        return (
            f"{text} Is there a division, such as by a sum, a norm or a number of things, that is "
            "too many, too few, or along the wrong axis?"
        )

    return find


def _pieces(one: Comparison, axis: int | None) -> list[tuple[Array, Array]]:
    """The answer and what was expected, cut along an axis."""
    if axis is None:
        return [(one.got, one.wanted)]
    got, wanted = np.moveaxis(one.got, axis, 0), np.moveaxis(one.wanted, axis, 0)
    return list(zip(got, wanted, strict=True))


def _one_place(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    """Whether it is always the first, or always the last, of several values that is wrong."""
    if any(one.got.shape != one.wanted.shape or one.wanted.ndim == 0 for one in made):
        return ""
    flat = all(one.wanted.ndim == 1 for one in failed)
    for axis, line in ((-1, "value" if flat else "column"), (0, "value" if flat else "row")):
        if min(one.wanted.shape[axis] for one in failed) < 2:
            continue
        for place, word in ((0, "first"), (-1, "last")):
            if all(_wrong_at(one, axis) == {place % one.wanted.shape[axis]} for one in failed):
                how = _how(failed, axis, place)
                return f"Only the {word} {line} is wrong; all others are right.{how}"
    return ""


def _wrong_at(one: Comparison, axis: int) -> set[int]:
    return {int(where[axis]) for where in np.argwhere(~close(one.got, one.wanted))}


def _how(failed: Sequence[Comparison], axis: int, place: int) -> str:
    """How the values at one place are wrong, as far as that can be told."""
    pairs = [(np.take(one.got, place, axis), np.take(one.wanted, place, axis)) for one in failed]
    if all(same(got, -wanted) for got, wanted in pairs):
        return " It has the wrong sign."
    if all(not got.any() for got, _ in pairs):
        return " It is 0."
    return ""


def _not_finite(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    if any(np.isfinite(one.got).all() or not np.isfinite(one.wanted).all() for one in failed):
        return ""
    return (
        "Where it is wrong, the answer holds nan or infinity: does something on the way to the "
        "result grow beyond the range of floats, or divide by 0?"
    )


def _nearly_right(made: Sequence[Comparison], failed: Sequence[Comparison]) -> str:
    for one in made:
        if one.got.shape != one.wanted.shape or not np.isfinite(one.got).all():
            return ""
        scale = float(np.abs(one.wanted).max())
        if not scale or np.abs(one.got - one.wanted).max() > _NEARLY * scale:
            return ""
    return (
        "All values are nearly right, to three digits or more: is something computed in low "
        "precision, by steps that are too large, or with a small number added?"
    )


def _whole(change: Callable[[Array], Array], value: Array) -> Array:
    return np.where(np.isfinite(value), change(value), value)


def _softmax(value: Array) -> Array:
    if value.ndim == 0:
        return value
    powers: Array = np.exp(value - value.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


BY_VALUE: tuple[Relation, ...] = (
    Relation("always-the-same", _always_the_same),
    Relation("sign", _is(np.negative, "Every value has the wrong sign.")),
    Relation("transposed", _transposed),
    Relation("other-shape", _other_shape),
    Relation("one-item", _one_item),
    Relation("reversed", _is_along_an_axis(np.flip, "The numbers come in reverse order.")),
    Relation(
        "added-up-on-the-way",
        _is_along_an_axis(
            lambda a, axis: np.cumsum(a, axis),
            "Each number is the sum of those expected up to its place.",
        ),
    ),
    Relation(
        "shifted",
        _is_along_an_axis(
            lambda a, axis: np.roll(a, 1, axis), "All numbers stand one place too far back."
        ),
    ),
    Relation(
        "shifted",
        _is_along_an_axis(
            lambda a, axis: np.roll(a, -1, axis), "All numbers stand one place too far in front."
        ),
    ),
    Relation("other-places", _other_places),
    Relation("one-place", _one_place),
    Relation("size-as-factor", _size_as_factor),
    Relation("factor", _factor),
    Relation("offset", _offset),
    Relation("sign-lost", _is(np.abs, "The signs are lost: what should be negative is positive.")),
    Relation("negative-to-zero", _is(lambda a: np.maximum(a, 0), "What should be negative is 0.")),
    Relation(
        "held-in-a-range",
        _is(lambda a: np.clip(a, 0, 1), "The values are held between 0 and 1."),
    ),
    Relation(
        "cut-off",
        _is(partial(_whole, np.trunc), "The values are cut off: are they kept as integers?"),
    ),
    Relation("rounded", _is(partial(_whole, np.round), "The values are rounded to whole numbers.")),
    Relation("complement", _is(lambda a: 1 - a, "Every value is 1 minus what is expected.")),
    Relation("squared", _is(np.square, "Every value is the square of what is expected.")),
    Relation("root", _is(np.sqrt, "Every value is the square root of what is expected.")),
    Relation("exponential", _is(np.exp, "Every value is the exponential of what is expected.")),
    Relation("logarithm", _is(np.log, "Every value is the logarithm of what is expected.")),
    Relation("reciprocal", _is(np.reciprocal, "Every value is 1 divided by what is expected.")),
    Relation(
        "activated",
        _is(
            lambda a: 1 / (1 + np.exp(-a)),
            "Every value is the sigmoid of what is expected: is it applied once too often?",
        ),
    ),
    Relation(
        "activated",
        _is(np.tanh, "Every value is the tanh of what is expected: is it applied once too often?"),
    ),
    Relation(
        "softmax-too-often",
        _is(_softmax, "The answer is the softmax of what is expected: is it one too many?"),
    ),
)
"""In the order in which they are looked for."""
VAGUE: tuple[Relation, ...] = (
    Relation(
        "factor-of-each-call",
        _factor_of_each(None, "In each call, all values are wrong by one factor of that call."),
    ),
    Relation("factor-of-each-row", _factor_of_each(0, "Each row is wrong by a factor of its own.")),
    Relation(
        "factor-of-each-column", _factor_of_each(-1, "Each column is wrong by a factor of its own.")
    ),
    Relation("not-finite", _not_finite),
    Relation("nearly-right", _nearly_right),
)
"""What is told only where nothing above holds, as it tells less."""
