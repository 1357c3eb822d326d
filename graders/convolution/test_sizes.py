"""Numbers of weights, sizes of activation maps, and receptive fields."""

import numpy as np
import pytest

from fairmark.testing import (
    Submission,
    assert_close,
    assert_equal,
    fail,
    hidden,
    question,
    raises,
    weight,
)
from reference import convolution as reference


@question("connection_weights")
class TestConnectionWeights:
    """How many weights three kinds of layer have."""

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

    @hidden
    def test_fully_connected_of_other_sizes(self, submission: Submission) -> None:
        """Fully connected layers of other sizes, wide and narrow."""
        hint = "Every output has one weight for every input, and none of them is shared."
        for n_in, n_out in [(5, 9), (64, 10), (1, 6), (12, 1), (3000, 1000)]:
            expected = reference.fully_connected_weights(n_in, n_out)
            answer = submission.fully_connected_weights(n_in, n_out)
            assert_close(answer, expected, hint=hint, what=f"the number for {n_in} to {n_out}")

    @hidden
    def test_locally_connected_of_other_sizes(self, submission: Submission) -> None:
        """Locally connected layers of other sizes."""
        hint = "Every output has f weights of its own, and there are n_out outputs."
        for n_out, f in [(5, 3), (7, 2), (62, 3), (1, 8), (9, 1)]:
            expected = reference.locally_connected_weights(n_out, f)
            answer = submission.locally_connected_weights(n_out, f)
            assert_close(answer, expected, hint=hint, what=f"the number for {n_out=}, {f=}")

    @hidden
    def test_convolution_of_other_sizes(self, submission: Submission) -> None:
        """Convolutions with shorter and longer filters."""
        hint = "The same few weights are used in every place, and here we leave out the bias."
        for f in (1, 2, 5, 11):
            answer = submission.convolution_weights(f)
            expected = reference.convolution_weights(f)
            assert_close(answer, expected, hint=hint, what=f"convolution_weights({f})")


@question("activation_map_size")
class TestActivationMapSize:
    """How many places a filter has."""

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

    @hidden
    @weight(2)
    def test_other_strides(self, submission: Submission) -> None:
        """Other sizes and strides, where the last step fits and where it does not."""
        hint = "How many whole steps does the filter make after its first place?"
        for n, f, stride in [
            (9, 4, 1),
            (10, 3, 4),
            (11, 2, 5),
            (5, 1, 2),
            (227, 11, 4),
            (6, 6, 9),
        ]:
            expected = reference.activation_map_size(n, f, stride)
            answer = submission.activation_map_size(n, f, stride)
            assert_equal(answer, expected, hint=hint, what=f"the size for {n=}, {f=}, {stride=}")

    @hidden
    @weight(2)
    def test_padding_and_stride(self, submission: Submission) -> None:
        """Padding, alone and with strides that do not fit evenly."""
        hint = "The padded input is longer at both ends. After that, all is as without padding."
        for n, f, stride, padding in [
            (7, 3, 2, 1),
            (8, 5, 1, 2),
            (10, 4, 3, 1),
            (5, 2, 4, 3),
            (13, 7, 2, 3),
            (6, 3, 1, 0),
        ]:
            expected = reference.activation_map_size(n, f, stride, padding)
            answer = submission.activation_map_size(n, f, stride, padding)
            what = f"the size for {n=}, {f=}, {stride=}, {padding=}"
            assert_equal(answer, expected, hint=hint, what=what)

    @hidden
    def test_padding_makes_it_fit(self, submission: Submission) -> None:
        """A filter longer than the input may fit into the padded input, or still be too long."""
        hint = "Padding is part of what the filter is laid on."
        for n, f, padding in [(2, 3, 1), (3, 7, 2), (1, 5, 2)]:
            expected = reference.activation_map_size(n, f, 1, padding)
            answer = submission.activation_map_size(n, f, padding=padding)
            assert_equal(answer, expected, hint=hint, what=f"the size for {n=}, {f=}, {padding=}")
        for n, f, stride, padding in [(2, 5, 1, 1), (4, 5, 3, 0), (1, 9, 2, 3)]:
            with raises("ValueError", hint=hint):
                submission.activation_map_size(n, f, stride, padding)

    @hidden
    @weight(0.5)
    @pytest.mark.parametrize(
        ("n", "f", "stride", "padding"),
        [(7, 3, 0, 0), (7, 3, -1, 0), (7, 0, 1, 0), (7, 3, 1, -1), (-4, 1, 1, 3)],
        ids=["stride-0", "stride-negative", "f-0", "padding-negative", "n-negative"],
    )
    def test_senseless(
        self, submission: Submission, n: int, f: int, stride: int, padding: int
    ) -> None:
        """A size, filter, stride or padding that makes no sense raises ValueError."""
        answer = submission.activation_map_size(9, 4, 2, 1)
        assert_equal(answer, 4, what="the size for n=9, f=4, stride=2, padding=1")
        with raises("ValueError", hint="Which values can a length, a step or a padding have?"):
            submission.activation_map_size(n, f, stride, padding)


