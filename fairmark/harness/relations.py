"""What wrong answers have to do with the right ones: a sign, a factor, a transpose, a shift, ...

A *relation* is told of a failing test only if it holds in each comparison that the tests have made
of that function's results, and in at least two that failed. So it is a fact about the answer, and
needs no record of known mistakes; what may be behind it is put as a question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from fairmark.harness.comparison import (
    EXACT,
    ROUNDED,
    Comparison,
    Comparisons,
    up_to,
    without_numbers,
)
from fairmark.harness.relations_by_argument import BY_ARGUMENT, HANDED_BACK
from fairmark.harness.relations_by_condition import BY_CONDITION
from fairmark.harness.relations_by_operation import BY_OPERATION
from fairmark.harness.relations_by_part import BY_PART
from fairmark.harness.relations_by_value import BY_VALUE, VAGUE, Relation
from fairmark.harness.report import TestResult

RELATIONS: tuple[Relation, ...] = (
    HANDED_BACK,
    *BY_VALUE,
    *BY_PART,
    *BY_ARGUMENT,
    *BY_OPERATION,
    *BY_CONDITION,
    *VAGUE,
)
"""The first one that holds is told; the most telling ones come first."""
_Find = Callable[[Comparison], tuple[str, str]]
PREFIX = "relation/"
"""The names of relations begin so, where they stand in the place of a misconception's name."""


def with_relations(
    tests: Sequence[TestResult], compared: Sequence[Comparisons]
) -> list[TestResult]:
    """Return a question's results, with a relation told of each failing test that has one.

    ``compared`` has the comparisons of each test. Of visible tests, only what visible tests have
    compared is told: the student's check cell says the same as the feedback. Of hidden ones, no
    number is told.
    """
    pairs = list(zip(tests, compared, strict=True))
    visible = [c for test, one in pairs if not test.hidden for c in one.kept]
    every = [c for one in compared for c in one.kept]
    of_visible, of_every = (_remembered(made) for made in (visible, every))
    found = [test if test.hidden else _told(test, one.kept, of_visible) for test, one in pairs]
    with without_numbers():
        return [
            _told(test, one.kept, of_every) if test.hidden else test
            for test, (_, one) in zip(found, pairs, strict=True)
        ]


def relation_of(comparisons: Sequence[Comparison], failing: Comparison) -> tuple[str, str]:
    """Return the name and the sentence of the relation that holds; ("", "") where none does.

    Looked at are the comparisons like the failing one, else all of the same function.
    """
    of_function = [one for one in comparisons if one.function == failing.function]
    alike = [one for one in of_function if one.what == failing.what]
    with np.errstate(all="ignore"):
        for rtol in (EXACT, ROUNDED):
            with up_to(rtol):
                for made in (alike, of_function)[: 1 if len(alike) == len(of_function) else 2]:
                    if found := _found(made):
                        return found
    return "", ""


def _found(made: Sequence[Comparison]) -> tuple[str, str] | None:
    failed = [one for one in made if one.failed]
    if len({(one.got.tobytes(), one.wanted.tobytes()) for one in failed}) < 2:
        return None  # the same call twice is one
    for relation in RELATIONS:
        if sentence := relation.find(made, failed):
            return PREFIX + relation.name, sentence
    return None


def _remembered(comparisons: Sequence[Comparison]) -> _Find:
    """Find relations in these comparisons; many tests ask for the same one."""
    known: dict[tuple[str, str], tuple[str, str]] = {}

    def find(failing: Comparison) -> tuple[str, str]:
        key = failing.function, failing.what
        if key not in known:
            known[key] = relation_of(comparisons, failing)
        return known[key]

    return find


def _told(test: TestResult, kept: Sequence[Comparison], find: _Find) -> TestResult:
    if test.passed or test.misconception or not kept or not kept[-1].failed:
        return test
    name, sentence = find(kept[-1])
    return replace(test, misconception=name, lesson=sentence) if name else test
