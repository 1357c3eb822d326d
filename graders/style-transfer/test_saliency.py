"""Which pixels a classifier's answer hangs on."""

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
from reference import inside as reference

# The classifiers are made twice from this text, by seed: in the process of the answer, and here.
CLASSIFIERS = '''
import torch
from torch import nn


def linear(weights):
    """Logits that are weighted sums of all values; weights (K, 3, H, W)."""
    layer = nn.Linear(weights[0].numel(), len(weights), bias=False)
    with torch.no_grad():
        layer.weight.copy_(weights.flatten(1))
    return nn.Sequential(nn.Flatten(), layer)


class Skipping(nn.Module):
    """No Sequential, with layers that act in another way while the model is trained."""

    def __init__(self, classes):
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, padding=1)
        self.norm = nn.BatchNorm2d(6)
        self.mix = nn.Conv2d(6, 6, 3, padding=1)
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(6, classes)

    def forward(self, x):
        y = torch.tanh(self.norm(self.stem(x)))
        y = y + torch.relu(self.mix(y))
        return self.head(self.drop(y.mean(dim=(2, 3))))


def classifier(kind, classes, seed):
    """A classifier of pictures of any size, with seeded weights, in evaluation mode."""
    if kind == "skipping":
        model = Skipping(classes)
    else:
        model = nn.Sequential(
            nn.Conv2d(3, 6, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 8, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(8, classes),
        )
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(0.6 * torch.randn(parameter.shape, generator=generator))
    return model.eval()
'''

WATCHED = '''
import torch


def prepare(model, trainable):
    """Freeze the model, or let some gradients lie on it; half of it is in training mode."""
    for number, module in enumerate(model.modules()):
        module.training = trainable and number % 2 == 0
    for number, parameter in enumerate(model.parameters()):
        parameter.requires_grad_(trainable)
        parameter.grad = torch.full_like(parameter, 0.5) if trainable and number % 2 else None


def state(model):
    modules, parameters = list(model.modules()), list(model.parameters())
    hooks = [
        len(value)
        for module in modules
        for name, value in vars(module).items()
        if name.endswith("_hooks") and value is not None
    ]
    return {
        "weights": [p.detach().clone() for p in parameters],
        "gradients": [None if p.grad is None else p.grad.clone() for p in parameters],
        "weights that may learn": [p.requires_grad for p in parameters],
        "training modes": [module.training for module in modules],
        "number of hooks": sum(hooks),
    }


def twice(function, model, x, labels):
    """Maps of one picture, which may be a part of another, and what has become of it."""
    maps = [function(model, x, label) for label in labels]
    left = [x.requires_grad, x.grad is not None]
    larger = torch.zeros(1, x.shape[3], x.shape[2] + 1, 3)
    part = larger.permute(0, 3, 2, 1)[:, :, 1:]
    part.copy_(x.detach())
    maps += [function(model, part, label) for label in labels]
    return maps, left


def learning(function, model, x, label):
    """The map of a picture that learns itself, and the gradient that lay on it."""
    x = x.clone().requires_grad_()
    x.grad = torch.full_like(x, 0.25)
    return function(model, x, label), x.requires_grad, x.grad
'''

FINE: dict[str, Any] = {"rtol": 1e-3, "atol": 1e-5}
LOGIT = (
    "The gradient of this label's logit, by the picture; then its largest size over the colours."
)


def _classifiers(submission: Submission, kind: str, classes: int, seed: int) -> tuple[Any, Any]:
    """One model in the process of the answer, and the same here."""
    local: dict[str, Any] = {}
    exec(CLASSIFIERS, local)
    theirs = submission.define(CLASSIFIERS)["classifier"](kind, classes, seed)
    return theirs, local["classifier"](kind, classes, seed)


def _picture(rng: np.random.Generator, height: int, width: int) -> torch.Tensor:
    return torch.from_numpy(rng.normal(size=(1, 3, height, width)).astype(np.float32))


def _assert_map(answer: Any, own: Any, x: torch.Tensor, label: int, hint: str = LOGIT) -> None:
    wanted = reference.saliency_map(own, x, label).numpy()
    # Small gradients count as well as large ones.
    near = {"rtol": FINE["rtol"], "atol": 1e-4 * float(wanted.max())}
    assert_close(answer, wanted, **near, hint=hint, what=f"the map of label {label}")


