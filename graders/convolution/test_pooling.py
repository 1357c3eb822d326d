"""Pooling, and the fully connected layer at the end."""

import numpy as np
import pytest

from fairmark.testing import Submission, assert_close, hidden, question, weight
from reference import convolution as reference

# Loose enough for single precision, far too tight for another formula.
CLOSE = {"rtol": 1e-4, "atol": 1e-4}

# The activation map in the notebook's picture.
PICTURE = np.array(
    [
        [
            [3.0, 1.0, -4.0, -2.0, 6.0],
            [0.0, 8.0, -3.0, -7.0, 1.0],
            [5.0, 5.0, 2.0, 9.0, 0.0],
            [1.0, 1.0, 0.0, 1.0, 4.0],
            [7.0, 2.0, 3.0, 3.0, 8.0],
        ]
    ]
)


@question("pooling")
class TestPooling:
    """The largest and the mean of each window."""

    def test_max_of_the_picture(self, submission: Submission) -> None:
        """The picture's 5 by 5 map, max-pooled: ((8,-2),(5,9))."""
        answer = submission.max_pool2d(PICTURE)
        hint = "Four whole windows of 2 by 2. One of them is negative throughout."
        assert_close(answer, [[[8, -2], [5, 9]]], **CLOSE, hint=hint, what="max_pool2d(x)")

    def test_mean_of_the_picture(self, submission: Submission) -> None:
        """The picture's 5 by 5 map, average-pooled: ((3,-4),(3,3))."""
        answer = submission.avg_pool2d(PICTURE)
        hint = "Four whole windows of 2 by 2; what does not fill a window is left out."
        assert_close(answer, [[[3, -4], [3, 3]]], **CLOSE, hint=hint, what="avg_pool2d(x)")

    @hidden
    @weight(2)
    @pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
    def test_shapes(self, submission: Submission, rng: np.random.Generator, name: str) -> None:
        """Several channels, height and width different, whole windows and windows left out."""
        function, expected = getattr(submission, name), getattr(reference, name)
        hint = "Channels are pooled one by one; rows and columns may differ in number."
        for shape, size in [((3, 4, 6), 2), ((2, 7, 5), 2), ((4, 6, 9), 3), ((1, 5, 11), 4)]:
            x = rng.normal(size=shape)
            x.flat[::5] = 0
            with submission.inputs_unchanged(), submission.any_layout():
                answer = function(x, size)
            what = f"{name} of {shape} with {size=}"
            assert_close(answer, expected(x, size), **CLOSE, hint=hint, what=what)
        x = rng.normal(size=(2, 6, 4))
        for answer in (function(x), function(x, 2, None)):
            assert_close(answer, expected(x, 2), **CLOSE, hint=hint, what=f"{name}(x)")

    @hidden
    @weight(2)
    @pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
    def test_strides(self, submission: Submission, rng: np.random.Generator, name: str) -> None:
        """Windows that overlap, and windows with gaps between."""
        function, expected = getattr(submission, name), getattr(reference, name)
        hint = "A window is `size` large, and the next one begins `stride` further on."
        for shape, size, stride in [
            ((2, 7, 6), 3, 2),
            ((3, 5, 8), 2, 1),
            ((2, 9, 6), 2, 3),
            ((1, 4, 7), 1, 2),
            ((3, 3, 5), 3, 1),
        ]:
            x = rng.normal(size=shape)
            answer = function(x, size=size, stride=stride)
            what = f"{name} of {shape} with {size=}, {stride=}"
            assert_close(answer, expected(x, size, stride), **CLOSE, hint=hint, what=what)

    @hidden
    @pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
    def test_negative_values(
        self, submission: Submission, rng: np.random.Generator, name: str
    ) -> None:
        """Maps that are negative everywhere: no 0 comes in from anywhere."""
        function, expected = getattr(submission, name), getattr(reference, name)
        hint = "The largest of negative numbers is negative. Do zeros get in somewhere?"
        for shape, size in [((2, 5, 4), 2), ((1, 6, 8), 3)]:
            x = -rng.uniform(1, 9, size=shape)
            answer = function(x, size)
            what = f"{name} of negative values"
            assert_close(answer, expected(x, size), **CLOSE, hint=hint, what=what)

    @hidden
    @weight(0.5)
    @pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
    def test_integers(self, submission: Submission, rng: np.random.Generator, name: str) -> None:
        """Integers are pooled as floats: nothing is cut off, nothing overflows."""
        function, expected = getattr(submission, name), getattr(reference, name)
        hint = "The mean of integers need not be one, and their sum may be large."
        for x in (
            rng.integers(150, 256, size=(2, 5, 6), dtype=np.uint8),
            rng.integers(-100, 100, size=(2, 4, 6)).astype(np.int8),
        ):
            answer = function(x)
            assert_close(answer, expected(x), **CLOSE, hint=hint, what=f"{name} of integers")


@question("fully_connected")
class TestFullyConnected:
    """The maps in one row, and a score for each class."""

    def test_small(self, submission: Submission) -> None:
        """x = (((1,2),),((3,4),)), two channels, in a row is (1,2,3,4)."""
        x = np.array([[[1.0, 2.0]], [[3.0, 4.0]]])
        W = np.array([[1.0, 0.0], [10.0, 0.0], [100.0, 1.0], [1000.0, -1.0]])
        answer = submission.fully_connected(x, W, np.array([0.5, 7.0]))
        hint = "The row is (1, 2, 3, 4); each column of W makes one score of it."
        assert_close(answer, [4321.5, 6], **CLOSE, hint=hint, what="fully_connected(x, W, b)")

    @hidden
    @weight(2)
    def test_random_maps(self, submission: Submission, rng: np.random.Generator) -> None:
        """Random maps, C, H, W and the number of classes all different."""
        hint = "In which order are channels, rows and columns written in one row?"
        for shape, n in [((2, 3, 4), 5), ((4, 2, 3), 1), ((1, 5, 2), 10), ((3, 1, 1), 2)]:
            x, W = rng.normal(size=shape), rng.normal(size=(int(np.prod(shape)), n))
            x.flat[::4] = W.flat[::3] = 0
            b = rng.normal(scale=3, size=n)
            with submission.inputs_unchanged(), submission.any_layout():
                answer = submission.fully_connected(x, W, b)
            expected = reference.fully_connected(x, W, b)
            assert_close(answer, expected, **CLOSE, hint=hint, what=f"the scores for x {shape}")

    @hidden
    @weight(0.5)
    def test_order_in_memory(self, submission: Submission, rng: np.random.Generator) -> None:
        """Maps whose numbers lie in memory in another order give the same scores."""
        x, W, b = rng.normal(size=(2, 3, 4)), rng.normal(size=(24, 5)), rng.normal(size=5)
        expected = reference.fully_connected(x, W, b)
        hint = "The last index runs fastest, wherever the numbers lie."
        answer = submission.fully_connected(np.asfortranarray(x), W, b)
        assert_close(answer, expected, **CLOSE, hint=hint, what="the scores")

    @hidden
    @weight(0.5)
    def test_integers(self, submission: Submission, rng: np.random.Generator) -> None:
        """Maps and weights of integers: nothing overflows."""
        hint = "Which numbers can an array of small integers hold? Convert before you multiply."
        x = rng.integers(100, 256, size=(2, 3, 4), dtype=np.uint8)
        W, b = rng.integers(0, 100, size=(24, 3)).astype(np.uint8), np.array([1, 2, 3])
        expected = reference.fully_connected(x, W, b)
        answer = submission.fully_connected(x, W, b)
        assert_close(answer, expected, **CLOSE, hint=hint, what="the scores")
