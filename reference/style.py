"""Assignment 6: image style transfer with VGG19 (Gatys, Ecker and Bethge, CVPR 2016).

The equations are those of the lecture's part "Image Style Transfer Using Convolutional Neural
Networks", with the paper's factor put back into the style loss. An image is a tensor
``(1, 3, H, W)``, normalised with the mean and deviation of ImageNet's colours, so about -2 to 3;
the features of a layer are ``(n, C, H', W')``. A *layer name* is one of VGG19's: ``conv1_1``,
``relu1_1``, ..., ``pool5``. Nothing here changes its arguments.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from reference.vgg import load_vgg19

__all__ = [
    "LAYERS",
    "content_loss",
    "extract_features",
    "gram_matrix",
    "load_vgg19",
    "prepare_image",
    "reconstruct",
    "style_loss",
    "style_transfer",
    "to_image",
    "total_loss",
    "tv_loss",
    "vgg_layer_index",
]

MEAN = (0.485, 0.456, 0.406)
"""Mean of red, green and blue over ImageNet, for values from 0 to 1."""
DEVIATION = (0.229, 0.224, 0.225)
"""Standard deviation of the same."""

NOISE = 0.25
"""Spread of the noise that a reconstruction starts from; that of a photo is about 1."""

BLOCKS = (2, 2, 4, 4, 4)
"""Convolutions in each of VGG19's five blocks; each is followed by a ReLU, each block by a pool."""


# --- Images -----------------------------------------------------------------------------------


def prepare_image(image: Image.Image, max_size: int) -> Tensor:
    """Turn a picture of any PIL mode into a normalised float32 tensor ``(1, 3, H, W)``.

    A picture whose longest side is above ``max_size`` pixels is shrunk to it, its aspect kept to a
    pixel; a smaller one keeps its size. What is transparent gets the colour that the file holds.
    Raises ``TypeError`` when ``image`` is no PIL image, ``ValueError`` when ``max_size`` < 1.
    """
    if not isinstance(image, Image.Image):
        raise TypeError(f"image must be a PIL image, got {type(image).__name__}")
    if max_size < 1:
        raise ValueError(f"max_size must be at least 1, got {max_size}")
    rgb = _to_rgb(image)
    scale = max_size / max(rgb.size)
    if scale < 1:
        width, height = (max(1, round(side * scale)) for side in rgb.size)
        rgb = rgb.resize((width, height), Image.Resampling.BICUBIC)
    values = torch.from_numpy(np.array(rgb, dtype=np.float32) / 255).permute(2, 0, 1)
    return ((values - _column(MEAN)) / _column(DEVIATION)).unsqueeze(0).contiguous()


def to_image(tensor: Tensor) -> Image.Image:
    """The inverse of :func:`prepare_image`: an RGB picture of a tensor ``(1, 3, H, W)``.

    Values beyond black and white are clipped. Raises ``ValueError`` for another shape.
    """
    _check_image(tensor, "tensor")
    values = tensor.detach()[0].to("cpu", torch.float32) * _column(DEVIATION) + _column(MEAN)
    levels = (values.clamp(0, 1) * 255).round().to(torch.uint8)
    return Image.fromarray(levels.permute(1, 2, 0).numpy())


# --- VGG19 ------------------------------------------------------------------------------------


def _layer_names() -> list[str]:
    names = []
    for block, convolutions in enumerate(BLOCKS, start=1):
        for i in range(1, convolutions + 1):
            names += [f"conv{block}_{i}", f"relu{block}_{i}"]
        names.append(f"pool{block}")
    return names


LAYERS = tuple(_layer_names())
"""The names of VGG19's 37 feature layers, in order."""

_INDEX = {name: index for index, name in enumerate(LAYERS)}


def vgg_layer_index(name: str) -> int:
    """Where a layer stands in VGG19's ``features``: ``"conv1_1"`` -> 0, ``"pool5"`` -> 36.

    Raises ``KeyError`` for a name that VGG19 does not have.
    """
    if name not in _INDEX:
        raise KeyError(f"name must be a layer of VGG19, conv1_1 to pool5, got {name!r}")
    return _INDEX[name]


