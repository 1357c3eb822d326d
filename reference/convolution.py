"""Assignment 4: convolution, its gradient, pooling, and the sizes and numbers of weights.

The formulas are those of the lecture's part "Convolutional Neural Networks (CNN)", with its
symbols: N inputs in a row, F weights in a row of a filter, K filters, stride S, padding P. One
image is ``(C, H, W)``: channels, height, width. What is called convolution here is what every
framework calls so: the filter is laid on the input as it is, not flipped (cross-correlation).

Every function takes arrays, lists or numbers, computes in float64, leaves its arguments as they
are and raises ``ValueError`` naming the argument that does not fit.
"""

import operator
from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

FloatArray: TypeAlias = npt.NDArray[np.float64]


# --- Numbers of weights (slides "An idea of CNN") ---------------------------------------------


def fully_connected_weights(n_in: int, n_out: int) -> int:
    """Weights, without biases, where each unit sees all inputs: 28 from 7 inputs to 4 units."""
    return _count(n_in, "n_in", 1) * _count(n_out, "n_out", 1)


def locally_connected_weights(n_out: int, f: int) -> int:
    """Weights, without biases, where each unit sees ``f`` inputs, each with a weight of its own."""
    return _count(n_out, "n_out", 1) * _count(f, "f", 1)


def convolution_weights(f: int) -> int:
    """Weights, without a bias, where all units share the same ``f`` of them."""
    return _count(f, "f", 1)


def conv_layer_parameters(k: int, f: int, c: int) -> int:
    """Weights and biases of ``k`` filters of ``f`` x ``f`` pixels and ``c`` channels."""
    k, f, c = _count(k, "k", 1), _count(f, "f", 1), _count(c, "c", 1)
    return k * (f * f * c + 1)


# --- Sizes (slides "Convolutional Layer") -----------------------------------------------------


def activation_map_size(n: int, f: int, stride: int = 1, padding: int = 0) -> int:
    """floor((N + 2 P - F) / S) + 1: how many places a filter has along one axis.

    The slide lacks P and the rounding down; its numbers are N = 7, F = 3: stride 1 -> 5, stride 2
    -> 3, stride 3 -> 2, and with padding 1 and stride 1 -> 7.
    Raises ``ValueError`` when the filter is longer than the padded input.
    """
    n, f = _count(n, "n", 1), _count(f, "f", 1)
    stride, padding = _count(stride, "stride", 1), _count(padding, "padding", 0)
    if f > n + 2 * padding:
        raise ValueError(f"f must be at most {n + 2 * padding}, the padded input, got {f}")
    return (n + 2 * padding - f) // stride + 1


def same_padding(f: int) -> int:
    """The padding with which a filter of ``f`` weights keeps the size, at stride 1: (F - 1) / 2.

    Raises ``ValueError`` for an even ``f``: the zeros would have to differ left and right.
    """
    if _count(f, "f", 1) % 2 == 0:
        raise ValueError(f"f must be odd to keep the size with equal padding, got {f}")
    return (f - 1) // 2


def receptive_field(layers: Iterable[tuple[int, int]]) -> int:
    """How many inputs in a row one unit of the last layer sees; 1 when there is no layer.

    ``layers`` holds ``(f, stride)`` of each layer, input side first. Neighbouring units of a layer
    look at places that lie ``step`` inputs apart, the product of the strides before it, so each
    of the f - 1 further weights reaches ``step`` inputs further.
    """
    field, step = 1, 1
    for f, stride in layers:
        field += (_count(f, "f", 1) - 1) * step
        step *= _count(stride, "stride", 1)
    return field


def pad2d(x: npt.ArrayLike, padding: int) -> FloatArray:
    """Put ``padding`` zeros around the last two axes: ``(..., H, W)`` -> ``(..., H+2P, W+2P)``."""
    x, padding = _floats(x), _count(padding, "padding", 0)
    if x.ndim < 2:
        raise ValueError(f"x must have shape (..., H, W), got {x.shape}")
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + [(padding, padding)] * 2)