@question("saliency_map")
class TestSaliencyMap:
    """The largest absolute gradient of a logit over the channels."""

    def test_weighted_sums(self, submission: Submission) -> None:
        """Two pixels and two labels: the maps are ((5, 1)) and ((2, 4)), as in the text."""
        weights = torch.tensor(
            [
                [[[2.0, 0.0]], [[-5.0, 1.0]], [[3.0, -1.0]]],
                [[[0.0, 4.0]], [[1.0, 0.0]], [[-2.0, -3.0]]],
            ]
        )
        model = submission.define(CLASSIFIERS)["linear"](weights)
        x = torch.tensor([0.5, -0.5, 1.0, 2.0, -1.0, 0.25]).reshape(1, 3, 1, 2)
        for label, expected in enumerate(([[5.0, 1.0]], [[2.0, 4.0]])):
            answer = submission.saliency_map(model, x, label)
            what = f"the map of label {label}"
            assert_close(answer, expected, rtol=1e-5, hint=LOGIT, what=what)

    def test_shape(self, submission: Submission) -> None:
        """Of a picture of 6 x 9 pixels the map is (6, 9), and nothing in it is below 0."""
        model = submission.define(CLASSIFIERS)["classifier"]("plain", 4, 0)
        x = torch.linspace(-1, 1, 3 * 6 * 9).reshape(1, 3, 6, 9)
        answer = as_array(submission.saliency_map(model, x, 2))
        hint = "One number for each pixel: neither the batch nor the colours are left."
        assert_equal(answer.shape, (6, 9), hint=hint, what="the map's shape")
        if answer.min() < 0 or not answer.max() > 0:
            fail("The map should hold sizes of gradients: none below 0, some above.", hint=LOGIT)

    @hidden
    @weight(3)
    def test_each_label(self, submission: Submission, rng: np.random.Generator) -> None:
        """Classifiers of 2, 3 and 7 classes, pictures of several sizes, every label."""
        for classes, size, seed in ((3, (8, 12), 1), (2, (13, 6), 2), (7, (9, 9), 3)):
            model, own = _classifiers(submission, "plain", classes, seed)
            x = _picture(rng, *size)
            for label in range(classes):
                with submission.inputs_unchanged():
                    answer = submission.saliency_map(model, x, label)
                _assert_map(answer, own, x, label)

    @hidden
    def test_any_module(self, submission: Submission, rng: np.random.Generator) -> None:
        """A model that is no Sequential, with dropout and batch norm in evaluation mode."""
        model, own = _classifiers(submission, "skipping", 5, 4)
        for size in ((7, 10), (12, 5)):
            x = _picture(rng, *size)
            for label in (4, 1):
                answer = submission.saliency_map(model, x, label)
                hint = "The model runs in the mode that it is in, and is more than its layers."
                _assert_map(answer, own, x, label, hint)

    @hidden
    def test_model_unchanged(self, submission: Submission, rng: np.random.Generator) -> None:
        """The model's weights, their gradients, its modes and hooks stay, frozen or learning."""
        watched = submission.define(WATCHED)
        for trainable in (True, False):
            model, own = _classifiers(submission, "plain", 4, 5)
            x = _picture(rng, 6, 8)
            watched["prepare"](model, trainable)
            before = watched["state"](model)
            answer = submission.saliency_map(model, x, 3)
            after = watched["state"](model)
            _assert_map(answer, own, x, 3)
            for what, wanted in before.items():
                hint = "backward() leaves gradients on the weights, and eval() switches the mode."
                assert_equal(after[what], wanted, hint=hint, what=f"the model's {what}, now,")

    @hidden
    def test_picture_unchanged(self, submission: Submission, rng: np.random.Generator) -> None:
        """The picture is asked again and again; it stays as it is, and may be part of another."""
        model, own = _classifiers(submission, "plain", 3, 6)
        watched = submission.define(WATCHED)
        x, labels = _picture(rng, 7, 11), [2, 0, 2]
        maps, left = watched["twice"](submission.saliency_map, model, x, labels)
        hint = "Work on a copy of x, so that old gradients cannot add up and x stays as it is."
        for answer, label in zip(maps, labels * 2, strict=True):
            _assert_map(answer, own, x, label, hint)
        assert_equal(left, [False, False], hint=hint, what="x.requires_grad, and having a gradient")

    @hidden
    def test_picture_that_learns(self, submission: Submission, rng: np.random.Generator) -> None:
        """A picture that requires a gradient itself keeps the one that lies on it."""
        model, own = _classifiers(submission, "plain", 3, 7)
        learning = submission.define(WATCHED)["learning"]
        x = _picture(rng, 5, 8)
        answer, requires, grad = learning(submission.saliency_map, model, x, 1)
        hint = "Work on a copy of x, so that old gradients cannot add up and x stays as it is."
        _assert_map(answer, own, x, 1, hint)
        assert_equal(requires, True, hint=hint, what="x.requires_grad")
        wanted = np.full((1, 3, 5, 8), 0.25)
        assert_close(grad, wanted, rtol=1e-6, hint=hint, what="the gradient that lay on x")
