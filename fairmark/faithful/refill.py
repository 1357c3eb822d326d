"""Arguments that the student's code has changed."""

from __future__ import annotations

from typing import Any

import numpy as np

from fairmark.harness.proxy import Remote


def refill(before: Any, after: Any) -> None:
    """Let the test's own lists, dictionaries and arrays be what the student's code made of them."""
    if type(before) is not type(after):
        return
    if isinstance(before, (list, tuple)) and len(before) == len(after):
        for place, (old, new) in enumerate(zip(before, after, strict=True)):
            if _holds_items(old) and type(old) is type(new):
                refill(old, new)
            elif isinstance(before, list) and not isinstance(new, Remote):
                before[place] = new
    elif isinstance(before, list):
        before[:] = after
    elif isinstance(before, dict):
        kept = {key: before[key] for key in after.keys() & before.keys()}
        before.clear()
        for key, new in after.items():
            old = kept.get(key)
            if _holds_items(old) and type(old) is type(new):
                refill(old, new)
            before[key] = old if _holds_items(old) or isinstance(new, Remote) else new
    elif isinstance(before, set):
        before.clear()
        before.update(after)
    elif isinstance(before, np.ndarray):
        if before.shape == after.shape and before.flags.writeable:
            before[...] = after
    elif type(before).__module__.startswith("pandas"):
        _refill_table(before, after)


def _holds_items(value: object) -> bool:
    name = type(value).__name__
    return isinstance(value, (list, tuple, dict, set, np.ndarray)) or name in (
        "DataFrame",
        "Series",
    )


def _refill_table(before: Any, after: Any) -> None:
    if not (before.equals(after) and list(before.index) == list(after.index)):
        before._update_inplace(after)
