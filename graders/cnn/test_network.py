"""The network: its layers, judged by what they compute, and how many parameters a model has."""

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from fairmark.testing import (
    Remote,
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

# Runs beside the student's code: a network is judged by its parameters' shapes and its logits,
# whatever modules it is made of. Each of the six parameters is known by its size.
NETWORK = '''
import torch


def build(build_cnn):
    model = build_cnn()
    if not isinstance(model, torch.nn.Module):
        raise TypeError(f"build_cnn() must return an nn.Module, not a {type(model).__name__}")
    with torch.no_grad():  # a lazy layer finds its size now
        model(as_it_wants(model, torch.zeros(2, 1, 8, 8)))
    return model


def as_it_wants(model, x):
    parameter = next(model.parameters(), x)
    return x.to(parameter.device, parameter.dtype)


def shape_of_logits(build_cnn, x):
    """The shape alone: an untrained network's numbers are random."""
    model = build(build_cnn)
    with torch.no_grad():
        return tuple(model(as_it_wants(model, x)).shape)


def shapes(build_cnn):
    return [tuple(p.shape) for p in build(build_cnn).parameters()]


def load(model, weights):
    with torch.no_grad():
        for parameter in model.parameters():
            value, shape = weights[parameter.numel()], tuple(parameter.shape)
            if len(shape) > 1 and shape[0] != len(value) and shape[-1] == len(value):
                value = value.flatten(1).T  # a matrix that stands on the right
            parameter.copy_(value.reshape(shape))


def logits(build_cnn, x, weights, training=False):
    model = build(build_cnn)
    load(model, weights)
    model.train(training)
    torch.manual_seed(0)  # for layers that draw at random
    with torch.no_grad():
        return model(as_it_wants(model, x))


def slopes(build_cnn, x, weights):
    """Whether the logits depend on each parameter."""
    model = build(build_cnn)
    load(model, weights)
    (model(as_it_wants(model, x)) ** 2).sum().backward()
    return [p.grad is not None and bool((p.grad != 0).any()) for p in model.parameters()]
'''

SIZES = [10, 16, 32, 144, 1280, 4608]
LAYERS = (
    "Which layers hold weights? Two convolutions, of 16 and of 32 filters of 3x3, and one linear "
    "layer, each with biases."
)


def _network(submission: Submission) -> Remote:
    return submission.define(NETWORK)


def _assert_sizes(shapes: object) -> None:
    """The parameters are those of the two convolutions and the linear layer."""
    found = [tuple(shape) for shape in shapes] if isinstance(shapes, list) else []
    if sorted(int(np.prod(shape)) for shape in found) != SIZES:
        fail(f"The parameters of the network have the shapes {found}.", hint=LAYERS)


def _weights(rng: np.random.Generator, low: float = -1.0) -> dict[int, torch.Tensor]:
    """Weights for each parameter, by its size; ``low=0`` makes them all positive."""
    shapes = [(16, 1, 3, 3), (16,), (32, 16, 3, 3), (32,), (10, 128), (10,)]
    scales = [0.6, 0.5, 0.2, 0.5, 0.3, 0.5]
    return {
        int(np.prod(shape)): torch.from_numpy(rng.uniform(low, 1, shape) * scale).float()
        for shape, scale in zip(shapes, scales, strict=True)
    }


def _expected(weights: dict[int, torch.Tensor], x: torch.Tensor) -> Array:
    model = reference.build_cnn().double()
    model.load_state_dict(
        {
            name: value.double()
            for name, value in zip(model.state_dict(), weights.values(), strict=True)
        }
    )
    with torch.no_grad():
        return np.asarray(model(x.double()))


def _channels_last(weights: dict[int, torch.Tensor]) -> dict[int, torch.Tensor]:
    """The same network for one that flattens (height, width, channels)."""
    linear = weights[1280].reshape(10, 32, 2, 2).permute(0, 2, 3, 1).reshape(10, 128)
    return weights | {1280: linear.contiguous()}


def _assert_logits(
    submission: Submission,
    x: torch.Tensor,
    weights: dict[int, torch.Tensor],
    hint: str,
    training: bool = False,
) -> None:
    """With our weights in its layers the student's network gives our logits."""
    network, expected = _network(submission), _expected(weights, x)
    _assert_sizes(network["shapes"](submission.build_cnn))

    def answer(ours: dict[int, torch.Tensor]) -> Any:
        return network["logits"](submission.build_cnn, x, ours, training)

    other = as_array(answer(_channels_last(weights)), "the logits")
    if other.shape == expected.shape and np.allclose(other, expected, rtol=1e-3, atol=1e-3):
        return  # flattened in another order: the same network
    assert_close(answer(weights), expected, rtol=1e-3, atol=1e-3, hint=hint, what="the logits")


@question("build_cnn")
class TestBuild:
    """The layers of the network, seen from outside."""

    def test_one_row_of_logits_for_each_digit(self, submission: Submission) -> None:
        """Five digits give logits of the shape (5, 10), one digit of the shape (1, 10)."""
        network = _network(submission)
        hint = "The batch stays: flatten what lies behind the first axis."
        for n in (5, 1):
            x = torch.linspace(0, 1, n * 64).reshape(n, 1, 8, 8)
            answer = network["shape_of_logits"](submission.build_cnn, x)
            assert_equal(answer, (n, 10), hint=hint, what=f"the shape for {n} digits")

    def test_parameters(self, submission: Submission) -> None:
        """Three layers hold weights and biases: 16x1x3x3, 32x16x3x3 and 10x128."""
        _assert_sizes(_network(submission)["shapes"](submission.build_cnn))

    @hidden
    @weight(3)
    def test_logits(self, submission: Submission, rng: np.random.Generator) -> None:
        """With our weights in its layers, the network gives our logits."""
        hint = (
            "The order is conv, ReLU, max-pool, conv, ReLU, max-pool, linear; what a layer's "
            "defaults are, its help tells."
        )
        for n in (3, 6):
            x = torch.from_numpy(rng.normal(size=(n, 1, 8, 8))).float()
            _assert_logits(submission, x, _weights(rng), hint)

    @hidden
    def test_without_negative_numbers(
        self, submission: Submission, rng: np.random.Generator
    ) -> None:
        """Where all numbers are positive, so that a ReLU does nothing, the logits are right."""
        x = torch.from_numpy(rng.uniform(size=(4, 1, 8, 8))).float()
        hint = "Padding 1, pooling by the maximum over 2x2, flattening, and nothing at the end."
        _assert_logits(submission, x, _weights(rng, low=0.0), hint)

    @hidden
    def test_scores_not_probabilities(
        self, submission: Submission, rng: np.random.Generator
    ) -> None:
        """A bias of the last layer that is 5 larger makes that logit 5 larger, and no other."""
        network = _network(submission)
        x = torch.from_numpy(rng.uniform(size=(4, 1, 8, 8))).float()
        weights = _weights(rng)
        _assert_sizes(network["shapes"](submission.build_cnn))
        before = as_array(network["logits"](submission.build_cnn, x, weights), "the logits")
        raised = weights | {10: weights[10] + 5 * torch.eye(10)[3]}
        after = as_array(network["logits"](submission.build_cnn, x, raised), "the logits")
        expected = np.tile(5 * np.eye(10)[3], (4, 1))
        hint = "Logits are scores, without limits; the loss function makes probabilities of them."
        assert_close(after - before, expected, atol=1e-3, hint=hint, what="the difference")

    @hidden
    def test_same_while_training(self, submission: Submission, rng: np.random.Generator) -> None:
        """In training mode the network computes the same; each digit by itself."""
        x = torch.from_numpy(rng.normal(size=(5, 1, 8, 8))).float()
        hint = "The contract's layers and no others: none that acts differently in training."
        weights = _weights(rng)
        _assert_logits(submission, x, weights, hint, training=True)
        _assert_logits(submission, x[2:3], weights, hint)

    @hidden
    def test_can_be_trained(self, submission: Submission, rng: np.random.Generator) -> None:
        """The logits' slopes reach every layer's weights."""
        x = torch.from_numpy(rng.normal(size=(40, 1, 8, 8))).float()
        network = _network(submission)
        _assert_sizes(network["shapes"](submission.build_cnn))
        if network["slopes"](submission.build_cnn, x, _weights(rng)) != [True] * 6:
            fail("Some weights get no gradient.", hint="Is the graph cut by detach or no_grad?")


# Models whose parameters can be counted by hand. None of this is known to the student's code.
COUNTED = """
import torch
from torch import nn


class Buffered(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(7))
        self.register_buffer("table", torch.zeros(50, 50))
        self.inner = nn.ModuleDict({"a": nn.Linear(4, 3), "b": nn.BatchNorm1d(6)})


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = nn.Embedding(11, 5)
        self.decode = nn.Linear(5, 11)
        self.decode.weight = self.encode.weight


def frozen_front():
    model = nn.Sequential(nn.Conv2d(2, 3, 5), nn.Sequential(nn.ReLU(), nn.Linear(9, 4)))
    model[0].requires_grad_(False)
    return model


def frozen_biases():
    model = nn.Sequential(nn.Linear(6, 5), nn.Linear(5, 2))
    for name, parameter in model.named_parameters():
        parameter.requires_grad = "bias" not in name
    return model


def twice():
    layer = nn.Linear(3, 3)
    return nn.Sequential(layer, nn.Tanh(), layer)


def alike():
    # Eight parameters. Those of the first and the last layer are equal, but they are not one.
    return nn.Sequential(
        nn.LayerNorm(4), nn.Linear(4, 5), nn.Sequential(nn.Linear(5, 4), nn.LayerNorm(4))
    )


MODELS = {
    "linear": lambda: nn.Linear(3, 2),
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
    "buffered": Buffered,
    "tied": Tied,
    "frozen front": frozen_front,
    "frozen biases": frozen_biases,
    "twice": twice,
    "alike": alike,
    "nothing": lambda: nn.Sequential(nn.ReLU(), nn.Flatten()),
}


def count(count_parameters, name):
    # The count, and which parameters are trainable, before and after.
    model = MODELS[name]()
    before = [p.requires_grad for p in model.parameters()]
    return count_parameters(model), before, [p.requires_grad for p in model.parameters()]
"""


def _assert_count(submission: Submission, name: str, expected: int, hint: str) -> None:
    counted = submission.define(COUNTED)["count"](submission.count_parameters, name)
    answer, before, after = counted
    assert_equal(answer, expected, hint=hint, what=f"the count for the model {name!r}")
    if before != after:
        text = "The model has been changed: other parameters than before are frozen."
        fail(text, hint="Look at the flags, and leave them as they are.")


@question("count_parameters")
class TestCount:
    """Models with a number that can be computed by hand."""

    def test_linear(self, submission: Submission) -> None:
        """A linear layer from 3 to 2 has 3*2 weights and 2 biases: 8."""
        _assert_count(submission, "linear", 8, "Weights and biases, each value counts.")

    def test_the_cnn(self, submission: Submission) -> None:
        """The network of this notebook has 160 + 4640 + 1290 = 6090."""
        _assert_count(submission, "cnn", 6090, "Add up all layers, weights and biases.")

    @hidden
    @weight(2)
    def test_frozen(self, submission: Submission) -> None:
        """Parameters that are frozen do not count."""
        hint = "Training leaves a parameter alone whose requires_grad is False."
        _assert_count(submission, "frozen front", 40, hint)
        _assert_count(submission, "frozen biases", 40, hint)

    @hidden
    def test_shared(self, submission: Submission) -> None:
        """A parameter that is used in two places is one parameter."""
        hint = "Training has one set of numbers to change there, not two."
        _assert_count(submission, "tied", 66, hint)
        _assert_count(submission, "twice", 12, hint)
        hint = "Two parameters with equal values are two: training will move them apart."
        _assert_count(submission, "alike", 65, hint)

    @hidden
    def test_buffers_and_the_model_itself(self, submission: Submission) -> None:
        """Buffers do not count; parameters of the model itself and of any layer within do."""
        hint = "Buffers, such as the statistics of a batch norm, are not trained."
        _assert_count(submission, "buffered", 34, hint)
        _assert_count(submission, "nothing", 0, "A model without parameters has 0 of them.")
