"""Assignment 6: looking inside a network, with gradients by the image (Simonyan et al., 2014).

The network stands still here, too: *saliency* asks which pixels a classifier's answer hangs on, and
*activation maximisation* makes an image that a channel answers to. Nothing here changes its
arguments, and a model is left as it was found: its weights, their gradients, its modes and hooks.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from reference.style import NOISE, extract_features

__all__ = ["maximise_channel", "saliency_map"]

STEP = 0.05
"""How far a pixel moves in a step of the ascent, as a root mean square; a photo's spread is 1."""


def saliency_map(model: nn.Module, x: Tensor, label: int) -> Tensor:
    """How much the logit of ``label`` hangs on each pixel of ``x`` ``(1, 3, H, W)``: ``(H, W)``.

    That is the largest absolute gradient over the channels. ``model`` gives logits ``(1, K)`` and
    runs in the mode that it is in.
    Raises ``ValueError`` for an ``x`` or logits of another shape, ``IndexError`` for a label that
    the model does not know.
    """
    if x.ndim != 4 or len(x) != 1:
        raise ValueError(f"x must have shape (1, 3, H, W), got {tuple(x.shape)}")
    picture = x.detach().clone().requires_grad_()
    logits = model(picture)
    if logits.ndim != 2:
        raise ValueError(f"the model must give logits (1, K), but gave {tuple(logits.shape)}")
    if not 0 <= label < logits.shape[1]:
        raise IndexError(f"label must be from 0 to {logits.shape[1] - 1}, got {label}")
    (gradient,) = torch.autograd.grad(logits[0, label], picture)
    return gradient[0].abs().amax(dim=0)


def maximise_channel(
    model: nn.Sequential, layer: str, channel: int, steps: int, size: int = 64, seed: int = 0
) -> tuple[Tensor, list[float]]:
    """Let noise climb until a channel of ``layer`` fires as strongly as it can in ``steps`` steps.

    ``model`` is VGG19's ``features`` or a front part of it. Returns the image ``(1, 3, size,
    size)`` and the channel's mean over all positions before each step. There is no maximum, since
    a brighter image excites the channel more; so each step has the same length. A channel that
    answers to nothing in its image has no gradient, and the image stays. The same seed gives the
    same noise.
    Raises ``IndexError`` for a channel that the layer has not, ``ValueError`` for ``steps`` < 1.
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    generator = torch.Generator().manual_seed(seed)
    noise = NOISE * torch.randn(1, 3, size, size, generator=generator)
    image = noise.to(next(model.parameters()))
    activations = []
    for _ in range(steps):
        image.requires_grad_()
        maps = extract_features(model, image, [layer])[layer][0]
        if not 0 <= channel < len(maps):
            raise IndexError(f"channel must be from 0 to {len(maps) - 1}, got {channel}")
        activation = maps[channel].mean()
        (gradient,) = torch.autograd.grad(activation, image)
        activations.append(float(activation.detach()))
        length = gradient.square().mean().sqrt().clamp(min=1e-30)
        image = (image + STEP * gradient / length).detach()
    return image, activations
