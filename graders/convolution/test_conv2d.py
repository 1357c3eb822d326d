"""The convolutional layer, forward and backward."""

from typing import Any

import numpy as np
import numpy.typing as npt

from fairmark.testing import Submission, assert_close, fail, hidden, question, weight
from reference import convolution as reference

# Loose enough for single precision, far too tight for another formula.
CLOSE = {"rtol": 1e-4, "atol": 1e-4}

Floats = npt.NDArray[np.float64]

# Shape of x and of weight: all sizes differ, but where a size of 1 is the point.
SHAPES = [
    ((2, 7, 5), (4, 2, 3, 2)),
    ((3, 5, 8), (2, 3, 2, 4)),
    ((1, 6, 4), (3, 1, 1, 2)),
    ((4, 3, 2), (5, 4, 3, 2)),
    ((3, 4, 5), (1, 3, 1, 1)),
]

# The same, with stride and padding, where some rows or columns at the edge fill no window.
STEPS = [
    ((2, 8, 5), (3, 2, 3, 2), 2, 0),
    ((3, 7, 9), (2, 3, 2, 4), 3, 0),
    ((1, 5, 9), (4, 1, 2, 1), 4, 0),
]
EDGES = [
    ((2, 5, 7), (3, 2, 3, 2), 1, 1),
    ((3, 4, 3), (2, 3, 2, 4), 1, 2),
    ((1, 2, 3), (4, 1, 5, 3), 1, 2),
]
BOTH = [
    ((2, 6, 9), (3, 2, 3, 4), 2, 1),
    ((3, 7, 5), (2, 3, 4, 2), 3, 2),
    ((4, 8, 5), (5, 4, 3, 2), 4, 1),
]


def _layer(
    rng: np.random.Generator, x_shape: tuple[int, ...], weight_shape: tuple[int, ...]
) -> tuple[Floats, Floats]:
    """Random numbers, zeros among them."""
    x, kernels = rng.normal(size=x_shape), rng.normal(size=weight_shape)
    x.flat[::7] = kernels.flat[::5] = 0
    return x, kernels


