"""Accuracy: the right fraction, in evaluation mode, and a model that is left as it was."""

import numpy as np
import torch

from fairmark.testing import Submission, assert_close, assert_equal, fail, hidden, question, weight

# Runs beside the student's code: models that show in which mode they are asked.
WATCHED = '''
import torch
from torch import nn


class Watcher(nn.Module):
    """Its logits are its input, mostly the last column first; it notes how it was asked."""

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


def shaky(turned):
    """Right in evaluation mode alone."""
    last = nn.Sequential(nn.BatchNorm1d(4), nn.ReLU())
    return nn.Sequential(nn.Dropout(0.9), Watcher(turned), last)


def score(accuracy, X, y, shaken=False, modes=None, turned=True):
    """The accuracy of a model in these modes, and what has become of the model."""
    torch.manual_seed(0)
    plain = nn.Sequential(Watcher(turned), nn.Identity(), nn.Identity())
    model = shaky(turned) if shaken else plain
    for module, mode in zip(model.modules(), modes or [True] * 9):
        module.training = mode
    before = [module.training for module in model.modules()]
    numbers = [value.clone() for value in model.state_dict().values()]
    enabled = torch.is_grad_enabled()
    answer = accuracy(model, X, y)
    still_enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(enabled)
    watcher = next(module for module in model.modules() if isinstance(module, Watcher))
    return {
        "accuracy": answer,
        "before": before,
        "after": [module.training for module in model.modules()],
        "gradients": any(watcher.gradients),
        "trainable": all(p.requires_grad for p in model.parameters()),
        "gradients afterwards": still_enabled == enabled,
        "in training mode": any(watcher.training_mode),
        "changed": any((a != b).any() for a, b in zip(numbers, model.state_dict().values())),
    }
'''


@question("accuracy")
class TestAccuracy:
    """Logits are the input in reverse, so that the right fraction is known."""

    @weight(2)
    def test_three_of_four(self, submission: Submission) -> None:
        """Three of four samples are right: 0.75."""
        X = torch.tensor([[0.1, 0.9], [2.0, -1.0], [-3.0, -2.0], [0.6, 0.5]])
        y = torch.tensor([0, 1, 0, 0])  # the model's logits are X with its columns reversed
        answer = submission.define(WATCHED)["score"](submission.accuracy, X, y)["accuracy"]
        hint = "The class is where the largest logit is. A fraction of the samples, not a percent."
        assert_close(answer, 0.75, rtol=1e-5, hint=hint)

    def test_mode_before_and_after(self, submission: Submission) -> None:
        """The model is in the mode in which it was: training mode, or evaluation mode."""
        X, y = torch.eye(3), torch.arange(3)
        score = submission.define(WATCHED)["score"]
        for mode in (True, False):
            report = score(submission.accuracy, X, y, False, [mode] * 9)
            hint = "Look at model.training before you call model.eval(), and put it back."
            assert_equal(report["after"], report["before"], hint=hint, what="each layer's mode")

    @hidden
    @weight(2)
    def test_evaluation_mode(self, submission: Submission, rng: np.random.Generator) -> None:
        """A model with dropout and batch norm is judged in evaluation mode."""
        X = torch.from_numpy(rng.uniform(0.1, 1, size=(300, 4))).float()
        y = torch.from_numpy(rng.integers(0, 4, size=300))
        expected = float((X.flip(1).argmax(dim=1) == y).double().mean())
        report = submission.define(WATCHED)["score"](submission.accuracy, X, y, True)
        hint = "Dropout throws values away in training mode, batch norm uses the batch's mean."
        assert_close(report["accuracy"], expected, rtol=1e-5, hint=hint)
        assert_equal(report["in training mode"], False, hint=hint, what="training mode")
        assert_equal(report["changed"], False, hint=hint, what="a change of the model's numbers")

    @hidden
    @weight(2)
    def test_mode_of_every_submodule(self, submission: Submission) -> None:
        """Some layers were in training mode, others not: each is put back into its own."""
        X, y = torch.eye(4) + 0.1, torch.arange(4)
        score = submission.define(WATCHED)["score"]
        hint = "model.train() sets all layers inside to the same mode. Each had one of its own."
        for modes in (
            [True, False, True, True, False, True],
            [False, True, False, True, True, False],
            [True, True, True, False, False, False],
        ):
            report = score(submission.accuracy, X, y, True, modes)
            assert_equal(report["after"], report["before"], hint=hint, what="each layer's mode")

    @hidden
    def test_no_gradients(self, submission: Submission) -> None:
        """No graph is kept while the model runs, and afterwards it can be trained as before."""
        X, y = torch.eye(3), torch.arange(3)
        report = submission.define(WATCHED)["score"](submission.accuracy, X, y)
        if report["gradients"]:
            fail(
                "The model ran with gradients enabled.",
                hint="torch.no_grad() around the call saves the memory of a graph nobody needs.",
            )
        if not (report["trainable"] and report["gradients afterwards"]):
            fail(
                "After the call the model cannot be trained any more.",
                hint="Gradients are not wanted during the call. What ends with a with block?",
            )

    @hidden
    @weight(3)
    def test_many_and_few(self, submission: Submission, rng: np.random.Generator) -> None:
        """One sample, a hundred and one, and twenty thousand: the exact fraction, X unchanged."""
        score = submission.define(WATCHED)["score"]
        for n, classes in [(1, 3), (101, 5), (20_001, 7)]:
            X = torch.from_numpy(rng.normal(size=(n, classes))).float()
            y = torch.from_numpy(rng.integers(0, classes, size=n))
            y = torch.where(torch.from_numpy(rng.uniform(size=n)) < 0.6, X.flip(1).argmax(dim=1), y)
            expected = float((X.flip(1).argmax(dim=1) == y).double().mean())
            with submission.inputs_unchanged():
                answer = score(submission.accuracy, X, y)["accuracy"]
                other = score(submission.accuracy, X, y, turned=False)["accuracy"]
            hint = "Right samples divided by all samples, whatever the batches they came in."
            assert_close(answer, expected, rtol=1e-5, hint=hint, what=f"the accuracy of {n}")
            expected = float((X.argmax(dim=1) == y).double().mean())
            hint = "Another model has other logits: ask the one that you were given."
            assert_close(other, expected, rtol=1e-5, hint=hint, what="another model's accuracy")
