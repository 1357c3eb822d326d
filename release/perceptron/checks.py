"""The checks that you can run yourself. Made from the graders: changes here are lost."""

import numpy as np
import numpy.typing as npt
from fairmark.testing import (
    Submission,
    as_array,
    assert_close,
    assert_equal,
    fail,
    question,
    raises,
)
from sklearn.datasets import load_digits
from typing import Any


@question("activations")
class TestActivations:

    def test_step(self, submission: Submission) -> None:
        """The step gives +1 above theta and -1 elsewhere, so also at theta itself."""
        s = np.array([-2.0, 0.0, 0.5, 3.0])
        hint = (
            "The slide's step asks: is s greater than theta? What does it say when they are equal?"
        )
        assert_close(submission.step(s), [-1, -1, 1, 1], hint=hint, what="step(s)")
        answer = submission.step(s, theta=0.5)
        assert_close(answer, [-1, -1, -1, 1], hint=hint, what="step(s, theta=0.5)")

    def test_identity(self, submission: Submission) -> None:
        """The identity gives back every value as it is."""
        x = np.array([-5.0, -1.0, 0.0, 1.0, 5.0])
        assert_close(submission.identity(x), x, hint="f(x) = x.", what="identity(x)")

    def test_binary_step(self, submission: Submission) -> None:
        """The binary step gives 0 below 0 and 1 from 0 on."""
        answer = submission.binary_step(np.array([-5.0, -0.1, 0.0, 0.1, 5.0]))
        hint = "On which side of the slide's table does x = 0 stand, with < or with >=?"
        assert_close(answer, [0, 0, 1, 1, 1], hint=hint, what="binary_step(x)")

    def test_sigmoid(self, submission: Submission) -> None:
        """The sigmoid of (-5, -1, 0, 1, 5) is (.00669, .26894, .5, .73106, .99331)."""
        answer = submission.sigmoid(np.array([-5.0, -1.0, 0.0, 1.0, 5.0]))
        expected = [0.0066929, 0.2689414, 0.5, 0.7310586, 0.9933071]
        hint = "1 / (1 + e^-x): mind the minus sign, and what the fraction's bar covers."
        assert_close(answer, expected, rtol=0.0001, hint=hint, what="sigmoid(x)")

    def test_tanh(self, submission: Submission) -> None:
        """The tanh of (-2, -1, 0, 1, 2) is (-.96403, -.76159, 0, .76159, .96403)."""
        answer = submission.tanh(np.array([-2.0, -1.0, 0.0, 1.0, 2.0]))
        expected = [-0.9640276, -0.7615942, 0.0, 0.7615942, 0.9640276]
        hint = "A sigmoid that runs from -1 to +1. Which signs stand above and below the bar?"
        assert_close(answer, expected, rtol=0.0001, atol=1e-07, hint=hint, what="tanh(x)")

    def test_relu(self, submission: Submission) -> None:
        """The ReLU keeps positive values and gives 0 for the others."""
        answer = submission.relu(np.array([-5.0, -0.1, 0.0, 0.1, 5.0]))
        hint = "What does the slide's table give for x < 0, and what for x >= 0?"
        assert_close(answer, [0, 0, 0, 0.1, 5], rtol=1e-06, hint=hint, what="relu(x)")

    def test_leaky_relu(self, submission: Submission) -> None:
        """The leaky ReLU keeps positive values and multiplies negative ones by 0.01."""
        answer = submission.leaky_relu(np.array([-5.0, -1.0, 0.0, 1.0, 5.0]))
        hint = "What is left of a negative value? Not zero: a hundredth of it, sign included."
        assert_close(answer, [-0.05, -0.01, 0, 1, 5], rtol=1e-06, hint=hint, what="leaky_relu(x)")


