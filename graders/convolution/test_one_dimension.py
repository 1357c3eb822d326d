"""Padding, convolution in one dimension, and its matrix."""

import numpy as np

from fairmark.testing import Submission, assert_close, hidden, question, weight
from reference import convolution as reference

# Loose enough for single precision, far too tight for another formula.
CLOSE = {"rtol": 1e-4, "atol": 1e-4}

# Seven inputs and a filter of three, as on the slides; turned round, the filter is another one.
SIGNAL = np.array([1.0, 2.0, 0.0, -1.0, 3.0, 1.0, 2.0])
FILTER = np.array([1.0, 0.0, -1.0])


@question("pad2d")
class TestPad2d:
    """Zeros around the last two axes."""

    def test_one_channel(self, submission: Submission) -> None:
        """A picture of 2 by 3 with padding 1 becomes 4 by 5, with zeros around."""
        answer = submission.pad2d(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), 1)
        expected = [[0, 0, 0, 0, 0], [0, 1, 2, 3, 0], [0, 4, 5, 6, 0], [0, 0, 0, 0, 0]]
        hint = "Above, below, left and right: `padding` zeros on each of the four sides."
        assert_close(answer, expected, **CLOSE, hint=hint, what="pad2d(x, 1)")

    @hidden
    @weight(2)
    def test_more_axes(self, submission: Submission, rng: np.random.Generator) -> None:
        """One channel, several channels, and a batch: only height and width grow."""
        hint = "Channels and images get no padding: how many axes come before the last two?"
        shapes = [(4, 6), (3, 4, 5), (2, 3, 5, 4), (1, 2, 2), (1, 2, 4, 3)]
        for shape, padding in zip(shapes, [2, 1, 3, 1, 1], strict=True):
            x = rng.normal(size=shape)
            with submission.inputs_unchanged(), submission.any_layout():
                answer = submission.pad2d(x, padding)
            expected = reference.pad2d(x, padding)
            assert_close(answer, expected, **CLOSE, hint=hint, what=f"pad2d of {shape}")

    @hidden
    def test_none_and_integers(self, submission: Submission, rng: np.random.Generator) -> None:
        """Padding 0 changes nothing, and integers are padded too."""
        hint = "With padding 0 everything stays as it is. Are all values kept?"
        for x in (rng.normal(size=(2, 3, 4)), rng.integers(0, 256, size=(3, 2, 5), dtype=np.uint8)):
            for padding in (0, 2):
                answer = submission.pad2d(x, padding)
                expected = reference.pad2d(x, padding)
                assert_close(answer, expected, **CLOSE, hint=hint, what=f"pad2d(x, {padding})")


