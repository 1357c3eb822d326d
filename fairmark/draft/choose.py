"""Choosing what to keep: a case only where it notices a mistake that no kept case notices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fairmark.draft.ask import Known
from fairmark.draft.inputs import Case

_READABLE = 40
"""So many numbers of an example a person reads."""
_LONG = 200
"""So many numbers of a result at most, where the input is drawn."""
_LEAST = 3
"""So many random inputs of a kind at least: one that was drawn by chance shows little."""
_MOST = 6
_EXAMPLES = 6


@dataclass(frozen=True)
class Choice:
    """What is kept for one function."""

    shown: list[Known]
    """The examples that students see."""
    hidden: list[Known]


def chosen(known: Sequence[Known], noticed: Sequence[set[int]]) -> Choice:
    """Choose among a function's cases; ``noticed`` has the cases that notice each mutant.

    Each kind of input that is tried in hidden is shown first: a form of call, a style, a size of 1,
    an error.
    """
    open_ = [cases for cases in noticed if cases]
    hidden = _greedy(known, open_, [i for i, one in enumerate(known) if _can_be_hidden(one)])
    kinds = dict.fromkeys(_kind(known[i]) for i in hidden)
    for kind in kinds:  # what is left to chance is drawn some times
        alike = [i for i, one in enumerate(known) if _kind(one) == kind and _can_be_hidden(one)]
        hidden += [i for i in alike if i not in hidden][
            : max(0, _LEAST - sum(_kind(known[i]) == kind for i in hidden))
        ]
    hidden = _for_each_form(known, hidden)
    readable = [i for i, one in enumerate(known) if _is_readable(one)]
    left = [cases for cases in open_ if not cases & set(hidden)]
    shown = _greedy(known, left, readable)
    seen = {feature for i in shown for feature in _features(known[i])}
    needed = dict.fromkeys(f for i in hidden for f in _features(known[i]))
    for feature in sorted(needed, key=lambda f: not _is_form(f)):
        if feature in seen:
            continue
        fit = [i for i in readable if feature in _features(known[i])]
        if not fit:  # what cannot be shown is not asked in hidden either
            hidden = [i for i in hidden if feature not in _features(known[i])]
            continue
        best = min(fit, key=lambda i: _oddity(known, noticed, i))
        shown.append(best)
        seen |= _features(known[best])
    if not shown and readable:
        shown = [max(readable, key=lambda i: _worth(known, noticed, i))]
    hidden = hidden or _not_shown(known, noticed, shown[:_EXAMPLES])
    hidden.sort()
    shown.sort(key=lambda i: (known[i].case.style != "recorded", i))
    return Choice([known[i] for i in shown[:_EXAMPLES]], [known[i] for i in hidden])


def _not_shown(
    known: Sequence[Known], noticed: Sequence[set[int]], shown: Sequence[int]
) -> list[int]:
    """Calls of the notebook that stay hidden, where none can be drawn: those with names, say."""
    calls = [i for i, one in enumerate(known) if one.case.style == "recorded" and not one.raises]
    left = [i for i in calls if i not in shown and _is_readable(known[i])]
    kept = _greedy(known, [cases for cases in noticed if cases], left)
    return [*kept, *(i for i in left if i not in kept)][:_MOST]


def _for_each_form(known: Sequence[Known], hidden: list[int]) -> list[int]:
    """The same, with some random inputs for each way to call that has none yet."""
    usual = [i for i, one in enumerate(known) if one.case.style == "random" and not one.raises]
    for form in dict.fromkeys(id(known[i].case.form) for i in usual):
        alike = [i for i in usual if id(known[i].case.form) == form and _can_be_hidden(known[i])]
        if not any(i in hidden for i in alike):
            hidden = [*hidden, *alike[: _LEAST - 1]]
    return hidden


def _greedy(known: Sequence[Known], noticed: list[set[int]], allowed: list[int]) -> list[int]:
    kept: list[int] = []
    left = list(noticed)
    while left:
        counts = {i: sum(i in cases for cases in left) for i in allowed if i not in kept}
        if not counts or max(counts.values()) == 0:
            return kept
        best = max(counts, key=lambda i: (counts[i], -known[i].case.numbers))
        kept.append(best)
        left = [cases for cases in left if best not in cases]
    return kept


def _worth(known: Sequence[Known], noticed: Sequence[set[int]], place: int) -> tuple[int, int]:
    return sum(place in cases for cases in noticed), -known[place].case.numbers


def _oddity(known: Sequence[Known], noticed: Sequence[set[int]], place: int) -> tuple[int, ...]:
    """How little a case is what a person would show first."""
    one = known[place]
    noticing, small = _worth(known, noticed, place)
    odd = len(_features(one))
    return one.drawn, one.case.style != "recorded" or bool(one.raises), odd, -noticing, -small


def _is_form(feature: object) -> bool:
    return isinstance(feature, tuple) and feature[0] == "form"


def is_usual(one: Known) -> bool:
    """Whether a case is of random values, and can be drawn anew."""
    return one.case.style == "random" and _can_be_hidden(one) and not one.raises


def _can_be_hidden(one: Known) -> bool:
    if one.raises:
        return one.case.style != "recorded" and _is_readable(one)
    return one.case.style != "recorded" and one.steady and not one.drawn


def _is_readable(one: Known) -> bool:
    from fairmark.draft.inputs import count_numbers

    result = 0 if one.result is None else count_numbers(one.result)
    if one.drawn:
        return result <= _LONG
    return one.case.numbers <= _READABLE and result <= _READABLE


def _kind(one: Known) -> tuple[object, ...]:
    return id(one.case.form), one.case.style, one.raises


def _features(one: Known) -> set[object]:
    """What is special about a case, so that a student has to be told of it."""
    found: set[object] = {("form", id(one.case.form))}
    if one.raises:
        found.add(("raises", one.raises))
    if one.on_edge:
        found.add("edge")
    if one.case.style in ("large", "integers"):
        found.add(one.case.style)
    found |= {("one", name) for name, size in one.case.setting.sizes.items() if size == 1}
    found |= _one_sized(one.case)
    return found


def _one_sized(case: Case) -> set[object]:
    """Arguments with a size of 1 or none, which a recorded call may have as well."""
    found: set[object] = set()
    for slot, value in zip(case.form.slots, (*case.args, *case.kwargs.values()), strict=False):
        for axis, size in enumerate(getattr(value, "shape", ())):
            name = slot.shape[axis] if axis < len(slot.shape) else ""
            if size == 1 and name in case.form.symbols:
                found.add(("one", name))
    return found
