"""The gradients of a network with one hidden layer, and its training."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.datasets import load_digits

from fairmark.testing import Submission, as_array, assert_close, fail, hidden, question, weight
from reference import backpropagation as reference

Array = npt.NDArray[Any]
NAMES = ("W1", "b1", "W2", "b2")


def _gradients(submission: Submission, *arguments: Array) -> dict[Any, Any]:
    """The student's answer, if it is a dict with all four gradients; arguments unchanged."""
    with submission.inputs_unchanged():
        answer = submission.mlp_gradients(*arguments)
    if not isinstance(answer, dict):
        fail('mlp_gradients must return a dict with the keys "W1", "b1", "W2" and "b2".')
    missing = [name for name in NAMES if name not in answer]
    if missing:
        fail(f"The dict has no key {missing[0]!r}.", hint=f"Its keys are {', '.join(NAMES)}.")
    return answer


def _problem(
    rng: np.random.Generator, n: int, d: int, units: int, classes: int
) -> tuple[Array, Array, list[Array]]:
    """Random samples with one-hot labels of every class, and weights of moderate size."""
    labels = rng.permutation(np.arange(n) % classes)
    shapes: list[tuple[int, ...]] = [(d, units), (units,), (units, classes), (classes,)]
    weights = [rng.normal(scale=0.8, size=shape) for shape in shapes]
    return rng.normal(size=(n, d)), np.eye(classes)[labels], weights


@question("mlp_gradients")
class TestMlpGradients:
    """Backward through softmax, two layers of weights and a layer of sigmoids."""

    # Chosen so that every sum before an activation is 0: it can be followed by hand.
    X = np.array([[1.0, 0.0, 3.0], [0.0, 2.0, 1.0]])
    T = np.array([[1.0, 0.0], [1.0, 0.0]])
    WEIGHTS = (np.zeros((3, 2)), np.zeros(2), np.array([[2.0, -2.0], [-2.0, 2.0]]), np.zeros(2))

    def test_output_layer(self, submission: Submission) -> None:
        """Two samples by hand: H is .5 everywhere, Y is .5, so db2 = (-.5, .5) and so on."""
        answer = _gradients(submission, self.X, self.T, *self.WEIGHTS)
        hint = "Y - T is (-.5, .5) for both samples. The error is their mean: where does n come in?"
        assert_close(answer["b2"], [-0.5, 0.5], rtol=1e-5, hint=hint, what='"b2"')
        expected = [[-0.25, 0.25], [-0.25, 0.25]]
        assert_close(answer["W2"], expected, rtol=1e-5, hint=hint, what='"W2"')

    def test_hidden_layer(self, submission: Submission) -> None:
        """The same two samples: db1 = (-.5, .5), and dW1 has three rows."""
        answer = _gradients(submission, self.X, self.T, *self.WEIGHTS)
        hint = "delta 2 goes back through W2, then times the sigmoid's slope, .25 where H is .5."
        assert_close(answer["b1"], [-0.5, 0.5], rtol=1e-5, hint=hint, what='"b1"')
        expected = [[-0.25, 0.25], [-0.5, 0.5], [-1.0, 1.0]]
        assert_close(answer["W1"], expected, rtol=1e-5, hint=hint, what='"W1"')

    @hidden
    @weight(1.5)
    @pytest.mark.parametrize("name", ["W2", "b2", "W1", "b1"])
    def test_random(self, submission: Submission, rng: np.random.Generator, name: str) -> None:
        """The gradient by this variable for random networks of several sizes and memory layouts."""
        hint = {
            "W2": "The slope of E by A meets what entered this layer: H, not X and not A.",
            "b2": "A bias acts on every sample once: what is to be added up, over which axis?",
            "W1": "Check delta 1: back through W2, then the sigmoid's slope, written with H.",
            "b1": "The same delta 1 as for W1, added up over the samples.",
        }[name]
        for sizes in [(7, 4, 5, 3), (4, 2, 3, 6), (9, 6, 4, 2), (6, 3, 3, 3), (5, 1, 1, 2)]:
            X, T, weights = _problem(rng, *sizes)
            weights[0].flat[::3] = 0
            with submission.any_layout():
                answer = _gradients(submission, X, T, *weights)[name]
            expected = reference.mlp_gradients(X, T, *weights)[name]
            what = f'"{name}" for n, d, m, k = {sizes}'
            assert_close(answer, expected, rtol=1e-4, atol=1e-6, hint=hint, what=what)

    @hidden
    def test_mean(self, submission: Submission, rng: np.random.Generator) -> None:
        """One sample alone is fine, and giving it three times changes nothing: E is a mean."""
        X, T, weights = _problem(rng, 1, 5, 4, 3)
        hint = "n samples that are all the same have the mean of one."
        expected = reference.mlp_gradients(X, T, *weights)
        for times in (1, 3):
            repeated = np.repeat(X, times, axis=0), np.repeat(T, times, axis=0)
            answer = _gradients(submission, *repeated, *weights)
            for name in NAMES:
                what = f'"{name}" for one sample, given {times} time(s)'
                assert_close(
                    answer[name], expected[name], rtol=1e-4, atol=1e-6, hint=hint, what=what
                )

    @hidden
    def test_integers(self, submission: Submission, rng: np.random.Generator) -> None:
        """Integer samples, labels and weights give the same answer as floats."""
        _, T, _ = _problem(rng, 6, 4, 3, 2)
        X = rng.integers(-2, 3, size=(6, 4))
        shapes: list[tuple[int, ...]] = [(4, 3), (3,), (3, 2), (2,)]
        weights = [rng.integers(-2, 3, size=shape) for shape in shapes]
        answer = _gradients(submission, X, T.astype(int), *weights)
        expected = reference.mlp_gradients(X, T, *weights)
        hint = "Gradients of integers are no integers."
        for name in NAMES:
            assert_close(
                answer[name], expected[name], rtol=1e-4, atol=1e-6, hint=hint, what=f'"{name}"'
            )


