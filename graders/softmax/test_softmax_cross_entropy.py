"""How wrong are the probabilities? One-hot labels, cross-entropy, and its gradient."""

from typing import Any

import numpy as np
import numpy.typing as npt

from fairmark.testing import (
    Submission,
    assert_close,
    fail,
    hidden,
    question,
    raises,
    weight,
)
from reference import softmax as reference

Array = npt.NDArray[Any]

# Loose enough for single precision, far too tight for another formula.
CLOSE = {"rtol": 1e-5, "atol": 1e-6}

SCORES = np.array([-5.0, -1.0, 1.0, 5.0])
CAT = np.array([0.0, 0.0, 0.0, 1.0])


@question("one_hot")
class TestOneHot:
    """A label as a row of zeros with a single one."""

    def test_four_animals(self, submission: Submission) -> None:
        """The labels (3,0,3) of four classes give the rows 0001, 1000 and 0001."""
        answer = submission.one_hot(np.array([3, 0, 3]), 4)
        hint = "One row for each label, one column for each class; label 0 is the first column."
        expected = [[0, 0, 0, 1], [1, 0, 0, 0], [0, 0, 0, 1]]
        assert_close(answer, expected, hint=hint, what="one_hot((3, 0, 3), 4)")

    def test_floats(self, submission: Submission) -> None:
        """The answer holds floats, and they are right: labels (1,0) give the rows 01 and 10."""
        answer = submission.one_hot(np.array([1, 0]), 2)
        assert_close(answer, [[0, 1], [1, 0]], what="one_hot((1, 0), 2)")
        kind = np.asarray(answer).dtype
        if kind.kind != "f":
            hint = "Losses and gradients are computed with it: 0.0 and 1.0, not 0 and 1."
            fail(f"The answer should hold floats, but it holds {kind}.", hint=hint)

    def test_label_too_large(self, submission: Submission) -> None:
        """With four classes the label 4 raises ValueError, and the labels 0 to 3 do not."""
        answer = submission.one_hot(np.array([0, 1, 2, 3]), 4)
        assert_close(answer, np.eye(4), what="one_hot((0, 1, 2, 3), 4)")
        with raises("ValueError", hint="Four classes have the labels 0, 1, 2 and 3."):
            submission.one_hot(np.array([1, 4, 0]), 4)

    @hidden
    @weight(2)
    def test_random_labels(self, submission: Submission, rng: np.random.Generator) -> None:
        """Random labels: some classes may not occur, and there may be more classes than labels."""
        hint = "How many columns are there when the last class has no sample?"
        for n, k in [(9, 4), (5, 5), (3, 7), (1, 3), (12, 2)]:
            labels = rng.integers(0, k - 1, size=n)
            with submission.inputs_unchanged(), submission.any_layout():
                answer = submission.one_hot(labels, k)
            assert_close(answer, reference.one_hot(labels, k), hint=hint, what="one_hot")

    @hidden
    def test_label_out_of_range(self, submission: Submission) -> None:
        """A label below 0 raises ValueError as well, wherever it stands."""
        assert_close(submission.one_hot(np.array([2, 0]), 3), np.eye(3)[[2, 0]], what="one_hot")
        hint = "To NumPy the index -1 is the last column. Is -1 a label?"
        for labels in ([-1, 0, 1], [0, 2, -3], [3, 0], [0, 1, 100]):
            with raises("ValueError", hint=hint):
                submission.one_hot(np.array(labels), 3)


