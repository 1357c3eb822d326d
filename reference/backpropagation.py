"""Assignment 3: the toy example, numerical gradients, a small autograd engine, and an MLP.

The toy is the lecture's: g = w x, f = g + b (slides "Backpropagation: a toy example"). Batches
come first: ``X`` is ``(n, d)``, one sample per row; ``W[i, j]`` is the weight from input i to unit
j and ``b[j]`` the bias of unit j, the slides' w_{0,j}.

Functions take arrays, lists or numbers, compute in float64, leave their arguments as they are, and
raise ``ValueError`` naming the argument that does not fit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from reference.perceptron import sigmoid

FloatArray: TypeAlias = npt.NDArray[np.float64]

WEIGHT_SCALE = 0.1
"""Standard deviation of the weights that training starts from."""


# --- The toy example (slides "Backpropagation: a toy example") --------------------------------


def toy_forward(w: float, x: float, b: float) -> tuple[float, float]:
    """g = w x and f = g + b, three numbers in, two out. The slide: (-2, 5, 3) gives (-10, -7)."""
    g = w * x
    return g, g + b


def toy_gradients(w: float, x: float, b: float) -> dict[str, float]:
    """The slopes of f at (w, x, b), numbers, by the chain rule.

    df/dw = df/dg dg/dw = 1 * x, df/dx = df/dg dg/dx = 1 * w, df/db = 1.
    """
    df_dg = 1.0
    return {"w": df_dg * x, "x": df_dg * w, "b": 1.0}


def toy_step(w: float, x: float, b: float, eta: float) -> tuple[float, float]:
    """The slide's step: w + eta df/dw and b + eta df/db, two numbers.

    It climbs f, whatever the target is. The slide: eta = 0.1 leads from (-2, 3) to (-1.5, 3.1).
    """
    slope = toy_gradients(w, x, b)
    return w + eta * slope["w"], b + eta * slope["b"]


def fit_to_target(
    w: float, x: float, b: float, target: float, eta: float, steps: int
) -> tuple[float, float, list[float]]:
    """Gradient descent on E = (f - target)^2 / 2, by w and b together.

    dE/dw = (f - target) x and dE/db = f - target. All arguments are numbers. Returns
    ``(w, b, history)``, where ``history`` holds f after each of the ``steps`` steps. The error
    f - target shrinks by the factor 1 - eta (x^2 + 1) a step.
    """
    if steps < 0:
        raise ValueError(f"steps must be at least 0, got {steps}")
    history = []
    for _ in range(steps):
        error = toy_forward(w, x, b)[1] - target
        slope = toy_gradients(w, x, b)
        w, b = w - eta * error * slope["w"], b - eta * error * slope["b"]
        history.append(toy_forward(w, x, b)[1])
    return w, b, history


# --- Numerical gradient -----------------------------------------------------------------------


def numerical_gradient(
    func: Callable[[FloatArray], float], x: npt.ArrayLike, h: float = 1e-5
) -> FloatArray:
    """Central differences (func(x + h e_i) - func(x - h e_i)) / (2 h), for each element i of x.

    ``func`` takes an array of the shape of ``x``, which may be any, and gives one number. The
    answer has the shape of ``x``. Its error is of the order h^2 + eps / h, so that an h near
    eps^(1/3) = 6e-6 is best.
    """
    if not h > 0:
        raise ValueError(f"h must be above 0, got {h}")
    point = np.array(x, dtype=np.float64)  # a copy: func may keep or change what it gets
    gradient = np.empty_like(point)
    for index in np.ndindex(point.shape):
        above, below = point.copy(), point.copy()
        above[index] += h
        below[index] -= h
        gradient[index] = (func(above) - func(below)) / (2 * h)
    return gradient


# --- Reverse-mode automatic differentiation ---------------------------------------------------


class Value:
    """A number that remembers how it was computed, so that slopes can flow back to it.

    ``data`` is the number, ``grad`` the slope of the output by it after ``output.backward()``.
    A node holds its parents, each with the *local slope* of the operation by that parent; the
    chain rule does the rest (Linnainmaa 1970; Rumelhart, Hinton, Williams 1986).
    """

    def __init__(self, data: float, parents: tuple[tuple[Value, float], ...] = ()) -> None:
        """Make a node of shape (), one number; ``parents`` are ``(node, local slope)`` pairs."""
        self.data = float(data)
        self.grad = 0.0
        self._parents = parents

    def __repr__(self) -> str:
        return f"Value(data={self.data:g}, grad={self.grad:g})"

    def __add__(self, other: Value | float) -> Value:
        other = _value(other)
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other: Value | float) -> Value:
        other = _value(other)
        return Value(self.data * other.data, ((self, other.data), (other, self.data)))

    def __pow__(self, exponent: float) -> Value:
        if not isinstance(exponent, (int, float)):
            raise TypeError(f"exponent must be a number, got {type(exponent).__name__}")
        slope = exponent * self.data ** (exponent - 1) if exponent else 0.0
        return Value(self.data**exponent, ((self, slope),))

    def __neg__(self) -> Value:
        return self * -1.0

    def __sub__(self, other: Value | float) -> Value:
        return self + -_value(other)

    def __truediv__(self, other: Value | float) -> Value:
        return self * _value(other) ** -1

    def __radd__(self, other: float) -> Value:
        return self + other

    def __rmul__(self, other: float) -> Value:
        return self * other

    def __rsub__(self, other: float) -> Value:
        return _value(other) - self

    def __rtruediv__(self, other: float) -> Value:
        return _value(other) / self

    def relu(self) -> Value:
        """max(0, x); the slope at 0 is 0 here, a convention."""
        return Value(max(self.data, 0.0), ((self, float(self.data > 0)),))

    def sigmoid(self) -> Value:
        """1 / (1 + e^-x), for any finite x; the slope is s (1 - s)."""
        s = float(sigmoid(self.data))
        return Value(s, ((self, s * (1 - s)),))

    def exp(self) -> Value:
        """e^x, which is its own slope."""
        y = math.exp(self.data)
        return Value(y, ((self, y),))

    def log(self) -> Value:
        """The natural logarithm of x > 0; the slope is 1 / x."""
        if not self.data > 0:
            raise ValueError(f"the argument of log must be above 0, got {self.data}")
        return Value(math.log(self.data), ((self, 1 / self.data),))

    def backward(self) -> None:
        """Set ``grad`` of every node that this one was computed from; call it once on a graph.

        Every node passes its gradient on only after all nodes that use it have passed on theirs,
        and what arrives from several sides is added up.
        """
        self.grad = 1.0
        for node in reversed(self._inputs_first()):
            for parent, slope in node._parents:
                parent.grad += slope * node.grad

    def _inputs_first(self) -> list[Value]:
        """All nodes of the graph, each after its parents.

        The stack is a list: a function that calls itself stops at about a thousand levels.
        """
        order: list[Value] = []
        seen: set[Value] = set()
        stack = [(self, False)]
        while stack:
            node, parents_done = stack.pop()
            if parents_done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((parent, False) for parent, _ in node._parents)
        return order


def _value(number: Value | float) -> Value:
    return number if isinstance(number, Value) else Value(number)


# --- A network with one hidden layer (slides "A neural network model") ------------------------


def mlp_probabilities(
    X: npt.ArrayLike, W1: npt.ArrayLike, b1: npt.ArrayLike, W2: npt.ArrayLike, b2: npt.ArrayLike
) -> FloatArray:
    """What the network says of each sample: ``(n, classes)``, each row a distribution.

    y = softmax(sigmoid(X W1 + b1) W2 + b2), with ``X`` ``(n, d)``, ``W1`` ``(d, hidden)``, ``b1``
    ``(hidden,)``, ``W2`` ``(hidden, classes)`` and ``b2`` ``(classes,)``.
    """
    X, weights = _checked(X, W1, b1, W2, b2)
    return np.exp(_forward(X, *weights)[1])


def mlp_loss(
    X: npt.ArrayLike,
    T: npt.ArrayLike,
    W1: npt.ArrayLike,
    b1: npt.ArrayLike,
    W2: npt.ArrayLike,
    b2: npt.ArrayLike,
) -> float:
    """The cross-entropy -sum_k t_k ln(y_k), averaged over the samples: one number.

    ``T`` is ``(n, classes)``, one-hot; the rest as for :func:`mlp_probabilities`.
    """
    X, weights = _checked(X, W1, b1, W2, b2)
    T = _targets(T, (len(X), len(weights[3])))
    return float(-np.sum(T * _forward(X, *weights)[1]) / len(X))


def mlp_gradients(
    X: npt.ArrayLike,
    T: npt.ArrayLike,
    W1: npt.ArrayLike,
    b1: npt.ArrayLike,
    W2: npt.ArrayLike,
    b2: npt.ArrayLike,
) -> dict[str, FloatArray]:
    """The gradients of :func:`mlp_loss` by ``"W1"``, ``"b1"``, ``"W2"`` and ``"b2"``.

    Shapes of the arguments as there; each gradient has the shape of its variable. With the hidden
    values H = sigmoid(X W1 + b1) and the probabilities Y::

        D2 = (Y - T) / n              dW2 = H^T D2    db2 = column sums of D2
        D1 = (D2 W2^T) * H * (1 - H)  dW1 = X^T D1    db1 = column sums of D1
    """
    X, weights = _checked(X, W1, b1, W2, b2)
    T = _targets(T, (len(X), len(weights[3])))
    H, log_y = _forward(X, *weights)
    D2 = (np.exp(log_y) - T) / len(X)
    D1 = (D2 @ weights[2].T) * H * (1 - H)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


def train_mlp(
    X: npt.ArrayLike, T: npt.ArrayLike, hidden: int, lr: float, epochs: int, seed: int
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, list[float]]:
    """Full-batch gradient descent from small random weights and zero biases.

    ``X`` is ``(n, d)``, ``T`` ``(n, classes)``, one-hot. Returns ``(W1, b1, W2, b2, losses)`` of
    the shapes ``(d, hidden)``, ``(hidden,)``, ``(hidden, classes)``, ``(classes,)``; ``losses``
    holds the mean loss of each epoch, taken before its step. The same ``seed`` gives the same
    result.
    """
    X = _array(X, "X", 2)
    T = _array(T, "T", 2)
    for name, count, least in (("hidden", hidden, 1), ("epochs", epochs, 0)):
        if count < least:
            raise ValueError(f"{name} must be at least {least}, got {count}")
    rng = np.random.default_rng(seed)
    W1 = rng.normal(scale=WEIGHT_SCALE, size=(X.shape[1], hidden))
    W2 = rng.normal(scale=WEIGHT_SCALE, size=(hidden, T.shape[1]))
    b1, b2 = np.zeros(hidden), np.zeros(T.shape[1])
    losses = []
    for _ in range(epochs):
        losses.append(mlp_loss(X, T, W1, b1, W2, b2))
        slope = mlp_gradients(X, T, W1, b1, W2, b2)
        W1, b1 = W1 - lr * slope["W1"], b1 - lr * slope["b1"]
        W2, b2 = W2 - lr * slope["W2"], b2 - lr * slope["b2"]
    return W1, b1, W2, b2, losses


def _forward(
    X: FloatArray, W1: FloatArray, b1: FloatArray, W2: FloatArray, b2: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The hidden values, and the logarithm of the probabilities, which no large a can spoil."""
    H = sigmoid(X @ W1 + b1)
    a = H @ W2 + b2
    a = a - a.max(axis=1, keepdims=True)
    return H, a - np.log(np.exp(a).sum(axis=1, keepdims=True))


