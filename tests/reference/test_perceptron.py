"""The reference of the perceptron assignment, against SciPy, scikit-learn and the lecture."""

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.special import expit
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from reference import perceptron as p

Function = Callable[[Any], npt.NDArray[Any]]

ACTIVATIONS: list[Function] = [
    p.step,
    p.identity,
    p.binary_step,
    p.sigmoid,
    p.tanh,
    p.relu,
    p.leaky_relu,
]
DERIVATIVES: list[tuple[Function, Function]] = [
    (p.identity, p.identity_derivative),
    (p.sigmoid, p.sigmoid_derivative),
    (p.tanh, p.tanh_derivative),
    (p.relu, p.relu_derivative),
    (p.leaky_relu, p.leaky_relu_derivative),
]
ELEMENTWISE = ACTIVATIONS + [derivative for _, derivative in DERIVATIVES]

XOR = np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
XOR_LABELS = np.array([-1, 1, 1, -1])


class TestElementwise:
    @pytest.mark.parametrize("function", ELEMENTWISE)
    @pytest.mark.parametrize("shape", [(), (5,), (3, 4), (2, 3, 4), (0,)])
    def test_keeps_the_shape(self, function: Function, shape: tuple[int, ...]) -> None:
        assert np.shape(function(np.full(shape, 0.3))) == shape

    @pytest.mark.parametrize("function", ELEMENTWISE)
    def test_finite_and_silent_everywhere(self, function: Function) -> None:
        x = np.array([0.0, -0.0, 5e-324, 1e-300, 1.0, 36.9, 709.0, 1e4, 1e154, 1e308])
        with warnings.catch_warnings(), np.errstate(over="raise", invalid="raise", divide="raise"):
            warnings.simplefilter("error")
            assert np.isfinite(function(np.concatenate([x, -x]))).all()

    @pytest.mark.parametrize("function", ELEMENTWISE)
    def test_integers_are_computed_in_floats(self, function: Function) -> None:
        for integers in (np.arange(-5, 6), np.array([-100, 0, 100], dtype=np.int8)):
            np.testing.assert_array_equal(function(integers), function(integers.astype(float)))

    @pytest.mark.parametrize("function", ELEMENTWISE)
    def test_the_argument_is_neither_changed_nor_returned(self, function: Function) -> None:
        x = np.linspace(-2.0, 2.0, 5)
        answer = function(x)
        np.testing.assert_array_equal(x, [-2, -1, 0, 1, 2])
        assert not np.shares_memory(answer, x)

    def test_step_is_minus_one_at_theta(self) -> None:
        np.testing.assert_array_equal(p.step(np.array([1.9, 2.0, 2.1]), 2.0), [-1, -1, 1])
        assert p.step(0.0) == -1

    def test_binary_step_is_one_at_zero(self) -> None:
        np.testing.assert_array_equal(p.binary_step(np.array([-0.1, 0.0, 0.1])), [0, 1, 1])

    def test_sigmoid_against_scipy(self) -> None:
        x = np.linspace(-750, 750, 3001)
        np.testing.assert_allclose(p.sigmoid(x), expit(x), rtol=1e-13, atol=1e-300)

    def test_tanh_against_the_slide_where_that_is_finite(self) -> None:
        x = np.linspace(-20, 20, 401)
        slide = (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))
        np.testing.assert_allclose(p.tanh(x), slide, rtol=1e-12)

    def test_relus(self) -> None:
        x = np.array([-3.0, 0.0, 2.5])
        np.testing.assert_array_equal(p.relu(x), [0, 0, 2.5])
        np.testing.assert_allclose(p.leaky_relu(x), [-0.03, 0, 2.5])

    @pytest.mark.parametrize(("function", "derivative"), DERIVATIVES)
    def test_derivatives_against_finite_differences(
        self, function: Function, derivative: Function
    ) -> None:
        h = 1e-6
        x = np.linspace(-4, 4, 80)  # does not hold 0, where the ReLUs have a kink
        slope = (function(x + h).astype(float) - function(x - h).astype(float)) / (2 * h)
        np.testing.assert_allclose(derivative(x), slope, atol=1e-8)

    def test_derivatives_at_zero(self) -> None:
        answers = [float(derivative(0.0)) for _, derivative in DERIVATIVES]
        np.testing.assert_allclose(answers, [1, 0.25, 1, 1, 1])


