"""Assignment 0: shapes, axes, broadcasting, masks and slopes.

A data matrix ``X`` is ``(n, d)``: n samples, one a row, of d features. Every function takes arrays,
lists or numbers, computes in float64, leaves its arguments as they are and raises ``ValueError``
naming the argument that does not fit.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]

SHAPES = [(4,), (5,), (3, 4), (4, 5), (5,)]
"""For A (5, 4) and v (4,), the shapes of A[2], A[:, 2], A[1:4], A.T and A @ v."""


def scores(X: npt.ArrayLike, w: npt.ArrayLike) -> FloatArray:
    """The score w1 x1 + ... + wd xd of each sample: ``(n, d)`` and ``(d,)`` -> ``(n,)``."""
    X, w = _matrix(X), np.asarray(w, dtype=np.float64)
    if w.shape != X.shape[1:]:
        raise ValueError(f"w must have one weight for each of {X.shape[1]} features, got {w.shape}")
    return np.asarray(X @ w)


def feature_means(X: npt.ArrayLike) -> FloatArray:
    """The mean of each feature over all samples: ``(n, d)`` -> ``(d,)``."""
    return np.asarray(_matrix(X).mean(axis=0))


def sample_totals(X: npt.ArrayLike) -> FloatArray:
    """The sum of all features of each sample: ``(n, d)`` -> ``(n,)``."""
    return np.asarray(_matrix(X).sum(axis=1))


def centre(X: npt.ArrayLike) -> FloatArray:
    """Subtract from each feature its own mean: ``(n, d)`` -> ``(n, d)``."""
    return np.asarray(_matrix(X) - feature_means(X))


def row_shares(X: npt.ArrayLike) -> FloatArray:
    """Divide each row by its own sum, which must not be 0: ``(n, d)`` -> ``(n, d)``."""
    X = _matrix(X)
    sums = X.sum(axis=1, keepdims=True)
    if (sums == 0).any():
        raise ValueError("X must have no row whose sum is 0: it has no shares")
    return np.asarray(X / sums)


def share_right(predicted: npt.ArrayLike, y: npt.ArrayLike) -> float:
    """The share of the predictions that equal their label, from 0 to 1; both are ``(n,)``."""
    return float(np.mean(~_wrong(predicted, y)))


def mistakes(X: npt.ArrayLike, predicted: npt.ArrayLike, y: npt.ArrayLike) -> FloatArray:
    """The rows of ``X`` whose prediction is not the label: ``(k, d)`` for k mistakes."""
    X, wrong = _matrix(X), _wrong(predicted, y)
    if len(wrong) != len(X):
        raise ValueError(f"y must have one label for each of {len(X)} samples, got {len(wrong)}")
    return np.asarray(X[wrong])


def slope(f: Callable[[FloatArray], FloatArray], x: npt.ArrayLike, h: float = 1e-5) -> FloatArray:
    """The central difference of ``f``, which works entry by entry: the shape of ``x``."""
    if h == 0:
        raise ValueError("h must not be 0")
    x = np.asarray(x, dtype=np.float64)
    return np.asarray((f(x + h) - f(x - h)) / (2 * h))


def standardise(X: npt.ArrayLike) -> FloatArray:
    """Move and scale each feature to mean 0 and standard deviation 1: ``(n, d)`` -> ``(n, d)``.

    The standard deviation divides by n. A feature that is the same for all samples has none to
    divide by: ``ValueError``.
    """
    centred = centre(X)
    spread = np.sqrt(np.mean(centred**2, axis=0))
    if (spread == 0).any():
        raise ValueError("X must have no feature that is the same for all samples")
    return np.asarray(centred / spread)


# --- Arguments --------------------------------------------------------------------------------


def _matrix(X: npt.ArrayLike) -> FloatArray:
    array = np.asarray(X, dtype=np.float64)
    if array.ndim != 2:
        raise ValueError(f"X must have shape (n, d), got {array.shape}")
    return array


def _wrong(predicted: npt.ArrayLike, y: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    one, other = np.asarray(predicted), np.asarray(y)
    if one.ndim != 1 or one.shape != other.shape:
        raise ValueError(f"predicted and y must both be (n,), got {one.shape} and {other.shape}")
    return np.asarray(one != other)