@question("activation_derivatives")
class TestDerivatives:

    def test_identity_derivative(self, submission: Submission) -> None:
        """The slope of the identity is 1 for each x."""
        answer = submission.identity_derivative(np.array([-5.0, 0.0, 2.0]))
        hint = "The line f(x) = x has one slope. Is there one answer for each x?"
        assert_close(answer, [1, 1, 1], hint=hint, what="identity_derivative(x)")

    def test_sigmoid_derivative(self, submission: Submission) -> None:
        """The slope of the sigmoid at (-2, 0, 2) is (.10499, .25, .10499)."""
        answer = submission.sigmoid_derivative(np.array([-2.0, 0.0, 2.0]))
        hint = "f'(x) = f(x) (1 - f(x)): the argument is x, not yet f(x)."
        expected = [0.1049936, 0.25, 0.1049936]
        assert_close(answer, expected, rtol=0.0001, hint=hint, what="sigmoid_derivative(x)")

    def test_tanh_derivative(self, submission: Submission) -> None:
        """The slope of the tanh at (-1, 0, 1) is (.41997, 1, .41997)."""
        answer = submission.tanh_derivative(np.array([-1.0, 0.0, 1.0]))
        hint = "f'(x) = 1 - f(x)^2: the argument is x, and what is squared?"
        expected = [0.4199743, 1, 0.4199743]
        assert_close(answer, expected, rtol=0.0001, hint=hint, what="tanh_derivative(x)")

    def test_relu_derivative(self, submission: Submission) -> None:
        """The slope of the ReLU is 0 below 0 and 1 from 0 on, 0 included."""
        answer = submission.relu_derivative(np.array([-3.0, -0.5, 0.0, 0.5, 3.0]))
        hint = "relu has a kink at 0; the slide's table chooses a slope there. Which one?"
        assert_close(answer, [0, 0, 1, 1, 1], hint=hint, what="relu_derivative(x)")

    def test_leaky_relu_derivative(self, submission: Submission) -> None:
        """The slope of the leaky ReLU is 0.01 below 0 and 1 from 0 on, 0 included."""
        answer = submission.leaky_relu_derivative(np.array([-3.0, -0.5, 0.0, 0.5, 3.0]))
        hint = "The slope is that of the branch in which x lies; 0 lies in the one with >=."
        expected = [0.01, 0.01, 1, 1, 1]
        assert_close(answer, expected, rtol=1e-06, hint=hint, what="leaky_relu_derivative(x)")


Array = npt.NDArray[Any]


def _two(answer: object) -> tuple[Any, Any]:
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        fail("pca_project must return two things: (projected, explained_variance_ratio).")
    projected, ratio = answer
    return (projected, ratio)


def _assert_projected(actual: object, expected: Array, tolerance: float, hint: str) -> None:
    """The coordinates are right, whichever way each component points."""
    projected = np.real_if_close(as_array(actual, "projected"))
    if projected.shape == expected.shape:
        projected = projected * np.where((projected * expected).sum(axis=0) < 0, -1, 1)
    assert_close(projected, expected, rtol=0.0001, atol=tolerance, hint=hint, what="projected")


@question("pca_project")
class TestPca:

    def test_points_on_a_line(self, submission: Submission) -> None:
        """(1,1), (4,5) and (7,9) lie on a line, at -5, 0 and 5 from their mean (or 5, 0, -5)."""
        X = np.array([[1.0, 1.0], [4.0, 5.0], [7.0, 9.0]])
        projected, ratio = _two(submission.pca_project(X, 1))
        hint = "Distances are measured from the mean of the points, along the line."
        _assert_projected(projected, np.array([[-5.0], [0.0], [5.0]]), 0.0001, hint)
        hint = "A line explains all the variance of points that lie on it."
        assert_close(ratio, [1.0], rtol=0.0001, hint=hint, what="explained_variance_ratio")

    def test_digits(self, submission: Submission) -> None:
        """The first two components of the 1797 digits explain 0.1489 and 0.1362 of the variance."""
        projected, ratio = _two(submission.pca_project(load_digits().data, 2))
        assert_close(as_array(projected).shape, (1797, 2), what="the shape of projected")
        hint = "A share of the variance, a square, in the variance of all 64 pixels, largest first."
        expected = [0.148906, 0.136188]
        assert_close(ratio, expected, rtol=0.001, hint=hint, what="explained_variance_ratio")


@question("add_bias")
class TestAddBias:

    def test_two_points(self, submission: Submission) -> None:
        """add_bias puts x0 = 1 in front of the points (2, 3), (-5, 5) and (0, 4)."""
        answer = submission.add_bias(np.array([[2.0, 3.0], [-5.0, 5.0], [0.0, 4.0]]))
        expected = [[1, 2, 3], [1, -5, 5], [1, 0, 4]]
        hint = "Each row is a point. Where does the lecture write x0, and what is its value?"
        assert_close(answer, expected, hint=hint, what="add_bias(X)")


