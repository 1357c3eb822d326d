"""Slopes by differences."""

from collections.abc import Callable
from typing import Any

import numpy as np

from fairmark.testing import Submission, assert_close, hidden, question, weight
from reference import warm_up as reference

Function = Callable[[Any], Any]


def _functions(rng: np.random.Generator) -> list[Function]:
    """Functions with a bend that differs from place to place, which work entry by entry."""
    a, b, c = rng.uniform(0.5, 2, size=3)
    return [
        lambda x: a * x**3 - b * x**2 + c,
        lambda x: np.sin(a * x) + b * x,
        lambda x: np.exp(b * x) - c * x,
    ]


@question("slope")
class TestSlope:
    """The central difference."""

    def test_cube(self, submission: Submission) -> None:
        """The central difference of x^3 at 1 is 3.25 with h = 0.5 and 3.01 with h = 0.1."""
        for h, expected in ((0.5, 3.25), (0.1, 3.01)):
            answer = submission.slope(lambda x: x**3, 1.0, h)
            hint = "The two points are x + h and x - h. How far apart are they?"
            assert_close(answer, expected, rtol=1e-6, hint=hint, what=f"slope(f, 1.0, {h})")

    def test_array(self, submission: Submission) -> None:
        """For x = (0, 1, 2) and f(x) = x^2 the slopes are 0, 2 and 4, with h left out too."""
        x = np.array([0.0, 1.0, 2.0])
        hint = "f takes the whole array at once: one slope for each entry of x."
        answer = submission.slope(lambda x: x**2, x)
        assert_close(answer, [0, 2, 4], rtol=1e-5, atol=1e-6, hint=hint, what="slope(f, x)")

    @hidden
    @weight(2)
    def test_other_functions(self, submission: Submission, rng: np.random.Generator) -> None:
        """Other functions, for numbers and arrays of any shape, with a large or a small h."""
        for f in _functions(rng):
            for shape, h in (((), 0.3), ((4,), 0.02), ((2, 3), 0.7)):
                x = rng.normal(size=shape) if shape else float(rng.normal())
                with submission.inputs_unchanged(), submission.any_layout():
                    answer = submission.slope(f, x, h)
                hint = "Rise over run: the difference of two values of f by their distance."
                expected = reference.slope(f, x, h)
                assert_close(
                    answer, expected, rtol=1e-6, atol=1e-8, hint=hint, what="slope(f, x, h)"
                )

    @hidden
    def test_integers(self, submission: Submission, rng: np.random.Generator) -> None:
        """An integer x, or an array of integers, with h given and left out."""
        f = _functions(rng)[0]
        for x in (2, np.array([-1, 0, 3])):
            for more in ((), (0.25,)):
                with submission.inputs_unchanged(), submission.any_layout():
                    answer = submission.slope(f, x, *more)
                hint = "x + h is no integer any more: is anything cut off?"
                expected = reference.slope(f, x, *more)
                assert_close(answer, expected, rtol=1e-5, atol=1e-6, hint=hint, what="slope(f, x)")
