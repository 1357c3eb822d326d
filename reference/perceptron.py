"""Assignment 1: activation functions, the perceptron and its training, and the digits.

The equations are those of the lecture's part "One layer neural network (perceptron)". A data
matrix ``X`` holds one point per row; where a docstring says "with x0", its first column is the
constant x0 = 1 that carries the bias weight w0.

Every function takes arrays, lists or numbers, computes in float64, leaves its arguments as they
are and raises ``ValueError`` naming the argument that does not fit.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]

LEAKY_SLOPE = 0.01


# --- Activation functions (slide "Identity, Binary step, ... Leaky ReLU") ---------------------


def step(s: npt.ArrayLike, theta: float = 0.0) -> IntArray:
    """The perceptron's activation: +1 where s > theta, else -1; the shape of ``s``."""
    return np.where(_floats(s) > theta, 1, -1)


def identity(x: npt.ArrayLike) -> FloatArray:
    """f(x) = x; the shape of ``x``."""
    return _floats(x).copy()


def binary_step(x: npt.ArrayLike) -> IntArray:
    """f(x) = 0 for x < 0, 1 for x >= 0; the shape of ``x``."""
    return np.where(_floats(x) >= 0, 1, 0)


def sigmoid(x: npt.ArrayLike) -> FloatArray:
    """f(x) = 1 / (1 + e^-x), for any finite x; the shape of ``x``.

    Only e^-|x|, which never overflows, is computed: for x < 0 the fraction is expanded by e^x.
    """
    x = _floats(x)
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, small) / (1.0 + small)


def tanh(x: npt.ArrayLike) -> FloatArray:
    """f(x) = (e^x - e^-x) / (e^x + e^-x), for any finite x; the shape of ``x``.

    The slide's fraction is inf / inf for large x, so NumPy's own function is used.
    """
    return np.asarray(np.tanh(_floats(x)))


def relu(x: npt.ArrayLike) -> FloatArray:
    """f(x) = 0 for x < 0, x for x >= 0; the shape of ``x``."""
    return np.asarray(np.maximum(_floats(x), 0.0))


def leaky_relu(x: npt.ArrayLike) -> FloatArray:
    """f(x) = 0.01 x for x < 0, x for x >= 0; the shape of ``x``."""
    x = _floats(x)
    return np.where(x >= 0, x, LEAKY_SLOPE * x)


# --- Their derivatives (same slide, right column) ---------------------------------------------


def identity_derivative(x: npt.ArrayLike) -> FloatArray:
    """f'(x) = 1; the shape of ``x``."""
    return np.ones_like(_floats(x))


def sigmoid_derivative(x: npt.ArrayLike) -> FloatArray:
    """f'(x) = f(x) (1 - f(x)); the shape of ``x``."""
    # 1 - f(x) = f(-x), which keeps its digits where f(x) is nearly 1.
    return sigmoid(x) * sigmoid(-_floats(x))


def tanh_derivative(x: npt.ArrayLike) -> FloatArray:
    """f'(x) = 1 - f(x)^2; the shape of ``x``."""
    return 1.0 - tanh(x) ** 2


def relu_derivative(x: npt.ArrayLike) -> FloatArray:
    """f'(x) = 0 for x < 0, 1 for x >= 0 (1 at 0 is the slide's convention); the shape of ``x``."""
    return np.where(_floats(x) >= 0, 1.0, 0.0)


def leaky_relu_derivative(x: npt.ArrayLike) -> FloatArray:
    """f'(x) = 0.01 for x < 0, 1 for x >= 0 (1 at 0 by convention); the shape of ``x``."""
    return np.where(_floats(x) >= 0, 1.0, LEAKY_SLOPE)


# --- The perceptron ---------------------------------------------------------------------------


def add_bias(X: npt.ArrayLike) -> FloatArray:
    """Put x0 = 1 in front of every point: ``(n, d)`` -> ``(n, d + 1)``."""
    X = _matrix(X, "X", "(n, d)")
    return np.hstack([np.ones((len(X), 1)), X])


def predict(w: npt.ArrayLike, X: npt.ArrayLike) -> IntArray:
    """+1 where the score w0 x0 + w1 x1 + ... + wd xd is > 0, else -1.

    ``w`` is ``(m,)``; ``X``, with x0, is ``(n, m)`` for an answer ``(n,)``, or ``(m,)`` for one
    point and an answer of shape ``()``.
    """
    w, X = _vector(w, "w"), _floats(X)
    if X.ndim not in (1, 2) or X.shape[-1] != len(w):
        m = len(w)
        raise ValueError(f"X must have shape ({m},) or (n, {m}) to fit w, got {X.shape}")
    return step(X @ w)


def perceptron_update(w: npt.ArrayLike, x: npt.ArrayLike, y: float, lr: float) -> FloatArray:
    """w_new = w_old + lr * y * x, for one misclassified point (slide "how to update parameters?").

    ``w`` and ``x`` (with x0) are ``(m,)``, the label ``y`` is +1 or -1; the answer is ``(m,)``.
    """
    w, x = _vector(w, "w"), _vector(x, "x")
    if x.shape != w.shape:
        raise ValueError(f"x must have the shape of w, {w.shape}, got {x.shape}")
    _check_labels(np.asarray(y), "y")
    return w + lr * float(y) * x


