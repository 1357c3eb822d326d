"""What the cheap notebook is judged by."""

import numpy as np

from fairmark.testing import Submission, assert_close, hidden, question


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
