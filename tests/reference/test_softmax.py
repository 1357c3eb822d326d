"""The reference of the softmax assignment, against torch, SciPy, scikit-learn and the lecture."""

import inspect
import itertools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from scipy.special import log_softmax, rel_entr
from scipy.special import softmax as scipy_softmax
from scipy.stats import entropy
from sklearn.metrics import log_loss
from sklearn.preprocessing import OneHotEncoder

from reference import softmax as s
from reference.perceptron import sigmoid

Array = npt.NDArray[Any]

SCORES = np.array([-5.0, -1.0, 1.0, 5.0])
CAT = np.array([0.0, 0.0, 0.0, 1.0])

# Scores up to 1e5 in size, rows that share no shift, and a row of equals.
LARGE = np.array(
    [
        [1e5, 0.0, -1e5],
        [-1e5, -1e5 + 1, -1e5 - 1],
        [1e5 - 0.5, 1e5, 99_999.0],
        [7.0, 7.0, 7.0],
    ]
)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(2)


class TestNetworks:
    @pytest.mark.parametrize("shape", [(3,), (5, 3), (1, 3), (0, 3)])
    def test_dense_against_torch(self, rng: np.random.Generator, shape: tuple[int, ...]) -> None:
        x, W, b = rng.normal(size=shape), rng.normal(size=(3, 4)), rng.normal(size=4)
        x_, W_, b_ = (torch.from_numpy(array) for array in (x, W, b))
        expected = torch.nn.functional.linear(x_, W_.T, b_)
        np.testing.assert_allclose(s.dense(x, W, b), expected, rtol=1e-13)

    def test_dense_has_the_bias_of_notebook_one(self, rng: np.random.Generator) -> None:
        x, W, b = rng.normal(size=3), rng.normal(size=(3, 4)), rng.normal(size=4)
        with_x0 = np.concatenate([[1.0], x]) @ np.vstack([b, W])
        np.testing.assert_allclose(s.dense(x, W, b), with_x0)

    def test_integers_do_not_overflow(self) -> None:
        x, W = np.array([200, 250], dtype=np.uint8), np.array([[2], [3]], dtype=np.uint8)
        np.testing.assert_array_equal(s.dense(x, W, np.array([1], dtype=np.int8)), [1151])
        np.testing.assert_allclose(
            s.softmax(np.array([-100, 100], dtype=np.int8)), [0, 1], atol=1e-80
        )
        np.testing.assert_allclose(s.normalize(np.array([200, 200], dtype=np.uint8)), [0.5, 0.5])

    @pytest.mark.parametrize("sizes", [(2, 3, 4), (1, 1), (64, 10), (5, 4, 3, 2, 1)])
    def test_counts_against_torch(self, sizes: tuple[int, ...]) -> None:
        layers = [torch.nn.Linear(a, b) for a, b in itertools.pairwise(sizes)]
        model = torch.nn.Sequential(*layers)
        assert s.count_layers(sizes) == len(model)
        assert s.count_weights(sizes) == sum(p.numel() for p in model.parameters())

    def test_counts_of_the_lecture(self) -> None:
        assert (s.count_layers((2, 3, 4)), s.count_weights((2, 3, 4))) == (2, 25)
        assert s.count_weights([2, 2, 4]) == 18

    @pytest.mark.parametrize("shape", [(5,), (7, 5)])
    def test_forward_against_torch(self, rng: np.random.Generator, shape: tuple[int, ...]) -> None:
        first, second = torch.nn.Linear(5, 3).double(), torch.nn.Linear(3, 4).double()
        model = torch.nn.Sequential(first, torch.nn.Sigmoid(), second)
        x = rng.normal(size=shape)
        weights = (first.weight.T, first.bias, second.weight.T, second.bias)
        answer = s.two_layer_forward(x, *(p.detach().numpy() for p in weights))
        np.testing.assert_allclose(answer, model(torch.from_numpy(x)).detach(), rtol=1e-12)

    def test_forward_of_saturated_units(self) -> None:
        ones = np.ones(1)
        answer = s.two_layer_forward([[-1e5], [1e5]], [[1.0]], 0 * ones, [[2.0]], ones)
        np.testing.assert_array_equal(answer, [[1], [3]])


