"""What holds in all of the notebook's calls, and so may be taken for granted by an answer.

A first entry that is always 1, a product that is never positive: no text need say so, but an input
that breaks it might be none that the function has to stand.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from fairmark.draft.forms import Form, Slot

_LEAST = 3
"""So many calls, or rows, have to agree."""
_LEAST_SIGNS = 6


def kept_true(forms: Sequence[Form]) -> list[Form]:
    """Return a function's forms, which from now on keep to what all calls had in common."""
    constant = list(dict.fromkeys(line for form in forms for line in _constant_entries(form)))
    signs = list(_signs(forms))
    found = []
    for form in forms:
        arrays = {slot.name for slot in form.slots if slot.is_array}
        own = [line for line in constant if line.partition("[")[0] in arrays]
        given = {slot.name for slot in form.slots}
        own += [line for names, line in signs if given >= set(names)]
        found.append(replace(form, keeps=tuple(own)))
    return found


def _constant_entries(form: Form) -> Iterator[str]:
    """Entries at the ends of the last axis that are 1, or -1, everywhere, as those of a bias are.

    That others are the same is chance, such as what the formula of the only example gives.
    """
    for slot in form.slots:
        if not slot.is_array:
            continue  # lists may be nested in ways that make no array
        arrays = [np.asarray(a) for a in slot.pool if np.ndim(a) and np.size(a)]
        rows = [row for a in arrays for row in a.reshape(-1, a.shape[-1])[:200]]
        if len(rows) < _LEAST or min(len(row) for row in rows) < 2:
            continue
        for place in (0, -1):
            values = {float(row[place]) for row in rows}
            others = {float(v) for row in rows for v in (row[1:] if place == 0 else row[:-1])}
            if len(values) == 1 and len(others) > 2 and values <= {1.0, -1.0}:
                yield f"{slot.name}[..., {place}] = {values.pop():g}"


def _signs(forms: Sequence[Form]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Labels of -1 and 1 that the sign of a product of two vectors tells in all calls.

    Yielded are the arguments that it is about, and the statement that makes it so.
    """
    products: dict[tuple[str, str, str], list[tuple[float, int]]] = {}
    for form in forms:
        vectors = [s for s in form.slots if s.is_array and len(s.shape) == 1]
        labels = [s for s in form.slots if s.kind == "int" and _is_sign(s)]
        for (one, other), label in itertools.product(itertools.combinations(vectors, 2), labels):
            for a, b, sign in zip(one.pool, other.pool, label.pool, strict=False):
                if np.shape(a) == np.shape(b):
                    found = products.setdefault((one.name, other.name, label.name), [])
                    found.append((float(np.dot(a, b)), int(sign)))
    for names, seen in products.items():
        one_name, other_name, name = names
        if len(seen) < _LEAST_SIGNS or {sign for _, sign in seen} != {-1, 1}:
            continue
        for above, compare in itertools.product((-1, 1), (">", ">=")):
            if all(_label(value, above, compare) == sign for value, sign in seen):
                product = f"{one_name} @ {other_name}"
                yield names, f"{name} = {above} if {product} {compare} 0 else {-above}"
                break


def _label(value: float, above: int, compare: str) -> int:
    is_above = value > 0 or (compare == ">=" and value == 0)
    return above if is_above else -above


def _is_sign(slot: Slot) -> bool:
    return {int(v) for v in slot.pool} <= {-1, 1}
