"""Of which dtype a result is, where the text says so: values alone do not tell it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from fairmark.draft.ask import Known
from fairmark.draft.texts import Text
from fairmark.draft.write import Property, looped, target

_OTHER = "float32"
"""What arrays are made where a result keeps their dtype: not what NumPy makes by itself."""


def properties_of_dtypes(known: Sequence[Known], number: int, text: Text) -> Iterator[Property]:
    """Yield what may hold of the dtypes of the results of these cases, which are of one form."""
    name, form = known[0].case.form.function, known[0].case.form
    results = [_parts(one.result) for one in known]
    if len({len(parts) for parts in results}) != 1:
        return
    cases = [one.case for one in known[:number]]
    arguments = ", ".join(f"{s.name}={s.name}" if s.keyword else s.name for s in form.slots)
    call = f"answer = {target(name)}({arguments})"
    arrays = [slot for slot in form.slots if slot.kind == "array" and slot.pool]
    floats = [slot.name for slot in arrays if slot.pool[0].dtype.kind == "f"]
    several = isinstance(known[0].result, list | tuple)
    for place in range(len(results[0])):
        what = f"part {place + 1} of the answer" if several else "the answer"
        part = f"answer[{place}]" if several else "answer"
        suffix = f"_{place + 1}" if several else ""
        names = {str(getattr(parts[place], "dtype", "")) for parts in results}
        if len(names) == 1 and text.wants_dtype(dtype := names.pop()):
            lines = [call, *_asked(part, what, dtype)]
            title = f"{what[:1].upper()}{what[1:]} is of the dtype {dtype}."
            yield Property(name, f"dtype{suffix}", title, False, looped(cases, lines))
        if floats and text.keeps_dtype:
            made = [f"{one} = {one}.astype(np.{_OTHER})" for one in floats]
            lines = [*made, call, *_asked(part, what, _OTHER)]
            title = f"For {' and '.join(floats)} of {_OTHER}, {what} is of the same dtype."
            yield Property(name, f"same_dtype{suffix}", title, False, looped(cases, lines))


def _asked(part: str, what: str, dtype: str) -> list[str]:
    said = f"{what[:1].upper()}{what[1:]} should be of the dtype {dtype}, but it is of"
    return [
        f"dtype = np.asarray({part}).dtype.name",
        f"if dtype != {dtype!r}:",
        f'    fail(f"{said} {{dtype}}.")',
    ]


def _parts(result: Any) -> list[Any]:
    """The arrays in a result; a list of plain numbers has no dtype that anybody has chosen."""
    parts = result if isinstance(result, list | tuple) else [result]
    return [part if isinstance(part, np.ndarray | np.generic) else None for part in parts]
