"""Lets a function train a small model, and tells what the model was shown and what it learned."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.optim.optimizer import register_optimizer_step_pre_hook


def report(
    train: Any,
    seed: int,
    samples: int,
    roles: list[str],
    values: dict[str, Any],
    options: dict[str, Any],
    defaults: dict[str, Any],
) -> dict[str, Any]:
    """Train some times on the same data; tell of the losses, the batches, and what was learned.

    ``roles`` says what the arguments are, ``values`` has those that are numbers. ``options`` are
    further arguments, ``defaults`` what the function says that those left out are.
    """
    rng = np.random.default_rng(seed)
    y = torch.from_numpy(rng.permutation(np.arange(samples) % 3))
    X = torch.from_numpy(rng.normal(scale=0.4, size=(samples, 3))).float()
    X += 2 * nn.functional.one_hot(y, 3)
    kept = X.clone(), y.clone()
    given = {**values, "X": X, "y": y}
    first, again = (run(train, roles, given, options, noise) for noise in (1, 2))
    told = run(train, roles, given, {**defaults, **options}, 1) if defaults else first
    shown = in_epochs(first.batches, samples)
    names = [name for name in options if "seed" in name]
    others = {**options, **{name: options[name] + 1 for name in names}}
    other = run(train, roles, given, others, 1) if names else first
    orders = [[place for batch in epoch for place in batch] for epoch in shown]
    whole = list(range(samples))
    return {
        "number of losses": len(first.losses),
        "losses": first.losses,
        "the last loss is the smallest": first.losses[-1] <= min(first.losses) + 0.05,
        "passes over the samples": len(shown),
        "every sample once in each": all(sorted(order) == whole for order in orders),
        "sizes of the batches": [[len(batch) for batch in epoch] for epoch in shown],
        "in another order than they came": all(order != whole for order in orders),
        "the same order with the same seed": first.batches == again.batches,
        "the same losses with the same seed": bool(np.allclose(first.losses, again.losses, 1e-3)),
        "as with the defaults": first.batches == told.batches,
        "another order with another seed": first.batches != other.batches,
        "each step follows its own batch alone": first.follows,
        "learned": first.right > 0.9,
        "the data as before": bool(torch.equal(X, kept[0]) and torch.equal(y, kept[1])),
    }


class Watched(nn.Module):
    """A linear model that notes what it is shown while it learns."""

    def __init__(self, X: torch.Tensor) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 3)
        self.samples = {tuple(row): place for place, row in enumerate(X.tolist())}
        self.batches: list[list[int]] = []
        self.slopes: list[torch.Tensor] = []
        self.layer.weight.register_hook(lambda slope: self.slopes.append(slope.detach().clone()))

    def forward(self, x: torch.Tensor) -> Any:
        """Scores."""
        if torch.is_grad_enabled():
            self.batches.append([self.samples.get(tuple(row), -1) for row in x.tolist()])
        return self.layer(x)


class Run:
    """What came of one training."""

    def __init__(self, model: Watched, losses: Any, steps: list[Any], right: float) -> None:
        self.batches = model.batches
        self.losses = [float(loss) for loss in losses]
        self.follows = all(alike(step, slope) for step, slope in steps)
        self.right = right


def run(
    train: Any, roles: list[str], given: dict[str, Any], options: dict[str, Any], noise: int
) -> Run:
    """Train a new model, from the same weights each time, with other random numbers about."""
    torch.manual_seed(0)
    X, y = given["X"], given["y"]
    model = Watched(X)
    torch.manual_seed(noise)
    np.random.seed(noise)
    steps: list[Any] = []

    def note(*_: Any) -> None:
        slope = model.layer.weight.grad
        if slope is not None and model.slopes:
            steps.append((slope.detach().clone(), model.slopes[-1]))

    handle = register_optimizer_step_pre_hook(note)
    try:
        losses = train(*[{**given, "model": model}[role] for role in roles], **options)
    finally:
        handle.remove()
    with torch.no_grad():
        right = float((model.eval()(X).argmax(dim=1) == y).double().mean())
    return Run(model, losses, steps, right)


def in_epochs(batches: list[list[int]], samples: int) -> list[list[list[int]]]:
    """The batches, by passes over the samples."""
    epochs: list[list[list[int]]] = [[]]
    for batch in batches:
        if sum(map(len, epochs[-1])) >= samples:
            epochs.append([])
        epochs[-1].append(batch)
    return epochs


def alike(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether two slopes point the same way; what is nearly nothing points nowhere."""
    a, b = one.flatten(), other.flatten()
    size = float(a.norm() * b.norm())
    return float(b.norm()) < 1e-2 or float(a @ b) > 0.8 * size
