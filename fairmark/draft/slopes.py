"""Whether gradients reach the arguments, where the text says that a result can be differentiated.

A value says nothing of its graph. So the numbers of the result are weighed, and their gradient by
one of the tensors that went in is compared with the one that the reference gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fairmark.draft.ask import Known
from fairmark.draft.texts import Text
from fairmark.draft.write import Property, looped, target


def properties_of_slopes(known: Sequence[Known], number: int, text: Text) -> Iterator[Property]:
    """Yield what may hold of the gradients in these cases, which are of one form, as tests."""
    form = known[0].case.form
    if not text.wants_slopes:
        return
    given = ", ".join(s.name for s in form.slots if not s.keyword)
    named = ", ".join(f"{s.name!r}: {s.name}" for s in form.slots if s.keyword)
    cases = [one.case for one in known[:number]]
    for place, slot in enumerate(form.slots):
        if slot.kind != "tensor" or not slot.pool or slot.pool[0].dtype.kind != "f":
            continue
        which = slot.name if slot.keyword else place
        arguments = f"{which!r}, [{given}], {{{named}}}"
        lines = [
            f'found = submission.define(SLOPE)["slope"]({target(form.function)}, {arguments})',
            f"expected = _slope(reference.{form.function}, {arguments})",
            f'what = "the gradient of its numbers, weighed, by {slot.name}"',
            "assert_close(found, expected, **CLOSE, what=what)",
        ]
        title = f"The gradient reaches {slot.name}, and is that of the reference."
        name = f"gradient_by_{slot.name}"
        yield Property(form.function, name, title, True, looped(cases, lines))
