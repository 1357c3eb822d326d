"""What the benchmark's notebook is judged by: the work of its own test cells, and some more."""

import numpy as np
import torch

from fairmark.testing import Submission, assert_close, assert_equal, fail, hidden, question


@question("scale")
class TestScale:
    """Pixels as rows of numbers between 0 and 1."""

    def test_one_image(self, submission: Submission) -> None:
        """The pixels 0, 1, ..., 15, 0, 1, ... become sixteenths."""
        image = np.arange(64.0).reshape(1, 8, 8) % 16
        assert_close(submission.scale(image), image.reshape(1, 64) / 16)

    def test_white(self, submission: Submission) -> None:
        """White images become ones."""
        assert_close(submission.scale(np.full((3, 8, 8), 16.0)), np.ones((3, 64)))

    @hidden
    def test_random_images(self, submission: Submission, rng: np.random.Generator) -> None:
        """Any images."""
        images = rng.integers(0, 17, size=(9, 8, 8)).astype(float)
        with submission.inputs_unchanged():
            answer = submission.scale(images)
        assert_close(answer, images.reshape(9, 64) / 16)


@question("softmax")
class TestSoftmax:
    """Scores as probabilities."""

    def test_by_hand(self, submission: Submission) -> None:
        """The scores 0 and log 3 give 1/4 and 3/4."""
        assert_close(submission.softmax(np.array([[0.0, np.log(3.0)]])), [[0.25, 0.75]])

    def test_large_scores(self, submission: Submission) -> None:
        """Large scores do not overflow."""
        with submission.silent():
            answer = submission.softmax(np.array([[1000.0, 1000.0]]))
        assert_close(answer, [[0.5, 0.5]])

    @hidden
    def test_random_scores(self, submission: Submission, rng: np.random.Generator) -> None:
        """Any scores."""
        scores = rng.normal(scale=3, size=(6, 10))
        powers = np.exp(scores)
        expected = powers / powers.sum(axis=1, keepdims=True)
        assert_close(submission.softmax(scores), expected)


@question("make_model")
class TestMakeModel:
    """A network of two layers."""

    def test_output(self, submission: Submission) -> None:
        """Three rows in, three rows of ten scores out."""
        scores = submission.make_model(7)(torch.zeros(3, 64))
        assert_equal(list(scores.shape), [3, 10])

    def test_parameters(self, submission: Submission) -> None:
        """Two layers with biases."""
        shapes = [tuple(w.shape) for w in submission.make_model(7).state_dict().values()]
        if sorted(shapes) != [(7,), (7, 64), (10,), (10, 7)]:
            fail(f"the parameters have the shapes {shapes}")

    @hidden
    def test_relu(self, submission: Submission, rng: np.random.Generator) -> None:
        """The hidden layer is bent: the network of a sum is not the sum of the networks."""
        model = submission.make_model(30)
        x = torch.tensor(rng.normal(size=(4, 64)), dtype=torch.float32)
        if np.allclose(model(x) + model(-x), 2 * model(0 * x), atol=1e-4):
            fail("the network is linear")


@question("train")
class TestTrain:
    """Batches of fifty, Adam."""

    def test_losses(self, submission: Submission) -> None:
        """Thirty epochs were trained, and the loss went down."""
        losses = list(submission["losses"].value())
        assert_equal(len(losses), 30)
        if not losses[-1] < losses[0] / 4:
            fail(f"the loss went from {losses[0]:.3g} to {losses[-1]:.3g}")

    def test_accuracy(self, submission: Submission) -> None:
        """More than nine of ten test digits are read right."""
        if not float(submission["accuracy"].value()) > 0.9:
            fail("the accuracy is too low")

    @hidden
    def test_fresh_data(self, submission: Submission, rng: np.random.Generator) -> None:
        """Training works on other data."""
        X = torch.tensor(rng.normal(size=(100, 64)), dtype=torch.float32)
        y = torch.tensor(rng.integers(0, 10, size=100))
        losses = submission.train(submission.make_model(20), X, y, 5)
        if not (len(losses) == 5 and losses[4] < losses[0]):
            fail(f"the losses are {losses}")