def extract_features(model: nn.Sequential, x: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
    """What the named layers make of ``x`` ``(n, 3, H, W)``: name -> ``(n, C, H', W')``.

    ``model`` is VGG19's ``features`` or a front part of it; nothing behind the last wanted layer
    is run. The answer is differentiable by ``x``. VGG19's ReLUs work in place and would overwrite
    the convolution's output beneath them, hence the copy.
    Raises ``ValueError`` when the model ends before a wanted layer.
    """
    wanted = {vgg_layer_index(name): name for name in layers}
    last = max(wanted, default=-1)
    if last >= len(model):
        raise ValueError(
            f"model must reach up to {wanted[last]} (index {last}), but has {len(model)} layers"
        )
    features = {}
    for index in range(last + 1):
        x = model[index](x)
        if index in wanted:
            features[wanted[index]] = x.clone()
    return features


# --- Losses (slide "Visualization of features", corrected) ------------------------------------


def content_loss(F: Tensor, P: Tensor) -> Tensor:
    """E_c = sum (F - P)^2 over features of one shape; a number, differentiable.

    Raises ``ValueError`` when the shapes differ.
    """
    if F.shape != P.shape:
        raise ValueError(f"P must have the shape of F, {tuple(F.shape)}, got {tuple(P.shape)}")
    return ((F - P) ** 2).sum()


def gram_matrix(F: Tensor) -> Tensor:
    """G_ij = sum over positions of F_i F_j: ``(n, C, H, W)`` -> ``(n, C, C)``, not normalised.

    Raises ``ValueError`` when F has not four dimensions.
    """
    if F.ndim != 4:
        raise ValueError(f"F must have shape (n, C, H, W), got {tuple(F.shape)}")
    maps = F.flatten(start_dim=2)
    return maps @ maps.transpose(1, 2)


def style_loss(
    features: Mapping[str, Tensor], grams: Mapping[str, Tensor], weights: Mapping[str, float]
) -> Tensor:
    """L_style = sum over layers of w * sum (G - A)^2 / (4 N^2 M^2); a number, differentiable.

    G is the Gram matrix of ``features[name]`` ``(n, N, H, W)`` with N channels and M = H W
    positions, A is ``grams[name]`` ``(n, N, N)``, w is ``weights[name]``; layers without a weight
    do not count. The slide leaves out the paper's factor 1 / (4 N^2 M^2).
    Raises ``ValueError`` when there is no layer, a layer is missing or a shape does not fit.
    """
    if not weights:
        raise ValueError("weights must name at least one layer")
    terms = []
    for name, weight in weights.items():
        for argument, given in (("features", features), ("grams", grams)):
            if name not in given:
                raise ValueError(f"{argument} must hold {name}, which has a weight")
        F, A = features[name], grams[name]
        G = gram_matrix(F)
        if A.shape != G.shape:
            raise ValueError(f"grams[{name!r}] must have shape {tuple(G.shape)}, got {A.shape}")
        N, M = F.shape[1], F.shape[2] * F.shape[3]
        terms.append(weight * ((G - A) ** 2).sum() / (4 * N**2 * M**2))
    return torch.stack(terms).sum()


def total_loss(
    content: Tensor | float, style: Tensor | float, alpha: float, beta: float
) -> Tensor | float:
    """L_total = alpha * L_content + beta * L_style (the slide's last sum drops both weights)."""
    return alpha * content + beta * style


def tv_loss(image: Tensor) -> Tensor:
    """The sum of squared differences of neighbouring pixels, across and down; differentiable.

    ``image`` is ``(n, 3, H, W)``, and all of it counts into one number: each image and each colour.
    An edge has no neighbour beyond it. Integers are computed as floats.
    Raises ``ValueError`` when image has not four dimensions.
    """
    if image.ndim != 4:
        raise ValueError(f"image must have shape (n, 3, H, W), got {tuple(image.shape)}")
    values = image if image.is_floating_point() else image.double()
    across, down = values.diff(dim=3), values.diff(dim=2)
    return (across**2).sum() + (down**2).sum()


# --- Optimising an image ----------------------------------------------------------------------


def reconstruct(
    model: nn.Sequential, layer: str, target: Tensor, steps: int, seed: int = 0
) -> tuple[Tensor, list[float]]:
    """Let noise evolve until ``layer`` sees in it what it sees in ``target`` ``(1, 3, H, W)``.

    Returns the image ``(1, 3, H, W)`` and the content loss before each of the ``steps`` steps of
    L-BFGS. The same seed gives the same noise. Neither the model nor the target is changed.
    Raises ``ValueError`` for a target of another shape or ``steps`` < 1.
    """
    _check_image(target, "target")
    wanted = _features(model, target, [layer])[layer]
    generator = torch.Generator().manual_seed(seed)
    noise = NOISE * torch.randn(target.shape, generator=generator).to(target)

    def loss(image: Tensor) -> Tensor:
        return content_loss(extract_features(model, image, [layer])[layer], wanted)

    return _descend(noise, loss, steps)


def style_transfer(
    model: nn.Sequential,
    content: Tensor,
    style: Tensor,
    content_layer: str,
    style_layers: Sequence[str],
    alpha: float,
    beta: float,
    steps: int,
) -> tuple[Tensor, list[float]]:
    """Paint ``content`` ``(1, 3, H, W)`` in the style of ``style`` ``(1, 3, H', W')``.

    Starts from the content image and takes ``steps`` steps of L-BFGS down the total loss, whose
    style part gives each of the style layers the same weight, 1 / their number. Returns the image
    ``(1, 3, H, W)`` and the total loss before each step. Neither the model nor an image is
    changed; everything happens on the device of ``content``.

    A Gram matrix sums over positions, so that of a larger style image is larger. It is scaled to
    the size of the content image, or the difference in size would be taken for one in style.
    Raises ``ValueError`` for images of another shape, no style layer, or ``steps`` < 1.
    """
    _check_image(content, "content")
    _check_image(style, "style")
    if not style_layers:
        raise ValueError("style_layers must name at least one layer")
    before = _features(model, content, [content_layer, *style_layers])
    grams = {}
    for name, F in _features(model, style, style_layers).items():
        positions = before[name].shape[2:].numel() / F.shape[2:].numel()
        grams[name] = gram_matrix(F) * positions
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))

    def loss(image: Tensor) -> Tensor:
        features = extract_features(model, image, [content_layer, *style_layers])
        E_c = content_loss(features[content_layer], before[content_layer])
        E_s = style_loss(features, grams, weights)
        return torch.as_tensor(total_loss(E_c, E_s, alpha, beta))

    return _descend(content, loss, steps)