def _training(
    submission: Submission, X: Array, T: Array, units: int, lr: float, epochs: int, seed: int
) -> tuple[list[Array], Array]:
    """The four variables and the losses, if they have the right shapes; arguments unchanged."""
    with submission.inputs_unchanged():
        answer = submission.train_mlp(X, T, units, lr, epochs, seed)
    if not isinstance(answer, (tuple, list)) or len(answer) != 5:
        fail("train_mlp must return five things: (W1, b1, W2, b2, losses).")
    d, classes = X.shape[1], T.shape[1]
    shapes = [(d, units), (units,), (units, classes), (classes,), (epochs,)]
    arrays = []
    for thing, shape, name in zip(answer, shapes, [*NAMES, "losses"], strict=True):
        array = as_array(thing, name)
        if array.shape != shape:
            hint = "One loss for each epoch." if name == "losses" else "One column per unit."
            fail(f"{name} should have the shape {shape}, but it has {array.shape}.", hint=hint)
        if array.dtype.kind == "c" or not np.isfinite(array).all():
            fail(f"{name} holds numbers that are not finite.", hint="What happens in epoch 1?")
        arrays.append(array)
    return arrays[:4], arrays[4]


@question("train_mlp")
class TestTrainMlp:
    """Forward, compare, backward, update."""

    # Two clouds and a third between them; no rng here, the numbers are always the same.
    ANGLES = np.linspace(0, 30, 24)
    LABELS = np.arange(24) % 3
    X = np.stack([np.sin(ANGLES) + LABELS, np.cos(ANGLES), LABELS - 1.0, np.ones(24)], axis=1)
    T = np.eye(3)[LABELS]

    def test_losses_fall(self, submission: Submission) -> None:
        """24 samples of 3 classes: after 60 epochs the loss has fallen from about ln 3 = 1.1."""
        _, losses = _training(submission, self.X, self.T, 5, 0.5, 60, 3)
        hint = "Losses are means over the samples, one an epoch. Does each step go down?"
        if not 0.5 < losses[0] < 6:
            fail(f"The first loss should be near 1.1, but it is {losses[0]:.4g}.", hint=hint)
        if not losses[-1] < 0.8 * losses[0]:
            fail(
                f"The first loss is {losses[0]:.4g} and the last is {losses[-1]:.4g}; "
                f"it should be below {0.8 * losses[0]:.4g} by then.",
                hint=hint,
            )

    def test_same_seed(self, submission: Submission) -> None:
        """The same seed gives the same weights and losses, another seed gives others."""
        runs = [_training(submission, self.X, self.T, 4, 0.5, 3, seed) for seed in (7, 7, 8)]
        (first, losses), (again, same), (other, _) = runs
        hint = "All randomness has to come from one generator, made from seed within the function."
        for name, a, b in zip(NAMES, first, again, strict=True):
            assert_close(b, a, rtol=1e-6, hint=hint, what=f"{name} with the same seed")
        assert_close(same, losses, rtol=1e-6, hint=hint, what="losses with the same seed")
        if np.allclose(first[0], other[0], rtol=1e-3):
            fail("Another seed gives the same weights.", hint=hint)

    @hidden
    @weight(2)
    @pytest.mark.parametrize("lr", [0.3, 2.0])
    def test_one_more_epoch(
        self, submission: Submission, rng: np.random.Generator, lr: float
    ) -> None:
        """One more epoch moves the variables by -lr times the gradient over all samples, once."""
        X, T, _ = _problem(rng, 300, 5, 6, 3)  # more samples than a usual mini-batch
        X += 2 * T @ rng.normal(size=(3, 5))
        with submission.any_layout():
            before, _ = _training(submission, X, T, 6, lr, 4, 11)
            after, _ = _training(submission, X, T, 6, lr, 5, 11)
        slopes = reference.mlp_gradients(X, T, *before)
        hint = "All four gradients at the old weights, over all samples; then one step for each."
        for name, old, new in zip(NAMES, before, after, strict=True):
            expected = old - lr * slopes[name]
            what = f"{name} after one more epoch"
            assert_close(new, expected, rtol=1e-4, atol=2e-5, hint=hint, what=what)

    @hidden
    @weight(1.5)
    def test_losses(self, submission: Submission, rng: np.random.Generator) -> None:
        """Each loss is the mean cross-entropy of its epoch, before or after the step."""
        X = rng.normal(scale=0.5, size=(30, 4))
        X[:, 0] = np.linspace(-2, 4, 30)
        T = np.eye(3)[np.digitize(X[:, 0], [0.5, 2.5])]  # intervals give the biases work to do
        epochs = [1, 2, 3, 80]
        runs = [_training(submission, X, T, 5, 1.0, count, 5) for count in epochs]
        true = np.array([reference.mlp_loss(X, T, *weights) for weights, _ in runs])
        losses = runs[-1][1]
        after = np.allclose(losses[np.subtract(epochs, 1)], true, rtol=1e-3)
        # The loss before the last step belongs to weights that only a run of 79 epochs returns.
        last = reference.mlp_loss(X, T, *_training(submission, X, T, 5, 1.0, 79, 5)[0])
        before = np.allclose(losses[[1, 2, 3, 79]], [*true[:3], last], rtol=1e-3)
        if not (before or after):
            hint = "The mean over the samples of -sum t ln(y), over all of them, in each epoch."
            wanted, what = [*true[:3], last], "losses[[1, 2, 3, 79]], taken before the step,"
            assert_close(losses[[1, 2, 3, 79]], wanted, rtol=1e-3, hint=hint, what=what)

    @hidden
    def test_units_differ(self, submission: Submission, rng: np.random.Generator) -> None:
        """The hidden units start differently, and become different."""
        X, T, _ = _problem(rng, 30, 6, 5, 4)
        for epochs in (1, 30):
            (W1, *_), _ = _training(submission, X, T, 5, 1.0, epochs, 2)
            if np.ptp(W1, axis=1).max() < 1e-4 * max(1e-4, np.abs(W1).max()):
                fail(
                    "All hidden units have the same weights.",
                    hint="What are the slopes of two units that start with the same weights?",
                )

    @hidden
    @weight(3)
    def test_unseen_digits(self, submission: Submission) -> None:
        """400 epochs with 32 units and lr=1.0 read at least 93% of every fifth digit."""
        data, labels = load_digits(return_X_y=True)
        unseen = np.arange(len(data)) % 5 == 3
        X, T = data / 16, np.eye(10)[labels]
        weights, _ = _training(submission, X[~unseen], T[~unseen], 32, 1.0, 400, 23)
        says = reference.mlp_probabilities(X[unseen], *weights).argmax(axis=1)
        right = np.mean(says == labels[unseen])
        if right < 0.93:
            hint = "Small random weights, all samples in each epoch, and steps of the full lr?"
            fail(f"{right:.1%} of the unseen digits are read correctly, not 93%.", hint=hint)
