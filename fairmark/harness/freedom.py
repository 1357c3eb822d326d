"""Which numbers that a test saw of an answer are free: right answers differ there.

Where an image evolves, or weights are trained, each right answer takes its own course. What tests
saw of a misconception is *marked*, number by number, when the graders are verified. There a number
that is free is no evidence against the misconception, and one that no right answer gives speaks
for it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fairmark.harness.observe import Observation, agreement, numbers_of, same_course

USUAL, TELLING = ".", "!"
"""Marks of a number in which all right answers agree: theirs, or another one."""
FREE_USUAL, FREE_TELLING = "?", "~"
"""Marks of a number in which right answers differ: one of theirs, or a number that none gives."""
INCOMPARABLE = "*"
"""The first mark of an observation of which right answers differ in more than numbers."""
_SAME_COURSE = 1e-3
"""Numbers that differ by less differ in rounding only: right answers agree on them."""

Marks = Sequence[str]
"""Of each observation of a test, the marks of its numbers, in their order."""


def marked(seen: Sequence[Observation], rights: Sequence[Sequence[Observation]]) -> list[str]:
    """Return the marks of what a test saw of a misconception, beside several right answers.

    Each observation is compared with those of right answers that were the same until then, if any.
    """
    found = []
    for place, one in enumerate(seen):
        reaching = [right for right in rights if place < len(right)]
        # What a number has to be may hang on what came before, such as the order of the layers.
        alike = [right for right in reaching if same_course(right[:place], seen[:place])]
        found.append(_marks(one, [right[place] for right in alike or reaching]))
    return found


def leaves_free(marks: Marks) -> bool:
    """Whether any observation has a number that is free."""
    return any(set(some) & {FREE_USUAL, FREE_TELLING, INCOMPARABLE} for some in marks)


def contradicts(
    theirs: Sequence[Observation],
    ours: Sequence[Observation],
    marks: Marks,
    functions: Sequence[str],
) -> bool:
    """Whether the first difference that is not free is in these functions of the answer.

    ``ours`` is what a test saw of the misconception, with its marks.
    """
    for one, other, some in zip(theirs, ours, marks, strict=False):
        if one.target != other.target:
            return False
        if some.startswith(INCOMPARABLE):
            continue
        same = agreement(one.summary, other.summary) if one.outcome == other.outcome else None
        if same is None or not all(map(_may_be, same, some or USUAL * len(same))):
            return _is_the_answers(one, functions)
    return False


def unusual(seen: Sequence[Observation], marks: Marks, functions: Sequence[str]) -> set[float]:
    """Return the numbers of a misconception that no right answer gives.

    Whole ones are not among them: those are often met by chance.
    """
    return {
        float(number)
        for one, some in zip(seen, marks, strict=True)
        if _is_the_answers(one, functions)
        for number, mark in zip(
            numbers_of(one.summary), some.removeprefix(INCOMPARABLE), strict=False
        )
        if mark in (TELLING, FREE_TELLING)
        if isinstance(number, float) and not number.is_integer()
    }


def _may_be(agrees: bool, mark: str) -> bool:
    return agrees or mark in (FREE_USUAL, FREE_TELLING)


def _is_the_answers(observation: Observation, functions: Sequence[str]) -> bool:
    """Whether it is what these functions gave, or an object of theirs."""
    return observation.target == "" or observation.target in functions


def _marks(mine: Observation, rights: Sequence[Observation]) -> str:
    """The marks of one observation; "" where it is no value, or no right answer comes so far."""
    if not rights:
        return ""
    if any(right[:2] != rights[0][:2] or right.target != mine.target for right in rights):
        return INCOMPARABLE + _anywhere(mine, rights)
    if mine.outcome != "ok" or rights[0].outcome != "ok":
        return ""
    number = len(list(numbers_of(mine.summary)))
    alike = [agreement(right.summary, rights[0].summary, _SAME_COURSE) for right in rights]
    if any(one is None for one in alike):
        return INCOMPARABLE + _anywhere(mine, rights)
    fixed = [all(places) for places in zip(*filter(None, alike), strict=True)]
    same = [agreement(mine.summary, right.summary) for right in rights]
    if any(one is None for one in same):  # it is another thing than right answers give
        return (TELLING if all(fixed) else FREE_TELLING) * number
    usual = [any(places) for places in zip(*filter(None, same), strict=True)]
    return "".join(map(_mark, fixed, usual))


def _anywhere(mine: Observation, rights: Sequence[Observation]) -> str:
    """The marks where no number has a place of its own: whether right answers give it anywhere."""
    given = np.array([float(n) for right in rights for n in numbers_of(right.summary)])
    return "".join(
        FREE_USUAL if np.isclose(given, float(number), rtol=_SAME_COURSE).any() else FREE_TELLING
        for number in numbers_of(mine.summary)
    )


def _mark(fixed: bool, usual: bool) -> str:
    if fixed:
        return USUAL if usual else TELLING
    return FREE_USUAL if usual else FREE_TELLING
