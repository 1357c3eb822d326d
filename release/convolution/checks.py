"""The checks that you can run yourself. Made from the graders: changes here are lost."""

import numpy as np
from fairmark.testing import Submission, assert_close, assert_equal, fail, question, raises, weight
from typing import Any

CLOSE = {"rtol": 0.0001, "atol": 0.0001}


@question("conv2d")
class TestConv2d:

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
        corner[0, 0, 0, 2] = 1
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


def _three(answer: object) -> tuple[Any, Any, Any]:
    if not isinstance(answer, (tuple, list)) or len(answer) != 3:
        fail("conv2d_backward must return three things: (dx, dweight, dbias).")
    dx, dweight, dbias = answer
    return (dx, dweight, dbias)


IMAGE = np.array([[[1.0, 2.0, 0.0, -1.0], [3.0, 1.0, 2.0, 4.0], [0.0, -2.0, 1.0, 5.0]]])

KERNEL = np.array([[[[1.0, 2.0], [3.0, -1.0]]]])

GRAD = np.array([[[1.0, 0.0, 2.0], [0.0, -1.0, 0.0]]])


@question("conv2d_backward")
class TestConv2dBackward:

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


SIGNAL = np.array([1.0, 2.0, 0.0, -1.0, 3.0, 1.0, 2.0])

FILTER = np.array([1.0, 0.0, -1.0])


@question("pad2d")
class TestPad2d:

    def test_one_channel(self, submission: Submission) -> None:
        """A picture of 2 by 3 with padding 1 becomes 4 by 5, with zeros around."""
        answer = submission.pad2d(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), 1)
        expected = [[0, 0, 0, 0, 0], [0, 1, 2, 3, 0], [0, 4, 5, 6, 0], [0, 0, 0, 0, 0]]
        hint = "Above, below, left and right: `padding` zeros on each of the four sides."
        assert_close(answer, expected, **CLOSE, hint=hint, what="pad2d(x, 1)")


@question("conv1d")
class TestConv1d:

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


@question("convolution_matrix")
class TestConvolutionMatrix:

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


@question("fully_connected")
class TestFullyConnected:

    def test_small(self, submission: Submission) -> None:
        """x = (((1,2),),((3,4),)), two channels, in a row is (1,2,3,4)."""
        x = np.array([[[1.0, 2.0]], [[3.0, 4.0]]])
        W = np.array([[1.0, 0.0], [10.0, 0.0], [100.0, 1.0], [1000.0, -1.0]])
        answer = submission.fully_connected(x, W, np.array([0.5, 7.0]))
        hint = "The row is (1, 2, 3, 4); each column of W makes one score of it."
        assert_close(answer, [4321.5, 6], **CLOSE, hint=hint, what="fully_connected(x, W, b)")


@question("connection_weights")
class TestConnectionWeights:

    def test_fully_connected(self, submission: Submission) -> None:
        """Fully connected, 7 inputs and 4 outputs have 28 weights."""
        answer = submission.fully_connected_weights(7, 4)
        hint = "Count the lines in the picture: how many come from one input? Biases don't count."
        assert_close(answer, 28, hint=hint, what="fully_connected_weights(7, 4)")

    def test_locally_connected(self, submission: Submission) -> None:
        """With 4 outputs that see 4 inputs each, and share nothing, there are 16 weights."""
        answer = submission.locally_connected_weights(4, 4)
        hint = "Each output has its own weights. How many are they for one output?"
        assert_close(answer, 16, hint=hint, what="locally_connected_weights(4, 4)")

    def test_convolution(self, submission: Submission) -> None:
        """A convolution has 4 weights when F = 4, and 3 when F = 3."""
        hint = "In the picture, lines of one colour are one weight. How many colours are there?"
        for f in (4, 3):
            answer = submission.convolution_weights(f)
            assert_close(answer, f, hint=hint, what=f"convolution_weights({f})")