class TestPerceptron:
    def test_add_bias(self) -> None:
        np.testing.assert_array_equal(p.add_bias([[2, 3], [4, 5]]), [[1, 2, 3], [1, 4, 5]])
        assert p.add_bias(np.zeros((0, 4))).shape == (0, 5)

    def test_predict(self) -> None:
        w = np.array([0.0, -1.0, 1.0])
        np.testing.assert_array_equal(p.predict(w, [[1, 2, 3], [1, 3, 2], [1, 2, 2]]), [1, -1, -1])
        assert p.predict(w, [1, 2, 3]).shape == ()

    def test_the_lecture_update(self) -> None:
        w = p.perceptron_update([0, -1, 1], [1, 2, 3], -1, 0.1)
        np.testing.assert_allclose(w, [-0.1, -1.2, 0.7])
        assert np.dot(w, [1, 2, 3]) == pytest.approx(-0.4)
        slope, intercept = p.decision_boundary(w)
        assert (7 * slope, 7 * intercept) == pytest.approx((12, 1))

    @pytest.mark.parametrize(("y", "change"), [(-1, [-0.1, 0.5, -0.5]), (1, [0.1, -0.5, 0.5])])
    def test_the_slide_updates(self, y: int, change: list[float]) -> None:
        w = np.array([0.0, 2.0, 3.0])
        np.testing.assert_allclose(p.perceptron_update(w, [1, -5, 5], y, 0.1) - w, change)

    def test_integers_are_not_truncated(self) -> None:
        w = np.array([0, -1, 1], dtype=np.int8)
        x = np.array([1, 200, 250], dtype=np.uint8)
        np.testing.assert_allclose(p.perceptron_update(w, x, -1, 0.1), [-0.1, -21, -24])
        assert p.predict(np.array([0, 100, 100], dtype=np.uint8), x) == 1

    @pytest.mark.parametrize("w", [[1, 2, 0], [1, 0, -0.0], [0, 0, 0]])
    def test_no_slope_for_a_vertical_boundary(self, w: list[float]) -> None:
        with pytest.raises(ValueError, match="w2 != 0"):
            p.decision_boundary(w)


class TestTraining:
    def test_one_update_then_one_clean_sweep(self) -> None:
        w, epochs, converged = p.train_perceptron([[1, 2, 3]], [-1], w=[0, -1, 1])
        np.testing.assert_allclose(w, [-0.1, -1.2, 0.7])
        assert (epochs, converged) == (2, True)

    def test_separable_points_are_separated(self) -> None:
        rng = np.random.default_rng(0)
        X = p.add_bias(rng.normal(size=(60, 4)))
        y = np.where(X @ rng.normal(size=5) > 0, 1, -1)
        w, epochs, converged = p.train_perceptron(X, y, max_epochs=1000)
        assert converged
        np.testing.assert_array_equal(p.predict(w, X), y)
        again, one, still = p.train_perceptron(X, y, w=w)
        assert (one, still) == (1, True)
        np.testing.assert_array_equal(again, w)
        assert p.train_perceptron(X, y, max_epochs=epochs)[1:] == (epochs, True)
        assert p.train_perceptron(X, y, max_epochs=epochs - 1)[1:] == (epochs - 1, False)

    @pytest.mark.parametrize("lr", [0.1, 1.0])
    def test_xor_never_converges(self, lr: float) -> None:
        _, epochs, converged = p.train_perceptron(XOR, XOR_LABELS, lr=lr, max_epochs=37)
        assert (epochs, converged) == (37, False)

    def test_the_starting_weights_are_kept(self) -> None:
        start = np.array([0.0, -1.0, 1.0])
        w, _, _ = p.train_perceptron([[1, 3, 2]], [-1], w=start)
        w += 1
        np.testing.assert_array_equal(start, [0, -1, 1])