@question("same_padding")
class TestSamePadding:
    """The padding that keeps the size."""

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

    @hidden
    @weight(2)
    def test_other_filters(self, submission: Submission) -> None:
        """Other odd filters, down to a single weight, and other even ones."""
        hint = "A filter of F weights loses F - 1 places, half of them at either end."
        for f in (1, 9, 11, 21):
            expected = reference.same_padding(f)
            assert_close(submission.same_padding(f), expected, hint=hint, what=f"same_padding({f})")
        for f in (2, 6, 10):
            with raises("ValueError", hint="An even filter has no middle."):
                submission.same_padding(f)


@question("conv_layer_parameters")
class TestConvLayerParameters:
    """What a convolutional layer learns."""

    def test_known_layers(self, submission: Submission) -> None:
        """VGG19's first layer has 1792 parameters, LeNet-5's 156."""
        hint = "How many weights has one filter, through all channels? How many biases has it?"
        for k, f, c, expected in ((64, 3, 3, 1792), (6, 5, 1, 156)):
            answer = submission.conv_layer_parameters(k, f, c)
            assert_close(answer, expected, hint=hint, what=f"the number for {k=}, {f=}, {c=}")

    @hidden
    @weight(2)
    def test_other_layers(self, submission: Submission) -> None:
        """Other numbers of filters and channels, and filters of one pixel."""
        hint = "Each filter has its own weights for each channel, and a single bias."
        for k, f, c in [(1, 2, 7), (5, 4, 2), (10, 1, 32), (32, 3, 16), (96, 11, 3)]:
            expected = reference.conv_layer_parameters(k, f, c)
            answer = submission.conv_layer_parameters(k, f, c)
            assert_close(answer, expected, hint=hint, what=f"the number for {k=}, {f=}, {c=}")


@question("receptive_field")
class TestReceptiveField:
    """How much of the input a deep unit sees."""

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

    @hidden
    def test_filters_of_different_sizes(self, submission: Submission) -> None:
        """Filters of different sizes at stride 1."""
        hint = "Each layer adds its own number of neighbours."
        for sizes in ([5], [5, 3], [2, 7, 4], [1, 3, 1, 6]):
            layers = [(f, 1) for f in sizes]
            expected = reference.receptive_field(layers)
            with submission.inputs_unchanged():
                answer = submission.receptive_field(layers)
            assert_close(answer, expected, hint=hint, what=f"the field of {layers}")

    @hidden
    @weight(2)
    def test_strides(self, submission: Submission) -> None:
        """Strides in several layers: they multiply, and each acts on the layers after it."""
        hint = "Begin at the input. A stride does not change what its own layer's units see."
        for layers in (
            [(3, 2)],
            [(3, 2), (3, 2)],
            [(7, 2), (3, 3), (2, 1)],
            [(2, 2), (2, 2), (2, 2), (3, 1)],
            [(11, 4), (3, 2), (5, 1), (3, 2), (3, 1)],
        ):
            expected = reference.receptive_field(layers)
            answer = submission.receptive_field(layers)
            assert_close(answer, expected, hint=hint, what=f"the field of {layers}")
