"""Calls a function with models, and tells what it gives and what has become of the models."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from fairmark.draft.beside.called import slopes
from fairmark.draft.beside.models import make_layers, make_model, state
from fairmark.draft.beside.things import brief, kinds, made, tensors

__all__ = ["make_layers", "make_model", "report"]


def report(function: Any, seed: int, arguments: list[Any], named: dict[str, Any]) -> dict[str, Any]:
    """Call it with what is described; tell what it gives, and what it leaves as it was."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    given, options = made(["list", arguments], rng), made(["dict", named], rng)
    models = [one for one in [*given, *options.values()] if isinstance(one, nn.Module)]
    floats = [t for t in tensors([given, options]) if t.is_floating_point()]
    kept = [(t, t.detach().clone(), t.requires_grad) for t in floats]
    before = [state(model) for model in models]
    graphs: list[bool] = []
    hooks = [
        model.register_forward_pre_hook(lambda *_: graphs.append(torch.is_grad_enabled()))
        for model in models
    ]
    answer = function(*given, **options)
    for hook in hooks:
        hook.remove()
    found = {"answer": brief(answer), "kinds": kinds(answer), "run with gradients": any(graphs)}
    found["gradients on afterwards"] = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    found["slopes"] = slopes(answer, [t for t in floats if t.requires_grad])
    found["arguments unchanged"] = all(
        torch.equal(now.detach(), was) and now.requires_grad == learns for now, was, learns in kept
    )
    for model, was in zip(models, before, strict=True):
        now = state(model)
        for part, value in was.items():
            found[f"{part} as before"] = now[part] == value
    return found
