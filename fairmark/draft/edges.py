"""Inputs at which a result jumps, or at which it is nothing but rounding."""

from __future__ import annotations

from typing import Any

import numpy as np

from fairmark.draft.inputs import Case
from fairmark.draft.results import Failure, Tolerance, asked, compare
from fairmark.harness.proxy import Mismatch, Submission

_EDGE = 1e-7
_TRIED = 3
_LOOSE = Tolerance(1e-3, 1e-4, "")
"""What the least change of an input may change; a jump is more."""


def is_on_edge(case: Case, result: Any, submission: Submission) -> bool:
    """Whether the least change of an input changes the result by a jump."""
    random = np.random.default_rng(1)
    for number in range(_TRIED):
        sign = (1, -1, 0)[number]
        moved = Case(
            case.setting,
            tuple(_moved(v, sign, random) for v in case.args),
            {k: _moved(v, sign, random) for k, v in case.kwargs.items()},
        )
        try:
            compare(asked(moved, submission), result, _LOOSE)
        except Mismatch:
            return True
        except Failure:
            continue
    return False


def is_noise(case: Case, result: Any, submission: Submission) -> bool:
    """Whether the last digit of the inputs decides the result, so that no answer can be right."""

    def turned(value: Any) -> Any:
        is_double = isinstance(value, np.ndarray) and value.dtype == np.float64
        return value * (1 + 4e-16) if is_double or isinstance(value, float) else value

    kwargs = {key: turned(value) for key, value in case.kwargs.items()}
    try:
        answer = asked(Case(case.setting, tuple(map(turned, case.args)), kwargs), submission)
        compare(answer, result, Tolerance(1e-6, 1e-9, ""))
    except Mismatch:
        return True
    except Failure:
        return False
    return False


def _moved(value: Any, sign: int, random: np.random.Generator) -> Any:
    if isinstance(value, float) and np.isfinite(value):
        step = sign if sign else float(random.choice([-1, 1]))
        return value + step * _EDGE * max(abs(value), 1.0)
    array = value.numpy() if hasattr(value, "numpy") else value
    if not isinstance(array, np.ndarray) or array.dtype.kind != "f" or _is_labels(array):
        return value
    steps = sign if sign else random.choice([-1, 1], size=array.shape)
    size = 1e-5 if array.dtype.itemsize < 8 else _EDGE
    moved = np.asarray(array + steps * size * np.maximum(np.abs(array), 1.0), array.dtype)
    if hasattr(value, "numpy"):
        import torch

        return torch.from_numpy(moved)
    return moved


def _is_labels(array: Any) -> bool:
    """Whether an array holds marks such as 0 and 1, which are no measurements."""
    return array.ndim > 0 and array.size > 1 and bool(np.isin(array, (-1.0, 0.0, 1.0)).all())
