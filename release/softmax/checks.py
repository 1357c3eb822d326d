"""The checks that you can run yourself. Made from the graders: changes here are lost."""

import numpy as np
from fairmark.testing import Submission, assert_close, assert_equal, fail, question, raises

NEAR = {"rtol": 1e-05, "atol": 1e-05}

LN3 = 1.0986122886681098

W1 = np.array([[2 * LN3, LN3], [-2 * LN3, LN3]])

B1 = np.array([LN3, -2 * LN3])

W2 = np.array([[-4.0, 8.0, -4.0, 4.0], [-4.0, -4.0, 0.0, 4.0]])

B2 = np.array([-1.0, 0.0, 2.0, 1.0])


@question("dense")
class TestDense:

    def test_one_sample(self, submission: Submission) -> None:
        """x=(1,2) into three units with the biases (10,20,30) gives (19,32,38)."""
        W = np.array([[1.0, 2.0, 0.0], [4.0, 5.0, 4.0]])
        answer = submission.dense(np.array([1.0, 2.0]), W, np.array([10.0, 20.0, 30.0]))
        hint = "Unit 0 weighs the inputs with column 0: 1*1 + 2*4, and then its bias 10."
        assert_close(answer, [19, 32, 38], rtol=1e-05, hint=hint, what="dense(x, W, b)")

    def test_batch(self, submission: Submission) -> None:
        """Two samples of three inputs, into two units, give one row of two scores each."""
        x = np.array([[1.0, 0.0, 2.0], [0.0, -1.0, 0.5]])
        W = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        answer = submission.dense(x, W, np.array([0.5, -0.5]))
        hint = "Each row of x is a sample of its own; every sample gets the same biases."
        expected = [[11.5, 13.5], [0.0, -1.5]]
        assert_close(answer, expected, rtol=1e-05, atol=1e-06, hint=hint, what="dense(x, W, b)")

    def test_without_biases(self, submission: Submission) -> None:
        """With biases of 0, x=(1,2) into three units gives (9,12,8)."""
        W = np.array([[1.0, 2.0, 0.0], [4.0, 5.0, 4.0]])
        answer = submission.dense(np.array([1.0, 2.0]), W, np.zeros(3))
        hint = "Unit 0 weighs the inputs with column 0: 1*1 + 2*4."
        assert_close(answer, [9, 12, 8], rtol=1e-05, hint=hint, what="dense(x, W, b)")


@question("count_network")
class TestCountNetwork:

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


@question("two_layer_forward")
class TestTwoLayerForward:

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


CLOSE = {"rtol": 1e-05, "atol": 1e-06}

SCORES = np.array([-5.0, -1.0, 1.0, 5.0])

CAT = np.array([0.0, 0.0, 0.0, 1.0])


@question("one_hot")
class TestOneHot:

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


@question("cross_entropy")
class TestCrossEntropy:

    def test_lecture_number(self, submission: Submission) -> None:
        """The lecture's softmax, when the animal is a cat, has the cross-entropy .02063."""
        y = np.array([4.45e-05, 0.0024282, 0.0179417, 0.9795856])
        answer = submission.cross_entropy(CAT, y)
        hint = "Only the cat's probability counts: minus its natural logarithm. It is one number."
        assert_close(answer, 0.0206256, rtol=0.0001, hint=hint, what="cross_entropy(t, y)")

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


@question("softmax_cross_entropy")
class TestSoftmaxCrossEntropy:

    def test_lecture_number(self, submission: Submission) -> None:
        """The outputs (-5,-1,1,5) of a cat have the cross-entropy .0206256."""
        answer = submission.softmax_cross_entropy(SCORES, CAT)
        hint = "The logarithm of the sum of all e^a, minus the output of the true class."
        assert_close(answer, 0.0206256, rtol=0.0001, hint=hint, what="softmax_cross_entropy(a, t)")

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


@question("softmax_cross_entropy_gradient")
class TestSoftmaxCrossEntropyGradient:

    def test_lecture_number(self, submission: Submission) -> None:
        """The outputs (-5,-1,1,5) of a cat have the gradient (.00004,.00243,.01794,-.02041)."""
        answer = submission.softmax_cross_entropy_gradient(SCORES, CAT)
        expected = [4.4474e-05, 0.00242815, 0.01794174, -0.02041436]
        hint = "Where the output should grow to lessen the loss, the gradient is negative."
        assert_close(answer, expected, rtol=0.001, atol=1e-06, hint=hint, what="the gradient")

    def test_batch(self, submission: Submission) -> None:
        """A batch has a row for each sample, and none knows how many others there are."""
        a = np.array([[0.0, 0.0], [0.0, 1.0986122887], [1.0986122887, 0.0]])
        t = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
        hint = "Each sample has a loss of its own, and its own gradient."
        expected = [[-0.5, 0.5], [0.25, -0.25], [0.75, -0.75]]
        answer = submission.softmax_cross_entropy_gradient(a, t)
        assert_close(answer, expected, **CLOSE, hint=hint, what="the gradient")


@question("normalize")
class TestNormalize:

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


@question("softmax")
class TestSoftmax:

    def test_lecture_numbers(self, submission: Submission) -> None:
        """The outputs (-5,-1,1,5) give (.00004,.00243,.01794,.97959)."""
        answer = submission.softmax(np.array([-5.0, -1.0, 1.0, 5.0]))
        expected = [4.4474e-05, 0.00242815, 0.01794174, 0.97958564]
        hint = "e to the power of each output, divided by the sum of these powers."
        assert_close(answer, expected, rtol=0.001, atol=1e-06, hint=hint, what="softmax(a)")

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
            expected = [0.0900306, 0.2447285, 0.665241]
            assert_close(answer, expected, **CLOSE, hint=hint, what=f"softmax of {a}")


# What check() says beside the results; times are in seconds.
ABOUT = {
    "call_seconds": 8.0,
    "question_seconds": 60.0,
    "exercises": {
        "dense": {"points": 2.0, "hidden": 3, "names": ["dense"]},
        "count_network": {"points": 2.0, "hidden": 2, "names": ["count_layers", "count_weights"]},
        "two_layer_forward": {"points": 3.0, "hidden": 3, "names": ["two_layer_forward"]},
        "normalize": {"points": 2.0, "hidden": 3, "names": ["normalize"]},
        "softmax": {"points": 4.0, "hidden": 4, "names": ["softmax"]},
        "normalization_or_softmax": {"points": 3.0, "by_hand": True},
        "one_hot": {"points": 1.0, "hidden": 2, "names": ["one_hot"]},
        "cross_entropy": {"points": 3.0, "hidden": 4, "names": ["cross_entropy"]},
        "softmax_cross_entropy": {"points": 3.0, "hidden": 4, "names": ["softmax_cross_entropy"]},
        "softmax_cross_entropy_gradient": {
            "points": 3.0,
            "hidden": 4,
            "names": ["softmax_cross_entropy_gradient"],
        },
    },
}
