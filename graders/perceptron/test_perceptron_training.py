"""Training a perceptron: the algorithm, and handwritten zeros against ones."""

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_digits

from fairmark.testing import (
    Submission,
    as_array,
    assert_close,
    assert_equal,
    fail,
    hidden,
    question,
    weight,
)
from reference import perceptron as reference

Array = npt.NDArray[Any]

# The corners of a square, with x0 = 1, and what OR and XOR say of them.
CORNERS = np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
OR = np.array([-1, 1, 1, 1])
XOR = np.array([-1, 1, 1, -1])


def _three(answer: object) -> tuple[Any, Any, Any]:
    if not isinstance(answer, (tuple, list)) or len(answer) != 3:
        fail("train_perceptron must return three things: (w, epochs, converged).")
    w, epochs, converged = answer
    return w, epochs, converged


def _assert_sides(w: object, X: Array, y: Array, share: float, hint: str) -> None:
    """At least this share of the points ``X`` (with x0) lies on the side that ``y`` says."""
    weights = np.real_if_close(as_array(w, "w"))
    if weights.shape != X.shape[1:]:
        fail(f"w must have the shape {X.shape[1:]}, one weight per input, not {weights.shape}.")
    right = np.mean(np.where(X @ weights > 0, 1, -1) == y)
    if not right >= share:
        fail(f"w puts {right:.0%} of the points on their side; expected {share:.0%}.", hint=hint)