class TestProbabilities:
    def test_the_lecture_numbers(self) -> None:
        sigmoids = sigmoid(SCORES)
        normalised = [0.00335, 0.13447, 0.36553, 0.49665]
        np.testing.assert_allclose(sigmoids, [0.00669, 0.26894, 0.73106, 0.99331], atol=5e-6)
        np.testing.assert_allclose(s.normalize(sigmoids), normalised, atol=5e-6)
        expected = [0.00004, 0.00243, 0.01794, 0.97959]
        np.testing.assert_allclose(s.softmax(SCORES), expected, atol=5e-6)

    @pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 4), (5, 1), (0, 3)])
    def test_softmax_against_scipy(self, rng: np.random.Generator, shape: tuple[int, ...]) -> None:
        a = rng.normal(scale=10, size=shape)
        np.testing.assert_allclose(s.softmax(a), scipy_softmax(a, axis=-1), rtol=1e-12)

    def test_softmax_of_large_scores(self) -> None:
        with warnings.catch_warnings(), np.errstate(over="raise", invalid="raise"):
            warnings.simplefilter("error")
            answer = s.softmax(LARGE)
        expected = torch.softmax(torch.from_numpy(LARGE), dim=-1)
        np.testing.assert_allclose(answer, expected, rtol=1e-12)
        np.testing.assert_allclose(answer.sum(axis=1), 1)

    def test_softmax_keeps_its_value_when_all_scores_shift(self, rng: np.random.Generator) -> None:
        a = rng.normal(size=(3, 4))
        shift = np.array([[10.0], [-20.0], [512.0]])
        np.testing.assert_allclose(s.softmax(a + shift), s.softmax(a), rtol=1e-12)

    def test_normalize(self) -> None:
        np.testing.assert_allclose(s.normalize([[1, 3], [-1, 3]]), [[0.25, 0.75], [-0.5, 1.5]])

    def test_arguments_are_not_changed(self, rng: np.random.Generator) -> None:
        a, t = rng.uniform(0.1, 1, size=(3, 4)), np.eye(4)[:3]
        kept = a.copy(), t.copy()
        for function in (s.normalize, s.softmax):
            assert not np.shares_memory(function(a), a)
        for loss in (s.cross_entropy, s.softmax_cross_entropy, s.softmax_cross_entropy_gradient):
            loss(a, t)
        np.testing.assert_array_equal(a, kept[0])
        np.testing.assert_array_equal(t, kept[1])


class TestOneHot:
    def test_against_scikit_learn(self, rng: np.random.Generator) -> None:
        labels = rng.integers(0, 6, size=20)
        encoder = OneHotEncoder(categories=[range(6)], sparse_output=False)
        answer = s.one_hot(labels, 6)
        np.testing.assert_array_equal(answer, encoder.fit_transform(labels[:, np.newaxis]))
        assert answer.dtype == np.float64

    def test_no_label_at_all(self) -> None:
        assert s.one_hot([], 3).shape == (0, 3)

    @pytest.mark.parametrize("label", [-1, 4, 0.5, 300])
    def test_a_label_out_of_range(self, label: float) -> None:
        with pytest.raises(ValueError, match=rf"labels must be 0, 1, \.\.\. 3, got {label}"):
            s.one_hot([0, label, 3], 4)