@question("conv1d")
class TestConv1d:
    """A filter on a row of numbers."""

    def test_seven_inputs(self, submission: Submission) -> None:
        """x = (1,2,0,-1,3,1,2) and k = (1,0,-1) give (1,3,-3,-2,1)."""
        hint = "The first output is 1*1 + 2*0 + 0*(-1). Is the filter laid on as it is?"
        answer = submission.conv1d(SIGNAL, FILTER)
        assert_close(answer, [1, 3, -3, -2, 1], **CLOSE, hint=hint, what="conv1d(x, k)")

    def test_stride(self, submission: Submission) -> None:
        """Stride 2 gives every second of these, (1,-3,1), and stride 3 gives (1,-2)."""
        hint = "The filter moves on by `stride` inputs, and must still fit whole."
        for stride, expected in ((2, [1, -3, 1]), (3, [1, -2])):
            answer = submission.conv1d(SIGNAL, FILTER, stride=stride)
            assert_close(answer, expected, **CLOSE, hint=hint, what=f"conv1d with {stride=}")

    def test_padding(self, submission: Submission) -> None:
        """Padding 1 gives seven outputs, (-2,1,3,-3,-2,1,1)."""
        answer = submission.conv1d(SIGNAL, FILTER, padding=1)
        hint = "At both ends one zero is put to the input, before anything else."
        expected = [-2, 1, 3, -3, -2, 1, 1]
        assert_close(answer, expected, **CLOSE, hint=hint, what="conv1d with padding=1")

    @hidden
    @weight(2)
    def test_random_filters(self, submission: Submission, rng: np.random.Generator) -> None:
        """Random inputs and filters of many lengths and layouts, with zeros, at stride 1."""
        hint = "Try a filter with a single 1 in it: which inputs should come out?"
        for n, f in [(9, 4), (6, 6), (8, 1), (12, 5), (5, 2)]:
            x, k = rng.normal(size=n), rng.normal(size=f)
            x[1] = k[f // 2] = 0
            with submission.inputs_unchanged(), submission.any_layout():
                answer = submission.conv1d(x, k)
            expected = reference.conv1d(x, k)
            assert_close(answer, expected, **CLOSE, hint=hint, what=f"conv1d of {n} by {f}")

    @hidden
    @weight(2)
    def test_stride_and_padding(self, submission: Submission, rng: np.random.Generator) -> None:
        """Strides and paddings together, also where the last step does not fit."""
        hint = "Pad first, then place the filter at 0, stride, 2 * stride, ... of the padded input."
        for n, f, stride, padding in [(9, 4, 2, 0), (8, 3, 3, 1), (5, 2, 4, 3), (2, 5, 1, 2)]:
            x, k = rng.normal(size=n), rng.normal(size=f)
            expected = reference.conv1d(x, k, stride, padding)
            with submission.inputs_unchanged(), submission.any_layout():
                answer = submission.conv1d(x, k, stride, padding)
            what = f"conv1d of {n} by {f}, {stride=}, {padding=}"
            assert_close(answer, expected, **CLOSE, hint=hint, what=what)

    @hidden
    def test_integers(self, submission: Submission) -> None:
        """Integers are computed as floats: nothing is cut off, nothing overflows."""
        hint = "Which numbers can an array of small integers hold? Convert before you multiply."
        x = np.array([200, 13, 255, 0, 91, 128], dtype=np.uint8)
        small = np.array([100, 7, 128], dtype=np.uint8)
        for k in (np.array([0.5, -0.25, 1.75]), np.array([100, 7, -128], dtype=np.int8), small):
            for stride, padding in ((1, 0), (2, 1)):
                answer = submission.conv1d(x, k, stride, padding)
                expected = reference.conv1d(x, k, stride, padding)
                assert_close(answer, expected, **CLOSE, hint=hint, what="conv1d of integers")


@question("convolution_matrix")
class TestConvolutionMatrix:
    """The convolution as the weight matrix of a fully connected layer."""

    def test_small_matrix(self, submission: Submission) -> None:
        """k = (1,2,3) on five inputs: three rows, the filter one place further in each."""
        answer = submission.convolution_matrix(np.array([1.0, 2.0, 3.0]), 5)
        expected = [[1, 2, 3, 0, 0], [0, 1, 2, 3, 0], [0, 0, 1, 2, 3]]
        hint = "Row i makes output i. Which inputs does output i see, and with which weights?"
        assert_close(answer, expected, **CLOSE, hint=hint, what="M")

    def test_lecture_sizes(self, submission: Submission) -> None:
        """Seven inputs and F = 4 give 4 rows of 7; each row holds the same four weights."""
        k = np.array([0.5, -1.0, 2.0, 3.0])
        answer = submission.convolution_matrix(k, 7)
        expected = [
            [0.5, -1, 2, 3, 0, 0, 0],
            [0, 0.5, -1, 2, 3, 0, 0],
            [0, 0, 0.5, -1, 2, 3, 0],
            [0, 0, 0, 0.5, -1, 2, 3],
        ]
        hint = "There are as many rows as outputs and as many columns as inputs."
        assert_close(answer, expected, **CLOSE, hint=hint, what="M")

    @hidden
    @weight(2)
    def test_random_filters(self, submission: Submission, rng: np.random.Generator) -> None:
        """M @ x is conv1d(x, k), for random filters of several lengths that hold a 0, and any x."""
        hint = "The picture of the matrix shows a band. Where does it begin, and where end?"
        for f, n in [(2, 6), (5, 8), (1, 4), (3, 3), (4, 9)]:
            k = rng.normal(size=f)
            k[1:2] = 0
            with submission.inputs_unchanged(), submission.any_layout():
                answer = submission.convolution_matrix(k, n)
            expected = reference.convolution_matrix(k, n)
            assert_close(answer, expected, **CLOSE, hint=hint, what=f"M for {f} weights and {n=}")

    @hidden
    def test_integers(self, submission: Submission) -> None:
        """A filter of integers makes the same matrix, negative weights included."""
        k = np.array([3, -7, 2], dtype=np.int8)
        answer = submission.convolution_matrix(k, 6)
        expected = reference.convolution_matrix(k, 6)
        hint = "The numbers of the filter appear in each row as they are."
        assert_close(answer, expected, **CLOSE, hint=hint, what="M")
