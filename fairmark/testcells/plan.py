"""Which cells have to be run again for other answers, and where a process for them is to stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fairmark.syntax.effects import Effects


@dataclass(frozen=True)
class Plan:
    """How other answers are tried without running the whole notebook; cells are numbers."""

    before: tuple[int, ...]
    """The cells that are run once for all versions of the answers, in this order."""
    again: tuple[int, ...]
    """The cells that are run anew, in the order of the notebook: changed ones and what they feed,
    as far as the wanted cells need it."""
    wanted: frozenset[int]
    """Of the wanted cells, those that the answers may change anything for."""


def plan_for(effects: Mapping[int, Effects], changed: Iterable[int], wanted: Iterable[int]) -> Plan:
    """Return the plan for versions of the ``changed`` cells, of which ``wanted`` ones count.

    ``effects`` are those of all cells that are run, in their order; of a changed cell, of all its
    versions. A cell behind a changed one is run before it where nothing that is passed over could
    notice.
    """
    changed = set(changed)
    affected = _affected(effects, changed)
    looked_at = frozenset(wanted) & affected
    if not looked_at:
        return Plan((), (), looked_at)
    first, last = min(changed), max(looked_at)
    needed = _needed(effects, changed | looked_at)
    waiting: list[int] = []
    ahead: list[int] = []
    for cell in effects:
        if not first <= cell <= last:
            continue
        waits = cell in changed or any(effects[cell].conflicts(effects[w]) for w in waiting)
        (waiting if waits or cell not in needed else ahead).append(cell)
    before = [cell for cell in effects if cell < first and cell in needed]
    return Plan((*before, *ahead), tuple(c for c in waiting if c in needed), looked_at)


def fits(effects: Mapping[int, Effects], done: Iterable[int], plan: Plan) -> bool:
    """Whether a process that has run these cells can be brought to where the plan begins.

    What it has run must be none of the business of earlier cells that are still to be run.
    """
    there = set(done)
    left = [cell for cell in (*plan.before, *plan.again) if cell not in there]
    return not there & set(plan.again) and not any(
        cell > other and effects[cell].conflicts(effects[other]) for cell in there for other in left
    )


def another_order(effects: Mapping[int, Effects]) -> list[int]:
    """Return the cells in an order that is as far from the notebook's as what they do allows."""
    left, found = list(effects), list[int]()
    while left:
        found.append(
            max(
                cell
                for number, cell in enumerate(left)
                if not any(effects[cell].conflicts(effects[other]) for other in left[:number])
            )
        )
        left.remove(found[-1])
    return found


def _affected(effects: Mapping[int, Effects], changed: set[int]) -> set[int]:
    """The changed cells, and all that may see what they do."""
    found: set[int] = set()
    for cell, effect in effects.items():
        if cell in changed or any(effects[other].feeds(effect) for other in found):
            found.add(cell)
    return found


def _needed(effects: Mapping[int, Effects], wanted: set[int]) -> set[int]:
    """The wanted cells, and all whose doings they may see."""
    found: set[int] = set()
    for cell in reversed(list(effects)):
        if cell in wanted or any(effects[cell].feeds(effects[other]) for other in found):
            found.add(cell)
    return found
