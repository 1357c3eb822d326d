"""Paint the pagoda with many settings, for the moving picture of `style-transfer`'s notebook.

    python -m reference.weights
    python docs/gallery/settings.py

What paints is the notebook's own code, with trained features. Each painting is one tile of
source/style-transfer/settings.jpg; source/style-transfer/moving.py says which stands where. It
takes some minutes.
"""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path
from typing import Any

import torch
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "source" / "style-transfer"
NEEDED = (
    "imports",
    "paintings",
    "prepare_image",
    "load-vgg",
    "vgg_layer_index",
    "extract_features",
    "content_loss",
    "lbfgs-tool",
    "gram_matrix",
    "style_loss",
    "total_loss",
    "style-layers",
    "paint-tool",
)
SIZE, STEPS = 112, 30


def notebook() -> dict[str, Any]:
    """What the notebook's cells define, as far as painting needs it."""
    sys.path.insert(0, str(FOLDER))
    cells = json.loads((FOLDER / "style-transfer.ipynb").read_text("utf-8"))["cells"]
    sources = {cell["id"]: "".join(cell["source"]) for cell in cells}
    space: dict[str, Any] = {"display": lambda *_, **__: None}
    for name in NEEDED:
        exec(sources[name], space)
    return space


def main() -> None:
    """Paint all settings, and lay them out as rows and columns of one picture."""
    torch.set_num_threads(1)
    space = notebook()
    import moving  # beside the notebook

    content, style = (space["prepare_image"](space[name], SIZE) for name in ("pagoda", "swirl"))
    width, height = space["to_image"](content).size
    rows = list(itertools.product(moving.CONTENT_LAYERS, moving.STYLE_LAYERS))
    sheet = Image.new("RGB", (width * len(moving.RATIOS), height * len(rows)))
    for row, (layer, names) in enumerate(rows):
        shares = {name: 1 / len(names) for name in names}
        for column, ratio in enumerate(moving.RATIOS):
            print(f"{layer}, {', '.join(names)}, beta / alpha = {ratio:g}", flush=True)
            painting, _ = space["paint"](content, style, layer, shares, 1.0, ratio, STEPS)
            sheet.paste(painting, (width * column, height * row))
    sheet.save(FOLDER / "settings.jpg", quality=82, optimize=True)


if __name__ == "__main__":
    main()
