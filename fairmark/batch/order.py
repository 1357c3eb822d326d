"""In which order a class is graded: so that its first page comes soon, and no worker is idle.

No mark depends on it. What a notebook cost when it was last graded tells what it will cost; of one
that was never graded, others of its assignment do, or else the time that one of its cells may take,
which whoever has made the assignment raised where its cells need it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from fairmark.course.course import Assignment
from fairmark.intake.handins import SubmittedNotebook


def in_order(
    handins: Sequence[SubmittedNotebook], known: Mapping[SubmittedNotebook, float]
) -> list[SubmittedNotebook]:
    """Return the notebooks in the order in which they are to be graded.

    The assignment that is done soonest comes first, for its feedback pages can be made beside the
    others. Behind it the dearest come first: one that is begun last keeps a single worker busy. A
    notebook that costs less than its assignment's others stays among them. ``known`` tells what
    some have cost.
    """
    groups: dict[Assignment, list[SubmittedNotebook]] = {}
    for handin in handins:
        groups.setdefault(handin.assignment, []).append(handin)
    usual = {one: _usual(one, group, known) for one, group in groups.items()}
    cost = {handin: known.get(handin, usual[handin.assignment]) for handin in handins}

    def total(assignment: Assignment) -> float:
        return sum(cost[handin] for handin in groups[assignment])

    soonest = min(groups, key=total, default=None) if len(groups) > 1 else None
    places = {assignment: place for place, assignment in enumerate(groups)}

    def key(handin: SubmittedNotebook) -> tuple[bool, float, int]:
        assignment = handin.assignment
        dear = max(cost[handin], usual[assignment])
        return assignment != soonest, -dear, places[assignment]

    return sorted(handins, key=key)


def _usual(
    assignment: Assignment,
    handins: Sequence[SubmittedNotebook],
    known: Mapping[SubmittedNotebook, float],
) -> float:
    """What a notebook of an assignment is likely to cost."""
    costs = [known[handin] for handin in handins if handin in known]
    return fmean(costs) if costs else assignment.limits().cell_seconds