# --- One dimension (slides "An idea of CNN") --------------------------------------------------


def conv1d(x: npt.ArrayLike, k: npt.ArrayLike, stride: int = 1, padding: int = 0) -> FloatArray:
    """y_i = sum_u x_{i S + u} k_u, with ``padding`` zeros at either end of x.

    ``x`` is ``(N,)``, the filter ``k`` is ``(F,)``; the answer is ``(activation_map_size,)``.
    """
    x, k = _array(x, "x", "(N,)"), _array(k, "k", "(F,)")
    activation_map_size(len(x), len(k), stride, padding)
    windows = sliding_window_view(np.pad(x, padding), len(k))[::stride]  # (N', F)
    return np.asarray(windows @ k)


def convolution_matrix(k: npt.ArrayLike, n: int) -> FloatArray:
    """The matrix M ``(n - F + 1, n)`` with ``M @ x == conv1d(x, k)`` for each x ``(n,)``.

    Row i holds the filter from column i on. It is the weight matrix of a fully connected layer, in
    which most weights are 0 and the others are shared by all rows (stride 1, no padding).
    """
    k = _array(k, "k", "(F,)")
    rows = activation_map_size(n, len(k))
    M = np.zeros((rows, n))
    for row in range(rows):
        M[row, row : row + len(k)] = k
    return M


# --- Two dimensions (slides "2-D representation of CNN", "Convolutional Layer") ----------------


def conv2d(
    x: npt.ArrayLike,
    weight: npt.ArrayLike,
    bias: npt.ArrayLike,
    stride: int = 1,
    padding: int = 0,
) -> FloatArray:
    """y_kij = b_k + sum_cuv x_{c, i S + u, j S + v} w_kcuv, with x padded by zeros.

    ``x`` is ``(C, H, W)``, ``weight`` holds K filters ``(K, C, FH, FW)``, ``bias`` is ``(K,)``;
    the answer holds K activation maps ``(K, H', W')``.
    """
    weight, bias = _array(weight, "weight", "(K, C, FH, FW)"), _array(bias, "bias", "(K,)")
    if len(bias) != len(weight):
        raise ValueError(f"bias must have shape ({len(weight)},) to fit weight, got {bias.shape}")
    maps = np.einsum("cijuv,kcuv->kij", _windows(x, weight, stride, padding), weight)
    return np.asarray(maps + bias[:, np.newaxis, np.newaxis])


