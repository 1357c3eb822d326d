"""What the signs of a result tell where each alone is left open, as those of components are.

Values are compared without signs there. What then goes unseen: a part that is never negative, and
the signs within a column, which turn together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from fairmark.draft.ask import Known
from fairmark.draft.forms import Form
from fairmark.draft.write import Property, looped, target


def properties_of_signs(
    known: Sequence[Known], number: int, *, keeps_inputs: bool
) -> Iterator[Property]:
    """Yield what may hold of the results of these cases, which are of one form, as tests."""
    name, form = known[0].case.form.function, known[0].case.form
    arguments = ", ".join(f"{s.name}={s.name}" if s.keyword else s.name for s in form.slots)
    call = [f"answer = {target(name)}({arguments})"]
    if keeps_inputs and all(one.keeps_inputs for one in known):
        call = ["with submission.inputs_unchanged():", f"    {call[0]}"]
    cases = [one.case for one in known[:number]]
    results = [_parts(one.result) for one in known]
    if len({len(parts) for parts in results}) != 1:
        return
    several = isinstance(known[0].result, list | tuple)
    for place in range(len(results[0])):
        part = f"answer[{place}]" if several else "answer"
        if all(parts[place].size and float(parts[place].min()) >= 0 for parts in results):
            what = f"part {place + 1} of the answer" if several else "the answer"
            lines = [
                *call,
                f"if np.min(as_array({part}, {what!r})) < -CLOSE['atol']:",
                f'    fail("{what[:1].upper()}{what[1:]} holds negative numbers.")',
            ]
            title = f"{what[:1].upper()}{what[1:]} is never negative."
            suffix = f"_{place + 1}" if several else ""
            yield Property(name, f"no_negative{suffix}", title, True, looped(cases, lines))
        elif _is_of_samples(form, results, known, place):
            expected = f"reference.{name}({arguments})" + (f"[{place}]" if several else "")
            lines = [
                *call,
                f"ours, theirs = (as_array(part) for part in ({expected}, {part}))",
                "expected = np.abs(ours - ours[:1])",
                f'what = f"how far the samples are from the first one in {part}"',
                "assert_close(np.abs(theirs - theirs[:1]), expected, **CLOSE, what=what)",
            ]
            title = "The signs of a column turn together, so samples are as far apart."
            suffix = f"_{place + 1}" if several else ""
            yield Property(name, f"distances{suffix}", title, True, looped(cases, lines))


def _parts(result: Any) -> list[np.ndarray[Any, Any]]:
    parts = result if isinstance(result, list | tuple) else [result]
    return [np.asarray(part) for part in parts]


def _is_of_samples(
    form: Form, results: Sequence[Sequence[Any]], known: Sequence[Known], place: int
) -> bool:
    """Whether a part has a row for each sample of an argument: then columns are components."""
    symbols = {s.shape[0] for s in form.slots if s.is_array and len(s.shape) == 2}
    return any(
        all(
            parts[place].ndim == 2 and len(parts[place]) == one.case.setting.sizes.get(symbol)
            for parts, one in zip(results, known, strict=True)
        )
        for symbol in symbols
    )
