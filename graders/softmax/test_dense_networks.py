"""Layers of units: one layer, counting, and the forward pass of two layers."""

import numpy as np

from fairmark.testing import Submission, assert_close, assert_equal, hidden, question, weight
from reference import softmax as reference

# Loose enough for single precision, far too tight for another formula.
NEAR = {"rtol": 1e-5, "atol": 1e-5}

# The notebook's network: 2 inputs, 2 hidden units, 4 outputs. For x = (1, 2) the hidden units have
# the scores -ln 3 and ln 3, so the values 1/4 and 3/4.
LN3 = 1.0986122886681098
W1 = np.array([[2 * LN3, LN3], [-2 * LN3, LN3]])
B1 = np.array([LN3, -2 * LN3])
W2 = np.array([[-4.0, 8.0, -4.0, 4.0], [-4.0, -4.0, 0.0, 4.0]])
B2 = np.array([-1.0, 0.0, 2.0, 1.0])


@question("dense")
class TestDense:
    """The scores of all units of a layer."""

    def test_one_sample(self, submission: Submission) -> None:
        """x=(1,2) into three units with the biases (10,20,30) gives (19,32,38)."""
        W = np.array([[1.0, 2.0, 0.0], [4.0, 5.0, 4.0]])
        answer = submission.dense(np.array([1.0, 2.0]), W, np.array([10.0, 20.0, 30.0]))
        hint = "Unit 0 weighs the inputs with column 0: 1*1 + 2*4, and then its bias 10."
        assert_close(answer, [19, 32, 38], rtol=1e-5, hint=hint, what="dense(x, W, b)")

    def test_batch(self, submission: Submission) -> None:
        """Two samples of three inputs, into two units, give one row of two scores each."""
        x = np.array([[1.0, 0.0, 2.0], [0.0, -1.0, 0.5]])
        W = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        answer = submission.dense(x, W, np.array([0.5, -0.5]))
        hint = "Each row of x is a sample of its own; every sample gets the same biases."
        expected = [[11.5, 13.5], [0.0, -1.5]]
        assert_close(answer, expected, rtol=1e-5, atol=1e-6, hint=hint, what="dense(x, W, b)")

    def test_without_biases(self, submission: Submission) -> None:
        """With biases of 0, x=(1,2) into three units gives (9,12,8)."""
        W = np.array([[1.0, 2.0, 0.0], [4.0, 5.0, 4.0]])
        answer = submission.dense(np.array([1.0, 2.0]), W, np.zeros(3))
        hint = "Unit 0 weighs the inputs with column 0: 1*1 + 2*4."
        assert_close(answer, [9, 12, 8], rtol=1e-5, hint=hint, what="dense(x, W, b)")

    @hidden
    @weight(2)
    def test_random_batches(self, submission: Submission, rng: np.random.Generator) -> None:
        """Random batches in any memory layout; square weight matrices, weights of 0 among them."""
        hint = "W[i, j] leads from input i to unit j. Is a square W used the right way round?"
        for n, d, m in [(5, 3, 4), (4, 4, 4), (1, 6, 2), (3, 2, 1), (7, 1, 3)]:
            x, W, b = rng.normal(size=(n, d)), rng.normal(size=(d, m)), rng.normal(size=m)
            x.flat[::4] = W.flat[::3] = 0
            with submission.any_layout():
                answer = submission.dense(x, W, b)
            expected = reference.dense(x, W, b)
            assert_close(answer, expected, **NEAR, hint=hint, what="dense(x, W, b)")

    @hidden
    def test_random_samples(self, submission: Submission, rng: np.random.Generator) -> None:
        """A single sample gives one score for each unit, in one dimension."""
        hint = "x of shape (d,) is one sample: the answer has the shape (units,)."
        for d, m in [(3, 5), (4, 4), (6, 1), (1, 3)]:
            x, W, b = rng.normal(size=d), rng.normal(size=(d, m)), rng.normal(size=m)
            with submission.any_layout():
                answer = submission.dense(x, W, b)
            expected = reference.dense(x, W, b)
            assert_close(answer, expected, **NEAR, hint=hint, what="dense(x, W, b)")

    @hidden
    def test_integers(self, submission: Submission) -> None:
        """Integer inputs or weights are computed in floats, and no argument is changed."""
        hint = "Integers come in, yet the scores need not be integers: is anything cut off?"
        x, W = np.array([[3, -2], [1, 4], [0, 7]]), np.array([[0.5, 1.25], [0.25, -0.75]])
        b, whole = np.array([0.125, -0.5]), np.array([[1, 2], [-3, 4]])
        for arguments in ((x, W, b), (x[1], W, b), (x, whole, b), (x / 4, whole, b)):
            with submission.inputs_unchanged(), submission.any_layout():
                answer = submission.dense(*arguments)
            expected = reference.dense(*arguments)
            assert_close(answer, expected, **NEAR, hint=hint, what="dense of integers")