class TestCrossEntropy:
    def test_the_lecture_number(self) -> None:
        assert s.cross_entropy(CAT, s.softmax(SCORES)) == pytest.approx(0.0206256, abs=5e-8)
        assert s.softmax_cross_entropy(SCORES, CAT) == pytest.approx(0.0206256, abs=5e-8)
        # The slide rounds the probability before it takes the logarithm.
        assert s.cross_entropy(CAT, [0, 0, 0, 0.97959]) == pytest.approx(0.020621, abs=5e-7)

    def test_against_scikit_learn(self, rng: np.random.Generator) -> None:
        labels, y = rng.integers(0, 4, size=9), rng.dirichlet(np.ones(4), size=9)
        losses = s.cross_entropy(s.one_hot(labels, 4), y)
        assert losses.shape == (9,)
        assert losses.mean() == pytest.approx(log_loss(labels, y, labels=range(4)))

    def test_against_scipy(self, rng: np.random.Generator) -> None:
        t, y = rng.dirichlet(np.ones(5), size=(2, 7))
        expected = entropy(t, axis=-1) + rel_entr(t, y).sum(axis=-1)
        np.testing.assert_allclose(s.cross_entropy(t, y), expected)

    def test_zero_times_the_logarithm_of_zero(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert s.cross_entropy([0, 1], [0, 1]) == 0
            assert s.cross_entropy([0, 0.5, 0.5], [0, 0.5, 0.5]) == pytest.approx(np.log(2))
            assert s.cross_entropy([0, 1], [1, 0]) == np.inf

    def test_from_scores_against_torch(self, rng: np.random.Generator) -> None:
        a, t = rng.normal(scale=4, size=(6, 5)), rng.dirichlet(np.ones(5), size=6)
        scores = torch.from_numpy(a).requires_grad_()
        losses = torch.nn.functional.cross_entropy(scores, torch.from_numpy(t), reduction="none")
        losses.sum().backward()
        np.testing.assert_allclose(s.softmax_cross_entropy(a, t), losses.detach(), rtol=1e-12)
        gradient = s.softmax_cross_entropy_gradient(a, t)
        assert scores.grad is not None
        np.testing.assert_allclose(gradient, scores.grad, rtol=1e-10, atol=1e-14)

    @pytest.mark.parametrize("label", [0, 1, 2])
    def test_large_scores(self, label: int) -> None:
        t = s.one_hot([label] * len(LARGE), 3)
        with warnings.catch_warnings(), np.errstate(over="raise", invalid="raise", divide="raise"):
            warnings.simplefilter("error")
            losses = s.softmax_cross_entropy(LARGE, t)
            gradient = s.softmax_cross_entropy_gradient(LARGE, t)
        np.testing.assert_allclose(losses, -log_softmax(LARGE, axis=-1)[:, label], atol=1e-9)
        np.testing.assert_allclose(gradient, s.softmax(LARGE) - t)

    def test_gradient_against_finite_differences(self, rng: np.random.Generator) -> None:
        a, t, h = rng.normal(size=5), rng.dirichlet(np.ones(5)), 1e-6
        steps = h * np.eye(5)
        rise = [
            s.softmax_cross_entropy(a + e, t) - s.softmax_cross_entropy(a - e, t) for e in steps
        ]
        gradient = s.softmax_cross_entropy_gradient(a, t)
        np.testing.assert_allclose(gradient, np.array(rise) / (2 * h), atol=1e-8)
        assert gradient.sum() == pytest.approx(0, abs=1e-15)


class TestBadArguments:
    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: s.dense([1, 2], [1, 2], [1]), r"W must have shape \(d, m\), got \(2,\)"),
            (lambda: s.dense([1], [[1], [2]], [1]), r"x must have shape \(2,\) or .*got \(1,\)"),
            (lambda: s.dense(1, [[1]], [1]), r"x must have shape \(1,\) or .*got \(\)"),
            (lambda: s.dense([1], [[1, 2]], 1), r"b must have shape \(2,\) to fit W, got \(\)"),
            (
                lambda: s.two_layer_forward([1], [[1, 2]], [0, 0], [[1]], [0]),
                r"the hidden layer must have shape .* to fit W2, got \(2,\)",
            ),
            (lambda: s.count_layers([3]), r"sizes must be at least two .* got \(3,\)"),
            (lambda: s.count_weights((2, 0, 3)), r"sizes must be .* got \(2, 0, 3\)"),
            (lambda: s.normalize(SCORES), r"z must not add up to 0"),
            (lambda: s.softmax(3.0), r"a must have a class .* got shape \(\)"),
            (lambda: s.softmax([[], []]), r"a must have a class .* got shape \(2, 0\)"),
            (lambda: s.one_hot([[1]], 2), r"labels must be one-dimensional, got shape \(1, 1\)"),
            (lambda: s.one_hot([0], 0), r"num_classes must be at least 1, got 0"),
            (lambda: s.cross_entropy([1, 0], [1]), r"t must have the shape of y, \(1,\), got"),
            (lambda: s.cross_entropy([1, 0], [2, -1]), r"y must hold probabilities, got -1"),
            (lambda: s.softmax_cross_entropy([[1, 2]], [1, 0]), r"t must .* of a, \(1, 2\)"),
            (lambda: s.softmax_cross_entropy_gradient([1, 2], [1]), r"t must .* of a, \(2,\)"),
        ],
    )
    def test_the_message_names_the_argument(self, call: Callable[[], object], message: str) -> None:
        with pytest.raises(ValueError, match=message):
            call()


def test_every_function_tells_its_shapes() -> None:
    members = inspect.getmembers(s, inspect.isfunction)
    functions = [f for name, f in members if name[0] != "_" and f.__module__ == s.__name__]
    assert len(functions) == 10
    for function in functions:
        doc = function.__doc__ or ""
        assert "shape" in doc or "``(" in doc or "``sizes``" in doc, function
