"""What holds in all of the notebook's calls, and so may be taken for granted by an answer.

A first entry that is always 1, a product that is never positive: no text need say so, but an input
that breaks it might be none that the function has to stand.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from fairmark.draft.forms import Form, Slot

_LEAST = 3
"""So many calls, or rows, have to agree."""
_LEAST_SIGNS = 6


def kept_true(forms: Sequence[Form]) -> list[Form]:
    """Return a function's forms, which from now on keep to what all calls had in common."""
    constant = list(dict.fromkeys(line for form in forms for line in _constant_entries(form)))
    found = []
    for form in forms:
        arrays = {slot.name for slot in form.slots if slot.is_array}
        own = [line for line in constant if line.partition("[")[0] in arrays]
        found.append(replace(form, keeps=(*own, *_signs(form))))
    return found


def _constant_entries(form: Form) -> Iterator[str]:
    """Entries at the ends of the last axis that are the same number everywhere."""
    for slot in form.slots:
        arrays = [np.asarray(a) for a in slot.pool if np.ndim(a) and np.size(a)]
        rows = [row for a in arrays for row in a.reshape(-1, a.shape[-1])[:200]]
        if not slot.is_array or len(rows) < _LEAST or min(len(row) for row in rows) < 2:
            continue
        for place in (0, -1):
            values = {float(row[place]) for row in rows}
            others = {float(v) for row in rows for v in (row[1:] if place == 0 else row[:-1])}
            if len(values) == 1 and len(others) > 2 and values != {0.0}:
                yield f"{slot.name}[..., {place}] = {values.pop():g}"


def _signs(form: Form) -> Iterator[str]:
    """A product of two vectors, perhaps with a sign, that has the same sign in all calls."""
    vectors = [slot for slot in form.slots if slot.is_array and len(slot.shape) == 1]
    labels = [slot for slot in form.slots if slot.kind == "int" and _is_sign(slot)]
    if len(form.calls) < _LEAST_SIGNS:
        return
    for one, other in itertools.combinations(vectors, 2):
        if one.shape != other.shape:
            continue
        for label in labels:
            values = _products(one, other, label)
            product = f"{label.name} * ({one.name} @ {other.name})"
            if (values <= 0).all() and (values < 0).sum() >= _LEAST:
                yield f"{one.name} = -{one.name} if {product} > 0 else {one.name}"
            elif (values >= 0).all() and (values > 0).sum() >= _LEAST:
                yield f"{one.name} = -{one.name} if {product} < 0 else {one.name}"


def _is_sign(slot: Slot) -> bool:
    return {int(v) for v in slot.pool} == {-1, 1}


def _products(one: Slot, other: Slot, label: Slot) -> np.ndarray[Any, Any]:
    rows = zip(one.pool, other.pool, label.pool, strict=True)
    return np.array([float(sign) * float(np.dot(a, b)) for a, b, sign in rows])