@question("count_network")
class TestCountNetwork:
    """Layers of weights, and the numbers that a network learns."""

    def test_layers_of_the_example(self, submission: Submission) -> None:
        """The network (2, 3, 4) has 2 layers, the perceptron's network (2, 1) has 1."""
        hint = "Count the layers of weights: what lies between the columns of circles."
        for sizes, layers in [((2, 3, 4), 2), ((2, 1), 1)]:
            assert_equal(
                submission.count_layers(sizes), layers, hint=hint, what=f"count_layers({sizes})"
            )

    def test_weights_of_the_example(self, submission: Submission) -> None:
        """The network (2, 3, 4) has 25 weights with its biases, the network (2, 1) has 3."""
        hint = "How many numbers does ONE unit of a layer need? One for each input, and its bias."
        for sizes, weights in [((2, 3, 4), 25), ((2, 1), 3)]:
            assert_equal(
                submission.count_weights(sizes), weights, hint=hint, what=f"count_weights({sizes})"
            )

    @hidden
    def test_layers_of_other_networks(self, submission: Submission) -> None:
        """Networks with one layer and with many."""
        hint = "Does a network with more columns of units have more layers of weights?"
        for sizes in [(64, 10), (3, 4, 4, 2), (784, 128, 64, 32, 10), (5, 1, 1, 1, 1, 5)]:
            expected = reference.count_layers(sizes)
            answer = submission.count_layers(sizes)
            assert_equal(answer, expected, hint=hint, what=f"count_layers({sizes})")

    @hidden
    def test_weights_of_other_networks(
        self, submission: Submission, rng: np.random.Generator
    ) -> None:
        """Networks with one layer and with many, large ones and narrow ones."""
        hint = "Draw it: how many lines run into each unit? The input units have none, and no bias."
        known = [(64, 10), (3, 4, 4, 2), (784, 128, 64, 32, 10), (5, 1, 1, 1, 1, 5)]
        fresh = [tuple(int(size) for size in rng.integers(2, 60, size=n)) for n in (2, 3, 6)]
        for sizes in known + fresh:
            expected = reference.count_weights(sizes)
            answer = submission.count_weights(sizes)
            assert_equal(answer, expected, hint=hint, what=f"count_weights({sizes})")


@question("two_layer_forward")
class TestTwoLayerForward:
    """From x through the hidden layer to the outputs a."""

    def test_the_network_of_the_animals(self, submission: Submission) -> None:
        """The notebook's network with x=(1,2) gives the lecture's outputs (-5,-1,1,5)."""
        answer = submission.two_layer_forward(np.array([1.0, 2.0]), W1, B1, W2, B2)
        hint = "The hidden values are 1/4 and 3/4. What happens to them, and what is left undone?"
        assert_close(answer, [-5, -1, 1, 5], **NEAR, hint=hint, what="the outputs a")

    def test_without_biases(self, submission: Submission) -> None:
        """With all biases 0, x=(0,0) gives (-4,2,-2,4): every hidden unit has the value 1/2."""
        answer = submission.two_layer_forward(np.zeros(2), W1, 0 * B1, W2, 0 * B2)
        hint = "What is the sigmoid of 0? And is anything done to the outputs afterwards?"
        assert_close(answer, [-4, 2, -2, 4], **NEAR, hint=hint, what="the outputs a")

    def test_batch(self, submission: Submission) -> None:
        """A batch of three samples gives three rows of four outputs."""
        x = np.array([[1.0, 2.0], [0.5, 2.0], [0.0, 0.5]])
        answer = submission.two_layer_forward(x, W1, B1, W2, B2)
        hint = "Each row of x is a sample of its own, and so is each row of the answer."
        expected = [
            [-5.0, -1.0, 1.0, 5.0],
            [-3.9358984, -1.7358984, 1.6, 3.9358984],
            [-3.6455619, 3.3544381, 0.0, 3.6455619],
        ]
        assert_close(answer, expected, **NEAR, hint=hint, what="the outputs a")

    @hidden
    @weight(2)
    def test_random_batches(self, submission: Submission, rng: np.random.Generator) -> None:
        """Random networks of different sizes, in any memory layout."""
        hint = "Both layers have weights and biases; which of them has the sigmoid?"
        for n, d, h, k in [(5, 3, 4, 2), (4, 3, 3, 3), (6, 2, 7, 5), (1, 4, 1, 3)]:
            x, arrays = rng.normal(size=(n, d)), _network(rng, d, h, k)
            with submission.any_layout():
                answer = submission.two_layer_forward(x, *arrays)
            expected = reference.two_layer_forward(x, *arrays)
            assert_close(answer, expected, **NEAR, hint=hint, what="the outputs a")

    @hidden
    def test_random_samples(self, submission: Submission, rng: np.random.Generator) -> None:
        """A single sample gives one output for each class, in one dimension."""
        hint = "x of shape (d,) is one sample: the answer has the shape (classes,)."
        for d, h, k in [(3, 4, 2), (3, 3, 3), (2, 5, 6)]:
            x, arrays = rng.normal(size=d), _network(rng, d, h, k)
            with submission.any_layout():
                answer = submission.two_layer_forward(x, *arrays)
            expected = reference.two_layer_forward(x, *arrays)
            assert_close(answer, expected, **NEAR, hint=hint, what="the outputs a")

    @hidden
    def test_integers(self, submission: Submission) -> None:
        """Integer inputs and weights are computed in floats, and no argument is changed."""
        hint = "Integers come in, yet the hidden values lie between 0 and 1: is anything cut off?"
        x, first = np.array([[1, 0, 2], [0, -1, 1]]), np.array([[1, -1], [0, 2], [-1, 1]])
        second, b1, b2 = np.array([[3, -2, 1], [1, 4, -3]]), np.array([1, -1]), np.array([0, 2, -1])
        for sample in (x, x[0]):
            with submission.inputs_unchanged(), submission.any_layout():
                answer = submission.two_layer_forward(sample, first, b1, second, b2)
            expected = reference.two_layer_forward(sample, first, b1, second, b2)
            assert_close(answer, expected, **NEAR, hint=hint, what="the outputs a")


def _network(rng: np.random.Generator, d: int, h: int, k: int) -> tuple[np.ndarray, ...]:
    """Random W1, b1, W2, b2 for ``d`` inputs, ``h`` hidden units and ``k`` outputs."""
    sizes = [(d, h), (h,), (h, k), (k,)]
    return tuple(rng.normal(scale=1.5, size=size) for size in sizes)