def _descend(
    start: Tensor, objective: Callable[[Tensor], Tensor], steps: int
) -> tuple[Tensor, list[float]]:
    """Take ``steps`` steps of L-BFGS from ``start``; return the image and the loss before each.

    Losses here run from 1e-4 to 1e9, and torch's L-BFGS compares curvatures with a fixed 1e-10: it
    learns nothing from a loss that is too small. So the objective is scaled until its first value
    is the number of values in the image. The first step moves each of those by about a hundredth;
    torch's own would move all of them together by 1. A step may overshoot, since none is searched
    along, so the best image is returned. Its colours are clipped to what a picture can show.
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    image = start.detach().clone(memory_format=torch.contiguous_format).requires_grad_()
    optimiser = torch.optim.LBFGS(
        [image], max_iter=1, history_size=20, tolerance_grad=0.0, tolerance_change=0.0
    )
    with torch.no_grad():
        scale = image.numel() / (float(objective(image)) or 1.0)
    best, lowest = image.detach().clone(), math.inf
    losses: list[float] = []

    def closure() -> float:
        loss = objective(image) * scale
        (image.grad,) = torch.autograd.grad(loss, image)  # and none for the model
        return float(loss.detach())

    for step in range(steps):
        optimiser.param_groups[0]["lr"] = 1.0 if step else 0.01 * image.numel()
        before = image.detach().clone()
        losses.append(float(optimiser.step(closure)) / scale)
        if losses[-1] < lowest:
            best, lowest = before, losses[-1]
    with torch.no_grad():
        last = float(objective(image))
    return _clip(image.detach() if last < lowest else best), losses


def _clip(image: Tensor) -> Tensor:
    """Clip a normalised image ``(1, 3, H, W)`` to the colours from black to white."""
    mean, deviation = _column(MEAN).to(image), _column(DEVIATION).to(image)
    return torch.clamp(image, (0 - mean) / deviation, (1 - mean) / deviation)


def _features(model: nn.Sequential, x: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
    """Features as constants: nothing is to flow back into what is aimed at."""
    with torch.no_grad():
        return extract_features(model, x, layers)


def _column(values: tuple[float, float, float]) -> Tensor:
    """One value per colour, in a shape that fits an image."""
    return torch.tensor(values).view(3, 1, 1)


def _check_image(tensor: Tensor, name: str) -> None:
    if tensor.ndim != 4 or tensor.shape[:2] != (1, 3):
        raise ValueError(f"{name} must have shape (1, 3, H, W), got {tuple(tensor.shape)}")


def _to_rgb(image: Image.Image) -> Image.Image:
    """Any mode as RGB; PIL alone would cut 16-bit greys off at 255 instead of scaling them."""
    if image.mode in ("La", "RGBa"):
        image = image.convert("LA" if image.mode == "La" else "RGBA")
    if image.mode == "I" or image.mode.startswith("I;16"):
        levels = np.asarray(image, dtype=np.float64)
        scale = 257 if levels.max(initial=0) > 255 else 1
        image = Image.fromarray((levels / scale).clip(0, 255).round().astype(np.uint8))
    return image.convert("RGB")
