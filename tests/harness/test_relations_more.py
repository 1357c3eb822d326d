"""Relations to one operation, to a part of the answer, and to a condition on the arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from fairmark.harness.comparison import Comparison, Comparisons, note_comparison, noting
from fairmark.harness.proxy import LocalTransport, Submission
from fairmark.harness.relations import relation_of

RNG = np.random.default_rng(11)
MATRICES = [(RNG.normal(size=shape),) for shape in ((3, 3), (2, 4), (5, 2), (4, 6))]
PAIRS = [(RNG.normal(size=(n, d)), RNG.normal(size=d)) for n, d in ((3, 3), (2, 4), (5, 2))]
STEPS = [(RNG.normal(size=4), RNG.normal(size=4), lr) for lr in (0.1, 0.5, 2.0)]


def told(
    wrong: Callable[..., Any], right: Callable[..., Any], calls: Sequence[tuple[Any, ...]]
) -> tuple[str, str]:
    """The relation that is told of a function, and its sentence."""
    made = []
    for call in calls:
        arguments = tuple(np.asarray(argument, float) for argument in call)
        got, wanted = np.asarray(wrong(*call), float), np.asarray(right(*call), float)
        made.append(Comparison("f", "the answer", wanted, got, arguments))
    failing = next(one for one in made if one.failed)
    name, sentence = relation_of(made, failing)
    return name.removeprefix("relation/"), sentence


def centre(x: Any) -> Any:
    return x - x.mean(axis=0)


@pytest.mark.parametrize(
    ("wrong", "right", "calls", "name", "words"),
    [
        (lambda x: x.mean(axis=0), centre, MATRICES, "argument-changed", "the mean of the first"),
        (lambda x: x.sum(axis=1), lambda x: x.sum(0), MATRICES, "argument-changed", "along axis 1"),
        (lambda x: np.tanh(x), lambda x: x**3 + 1, MATRICES, "argument-changed", "tanh"),
        (lambda x, w: x * w, lambda x, w: x @ w, PAIRS, "not-taken-together", "sum"),
        (lambda x, w: x @ w, lambda x, w: np.sin(x @ w), PAIRS, "of-two-arguments", "matrix"),
        (lambda x: x.mean(), lambda x: x.mean(axis=0), MATRICES, "taken-together", "the mean of"),
        (lambda x: np.cumsum(x, -1), lambda x: x + 0, MATRICES, "added-up-on-the-way", "sum"),
        (lambda x: x.sum(0), lambda x: x.sum(0) * len(x), MATRICES, "size-as-factor", "axis 0"),
        (
            lambda x: x.std(axis=0, ddof=1),
            lambda x: x.std(axis=0),
            MATRICES,
            "size-as-factor",
            "n - 1",
        ),
        (
            lambda w, g, lr: w + g,
            lambda w, g, lr: w + lr * g,
            STEPS,
            "step-by-argument",
            "divided by the third argument",
        ),
        (
            lambda w, g, lr: np.sin(w) * lr,
            lambda w, g, lr: np.sin(w),
            STEPS,
            "argument-as-factor",
            "times the third argument",
        ),
    ],
)
def test_an_operation_is_named(wrong: Any, right: Any, calls: Any, name: str, words: str) -> None:
    """What is done with an argument, or with what is expected."""
    found, sentence = told(wrong, right, calls)
    assert found == name
    assert words in sentence


def test_a_part_is_named() -> None:
    """What is missing, too many, exchanged, or wrong at the edges only."""
    cubes = [(RNG.normal(size=shape),) for shape in ((2, 5, 6), (3, 4, 4))]
    same: Callable[[Any], Any] = lambda x: x  # noqa: E731
    sizes: Callable[[Any], Any] = lambda x: np.exp(x)  # noqa: E731

    def edges(x: Any) -> Any:
        out = sizes(x).copy()
        out[..., 0, :] = out[..., -1] = 7
        return out

    def diagonal(x: Any) -> Any:
        return sizes(x) * (1 - np.eye(*x.shape))

    square = [(RNG.normal(size=(n, n)),) for n in (3, 4)]
    assert told(lambda x: sizes(x).transpose(1, 2, 0), sizes, cubes)[0] == "axes-exchanged"
    assert told(lambda x: sizes(x)[:, 1:-1, 1:-1], sizes, cubes)[0] == "part"
    assert "start" in told(lambda x: sizes(x)[..., :-2], sizes, cubes)[1]
    assert "too much" in told(lambda x: np.pad(sizes(x), 1), sizes, cubes)[1]
    assert told(edges, sizes, cubes)[0] == "only-at-edges"
    assert told(diagonal, sizes, square)[0] == "diagonal"
    relu: Callable[[Any], Any] = lambda x: np.maximum(x, 0)  # noqa: E731
    leaks = lambda x: np.where(x < 0, np.sin(x), x)  # noqa: E731
    found, sentence = told(leaks, relu, [(RNG.normal(size=(6, 6)),) for _ in range(3)])
    assert (found, sentence) == ("only-where", "It is wrong only where 0 is expected.")
    assert told(lambda x: x[:, ::-1] + 1, same, cubes)[0] == ""


def test_a_condition_is_named() -> None:
    """Which calls are right: those with one value of an argument, or with as many axes."""
    x = [RNG.normal(size=6) for _ in range(6)]
    strides = [(x[i], 1 + (i % 2) * i) for i in range(6)]
    found, sentence = told(lambda v, s: np.sin(v), lambda v, s: np.sin(v) * s + s - 1, strides)
    assert found == "only-for-one-value"
    assert sentence == (
        "Right are the calls where the second argument is 1; all others are wrong. Is it used?"
    )
    batches = [(RNG.normal(size=shape),) for shape in ((4,), (5,), (3, 4), (2, 5), (4, 4))]
    whole = lambda v: np.exp(v) / np.exp(v).sum() + 1  # noqa: E731
    rows = lambda v: np.exp(v) / np.exp(v).sum(axis=-1, keepdims=True) + 1  # noqa: E731
    assert told(whole, rows, batches)[0] == "only-with-axes"
    mixed = [*strides, (x[0], 1.0)]
    wrong_once = iter([False] * 6 + [True])
    assert told(
        lambda v, s: np.sin(v) + next(wrong_once) * v, lambda v, s: np.sin(v) * s + s - 1, mixed
    ) == ("", "")


def test_arguments_by_name_tell_as_well() -> None:
    """What is not given has the function's own value."""
    made = []
    for padding in (None, None, 1, 2):
        x = RNG.normal(size=5)
        wanted = np.pad(x, padding or 0)
        keywords = {} if padding is None else {"padding": np.asarray(float(padding))}
        made.append(Comparison("f", "the answer", np.sin(wanted), np.sin(x), (x,), keywords))
    for one in made[2:]:  # an answer that has the right shape, but not the right numbers
        object.__setattr__(one, "got", np.full(one.wanted.shape, 3.0) + RNG.normal())
    assert relation_of(made, made[2]) == (
        "relation/only-for-one-value",
        "Right are the calls without the argument `padding`; all with it are wrong. Is it used?",
    )