# --- Arguments --------------------------------------------------------------------------------


def _array(values: npt.ArrayLike, name: str, dimensions: int) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != dimensions:
        raise ValueError(f"{name} must have {dimensions} dimension(s), got shape {array.shape}")
    return array


def _checked(
    X: npt.ArrayLike, W1: npt.ArrayLike, b1: npt.ArrayLike, W2: npt.ArrayLike, b2: npt.ArrayLike
) -> tuple[FloatArray, tuple[FloatArray, FloatArray, FloatArray, FloatArray]]:
    """X and the weights as floats, if each fits the one before it."""
    X, W1, b1 = _array(X, "X", 2), _array(W1, "W1", 2), _array(b1, "b1", 1)
    W2, b2 = _array(W2, "W2", 2), _array(b2, "b2", 1)
    if len(X) == 0:
        raise ValueError("X must hold at least one sample, got none")
    _check_shape(W1, "W1", (X.shape[1], W1.shape[1]))
    _check_shape(b1, "b1", (W1.shape[1],))
    _check_shape(W2, "W2", (W1.shape[1], W2.shape[1]))
    _check_shape(b2, "b2", (W2.shape[1],))
    return X, (W1, b1, W2, b2)


def _targets(T: npt.ArrayLike, shape: tuple[int, int]) -> FloatArray:
    T = _array(T, "T", 2)
    _check_shape(T, "T", shape)
    if not np.allclose(T.sum(axis=1), 1):
        raise ValueError("T must be one-hot: each of its rows must sum to 1")
    return T


def _check_shape(array: FloatArray, name: str, shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}, got {array.shape}")