@question("predict")
class TestPredict:

    def test_lecture_point(self, submission: Submission) -> None:
        """x=(1,2,3) is on the + side of w=(0,-1,1), and on the - side of w=(-0.1,-1.2,0.7)."""
        x = np.array([1.0, 2.0, 3.0])
        hint = (
            "The score is w0*x0 + w1*x1 + w2*x2; its sign is the answer, one number for one point."
        )
        before = submission.predict(np.array([0.0, -1.0, 1.0]), x)
        assert_close(before, 1, hint=hint, what="predict for the score 1")
        after = submission.predict(np.array([-0.1, -1.2, 0.7]), x)
        assert_close(after, -1, hint=hint, what="predict for the score -0.4")

    def test_several_points(self, submission: Submission) -> None:
        """Three points at once give three answers."""
        X = np.array([[1.0, 2.0, 3.0], [1.0, 3.0, 2.0], [1.0, -5.0, 5.0]])
        hint = "One score for each row of X, and then +1 or -1 for each score."
        answer = submission.predict(np.array([0.0, -1.0, 1.0]), X)
        assert_close(answer, [1, -1, 1], hint=hint, what="predict(w, X)")


@question("perceptron_update")
class TestUpdate:

    def test_lecture_example(self, submission: Submission) -> None:
        """w=(0,-1,1), x=(1,2,3), y=-1, lr=0.1 gives (-0.1,-1.2,0.7)."""
        w, x = (np.array([0.0, -1.0, 1.0]), np.array([1.0, 2.0, 3.0]))
        answer = submission.perceptron_update(w, x, -1, 0.1)
        hint = "The label y decides the direction of the step; x and lr decide its length."
        assert_close(answer, [-0.1, -1.2, 0.7], rtol=1e-05, hint=hint, what="the new w")

    def test_lecture_positive_label(self, submission: Submission) -> None:
        """A +1 point x=(1,-5,5) that got -1 changes w by (+0.1,-0.5,+0.5) when lr=0.1."""
        w, x = (np.array([0.0, 1.0, -1.0]), np.array([1.0, -5.0, 5.0]))
        answer = submission.perceptron_update(w, x, 1, 0.1)
        hint = "The score must grow. w0 is a weight like the others: its input is x0 = 1."
        assert_close(answer, [0.1, 0.5, -0.5], rtol=1e-05, hint=hint, what="the new w")


@question("decision_boundary")
class TestDecisionBoundary:

    def test_lecture_boundary(self, submission: Submission) -> None:
        """w=(-0.1,-1.2,0.7) is the line 7*x2 - 12*x1 - 1 = 0: slope 12/7, intercept 1/7."""
        answer = submission.decision_boundary(np.array([-0.1, -1.2, 0.7]))
        hint = "On the boundary the score is 0. Solve w0 + w1*x1 + w2*x2 = 0 for x2, sign by sign."
        assert_close(answer, [12 / 7, 1 / 7], rtol=1e-05, hint=hint, what="(slope, intercept)")

    def test_vertical_boundary(self, submission: Submission) -> None:
        """w=(3,2,0) has a vertical boundary and raises ValueError; w=(3,2,1) has slope -2."""
        hint = "On the boundary the score is 0. Solve w0 + w1*x1 + w2*x2 = 0 for x2."
        answer = submission.decision_boundary(np.array([3.0, 2.0, 1.0]))
        assert_close(answer, [-2, -3], rtol=1e-05, hint=hint, what="(slope, intercept)")
        with raises("ValueError", hint="Which weight would you divide by, and when can you not?"):
            submission.decision_boundary(np.array([3.0, 2.0, 0.0]))


CORNERS = np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])

OR = np.array([-1, 1, 1, 1])

XOR = np.array([-1, 1, 1, -1])