@question("cross_entropy")
class TestCrossEntropy:
    """The loss of probabilities y when the truth is t."""

    def test_lecture_number(self, submission: Submission) -> None:
        """The lecture's softmax, when the animal is a cat, has the cross-entropy .02063."""
        y = np.array([0.0000445, 0.0024282, 0.0179417, 0.9795856])
        answer = submission.cross_entropy(CAT, y)
        hint = "Only the cat's probability counts: minus its natural logarithm. It is one number."
        assert_close(answer, 0.0206256, rtol=1e-4, hint=hint, what="cross_entropy(t, y)")

    def test_batch(self, submission: Submission) -> None:
        """A batch of three samples gives three numbers, ln 2, ln 4 and ln 5."""
        t = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
        y = np.array([[0.5, 0.5], [0.75, 0.25], [0.2, 0.8]])
        hint = "One loss for each sample: which axis is the sum taken over?"
        expected = [0.6931472, 1.3862944, 1.6094379]
        answer = submission.cross_entropy(t, y)
        assert_close(answer, expected, **CLOSE, hint=hint, what="cross_entropy(t, y)")

    def test_zero_probability(self, submission: Submission) -> None:
        """A class with t=0 and y=0 adds nothing: t=(0,1,0), y=(0,.5,.5) gives ln 2."""
        hint = "0 * ln(0) counts 0 here. What does NumPy make of it?"
        t = np.array([0.0, 1.0, 0.0])
        for y, loss in (([0.0, 0.5, 0.5], 0.6931472), ([0.0, 1.0, 0.0], 0.0)):
            answer = submission.cross_entropy(t, np.array(y))
            assert_close(answer, loss, **CLOSE, hint=hint, what=f"cross_entropy of y={y}")

    @hidden
    @weight(2)
    def test_random_labels(self, submission: Submission, rng: np.random.Generator) -> None:
        """Random probabilities with one-hot labels, in a batch and alone, in any memory layout."""
        hint = "Take -ln of the probability that the true class got."
        for n, k in [(5, 3), (4, 4), (2, 6), (1, 5)]:
            y = rng.dirichlet(np.full(k, 2.0), size=n)
            t = np.eye(k)[rng.integers(0, k, size=n)]
            expected = reference.cross_entropy(t, y)
            with submission.any_layout():
                answer = submission.cross_entropy(t, y)
            assert_close(answer, expected, **CLOSE, hint=hint, what="cross_entropy(t, y)")
            answer = submission.cross_entropy(t[0], y[0])
            assert_close(answer, expected[0], **CLOSE, hint=hint, what="cross_entropy of a sample")

    @hidden
    def test_soft_labels(self, submission: Submission, rng: np.random.Generator) -> None:
        """The truth may be spread over several classes, some of them with probability 0."""
        hint = "The sum has a term for each class; t weighs it. Is t here the truth, or y?"
        for n, k in [(4, 3), (3, 5)]:
            t, y = rng.dirichlet(np.full(k, 2.0), size=(2, n))
            t[:, 1] = y[:, 1] = 0
            t, y = (p / p.sum(axis=1, keepdims=True) for p in (t, y))
            expected = reference.cross_entropy(t, y)
            answer = submission.cross_entropy(t, y)
            assert_close(answer, expected, **CLOSE, hint=hint, what="cross_entropy(t, y)")

    @hidden
    def test_small_probability(self, submission: Submission) -> None:
        """Being sure and wrong costs what the formula says: y=1e-8 for the truth costs 18.4."""
        # A guard that adds 1e-12 or less to y is within the tolerance; a coarser one is not.
        hint = "Is something added to y inside the logarithm, and is it small beside y?"
        y = np.array([[1e-8, 1 - 1e-8], [1e-6, 1 - 1e-6]])
        answer = submission.cross_entropy(np.array([[1.0, 0.0], [1.0, 0.0]]), y)
        expected = [18.4206807, 13.8155106]
        assert_close(answer, expected, **CLOSE, hint=hint, what="cross_entropy(t, y)")

    @hidden
    def test_integers(self, submission: Submission) -> None:
        """Labels may be integers, and neither argument is changed."""
        t = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]])
        y = np.array([[0.0, 1.0, 0.0], [0.5, 0.5, 0.0], [0.25, 0.25, 0.5]])
        hint = "An integer t is a fine label; a loss is no integer."
        with submission.inputs_unchanged(), submission.any_layout():
            answer = submission.cross_entropy(t, y)
        expected = reference.cross_entropy(t, y)
        assert_close(answer, expected, **CLOSE, hint=hint, what="cross_entropy(t, y)")


