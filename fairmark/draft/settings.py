"""Descriptions of arguments that are no plain data, like those that the notebook gives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fairmark.draft.record import Model, Opaque, Picture, Recorded, Tensor
from fairmark.draft.texts import Text
from fairmark.verify.calls import Function

MODELS = {
    "plain": "a model in training mode",
    "shaky": "a model with dropout and batch norm, of which some layers are in training mode",
    "frozen": "a model in evaluation mode whose front is frozen",
    "branched": "a model in which a layer runs twice and another one never",
    "shared": "a model in which two layers share their weights",
}
"""The models of ``beside/asked.py``, in words."""
_MODES = ("RGB", "L", "P", "RGBA", "LA", "CMYK", "1", "I;16", "HSV", "YCbCr")
_FIXED = 3
"""Sizes up to this have a meaning: the channels of a picture, one of grey."""
_SEEDS = (0, 1, 3, 4)


@dataclass(frozen=True)
class Setting:
    """One call to be tried."""

    seed: int
    arguments: list[Any]
    named: dict[str, Any]
    about: str
    needs: tuple[str, ...]
    is_even: bool = True
    """Whether all tensors of as many axes have one shape."""


def settings_of(function: Function, calls: Sequence[Recorded], text: Text) -> Iterator[Setting]:
    """Yield calls like the recorded ones, with each kind of model, in several sizes."""
    kinds: dict[str, Recorded] = {}
    for call in calls:
        kinds.setdefault(repr([_outline(v) for v in (*call.args, *call.kwargs.values())]), call)
    words = _words([value for call in calls for value in (*call.args, *call.kwargs.values())])
    for call in list(kinds.values())[:3]:
        for about, options in _manners(call, text):
            for seed in _SEEDS if call.args or call.kwargs else (_SEEDS[0], _SEEDS[-1]):
                random = np.random.default_rng(seed)
                drawn = _Drawn(call, options, random, text, words, learns=seed % 4 == 0)
                arguments = [drawn.told(value) for value in call.args]
                named = {name: drawn.told(value) for name, value in call.kwargs.items()}
                if drawn.is_whole:
                    needs = {*drawn.makers, *([options["model"]] if "model" in options else ())}
                    even = _is_even([*arguments, *named.values()])
                    yield Setting(seed, arguments, named, about, tuple(sorted(needs)), even)


def _manners(call: Recorded, text: Text) -> Iterator[tuple[str, dict[str, Any]]]:
    """The ways to make a call's arguments, each with words for it."""
    values = [*call.args, *call.kwargs.values()]
    models = [value for value in values if isinstance(value, Model)]
    pictures = [value for value in values if isinstance(value, Picture)]
    named = any(isinstance(v, str) or (isinstance(v, list | tuple) and v) for v in values)
    if models and models[0].layers and named:  # the names are those of its layers
        yield "a narrow model of the same layers", {"layers": models[0].layers}
    elif models:
        for name, words in MODELS.items():
            yield words, {"model": name}
    elif pictures:
        found = dict.fromkeys(picture.mode for picture in pictures)
        told = set(re.findall(r"[\"'`]([A-Za-z0-9;]+)[\"'`]", text.near))
        for mode in [*found, *(m for m in _MODES if m in told and m not in found)]:
            yield f"a picture of mode {mode}", {"mode": mode, "plain": False}
            yield f"a picture of mode {mode} in one colour", {"mode": mode, "plain": True}
    else:
        yield ("tensors" if values else "no arguments"), {}
    shapes = [value.array.shape for value in values if isinstance(value, Tensor)]
    if models and any(a != b and len(a) == len(b) for a in shapes for b in shapes):
        options = {"layers": models[0].layers} if models[0].layers and named else {"model": "plain"}
        yield "tensors of one size", options | {"size": True}


def _is_even(descriptions: Sequence[list[Any]]) -> bool:
    shapes = [rest[0] for kind, *rest in descriptions if kind in ("floats", "positive", "learning")]
    return all(a == b for a in shapes for b in shapes if len(a) == len(b))


