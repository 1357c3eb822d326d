"""The checks that you can run yourself. Made from the graders: changes here are lost."""

import numpy as np
import numpy.typing as npt
import torch
from collections.abc import Iterable
from fairmark.testing import (
    Remote,
    Submission,
    as_array,
    assert_close,
    assert_equal,
    fail,
    question,
    weight,
)
from typing import Any, NamedTuple

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

    @weight(2)
    def test_three_of_four(self, submission: Submission) -> None:
        """Three of four samples are right: 0.75."""
        X = torch.tensor([[0.1, 0.9], [2.0, -1.0], [-3.0, -2.0], [0.6, 0.5]])
        y = torch.tensor([0, 1, 0, 0])
        answer = submission.define(WATCHED)["score"](submission.accuracy, X, y)["accuracy"]
        hint = "The class is where the largest logit is. A fraction of the samples, not a percent."
        assert_close(answer, 0.75, rtol=1e-05, hint=hint)

    def test_mode_before_and_after(self, submission: Submission) -> None:
        """The model is in the mode in which it was: training mode, or evaluation mode."""
        X, y = (torch.eye(3), torch.arange(3))
        score = submission.define(WATCHED)["score"]
        for mode in (True, False):
            report = score(submission.accuracy, X, y, False, [mode] * 9)
            hint = "Look at model.training before you call model.eval(), and put it back."
            assert_equal(report["after"], report["before"], hint=hint, what="each layer's mode")


def _four(answer: object) -> tuple[Any, Any, Any, Any]:
    if not isinstance(answer, (tuple, list)) or len(answer) != 4:
        fail("digits_tensors must return four things: (X_train, y_train, X_test, y_test).")
    X_train, y_train, X_test, y_test = answer
    return (X_train, y_train, X_test, y_test)


DTYPES = '''
import torch


def dtypes(digits_tensors):
    """The name of each part's dtype, or of its class where it has none."""
    return [
        str(torch.as_tensor(part).dtype).removeprefix("torch.")
        if hasattr(part, "dtype")
        else type(part).__name__
        for part in digits_tensors()
    ]
'''


def _assert_dtypes(submission: Submission, expected: dict[str, str]) -> None:
    found = submission.define(DTYPES)["dtypes"](submission.digits_tensors)
    hint = "Pixels are float32, as torch's layers are; labels are int64, as its losses want."
    for what, actual in zip(("X_train", "y_train", "X_test", "y_test"), _four(found), strict=True):
        if what in expected:
            assert_equal(actual, expected[what], hint=hint, what=f"the dtype of {what}")


@question("digits_tensors")
class TestDigits:

    def test_shapes(self, submission: Submission) -> None:
        """1415 digits to train, 382 to test, each an image with one channel."""
        X_train, y_train, X_test, y_test = _four(submission.digits_tensors())
        hint = "A batch of images is (n, channels, height, width); labels are (n,)."
        for value, shape, what in (
            (X_train, (1415, 1, 8, 8), "X_train"),
            (y_train, (1415,), "y_train"),
            (X_test, (382, 1, 8, 8), "X_test"),
            (y_test, (382,), "y_test"),
        ):
            assert_equal(as_array(value, what).shape, shape, hint=hint, what=f"{what}'s shape")

    def test_dtype_of_images(self, submission: Submission) -> None:
        """Pixels are float32."""
        _assert_dtypes(submission, {"X_train": "float32", "X_test": "float32"})

    def test_dtype_of_labels(self, submission: Submission) -> None:
        """Labels are int64."""
        _assert_dtypes(submission, {"y_train": "int64", "y_test": "int64"})

    def test_first_digit(self, submission: Submission) -> None:
        """The first digit is a 0; its first row is 0, 0, 5, 13, 9, 1, 0, 0 sixteenths."""
        X_train, y_train, _, _ = _four(submission.digits_tensors())
        images, labels = (as_array(X_train, "X_train"), as_array(y_train, "y_train"))
        if images.shape != (1415, 1, 8, 8) or labels.shape != (1415,):
            fail("The shapes must be right first.")
        hint = "Which number makes a full pixel 1.0? And the digits keep their order."
        row = np.array([0, 0, 5, 13, 9, 1, 0, 0]) / 16
        assert_close(images[0, 0, 0], row, rtol=1e-05, hint=hint, what="the first row")
        assert_equal(int(labels[0]), 0, hint=hint, what="the first label")


