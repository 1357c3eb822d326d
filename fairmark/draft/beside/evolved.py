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
) -> dict[str, Any]:
    """Call it twice alike, once with another seed, and with the default, by name and by silence.

    ``seeded`` has the seed's name and its value.
    """
    given, model, kept = things(seed, arguments)
    options = made(["dict", named], np.random.default_rng(seed))
    before = state(model)
    image, numbers = evolve(*given, **options, **seeded)
    after = state(model)
    torch.manual_seed(seed + 1)
    again, others = evolve(*things(seed, arguments)[0], **options, **seeded)
    turned = {name: value + 1 for name, value in seeded.items()}
    other = evolve(*things(seed, arguments)[0], **options, **turned)[0] if seeded else image
    pair = [evolve(*things(seed, arguments)[0], **options, **given)[0] for given in (default, {})]
    numbers, others = [float(n) for n in numbers], [float(n) for n in others]
    whole = torch.as_tensor(image).detach()
    found = {
        "how many numbers": len(numbers),
        "shape of the image": list(whole.shape),
        "all finite": bool(torch.isfinite(whole).all() and np.isfinite(numbers).all()),
        "the numbers fall": numbers[-1] < numbers[0],
        "the numbers rise": numbers[-1] > numbers[0],
        "the same again": same(image, again) and bool(np.allclose(numbers, others, rtol=1e-2)),
        "as with the default": same(*pair),
        "another image with another seed": not torch.equal(whole, torch.as_tensor(other).detach()),
        "arguments unchanged": all(torch.equal(now.detach(), was) for now, was in kept),
    }
    return found | {f"{part} as before": after[part] == value for part, value in before.items()}


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