@question("activation_map_size")
class TestActivationMapSize:

    def test_lecture_strides(self, submission: Submission) -> None:
        """N = 7, F = 3: stride 1 gives 5, stride 2 gives 3 and stride 3 gives 2."""
        hint = "Move the filter along with a finger. The last place counts only if it fits whole."
        assert_equal(submission.activation_map_size(7, 3), 5, hint=hint, what="the size, stride 1")
        for stride, expected in ((1, 5), (2, 3), (3, 2)):
            answer = submission.activation_map_size(7, 3, stride)
            assert_equal(answer, expected, hint=hint, what=f"the size, {stride=}")

    def test_lecture_padding(self, submission: Submission) -> None:
        """N = 7, F = 3 with padding 1 and stride 1 gives 7."""
        answer = submission.activation_map_size(7, 3, stride=1, padding=1)
        hint = "The zeros are put at both ends: how long is the input then?"
        assert_equal(answer, 7, hint=hint, what="the size")

    @weight(0.5)
    def test_is_an_integer(self, submission: Submission) -> None:
        """The size is an int: 5, not 5.0."""
        answer = submission.activation_map_size(7, 3)
        assert_equal(answer, 5, what="the size")
        if np.asarray(answer).dtype.kind not in "iu":
            fail(
                f"The size should be an int, but it is {answer!r}.",
                hint="It will be the length of an array. Which division gives an int?",
            )

    def test_filter_that_does_not_fit(self, submission: Submission) -> None:
        """F = 3 fits into 3 inputs, once; into 2 inputs it does not fit: ValueError."""
        answer = submission.activation_map_size(3, 3)
        assert_equal(answer, 1, hint="A filter as long as its input fits once.", what="the size")
        hint = "When is the filter longer than what it is laid on?"
        with raises("ValueError", hint=hint):
            submission.activation_map_size(2, 3)


@question("same_padding")
class TestSamePadding:

    def test_odd_filters(self, submission: Submission) -> None:
        """F = 3 needs a padding of 1, F = 5 one of 2."""
        hint = "Put your answer into the formula of the size, with stride 1: does N come out?"
        for f, expected in ((3, 1), (5, 2)):
            assert_close(submission.same_padding(f), expected, hint=hint, what=f"same_padding({f})")

    def test_even_filter(self, submission: Submission) -> None:
        """F = 7 needs 3; F = 4 raises ValueError."""
        answer = submission.same_padding(7)
        assert_close(answer, 3, hint="How many inputs get lost, at both ends?", what="the padding")
        with raises("ValueError", hint="Can an odd number of zeros be shared by two ends?"):
            submission.same_padding(4)


@question("conv_layer_parameters")
class TestConvLayerParameters:

    def test_known_layers(self, submission: Submission) -> None:
        """VGG19's first layer has 1792 parameters, LeNet-5's 156."""
        hint = "How many weights has one filter, through all channels? How many biases has it?"
        for k, f, c, expected in ((64, 3, 3, 1792), (6, 5, 1, 156)):
            answer = submission.conv_layer_parameters(k, f, c)
            assert_close(answer, expected, hint=hint, what=f"the number for {k=}, {f=}, {c=}")


@question("receptive_field")
class TestReceptiveField:

    def test_stride_one(self, submission: Submission) -> None:
        """One layer with F = 3 sees 3 inputs, two layers see 5, three see 7."""
        hint = "Neighbours of the layer below see nearly the same inputs. How many new ones?"
        for depth, expected in ((1, 3), (2, 5), (3, 7)):
            answer = submission.receptive_field([(3, 1)] * depth)
            assert_close(answer, expected, hint=hint, what=f"the field of {depth} layers")

    def test_with_pooling(self, submission: Submission) -> None:
        """F = 3, then pooling (2, stride 2), then F = 3 see 8 inputs, as in the picture."""
        answer = submission.receptive_field([(3, 1), (2, 2), (3, 1)])
        hint = "After the pooling, how many inputs apart do neighbouring units look?"
        assert_close(answer, 8, hint=hint, what="the field")


# What check() says beside the results; times are in seconds.
ABOUT = {
    "call_seconds": 8.0,
    "question_seconds": 60.0,
    "exercises": {
        "connection_weights": {
            "points": 1.0,
            "hidden": 3,
            "names": [
                "convolution_weights",
                "fully_connected_weights",
                "locally_connected_weights",
            ],
        },
        "activation_map_size": {"points": 3.0, "hidden": 8, "names": ["activation_map_size"]},
        "same_padding": {"points": 1.0, "hidden": 1, "names": ["same_padding"]},
        "pad2d": {"points": 1.0, "hidden": 2, "names": ["pad2d"]},
        "conv1d": {"points": 3.0, "hidden": 3, "names": ["conv1d"]},
        "convolution_matrix": {"points": 3.0, "hidden": 2, "names": ["convolution_matrix"]},
        "conv2d": {"points": 6.0, "hidden": 6, "names": ["conv2d"]},
        "conv_layer_parameters": {"points": 2.0, "hidden": 1, "names": ["conv_layer_parameters"]},
        "conv2d_backward": {"points": 7.0, "hidden": 6, "names": ["conv2d_backward"]},
        "pooling": {"points": 4.0, "hidden": 8, "names": ["avg_pool2d", "max_pool2d"]},
        "receptive_field": {"points": 2.0, "hidden": 2, "names": ["receptive_field"]},
        "fully_connected": {"points": 2.0, "hidden": 3, "names": ["fully_connected"]},
        "three_ideas": {"points": 3.0, "by_hand": True},
    },
}