def _three(answer: object) -> tuple[Any, Any, Any]:
    if not isinstance(answer, (tuple, list)) or len(answer) != 3:
        fail("train_perceptron must return three things: (w, epochs, converged).")
    w, epochs, converged = answer
    return (w, epochs, converged)


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

    def test_lecture_point(self, submission: Submission) -> None:
        """From w=(0,-1,1) the lecture's point gives (-0.1,-1.2,0.7), after 2 sweeps."""
        X, y = (np.array([[1.0, 2.0, 3.0]]), np.array([-1]))
        w, epochs, converged = _three(
            submission.train_perceptron(X, y, lr=0.1, w=np.array([0.0, -1.0, 1.0]))
        )
        hint = "The first sweep makes the lecture's update. When do you know that you can stop?"
        assert_close(w, [-0.1, -1.2, 0.7], rtol=1e-05, hint=hint, what="w")
        assert_equal(epochs, 2, hint="The sweep that finds no mistake counts.", what="epochs")
        assert_equal(converged, True, hint=hint, what="converged")

    def test_or(self, submission: Submission) -> None:
        """Starting at zeros with lr=0.5, OR is learned after 4 sweeps, and w separates it."""
        w, epochs, converged = _three(submission.train_perceptron(CORNERS, OR, lr=0.5))
        hint = "Visit the points in order; a w that has just changed judges the very next point."
        _assert_sides(w, CORNERS, OR, 1.0, hint)
        assert_close(w, [0, 0.5, 0.5], rtol=1e-06, hint=hint, what="w")
        assert_equal(epochs, 4, hint=hint, what="epochs")
        assert_equal(converged, True, hint=hint, what="converged")

    def test_xor(self, submission: Submission) -> None:
        """XOR is never learned: training stops after max_epochs sweeps, not converged."""
        hint = "No line separates XOR, so no sweep is ever free of updates. What ends the loop?"
        for cap in (7, 30):
            w, epochs, converged = _three(
                submission.train_perceptron(CORNERS, XOR, lr=0.5, max_epochs=cap)
            )
            assert_close(w, [0.5, -0.5, 0], rtol=1e-06, hint=hint, what="w")
            assert_equal(epochs, cap, hint=hint, what="epochs")
            assert_equal(converged, False, hint=hint, what="converged")


@question("zero_versus_one")
class TestZeroVersusOne:

    def test_unseen_digits(self, submission: Submission) -> None:
        """Trained on every other digit, w tells the rest apart."""
        images, labels = _zeros_and_ones()
        w = submission.zero_versus_one(images[::2], labels[::2])
        hint = "65 weights: the bias first, then the 64 pixels row by row. +1 means one."
        _assert_sides(w, _rows(images[1::2]), _signs(labels[1::2]), 0.95, hint)


def _zeros_and_ones() -> tuple[Array, Array]:
    pixels, labels = load_digits(n_class=2, return_X_y=True)
    return (pixels.reshape(-1, 8, 8), labels)


def _rows(images: Array) -> Array:
    return np.hstack([np.ones((len(images), 1)), images.reshape(len(images), -1)])


def _signs(labels: Array) -> Array:
    return np.where(labels == 1, 1, -1)


# What check() says beside the results; times are in seconds.
ABOUT = {
    "call_seconds": 8.0,
    "question_seconds": 60.0,
    "exercises": {
        "activations": {
            "points": 3.0,
            "hidden": 16,
            "names": ["binary_step", "identity", "leaky_relu", "relu", "sigmoid", "step", "tanh"],
        },
        "activation_derivatives": {
            "points": 3.0,
            "hidden": 5,
            "names": [
                "identity_derivative",
                "leaky_relu_derivative",
                "relu_derivative",
                "sigmoid_derivative",
                "tanh_derivative",
            ],
        },
        "add_bias": {"points": 1.0, "hidden": 1, "names": ["add_bias"]},
        "predict": {"points": 2.0, "hidden": 2, "names": ["predict"]},
        "decision_boundary": {"points": 2.0, "hidden": 2, "names": ["decision_boundary"]},
        "perceptron_update": {"points": 3.0, "hidden": 4, "names": ["perceptron_update"]},
        "train_perceptron": {"points": 5.0, "hidden": 6, "names": ["train_perceptron"]},
        "convergence": {"points": 3.0, "by_hand": True},
        "pca_project": {"points": 3.0, "hidden": 2, "names": ["pca_project"]},
        "zero_versus_one": {"points": 3.0, "hidden": 2, "names": ["zero_versus_one"]},
    },
}
