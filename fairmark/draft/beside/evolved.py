"""Lets a function evolve an image, and tells of the way there, of the image and of the model."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from fairmark.draft.beside.models import make_layers, make_model, state
from fairmark.draft.beside.things import made, tensors

__all__ = ["make_layers", "make_model", "report"]


def report(
    evolve: Any,
    seed: int,
    arguments: list[Any],
    named: dict[str, Any],
    seeded: dict[str, int],
    default: dict[str, int],
    count: int,
) -> dict[str, Any]:
    """Call it, and then with few steps: twice alike, with another seed, and with the default.

    ``seeded`` has the seed's name and its value; ``count`` is the place of the number of steps.
    """
    given, model, kept = things(seed, arguments)
    options = made(["dict", named], np.random.default_rng(seed))
    before = state(model)
    image, numbers = evolve(*given, **options, **seeded)
    after = state(model)
    short = [["value", 3] if place == count else one for place, one in enumerate(arguments)]

    def briefly(**more: int) -> Any:
        torch.manual_seed(seed + 1)
        found, _ = evolve(*things(seed, short)[0], **{**options, **more})
        return torch.as_tensor(found).detach()

    first, again = briefly(**seeded), briefly(**seeded)
    turned = {name: value + 1 for name, value in seeded.items()}
    numbers = [float(n) for n in numbers]
    whole = torch.as_tensor(image).detach()
    alike = [t for t, _ in kept if t.shape == whole.shape]
    found = {
        "how many numbers": len(numbers),
        "shape of the image": list(whole.shape),
        "all finite": bool(torch.isfinite(whole).all() and np.isfinite(numbers).all()),
        "the numbers fall": numbers[-1] < numbers[0],
        "the numbers rise": numbers[-1] > numbers[0],
        "first number at most": numbers[0],
        "the same again": same(first, again),
        "as with the default": not default or same(briefly(**default), briefly()),
        "another image with another seed": bool(seeded)
        and not torch.equal(first, briefly(**turned)),
        "arguments unchanged": all(torch.equal(now.detach(), was) for now, was in kept),
    }
    found |= {f"takes after tensor {n}": likeness(whole, one) for n, one in enumerate(alike)}
    return found | {f"{part} as before": after[part] == value for part, value in before.items()}


def likeness(one: torch.Tensor, other: torch.Tensor) -> float:
    """How far two images go together, from -1 to 1."""
    a, b = (t.flatten() - t.mean() for t in (one, other))
    return float(a @ b / (a.norm() * b.norm() + 1e-12))


def same(one: Any, other: Any) -> bool:
    """Whether two images are the same, but for rounding on the way."""
    a, b = torch.as_tensor(one).detach(), torch.as_tensor(other).detach()
    return a.shape == b.shape and bool(torch.allclose(a, b, rtol=1e-2, atol=1e-3))


def things(seed: int, arguments: list[Any]) -> tuple[list[Any], nn.Module, list[Any]]:
    """The arguments, the model among them, and the tensors with copies of them."""
    torch.manual_seed(seed)
    given = made(["list", arguments], np.random.default_rng(seed))
    model = next(one for one in given if isinstance(one, nn.Module))
    return given, model, [(t, t.detach().clone()) for t in tensors(given)]
