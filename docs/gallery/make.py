"""Make the pictures of the gallery: style transfer with real ImageNet features.

Not part of grading or teaching. VGG16's convolutions as trained on ImageNet are made once, from the
same bytes everywhere, by reference/weights.py:

    python -m reference.weights
    python docs/gallery/make.py

The photos are scikit-learn's china.jpg and flower.jpg (by the Flickr users danielbuechele and
vultilion, CC BY 2.0); the paintings are drawn here.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw
from sklearn.datasets import load_sample_image
from torch import Tensor, nn

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from reference.style import (  # noqa: E402 - found only once ROOT is on the path
    load_vgg19,
    prepare_image,
    reconstruct,
    style_transfer,
    to_image,
)

STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1")
CONTENT_LAYER = "conv4_2"
BETA = 3e3
"""Style against content, per pixel of the content image: its loss sums over positions."""


def photos() -> dict[str, Image.Image]:
    """Scikit-learn's two photos."""
    names = {"pagoda": "china.jpg", "dahlia": "flower.jpg"}
    return {name: Image.fromarray(load_sample_image(file)) for name, file in names.items()}


Colour = tuple[int, int, int]


def brush(
    palette: list[Colour], centre: tuple[float, float], length: float, width: int, seed: int
) -> Image.Image:
    """A painting of strokes around a centre, its colours changing with the distance to it."""
    rng, size = np.random.default_rng(seed), 640
    painting = Image.new("RGB", (size, size), palette[0])
    canvas = ImageDraw.Draw(painting)
    for place in rng.uniform(-0.1, 1.1, (3200, 2)):
        ring = 1.6 * float(np.hypot(*(place - centre))) * len(palette) % len(palette)
        colour = palette[int(np.clip(rng.normal(ring, 0.7), 0, len(palette) - 1))]
        points = [place]
        for _ in range(9):
            x, y = points[-1] - centre
            turn = np.arctan2(y, x) + np.pi / 2 + 0.5 * np.sin(9 * y)
            points.append(points[-1] + length / 9 * np.array([np.cos(turn), np.sin(turn)]))
        shade = np.clip(np.array(colour) + rng.normal(0, 16, 3), 0, 255).astype(int)
        line = [(float(size * x), float(size * y)) for x, y in points]
        canvas.line(line, fill=tuple(shade.tolist()), width=width, joint="curve")
    return painting


def paintings() -> dict[str, Image.Image]:
    """Three paintings: long strokes in blues and yellows, short ones in reds, and ink on paper."""
    night = [(20, 30, 90), (40, 80, 170), (90, 150, 210), (230, 220, 150), (250, 190, 40)]
    embers = [(60, 20, 30), (170, 50, 40), (230, 120, 60), (245, 215, 170), (40, 110, 110)]
    ink = [(244, 236, 216), (244, 236, 216), (30, 30, 40), (244, 236, 216), (90, 90, 100)]
    return {
        "swirl": brush(night, (0.6, 0.4), length=0.14, width=11, seed=1),
        "hatch": brush(embers, (-0.9, 1.6), length=0.06, width=18, seed=2),
        "ink": brush(ink, (1.3, -0.4), length=0.20, width=4, seed=3),
    }


def sheet(rows: list[list[Image.Image]], height: int, gap: int = 6) -> Image.Image:
    """Pictures in rows, each scaled to one height, on white."""
    scaled = [[p.resize((round(p.width * height / p.height), height)) for p in row] for row in rows]
    widths = [sum(p.width for p in row) + gap * (len(row) - 1) for row in scaled]
    size = (max(widths), len(rows) * height + gap * (len(rows) - 1))
    picture = Image.new("RGB", size, "white")
    for number, row in enumerate(scaled):
        x = 0
        for part in row:
            picture.paste(part, (x, number * (height + gap)))
            x += part.width + gap
    return picture


def make(model: nn.Sequential, size: int, steps: int, only: str) -> dict[str, Image.Image]:
    """Make the pictures: file name -> picture. Losses are printed on the way."""
    made: dict[str, Image.Image] = {}
    photo, painted = photos(), paintings()
    tensors = {name: prepare_image(p, size) for name, p in (photo | painted).items()}
    if only in ("", "styles"):
        rows = []
        for style in painted:
            row = [painted[style]]
            for content in photo:
                image, losses = _transfer(model, tensors[content], tensors[style], BETA, steps)
                print(f"{content} after {style}: {losses[0]:.3g} -> {losses[-1]:.3g}", flush=True)
                row.append(to_image(image))
            rows.append(row)
        made["styles.jpg"] = sheet(rows, size * 2 // 3)
    if only in ("", "ratio"):
        images = []
        for beta in (BETA / 1000, BETA / 20, BETA, 20 * BETA):
            image, _ = _transfer(model, tensors["pagoda"], tensors["swirl"], beta, steps)
            images.append(to_image(image))
        made["ratio.jpg"] = sheet([images[:2], images[2:]], size * 2 // 3)
    if only in ("", "layers"):
        small = prepare_image(photo["pagoda"], size // 2)
        images = []
        for layer in (*STYLE_LAYERS, "relu5_1"):
            image, _ = reconstruct(model, layer, small, 3 * steps)
            images.append(to_image(image))
        made["layers.jpg"] = sheet([images], size // 3)
    return made


def _transfer(
    model: nn.Sequential, content: Tensor, style: Tensor, beta: float, steps: int
) -> tuple[Tensor, list[float]]:
    per_pixel = beta * content.shape[2:].numel()
    return style_transfer(model, content, style, CONTENT_LAYER, STYLE_LAYERS, 1.0, per_pixel, steps)


def main() -> None:
    """Write the pictures beside this file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", type=int, default=224, help="longest side in pixels")
    parser.add_argument("--steps", type=int, default=80, help="steps of L-BFGS")
    parser.add_argument("--only", default="", choices=("", "styles", "ratio", "layers"))
    parser.add_argument("--to", type=Path, default=Path(__file__).parent, help="the folder")
    arguments = parser.parse_args()
    torch.manual_seed(0)
    pictures = make(load_vgg19("vgg16"), arguments.size, arguments.steps, arguments.only)
    for name, picture in pictures.items():
        picture.save(arguments.to / name, quality=85, optimize=True)
        print(f"{arguments.to / name}: {(arguments.to / name).stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