@question("train_perceptron")
class TestTrain:
    """The whole algorithm, step by step."""

    def test_lecture_point(self, submission: Submission) -> None:
        """From w=(0,-1,1) the lecture's point gives (-0.1,-1.2,0.7), after 2 sweeps."""
        X, y = np.array([[1.0, 2.0, 3.0]]), np.array([-1])
        w, epochs, converged = _three(
            submission.train_perceptron(X, y, lr=0.1, w=np.array([0.0, -1.0, 1.0]))
        )
        hint = "The first sweep makes the lecture's update. When do you know that you can stop?"
        assert_close(w, [-0.1, -1.2, 0.7], rtol=1e-5, hint=hint, what="w")
        assert_equal(epochs, 2, hint="The sweep that finds no mistake counts.", what="epochs")
        assert_equal(converged, True, hint=hint, what="converged")

    def test_or(self, submission: Submission) -> None:
        """Starting at zeros with lr=0.5, OR is learned after 4 sweeps, and w separates it."""
        w, epochs, converged = _three(submission.train_perceptron(CORNERS, OR, lr=0.5))
        hint = "Visit the points in order; a w that has just changed judges the very next point."
        _assert_sides(w, CORNERS, OR, 1.0, hint)
        assert_close(w, [0, 0.5, 0.5], rtol=1e-6, hint=hint, what="w")
        assert_equal(epochs, 4, hint=hint, what="epochs")
        assert_equal(converged, True, hint=hint, what="converged")

    def test_xor(self, submission: Submission) -> None:
        """XOR is never learned: training stops after max_epochs sweeps, not converged."""
        hint = "No line separates XOR, so no sweep is ever free of updates. What ends the loop?"
        for cap in (7, 30):
            w, epochs, converged = _three(
                submission.train_perceptron(CORNERS, XOR, lr=0.5, max_epochs=cap)
            )
            assert_close(w, [0.5, -0.5, 0], rtol=1e-6, hint=hint, what="w")
            assert_equal(epochs, cap, hint=hint, what="epochs")
            assert_equal(converged, False, hint=hint, what="converged")

    @hidden
    @weight(3)
    def test_random_points(self, submission: Submission, rng: np.random.Generator) -> None:
        """Separable random points, from zeros: the same path, the same w, the same sweeps."""
        for n, m, lr in [(30, 3, 0.3), (25, 5, 2.5), (20, 4, 0.05)]:
            X, y = _clear_cut(rng, n, m, lr)
            expected = reference.train_perceptron(X, y, lr)
            with submission.inputs_unchanged(), submission.any_layout():
                w, epochs, converged = _three(submission.train_perceptron(X, y, lr=lr))
            hint = "Zeros at first, points in the given order, an update at once for each mistake."
            assert_close(w, expected[0], rtol=1e-4, atol=1e-5, hint=hint, what="w")
            assert_equal(epochs, expected[1], hint=hint, what="epochs")
            assert_equal(converged, True, hint=hint, what="converged")

    @hidden
    @weight(2)
    def test_start_and_order(self, submission: Submission, rng: np.random.Generator) -> None:
        """The starting w and the order of the points lead to different solutions."""
        start = rng.normal(size=3)
        X, y = _clear_cut(rng, 24, 3, 0.2, start)
        while _closest_call(X[::-1], y[::-1], 0.2, start) < 1e-4:
            X, y = _clear_cut(rng, 24, 3, 0.2, start)
        hint = (
            "Does training begin at the given w, leave that array alone, and take X in its order?"
        )
        for points, labels in ((X, y), (X[::-1].copy(), y[::-1].copy())):
            expected = reference.train_perceptron(points, labels, 0.2, w=start)
            with submission.inputs_unchanged(), submission.any_layout():
                answer = submission.train_perceptron(points, labels, lr=0.2, w=start)
            w, epochs, _ = _three(answer)
            assert_close(w, expected[0], rtol=1e-4, atol=1e-5, hint=hint, what="w")
            assert_equal(epochs, expected[1], hint=hint, what="epochs")

    @hidden
    def test_integers(self, submission: Submission) -> None:
        """Integer points and weights are trained as floats: nothing is cut off."""
        X, y, start = np.array([[1, 2, 3]]), np.array([-1]), np.array([0, -1, 1])
        w, epochs, _ = _three(submission.train_perceptron(X, y, lr=0.1, w=start))
        hint = "Integers may come in, yet after the first update the weights are none."
        assert_close(w, [-0.1, -1.2, 0.7], rtol=1e-5, hint=hint, what="w")
        assert_equal(epochs, 2, hint=hint, what="epochs")
        w, _, _ = _three(submission.train_perceptron(CORNERS.astype(int), OR, lr=0.25))
        assert_close(w, [0, 0.25, 0.25], rtol=1e-6, hint=hint, what="w for OR")

    @hidden
    def test_nothing_to_learn(self, submission: Submission, rng: np.random.Generator) -> None:
        """One sweep without an update ends the training, also when it is the last one allowed."""
        X, y = _clear_cut(rng, 20, 4, 0.1)
        solution, enough, _ = reference.train_perceptron(X, y)
        hint = "One sweep without an update is enough to stop, and it counts."
        for caps in ({}, {"max_epochs": enough}):
            _, epochs, converged = _three(submission.train_perceptron(X, y, **caps))
            assert_equal(epochs, enough, hint=hint, what="epochs from zeros")
            assert_equal(converged, True, hint=hint, what="converged")
        for caps in ({}, {"max_epochs": 1}):
            w, epochs, converged = _three(submission.train_perceptron(X, y, w=solution, **caps))
            assert_close(w, solution, rtol=1e-6, hint=hint, what="w")
            assert_equal(epochs, 1, hint=hint, what="epochs")
            assert_equal(converged, True, hint=hint, what="converged")

    @hidden
    @weight(2)
    def test_stops_at_the_cap(self, submission: Submission, rng: np.random.Generator) -> None:
        """Points that cannot be separated: exactly max_epochs sweeps, 100 unless told."""
        X, y = _clear_cut(rng, 15, 3, 0.1, noise=True)
        hint = "How many sweeps are made when none of them is free of updates?"
        for caps in ({"max_epochs": 1}, {"max_epochs": 6}, {}):
            expected = reference.train_perceptron(X, y, **caps)
            w, epochs, converged = _three(submission.train_perceptron(X, y, **caps))
            assert_close(w, expected[0], rtol=1e-4, atol=1e-5, hint=hint, what="w")
            assert_equal(epochs, caps.get("max_epochs", 100), hint=hint, what="epochs")
            assert_equal(converged, False, hint=hint, what="converged")

    @hidden
    def test_one_sweep_short(self, submission: Submission, rng: np.random.Generator) -> None:
        """With one sweep less than it needs, training ends with an update: not converged."""
        X, y = _clear_cut(rng, 18, 3, 0.4)
        solution, enough, _ = reference.train_perceptron(X, y, 0.4)
        answer = submission.train_perceptron(X, y, lr=0.4, max_epochs=enough - 1)
        w, epochs, converged = _three(answer)
        hint = "The weights may be right already, but no sweep has shown it: all made an update."
        assert_close(w, solution, rtol=1e-4, atol=1e-5, hint=hint, what="w")
        assert_equal(epochs, enough - 1, hint=hint, what="epochs")
        assert_equal(converged, False, hint=hint, what="converged")