@question("softmax_cross_entropy")
class TestSoftmaxCrossEntropy:
    """The same loss, straight from the outputs."""

    def test_lecture_number(self, submission: Submission) -> None:
        """The outputs (-5,-1,1,5) of a cat have the cross-entropy .0206256."""
        answer = submission.softmax_cross_entropy(SCORES, CAT)
        hint = "The logarithm of the sum of all e^a, minus the output of the true class."
        assert_close(answer, 0.0206256, rtol=1e-4, hint=hint, what="softmax_cross_entropy(a, t)")

    def test_batch(self, submission: Submission) -> None:
        """Four classes, all outputs equal: every sample costs ln 4, whatever its label."""
        answer = submission.softmax_cross_entropy(np.zeros((3, 4)), np.eye(4)[[0, 2, 3]])
        hint = "One loss for each sample: which axis is the sum taken over?"
        expected = [1.3862944] * 3
        assert_close(answer, expected, **CLOSE, hint=hint, what="softmax_cross_entropy(a, t)")

    def test_large_outputs(self, submission: Submission) -> None:
        """The outputs (1000,0,-1000) cost 0, 1000 or 2000, depending on the label."""
        hint = "softmax gives 0 here, and ln(0) is no number. Can you do without that probability?"
        a = np.array([1000.0, 0.0, -1000.0])
        for label, loss in enumerate((0.0, 1000.0, 2000.0)):
            answer = submission.softmax_cross_entropy(a, np.eye(3)[label])
            assert_close(answer, loss, **CLOSE, hint=hint, what=f"the loss of label {label}")

    @hidden
    @weight(2)
    def test_random_outputs(self, submission: Submission, rng: np.random.Generator) -> None:
        """Random outputs with one-hot labels, in a batch and alone, in any memory layout."""
        hint = "The same number as cross_entropy(t, softmax(a)), for each sample."
        for n, k in [(5, 3), (4, 4), (2, 6), (1, 5)]:
            a, t = rng.normal(scale=3, size=(n, k)), np.eye(k)[rng.integers(0, k, size=n)]
            expected = reference.softmax_cross_entropy(a, t)
            with submission.any_layout():
                answer = submission.softmax_cross_entropy(a, t)
            assert_close(answer, expected, **CLOSE, hint=hint, what="the losses")
            answer = submission.softmax_cross_entropy(a[0], t[0])
            assert_close(answer, expected[0], **CLOSE, hint=hint, what="the loss of a sample")

    @hidden
    def test_soft_labels(self, submission: Submission, rng: np.random.Generator) -> None:
        """The truth may be spread over several classes."""
        hint = "The sum has a term for each class, and t weighs it."
        for n, k in [(4, 3), (3, 5)]:
            a, t = rng.normal(scale=3, size=(n, k)), rng.dirichlet(np.ones(k), size=n)
            expected = reference.softmax_cross_entropy(a, t)
            answer = submission.softmax_cross_entropy(a, t)
            assert_close(answer, expected, **CLOSE, hint=hint, what="the losses")

    @hidden
    @weight(2)
    def test_outputs_up_to_1e5(self, submission: Submission) -> None:
        """Outputs of 1e5 and -1e5, a fraction apart, give right losses, side by side in a batch."""
        hint = "Every row must survive e^a, and the logarithm: both at once in one batch."
        rows = [[1e5, 0.0, -1e5], [-1e5, -99_999.1, -1e5], [99_999.7, 1e5, 1e5], [0.0, 1.0, 3.0]]
        a = np.array(rows)
        for label in range(3):
            t = np.eye(3)[[label] * len(a)]
            expected = reference.softmax_cross_entropy(a, t)
            answer = submission.softmax_cross_entropy(a, t)
            assert_close(answer, expected, **CLOSE, hint=hint, what="the losses")

    @hidden
    def test_integers(self, submission: Submission) -> None:
        """Integer outputs and labels are computed in floats, and neither argument is changed."""
        hint = "Integers come in, yet the loss is none: is anything cut off?"
        a, t = np.array([[-5, -1, 1, 5], [2, 0, 2, -1]]), np.array([[0, 0, 0, 1], [0, 1, 0, 0]])
        for outputs, labels in ((a, t), (a / 4, t / 1), (a[0], t[0])):
            with submission.inputs_unchanged(), submission.any_layout():
                answer = submission.softmax_cross_entropy(outputs, labels)
            expected = reference.softmax_cross_entropy(outputs, labels)
            assert_close(answer, expected, **CLOSE, hint=hint, what="the losses")


