"""Principal components: what 64 pixels look like in a few dimensions."""

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_digits

from fairmark.testing import Submission, as_array, assert_close, fail, hidden, question, weight
from reference import perceptron as reference

Array = npt.NDArray[Any]


def _two(answer: object) -> tuple[Any, Any]:
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        fail("pca_project must return two things: (projected, explained_variance_ratio).")
    projected, ratio = answer
    return projected, ratio


def _assert_projected(actual: object, expected: Array, tolerance: float, hint: str) -> None:
    """The coordinates are right, whichever way each component points."""
    projected = np.real_if_close(as_array(actual, "projected"))
    if projected.shape == expected.shape:
        projected = projected * np.where((projected * expected).sum(axis=0) < 0, -1, 1)
    assert_close(projected, expected, rtol=1e-4, atol=tolerance, hint=hint, what="projected")


@question("pca_project")
class TestPca:
    """Coordinates and explained variance, whatever the sign of a component."""

    def test_points_on_a_line(self, submission: Submission) -> None:
        """(1,1), (4,5) and (7,9) lie on a line, at -5, 0 and 5 from their mean (or 5, 0, -5)."""
        X = np.array([[1.0, 1.0], [4.0, 5.0], [7.0, 9.0]])
        projected, ratio = _two(submission.pca_project(X, 1))
        hint = "Distances are measured from the mean of the points, along the line."
        _assert_projected(projected, np.array([[-5.0], [0.0], [5.0]]), 1e-4, hint)
        hint = "A line explains all the variance of points that lie on it."
        assert_close(ratio, [1.0], rtol=1e-4, hint=hint, what="explained_variance_ratio")

    def test_digits(self, submission: Submission) -> None:
        """The first two components of the 1797 digits explain 0.1489 and 0.1362 of the variance."""
        projected, ratio = _two(submission.pca_project(load_digits().data, 2))
        assert_close(as_array(projected).shape, (1797, 2), what="the shape of projected")
        hint = "A share of the variance, a square, in the variance of all 64 pixels, largest first."
        expected = [0.148906, 0.136188]
        assert_close(ratio, expected, rtol=1e-3, hint=hint, what="explained_variance_ratio")

    @hidden
    @weight(2)
    def test_projections(self, submission: Submission, rng: np.random.Generator) -> None:
        """The coordinates of random points, for several n, d and k, and for integers."""
        hint = "Centre the points, keep the scale of the axes, project on the largest components."
        for n, d, k in [(40, 5, 2), (30, 4, 4), (7, 9, 3), (25, 6, 1)]:
            X = _cloud(rng, n, d)
            for points in (X, np.round(10 * X).astype(int)):
                with submission.inputs_unchanged(), submission.any_layout():
                    projected, _ = _two(submission.pca_project(points, k))
                expected, _ = reference.pca_project(points, k)
                _assert_projected(projected, expected, 1e-3, hint)

    @hidden
    def test_ratios(self, submission: Submission, rng: np.random.Generator) -> None:
        """The explained variance of random points, largest first; all of them sum to 1."""
        hint = "Which sum do you divide by: that of k components, or that of all?"
        for n, d, k in [(40, 5, 2), (30, 4, 4), (7, 9, 3), (25, 6, 1)]:
            X = _cloud(rng, n, d)
            _, ratio = _two(submission.pca_project(X, k))
            _, expected = reference.pca_project(X, k)
            assert_close(ratio, expected, rtol=1e-3, hint=hint, what="explained_variance_ratio")


def _cloud(rng: np.random.Generator, n: int, d: int) -> Array:
    """Points around a mean far from 0, spread differently along turned axes."""
    axes, _ = np.linalg.qr(rng.normal(size=(d, d)))
    spread = 6.0 * 0.7 ** np.arange(d)
    cloud: Array = rng.normal(size=(n, d)) * spread @ axes + rng.normal(scale=9, size=d)
    return cloud
