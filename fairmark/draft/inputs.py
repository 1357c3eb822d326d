"""Inputs like those that the notebook gives: other sizes, other values of the same kind, edges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from fairmark.draft.forms import Form, Slot
from fairmark.draft.literals import variations
from fairmark.draft.record import Opaque

Style = Literal["recorded", "random", "whole", "large", "edges", "integers"]
Array = np.ndarray[Any, Any]
_TRIES = 20
_FEW = 6
_SMALL = 40
_TINY, _HUGE = 1e-3, 50.0


@dataclass(frozen=True)
class Setting:
    """Sizes and single values of one call."""

    form: Form
    style: Style
    sizes: dict[str, int]
    values: dict[str, Any]
    """By argument: numbers and other plain data."""


@dataclass(frozen=True)
class Case:
    """One call to be tried."""

    setting: Setting
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    @property
    def form(self) -> Form:
        """The form of the call."""
        return self.setting.form

    @property
    def style(self) -> Style:
        """How its values were come by."""
        return self.setting.style

    @property
    def numbers(self) -> int:
        """How many numbers a person has to read."""
        return sum(count_numbers(value) for value in (*self.args, *self.kwargs.values()))


def cases_of(form: Form, styles: Sequence[Style]) -> Iterator[Case]:
    """Yield the notebook's own calls that a person can read, and then others, by style."""
    random = np.random.default_rng(0)
    if "recorded" in styles:
        yield from _recorded(form)
    for style in styles:
        if style == "recorded" or (
            style in ("whole", "large", "integers") and not _has_floats(form)
        ):
            continue
        for number in range(_TRIES if style in ("random", "edges") else _TRIES // 2):
            values = _values(form, random) if style != "edges" else _edges(form, random)
            if form.ends is not None and number < _TRIES // 2:
                values = {form.slots[0].name: _within(form.ends, style, number, random)}
            setting = Setting(form, style, _sizes(form, random, number), values)
            fits = min(_lengths(setting), default=1) >= 1
            if fits and (style != "random" or number == 0 or _varies(form)):
                yield made(setting, random)


def _lengths(setting: Setting) -> Iterator[int]:
    """The sizes of the arrays that would be drawn; -1 for one that cannot be computed."""
    scope = {**setting.sizes, **setting.values}
    for slot in setting.form.slots:
        for size in slot.shape:
            try:
                yield int(eval(size, {}, scope))
            except (ArithmeticError, TypeError):
                yield -1  # a stride of 0, say


def made(setting: Setting, random: np.random.Generator, *, exact: bool = False) -> Case:
    """Return a call with these sizes and values; small arrays in few digits, unless ``exact``."""
    scope = {**setting.sizes, **setting.values}
    for slot in setting.form.slots:
        if slot.is_array:
            names = {"np": np, "rng": random, **_torch(slot)}
            value = eval(drawn(slot, setting.style), names, scope)
            scope[slot.name] = value if exact else _rounded(slot, value)
    for statement in setting.form.keeps:
        exec(statement, {"np": np}, scope)
    args = [scope.get(slot.name) for slot in setting.form.slots if not slot.keyword]
    kwargs = {slot.name: scope.get(slot.name) for slot in setting.form.slots if slot.keyword}
    return Case(setting, tuple(args), kwargs)


def _rounded(slot: Slot, value: Any) -> Any:
    """Small arrays in few digits, for people to read."""
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f" or value.size > _SMALL:
        return value
    return value if _sums_to_one(slot) else value.round(2)


def drawn(slot: Slot, style: Style) -> str:
    """Return the expression that draws an array of a slot's kind and shape."""
    size = f"({', '.join(slot.shape)}{',' if len(slot.shape) == 1 else ''})"
    text = _drawn(slot, style, size)
    if slot.kind != "tensor":
        return text
    if slot.pool and slot.pool[0].dtype.kind == "f":
        text = f"{text}.astype(np.{slot.pool[0].dtype.name})"
    return f"torch.from_numpy({text})" if slot.shape else f"torch.from_numpy(np.asarray({text}))"


def _drawn(slot: Slot, style: Style, size: str) -> str:
    pool = _pool(slot)
    floats = pool.dtype.kind == "f"
    finite = pool[np.isfinite(pool)] if floats else pool
    distinct = np.unique(finite) if finite.size else finite
    if pool.dtype.kind == "b":
        return f"rng.random(size={size}) < 0.5"
    if floats and _is_one_hot(slot):
        return f"np.eye({slot.shape[-1]})[rng.integers({slot.shape[-1]}, size={_rows(slot)})]"
    if floats and _sums_to_one(slot):
        if style == "whole":
            return f"np.eye({slot.shape[-1]})[rng.integers({slot.shape[-1]}, size={_rows(slot)})]"
        return f"rng.dirichlet(np.ones({slot.shape[-1]}), size={_rows(slot)})"
    whole = finite.size > 0 and bool((finite == np.round(finite)).all())
    if slot.high:
        low = -1 if style == "edges" else 0
        more = " + 1" if style == "edges" else ""
        return f"rng.integers({low}, {slot.high}{more}, size={size})"
    if finite.size >= 4 and 2 <= distinct.size <= 3 and whole:
        kind = "" if not floats else ".astype(float)"
        return f"rng.choice({[int(v) for v in distinct]}, size={size}){kind}"
    if not floats:
        low, high = (int(finite.min()), int(finite.max())) if finite.size else (0, 5)
        return f"rng.integers({low}, {high + 1}, size={size})"
    positive = finite.size > _FEW and float(finite.min()) >= 0
    if positive and float(finite.max()) <= 1:
        return f"rng.uniform(size={size})"
    if style in ("whole", "edges"):
        return f"rng.integers({0 if positive else -3}, 4, size={size}).astype(float)"
    if style == "integers":
        return f"rng.integers({0 if positive else -5}, 6, size={size})"
    if style == "large":
        return f"rng.{'uniform(0, 1000' if positive else 'normal(scale=1000'}, size={size})"
    if positive:
        return f"rng.uniform(0, {_round(float(finite.max()))}, size={size})"
    scale = 2.0 if not finite.size else _round(float(np.abs(finite).mean()) * 1.3)
    return f"rng.normal(scale={min(max(scale, 0.5), 50.0):g}, size={size})"


def _recorded(form: Form) -> Iterator[Case]:
    for call in form.calls:
        if any(isinstance(v, Opaque) for v in (*call.args, *call.kwargs.values())):
            continue
        case = Case(Setting(form, "recorded", {}, {}), _plain(call.args), _plain(call.kwargs))
        if case.numbers <= _SMALL:  # others are neither shown nor drawn
            yield case


def _plain(values: Any) -> Any:
    from fairmark.draft.record import Tensor

    if isinstance(values, dict):
        return {key: _plain(value) for key, value in values.items()}
    if isinstance(values, tuple):
        return tuple(_plain(value) for value in values)
    if isinstance(values, Tensor):
        import torch

        return torch.from_numpy(np.array(values.array))
    if isinstance(values, np.ndarray):
        is_long = values.dtype != np.float64 or values.size > _SMALL
        return values.copy() if is_long else values.round(6)
    return values


def _sizes(form: Form, random: np.random.Generator, number: int) -> dict[str, int]:
    found = {}
    for place, (name, seen) in enumerate(form.symbols.items()):
        usual = int(np.median(seen)) if seen else 3
        low, high = (1, min(usual + 2, 6)) if usual <= 4 else (4, 9)
        if number % 4 == 1:  # something that a person can read
            low, high = (1, 2) if usual <= 4 else (2, 4)
        found[name] = int(random.integers(low, high + 1))
        if number % 5 == 4 and place == number // 5 % len(form.symbols):
            found[name] = 1
        if number >= _TRIES - 4 and seen:  # where other sizes make no sense, the notebook's do
            found[name] = int(random.choice(seen))
    if len(set(found.values())) < len(found) and number % 3 != 2:
        taken: set[int] = set()
        for name, size in found.items():
            while size in taken and size < 9:
                size += 1
            found[name] = size
            taken.add(size)
    return found


def _within(ends: tuple[int, int], style: Style, number: int, random: np.random.Generator) -> int:
    """A number of the range that the text tells, or one at its ends: the last, and the next."""
    low, high = ends
    if style == "edges":
        return (low, high, low - 1, high + 1)[number % 4]
    return int(random.integers(low, max(low, high) + 1))


def _values(form: Form, random: np.random.Generator) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for slot in form.slots:
        if slot.kind == "int":
            found[slot.name] = _whole(slot, random)
        elif slot.kind == "float":
            found[slot.name] = _number(slot, random)
        elif slot.kind == "data":
            options = variations(slot.pool, random)
            found[slot.name] = options[int(random.integers(len(options)))]
    return found


def _edges(form: Form, random: np.random.Generator) -> dict[str, Any]:
    """Values of which one, or all, may be at a bound or beyond it."""
    found = _values(form, random)
    numbers = [slot.name for slot in form.slots if slot.kind == "int"]
    if not numbers:
        return found
    if random.integers(2):
        found[str(random.choice(numbers))] = int(random.choice([-1, 0, 1]))
    else:
        found |= {name: int(random.integers(0, 8)) for name in numbers}
    return found


def _whole(slot: Slot, random: np.random.Generator) -> int:
    seen = [int(v) for v in slot.pool]
    value = int(random.choice(seen))
    labels = len(set(seen)) > 1 and set(seen) <= {-1, 0, 1}
    if labels or random.integers(3) == 0:
        return value
    if min(seen) < 0:
        return int(random.integers(-6, 7))
    high = max(seen)
    return int(random.integers(0 if 0 in seen else 1, (high if high < 12 else 12) + 3))


def _number(slot: Slot, random: np.random.Generator) -> float:
    seen = [float(v) for v in slot.pool]
    seen = [v for v in seen if v] or seen  # 0 says little, and may be no sense
    size = max(map(abs, seen))
    if not _TINY < size < _HUGE and random.integers(2):
        # of what is tiny, or beside what is huge, nothing is seen
        return float(f"{random.uniform(0.2, 2):.2g}")
    kept = float(random.choice(seen))
    if random.integers(3) == 0 or not np.isfinite(kept):
        return float(f"{kept:.4g}")
    if min(seen) >= 0:
        top = max(max(seen), 0.1)
        return float(f"{random.uniform(0.1 * top, 1.2 * top):.2g}")
    return float(f"{random.normal(scale=max(1.0, min(np.abs(seen).mean(), 20.0))):.2g}")


def _varies(form: Form) -> bool:
    return any(slot.is_array or slot.kind != "opaque" for slot in form.slots)


def _has_floats(form: Form) -> bool:
    return any(s.is_array and _pool(s).dtype.kind == "f" for s in form.slots)


def _pool(slot: Slot) -> Array:
    if not slot.pool:
        return np.zeros(0)
    return np.concatenate([np.asarray(v).ravel()[:5000] for v in slot.pool])


def _is_one_hot(slot: Slot) -> bool:
    pool = [np.asarray(a) for a in slot.pool if np.ndim(a) >= 1 and np.size(a)]
    return bool(pool) and all(
        bool(np.isin(a, (0, 1)).all() and (a.sum(axis=-1) == 1).all()) and a.shape[-1] > 1
        for a in pool
    )


def _sums_to_one(slot: Slot) -> bool:
    pool = [np.asarray(a) for a in slot.pool if np.ndim(a) >= 1 and np.size(a)]
    return bool(pool) and all(
        bool((a >= 0).all() and np.allclose(a.sum(axis=-1), 1, atol=1e-3)) and a.shape[-1] > 1
        for a in pool
    )


def _rows(slot: Slot) -> str:
    rows = slot.shape[:-1]
    return f"({', '.join(rows)}{',' if len(rows) == 1 else ''})" if rows else "()"


def _torch(slot: Slot) -> dict[str, Any]:
    if slot.kind != "tensor":
        return {}
    import torch

    return {"torch": torch}


def _round(value: float) -> float:
    return float(f"{value:.2g}") or 1.0


def count_numbers(value: Any) -> int:
    """Return about how many numbers a value holds."""
    if hasattr(value, "shape"):
        return int(np.prod(value.shape))
    if isinstance(value, str | bytes):
        return 1 + len(value) // 8
    if isinstance(value, dict):
        return sum(count_numbers(v) + 1 for v in value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return sum(map(count_numbers, value))
    return 1