def _image(*rows: list[float]) -> torch.Tensor:
    return torch.tensor(rows)[None, None]


@question("shift_images")
class TestShift:

    def test_right(self, submission: Submission) -> None:
        """dx=1 moves each row one pixel to the right; a column of zeros moves in at the left."""
        X = _image([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])
        expected = [[[[0, 1, 2], [0, 4, 5]]]]
        hint = "+dx is to the right. What leaves on one side does not come back on the other."
        assert_close(submission.shift_images(X, 1, 0), expected, hint=hint)

    def test_down(self, submission: Submission) -> None:
        """dy=1 moves each column one pixel down; a row of zeros moves in at the top."""
        X = _image([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])
        hint = "+dy is down: row 0 of the image becomes row 1."
        assert_close(submission.shift_images(X, 0, 1), [[[[0, 0, 0], [1, 2, 3]]]], hint=hint)


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
    if sorted((int(np.prod(shape)) for shape in found)) != SIZES:
        fail(f"The parameters of the network have the shapes {found}.", hint=LAYERS)


@question("build_cnn")
class TestBuild:

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

    def test_linear(self, submission: Submission) -> None:
        """A linear layer from 3 to 2 has 3*2 weights and 2 biases: 8."""
        _assert_count(submission, "linear", 8, "Weights and biases, each value counts.")

    def test_the_cnn(self, submission: Submission) -> None:
        """The network of this notebook has 160 + 4640 + 1290 = 6090."""
        _assert_count(submission, "cnn", 6090, "Add up all layers, weights and biases.")


FAKE_DEVICES = '''
import contextlib
from unittest import mock

import torch


def chosen(choose, cuda, mps):
    """What choose() says when these devices are there; then all is put back."""
    accelerator = torch.device("mps" if mps and not cuda else "cuda")
    answers = [
        (torch.cuda, "is_available", cuda),
        (torch.cuda, "device_count", int(cuda)),
        (torch._C, "_cuda_getDeviceCount", int(cuda)),
        (torch.backends.cuda, "is_built", True),
        (torch.backends.mps, "is_built", True),
        (torch.backends.mps, "is_available", mps),
        (torch.backends.mps, "is_macos_or_newer", True),
        (torch._C, "_mps_is_available", mps),
        (torch._C, "_accelerator_getAccelerator", accelerator),
        (getattr(torch, "accelerator", None), "is_available", cuda or mps),
    ]
    forget = getattr(torch.backends.mps.is_available, "cache_clear", lambda: None)
    forget()
    try:
        with contextlib.ExitStack() as fakes:
            for owner, name, value in answers:
                if owner is not None:
                    fake = mock.patch.object(
                        owner, name, lambda *args, value=value: value, create=True
                    )
                    fakes.enter_context(fake)
            return str(choose())
    finally:
        forget()
'''


def _chosen(submission: Submission, cuda: bool, mps: bool) -> str:
    """The kind of device that the student's function names."""
    answer = submission.define(FAKE_DEVICES)["chosen"](submission.choose_device, cuda, mps)
    return str(answer).partition(":")[0]


@question("choose_device")
class TestDevice:

    def test_nothing_but_the_cpu(self, submission: Submission) -> None:
        """Where there is no accelerator, it is the CPU."""
        hint = "PyTorch built for a GPU is not a GPU: ask what is available."
        assert_equal(_chosen(submission, False, False), "cpu", hint=hint, what="the device")

    def test_cuda(self, submission: Submission) -> None:
        """Where there is an NVIDIA GPU, it is cuda."""
        hint = "PyTorch calls an NVIDIA GPU cuda. Is it asked for at the moment of the call?"
        assert_equal(_chosen(submission, True, False), "cuda", hint=hint, what="the device")


LAUNCH = 0.25


