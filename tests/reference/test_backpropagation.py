"""The reference of the backpropagation assignment, against torch, SciPy and finite differences."""

import inspect
import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from scipy.optimize import approx_fprime
from sklearn.datasets import load_digits

from reference import backpropagation as r
from reference.backpropagation import Value

Floats = npt.NDArray[np.float64]


class TestToy:
    def test_the_lecture_numbers(self) -> None:
        assert r.toy_forward(-2, 5, 3) == (-10, -7)
        assert r.toy_gradients(-2, 5, 3) == {"w": 5, "x": -2, "b": 1}
        assert r.toy_step(-2, 5, 3, 0.1) == pytest.approx((-1.5, 3.1))

    def test_gradients_against_finite_differences(self) -> None:
        point = np.array([0.7, -1.3, 2.1])
        slopes = approx_fprime(point, lambda p: r.toy_forward(*p)[1], 1e-7)
        np.testing.assert_allclose(list(r.toy_gradients(*point).values()), slopes, rtol=1e-6)

    def test_the_slide_climbs_past_the_target(self) -> None:
        w, b, values = -2.0, 3.0, []
        for _ in range(20):
            w, b = r.toy_step(w, 5, b, 0.1)
            values.append(r.toy_forward(w, 5, b)[1])
        np.testing.assert_allclose(np.diff(values), 2.6)
        assert values[3] > 3

    def test_descent_with_a_tenth_of_eta_makes_the_same_first_step(self) -> None:
        w, b, history = r.fit_to_target(-2, 5, 3, 3, eta=0.01, steps=1)
        assert (w, b) == pytest.approx(r.toy_step(-2, 5, 3, 0.1))
        assert history == pytest.approx([-4.4])

    def test_the_three_learning_rates(self) -> None:
        assert r.fit_to_target(-2, 5, 3, 3, 0.1, 1)[2] == pytest.approx([19])
        assert r.fit_to_target(-2, 5, 3, 3, 1 / 26, 1)[2] == pytest.approx([3])
        for eta in (0.01, 1 / 26, 0.1):
            expected = 3 - 10 * (1 - 26 * eta) ** np.arange(1, 31)
            history = r.fit_to_target(-2, 5, 3, 3, eta, 30)[2]
            np.testing.assert_allclose(history, expected, atol=1e-12, rtol=1e-10)

    def test_the_last_of_the_history_is_f_of_the_answer(self) -> None:
        w, b, history = r.fit_to_target(1.5, -2.0, 0.5, 4.0, 0.07, 9)
        assert len(history) == 9
        assert r.toy_forward(w, -2.0, b)[1] == history[-1]
        assert r.fit_to_target(1, 2, 3, 4, 0.1, 0) == (1, 3, [])


class TestNumericalGradient:
    @pytest.mark.parametrize("shape", [(), (5,), (3, 4), (2, 3, 4), (0,), (2, 0)])
    def test_any_shape(self, shape: tuple[int, ...]) -> None:
        x = np.asarray(np.random.default_rng(0).normal(size=shape))
        before = x.copy()
        slopes = r.numerical_gradient(lambda p: float(np.sum(np.sin(p))), x)
        np.testing.assert_allclose(slopes, np.cos(x), atol=1e-9)
        assert slopes.shape == shape
        np.testing.assert_array_equal(x, before)

    def test_h_is_used_on_both_sides(self) -> None:
        x = np.array([1.0, -2.0])
        slopes = r.numerical_gradient(lambda p: float(np.sum(p**3)), x, h=0.5)
        np.testing.assert_allclose(slopes, 3 * x**2 + 0.25)

    def test_integers_and_lists(self) -> None:
        slopes = r.numerical_gradient(lambda p: float(p @ p), [1, 2, 3])
        np.testing.assert_allclose(slopes, [2, 4, 6], rtol=1e-9)

    def test_func_may_spoil_what_it_gets(self) -> None:
        def spoil(p: Floats) -> float:
            total = float(np.sum(p**2))
            p[:] = 0
            return total

        np.testing.assert_allclose(r.numerical_gradient(spoil, [1.0, 2.0]), [2, 4], rtol=1e-9)


UNARY: list[tuple[str, Callable[[Any], Any]]] = [
    ("relu", torch.relu),
    ("sigmoid", torch.sigmoid),
    ("exp", torch.exp),
    ("log", torch.log),
]


def _compare(function: Callable[..., Any], *numbers: float) -> None:
    """The same Python expression of Values and of torch's tensors."""
    values = [Value(number) for number in numbers]
    tensors = [torch.tensor(float(n), dtype=torch.float64, requires_grad=True) for n in numbers]
    value, tensor = function(*values), function(*tensors)
    value.backward()
    tensor.backward()
    assert value.data == pytest.approx(tensor.item(), rel=1e-12)
    for node, leaf in zip(values, tensors, strict=True):
        assert leaf.grad is not None
        assert node.grad == pytest.approx(leaf.grad.item(), rel=1e-12)


