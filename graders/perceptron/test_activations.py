"""Activation functions and their derivatives."""

import numpy as np
import pytest

from fairmark.testing import Submission, as_array, assert_close, hidden, question, weight
from reference import perceptron as reference

# Loose enough for single precision, far too tight for another formula.
CLOSE = {"rtol": 1e-5, "atol": 1e-6}

FUNCTIONS = ["step", "identity", "binary_step", "sigmoid", "tanh", "relu", "leaky_relu"]


@question("activations")
class TestActivations:
    """The seven functions of the slide's table."""

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
        assert_close(answer, expected, rtol=1e-4, hint=hint, what="sigmoid(x)")

    def test_tanh(self, submission: Submission) -> None:
        """The tanh of (-2, -1, 0, 1, 2) is (-.96403, -.76159, 0, .76159, .96403)."""
        answer = submission.tanh(np.array([-2.0, -1.0, 0.0, 1.0, 2.0]))
        expected = [-0.9640276, -0.7615942, 0.0, 0.7615942, 0.9640276]
        hint = "A sigmoid that runs from -1 to +1. Which signs stand above and below the bar?"
        assert_close(answer, expected, rtol=1e-4, atol=1e-7, hint=hint, what="tanh(x)")

    def test_relu(self, submission: Submission) -> None:
        """The ReLU keeps positive values and gives 0 for the others."""
        answer = submission.relu(np.array([-5.0, -0.1, 0.0, 0.1, 5.0]))
        hint = "What does the slide's table give for x < 0, and what for x >= 0?"
        assert_close(answer, [0, 0, 0, 0.1, 5], rtol=1e-6, hint=hint, what="relu(x)")

    def test_leaky_relu(self, submission: Submission) -> None:
        """The leaky ReLU keeps positive values and multiplies negative ones by 0.01."""
        answer = submission.leaky_relu(np.array([-5.0, -1.0, 0.0, 1.0, 5.0]))
        hint = "What is left of a negative value? Not zero: a hundredth of it, sign included."
        assert_close(answer, [-0.05, -0.01, 0, 1, 5], rtol=1e-6, hint=hint, what="leaky_relu(x)")

    @hidden
    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_any_shape(self, submission: Submission, rng: np.random.Generator, name: str) -> None:
        """The function works on arrays of any shape, on single numbers and on integers."""
        function, expected = getattr(submission, name), getattr(reference, name)
        for shape in [(7,), (3, 5), (2, 3, 4), ()]:
            x = np.asarray(rng.normal(scale=3, size=shape))
            with submission.inputs_unchanged(), submission.any_layout():
                answer = function(x)
            hint = "The function is applied to each element; the answer has the shape of x."
            assert_close(answer, expected(x), **CLOSE, hint=hint, what=f"{name}(x), {shape=}")
        for number in (-1.5, 0.0, 2.5, -3, 4):
            hint = "A single number is a fine argument too."
            answer = function(number)
            assert_close(answer, expected(number), **CLOSE, hint=hint, what=f"{name}({number})")
        for integers in (np.arange(-4, 5), np.arange(5, -5, -1).reshape(2, 5)):
            hint = (
                "Integers come in, yet the answer need not be an integer: is it cut off anywhere?"
            )
            what = f"{name} of integers"
            assert_close(function(integers), expected(integers), **CLOSE, hint=hint, what=what)

    @hidden
    @weight(2)
    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_large_values(self, submission: Submission, name: str) -> None:
        """The function is finite and right for values as large as 1e30, and nothing overflows."""
        # Single precision holds all of these.
        for size in (50.0, 800.0, 1e5, 1e30):
            _assert_silent(submission, name, size)

    @hidden
    def test_largest_values(self, submission: Submission) -> None:
        """All seven are finite and right up to nearly the largest float, and nothing overflows."""
        answers = [getattr(submission, name)(np.array([0.5])) for name in FUNCTIONS]
        # An answer in single precision has single precision's range.
        single = any(as_array(answer).dtype == np.float32 for answer in answers)
        for name in FUNCTIONS:
            _assert_silent(submission, name, 1e38 if single else 1e308)

    @hidden
    def test_step_with_theta(self, submission: Submission, rng: np.random.Generator) -> None:
        """The step compares with any theta, and is -1 where s equals it."""
        # In eighths, so that "equal" is equal in single precision too.
        for theta in (2.5, -1.75, 3, float(rng.integers(-80, 80)) / 8):
            s = theta + np.array([[-2.0, 0.0, 1.0], [0.25, -0.25, 0.0]])
            hint = "Is theta used, with the right sign, and is 'equal' not 'greater'?"
            answer = submission.step(s, theta)
            assert_close(answer, reference.step(s, theta), hint=hint, what=f"step(s, {theta})")


def _assert_silent(submission: Submission, name: str, size: float) -> None:
    """The function called ``name`` is right, and nothing overflows, for values of this size."""
    x = np.array([-size, -1.0, 2.0, size])
    with submission.silent():
        answer = getattr(submission, name)(x)
    hint = "Which part of the formula becomes too large for a float, and is it needed there?"
    expected = getattr(reference, name)(x)
    assert_close(answer, expected, **CLOSE, hint=hint, what=f"{name} of {x}")


@question("activation_derivatives")
class TestDerivatives:
    """The slopes, as in the right column of the slide's table."""

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
        assert_close(answer, expected, rtol=1e-4, hint=hint, what="sigmoid_derivative(x)")

    def test_tanh_derivative(self, submission: Submission) -> None:
        """The slope of the tanh at (-1, 0, 1) is (.41997, 1, .41997)."""
        answer = submission.tanh_derivative(np.array([-1.0, 0.0, 1.0]))
        hint = "f'(x) = 1 - f(x)^2: the argument is x, and what is squared?"
        expected = [0.4199743, 1, 0.4199743]
        assert_close(answer, expected, rtol=1e-4, hint=hint, what="tanh_derivative(x)")

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
        assert_close(answer, expected, rtol=1e-6, hint=hint, what="leaky_relu_derivative(x)")

    @hidden
    @weight(2)
    @pytest.mark.parametrize("name", ["identity", "sigmoid", "tanh", "relu", "leaky_relu"])
    def test_random_values(
        self, submission: Submission, rng: np.random.Generator, name: str
    ) -> None:
        """The derivative is right for random values, integers and single numbers."""
        name += "_derivative"
        function, expected = getattr(submission, name), getattr(reference, name)
        for x in (rng.normal(scale=2, size=9), rng.uniform(-15, 15, size=(3, 4))):
            hint = "One slope for each x, in the shape of x; compare with a difference quotient."
            with submission.inputs_unchanged(), submission.any_layout():
                answer = function(x)
            assert_close(answer, expected(x), **CLOSE, hint=hint, what=f"{name}(x)")
        for integers in (np.arange(-3, 4), np.arange(4, -4, -1)):
            hint = "Integers come in, yet a slope need not be an integer: is it cut off anywhere?"
            what = f"{name} of integers"
            assert_close(function(integers), expected(integers), **CLOSE, hint=hint, what=what)
        for number in (-1.25, 0.0, -0.0, 1.5):
            answer = function(number)
            hint = "A single number is a fine argument too."
            assert_close(answer, expected(number), **CLOSE, hint=hint, what=f"{name}({number})")
