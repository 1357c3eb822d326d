"""Training: which samples, which gradients, which losses, and what comes of it."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from fairmark.testing import (
    Submission,
    as_array,
    assert_close,
    assert_equal,
    fail,
    hidden,
    question,
    weight,
)
from reference import cnn as reference

Array = npt.NDArray[Any]

# Runs beside the student's code: a linear model that keeps what it was shown, with which weights,
# and the gradients it got. Losses and gradients are computed anew, from these, by the judge.
SPY = '''
import random

import torch
from torch import nn


class Spy(nn.Module):
    def __init__(self, weight, bias):
        super().__init__()
        self.weight = nn.Parameter(weight.clone())
        self.bias = nn.Parameter(bias.clone())
        self.seen = []
        if hasattr(self.weight, "register_post_accumulate_grad_hook"):
            self.weight.register_post_accumulate_grad_hook(self.note_gradient)

    def note_gradient(self, parameter):
        if self.seen:
            self.seen[-1]["gradient"] = parameter.grad.detach().clone()

    def forward(self, x):
        if torch.is_grad_enabled():
            self.seen.append(
                {
                    "x": x.detach().flatten(1).clone(),
                    "weight": self.weight.detach().clone(),
                    "bias": self.bias.detach().clone(),
                }
            )
        return x.flatten(1) @ self.weight.T + self.bias


def spy_on(train, weight, bias, X, y, options, noise=0):
    """Train a spy; noise sets the global random numbers, on which nothing should depend."""
    torch.manual_seed(noise)
    random.seed(noise)
    spy = Spy(weight, bias)
    losses = train(spy, X, y, **options)
    last = {"weight": spy.weight.detach().clone(), "bias": spy.bias.detach().clone()}
    return {"losses": losses, "seen": spy.seen, "last": last}
'''


class _Step(NamedTuple):
    """One batch: the numbers of its samples, and the weights with which it was seen."""

    samples: list[int]
    weight: Array
    bias: Array
    gradient: Array | None


class _Run:
    """A training run of a linear model with 3 classes, as the model itself saw it."""

    def __init__(
        self,
        submission: Submission,
        rng: np.random.Generator,
        n: int,
        noise: int = 0,
        **options: Any,
    ) -> None:
        self.X = torch.from_numpy(rng.normal(size=(n, 2, 2, 3))).float()
        self.y = torch.from_numpy(rng.integers(0, 3, size=n))
        self.weight = torch.from_numpy(rng.normal(size=(3, 12))).float()
        self.bias = torch.from_numpy(rng.normal(size=3)).float()
        self._submission = submission
        self.again(noise, **options)

    def again(self, noise: int, **options: Any) -> None:
        """Train from the same start once more."""
        spy_on = self._submission.define(SPY)["spy_on"]
        with self._submission.inputs_unchanged():
            report = spy_on(
                self._submission.train, self.weight, self.bias, self.X, self.y, options, noise
            )
        self.steps = self._steps(report["seen"], options["epochs"])
        self.last_weight = as_array(report["last"]["weight"])
        self.last_bias = as_array(report["last"]["bias"])
        self.losses = as_array(report["losses"], "the list of losses")
        if self.losses.shape != (options["epochs"],):
            fail(
                f"train must return one loss for each of the {options['epochs']} epochs; "
                f"the answer has the shape {self.losses.shape}."
            )

    def _steps(self, seen: list[dict[str, Any]], epochs: int) -> list[_Step]:
        """Batches in their order; one that the optimiser looked at several times counts once."""
        rows = self.X.numpy().reshape(len(self.X), -1)
        steps: list[_Step] = []
        looks_again = sum(len(view["x"]) for view in seen) > epochs * len(rows)
        for view in seen:
            same = (as_array(view["x"])[:, None] == rows).all(axis=2)
            if not (same.sum(axis=1) == 1).all():
                fail("A batch holds samples that are not in X.", hint="X[batch], y[batch].")
            samples = [int(row.argmax()) for row in same]
            gradient = view.get("gradient")
            if looks_again and steps and steps[-1].samples == samples:
                continue
            steps.append(_Step(samples, view["weight"], view["bias"], gradient))
        return steps

    def epochs(self) -> list[list[_Step]]:
        """The batches of each epoch: an epoch ends when as many samples were seen as there are."""
        epochs: list[list[_Step]] = [[]]
        for step in self.steps:
            if sum(len(other.samples) for other in epochs[-1]) >= len(self.X):
                epochs.append([])
            epochs[-1].append(step)
        return epochs

    def samples(self) -> list[list[int]]:
        """The numbers of the samples of each epoch, in the order in which they were seen."""
        return [[i for step in epoch for i in step.samples] for epoch in self.epochs()]

    def losses_of(self, samples: list[int], weight: Array, bias: Array) -> Array:
        """The cross-entropy of each of these samples."""
        scores = self._scores(samples, weight, bias)
        scores -= scores.max(axis=1, keepdims=True)
        log_softmax = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        losses: Array = -log_softmax[np.arange(len(samples)), self.y.numpy()[samples]]
        return losses

    def gradient_of(self, step: _Step) -> Array:
        """The gradient of the batch's mean cross-entropy by the weight."""
        scores = self._scores(step.samples, step.weight, step.bias)
        share = np.exp(scores - scores.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        share[np.arange(len(share)), self.y.numpy()[step.samples]] -= 1
        gradient: Array = share.T @ self._rows(step.samples) / len(share)
        return gradient

    def _rows(self, samples: list[int]) -> Array:
        rows: Array = self.X.numpy().reshape(len(self.X), -1)[samples].astype(float)
        return rows

    def _scores(self, samples: list[int], weight: Array, bias: Array) -> Array:
        scores: Array = self._rows(samples) @ np.asarray(weight, float).T + bias
        return scores


def _assert_batches(run: _Run, epochs: int, batch_size: int) -> None:
    """Each epoch has every sample once, in batches of the right sizes."""
    n = len(run.X)
    for number, samples in enumerate(run.samples()):
        if sorted(samples) != list(range(n)):
            missing, seen = n - len(set(samples)), len(samples)
            fail(
                f"In epoch {number + 1} the model saw {seen} samples, and {missing} of the {n} "
                "in X not at all.",
                hint="Cut an order of all samples into batches; the rest is a batch as well.",
            )
    assert_equal(len(run.epochs()), epochs, hint="One pass over X each.", what="passes over X")
    expected = [batch_size] * (n // batch_size) + [n % batch_size] * (n % batch_size > 0)
    hint = "Batches of batch_size; only the last may be smaller."
    for epoch in run.epochs():
        assert_equal([len(s.samples) for s in epoch], expected, hint=hint, what="the batch sizes")


@question("train")
class TestTrain:
    """Any optimiser is right; what it is shown and what comes out is judged."""

    def test_loss(self, submission: Submission) -> None:
        """Where a model gives each right class 75%, the loss is -ln 0.75 = 0.28768."""
        weights, bias = torch.zeros(2, 12), torch.tensor([0.0, float(np.log(3))])
        X, y = torch.arange(96.0).reshape(8, 12) / 96, torch.ones(8, dtype=torch.int64)
        options = {"epochs": 2, "lr": 1e-9, "batch_size": 4}
        spy_on = submission.define(SPY)["spy_on"]
        answer = spy_on(submission.train, weights, bias, X, y, options)["losses"]
        hint = "The mean over the samples. cross_entropy takes logits: it has softmax inside."
        expected = [0.287682, 0.287682]
        assert_close(answer, expected, rtol=1e-3, hint=hint, what="the losses (lr is tiny)")

    def test_batches(self, submission: Submission, rng: np.random.Generator) -> None:
        """Ten samples in batches of four: each epoch has 4, 4 and 2, each sample once."""
        run = _Run(submission, rng, 10, epochs=3, lr=0.01, batch_size=4)
        _assert_batches(run, 3, 4)

    @weight(2)
    def test_learns(self, submission: Submission, rng: np.random.Generator) -> None:
        """Two clouds of points are told apart after 40 epochs with lr=0.1."""
        y = torch.arange(60) % 2
        X = torch.from_numpy(rng.normal(size=(60, 12))).float() + 3 * y[:, None] - 1.5
        options = {"epochs": 40, "lr": 0.1, "batch_size": 16}
        report = submission.define(SPY)["spy_on"](
            submission.train, torch.zeros(2, 12), torch.zeros(2), X, y, options
        )
        weights, bias = as_array(report["last"]["weight"]), as_array(report["last"]["bias"])
        right = np.mean((X.numpy() @ weights.T + bias).argmax(axis=1) == y.numpy())
        hint = "zero_grad, forward, loss, backward, step: is one of them missing?"
        if not right >= 0.95:
            fail(f"After training {right:.0%} of the points are right.", hint=hint)

    @hidden
    @weight(2)
    def test_mean_loss(self, submission: Submission, rng: np.random.Generator) -> None:
        """The loss of each epoch is the mean cross-entropy of its samples."""
        hint = "The mean of one epoch, over its samples: not the sum, not the last batch's."
        for n, batch_size, lr in [(24, 8, 0.03), (25, 10, 0.1), (30, 40, 0.02)]:
            run = _Run(submission, rng, n, epochs=4, lr=lr, batch_size=batch_size)
            _assert_batches(run, 4, batch_size)
            epochs = run.epochs()
            ends = [epoch[0] for epoch in epochs[1:]]
            finals = [(s.weight, s.bias) for s in ends] + [(run.last_weight, run.last_bias)]
            for number, (epoch, final) in enumerate(zip(epochs, finals, strict=True)):
                each = [run.losses_of(s.samples, s.weight, s.bias) for s in epoch]
                # What is meant is the first. A mean of the batches' means, and the loss that the
                # epoch ends with, are means of the epoch's cross-entropy as well.
                means = [
                    np.concatenate(each).mean(),
                    np.mean([losses.mean() for losses in each]),
                    run.losses_of(list(range(n)), *final).mean(),
                ]
                if not np.isclose(run.losses[number], means, rtol=1e-3).any():
                    what = f"the loss of epoch {number + 1}"
                    assert_close(run.losses[number], means[0], rtol=1e-3, hint=hint, what=what)

    @hidden
    @weight(2)
    def test_each_sample_once(self, submission: Submission, rng: np.random.Generator) -> None:
        """Batches of one, a batch larger than X, a last batch of one, 64 unless told."""
        for n, batch_size in [(7, 1), (9, 20), (13, 4)]:
            run = _Run(submission, rng, n, epochs=2, lr=0.01, batch_size=batch_size)
            _assert_batches(run, 2, batch_size)
        _assert_batches(_Run(submission, rng, 150, epochs=2, lr=0.01), 2, 64)

    @hidden
    @weight(2)
    def test_seed(self, submission: Submission, rng: np.random.Generator) -> None:
        """The samples are shuffled anew in each epoch; the seed, and nothing else, says how."""
        n, options = 40, {"epochs": 2, "lr": 0.02, "batch_size": 6}
        run = _Run(submission, rng, n, noise=1, seed=3, **options)
        first, losses, weights = run.samples(), run.losses, run.last_weight
        hint = "An order drawn at random for each epoch, from a generator with the given seed."
        if any(samples == list(range(n)) for samples in first):
            fail("The samples come in the order of X.", hint=hint)
        if first[0] == first[1]:
            fail("The second epoch came in the order of the first.", hint=hint)
        run.again(2, seed=3, **options)
        if run.samples() != first:
            fail("The same seed gave another order.", hint=hint)
        assert_close(run.losses, losses, rtol=1e-4, hint=hint, what="the losses with the same seed")
        assert_close(
            run.last_weight, weights, rtol=1e-3, atol=1e-5, hint=hint, what="the trained weights"
        )
        run.again(1, seed=4, **options)
        if run.samples() == first:
            fail("Two seeds gave the same order.", hint=hint)
        run.again(1, seed=0, **options)
        zero = run.samples()
        run.again(2, **options)
        if run.samples() != zero:
            fail("Without a seed the order is not that of seed 0.", hint="The head says seed=0.")

    @hidden
    @weight(2)
    def test_gradients(self, submission: Submission, rng: np.random.Generator) -> None:
        """Each step follows the slope of its own batch's cross-entropy."""
        run = _Run(submission, rng, 40, epochs=2, lr=0.01, batch_size=2)
        hint = (
            "The gradient of cross_entropy(logits, labels) for this batch alone: backward adds to "
            "the gradients that are there already."
        )
        noted = [step for step in run.steps if step.gradient is not None]
        for step in noted:
            ours, theirs = run.gradient_of(step).ravel(), as_array(step.gradient).ravel()
            # Sums instead of means, and a small penalty on the weights, belong to the optimiser.
            size = float(np.linalg.norm(ours) * np.linalg.norm(theirs))
            if np.linalg.norm(ours) > 0.3 and not ours @ theirs > 0.8 * size:
                fail("A gradient does not fit the batch that it was computed for.", hint=hint)
        if np.allclose(run.last_weight, run.weight.numpy(), atol=1e-4):
            fail("Training has not changed the model's weights.", hint=hint)

    @hidden
    @weight(4)
    def test_digits(self, submission: Submission, rng: np.random.Generator) -> None:
        """12 epochs, at one of the five learning rates, bring the CNN to 90% of unseen digits."""
        X, y, X_test, y_test = reference.digits_tensors()
        names = torch.from_numpy(rng.permutation(10))  # whoever knows the digits does not know them
        best = 0.0
        for start in (0, 1):
            for lr in (1e-2, 1e-1, 3e-2, 3e-3, 1e-3):
                logits = submission.define(MODELS)["trained"](
                    submission.train, "cnn", X, names[y], {"epochs": 12, "lr": lr}, X_test, start
                )
                best = max(best, _share_right(logits, names[y_test], 10))
                if best >= 0.9:
                    return
        hint = (
            "Which optimiser gets far in 12 epochs? Plain gradient descent does not; momentum "
            "or Adam do."
        )
        fail(f"The best of the five learning rates gets {best:.1%}; expected 90%.", hint=hint)

    @hidden
    @weight(2)
    def test_any_model(self, submission: Submission, rng: np.random.Generator) -> None:
        """Other models and other data are trained as well: here three bands, images of 2x6x5."""
        for name in ("bands", "images"):
            X, y = _other_data(rng, name)
            best = 0.0
            for lr in (1e-2, 1e-1, 3e-2):
                options = {"epochs": 30, "lr": lr, "batch_size": 20, "seed": 5}
                logits = submission.define(MODELS)["trained"](
                    submission.train, name, X[:300], y[:300], options, X[300:], 0
                )
                best = max(best, _share_right(logits, y[300:], 3))
                if best >= 0.9:
                    break
            else:
                hint = "Does train depend on the shape of its images, or on ten classes?"
                fail(f"{best:.0%} of new samples are right ({name}); expected 90%.", hint=hint)


# Models to be trained, and their logits for data that the training does not get.
MODELS = """
import torch
from torch import nn

MODELS = {
    "cnn": lambda: nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 10),
    ),
    "bands": lambda: nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 3)),
    "images": lambda: nn.Sequential(
        nn.Conv2d(2, 6, 3), nn.ReLU(), nn.Flatten(), nn.Linear(72, 3)
    ),
}


def trained(train, name, X, y, options, X_new, start):
    torch.manual_seed(start)
    model = MODELS[name]()
    train(model, X, y, **options)
    model.eval()
    with torch.no_grad():
        return model(X_new.to(next(model.parameters()).dtype))
"""


def _share_right(logits: object, labels: torch.Tensor, classes: int) -> float:
    scores = as_array(logits, "the logits")
    if scores.shape != (len(labels), classes):
        fail("The model no longer gives one row of logits for each sample.")
    return float(np.mean(scores.argmax(axis=1) == labels.numpy()))


def _other_data(rng: np.random.Generator, name: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Points in three bands of the plane, or images with a bright spot in one of three places."""
    y = rng.integers(0, 3, size=500)
    if name == "bands":
        X = np.stack([y - 1 + rng.uniform(-0.4, 0.4, 500), rng.normal(size=500)], axis=1)
    else:
        X = rng.normal(scale=0.5, size=(500, 2, 6, 5))
        X[np.arange(500), y % 2, 2 * y, 1 + y] += 4
    return torch.from_numpy(X).float(), torch.from_numpy(y)
