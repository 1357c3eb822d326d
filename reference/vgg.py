"""VGG19's convolutional part: trained weights where they can be had, random ones elsewhere.

Only ``features`` is built, up to the last pooling: style transfer needs no classifier. The network
is torchvision's VGG19 (Simonyan and Zisserman 2015, configuration E). VGG16 has 13 of its 16
convolutions; laid under VGG19's names it serves as well.
"""

from __future__ import annotations

import math
import socket
import threading
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models import VGG19_Weights, vgg19

from reference import weights as pinned

IMAGENET = "imagenet"
VGG16 = "vgg16"
RANDOM = "random"

_CONVOLUTIONS = 16
_PREFIX = "features."
_BLOCKS = (2, 2, 4, 4, 4)


def load_vgg19(
    weights: str | Path = IMAGENET, *, seed: int = 0, seconds: float = 5.0
) -> nn.Sequential:
    """Return VGG19's ``features`` (37 modules), its weights frozen.

    ``weights`` is ``"imagenet"`` (torchvision's from its cache, else VGG16's from there, else
    torchvision's downloaded), ``"vgg16"``, ``"random"`` (He-initialised by ``seed``, zero biases),
    or the path of a file saved by ``torch.save``: the state dict of torchvision's VGG19 or of its
    ``features``. Where the wanted weights cannot be had, random ones are used. One printed line
    says which these are, unless they were asked for by name. ``seconds`` bounds how long an
    unreachable server is waited for.

    Raises ``ValueError`` when a file is there but does not hold the weights of VGG19.
    """
    with torch.device("meta"):  # no memory for a classifier that is thrown away
        features: nn.Sequential = vgg19(weights=None, init_weights=False).features
    features = features.to_empty(device="cpu").requires_grad_(False).eval()
    if str(weights) == RANDOM:
        return he_initialise(features, seed)
    try:
        if str(weights) == VGG16 or (_only_vgg16() and str(weights) == IMAGENET):
            _lay_vgg16(features)
            if str(weights) == IMAGENET:
                print("VGG16's convolutions, as trained on ImageNet, under VGG19's names")
            return features
        state = _imagenet(seconds) if str(weights) == IMAGENET else _from_file(Path(weights))
    except OSError as error:
        reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or error
        print(f"No weights {str(weights)!r} ({reason}): VGG19 gets seeded random weights.")
        return he_initialise(features, seed)
    features.load_state_dict(state)
    if str(weights) == IMAGENET:
        print("VGG19 as trained on ImageNet")
    return features


def he_initialise(model: nn.Sequential, seed: int = 0) -> nn.Sequential:
    """Give each convolution weights from N(0, 2 / fan_in) and zero biases, in place.

    With this variance a ReLU network neither amplifies nor damps what passes through it (He et al.
    2015). The same seed gives the same weights.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for layer in model:
            if isinstance(layer, nn.Conv2d):
                deviation = math.sqrt(2 / layer.weight[0].numel())
                values = torch.randn(layer.weight.shape, generator=generator)
                layer.weight.copy_(values * deviation)
                if layer.bias is not None:
                    layer.bias.zero_()
    return model


def _vgg19_file() -> Path:
    """Where torchvision keeps its VGG19."""
    url = VGG19_Weights.IMAGENET1K_V1.url
    return Path(torch.hub.get_dir(), "checkpoints", url.rpartition("/")[2])


def _only_vgg16() -> bool:
    """Whether the cache holds VGG16's convolutions, and not torchvision's VGG19."""
    return pinned.cached(pinned.VGG16).is_file() and not _vgg19_file().is_file()


def _lay_vgg16(features: nn.Sequential) -> None:
    """Give the convolutions those of VGG16 by name; one that VGG16 lacks passes its input on.

    Raises OSError when the cache does not hold them.
    """
    state = torch.load(pinned.cached(pinned.VGG16), map_location="cpu", weights_only=True)
    index = 0
    with torch.no_grad():
        for block, convolutions in enumerate(_BLOCKS, start=1):
            for i in range(1, convolutions + 1):
                name, layer = f"conv{block}_{i}", features[index]
                if f"{name}.weight" in state:
                    for kind, parameter in layer.named_parameters():
                        parameter.copy_(state[f"{name}.{kind}"])
                else:  # nor a ReLU: in place, it would change what the one before has kept
                    features[index], features[index + 1] = nn.Identity(), nn.Identity()
                index += 2
            index += 1


def _imagenet(seconds: float) -> dict[str, Tensor]:
    """torchvision's weights; raise OSError when they are neither cached nor to be downloaded."""
    url = VGG19_Weights.IMAGENET1K_V1.url
    if not _vgg19_file().is_file():
        _reach(url, seconds)
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)  # a download that stalls ends, one that is slow goes on
    try:
        state = torch.hub.load_state_dict_from_url(url, map_location="cpu", check_hash=True)
    except RuntimeError as error:  # a damaged download
        raise OSError(str(error).splitlines()[0]) from None
    finally:
        socket.setdefaulttimeout(before)
    return _features_of(state, url)


def _reach(url: str, seconds: float) -> None:
    """Raise OSError unless a server answers for ``url`` within ``seconds``."""
    failure: list[OSError] = [TimeoutError("no answer")]

    def ask() -> None:
        try:
            request = urllib.request.Request(url, method="HEAD")
            urllib.request.urlopen(request, timeout=seconds).close()
            failure.clear()
        except OSError as error:
            failure[:] = [error]
        except Exception as error:  # what answers speaks no HTTP
            failure[:] = [OSError(str(error) or type(error).__name__)]

    # A thread, for nothing else bounds the time that looking up a name takes.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    if failure:
        raise failure[0]


def _from_file(path: Path) -> dict[str, Tensor]:
    with path.open("rb") as file:
        try:
            state: Any = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:
            line = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ValueError(f"weights: {path} holds no state dict ({line})") from None
    return _features_of(state, str(path))


def _features_of(state: Any, origin: str) -> dict[str, Tensor]:
    """The part of a state dict that belongs to ``features``; raise ValueError if it is none."""
    if isinstance(state, Mapping):
        if any(str(key).startswith(_PREFIX) for key in state):
            kept = {
                key.removeprefix(_PREFIX): value
                for key, value in state.items()
                if key.startswith(_PREFIX)
            }
        else:
            kept = dict(state)
        with torch.device("meta"):
            wanted = vgg19(weights=None, init_weights=False).features.state_dict()
        shapes = {key: tuple(getattr(value, "shape", ())) for key, value in kept.items()}
        if shapes == {key: tuple(value.shape) for key, value in wanted.items()}:
            return kept
    raise ValueError(
        f"weights: expected the {_CONVOLUTIONS} convolutions of VGG19 in {origin}, with keys such "
        "as 'features.0.weight' or '0.weight'"
    )
