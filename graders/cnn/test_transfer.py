"""Transfer learning: features of a network that stays as it is, and a linear layer on top."""

from typing import Any

import numpy as np
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

# Runs beside the student's code: networks with known features, which note how they are asked.
BODIES = '''
import torch
from torch import nn


class Watcher(nn.Module):
    """Its features are its input, the last channel first; it notes how it was asked."""

    def __init__(self, turned=True):
        super().__init__()
        self.turned = turned
        self.factor = nn.Parameter(torch.ones(1))
        self.gradients = []
        self.training_mode = []

    def forward(self, x):
        self.gradients.append(torch.is_grad_enabled())
        self.training_mode.append(self.training)
        return self.factor * (x.flip(1) if self.turned else x)


class Mean(nn.Module):
    """Each channel's mean: (n, channels, height, width) -> (n, channels)."""

    def forward(self, x):
        return x.mean(dim=(2, 3))


def shaky(channels):
    """The input in reverse, and plus a quarter, in evaluation mode alone."""
    norm = nn.BatchNorm2d(channels, eps=0)
    nn.init.constant_(norm.bias, 0.25)
    return nn.Sequential(nn.Dropout(0.9), Watcher(), norm)


def plain(answer):
    """The answer without its graph, and whether it had one."""
    if isinstance(answer, torch.Tensor):
        return answer.detach(), answer.requires_grad
    if isinstance(answer, (list, tuple)):
        parts = [plain(part) for part in answer]
        return [part for part, _ in parts], any(attached for _, attached in parts)
    return answer, False


def embedded(embed, images, name="maps", modes=None):
    """The features, and what has become of the network."""
    torch.manual_seed(0)
    model = {
        "maps": lambda: nn.Sequential(Watcher(), nn.Identity()),
        "as they are": lambda: nn.Sequential(Watcher(turned=False), nn.Identity()),
        "means": lambda: nn.Sequential(Watcher(), Mean()),
        "shaky": lambda: shaky(images.shape[1]),
    }[name]()
    for module, mode in zip(model.modules(), modes or [True] * 9):
        module.training = mode
    before = [module.training for module in model.modules()]
    numbers = [value.clone() for value in model.state_dict().values()]
    enabled = torch.is_grad_enabled()
    features, attached = plain(embed(model, images))
    still_enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(enabled)
    watcher = next(module for module in model.modules() if isinstance(module, Watcher))
    return {
        "features": features,
        "before": before,
        "after": [module.training for module in model.modules()],
        "gradients": attached or any(watcher.gradients),
        "trainable": all(p.requires_grad for p in model.parameters()),
        "gradients afterwards": still_enabled == enabled,
        "in training mode": any(watcher.training_mode),
        "changed": any((a != b).any() for a, b in zip(numbers, model.state_dict().values())),
    }
'''


@question("embed")
class TestEmbed:
    """The features are the images in reverse, so that they are known."""

    def test_one_row_for_each_image(self, submission: Submission) -> None:
        """Two images, three maps of 2x2 each: the answer is (2, 12), row by row."""
        images = torch.arange(24.0).reshape(2, 3, 2, 2)
        answer = submission.define(BODIES)["embedded"](submission.embed, images)["features"]
        hint = "What the model gives for one image is laid out as one row; nothing else is done."
        assert_close(answer, images.flip(1).flatten(1), hint=hint, what="the features")

    def test_mode_before_and_after(self, submission: Submission) -> None:
        """The model is in the mode in which it was: training mode, or evaluation mode."""
        embedded = submission.define(BODIES)["embedded"]
        for mode in (True, False):
            report = embedded(submission.embed, torch.ones(2, 3, 2, 2), "maps", [mode] * 9)
            hint = "You have written it before, in accuracy."
            assert_equal(report["after"], report["before"], hint=hint, what="each layer's mode")

    @hidden
    @weight(2)
    def test_evaluation_mode(self, submission: Submission, rng: np.random.Generator) -> None:
        """A model with dropout and batch norm is asked in evaluation mode."""
        images = torch.from_numpy(rng.normal(size=(7, 4, 3, 5))).float()
        report = submission.define(BODIES)["embedded"](submission.embed, images, "shaky")
        expected = images.flip(1).flatten(1) + 0.25
        hint = "Dropout throws values away in training mode, batch norm uses the batch's mean."
        assert_close(report["features"], expected, rtol=1e-4, atol=1e-5, hint=hint)
        assert_equal(report["in training mode"], False, hint=hint, what="training mode")
        assert_equal(report["changed"], False, hint=hint, what="a change of the model's numbers")

    @hidden
    def test_mode_of_every_submodule(self, submission: Submission) -> None:
        """Some layers were in training mode, others not: each is put back into its own."""
        embedded = submission.define(BODIES)["embedded"]
        hint = "model.train() sets all layers inside to the same mode. Each had one of its own."
        for modes in ([True, False, True, True], [False, True, False, True]):
            report = embedded(submission.embed, torch.ones(2, 4, 2, 2), "shaky", modes)
            assert_equal(report["after"], report["before"], hint=hint, what="each layer's mode")

    @hidden
    def test_no_gradients(self, submission: Submission) -> None:
        """No graph is kept or handed out, and afterwards the model can be trained as before."""
        report = submission.define(BODIES)["embedded"](submission.embed, torch.ones(2, 3, 2, 2))
        if report["gradients"]:
            text = "The model ran with gradients enabled, or its features still hang on a graph."
            fail(text, hint="torch.no_grad() around the call saves the memory of a graph.")
        if not (report["trainable"] and report["gradients afterwards"]):
            text = "After the call the model cannot be trained any more."
            fail(
                text, hint="Gradients are not wanted during the call. What ends with a with block?"
            )

    @hidden
    @weight(2)
    def test_many_and_few(self, submission: Submission, rng: np.random.Generator) -> None:
        """One image and three hundred, maps and single numbers, images unchanged."""
        embedded = submission.define(BODIES)["embedded"]
        for n, channels, height, width in [(1, 2, 3, 4), (300, 3, 2, 2), (65, 5, 1, 3)]:
            images = torch.from_numpy(rng.normal(size=(n, channels, height, width))).float()
            wanted = {
                "maps": images.flip(1).flatten(1),
                "as they are": images.flatten(1),
                "means": images.flip(1).mean(dim=(2, 3)),
            }
            for name, expected in wanted.items():
                with submission.inputs_unchanged():
                    answer = embedded(submission.embed, images, name)["features"]
                hint = "One row for each image, in their order, whatever the model gives for one."
                assert_close(answer, expected, rtol=1e-4, atol=1e-5, hint=hint)