@question("softmax_cross_entropy_gradient")
class TestSoftmaxCrossEntropyGradient:
    """How the loss changes with each output."""

    def test_lecture_number(self, submission: Submission) -> None:
        """The outputs (-5,-1,1,5) of a cat have the gradient (.00004,.00243,.01794,-.02041)."""
        answer = submission.softmax_cross_entropy_gradient(SCORES, CAT)
        expected = [4.4474e-05, 0.00242815, 0.01794174, -0.02041436]
        hint = "Where the output should grow to lessen the loss, the gradient is negative."
        assert_close(answer, expected, rtol=1e-3, atol=1e-6, hint=hint, what="the gradient")

    def test_batch(self, submission: Submission) -> None:
        """A batch has a row for each sample, and none knows how many others there are."""
        a = np.array([[0.0, 0.0], [0.0, 1.0986122887], [1.0986122887, 0.0]])
        t = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
        hint = "Each sample has a loss of its own, and its own gradient."
        expected = [[-0.5, 0.5], [0.25, -0.25], [0.75, -0.75]]
        answer = submission.softmax_cross_entropy_gradient(a, t)
        assert_close(answer, expected, **CLOSE, hint=hint, what="the gradient")

    @hidden
    @weight(3)
    def test_random_outputs(self, submission: Submission, rng: np.random.Generator) -> None:
        """Random outputs with one-hot labels, in a batch and alone, in any memory layout."""
        hint = "Compare with a difference quotient of softmax_cross_entropy, output by output."
        for n, k in [(5, 3), (4, 4), (2, 6), (1, 5)]:
            a, t = rng.normal(scale=2, size=(n, k)), np.eye(k)[rng.integers(0, k, size=n)]
            expected = reference.softmax_cross_entropy_gradient(a, t)
            with submission.any_layout():
                answer = submission.softmax_cross_entropy_gradient(a, t)
            assert_close(answer, expected, **CLOSE, hint=hint, what="the gradient")
            answer = submission.softmax_cross_entropy_gradient(a[0], t[0])
            assert_close(answer, expected[0], **CLOSE, hint=hint, what="the gradient of a sample")

    @hidden
    def test_soft_labels(self, submission: Submission, rng: np.random.Generator) -> None:
        """The truth may be spread over several classes."""
        hint = "Each class has its own t, which need not be 0 or 1."
        for n, k in [(4, 3), (3, 5)]:
            a, t = rng.normal(scale=2, size=(n, k)), rng.dirichlet(np.ones(k), size=n)
            expected = reference.softmax_cross_entropy_gradient(a, t)
            answer = submission.softmax_cross_entropy_gradient(a, t)
            assert_close(answer, expected, **CLOSE, hint=hint, what="the gradient")

    @hidden
    def test_large_outputs(self, submission: Submission) -> None:
        """Outputs of 1e5 and of -1e5, a fraction apart, have right gradients, in one batch."""
        hint = "Every row must survive e^a: the highest ones, the lowest ones, and both in a batch."
        a = np.array([[1e5, 0.0, -1e5], [-1e5, -99_999.3, -1e5], [0.0, 1.0, 3.0]])
        for label in range(3):
            t = np.eye(3)[[label] * len(a)]
            expected = reference.softmax_cross_entropy_gradient(a, t)
            answer = submission.softmax_cross_entropy_gradient(a, t)
            # A difference quotient is an honest gradient too; at 1e5 it has some five digits.
            assert_close(answer, expected, rtol=1e-4, atol=1e-4, hint=hint, what="the gradient")

    @hidden
    def test_integers(self, submission: Submission) -> None:
        """Integer outputs and labels are computed in floats, and neither argument is changed."""
        hint = "Integers come in, yet the gradient is none: is anything cut off?"
        a, t = np.array([[-5, -1, 1, 5], [2, 0, 2, -1]]), np.array([[0, 0, 0, 1], [0, 1, 0, 0]])
        for outputs, labels in ((a, t), (a / 4, t / 1), (a[0], t[0])):
            with submission.inputs_unchanged(), submission.any_layout():
                answer = submission.softmax_cross_entropy_gradient(outputs, labels)
            expected = reference.softmax_cross_entropy_gradient(outputs, labels)
            assert_close(answer, expected, **CLOSE, hint=hint, what="the gradient")