class TestValue:
    def test_the_toy_example(self) -> None:
        w, x, b = Value(-2), Value(5), Value(3)
        g = w * x
        f = g + b
        f.backward()
        assert (g.data, f.data) == (-10, -7)
        assert (w.grad, x.grad, b.grad, g.grad, f.grad) == (5, -2, 1, 1, 1)

    @pytest.mark.parametrize(
        "function",
        [
            lambda a, b: a + b * 2,
            lambda a, b: 2 + a * b,
            lambda a, b: 3 - a - b - 1,
            lambda a, b: 2 / a + a / b + b / 4,
            lambda a, b: -a * 3 * b,
            lambda a, b: a**3 + b**-2 + a**0.5 + b**1,
            lambda a, b: a * a + a - a / a + (b + b),
            lambda a, b: (a * b).sigmoid() * a.exp() - (a / b).log(),
            lambda a, b: (a - b).relu() + (b - a).relu() * 5,
        ],
    )
    def test_expressions_against_torch(self, function: Callable[..., Any]) -> None:
        for numbers in ((1.3, 0.4), (0.2, 2.5)):
            _compare(function, *numbers)

    @pytest.mark.parametrize(("name", "oracle"), UNARY)
    def test_functions_against_torch(self, name: str, oracle: Callable[[Any], Any]) -> None:
        for number in (0.3, 2.0) if name == "log" else (-3.0, -0.4, 0.7, 2.0):
            node = Value(number)
            getattr(node, name)().backward()
            leaf = torch.tensor(number, dtype=torch.float64, requires_grad=True)
            oracle(leaf).backward()
            assert leaf.grad is not None
            assert node.grad == pytest.approx(leaf.grad.item(), rel=1e-12)

    def test_a_long_way_and_a_short_way(self) -> None:
        _compare(lambda a: a * (((a * 2 + 1) * a).exp() * a + a), 0.3)

    @pytest.mark.parametrize("depth", [5_000, 50_000])
    def test_deep_graphs(self, depth: int) -> None:
        x = Value(1.0)
        y = x
        for _ in range(depth):
            y = (y + y) * 0.5 + 0.001 * x
        y.backward()
        assert x.grad == pytest.approx(1 + 0.001 * depth)

    def test_powers(self) -> None:
        x = Value(-2.0)
        y = x**3 + x**0
        y.backward()
        assert (y.data, x.grad) == (-7, 12)
        zero = Value(0)
        (zero**2 + zero**1 + zero**0).backward()
        assert zero.grad == 1
        with pytest.raises(TypeError, match="exponent must be a number, got Value"):
            x ** Value(2)  # type: ignore[operator]

    def test_the_sigmoid_does_not_overflow(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert [Value(x).sigmoid().data for x in (-1e5, 0, 1e5)] == [0, 0.5, 1]

    def test_the_logarithm_of_nothing(self) -> None:
        for number in (0.0, -1.0, math.nan):
            with pytest.raises(ValueError, match="log must be above 0"):
                Value(number).log()

    def test_it_shows_itself(self) -> None:
        assert repr(Value(3)) == "Value(data=3, grad=0)"


def _network(
    rng: np.random.Generator, n: int, d: int, hidden: int, classes: int
) -> tuple[Floats, Floats, list[Floats]]:
    X = rng.normal(size=(n, d))
    T = np.eye(classes)[rng.integers(classes, size=n)]
    shapes: list[tuple[int, ...]] = [(d, hidden), (hidden,), (hidden, classes), (classes,)]
    return X, T, [rng.normal(size=shape) for shape in shapes]


NAMES = ("W1", "b1", "W2", "b2")


class TestNetwork:
    @pytest.mark.parametrize("sizes", [(6, 4, 5, 3), (1, 2, 3, 4), (7, 5, 1, 2)])
    def test_gradients_against_torch(self, sizes: tuple[int, int, int, int]) -> None:
        X, T, weights = _network(np.random.default_rng(1), *sizes)
        leaves = [torch.tensor(w, requires_grad=True) for w in weights]
        W1, b1, W2, b2 = leaves
        a = torch.sigmoid(torch.tensor(X) @ W1 + b1) @ W2 + b2
        loss = torch.nn.functional.cross_entropy(a, torch.tensor(T))
        loss.backward()
        assert r.mlp_loss(X, T, *weights) == pytest.approx(loss.item())
        np.testing.assert_allclose(
            r.mlp_probabilities(X, *weights), torch.softmax(a, dim=1).detach().numpy()
        )
        answer = r.mlp_gradients(X, T, *weights)
        assert tuple(answer) == NAMES
        for name, leaf in zip(NAMES, leaves, strict=True):
            assert leaf.grad is not None
            np.testing.assert_allclose(answer[name], leaf.grad.numpy(), atol=1e-14)

    def test_gradients_against_numerical_ones(self) -> None:
        X, T, weights = _network(np.random.default_rng(2), 5, 3, 4, 2)
        answer = r.mlp_gradients(X, T, *weights)
        for i, name in enumerate(NAMES):

            def loss(p: Floats, i: int = i) -> float:
                return r.mlp_loss(X, T, *[*weights[:i], p, *weights[i + 1 :]])

            np.testing.assert_allclose(
                answer[name], r.numerical_gradient(loss, weights[i]), atol=1e-9
            )

    def test_integers_and_huge_values(self) -> None:
        X, T = np.array([[100, -200], [300, 1]], dtype=np.int16), np.array([[1, 0], [0, 1]])
        W2 = np.arange(6).reshape(3, 2) * 90
        weights: list[npt.NDArray[Any]] = [np.full((2, 3), 150), np.zeros(3, int), W2, np.arange(2)]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            answer = r.mlp_gradients(X, T, *weights)
            assert np.isfinite(r.mlp_loss(X, T, *weights))
        assert all(np.isfinite(g).all() for g in answer.values())

    def test_training_is_descent(self) -> None:
        X, T, _ = _network(np.random.default_rng(3), 20, 4, 6, 3)
        *five, losses = r.train_mlp(X, T, 6, 0.3, 5, seed=8)
        *six, longer = r.train_mlp(X, T, 6, 0.3, 6, seed=8)
        slopes = r.mlp_gradients(X, T, *five)
        for old, new, name in zip(five, six, NAMES, strict=True):
            np.testing.assert_allclose(new, old - 0.3 * slopes[name], atol=1e-15)
        assert longer[:5] == losses
        assert longer[5] == pytest.approx(r.mlp_loss(X, T, *five))
        assert losses[0] == pytest.approx(math.log(3), abs=0.2)

    def test_the_seed_decides(self) -> None:
        X, T, _ = _network(np.random.default_rng(4), 9, 4, 5, 3)
        first, again, other = (r.train_mlp(X, T, 5, 0.5, 3, seed) for seed in (1, 1, 2))
        for a, b in zip(first, again, strict=True):
            np.testing.assert_array_equal(a, b)
        assert not np.allclose(first[0], other[0])
        assert r.train_mlp(X, T, 5, 0.5, 0, 1)[4] == []

    def test_the_digits(self) -> None:
        X, labels = load_digits(return_X_y=True)
        unseen = np.arange(len(X)) % 5 == 0
        X, T = X / 16, np.eye(10)[labels]
        *weights, losses = r.train_mlp(X[~unseen], T[~unseen], 32, 1.0, 400, seed=0)
        right = r.mlp_probabilities(X[unseen], *weights).argmax(axis=1) == labels[unseen]
        assert len(losses) == 400
        assert losses[0] > 2 > 0.2 > losses[-1]
        assert right.mean() > 0.945


class TestBadArguments:
    X, T, weights = _network(np.random.default_rng(5), 4, 3, 5, 2)

    @pytest.mark.parametrize(
        ("name", "wrong", "message"),
        [
            ("X", np.ones(3), r"X must have 2 dimension\(s\), got shape \(3,\)"),
            ("X", np.ones((0, 3)), r"X must hold at least one sample"),
            ("X", np.ones((4, 2)), r"W1 must have shape \(2, 5\), got \(3, 5\)"),
            ("T", np.ones((4, 3)) / 3, r"T must have shape \(4, 2\), got \(4, 3\)"),
            ("T", np.ones((4, 2)), r"T must be one-hot"),
            ("b1", np.ones((1, 5)), r"b1 must have 1 dimension"),
            ("b1", np.ones(4), r"b1 must have shape \(5,\), got \(4,\)"),
            ("W2", np.ones((2, 5)), r"W2 must have shape \(5, 5\), got \(2, 5\)"),
            ("b2", np.ones(3), r"b2 must have shape \(2,\), got \(3,\)"),
        ],
    )
    def test_the_network_names_the_argument(self, name: str, wrong: Floats, message: str) -> None:
        arguments = {"X": self.X, "T": self.T, **dict(zip(NAMES, self.weights, strict=True))}
        with pytest.raises(ValueError, match=message):
            r.mlp_gradients(**arguments | {name: wrong})

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: r.fit_to_target(1, 2, 3, 4, 0.1, -1), r"steps must be at least 0, got -1"),
            (lambda: r.numerical_gradient(float, 1.0, 0), r"h must be above 0, got 0"),
            (lambda: r.train_mlp([[1]], [[1]], 0, 0.1, 1, 0), r"hidden must be at least 1, got 0"),
            (lambda: r.train_mlp([[1]], [[1]], 1, 0.1, -1, 0), r"epochs must be at least 0"),
            (lambda: r.train_mlp([1], [[1]], 1, 0.1, 1, 0), r"X must have 2 dimension"),
        ],
    )
    def test_the_others_name_it_too(self, call: Callable[[], object], message: str) -> None:
        with pytest.raises(ValueError, match=message):
            call()


def test_every_function_tells_what_it_takes() -> None:
    functions = [
        function
        for name, function in inspect.getmembers(r, inspect.isfunction)
        if name[0] != "_" and function.__module__ == r.__name__
    ]
    assert len(functions) == 9
    for function in functions:
        text = function.__doc__ or ""
        assert "``(" in text or "number" in text or "shape" in text, function
