"""VGG19's layers by name, and what they make of an image."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

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
from reference import style as reference

Array = npt.NDArray[Any]

# The network is made twice from this text, by seed: in the process of the answer, and here.
NETWORK = '''
import torch
from torch import nn


def network(widths, length, seed):
    """The first layers of a VGG19 that has these numbers of channels; weights by seed."""
    generator = torch.Generator().manual_seed(seed)
    layers, channels = [], 3
    for width, repeats in zip(widths, (2, 2, 4, 4, 4)):
        for _ in range(repeats):
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(inplace=True)]
            channels = width
        layers.append(nn.MaxPool2d(2))
    model = nn.Sequential(*layers[:length])
    with torch.no_grad():
        for layer in model:
            if isinstance(layer, nn.Conv2d):
                values = torch.randn(layer.weight.shape, generator=generator)
                layer.weight.copy_(values * (2 / layer.weight[0].numel()) ** 0.5)
                layer.bias.copy_(0.1 * torch.randn(layer.bias.shape, generator=generator))
    return model
'''

PROBES = '''
import torch
from torch import nn


class Behind(nn.Module):
    def forward(self, x):
        raise RuntimeError("a layer behind the last one wanted was run")


def with_more_behind(model):
    return nn.Sequential(*model, Behind())


def switches(model):
    """What may be switched in a frozen model, before and after."""
    modules, parameters = list(model.modules()), list(model.parameters())
    hooks = [
        len(value)
        for module in modules
        for name, value in vars(module).items()
        if name.endswith("_hooks") and value is not None
    ]
    return {
        "trainable parameters": sum(p.requires_grad for p in parameters),
        "parameters with a gradient": sum(p.grad is not None for p in parameters),
        "modules in training mode": sum(module.training for module in modules),
        "hooks": sum(hooks),
    }


def looked_into(function, model, x, layers):
    """A frozen model's switches, before and after, with and without a gradient for x."""
    model.requires_grad_(False).eval()
    before = switches(model)
    function(model, x, layers)
    function(model, x.clone().requires_grad_(), layers)
    return before, switches(model)


def gradient(function, model, x, factors):
    """The gradient by x of the features times these factors; None if there is none."""
    x = x.clone().requires_grad_()
    features = function(model, x, list(factors))
    total = sum((features[name] * factor).sum() for name, factor in factors.items())
    if not total.requires_grad:
        return None
    return torch.autograd.grad(total, x, allow_unused=True)[0]
