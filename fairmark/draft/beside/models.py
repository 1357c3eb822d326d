"""Models of many kinds, and what can be seen of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn


def make_model(rng: np.random.Generator, name: str, shape: list[int], classes: int) -> nn.Module:
    """A model for inputs of this shape."""
    return filled(globals()[name](shape, classes), rng)


def make_layers(rng: np.random.Generator, layers: list[str]) -> nn.Module:
    """A row of layers, each as torch writes it."""
    return filled(nn.Sequential(*[eval(f"nn.{one}") for one in layers]), rng)


def filled(model: nn.Module, rng: np.random.Generator) -> nn.Module:
    """The model with weights that tell its outputs apart, and with gradients on some of them."""
    with torch.no_grad():
        for place, weight in enumerate(model.parameters()):
            size = max(1.0, float(weight[0].numel()) ** 0.5)
            weight.copy_(torch.from_numpy(rng.normal(scale=1.5 / size, size=tuple(weight.shape))))
            if weight.requires_grad and place % 2:
                weight.grad = torch.ones_like(weight)
    return model


def state(model: nn.Module) -> dict[str, Any]:
    """What can be seen of a model, to be compared."""
    modules = list(model.modules())
    weights = [value.tolist() for value in model.state_dict().values()]
    gradients = [None if p.grad is None else p.grad.tolist() for p in model.parameters()]
    hooks = [len(m._forward_hooks) + len(m._backward_hooks) for m in modules]
    return {
        "modes": [module.training for module in modules],
        "weights": weights,
        "gradients": gradients,
        "what may learn": [p.requires_grad for p in model.parameters()],
        "hooks": hooks,
    }


def layer(shape: list[int], width: int) -> nn.Module:
    """A layer with weights for inputs of this shape."""
    if len(shape) == 3:
        return nn.Conv2d(shape[0], width, 3, padding=1)
    return nn.Linear(shape[-1], width)


def last(shape: list[int], width: int, classes: int) -> list[nn.Module]:
    """The layers that make scores of what comes out of the others."""
    size = width * int(np.prod(shape[1:])) if len(shape) == 3 else width
    return [nn.Flatten(), nn.Linear(size, classes)]


def plain(shape: list[int], classes: int) -> nn.Module:
    """A row of layers, in training mode."""
    return nn.Sequential(layer(shape, 2), nn.ReLU(), *last(shape, 2, classes))


def shaky(shape: list[int], classes: int) -> nn.Module:
    """Dropout and batch norm; some layers are in training mode, others are not."""
    norm = nn.BatchNorm2d(3) if len(shape) == 3 else nn.BatchNorm1d(3)
    inner = nn.Sequential(layer(shape, 3), norm, nn.Tanh())
    model = nn.Sequential(inner, nn.Dropout(0.5), *last(shape, 3, classes))
    for place, module in enumerate(model.modules()):
        module.training = place % 3 != 1
    return model


def frozen(shape: list[int], classes: int) -> nn.Module:
    """The front learns no more, and the model is in evaluation mode."""
    model = nn.Sequential(layer(shape, 2), nn.Sigmoid(), *last(shape, 2, classes))
    model[0].requires_grad_(False)
    return model.eval()


class Branched(nn.Module):
    """A layer runs twice, another one never; some steps are functions."""

    def __init__(self, shape: list[int], classes: int) -> None:
        super().__init__()
        self.last = nn.Sequential(*last(shape, 3, classes))
        self.idle = nn.Linear(2, 5)
        self.twice = nn.Conv2d(3, 3, 1) if len(shape) == 3 else nn.Linear(3, 3)
        self.first = layer(shape, 3)
        self.squash = nn.Tanh()

    def forward(self, x: torch.Tensor) -> Any:
        """Scores."""
        x = torch.relu(self.twice(self.squash(self.first(x))))
        return self.last(x + self.twice(x))


def branched(shape: list[int], classes: int) -> nn.Module:
    """A class of its own, whose layers were made in another order than they run."""
    return Branched(shape, classes)


def shared(shape: list[int], classes: int) -> nn.Module:
    """Two layers have the same weights."""
    one, other = [nn.Conv2d(4, 4, 1) if len(shape) == 3 else nn.Linear(4, 4) for _ in range(2)]
    other.weight = one.weight
    return nn.Sequential(layer(shape, 4), one, other, *last(shape, 4, classes))
