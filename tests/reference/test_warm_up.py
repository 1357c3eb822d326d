"""The reference of the warm-up, against loops, SciPy, scikit-learn and what the notebook says."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import zscore
from sklearn.metrics import accuracy_score
from sklearn.preprocessing import StandardScaler

from reference import warm_up as r

Array = npt.NDArray[Any]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture
def X(rng: np.random.Generator) -> Array:
    return rng.normal([1.0, 2.0, 4.0], size=(5, 3))


def test_shapes_are_numpys() -> None:
    A, v = np.ones((5, 4)), np.ones(4)
    assert [array.shape for array in (A[2], A[:, 2], A[1:4], A.T, A @ v)] == r.SHAPES


def test_scores_as_the_loop_of_the_notebook(X: Array, rng: np.random.Generator) -> None:
    w = rng.normal(size=3)
    expected = [sum(w[j] * sample[j] for j in range(3)) for sample in X]
    np.testing.assert_allclose(r.scores(X, w), expected)


def test_axes_as_loops(X: Array) -> None:
    np.testing.assert_allclose(r.feature_means(X), [sum(column) / 5 for column in X.T])
    np.testing.assert_allclose(r.sample_totals(X), [sum(row) for row in X])


def test_centred_features_have_the_mean_0(X: Array) -> None:
    np.testing.assert_allclose(r.centre(X), StandardScaler(with_std=False).fit_transform(X))
    np.testing.assert_allclose(r.centre(X).mean(axis=0), 0, atol=1e-14)


def test_shares_add_up_to_1_in_each_row(X: Array) -> None:
    amounts = np.abs(X)
    shares = r.row_shares(amounts)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_allclose(shares[2], amounts[2] / amounts[2].sum())


def test_masks_count_and_select(X: Array) -> None:
    predicted, y = np.array([1, -1, 1, 1, -1]), np.array([1, 1, 1, -1, -1])
    assert r.share_right(predicted, y) == accuracy_score(y, predicted) == 3 / 5
    np.testing.assert_array_equal(r.mistakes(X, predicted, y), X[[1, 3]])
    assert r.mistakes(X, y, y).shape == (0, 3)


def test_the_slopes_of_the_notebook() -> None:
    assert r.slope(lambda x: x**3, 1.0, 0.5) == pytest.approx(3.25)
    assert r.slope(lambda x: x**3, 1, 0.1) == pytest.approx(3.01)


@pytest.mark.parametrize("shape", [(), (4,), (2, 3)])
def test_slopes_against_derivatives(rng: np.random.Generator, shape: tuple[int, ...]) -> None:
    x = rng.normal(size=shape)
    np.testing.assert_allclose(r.slope(np.sin, x), np.cos(x), atol=1e-9)
    assert r.slope(np.sin, x).shape == shape


def test_standardised_features(X: Array) -> None:
    np.testing.assert_allclose(r.standardise(X), zscore(X, axis=0))
    np.testing.assert_allclose(r.standardise(X), StandardScaler().fit_transform(X))


def test_integers_are_computed_as_floats() -> None:
    X = np.array([[100, 2], [101, 5]], dtype=np.int8)
    np.testing.assert_array_equal(r.sample_totals(X), [102, 106])
    np.testing.assert_array_equal(r.centre(X), [[-0.5, -1.5], [0.5, 1.5]])
    np.testing.assert_array_equal(r.scores(X, np.array([100, 1], dtype=np.int8)), [10002, 10105])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: r.centre(np.ones(3)), "X must have shape"),
        (lambda: r.scores(np.ones((2, 3)), np.ones(2)), "w must have one weight for each of 3"),
        (lambda: r.row_shares(np.zeros((2, 3))), "no row whose sum is 0"),
        (lambda: r.share_right(np.ones(3), np.ones(2)), "predicted and y must both be"),
        (lambda: r.mistakes(np.ones((2, 3)), np.ones(3), np.ones(3)), "y must have one label"),
        (lambda: r.slope(np.sin, 1.0, 0.0), "h must not be 0"),
        (lambda: r.standardise(np.ones((3, 2))), "the same for all samples"),
    ],
)
def test_what_does_not_fit_is_named(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_arguments_stay_as_they_are(X: Array) -> None:
    before = X.copy()
    X.flags.writeable = False
    for function in (r.feature_means, r.sample_totals, r.centre, r.row_shares, r.standardise):
        function(X)
    r.slope(np.sin, X)
    np.testing.assert_array_equal(X, before)