# Runs beside the student's code: trains a head and asks it.
HEADS = '''
import random

import numpy as np
import torch
from torch import nn


def trained(train_head, features, labels, options, x, noise=0):
    """The logits for x and the number of parameters; noise sets the global random numbers."""
    torch.manual_seed(noise)
    random.seed(noise)
    np.random.seed(noise)
    head = train_head(features, labels, *options)
    if not isinstance(head, nn.Module):
        return {"instead": type(head).__name__}
    head.eval()
    with torch.no_grad():
        logits = head(x.to(next(head.parameters(), x).dtype))
    return {"logits": logits, "parameters": sum(p.numel() for p in head.parameters())}


def on_a_graph(train_head, images, labels, options):
    """Whether training a head on attached features leaves the network that made them alone."""
    torch.manual_seed(0)
    body = nn.Linear(images.shape[1], 6)
    before = [p.detach().clone() for p in body.parameters()]
    train_head(body(images), labels, *options)
    same = all(torch.equal(a, b) for a, b in zip(before, body.parameters()))
    return same and all(p.grad is None or not p.grad.any() for p in body.parameters())
'''


def _train(submission: Submission, *arguments: object) -> Any:
    """What ``trained`` reports of the student's layer; it must be one."""
    report = submission.define(HEADS)["trained"](submission.train_head, *arguments)
    if "instead" in report:
        fail(
            f"train_head must return a layer; the answer is of the type {report['instead']}.",
            hint="Whoever calls train_head wants to ask the layer about new samples.",
        )
    return report


