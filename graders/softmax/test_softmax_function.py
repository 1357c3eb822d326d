"""From outputs to probabilities: normalising, and softmax."""

import numpy as np

from fairmark.testing import Submission, assert_close, hidden, question, weight
from reference import softmax as reference

# Loose enough for single precision, far too tight for another formula.
CLOSE = {"rtol": 1e-5, "atol": 1e-6}


@question("normalize")
class TestNormalize:
    """Every value divided by the sum."""

    def test_lecture_numbers(self, submission: Submission) -> None:
        """The sigmoids (.00669,.26894,.73106,.99331) give (.00335,.13447,.36553,.49665)."""
        z = np.array([0.0066928509, 0.2689414214, 0.7310585786, 0.9933071491])
        expected = [0.0033464254, 0.1344707107, 0.3655292893, 0.4966535746]
        hint = "Every value is divided by one and the same number, so that the sum becomes 1."
        assert_close(submission.normalize(z), expected, **CLOSE, hint=hint, what="normalize(z)")

    def test_batch(self, submission: Submission) -> None:
        """In a batch every row adds up to 1: (1,3,4) gives (.125,.375,.5), (2,2,1) (.4,.4,.2)."""
        answer = submission.normalize(np.array([[1.0, 3.0, 4.0], [2.0, 2.0, 1.0]]))
        hint = "A row is a sample. Which axis is the sum taken over, and what is its shape then?"
        expected = [[0.125, 0.375, 0.5], [0.4, 0.4, 0.2]]
        assert_close(answer, expected, **CLOSE, hint=hint, what="normalize(z)")

    @hidden
    @weight(2)
    def test_random_values(self, submission: Submission, rng: np.random.Generator) -> None:
        """Random values, one sample and batches of any size, in any memory layout."""
        hint = "Each sample, that is each row, adds up to 1 by itself."
        for shape in [(5,), (2, 6), (3, 3), (6, 2), (1, 4), (4, 1)]:
            z = rng.uniform(0.1, 3, size=shape)
            with submission.any_layout():
                answer = submission.normalize(z)
            expected = reference.normalize(z)
            assert_close(answer, expected, **CLOSE, hint=hint, what=f"normalize(z), {shape=}")

    @hidden
    def test_negative_values(self, submission: Submission) -> None:
        """Negative values are divided by the sum like the others: (-1,2,4) gives (-.2,.4,.8)."""
        hint = "z / sum, as it stands. Nothing is made positive first."
        for z in (np.array([-1.0, 2.0, 4.0]), np.array([[-3.0, 2.0, -1.0], [0.5, -0.25, 1.0]])):
            expected = reference.normalize(z)
            assert_close(submission.normalize(z), expected, **CLOSE, hint=hint, what="normalize(z)")

    @hidden
    def test_integers(self, submission: Submission) -> None:
        """Integers are computed in floats, and the argument is not changed."""
        hint = "A share of a sum is no integer: is it cut off anywhere?"
        for z in (np.array([1, 2, 5]), np.array([[1, 3], [2, 6], [0, 9]])):
            with submission.inputs_unchanged(), submission.any_layout():
                answer = submission.normalize(z)
            expected = reference.normalize(z)
            assert_close(answer, expected, **CLOSE, hint=hint, what="normalize of integers")
        z = np.array([[0.5, 1.5], [2.0, 3.0]])
        with submission.inputs_unchanged(), submission.any_layout():
            answer = submission.normalize(z)
        shares = [[0.25, 0.75], [0.4, 0.6]]
        assert_close(answer, shares, **CLOSE, hint=hint, what="normalize(z)")


