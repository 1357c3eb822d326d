"""Builds a model, and tells what it computes once its weights have numbers of our choice."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn


def report(
    build: Any, seed: int, arguments: list[Any], named: dict[str, Any], shape: list[int]
) -> dict[str, Any]:
    """Build it; tell the sizes of its weights, and its outputs for inputs of this shape.

    All numbers of one weight are the same, and it is known by how many they are: so neither the
    names of layers, nor their order, nor how a matrix lies matter.
    """
    torch.manual_seed(seed)
    model, other = build(*arguments, **named), build(*arguments, **named)
    if not isinstance(model, nn.Module):
        raise TypeError(f"it should return an nn.Module, not a {type(model).__name__}")
    rng = np.random.default_rng(seed)
    x = torch.from_numpy(rng.normal(size=shape)).float()
    with torch.no_grad():
        first = model(x)  # a lazy layer finds its size now
    learning = [p for p in model.parameters() if p.requires_grad]
    fill(learning, rng)
    model.eval()
    scores = model(x)
    slopes = torch.autograd.grad(scores.sum(), learning, allow_unused=True)
    model.train()
    torch.manual_seed(seed)
    with torch.no_grad():
        while_training = model(x)
        alone = model.eval()(x[1:2])
    ours = {id(p) for p in learning}
    return {
        "numbers in each weight": sorted(p.numel() for p in learning),
        "shape of the output": list(first.shape),
        "output": scores.detach().flatten()[:24],
        "same while training": bool(torch.allclose(while_training, scores, rtol=1e-3, atol=1e-4)),
        "same for a sample alone": bool(torch.allclose(alone, scores[1:2], rtol=1e-3, atol=1e-4)),
        "weights with a gradient": sum(slope is not None for slope in slopes),
        "a new model each time": not any(id(p) in ours for p in other.parameters()),
    }


def fill(weights: list[nn.Parameter], rng: np.random.Generator) -> None:
    """Give each weight one number, which its size decides."""
    numbers = {}
    for size in sorted({weight.numel() for weight in weights}):
        numbers[size] = float(rng.choice([-1, 1]) * rng.uniform(0.3, 1)) / max(1.0, size**0.25)
    with torch.no_grad():
        for weight in weights:
            weight.fill_(numbers[weight.numel()])