def test_accidents_tell_nothing() -> None:
    """Zeros, equal numbers, one call, or a few that are right by chance."""
    wave: Callable[[Any], Any] = lambda x: np.cos(3 * x) + x**2  # noqa: E731
    zeros = [(np.zeros(3),), (np.zeros(5),)]
    assert told(lambda x: x.sum(), lambda x: np.cos(x[0]) + 2, zeros) == ("", "")
    assert told(lambda x: np.zeros(2), lambda x: x[:2] + 1, MATRICES[:1]) == ("", "")
    amounts = [(np.array([0.0, 2.0, 3.0, 0.0, 5.0, 0.0]),), (np.array([1.0, 0.0, 4.0]),)]
    products = told(lambda x: x * (x.sum() + x), lambda x: x / (x.sum() + x), amounts)
    assert products[0] not in ("only-there", "only-where")  # 0 is right by itself
    ones = [(np.ones(3), 1.0), (np.ones(3), 1.0)]
    assert told(lambda x, k: wave(x), lambda x, k: wave(x) * 3, ones) == ("", "")
    # The factor is an argument in one call, and something else in the next one.
    calls = [(RNG.normal(size=4), 2.0), (RNG.normal(size=4), 3.0)]
    assert told(lambda x, k: wave(x) * 2, lambda x, k: wave(x), calls)[0] == "factor"
    one_right = [(RNG.normal(size=4), 1.0), (RNG.normal(size=4), 2.0), (RNG.normal(size=4), 3.0)]
    assert told(lambda x, k: wave(x), lambda x, k: wave(x) + np.sin(x) * (k - 1), one_right) == (
        "",
        "",
    )


def test_digits_that_people_write_are_enough() -> None:
    """A test that compares with a few digits of the right number refutes no relation."""
    wanted = np.array([0.0066929, 0.5, 0.99331])
    exact = 1 / (1 + np.exp(-np.array([-5.0, 0.0, 5.0])))
    other = np.array([0.25, 0.125, 1.5])
    made = [
        Comparison("f", "the answer", wanted, -exact, ()),
        Comparison("f", "the answer", other, -other, ()),
    ]
    assert relation_of(made, made[0])[0] == "relation/sign"


def test_arguments_by_name_are_noted() -> None:
    """As they were given in the call whose result is compared."""
    made = Comparisons()
    submission = Submission(LocalTransport({"f": lambda x, stride=1: [x[0], stride]}))
    made.last_call = lambda: submission._last_call
    with noting(made):
        note_comparison(submission.f([1.0, 2.0], stride=2), [1.0, 3.0], "f")
        note_comparison(5.0, 5.0, "another value")
    first, second = made.kept
    assert [name for name, value in first.keywords.items() if value is not None and value == 2] == [
        "stride"
    ]
    assert second.keywords == {}


def test_very_large_numbers_are_compared_in_silence() -> None:
    """Their difference is beyond the range of floats."""
    large = np.array([1.7e308, -1.7e308])
    assert Comparison("f", "the answer", large, -large, ()).failed