@question("conv2d")
class TestConv2d:
    """K filters on an image of C channels."""

    def test_nine_steps(self, submission: Submission) -> None:
        """The nine steps of the picture: one channel, one filter, no bias."""
        x = np.array(
            [[0, 0, 2, 3, 3], [0, 0, 2, 3, 3], [0, 1, 3, 3, 2], [1, 1, 3, 2, 2], [0, 1, 3, 3, 2]]
        )
        kernel = np.array([[-1.0, 0.0, 1.0]] * 3)
        answer = submission.conv2d(x[np.newaxis] * 1.0, kernel[np.newaxis, np.newaxis], np.zeros(1))
        hint = "The first output is the sum of the nine products in the first frame."
        expected = [[[7, 8, 1], [7, 6, -1], [8, 5, -3]]]
        assert_close(answer, expected, **CLOSE, hint=hint, what="conv2d(x, weight, bias)")

    def test_channels_and_biases(self, submission: Submission) -> None:
        """Two channels and three filters of one pixel give three maps, each with its bias."""
        x = np.array([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [[10.0, 20.0, 30.0], [40.0, 50.0, 60.0]]])
        kernels = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, -1.0]]).reshape(3, 2, 1, 1)
        answer = submission.conv2d(x, kernels, np.array([0.0, 100.0, 0.5]))
        expected = [
            [[1, 2, 3], [4, 5, 6]],
            [[111, 122, 133], [144, 155, 166]],
            [[-9.5, -19.5, -29.5], [-39.5, -49.5, -59.5]],
        ]
        hint = "Each filter sums over all channels, and then adds its one bias to the whole map."
        assert_close(answer, expected, **CLOSE, hint=hint, what="conv2d(x, weight, bias)")

    def test_lecture_sizes(self, submission: Submission) -> None:
        """7 by 7 inputs and F = 3: maps of 5 by 5, 3 by 3 (stride 2), 2 by 2 (stride 3)."""
        x = np.arange(49.0).reshape(1, 7, 7)
        corner = np.zeros((1, 1, 3, 3))
        corner[0, 0, 0, 2] = 1  # this filter picks the upper right pixel of each window
        hint = "The filter here picks the upper right pixel of each window. Where are the windows?"
        for stride, last in ((1, 5), (2, 5), (3, 4)):
            answer = submission.conv2d(x, corner, np.zeros(1), stride=stride)
            expected = x[:, 0:last:stride, 2 : last + 2 : stride]
            assert_close(answer, expected, **CLOSE, hint=hint, what=f"conv2d with {stride=}")

    def test_lecture_padding(self, submission: Submission) -> None:
        """With padding 1 the map of a 7 by 7 input is 7 by 7 again."""
        x = np.arange(49.0).reshape(1, 7, 7)
        middle = np.zeros((1, 1, 3, 3))
        middle[0, 0, 1, 1] = 1
        answer = submission.conv2d(x, middle, np.zeros(1), padding=1)
        hint = "The filter here picks the middle pixel of each window, so the map equals x."
        assert_close(answer, x, **CLOSE, hint=hint, what="conv2d with padding=1")

    @hidden
    @weight(3)
    def test_shapes(self, submission: Submission, rng: np.random.Generator) -> None:
        """Random images and filters, C, H, W, K, FH, FW all different, in any layout, no bias."""
        hint = "Height and width may differ, in the image and in the filter. Which axis is which?"
        for shapes in SHAPES:
            x, kernels = _layer(rng, *shapes)
            zeros = np.zeros(len(kernels))
            with submission.inputs_unchanged(), submission.any_layout():
                answer = submission.conv2d(x, kernels, zeros)
            expected = reference.conv2d(x, kernels, zeros)
            assert_close(answer, expected, **CLOSE, hint=hint, what=f"conv2d of {shapes}")

    @hidden
    @weight(2)
    def test_biases(self, submission: Submission, rng: np.random.Generator) -> None:
        """Each map has its own bias, whatever the number of maps and places."""
        hint = "One bias for each filter, added once to each number of its map."
        for shapes in SHAPES:
            x, kernels = _layer(rng, *shapes)
            bias = rng.normal(scale=4, size=len(kernels))
            with submission.inputs_unchanged(), submission.any_layout():
                answer = submission.conv2d(x, kernels, bias)
            expected = reference.conv2d(x, kernels, bias)
            assert_close(answer, expected, **CLOSE, hint=hint, what=f"conv2d of {shapes}")
        x, kernels = _layer(rng, (2, 5, 5), (3, 2, 3, 3))  # three maps of three by three
        bias = np.array([10.0, 20.0, 30.0])
        expected = reference.conv2d(x, kernels, bias)
        answer = submission.conv2d(x, kernels, bias)
        assert_close(answer, expected, **CLOSE, hint=hint, what="conv2d with three maps")

    @hidden
    @weight(2)
    def test_strides(self, submission: Submission, rng: np.random.Generator) -> None:
        """Strides on images that are not square, where the last step may not fit."""
        hint = "Window (i, j) begins at row i * stride, column j * stride, and ends FH, FW later."
        for *shapes, stride, padding in STEPS:
            x, kernels = _layer(rng, *shapes)
            zeros = np.zeros(len(kernels))
            answer = submission.conv2d(x, kernels, zeros, stride, padding)
            expected = reference.conv2d(x, kernels, zeros, stride, padding)
            what = f"conv2d of {tuple(shapes)}, {stride=}"
            assert_close(answer, expected, **CLOSE, hint=hint, what=what)

    @hidden
    @weight(2)
    def test_paddings(self, submission: Submission, rng: np.random.Generator) -> None:
        """Padding on images that are not square; a filter may be larger than the image."""
        hint = "Zeros go around height and width, on both sides, and not around the channels."
        for *shapes, stride, padding in EDGES:
            x, kernels = _layer(rng, *shapes)
            zeros = np.zeros(len(kernels))
            with submission.inputs_unchanged(), submission.any_layout():
                answer = submission.conv2d(x, kernels, zeros, stride, padding)
            expected = reference.conv2d(x, kernels, zeros, stride, padding)
            what = f"conv2d of {tuple(shapes)}, {padding=}"
            assert_close(answer, expected, **CLOSE, hint=hint, what=what)

    @hidden
    def test_stride_and_padding(self, submission: Submission, rng: np.random.Generator) -> None:
        """Stride, padding and biases together."""
        hint = "Pad first; then stride 1 and no padding is all that is left, but for the steps."
        for *shapes, stride, padding in BOTH:
            x, kernels = _layer(rng, *shapes)
            bias = rng.normal(size=len(kernels))
            answer = submission.conv2d(x, kernels, bias, stride=stride, padding=padding)
            expected = reference.conv2d(x, kernels, bias, stride, padding)
            what = f"conv2d of {tuple(shapes)}, {stride=}, {padding=}"
            assert_close(answer, expected, **CLOSE, hint=hint, what=what)

    @hidden
    def test_integers(self, submission: Submission, rng: np.random.Generator) -> None:
        """Pixels from 0 to 255 and filters of integers: nothing is cut off or overflows."""
        hint = "Which numbers can an array of small integers hold? Convert before you multiply."
        x = rng.integers(0, 256, size=(2, 4, 5), dtype=np.uint8)
        zeros = np.zeros(3)
        for kernels in (
            rng.integers(-128, 128, size=(3, 2, 2, 3)).astype(np.int8),
            rng.integers(0, 256, size=(3, 2, 2, 3), dtype=np.uint8),
            rng.normal(size=(3, 2, 2, 3)),
        ):
            answer = submission.conv2d(x, kernels, zeros)
            expected = reference.conv2d(x, kernels, zeros)
            assert_close(answer, expected, **CLOSE, hint=hint, what="conv2d of integers")


