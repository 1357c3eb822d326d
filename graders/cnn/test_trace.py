"""The shapes on the way through a model, and what watching them leaves behind."""

import numpy as np
import torch

from fairmark.testing import Submission, as_array, assert_equal, fail, hidden, question, weight

# Models of every kind, none of them known to the student's code, and what can be seen of them.
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
        if not isinstance(pair, (list, tuple)) or len(pair) != 2 or not isinstance(pair[0], str):
            fail(f"Each item must be a pair (class name, output shape), but one is {pair!r}.")
        shape = as_array(pair[1], "an output shape")
        found.append((pair[0], tuple(int(size) for size in np.atleast_1d(shape))))
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
    """Models of every kind, and what is left on them."""

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

    @hidden
    @weight(2)
    def test_order_of_running(self, submission: Submission, rng: np.random.Generator) -> None:
        """Layers count as they run, not as they were made; functions are no layers."""
        x = torch.from_numpy(rng.normal(size=(3, 2, 10))).float()
        traced = submission.define(TRACED)
        expected: Shapes = [
            ("Conv1d", (3, 4, 4)),
            ("Scale", (3, 4, 6)),
            ("Linear", (3, 7)),
            ("Tanh", (3, 7)),
        ]
        hint = "Let the layers themselves report when they run. What runs in forward decides."
        _assert_trace(traced["trace"](submission.trace_shapes, "functional", x), expected, hint)

    @hidden
    @weight(2)
    def test_nested(self, submission: Submission, rng: np.random.Generator) -> None:
        """Layers deep inside of others are found, containers are left out."""
        traced = submission.define(TRACED)
        x = torch.from_numpy(rng.normal(size=(4, 6))).float()
        expected: Shapes = [
            ("Identity", (4, 6)),
            ("Linear", (4, 3)),
            ("Linear", (4, 4)),
            ("ReLU", (4, 4)),
            ("Linear", (4, 3)),
        ]
        hint = "A leaf is a module that has no modules inside, however deep it lies itself."
        _assert_trace(traced["trace"](submission.trace_shapes, "branches", x), expected, hint)
        x = torch.from_numpy(rng.normal(size=(2, 2, 7, 4))).float()
        answer = traced["trace"](submission.trace_shapes, "one layer", x)
        hint = "A model may be a single layer: then it is the leaf itself."
        _assert_trace(answer, [("Conv2d", (2, 5, 5, 5))], hint)

    @hidden
    def test_used_twice(self, submission: Submission, rng: np.random.Generator) -> None:
        """A layer that runs twice is listed twice, with the shape of each time."""
        x = torch.from_numpy(rng.normal(size=(2, 3, 9, 6))).float()
        expected: Shapes = [
            ("Conv2d", (2, 3, 9, 6)),
            ("ReLU", (2, 3, 9, 6)),
            ("MaxPool2d", (2, 3, 4, 3)),
            ("Conv2d", (2, 3, 4, 3)),
            ("ReLU", (2, 3, 4, 3)),
            ("MaxPool2d", (2, 3, 2, 1)),
            ("ReLU", (2, 3, 2, 1)),
        ]
        traced = submission.define(TRACED)
        answer = traced["trace"](submission.trace_shapes, "reused", x)
        _assert_trace(answer, expected, "Each run of a layer is an item of its own.")
        x = torch.from_numpy(rng.normal(size=(3, 4))).float()
        expected = [("Linear", (3, 6)), ("ReLU", (3, 6)), ("Linear", (3, 2)), ("ReLU", (3, 2))]
        answer = traced["trace"](submission.trace_shapes, "shared", x)
        hint = "A layer that lies in two containers is one layer: how many hooks has it got?"
        _assert_trace(answer, expected, hint)

    @hidden
    @weight(2)
    def test_leaves_nothing_behind(self, submission: Submission) -> None:
        """After the trace the model is as before: no hook is left, and its own are still there."""
        traced = submission.define(TRACED)
        for own_hooks in (False, True):
            report = traced["trace_twice"](
                submission.trace_shapes, "cnn", torch.ones(5, 1, 8, 8), own_hooks
            )
            hint = "register_forward_hook gives you a handle. What can the handle do?"
            _assert_trace(report["first"], CNN_SHAPES, hint)
            _assert_trace(report["second"], CNN_SHAPES, hint)
            assert_equal(report["grown"], 0, hint=hint, what="items added after the trace ended")
            if report["left"]:
                fail("The model has other hooks than before the trace.", hint=hint)
            if report["changed"]:
                text = "The model is in another mode than before, or other parameters are frozen."
                fail(text, hint="Who looks at a model changes nothing: put back what you set.")
            hint = "Hooks that were there before you came are not yours to remove."
            calls = 9 if own_hooks else 0
            assert_equal(report["own calls"], calls, hint=hint, what="calls of the model's hooks")
