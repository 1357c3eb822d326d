"""Arguments made of their descriptions, and results as plain data."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch


def made(description: Any, rng: np.random.Generator) -> Any:
    """Make an argument of its description: what kind of thing it is, and more."""
    kind, *rest = description
    return globals()[f"make_{kind}"](rng, *rest)


def make_value(_: Any, value: Any) -> Any:
    """A value that is sent as it is."""
    return value


def make_dict(rng: np.random.Generator, items: dict[str, Any]) -> dict[str, Any]:
    """A dictionary of things."""
    return {name: made(one, rng) for name, one in items.items()}


def make_list(rng: np.random.Generator, items: list[Any]) -> list[Any]:
    """A list of things."""
    return [made(one, rng) for one in items]


def make_floats(rng: np.random.Generator, shape: list[int]) -> torch.Tensor:
    """A tensor of numbers about 0."""
    return torch.from_numpy(np.asarray(rng.normal(size=shape))).float()


def make_positive(rng: np.random.Generator, shape: list[int]) -> torch.Tensor:
    """A tensor of numbers from 0 to 1."""
    return torch.from_numpy(np.asarray(rng.uniform(size=shape))).float()


def make_learning(rng: np.random.Generator, shape: list[int]) -> torch.Tensor:
    """A tensor that wants a gradient."""
    return make_floats(rng, shape).requires_grad_()


def make_labels(rng: np.random.Generator, shape: list[int], classes: int) -> torch.Tensor:
    """Numbers of classes."""
    return torch.from_numpy(np.asarray(rng.integers(0, classes, size=shape)))


def make_picture(
    rng: np.random.Generator, mode: str, width: int, height: int, one_colour: bool
) -> Any:
    """A picture of this mode: of one colour, or of noise."""
    from PIL import Image

    pixels = rng.integers(0, 256, size=(height, width, 3))
    if one_colour:
        pixels[:] = pixels[0, 0]
    return Image.fromarray(pixels.astype(np.uint8)).convert(mode)


def tensors(value: Any) -> list[torch.Tensor]:
    """All tensors in a value."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        return tensors(list(value.values()))
    if isinstance(value, list | tuple):
        return [tensor for item in value for tensor in tensors(item)]
    return []


def is_picture(value: Any) -> bool:
    """Whether it is one of PIL's pictures."""
    return hasattr(value, "convert") and hasattr(value, "mode")


def brief(value: Any) -> Any:
    """A result as plain data: of many numbers the shape, some of them, and sums."""
    if isinstance(value, dict):
        return {name: brief(item) for name, item in value.items()}
    if isinstance(value, list | tuple) and not isinstance(value, torch.Size):
        array = as_numbers(value)
        return [brief(item) for item in value] if array is None else brief(array)
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu().numpy()
    if not isinstance(value, np.ndarray) or value.size <= 24:
        return value
    numbers = value.ravel().astype(float)
    places = np.linspace(0, value.size - 1, 12).astype(int)
    waves = [float((np.cos(k * np.arange(value.size)) * numbers).mean()) for k in (0, 0.7)]
    return {"shape": list(value.shape), "some": numbers[places].tolist(), "sums": waves}


def as_numbers(value: Any) -> Any:
    """Many rows of plain numbers as an array, as which they could have come; None for others."""
    rows = value
    while isinstance(rows, list | tuple) and rows:
        rows = rows[0]
    if not isinstance(rows, int | float):
        return None
    try:
        array = np.array(value)
    except ValueError:
        return None
    return array if array.dtype.kind in "iuf" and array.size > 24 else None


def kinds(value: Any) -> Any:
    """The dtype of each part, without the library's name; of others their class."""
    if isinstance(value, list | tuple):
        return [kinds(item) for item in value]
    if isinstance(value, dict):
        return {name: kinds(item) for name, item in value.items()}
    return str(getattr(value, "dtype", type(value).__name__)).removeprefix("torch.")