@question("softmax")
class TestSoftmax:
    """Exponentials, normalised, for outputs of any size."""

    def test_lecture_numbers(self, submission: Submission) -> None:
        """The outputs (-5,-1,1,5) give (.00004,.00243,.01794,.97959)."""
        answer = submission.softmax(np.array([-5.0, -1.0, 1.0, 5.0]))
        expected = [4.4474e-05, 0.00242815, 0.01794174, 0.97958564]
        hint = "e to the power of each output, divided by the sum of these powers."
        assert_close(answer, expected, rtol=1e-3, atol=1e-6, hint=hint, what="softmax(a)")

    def test_batch(self, submission: Submission) -> None:
        """In a batch every row adds up to 1: (0,0,0) gives thirds, (0,ln 2,ln 5) (1,2,5)/8."""
        a = np.array([[0.0, 0.0, 0.0], [0.0, 0.6931471806, 1.6094379124]])
        hint = "A row is a sample. Which axis is the sum taken over, and what is its shape then?"
        expected = [[1 / 3, 1 / 3, 1 / 3], [0.125, 0.25, 0.625]]
        assert_close(submission.softmax(a), expected, **CLOSE, hint=hint, what="softmax(a)")

    def test_large_outputs(self, submission: Submission) -> None:
        """(1000,1001,1002) gives (.09003,.24473,.66524), the same as (0,1,2)."""
        hint = "e^1000 is no float. Which number may you take from all outputs without any change?"
        for a in ([0.0, 1.0, 2.0], [1000.0, 1001.0, 1002.0]):
            answer = submission.softmax(np.array(a))
            expected = [0.0900306, 0.2447285, 0.6652410]
            assert_close(answer, expected, **CLOSE, hint=hint, what=f"softmax of {a}")

    @hidden
    @weight(2)
    def test_random_outputs(self, submission: Submission, rng: np.random.Generator) -> None:
        """Random outputs, one sample and batches of any size, in any memory layout."""
        hint = "Each sample, that is each row, has probabilities of its own, which add up to 1."
        for shape in [(5,), (2, 6), (4, 4), (6, 2), (1, 3), (3, 1)]:
            a = rng.normal(scale=3, size=shape)
            with submission.any_layout():
                answer = submission.softmax(a)
            expected = reference.softmax(a)
            assert_close(answer, expected, **CLOSE, hint=hint, what=f"softmax(a), {shape=}")

    @hidden
    @weight(2)
    def test_outputs_up_to_1e5(self, submission: Submission) -> None:
        """Outputs of 1e5 and -1e5 are exact, small differences too, side by side in one batch."""
        hint = (
            "Every row must survive e^a: the highest ones, the lowest ones, and both in a batch. "
        )
        hint += "Near 1e5 single precision has steps of 0.008."
        one = np.array([1e5, 1e5 - 0.3, 0.0, -1e5])
        low = np.array([-1e5, -1e5 + 1.0, -1e5 + 0.237])
        batch = np.array([[1e5, 99_999.1, 99_998.3], [-1e5, -99_999.0, -1e5], [0.0, 1.0, 3.0]])
        far = np.array([[-800.0, 800.0, 798.0], [-1000.0, -1002.0, -1001.0]])
        for a in (one, low, batch, far):
            expected = reference.softmax(a)
            assert_close(submission.softmax(a), expected, **CLOSE, hint=hint, what="softmax(a)")

    @hidden
    def test_shift(self, submission: Submission, rng: np.random.Generator) -> None:
        """A number added to all outputs of a row changes nothing; another order, only the order."""
        a = rng.integers(-8, 9, size=(3, 5)) / 4
        once = reference.softmax(a)
        hint = "Only the differences between the outputs of a row count."
        for shift in (np.array([[3.0], [-2.5], [40.0]]), -64.0):
            answer = submission.softmax(a + shift)
            assert_close(answer, once, **CLOSE, hint=hint, what="softmax(a + c)")
        order = rng.permutation(5)
        answer = submission.softmax(a[:, order])
        assert_close(answer, once[:, order], **CLOSE, hint=hint, what="softmax of a in other order")

    @hidden
    def test_integers(self, submission: Submission) -> None:
        """Integers are computed in floats, and the argument is not changed."""
        hint = "Integers come in, yet probabilities are none: is anything cut off?"
        for a in (np.array([-5, -1, 1, 5]), np.array([[1, 2], [0, 3], [2, 2]])):
            with submission.inputs_unchanged(), submission.any_layout():
                answer = submission.softmax(a)
            assert_close(answer, reference.softmax(a), **CLOSE, hint=hint, what="softmax(a)")
        a = np.array([[0.5, 1.5], [2.0, -3.0]])
        with submission.inputs_unchanged(), submission.any_layout():
            answer = submission.softmax(a)
        assert_close(answer, reference.softmax(a), **CLOSE, hint=hint, what="softmax(a)")
