"""Central differences of any function at a point of any shape."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from fairmark.testing import Submission, assert_close, fail, hidden, question, weight
from reference import backpropagation as reference

Array = npt.NDArray[Any]


def _of_shape(shape: tuple[int, ...], func: Callable[[Array], Any]) -> Callable[[Any], float]:
    """The function, if what it is called with has the shape of x; complain otherwise."""

    def guarded(point: Any) -> float:
        if np.shape(point) != shape:
            fail(
                f"func was called with an argument of shape {np.shape(point)}.",
                hint=f"func wants what x is: an array of shape {shape}, one element moved.",
            )
        return float(func(np.asarray(point, dtype=float)))

    return guarded


@question("numerical_gradient")
class TestNumericalGradient:
    """Two calls of the function for each element."""

    def test_squares(self, submission: Submission) -> None:
        """The sum of squares has the gradient (2, 4, -6) at (1, 2, -3)."""
        func = _of_shape((3,), lambda p: np.sum(p**2))
        answer = submission.numerical_gradient(func, np.array([1.0, 2.0, -3.0]))
        hint = "Move one element at a time, and see by how much func changes per unit."
        assert_close(answer, [2, 4, -6], rtol=1e-6, atol=1e-6, hint=hint, what="the gradient")

    def test_both_sides(self, submission: Submission) -> None:
        """With h=0.5 the central difference of x**3 is 3.25 at 1 and 12.25 at 2."""
        func = _of_shape((2,), lambda p: np.sum(p**3))
        answer = submission.numerical_gradient(func, np.array([1.0, 2.0]), h=0.5)
        hint = "How far apart are the two points at which func is called? Is it h that is used?"
        assert_close(answer, [3.25, 12.25], rtol=1e-5, hint=hint, what="the gradient")

    def test_matrix(self, submission: Submission) -> None:
        """The gradient has the shape of x, here (2, 3), and x is unchanged afterwards."""
        factors = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]])
        func = _of_shape((2, 3), lambda p: np.sum(factors * p))
        with submission.inputs_unchanged():
            answer = submission.numerical_gradient(func, np.ones((2, 3)))
        hint = "One slope for each element, in its place."
        assert_close(answer, factors, rtol=1e-6, atol=1e-6, hint=hint, what="the gradient")

    @hidden
    @weight(2)
    def test_any_shape(self, submission: Submission, rng: np.random.Generator) -> None:
        """Random points with one, two and three axes, in any memory layout; zeros among them."""
        for shape in [(5,), (3, 2), (2, 3, 2), (1, 4), (1,)]:
            x, factors = rng.normal(size=shape), rng.normal(size=shape)
            x.flat[-1] = 0
            func = _of_shape(shape, lambda p: np.sin(np.sum(factors * p)) + np.sum(factors * p**2))  # noqa: B023
            exact = np.cos(np.sum(factors * x)) * factors + 2 * factors * x
            with submission.inputs_unchanged(), submission.any_layout(read_only=False):
                answer = submission.numerical_gradient(func, x)
            hint = "Is every other element where it was when func is called?"
            what = f"the gradient at a point of shape {shape}"
            assert_close(answer, exact, rtol=1e-6, atol=1e-6, hint=hint, what=what)

    @hidden
    @weight(2)
    def test_h(self, submission: Submission, rng: np.random.Generator) -> None:
        """Several h, large enough for the kind of difference to show."""
        x = rng.uniform(0.5, 2, size=(2, 2))
        func = _of_shape((2, 2), lambda p: np.sum(np.exp(p)) + np.prod(p))
        for h in (0.3, 0.02):
            expected = reference.numerical_gradient(func, x, h)
            answer = submission.numerical_gradient(func, x, h)
            hint = "The same h to both sides, for each element alone, and what to divide by?"
            assert_close(answer, expected, rtol=1e-6, hint=hint, what=f"the gradient for {h=}")

    @hidden
    def test_default_h(self, submission: Submission) -> None:
        """Without h the error is far below that of a forward difference."""
        x = np.array([2.0, 3.0, 4.0])
        answer = submission.numerical_gradient(_of_shape((3,), lambda p: np.sum(np.exp(p))), x)
        hint = "h is 1e-5 unless told otherwise, on both sides."
        assert_close(answer, np.exp(x), rtol=1e-7, hint=hint, what="the gradient")

    @hidden
    def test_integers(self, submission: Submission) -> None:
        """A point of integers is moved by h as well: nothing is cut off."""
        x = np.array([[1, -2], [3, 4]])
        func = _of_shape((2, 2), lambda p: np.sum(p**2))
        with submission.inputs_unchanged(), submission.any_layout(read_only=False):
            answer = submission.numerical_gradient(func, x)
        hint = "An array of integers has no room for 1e-5. Nor has another one of the same dtype."
        assert_close(answer, 2 * x, rtol=1e-6, hint=hint, what="the gradient")

    @hidden
    def test_no_axes(self, submission: Submission) -> None:
        """A point of shape () has a gradient of shape ()."""
        func = _of_shape((), lambda p: p**3)
        answer = submission.numerical_gradient(func, np.array(2.0), h=0.1)
        hint = "x may have any shape, also ()."
        assert_close(answer, 12.01, rtol=1e-6, hint=hint, what="the gradient")
