"""Calls a function with tensors and pictures, and tells what comes of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from fairmark.draft.beside.things import brief, is_picture, kinds, made, tensors


def report(function: Any, seed: int, arguments: list[Any], named: dict[str, Any]) -> dict[str, Any]:
    """Call it with what is described; tell what it gives, and whether it leaves that as it was."""
    rng = np.random.default_rng(seed)
    given, options = made(["list", arguments], rng), made(["dict", named], rng)
    floats = [t for t in tensors([given, options]) if t.is_floating_point()]
    kept = [(t, t.detach().clone(), t.requires_grad) for t in floats]
    answer = function(*given, **options)
    found = {"answer": brief(answer), "kinds": kinds(answer)}
    if is_picture(answer):
        found = {"mode": answer.mode, "pixels": brief(np.array(answer))}
    found["arguments unchanged"] = all(
        torch.equal(now.detach(), was) and now.requires_grad == learns for now, was, learns in kept
    )
    found["slopes"] = slopes(answer, [t for t in floats if t.requires_grad])
    return found


def slopes(answer: Any, sources: list[torch.Tensor]) -> Any:
    """The gradient of the answer's numbers, weighed, by each argument that wants one."""
    outcomes = [t for t in tensors(answer) if t.requires_grad]
    total = torch.zeros(())
    for tensor in outcomes:
        total = total + (torch.cos(torch.arange(tensor.numel())) * tensor.flatten()).sum()
    if not outcomes or not sources:
        return []
    found: Any = torch.autograd.grad(total, sources, allow_unused=True)
    return [brief(slope) for slope in found if slope is not None]
