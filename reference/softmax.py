"""Assignment 2: layers of units, softmax, and the cross-entropy with its gradient.

The equations are those of the lecture's part "A neural network model". One sample is a vector
``(d,)``, a batch has one sample per row, ``(n, d)``. In a weight matrix, ``W[i, j]`` belongs to
the connection from input i to unit j, the lecture's w_{i,j}; the bias ``b[j]`` is its w_{0,j}.
Classes lie along the last axis.

Every function takes arrays, lists or numbers, computes in float64, leaves its arguments as they
are and raises ``ValueError`` naming the argument that does not fit.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from reference.perceptron import sigmoid

FloatArray: TypeAlias = npt.NDArray[np.float64]


# --- Networks (slides "A neural network model", "Terminology in neural networks") -------------


def dense(x: npt.ArrayLike, W: npt.ArrayLike, b: npt.ArrayLike) -> FloatArray:
    """The scores of one layer: s_j = w_{1,j} x_1 + ... + w_{d,j} x_d + w_{0,j}.

    ``x`` is one sample ``(d,)`` or a batch ``(n, d)``, ``W`` is ``(d, m)``, ``b`` is ``(m,)``; the
    answer is ``(m,)`` or ``(n, m)``.
    """
    return _dense(x, W, b, ("x", "W", "b"))


def count_layers(sizes: Sequence[int]) -> int:
    """How many layers a network has, counted as layers of weights.

    ``sizes`` are the numbers of units, input first: (2, 3, 4) has 2 layers. The input computes
    nothing and is not counted (slide "How many layers it has?").
    """
    return len(_sizes(sizes)) - 1


def count_weights(sizes: Sequence[int]) -> int:
    """How many numbers a fully connected network learns: all its weights and biases.

    ``sizes`` are the numbers of units, input first: (2, 3, 4) has (2 + 1) 3 + (3 + 1) 4 = 25.
    """
    return sum((inputs + 1) * units for inputs, units in pairwise(_sizes(sizes)))


def two_layer_forward(
    x: npt.ArrayLike,
    W1: npt.ArrayLike,
    b1: npt.ArrayLike,
    W2: npt.ArrayLike,
    b2: npt.ArrayLike,
) -> FloatArray:
    """The forward pass of the lecture's network, up to the outputs a before softmax.

    z = sigmoid(x W1 + b1), a = z W2 + b2. ``x`` is ``(d,)`` or ``(n, d)``, ``W1`` ``(d, h)``,
    ``b1`` ``(h,)``, ``W2`` ``(h, k)``, ``b2`` ``(k,)``; the answer is ``(k,)`` or ``(n, k)``.
    """
    z = sigmoid(_dense(x, W1, b1, ("x", "W1", "b1")))
    return _dense(z, W2, b2, ("the hidden layer", "W2", "b2"))


# --- From scores to probabilities (slide "softmax vs normalization") --------------------------


def normalize(z: npt.ArrayLike) -> FloatArray:
    """z_j / (z_1 + ... + z_k), over the last axis; the shape of ``z``.

    Raises ``ValueError`` where the values add up to 0: no number makes their sum 1.
    """
    z = _classes(z, "z")
    total = z.sum(axis=-1, keepdims=True)
    if (total == 0).any():
        raise ValueError("z must not add up to 0 along the last axis")
    return np.asarray(z / total)


def softmax(a: npt.ArrayLike) -> FloatArray:
    """e^a_j / (e^a_1 + ... + e^a_k), over the last axis; the shape of ``a``.

    The same number may be taken from every a_j: it cancels. Taking the largest leaves no exponent
    above 0, so nothing overflows, and the sum is at least 1.
    """
    a = _classes(a, "a")
    powers = np.exp(a - a.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


# --- Cross entropy (slide "cross entropy with softmax") ---------------------------------------


def one_hot(labels: npt.ArrayLike, num_classes: int) -> FloatArray:
    """Each label c as a row of zeros with a 1 at c.

    ``labels`` ``(n,)`` are whole numbers from 0 to ``num_classes`` - 1; the answer is
    ``(n, num_classes)``. Raises ``ValueError`` for any other label.
    """
    labels = np.asarray(labels)
    if labels.ndim != 1:
        raise ValueError(f"labels must be one-dimensional, got shape {labels.shape}")
    if num_classes < 1:
        raise ValueError(f"num_classes must be at least 1, got {num_classes}")
    wrong = labels[~np.isin(labels, np.arange(num_classes))]
    if len(wrong):
        raise ValueError(f"labels must be 0, 1, ... {num_classes - 1}, got {wrong[0]}")
    return np.eye(num_classes)[labels.astype(np.int64)]


def cross_entropy(t: npt.ArrayLike, y: npt.ArrayLike) -> FloatArray:
    """H(t, y) = -(t_1 ln y_1 + ... + t_k ln y_k), over the last axis, with 0 ln 0 = 0.

    ``t`` (the truth) and ``y`` (the prediction) have the same shape ``(k,)`` or ``(n, k)`` and
    hold probabilities; the answer has shape ``()`` or ``(n,)``. It is inf where a y_j is 0 and its
    t_j is not.
    """
    t, y = _same_shape(t, y, "y")
    if (y < 0).any():
        raise ValueError(f"y must hold probabilities, got {y.min()}")
    with np.errstate(divide="ignore"):
        logarithms = np.log(np.where(t == 0, 1.0, y))
    return np.asarray(-(t * logarithms).sum(axis=-1))


def softmax_cross_entropy(a: npt.ArrayLike, t: npt.ArrayLike) -> FloatArray:
    """H(t, softmax(a)), computed from the scores: the sum of t_j (ln(e^a_1 + ... + e^a_k) - a_j).

    The logarithm of the sum is m + ln(e^(a_1 - m) + ... + e^(a_k - m)), with m the largest score:
    neither overflows nor is the logarithm of 0 taken. ``a`` and ``t`` have the same shape ``(k,)``
    or ``(n, k)``; the answer has shape ``()`` or ``(n,)``.
    """
    t, a = _same_shape(t, a, "a")
    largest = a.max(axis=-1, keepdims=True)
    log_sum = largest + np.log(np.exp(a - largest).sum(axis=-1, keepdims=True))
    return np.asarray((t * (log_sum - a)).sum(axis=-1))


def softmax_cross_entropy_gradient(a: npt.ArrayLike, t: npt.ArrayLike) -> FloatArray:
    """The gradient of ``softmax_cross_entropy`` by a: softmax(a) - t, one row for each sample.

    ``t`` holds probabilities that add up to 1. ``a``, ``t`` and the answer have the same shape,
    ``(k,)`` or ``(n, k)``.
    """
    t, a = _same_shape(t, a, "a")
    return softmax(a) - t


# --- Arguments --------------------------------------------------------------------------------


def _floats(values: npt.ArrayLike) -> FloatArray:
    return np.asarray(values, dtype=np.float64)


def _classes(values: npt.ArrayLike, name: str) -> FloatArray:
    array = _floats(values)
    if array.ndim == 0 or array.shape[-1] == 0:
        raise ValueError(f"{name} must have a class on its last axis, got shape {array.shape}")
    return array


def _same_shape(t: npt.ArrayLike, other: npt.ArrayLike, name: str) -> tuple[FloatArray, FloatArray]:
    truth, array = _floats(t), _classes(other, name)
    if truth.shape != array.shape:
        raise ValueError(f"t must have the shape of {name}, {array.shape}, got {truth.shape}")
    return truth, array


def _dense(
    x: npt.ArrayLike, W: npt.ArrayLike, b: npt.ArrayLike, names: tuple[str, str, str]
) -> FloatArray:
    x, W, b = _floats(x), _floats(W), _floats(b)
    x_name, W_name, b_name = names
    if W.ndim != 2:
        raise ValueError(f"{W_name} must have shape (d, m), got {W.shape}")
    inputs, units = W.shape
    if x.ndim not in (1, 2) or x.shape[-1] != inputs:
        wanted = f"({inputs},) or (n, {inputs})"
        raise ValueError(f"{x_name} must have shape {wanted} to fit {W_name}, got {x.shape}")
    if b.shape != (units,):
        raise ValueError(f"{b_name} must have shape ({units},) to fit {W_name}, got {b.shape}")
    return np.asarray(x @ W + b)


def _sizes(sizes: Sequence[int]) -> list[int]:
    numbers = list(sizes)
    if len(numbers) < 2 or any(number < 1 for number in numbers):
        raise ValueError(f"sizes must be at least two numbers from 1 on, got {tuple(numbers)}")
    return [int(number) for number in numbers]