def conv2d_backward(
    grad: npt.ArrayLike,
    x: npt.ArrayLike,
    weight: npt.ArrayLike,
    stride: int = 1,
    padding: int = 0,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The gradients of a loss L by the arguments of :func:`conv2d`, from ``grad`` = dL/dy.

    ``grad`` is ``(K, H', W')``; ``x``, ``weight``, ``stride`` and ``padding`` are as for conv2d.
    Returns dL/dx ``(C, H, W)``, dL/dweight ``(K, C, FH, FW)`` and dL/dbias ``(K,)``. By the chain
    rule a number that was used in many places gathers the gradient of all of them.
    """
    grad, x = _array(grad, "grad", "(K, H', W')"), _array(x, "x", "(C, H, W)")
    weight = _array(weight, "weight", "(K, C, FH, FW)")
    windows = _windows(x, weight, stride, padding)
    rows, columns = windows.shape[1:3]
    if grad.shape != (len(weight), rows, columns):
        raise ValueError(
            f"grad must have the shape of conv2d's answer, {(len(weight), rows, columns)}, "
            f"got {grad.shape}"
        )
    dbias = grad.sum(axis=(1, 2))
    dweight = np.einsum("kij,cijuv->kcuv", grad, windows)

    dpadded = np.zeros_like(pad2d(x, padding))
    for u, v in np.ndindex(*weight.shape[2:]):
        # The inputs that the weight at (u, v) met, one for each place of the filter.
        met = np.s_[:, u : u + stride * rows : stride, v : v + stride * columns : stride]
        dpadded[met] += np.einsum("kij,kc->cij", grad, weight[:, :, u, v])
    height, width = x.shape[1:]
    dx = dpadded[:, padding : padding + height, padding : padding + width].copy()
    return dx, dweight, dbias


# --- Pooling (slides "Pooling Layer") and the end of the network -------------------------------


def max_pool2d(x: npt.ArrayLike, size: int = 2, stride: int | None = None) -> FloatArray:
    """The largest value of each window of ``size`` x ``size``: ``(C, H, W)`` -> ``(C, H', W')``.

    ``stride`` defaults to ``size``: windows that do not overlap. Rows and columns at the lower and
    right edge that do not fill a window are left out.
    """
    return np.asarray(_pool_windows(x, size, stride).max(axis=(3, 4)))


def avg_pool2d(x: npt.ArrayLike, size: int = 2, stride: int | None = None) -> FloatArray:
    """The mean of each window of ``size`` x ``size``; shapes and windows as in max_pool2d."""
    return np.asarray(_pool_windows(x, size, stride).mean(axis=(3, 4)))


def fully_connected(x: npt.ArrayLike, W: npt.ArrayLike, b: npt.ArrayLike) -> FloatArray:
    """x W + b for x ``(C, H, W)`` written in a row: the last index runs fastest (C order).

    ``W`` is ``(C*H*W, n)``, ``b`` is ``(n,)``; the answer is ``(n,)``.
    """
    x, W, b = _array(x, "x", "(C, H, W)"), _array(W, "W", "(C*H*W, n)"), _array(b, "b", "(n,)")
    if len(W) != x.size:
        raise ValueError(f"W must have {x.size} rows, one for each number in x, got {W.shape}")
    if len(b) != W.shape[1]:
        raise ValueError(f"b must have shape ({W.shape[1]},) to fit W, got {b.shape}")
    return np.asarray(x.reshape(-1) @ W + b)


# --- Windows and arguments --------------------------------------------------------------------


def _windows(x: npt.ArrayLike, weight: FloatArray, stride: int, padding: int) -> FloatArray:
    """What each filter sees at each place: ``(C, H', W', FH, FW)``."""
    x = _array(x, "x", "(C, H, W)")
    channels, height, width = weight.shape[1:]
    if len(x) != channels:
        raise ValueError(f"x must have {channels} channels to fit weight, got shape {x.shape}")
    activation_map_size(x.shape[1], height, stride, padding)
    activation_map_size(x.shape[2], width, stride, padding)
    windows = sliding_window_view(pad2d(x, padding), (height, width), axis=(1, 2))
    return windows[:, ::stride, ::stride]


def _pool_windows(x: npt.ArrayLike, size: int, stride: int | None) -> FloatArray:
    """What each pooling window sees: ``(C, H', W', size, size)``."""
    x = _array(x, "x", "(C, H, W)")
    size = _count(size, "size", 1)
    step = size if stride is None else _count(stride, "stride", 1)
    if size > min(x.shape[1:]):
        raise ValueError(f"size must be at most {min(x.shape[1:])} for x {x.shape}, got {size}")
    return sliding_window_view(x, (size, size), axis=(1, 2))[:, ::step, ::step]


def _floats(values: npt.ArrayLike) -> FloatArray:
    return np.asarray(values, dtype=np.float64)


def _array(values: npt.ArrayLike, name: str, shape: str) -> FloatArray:
    array = _floats(values)
    if array.ndim != shape.strip("(),").count(",") + 1:
        raise ValueError(f"{name} must have shape {shape}, got {array.shape}")
    return array


def _count(value: int, name: str, least: int) -> int:
    """``value`` as an int; raise ``ValueError`` when it is no integer, or less than ``least``."""
    try:
        number = operator.index(value)
    except TypeError:
        raise ValueError(f"{name} must be an integer, got {value!r}") from None
    if number < least:
        raise ValueError(f"{name} must be at least {least}, got {number}")
    return number
