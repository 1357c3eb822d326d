"""Item statistics: how hard each question and test is, and how well it tells students apart.

They are those of classical test theory. *Difficulty* is the mean share of the points; of a test,
the share of students who pass it. *Discrimination* is the corrected item-total correlation: that of
an item with the total of all others, as it would correlate with itself in a total of all.

- Crocker, L. and Algina, J. (1986), Introduction to Classical and Modern Test Theory, chapter 14.
- Ebel, R. L. and Frisbie, D. A. (1991), Essentials of Educational Measurement, 5th edition: items
  that discriminate less than 0.2 are poor.
- Kelley, T. L. (1939), The selection of upper and lower groups for the validation of test items,
  Journal of Educational Psychology 30, 17-24: the upper and the lower 27 %.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Places = NDArray[np.intp]
FEWEST = 10
"""With fewer students nothing is told: a correlation of five numbers says nothing."""
FEWEST_FLAGGED = 20
"""With fewer students nothing is flagged: the groups of 27 % would have less than five."""
POOR = 0.2
"""An item that discriminates less is poor, by Ebel and Frisbie."""
_GROUP = 0.27
_ENOUGH_OF_EACH = 5
"""So many right and wrong answers are needed before a correlation is judged, as for any use of the
normal distribution for shares."""
_DEVIATIONS = 1.96
"""Of a normal distribution: 95 % lie within."""
_TINY = 1e-9


@dataclass(frozen=True)
class Item:
    """One question or one test, with the share of its points that each student has."""

    name: str
    weight: float
    """Its points."""
    shares: Mapping[str, float]
    """By student, within 0 and 1. Who is not in it has no mark for it yet."""


@dataclass(frozen=True)
class Statistics:
    """The statistics of one item."""

    item: Item
    students: int
    difficulty: float
    discrimination: float | None
    """None where it is not defined; ``why`` says why."""
    why: str = ""
    low: float | None = None
    """The ends of the 95 % confidence interval of the discrimination, by Fisher's z."""
    high: float | None = None
    upper: float | None = None
    """The mean share of the strongest 27 % by the total of the other items; ties belong to it."""
    lower: float | None = None
    """The mean share of the weakest 27 %."""
    group: int = 0
    """How many students the smaller of these groups has."""


@dataclass(frozen=True)
class Distractor:
    """One way to be wrong in a question."""

    name: str
    """The misconception; "" for all other wrong answers."""
    students: tuple[str, ...]
    elsewhere: float | None
    """The mean share of the points that these students have in the other questions."""


@dataclass(frozen=True)
class ItemAnalysis:
    """The statistics of an assignment; empty where too few students have a mark."""

    students: int
    """How many count: those with a graded notebook and at least one answer."""
    questions: tuple[Statistics, ...] = ()
    tests: Mapping[str, tuple[Statistics, ...]] = field(default_factory=dict)
    """By question."""
    distractors: Mapping[str, tuple[Distractor, ...]] = field(default_factory=dict)
    """By question; those with wrong answers only."""

    def of(self, question: str, test: str = "") -> Statistics | None:
        """Return the statistics of a question, or of one of its tests."""
        found = self.tests.get(question, ()) if test else self.questions
        return next((one for one in found if one.item.name == (test or question)), None)


def statistics_of(items: Sequence[Item], students: Sequence[str]) -> list[Statistics]:
    """Return the statistics of each item among these students.

    Totals are made of the items for which all of them have a mark, as totals of different items
    could not be compared. Among those who have no mark for an item, it is not counted.
    """
    totals, worth = total_of(items, students)
    place = {student: number for number, student in enumerate(students)}
    found = []
    for item in items:
        marked = [student for student in students if student in item.shares]
        shares = np.array([item.shares[student] for student in marked], dtype=float)
        rest, others = totals[[place[student] for student in marked]], worth
        if len(marked) == len(students):  # it is in the total
            rest, others = rest - item.weight * shares, worth - item.weight
        found.append(_statistics(item, shares, rest, bool(others > _TINY)))
    return found


def total_of(items: Sequence[Item], students: Sequence[str]) -> tuple[Array, float]:
    """Return the points of each student, and all points, of the items that all have a mark for."""
    whole = [item for item in items if all(student in item.shares for student in students)]
    totals = np.zeros(len(students))
    for item in whole:
        totals += item.weight * np.array([item.shares[student] for student in students])
    return totals, sum(item.weight for item in whole)


def _statistics(item: Item, shares: Array, rest: Array, has_others: bool) -> Statistics:
    number = len(shares)
    difficulty = float(shares.mean()) if number else math.nan
    for undefined, why in (
        (number < FEWEST, f"fewer than {FEWEST} students have a mark"),
        (not has_others, "there is no other to compare with"),
        (number and np.ptp(shares) < _TINY, "all have the same points"),
        (number and np.ptp(rest) < _TINY, "all have the same points elsewhere"),
    ):
        if undefined:
            return Statistics(item, number, difficulty, None, why)
    correlation = float(np.clip(np.corrcoef(shares, rest)[0, 1], -1, 1))
    low, high = interval(correlation, number)
    upper, lower = groups(rest)
    return Statistics(
        item,
        number,
        difficulty,
        correlation,
        low=low,
        high=high,
        upper=float(shares[upper].mean()) if len(upper) else None,
        lower=float(shares[lower].mean()) if len(lower) else None,
        group=min(len(upper), len(lower)),
    )


def interval(correlation: float, number: int) -> tuple[float, float]:
    """Return the 95 % confidence interval of a correlation of ``number`` pairs, by Fisher's z."""
    if number <= 3 or abs(correlation) >= 1:
        return correlation, correlation
    z, width = math.atanh(correlation), _DEVIATIONS / math.sqrt(number - 3)
    return math.tanh(z - width), math.tanh(z + width)


def groups(totals: Array) -> tuple[Places, Places]:
    """Return the places of the strongest and the weakest 27 %; who ties with the last is in it too.

    Both are empty where ties are so many that somebody would be in both.
    """
    size = max(1, round(_GROUP * len(totals)))
    ordered = np.sort(totals)
    upper = np.flatnonzero(totals >= ordered[-size] - _TINY)
    lower = np.flatnonzero(totals <= ordered[size - 1] + _TINY)
    if len(np.intersect1d(upper, lower)):
        return np.array([], dtype=np.intp), np.array([], dtype=np.intp)
    return upper, lower


def suspicion(found: Statistics, kind: str) -> str:
    """Return what speaks against an item, as a sentence; "" where nothing does, or few tell."""
    if found.students < FEWEST_FLAGGED or found.discrimination is None:
        return ""
    if found.upper is not None and found.lower is not None:
        more = (found.lower - found.upper) * found.group
        if more >= 2 - _TINY:  # of one student, chance may have made it
            return (
                f"Strong students do worse in this {kind} than weak ones: the best "
                f"{_GROUP:.0%} of the class in all else have {found.upper:.0%} of its points, the "
                f"weakest {found.lower:.0%}. Is it right, and does it ask what the task says?"
            )
    right = found.difficulty * found.students
    both = min(right, found.students - right) >= _ENOUGH_OF_EACH
    if both and found.high is not None and found.high < POOR:
        return (
            f"Whether a student does well in this {kind} says nothing of the rest, or the "
            f"contrary: its correlation with all else is {found.discrimination:.2f} among "
            f"{found.students} students (95 %: {found.low:.2f} to {found.high:.2f}; below {POOR} "
            "is poor). Is it right?"
        )
    return ""