class _Device:
    """A pretended GPU: it works on while the caller goes on, and only it moves the clock.

    The n-th job takes ``jobs[n]`` seconds; ``pending`` seconds of work are there already.
    """

    def __init__(self, jobs: Iterable[float], pending: float = 0.0) -> None:
        self._jobs = list(jobs)
        self.calls = 0
        self.now = 100.0
        self._free_at = self.now + pending
        self.too_early = 0
        "How often the clock was read while the device was at work."

    def work(self) -> None:
        if self.calls >= len(self._jobs):
            fail(f"work was called more than {self.calls} times.")
        self.now += LAUNCH
        self._free_at = max(self._free_at, self.now) + self._jobs[self.calls]
        self.calls += 1

    def synchronize(self) -> None:
        self.now = max(self.now, self._free_at)

    def clock(self) -> float:
        self.too_early += self.now < self._free_at
        return self.now

    def measure(self, submission: Submission, **options: Any) -> Any:
        """Let the student's function measure this device."""
        return submission.measure_seconds(self.work, self.synchronize, clock=self.clock, **options)


@question("measure_seconds")
class TestMeasure:

    def test_waits_for_the_device(self, submission: Submission) -> None:
        """One job of 3 s, handed over in 0.25 s, takes 3.25 s, not 0.25 s."""
        device = _Device([3.0])
        seconds = device.measure(submission, repeats=1, warmup=0)
        hint = "work() returns at once. Who tells you that the device has finished?"
        assert_close(seconds, 3.0 + LAUNCH, rtol=1e-05, hint=hint, what="the time")

    def test_median(self, submission: Submission) -> None:
        """Jobs of 9, 1 and 2 s: the median is the middle one, 2 s, plus 0.25 s."""
        device = _Device([9.0, 1.0, 2.0])
        seconds = device.measure(submission, repeats=3, warmup=0)
        hint = "Time each call by itself, sort the times, take the middle one."
        assert_close(seconds, 2.0 + LAUNCH, rtol=1e-05, hint=hint, what="the time")

    def test_warm_up(self, submission: Submission) -> None:
        """Two slow calls to warm up are made, but not timed."""
        device = _Device([60.0, 30.0, 1.0, 4.0, 2.0])
        seconds = device.measure(submission, repeats=3, warmup=2)
        hint = "First warmup calls without a clock, then repeats calls with it."
        assert_equal(device.calls, 5, hint=hint, what="the number of calls of work")
        assert_close(seconds, 2.0 + LAUNCH, rtol=1e-05, hint=hint, what="the time")


TRACED = '''
import torch
from torch import nn
from torch.nn.modules import module as internals


class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.factor = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return self.factor * x


class Functional(nn.Module):
    """Some steps are functions; the layers are made in another order than they run."""

    def __init__(self):
        super().__init__()
        self.last = nn.Linear(24, 7)
        self.unused = nn.Linear(2, 2)
        self.squash = nn.Tanh()
        self.first = nn.Conv1d(2, 4, 3, stride=2)
        self.scale = Scale()

    def forward(self, x):
        x = torch.relu(self.first(x))
        x = self.scale(nn.functional.pad(x, (1, 1)))
        return self.squash(self.last(x.flatten(1)))


class Reused(nn.Module):
    def __init__(self):
        super().__init__()
        self.shrink = nn.MaxPool2d(2)
        self.mix = nn.Conv2d(3, 3, 1)
        self.act = nn.ReLU()

    def forward(self, x):
        for _ in range(2):
            x = self.shrink(self.act(self.mix(x)))
        return self.act(x)


class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = nn.Sequential(nn.Linear(6, 4), nn.Sequential(nn.ReLU(), nn.Linear(4, 3)))
        self.right = nn.ModuleList([nn.Identity(), nn.Linear(6, 3)])

    def forward(self, x):
        y = self.right[1](self.right[0](x))
        return self.left(x) + y


class Shared(nn.Module):
    """One layer that lies in two containers."""

    def __init__(self):
        super().__init__()
        act = nn.ReLU()
        self.first = nn.Sequential(nn.Linear(4, 6), act)
        self.second = nn.Sequential(nn.Linear(6, 2), act)

    def forward(self, x):
        return self.second(self.first(x))


MODELS = {
    "small": lambda: nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)),
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
    "one layer": lambda: nn.Conv2d(2, 5, (3, 2), padding=(0, 1)),
    "functional": Functional,
    "reused": Reused,
    "branches": Branches,
    "shared": Shared,
}


def hooks(model):
    """How many hooks there are, of each kind, and which forwards were replaced."""
    kinds = [name for name in vars(model) if name.endswith("_hooks")]
    globally = [value for name, value in vars(internals).items() if name.startswith("_global_")]
    return [
        [sum(len(vars(m).get(kind) or ()) for m in model.modules()) for kind in kinds],
        [len(common) for common in globally if isinstance(common, dict)],
        ["forward" in vars(m) for m in model.modules()],
    ]


def settings(model):
    """Which modules are in training mode, and which parameters are trainable."""
    modes = [module.training for module in model.modules()]
    return modes, [parameter.requires_grad for parameter in model.parameters()]


def trace(trace_shapes, name, x):
    return trace_shapes(MODELS[name](), x)


def trace_twice(trace_shapes, name, x, own_hooks):
    """Two traces of one model, and what is left on it."""
    model = MODELS[name]()
    calls = []
    if own_hooks:
        for layer in model.modules():
            layer.register_forward_hook(lambda *_: calls.append(1))
    for number, layer in enumerate(model.modules()):
        layer.training = number % 3 > 0
    before, flags = hooks(model), settings(model)
    first = trace_shapes(model, x)
    length = len(first)
    after = hooks(model)
    calls.clear()
    model(x)
    own_calls, grown = len(calls), len(first) - length
    second = trace_shapes(model, x)
    return {
        "first": first,
        "second": second,
        "left": before != after,
        "changed": flags != settings(model),
        "grown": grown,
        "own calls": own_calls,
    }
'''