def _clouds(
    rng: np.random.Generator, n: int, features: int, classes: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Clouds of points, each three deviations or more away from every other one."""
    y = rng.permutation(np.arange(n) % classes)
    X = rng.normal(scale=0.5, size=(n, features))
    X[np.arange(n), y] += 3
    return torch.from_numpy(X).float(), torch.from_numpy(y)


@question("train_head")
class TestTrainHead:
    """Any optimiser is right; the layer is judged by what it says."""

    def test_a_layer(self, submission: Submission) -> None:
        """Six samples of 5 features, 3 classes: a layer from 5 features to 3 logits."""
        features, labels = torch.eye(6)[:, :5], torch.arange(6) % 3
        options, x = (3, 2, 0.1, 0), torch.linspace(0, 1, 20).reshape(4, 5)
        report = _train(submission, features, labels, options, x)
        assert_equal(as_array(report["logits"]).shape, (4, 3), what="the shape for 4 samples")
        hint = "One linear layer: 3*5 weights and 3 biases."
        assert_equal(report["parameters"], 18, hint=hint, what="the number of parameters")

    @weight(2)
    def test_learns(self, submission: Submission, rng: np.random.Generator) -> None:
        """Two clouds of points are told apart after 200 epochs with lr=0.1."""
        X, y = _clouds(rng, 80, 4, 2)
        report = _train(submission, X[:40], y[:40], (2, 200, 0.1, 0), X[40:])
        _assert_right(report["logits"], y[40:], 2)

    def test_share(self, submission: Submission) -> None:
        """Of equal samples three quarters are of class 0: the softmax gives 0.75, within 0.1."""
        features = torch.tensor([[1.0, 0.0]] * 20 + [[0.0, 1.0]] * 20)
        labels = torch.tensor(([0] * 15 + [1] * 5) + ([1] * 15 + [0] * 5))
        logits = _train(submission, features, labels, (2, 200, 0.1, 0), torch.eye(2))["logits"]
        scores = as_array(logits, "the logits").astype(float)
        assert_equal(scores.shape, (2, 2), what="the shape of the logits")
        exps = np.exp(scores - scores.max(axis=1, keepdims=True))
        answer = exps / exps.sum(axis=1, keepdims=True)
        hint = "The loss is the cross-entropy of the logits; cross_entropy has its softmax inside."
        expected = [[0.75, 0.25], [0.25, 0.75]]
        assert_close(answer, expected, rtol=0, atol=0.1, hint=hint, what="the probabilities")

    @hidden
    @weight(3)
    def test_clouds(self, submission: Submission, rng: np.random.Generator) -> None:
        """Clouds in other numbers, and a class that never occurs; the features are not changed."""
        for n, features, present, classes in [(60, 5, 3, 3), (130, 9, 4, 6), (45, 20, 5, 5)]:
            X, y = _clouds(rng, n + 100, features, present)
            with submission.inputs_unchanged():
                report = _train(submission, X[:n], y[:n], (classes, 200, 0.1, 3), X[n:])
            _assert_right(report["logits"], y[n:], classes)
            count = classes * features + classes
            assert_equal(report["parameters"], count, what="the number of parameters")

    @hidden
    def test_linear(self, submission: Submission, rng: np.random.Generator) -> None:
        """Logits are linear in the features: what the sum of two samples adds, each adds alone."""
        X, y = _clouds(rng, 40, 5, 3)
        zero, a, b = torch.zeros(1, 5), 10 * X[:4], 10 * X[4:8]
        samples = torch.cat([zero, a, b, a + b])
        report = _train(submission, X, y, (3, 20, 0.1, 1), samples)
        logits = as_array(report["logits"], "the logits").astype(float)
        assert_equal(logits.shape, (13, 3), what="the shape of the logits")
        logits -= logits[0]
        hint = "One linear layer, with nothing behind it: neither a ReLU nor a softmax."
        ours, what = logits[1:5] + logits[5:9], "the logits of the sums"
        assert_close(logits[9:], ours, rtol=1e-3, atol=1e-3, hint=hint, what=what)

    @hidden
    @weight(2)
    def test_seed(self, submission: Submission, rng: np.random.Generator) -> None:
        """The same seed gives the same layer, whatever was drawn before; another seed another."""
        X, y = _clouds(rng, 30, 5, 3)

        def logits(seed: int, noise: int) -> Any:
            options = (3, 2, 0.01, seed)
            report = _train(submission, X, y, options, torch.eye(5), noise)
            return as_array(report["logits"], "the logits")

        first = logits(4, noise=1)
        hint = "nn.Linear draws its first weights from torch's generator: seed it before."
        again, what = logits(4, noise=2), "the logits with the same seed"
        assert_close(again, first, rtol=1e-4, atol=1e-6, hint=hint, what=what)
        other = logits(5, noise=1)
        if other.shape == first.shape and np.allclose(other, first, rtol=1e-4, atol=1e-6):
            fail(
                "Two seeds gave the same layer.", hint="The first weights are random, by the seed."
            )

    @hidden
    def test_epochs_and_rate(self, submission: Submission, rng: np.random.Generator) -> None:
        """More epochs change the layer more, and so does a larger learning rate."""
        X, y = _clouds(rng, 30, 5, 3)

        def logits(epochs: int, lr: float) -> Any:
            options = (3, epochs, lr, 0)
            report = _train(submission, X, y, options, torch.eye(5))
            return as_array(report["logits"], "the logits")

        start = logits(1, 1e-7)
        few, many, larger = logits(2, 1e-3), logits(60, 1e-3), logits(2, 0.1)
        for name, answer in (("epochs", many), ("lr", larger)):
            if not np.abs(answer - start).max() > 2 * np.abs(few - start).max():
                fail(f"{name} makes no difference.", hint="Is each argument used?")

    @hidden
    def test_frozen(self, submission: Submission, rng: np.random.Generator) -> None:
        """The features hang on the network that made them: it gets no gradient, and stays."""
        X, y = _clouds(rng, 30, 5, 3)
        alone = submission.define(HEADS)["on_a_graph"](submission.train_head, X, y, (3, 3, 0.1, 0))
        if not alone:
            text = "Training the head has sent gradients into the network beneath."
            fail(text, hint="features.detach() is the same numbers, without their history.")


def _assert_right(logits: object, labels: torch.Tensor, classes: int) -> None:
    """95% of new samples are right."""
    scores = as_array(logits, "the logits")
    assert_equal(scores.shape, (len(labels), classes), what="the shape of the logits")
    share = float(np.mean(scores.argmax(axis=1) == labels.numpy()))
    if not share >= 0.95:
        hint = "zero_grad, forward, loss, backward, step, once for each batch of each epoch."
        fail(f"{share:.0%} of new samples are right; expected 95%.", hint=hint)