class _Drawn:
    """Makes the descriptions of one call's arguments; equal sizes stay equal."""

    def __init__(
        self,
        call: Recorded,
        options: dict[str, Any],
        random: np.random.Generator,
        text: Text,
        words: list[str],
        *,
        learns: bool,
    ) -> None:
        self._options = options
        self._words = words
        self._random = random
        self._learns = text.wants_slopes and learns
        self._sizes: dict[int, int] = {}
        values = [*call.args, *call.kwargs.values()]
        self._is_deep = "layers" in options
        self._has_picture = "mode" in options
        self._shape = self._input_shape(values)
        self._classes = int(random.integers(3, 6))
        self.is_whole = True
        """Whether every argument could be described."""
        self.makers = {"make_list", "make_dict"}
        """What in ``beside`` makes them."""

    def _input_shape(self, values: list[Any]) -> list[int]:
        for value in values:
            if isinstance(value, Tensor) and value.array.dtype.kind == "f" and value.array.ndim > 1:
                return self._mapped(value.array.shape)
        return [3, 1, 6, 6]

    def told(self, value: Any) -> list[Any]:
        """The description of an argument like this one."""
        description = self._told(value)
        self.makers.add(f"make_{description[0]}")
        return description

    def _told(self, value: Any) -> list[Any]:
        match value:
            case Model():
                if self._is_deep:
                    return ["layers", narrow(self._options["layers"], np.random.default_rng(0))]
                return ["model", self._options["model"], self._shape[1:], self._classes]
            case Picture():
                return self._picture()
            case Tensor():
                return self._tensor(value.array)
            case dict():
                return ["dict", {name: self.told(item) for name, item in value.items()}]
            case list() | tuple() if any(isinstance(item, Tensor | Opaque) for item in value):
                return ["list", [self.told(item) for item in value]]
            case list() | tuple() if all(isinstance(v, str) for v in value) and len({*value}) > 1:
                count = int(self._random.integers(2, len(self._words) + 1))
                found = self._random.choice(self._words, size=count, replace=False)
                return ["value", [str(word) for word in found]]
            case Opaque() | np.ndarray():
                self.is_whole = False
                return ["value", None]
            case bool():
                return ["value", value]
            case int() if self._has_picture:
                # how a picture is made smaller is left open, unless it has one colour
                sizes = [6, 12, 24] if self._options["plain"] else [24, 30]
                return ["value", int(self._random.choice(sizes))]
            case int() if value > 9:  # a number of steps, a size
                return ["value", int(self._random.choice([8, 10, 12]))]
            case int():
                return ["value", int(self._random.choice([value, 0, 1, 2]))]
            case float():
                return ["value", value * float(self._random.choice([0.5, 1.0, 2.0]))]
        return ["value", value]

    def _tensor(self, array: Any) -> list[Any]:
        shape = self._mapped(array.shape)
        if array.dtype.kind in "iu":
            return ["labels", shape, self._classes]
        if array.dtype.kind != "f":
            self.is_whole = False
        kind = "learning" if self._learns else "floats"
        if array.size and not self._learns and float(array.min()) >= 0:
            kind = "positive"
        return [kind, shape]

    def _mapped(self, shape: Sequence[int]) -> list[int]:
        """Small sizes in place of those that the notebook had; others where those were others."""
        for size in shape:
            if size not in self._sizes:
                low, high = (16, 25) if self._is_deep and size > 8 else (4, 10)
                free = [n for n in range(low, high) if n not in self._sizes.values()]
                other = int(self._random.choice(free or [high]))
                if "size" in self._options:
                    other = next((n for n in self._sizes.values() if n > _FIXED), other)
                self._sizes[size] = size if size <= _FIXED else other
        return [self._sizes[size] for size in shape]

    def _picture(self) -> list[Any]:
        width, height = self._random.permutation([24, int(self._random.choice([12, 24]))])
        return ["picture", self._options["mode"], int(width), int(height), self._options["plain"]]


_DEFAULTS = re.compile(
    r", (stride=\(1, 1\)|padding=0|dilation=1|ceil_mode=False|eps=1e-05|momentum=0\.1|"
    r"affine=True|track_running_stats=True)(?=[,)])"
)
"""What torch writes of its layers, but need not be said."""


def narrow(layers: Sequence[str], random: np.random.Generator) -> list[str]:
    """The same layers with few channels; those of the input stay."""
    widths: dict[str, str] = {}
    if any(layer.startswith("Linear") for layer in layers):
        return list(layers)

    def width(size: str) -> str:
        if int(size) <= _FIXED:
            return size
        return widths.setdefault(size, str(int(random.integers(4, 7))))

    found = []
    for layer in layers:
        match = re.match(r"(Conv\dd|BatchNorm\dd)\((\d+)(?:, (\d+))?", layer)
        if match:
            sizes = ", ".join(width(size) for size in match.groups()[1:] if size)
            layer = f"{match[1]}({sizes}{layer[match.end() :]}"
        found.append(_DEFAULTS.sub("", layer))
    return found


def _words(values: Sequence[Any]) -> list[str]:
    """All texts in lists of texts."""
    lists = [v for v in values if isinstance(v, list | tuple)]
    return sorted({word for words in lists for word in words if isinstance(word, str)})


def _outline(value: Any) -> Any:
    """What tells calls of different kinds apart."""
    match value:
        case Model():
            return value.layers
        case Picture():
            return value.mode
        case Tensor():
            return value.array.ndim, value.array.dtype.kind
        case dict():
            return sorted(map(repr, value))
    return type(value).__name__