Shapes = list[tuple[str, tuple[int, ...]]]


def _assert_trace(answer: object, expected: Shapes, hint: str) -> None:
    """The answer is a list of pairs of a name and a shape, those expected."""
    if not isinstance(answer, (list, tuple)):
        fail("trace_shapes must return a list of pairs (class name, output shape).")
    found = []
    for pair in answer:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2 or (not isinstance(pair[0], str)):
            fail(f"Each item must be a pair (class name, output shape), but one is {pair!r}.")
        shape = as_array(pair[1], "an output shape")
        found.append((pair[0], tuple((int(size) for size in np.atleast_1d(shape)))))
    if found != expected:
        shown = [f"{name} {shape}" for name, shape in found]
        wanted = [f"{name} {shape}" for name, shape in expected]
        fail(f"Expected: {', '.join(wanted)}. Got: {', '.join(shown) or 'nothing'}.", hint=hint)


CNN_SHAPES: Shapes = [
    ("Conv2d", (5, 16, 8, 8)),
    ("ReLU", (5, 16, 8, 8)),
    ("MaxPool2d", (5, 16, 4, 4)),
    ("Conv2d", (5, 32, 4, 4)),
    ("ReLU", (5, 32, 4, 4)),
    ("MaxPool2d", (5, 32, 2, 2)),
    ("Flatten", (5, 128)),
    ("Linear", (5, 10)),
]


@question("trace_shapes")
class TestTrace:

    def test_small(self, submission: Submission) -> None:
        """Linear(4, 3), ReLU, Linear(3, 2) on five samples: (5, 3), (5, 3), (5, 2)."""
        traced = submission.define(TRACED)
        answer = traced["trace"](submission.trace_shapes, "small", torch.ones(5, 4))
        expected: Shapes = [("Linear", (5, 3)), ("ReLU", (5, 3)), ("Linear", (5, 2))]
        _assert_trace(answer, expected, "One pair for each layer without layers inside.")

    def test_the_cnn(self, submission: Submission) -> None:
        """The network of this notebook on five digits, from (5, 16, 8, 8) to (5, 10)."""
        traced = submission.define(TRACED)
        answer = traced["trace"](submission.trace_shapes, "cnn", torch.ones(5, 1, 8, 8))
        _assert_trace(answer, CNN_SHAPES, "The shape of what comes out, the batch included.")


