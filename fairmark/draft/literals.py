"""Other values of the kind of those that were seen: numbers, texts, lists, dictionaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fairmark.inline.write import literal

_MANY = 16


@dataclass(frozen=True)
class Lambda:
    """A function to be given to an answer that takes one."""

    source: str

    def __call__(self, value: Any) -> Any:
        """Call it."""
        return eval(self.source, {"np": np})(value)


FUNCTIONS = (Lambda("lambda v: np.sum(v**2)"), Lambda("lambda v: np.sum(np.sin(v))"))
"""What is passed where the notebook passes functions: of a number or of an array, to a number."""

ENTRYWISE = (Lambda("lambda v: v**3 - 2 * v"), Lambda("lambda v: np.sin(v)"))
"""What is passed in place of these where functions work entry by entry."""


def written(value: Any) -> str:
    """Return a value as Python text."""
    return value.source if isinstance(value, Lambda) else literal(value)


def variations(pool: Sequence[Any], random: np.random.Generator) -> list[Any]:
    """Return the values that were seen, and others of their kind; at least one."""
    found: list[Any] = []
    for value in pool:
        if value not in found:
            found.append(value)
    seen = list(found)
    for _ in range(_MANY):
        value = _other(seen[int(random.integers(len(seen)))], seen, random)
        if value not in found:
            found.append(value)
    return found


def _other(value: Any, pool: Sequence[Any], random: np.random.Generator) -> Any:
    match value:
        case None:
            return None
        case bool():
            return not value if any(isinstance(v, bool) and v != value for v in pool) else value
        case int():
            return _whole(value, random)
        case float():
            return float(f"{value * random.uniform(0.3, 2) + random.normal() * 0.1:.3g}")
        case str():
            return _text(value, pool, random)
        case list() | tuple():
            return type(value)(_items(list(value), random))
        case dict():
            return {key: _other(item, [item], random) for key, item in value.items()}
    return value


def _whole(value: int, random: np.random.Generator) -> int:
    reach = max(3, min(abs(value), 50))
    other = value + int(random.integers(-reach, reach + 1))
    return abs(other) if value >= 0 else other


def _text(value: str, pool: Sequence[Any], random: np.random.Generator) -> str:
    words = value.split(" ")
    texts = [v for v in pool if isinstance(v, str)]
    if len(words) > 2:
        return " ".join(random.permutation(words).tolist())
    if len(texts) > 2:
        return str(random.choice(texts))  # it may be one of a few names
    return value


def _items(items: list[Any], random: np.random.Generator) -> list[Any]:
    """Items of the same kind: some changed, in another order, one more or one less."""
    if not items:
        return items
    order = random.permutation(len(items))
    made = [items[i] for i in order]
    choice = int(random.integers(4))
    if choice == 0 and len(made) > 1:
        made.pop()
    elif choice == 1:
        made.append(made[0])
    elif choice == 2:
        made = [_other(item, items, random) for item in items]
    return made