'''

SLIM = (4, 6, 5, 7, 3)
REAL = (64, 128, 256, 512, 512)


def _network(widths: tuple[int, ...], length: int, seed: int) -> Any:
    local: dict[str, Any] = {}
    exec(NETWORK, local)
    return local["network"](widths, length, seed)


def _image(rng: np.random.Generator, n: int, height: int, width: int) -> torch.Tensor:
    return torch.from_numpy(rng.normal(size=(n, 3, height, width)).astype(np.float32))


def _feature(answer: object, name: str) -> Any:
    if not isinstance(answer, dict):
        fail("extract_features must return a dict: layer name -> features.")
    if name not in answer:
        fail(f"The dict lacks {name}.", hint="One entry for each of the names in layers.")
    return answer[name]


@question("vgg_layer_index")
class TestLayerIndex:
    """Where a named layer stands in ``features``."""

    def test_contract(self, submission: Submission) -> None:
        """conv1_1 is 0, relu1_1 is 1, conv4_2 is 21, pool5 is 36."""
        hint = "Blocks of 2, 2, 4, 4 and 4 convolutions; a ReLU after each, a pool after a block."
        for name, index in {"conv1_1": 0, "relu1_1": 1, "conv4_2": 21, "pool5": 36}.items():
            assert_equal(submission.vgg_layer_index(name), index, hint=hint, what=name)

    def test_unknown_name(self, submission: Submission) -> None:
        """There is no conv1_3: KeyError."""
        assert_equal(submission.vgg_layer_index("conv1_2"), 2, what="conv1_2")
        with raises("KeyError", hint="The first block has two convolutions."):
            submission.vgg_layer_index("conv1_3")

    @hidden
    @weight(3)
    def test_all_names(self, submission: Submission) -> None:
        """All 37 layers, in order."""
        hint = "Count on: 0 is conv1_1, 4 is pool1, 5 is conv2_1."
        for index, name in enumerate(reference.LAYERS):
            assert_equal(submission.vgg_layer_index(name), index, hint=hint, what=name)

    @hidden
    def test_more_unknown_names(self, submission: Submission) -> None:
        """Names that VGG19 does not have raise KeyError, whatever they look like."""
        hint = "Which blocks are there, and how many convolutions has each?"
        for name in ("conv2_3", "relu3_5", "conv4_5", "conv6_1", "pool6", "fc6", "conv0_1"):
            with raises("KeyError", hint=f"{name}: {hint}"):
                submission.vgg_layer_index(name)
        for name in ("conv1_0", "relu5_0", "pool0", "conv", "norm1_1", ""):
            with raises("KeyError", hint=f"{name!r}: {hint}"):
                submission.vgg_layer_index(name)


@question("extract_features")
class TestExtractFeatures:
    """The outputs of named layers."""

    def test_shapes(self, submission: Submission) -> None:
        """Of an image of 12 x 16 pixels, pool1 and conv2_1 have 6 x 8 positions."""
        model = submission.define(NETWORK)["network"](SLIM, 6, 0)
        x = torch.linspace(-1, 1, 3 * 12 * 16).reshape(1, 3, 12, 16)
        answer = submission.extract_features(model, x, ["pool1", "conv2_1"])
        for name, shape in (("pool1", (1, 4, 6, 8)), ("conv2_1", (1, 6, 6, 8))):
            found = np.shape(_feature(answer, name))
            assert_equal(found, shape, hint="Which layers come before it?", what=f"{name}'s shape")

    def test_negative_values(self, submission: Submission) -> None:
        """conv1_1 keeps its negative values, relu1_1 has none."""
        model = submission.define(NETWORK)["network"](SLIM, 2, 0)
        x = torch.linspace(-1, 1, 3 * 6 * 8).reshape(1, 3, 6, 8)
        answer = submission.extract_features(model, x, ["conv1_1", "relu1_1"])
        conv, relu = np.asarray(_feature(answer, "conv1_1")), _feature(answer, "relu1_1")
        hint = "VGG's ReLUs work in place: they write over what the convolution gave you."
        if not (conv < 0).any():
            fail("conv1_1 has lost its negative values.", hint=hint)
        assert_close(relu, np.maximum(conv, 0), rtol=1e-5, hint=hint, what="relu1_1")

    @hidden
    @weight(3)
    @pytest.mark.parametrize(
        "layers",
        [
            ["relu1_2", "pool2", "relu3_1"],
            ["relu4_1", "relu1_1", "pool3"],
            ["relu5_1", "pool1", "relu2_2", "pool4"],
            ["pool5"],
        ],
    )
    def test_values(
        self, submission: Submission, rng: np.random.Generator, layers: list[str]
    ) -> None:
        """Layers of a whole VGG19 with few channels, in any order, for a batch."""
        model, own = submission.define(NETWORK)["network"](SLIM, 37, 3), _network(SLIM, 37, 3)
        x = _image(rng, 2, 32, 48)
        with submission.inputs_unchanged():
            answer = submission.extract_features(model, x, layers)
        expected = reference.extract_features(own, x, layers)
        hint = "Each name stands for the output of one layer; is it that one, or its neighbour?"
        for name in layers:
            wanted = expected[name].detach().numpy()
            assert_close(_feature(answer, name), wanted, rtol=1e-3, atol=1e-4, hint=hint, what=name)

    @hidden
    @weight(3)
    def test_in_place(self, submission: Submission, rng: np.random.Generator) -> None:
        """Convolutions, each of which has an in-place ReLU behind it."""
        for widths, length, seed in ((SLIM, 22, 4), (REAL, 9, 5)):
            model = submission.define(NETWORK)["network"](widths, length, seed)
            own, x = _network(widths, length, seed), _image(rng, 1, 16, 24)
            layers = [name for name in reference.LAYERS[:length] if name.startswith("conv")]
            answer = submission.extract_features(model, x, layers)
            expected = reference.extract_features(own, x, layers)
            hint = "An in-place ReLU writes over what the layer before it gave."
            for name in layers:
                wanted = expected[name].detach().numpy()
                found = _feature(answer, name)
                assert_close(found, wanted, rtol=1e-3, atol=1e-4, hint=hint, what=name)

    @hidden
    def test_stops(self, submission: Submission, rng: np.random.Generator) -> None:
        """Nothing behind the last wanted layer is run."""
        helpers, probes = submission.define(NETWORK), submission.define(PROBES)
        x = _image(rng, 1, 10, 14)
        for last in ("relu2_1", "conv1_2", "conv1_1"):
            length = reference.vgg_layer_index(last) + 1
            front = helpers["network"](SLIM, length, 6)
            model = probes["with_more_behind"](front)
            answer = submission.extract_features(model, x, [last])
            wanted = reference.extract_features(_network(SLIM, length, 6), x, [last])[last]
            found = _feature(answer, last)
            assert_close(found, wanted.detach().numpy(), rtol=1e-3, atol=1e-4, what=last)

    @hidden
    def test_leaves_the_model_alone(self, submission: Submission, rng: np.random.Generator) -> None:
        """A frozen model stays as it was: frozen, in its mode, without hooks or gradients."""
        model = submission.define(NETWORK)["network"](SLIM, 12, 8)
        looked_into = submission.define(PROBES)["looked_into"]
        x, layers = _image(rng, 1, 9, 12), ["conv2_1", "relu1_2"]
        before, after = looked_into(submission.extract_features, model, x, layers)
        hint = "Remove your hooks, and put back what you have switched."
        for what, number in before.items():
            assert_equal(after[what], number, hint=hint, what=f"the number of {what}")

    @hidden
    @weight(2)
    def test_differentiable(self, submission: Submission, rng: np.random.Generator) -> None:
        """The gradient by x flows through each of the features."""
        model = submission.define(NETWORK)["network"](SLIM, 15, 7)
        gradient = submission.define(PROBES)["gradient"]
        own, x = _network(SLIM, 15, 7), _image(rng, 1, 16, 20)
        for layers in (["relu3_1", "relu1_2"], ["conv2_2", "pool1"], ["conv3_2"]):
            features = reference.extract_features(own, x, layers)
            factors = {
                name: torch.from_numpy(rng.normal(size=tuple(f.shape)).astype(np.float32))
                for name, f in features.items()
            }
            answer = gradient(submission.extract_features, model, x, factors)
            hint = "Does anything cut the features off from x: detach, no_grad, numpy?"
            if answer is None:
                fail(f"{' and '.join(layers)} cannot be differentiated by x.", hint=hint)
            leaf = x.clone().requires_grad_()
            features = reference.extract_features(own, leaf, layers)
            total = torch.stack([(features[n] * f).sum() for n, f in factors.items()]).sum()
            (wanted,) = torch.autograd.grad(total, leaf)
            assert_close(answer, wanted.numpy(), rtol=1e-2, atol=1e-2, hint=hint, what="it")