@question("zero_versus_one")
class TestZeroVersusOne:
    """Weights are judged by what they say of digits that they were not trained on."""

    def test_unseen_digits(self, submission: Submission) -> None:
        """Trained on every other digit, w tells the rest apart."""
        images, labels = _zeros_and_ones()
        w = submission.zero_versus_one(images[::2], labels[::2])
        hint = "65 weights: the bias first, then the 64 pixels row by row. +1 means one."
        _assert_sides(w, _rows(images[1::2]), _signs(labels[1::2]), 0.95, hint)

    @hidden
    @weight(2)
    def test_other_splits(self, submission: Submission, rng: np.random.Generator) -> None:
        """Random halves, and digits sorted by class, are learned as well."""
        images, labels = _zeros_and_ones()
        hint = "Does the answer depend on which digits come, or on their order?"
        for sort in (False, True, True):
            order = rng.permutation(len(images))
            known, unseen = order[:270], order[270:]
            if sort:
                known = known[np.argsort(labels[known], kind="stable")]
            with submission.inputs_unchanged(), submission.any_layout():
                w = submission.zero_versus_one(images[known], labels[known])
            _assert_sides(w, _rows(images[unseen]), _signs(labels[unseen]), 0.92, hint)

    @hidden
    def test_negatives(self, submission: Submission, rng: np.random.Generator) -> None:
        """Light ink on dark paper is learned too: w comes from the images that are given."""
        images, labels = _zeros_and_ones()
        images = 16 - images
        order = rng.permutation(len(images))
        known, unseen = order[:270], order[270:]
        w = submission.zero_versus_one(images[known], labels[known])
        hint = "Is w learned from the images that come as the argument?"
        _assert_sides(w, _rows(images[unseen]), _signs(labels[unseen]), 0.92, hint)


def _zeros_and_ones() -> tuple[Array, Array]:
    pixels, labels = load_digits(n_class=2, return_X_y=True)
    return pixels.reshape(-1, 8, 8), labels


def _rows(images: Array) -> Array:
    return np.hstack([np.ones((len(images), 1)), images.reshape(len(images), -1)])


def _signs(labels: Array) -> Array:
    return np.where(labels == 1, 1, -1)


def _clear_cut(
    rng: np.random.Generator,
    n: int,
    m: int,
    lr: float,
    start: Array | None = None,
    noise: bool = False,
) -> tuple[Array, Array]:
    """Points on whose training every right program agrees, whatever its rounding.

    Both labels occur, the first is -1, and several sweeps are needed; with ``noise`` no number
    of sweeps is enough.
    """
    while True:
        X = np.hstack([np.ones((n, 1)), rng.normal(size=(n, m - 1))])
        y = np.where(X @ rng.normal(size=m) + 0.2 > 0, 1, -1)
        if noise:
            y[rng.permutation(n)[: n // 3]] *= -1
        epochs, converged, closest = _trained(X, y, lr, start)
        fits = y[0] == -1 and (y == 1).any() and epochs > 3 and converged != noise
        if fits and closest > 1e-4:
            return X, y


def _closest_call(X: Array, y: Array, lr: float, start: Array | None = None) -> float:
    """The smallest |score| on the way; the zeros of the starting w are exact and do not count."""
    return _trained(X, y, lr, start)[2]


def _trained(X: Array, y: Array, lr: float, start: Array | None) -> tuple[int, bool, float]:
    """How many sweeps the training makes, whether it converges, and its closest call.

    It is the reference's training, which would look at each of its arguments in each of many
    thousand steps: points are drawn for every submission.
    """
    w = np.zeros(X.shape[1]) if start is None else start
    closest = np.inf
    for epoch in range(1, 101):
        updated = False
        for x, label in zip(X, y.tolist(), strict=True):
            score = float(x @ w)
            if score or w.any():
                closest = min(closest, abs(score))
            if (1 if score > 0 else -1) != label:
                w = w + lr * label * x
                updated = True
        if not updated:
            return epoch, True, closest
    return 100, False, closest