Array = npt.NDArray[Any]

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
        looks_again = sum((len(view["x"]) for view in seen)) > epochs * len(rows)
        for view in seen:
            same = (as_array(view["x"])[:, None] == rows).all(axis=2)
            if not (same.sum(axis=1) == 1).all():
                fail("A batch holds samples that are not in X.", hint="X[batch], y[batch].")
            samples = [int(row.argmax()) for row in same]
            gradient = view.get("gradient")
            if looks_again and steps and (steps[-1].samples == samples):
                continue
            steps.append(_Step(samples, view["weight"], view["bias"], gradient))
        return steps

    def epochs(self) -> list[list[_Step]]:
        """The batches of each epoch: an epoch ends when as many samples were seen as there are."""
        epochs: list[list[_Step]] = [[]]
        for step in self.steps:
            if sum((len(other.samples) for other in epochs[-1])) >= len(self.X):
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
            missing, seen = (n - len(set(samples)), len(samples))
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

    def test_loss(self, submission: Submission) -> None:
        """Where a model gives each right class 75%, the loss is -ln 0.75 = 0.28768."""
        weights, bias = (torch.zeros(2, 12), torch.tensor([0.0, float(np.log(3))]))
        X, y = (torch.arange(96.0).reshape(8, 12) / 96, torch.ones(8, dtype=torch.int64))
        options = {"epochs": 2, "lr": 1e-09, "batch_size": 4}
        spy_on = submission.define(SPY)["spy_on"]
        answer = spy_on(submission.train, weights, bias, X, y, options)["losses"]
        hint = "The mean over the samples. cross_entropy takes logits: it has softmax inside."
        expected = [0.287682, 0.287682]
        assert_close(answer, expected, rtol=0.001, hint=hint, what="the losses (lr is tiny)")

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
        weights, bias = (as_array(report["last"]["weight"]), as_array(report["last"]["bias"]))
        right = np.mean((X.numpy() @ weights.T + bias).argmax(axis=1) == y.numpy())
        hint = "zero_grad, forward, loss, backward, step: is one of them missing?"
        if not right >= 0.95:
            fail(f"After training {right:.0%} of the points are right.", hint=hint)


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
    return (torch.from_numpy(X).float(), torch.from_numpy(y))


@question("train_head")
class TestTrainHead:

    def test_a_layer(self, submission: Submission) -> None:
        """Six samples of 5 features, 3 classes: a layer from 5 features to 3 logits."""
        features, labels = (torch.eye(6)[:, :5], torch.arange(6) % 3)
        options, x = ((3, 2, 0.1, 0), torch.linspace(0, 1, 20).reshape(4, 5))
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
        labels = torch.tensor([0] * 15 + [1] * 5 + ([1] * 15 + [0] * 5))
        logits = _train(submission, features, labels, (2, 200, 0.1, 0), torch.eye(2))["logits"]
        scores = as_array(logits, "the logits").astype(float)
        assert_equal(scores.shape, (2, 2), what="the shape of the logits")
        exps = np.exp(scores - scores.max(axis=1, keepdims=True))
        answer = exps / exps.sum(axis=1, keepdims=True)
        hint = "The loss is the cross-entropy of the logits; cross_entropy has its softmax inside."
        expected = [[0.75, 0.25], [0.25, 0.75]]
        assert_close(answer, expected, rtol=0, atol=0.1, hint=hint, what="the probabilities")


def _assert_right(logits: object, labels: torch.Tensor, classes: int) -> None:
    """95% of new samples are right."""
    scores = as_array(logits, "the logits")
    assert_equal(scores.shape, (len(labels), classes), what="the shape of the logits")
    share = float(np.mean(scores.argmax(axis=1) == labels.numpy()))
    if not share >= 0.95:
        hint = "zero_grad, forward, loss, backward, step, once for each batch of each epoch."
        fail(f"{share:.0%} of new samples are right; expected 95%.", hint=hint)


# What check() says beside the results; times are in seconds.
ABOUT = {
    "call_seconds": 60.0,
    "question_seconds": 240.0,
    "exercises": {
        "digits_tensors": {"points": 2.0, "hidden": 2, "names": ["digits_tensors"]},
        "build_cnn": {"points": 5.0, "hidden": 5, "names": ["build_cnn"]},
        "count_parameters": {"points": 2.0, "hidden": 3, "names": ["count_parameters"]},
        "trace_shapes": {"points": 3.0, "hidden": 4, "names": ["trace_shapes"]},
        "train": {"points": 6.0, "hidden": 6, "names": ["train"]},
        "accuracy": {"points": 2.0, "hidden": 4, "names": ["accuracy"]},
        "shift_images": {"points": 3.0, "hidden": 3, "names": ["shift_images"]},
        "embed": {"points": 2.0, "hidden": 4, "names": ["embed"]},
        "train_head": {"points": 3.0, "hidden": 5, "names": ["train_head"]},
        "choose_device": {"points": 1.0, "hidden": 2, "names": ["choose_device"]},
        "measure_seconds": {"points": 4.0, "hidden": 4, "names": ["measure_seconds"]},
        "gpu_or_cpu": {"points": 3.0, "by_hand": True},
    },
}