def _three(answer: object) -> tuple[Any, Any, Any]:
    if not isinstance(answer, (tuple, list)) or len(answer) != 3:
        fail("conv2d_backward must return three things: (dx, dweight, dbias).")
    dx, dweight, dbias = answer
    return dx, dweight, dbias


# A 3 by 4 image, a 2 by 2 filter, and the gradient by the six outputs.
IMAGE = np.array([[[1.0, 2.0, 0.0, -1.0], [3.0, 1.0, 2.0, 4.0], [0.0, -2.0, 1.0, 5.0]]])
KERNEL = np.array([[[[1.0, 2.0], [3.0, -1.0]]]])
GRAD = np.array([[[1.0, 0.0, 2.0], [0.0, -1.0, 0.0]]])


@question("conv2d_backward")
class TestConv2dBackward:
    """The gradients by input, weights and biases."""

    def test_small_biases(self, submission: Submission) -> None:
        """A 3 by 4 image and a 2 by 2 filter: the gradient by the bias is 2."""
        _, _, dbias = _three(submission.conv2d_backward(GRAD, IMAGE, KERNEL))
        hint = "The bias is added to each output of its map: it gathers the gradient of each."
        assert_close(dbias, [2], **CLOSE, hint=hint, what="dbias")

    def test_small_weights(self, submission: Submission) -> None:
        """The gradient by the filter is ((0,-2),(9,8))."""
        _, dweight, _ = _three(submission.conv2d_backward(GRAD, IMAGE, KERNEL))
        hint = "Each output adds its gradient times the window that it saw."
        assert_close(dweight, [[[[0, -2], [9, 8]]]], **CLOSE, hint=hint, what="dweight")

    def test_small_image(self, submission: Submission) -> None:
        """The gradient by the image: each output gives its share to the pixels it saw."""
        dx, _, _ = _three(submission.conv2d_backward(GRAD, IMAGE, KERNEL))
        hint = "Each output adds its gradient times the filter to the pixels of its window."
        expected = [[[1, 2, 2, 4], [3, -2, 4, -2], [0, -3, 1, 0]]]
        assert_close(dx, expected, **CLOSE, hint=hint, what="dx")

    @hidden
    def test_biases(self, submission: Submission, rng: np.random.Generator) -> None:
        """The gradient by the biases, with several maps, strides and paddings."""
        hint = "One number for each map, the sum over all its places: not the mean."
        for case in _backward_cases(rng):
            _, _, dbias = _three(submission.conv2d_backward(*case))
            _, _, expected = reference.conv2d_backward(*case)
            assert_close(dbias, expected, **CLOSE, hint=hint, what="dbias")

    @hidden
    @weight(2)
    def test_weights(self, submission: Submission, rng: np.random.Generator) -> None:
        """The gradient by the filters at stride 1, C, H, W, K, FH and FW all different."""
        hint = "Compare with central differences: change one weight a little and see L move."
        for shapes in SHAPES:
            grad, x, kernels = _backward_case(rng, *shapes)
            with submission.inputs_unchanged(), submission.any_layout():
                _, dweight, _ = _three(submission.conv2d_backward(grad, x, kernels))
            _, expected, _ = reference.conv2d_backward(grad, x, kernels)
            assert_close(dweight, expected, **CLOSE, hint=hint, what=f"dweight for {shapes}")

    @hidden
    @weight(2)
    def test_weights_stepping(self, submission: Submission, rng: np.random.Generator) -> None:
        """The gradient by the filters with strides and paddings."""
        hint = "The windows are those of the forward pass: padded, and one every `stride` pixels."
        for case in _backward_cases(rng):
            _, dweight, _ = _three(submission.conv2d_backward(*case))
            _, expected, _ = reference.conv2d_backward(*case)
            what = f"dweight for stride={case[3]}, padding={case[4]}"
            assert_close(dweight, expected, **CLOSE, hint=hint, what=what)

    @hidden
    @weight(2)
    def test_image(self, submission: Submission, rng: np.random.Generator) -> None:
        """The gradient by the image at stride 1, C, H, W, K, FH and FW all different."""
        hint = "A pixel lies in many windows and is seen by each filter: all of them add up."
        for shapes in SHAPES:
            grad, x, kernels = _backward_case(rng, *shapes)
            with submission.inputs_unchanged(), submission.any_layout():
                dx, _, _ = _three(submission.conv2d_backward(grad, x, kernels))
            expected, _, _ = reference.conv2d_backward(grad, x, kernels)
            assert_close(dx, expected, **CLOSE, hint=hint, what=f"dx for {shapes}")

    @hidden
    @weight(3)
    def test_image_stepping(self, submission: Submission, rng: np.random.Generator) -> None:
        """The gradient by the image with strides and paddings; it has the shape of x."""
        hint = "The padding is cut off at the end. A pixel that lies in no window has gradient 0."
        for case in _backward_cases(rng):
            dx, _, _ = _three(submission.conv2d_backward(*case))
            expected, _, _ = reference.conv2d_backward(*case)
            what = f"dx for stride={case[3]}, padding={case[4]}"
            assert_close(dx, expected, **CLOSE, hint=hint, what=what)

    @hidden
    def test_integers(self, submission: Submission, rng: np.random.Generator) -> None:
        """An image of integers has a gradient of floats: nothing is cut off or overflows."""
        hint = "In which array do you gather the gradient, and which numbers can it hold?"
        x = rng.integers(0, 256, size=(2, 4, 5), dtype=np.uint8)
        kernels = rng.integers(-128, 128, size=(3, 2, 2, 3)).astype(np.int8)
        for grad in (rng.normal(size=(3, 3, 3)), rng.integers(-99, 100, size=(3, 3, 3))):
            answer = _three(submission.conv2d_backward(grad, x, kernels))
            expected = reference.conv2d_backward(grad, x, kernels)
            for name, got, wanted in zip(("dx", "dweight", "dbias"), answer, expected, strict=True):
                assert_close(got, wanted, **CLOSE, hint=hint, what=name)


def _backward_case(
    rng: np.random.Generator,
    x_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    stride: int = 1,
    padding: int = 0,
) -> tuple[Floats, Floats, Floats]:
    """A gradient in the shape of conv2d's answer, an image and filters."""
    x, kernels = _layer(rng, x_shape, weight_shape)
    forward = reference.conv2d(x, kernels, np.zeros(len(kernels)), stride, padding)
    return rng.normal(size=forward.shape), x, kernels


def _backward_cases(
    rng: np.random.Generator,
) -> list[tuple[Floats, Floats, Floats, int, int]]:
    """Cases with stride and padding, of which some leave pixels in no window."""
    return [
        (*_backward_case(rng, *case), case[2], case[3]) for case in [*STEPS[:2], *EDGES[:2], *BOTH]
    ]