class TestDigits:
    def test_pca_against_scikit_learn(self) -> None:
        X = np.random.default_rng(1).normal(size=(30, 6)) @ np.diag([5, 4, 3, 2, 1, 0.5]) + 7
        for k in (1, 3, 6):
            pca = PCA(k, svd_solver="full").fit(X)
            projected, ratio = p.pca_project(X, k)
            np.testing.assert_allclose(np.abs(projected), np.abs(pca.transform(X)), atol=1e-12)
            np.testing.assert_allclose(ratio, pca.explained_variance_ratio_)

    def test_the_lecture_digits(self) -> None:
        digits = load_digits()
        assert digits.data.shape == (1797, 64)
        assert (digits.target[0], digits.target[1796]) == (0, 8)
        assert p.pca_project(digits.data, 2)[1].sum() == pytest.approx(0.2851, abs=5e-5)

    def test_zeros_and_ones_are_told_apart(self) -> None:
        images, labels = load_digits(n_class=2, return_X_y=True)
        images = images.reshape(-1, 8, 8)
        w = p.zero_versus_one(images[::2], labels[::2])
        assert w.shape == (65,)
        answers = p.predict(w, p.add_bias(images[1::2].reshape(-1, 64)))
        assert np.mean(answers == np.where(labels[1::2] == 1, 1, -1)) > 0.98


class TestBadArguments:
    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: p.add_bias([1, 2]), r"X must have shape \(n, d\), got \(2,\)"),
            (lambda: p.predict([1, 2, 3], [[1, 2]]), r"X must have shape .* got \(1, 2\)"),
            (lambda: p.predict([[1, 2]], [1, 2]), r"w must be one-dimensional"),
            (lambda: p.perceptron_update([1, 2], [1, 2, 3], 1, 0.1), r"x must have .* \(3,\)"),
            (lambda: p.perceptron_update([1, 2], [1, 2], 0, 0.1), r"y must be \+1 or -1, got \[0"),
            (lambda: p.decision_boundary([1, 2]), r"w must have shape \(3,\), got \(2,\)"),
            (lambda: p.train_perceptron([1, 2], [1]), r"X must have shape \(n, m\)"),
            (lambda: p.train_perceptron(XOR, [1]), r"y must have one label for each of the 4"),
            (lambda: p.train_perceptron(XOR, [0, 1, 1, 0]), r"y must be \+1 or -1"),
            (lambda: p.train_perceptron(XOR, XOR_LABELS, max_epochs=0), r"max_epochs .* got 0"),
            (lambda: p.train_perceptron(XOR, XOR_LABELS, w=[1, 2]), r"X must have shape .*fit w"),
            (lambda: p.pca_project(XOR, 4), r"k must lie between 1 and 3 .* got 4"),
            (lambda: p.pca_project(XOR, 0), r"k must lie between 1 and 3 .* got 0"),
            (lambda: p.pca_project(np.ones((3, 2)), 1), r"X must have at least two different"),
            (lambda: p.zero_versus_one(np.ones((2, 64)), [0, 1]), r"images must have shape"),
            (lambda: p.zero_versus_one(np.ones((2, 8, 8)), [1, 2]), r"labels must be 0 or 1"),
        ],
    )
    def test_the_message_names_the_argument(self, call: Callable[[], object], message: str) -> None:
        with pytest.raises(ValueError, match=message):
            call()


def test_every_function_tells_its_shapes() -> None:
    functions = [f for name, f in inspect.getmembers(p, inspect.isfunction) if name[0] != "_"]
    assert len(functions) == 19
    for function in functions:
        assert "shape" in (function.__doc__ or "") or "``(" in (function.__doc__ or ""), function
