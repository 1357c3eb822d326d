"""VGG19 and where its weights come from; no test needs a network, none waits for one."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torchvision.models import VGG19_Weights, vgg19

from reference import vgg
from reference.style import LAYERS, load_vgg19


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty cache, and a network that is not there."""

    def refuse(*_: Any, **__: Any) -> None:
        raise urllib.error.URLError("Name or service not known")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))


@pytest.fixture(scope="module")
def random_vgg() -> nn.Sequential:
    return load_vgg19("random")


def test_has_the_layers_of_torchvision(random_vgg: nn.Sequential) -> None:
    with torch.device("meta"):
        wanted = vgg19(weights=None).features
    assert str(random_vgg) == str(wanted)
    assert len(random_vgg) == len(LAYERS)
    kinds = {"conv": nn.Conv2d, "relu": nn.ReLU, "pool": nn.MaxPool2d}
    for name, layer in zip(LAYERS, random_vgg, strict=True):
        assert isinstance(layer, kinds[name[:4]])


def test_random_weights_are_seeded_and_frozen(random_vgg: nn.Sequential) -> None:
    other = load_vgg19("random", seed=1)
    again = load_vgg19("random", seed=0)
    for a, b, c in zip(
        random_vgg.parameters(), again.parameters(), other.parameters(), strict=True
    ):
        assert torch.equal(a, b)
        assert not a.requires_grad
        if a.ndim == 1:
            assert not a.any()
        else:
            assert not torch.equal(a, c)


def test_he_initialisation_keeps_the_scale(random_vgg: nn.Sequential) -> None:
    weight = random_vgg.state_dict()["5.weight"]
    assert float(weight.std()) == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.02)
    x = torch.randn(1, 3, 48, 48, generator=torch.Generator().manual_seed(0))
    deep = random_vgg[:36](x)  # relu5_4: poolings raise the level, ReLUs must not lower it
    assert 0.1 < float(deep.square().mean()) < 50


@pytest.mark.usefixtures("no_network")
def test_without_a_network_one_line_and_random_weights(
    capsys: pytest.CaptureFixture[str], random_vgg: nn.Sequential
) -> None:
    model = load_vgg19()
    said = capsys.readouterr()
    assert said.out.count("\n") == 1
    assert "Name or service not known" in said.out
    assert said.err == ""
    assert torch.equal(model.state_dict()["0.weight"], random_vgg.state_dict()["0.weight"])


def test_a_server_that_never_answers_costs_a_bounded_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import threading

    never = threading.Event()

    def hang(*_: Any, **__: Any) -> None:
        never.wait(20)
        raise TimeoutError

    monkeypatch.setattr(urllib.request, "urlopen", hang)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    load_vgg19(seconds=0.1)
    never.set()
    assert "no answer" in capsys.readouterr().out


@pytest.mark.usefixtures("no_network")
def test_cached_weights_are_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    state = _state(vgg19_prefix=True)
    (tmp_path / "checkpoints").mkdir()
    name = VGG19_Weights.IMAGENET1K_V1.url.rpartition("/")[2]
    torch.save(state, tmp_path / "checkpoints" / name)
    load = torch.hub.load_state_dict_from_url
    asked: list[str] = []

    def unhashed(url: str, **options: Any) -> Any:  # the real file's name holds the real hash
        asked.append(url)
        return load(url, **{**options, "check_hash": False})

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", unhashed)
    (tmp_path / "checkpoints" / "vgg16_convolutions.pth").touch()  # these come second
    model = load_vgg19()
    assert asked == [VGG19_Weights.IMAGENET1K_V1.url]
    assert torch.equal(model.state_dict()["0.weight"], state["features.0.weight"])


@pytest.mark.usefixtures("no_network")
def test_vgg16_is_laid_under_the_names_of_vgg19(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lacking = ("conv3_4", "conv4_4", "conv5_4")
    with torch.device("meta"):
        whole = vgg19(weights=None).features
    state = {}
    for name, layer in zip(LAYERS, whole, strict=True):
        if name.startswith("conv") and name not in lacking:
            for number, (kind, value) in enumerate(layer.named_parameters()):
                constant = torch.tensor(0.01 * number + float(name[4]), dtype=torch.float16)
                state[f"{name}.{kind}"] = constant.expand(value.shape)
    (tmp_path / "checkpoints").mkdir()
    torch.save(state, tmp_path / "checkpoints" / "vgg16_convolutions.pth")
    model = load_vgg19()
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "VGG16" in said
    assert len(model) == len(LAYERS)
    for name, layer in zip(LAYERS, model, strict=True):
        if name.startswith("conv"):
            assert isinstance(layer, nn.Identity) == (name in lacking)
            for value in layer.parameters():
                assert float(value.mean()) == pytest.approx(float(name[4]), abs=0.02)
                assert not value.requires_grad
    image = torch.ones(1, 3, 32, 32, requires_grad=True)
    model(image).sum().backward()  # what an in-place ReLU must not have spoilt
    assert image.grad is not None


@pytest.mark.usefixtures("no_network")
def test_vgg16_that_is_not_cached_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str], random_vgg: nn.Sequential
) -> None:
    model = load_vgg19("vgg16")
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "No such file" in said
    assert torch.equal(model.state_dict()["0.weight"], random_vgg.state_dict()["0.weight"])


@pytest.mark.parametrize("vgg19_prefix", [True, False])
def test_a_local_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], vgg19_prefix: bool
) -> None:
    state = _state(vgg19_prefix=vgg19_prefix)
    torch.save(state, tmp_path / "weights.pth")
    for path in (tmp_path / "weights.pth", str(tmp_path / "weights.pth")):
        model = load_vgg19(path)
        key = "features.34.bias" if vgg19_prefix else "34.bias"
        assert torch.equal(model.state_dict()["34.bias"], state[key])
        assert not any(parameter.requires_grad for parameter in model.parameters())
    assert capsys.readouterr().out == ""


def test_a_missing_file_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load_vgg19(tmp_path / "nowhere.pth")
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "nowhere.pth" in said
    assert "No such file" in said


def test_a_file_that_holds_something_else(tmp_path: Path) -> None:
    text = tmp_path / "text.pth"
    text.write_text("no weights")
    with pytest.raises(ValueError, match=r"text\.pth holds no state dict"):
        load_vgg19(text)
    state = _state(vgg19_prefix=False)
    del state["34.bias"]
    torch.save(state, tmp_path / "front.pth")
    with pytest.raises(ValueError, match="16 convolutions of VGG19"):
        load_vgg19(tmp_path / "front.pth")
    torch.save([1, 2], tmp_path / "list.pth")
    with pytest.raises(ValueError, match="16 convolutions of VGG19"):
        load_vgg19(tmp_path / "list.pth")


def test_the_default_timeout_is_restored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import socket

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr(vgg, "_reach", lambda *_: None)

    def damaged(*_: Any, **__: Any) -> None:
        assert socket.getdefaulttimeout() == 5.0
        raise RuntimeError("invalid hash value\nand more")

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", damaged)
    load_vgg19()
    assert socket.getdefaulttimeout() is None


def _state(vgg19_prefix: bool) -> dict[str, torch.Tensor]:
    """A state dict of the right shapes, of constants, as small on disk as can be."""
    with torch.device("meta"):
        shapes = vgg19(weights=None).features.state_dict()
    prefix = "features." if vgg19_prefix else ""
    state = {
        prefix + key: torch.full((1,), float(number)).expand(value.shape)
        for number, (key, value) in enumerate(shapes.items())
    }
    if vgg19_prefix:
        state["classifier.6.bias"] = torch.zeros(1000)
    return state