def decision_boundary(w: npt.ArrayLike) -> tuple[float, float]:
    """Slope and intercept of the line w0 + w1 x1 + w2 x2 = 0, written as x2 = slope x1 + intercept.

    ``w`` is ``(3,)``. Slide "example": (-0.1, -1.2, 0.7) is the line 7 x2 - 12 x1 - 1 = 0.
    Raises ``ValueError`` when w2 = 0: the line is vertical, or there is none.
    """
    w = _vector(w, "w")
    if len(w) != 3:
        raise ValueError(f"w must have shape (3,), got {w.shape}")
    w0, w1, w2 = (float(value) for value in w)
    if w2 == 0:
        raise ValueError(f"w must have w2 != 0, or the boundary is no function of x1; got {w2=}")
    return -w1 / w2, -w0 / w2


def train_perceptron(
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    lr: float = 0.1,
    max_epochs: int = 100,
    w: npt.ArrayLike | None = None,
) -> tuple[FloatArray, int, bool]:
    """The perceptron algorithm (slide "algorithm procedure"), starting at ``w`` or at zeros.

    ``X``, with x0, is ``(n, m)``; the labels ``y`` are ``(n,)``, each +1 or -1. Each sweep visits
    the points in the given order and updates at once on each misclassified one. Training stops
    after the first sweep without an update, or after ``max_epochs`` sweeps.

    Returns ``(w, epochs, converged)``: the weights ``(m,)``, the number of sweeps made, the last
    one included, and whether that one made no update.
    """
    X = _matrix(X, "X", "(n, m)")
    y = _vector(y, "y")
    if len(y) != len(X):
        raise ValueError(f"y must have one label for each of the {len(X)} points, got {y.shape}")
    _check_labels(y, "y")
    if max_epochs < 1:
        raise ValueError(f"max_epochs must be at least 1, got {max_epochs}")
    weights = np.zeros(X.shape[1]) if w is None else _vector(w, "w").copy()

    for epoch in range(1, max_epochs + 1):
        updated = False
        for point, label in zip(X, y, strict=True):
            if predict(weights, point) != label:
                weights = perceptron_update(weights, point, label, lr)
                updated = True
        if not updated:
            return weights, epoch, True
    return weights, max_epochs, False


# --- The digits -------------------------------------------------------------------------------


def pca_project(X: npt.ArrayLike, k: int) -> tuple[FloatArray, FloatArray]:
    """Project ``X`` ``(n, d)`` on its first ``k`` principal components.

    Returns the coordinates ``(n, k)`` and the share of the variance that each component explains
    ``(k,)``, largest first. The sign of each component is arbitrary. The lecture's digits have
    0.2851 of their variance in the first two.
    """
    X = _matrix(X, "X", "(n, d)")
    if not 1 <= k <= min(X.shape):
        raise ValueError(f"k must lie between 1 and {min(X.shape)} for X {X.shape}, got {k}")
    centred = X - X.mean(axis=0)
    _, singular_values, components = np.linalg.svd(centred, full_matrices=False)
    variances = singular_values**2
    if variances.sum() == 0:
        raise ValueError("X must have at least two different points: it has no variance to explain")
    return centred @ components[:k].T, variances[:k] / variances.sum()


def zero_versus_one(images: npt.ArrayLike, labels: npt.ArrayLike) -> FloatArray:
    """Train a perceptron to tell handwritten ones from zeros.

    ``images`` is ``(n, 8, 8)``, ``labels`` ``(n,)`` holds 0 or 1. Returns w ``(65,)``, the bias
    first and then the 64 pixels in reading order; ``predict`` gives +1 for a one, -1 for a zero.
    """
    images, labels = _floats(images), _vector(labels, "labels")
    if images.ndim != 3 or images.shape[1:] != (8, 8):
        raise ValueError(f"images must have shape (n, 8, 8), got {images.shape}")
    if not np.isin(labels, (0, 1)).all():
        raise ValueError(f"labels must be 0 or 1, got {np.unique(labels)}")
    X = add_bias(images.reshape(len(images), 64))
    w, _, _ = train_perceptron(X, np.where(labels == 1, 1, -1))
    return w


# --- Arguments --------------------------------------------------------------------------------


def _floats(values: npt.ArrayLike) -> FloatArray:
    return np.asarray(values, dtype=np.float64)


def _vector(values: npt.ArrayLike, name: str) -> FloatArray:
    array = _floats(values)
    if array.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional, got shape {array.shape}")
    return array


def _matrix(values: npt.ArrayLike, name: str, expected: str) -> FloatArray:
    array = _floats(values)
    if array.ndim != 2:
        raise ValueError(f"{name} must have shape {expected}, got {array.shape}")
    return array


def _check_labels(labels: npt.NDArray[np.generic], name: str) -> None:
    if not np.isin(labels, (-1, 1)).all():
        raise ValueError(f"{name} must be +1 or -1, got {np.unique(labels)}")
