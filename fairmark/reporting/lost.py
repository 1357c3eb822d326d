"""Where a student lost points, and what was said of it: the beginning of a feedback page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from fairmark.course.marks import checked_by
from fairmark.harness.report import QuestionResult
from fairmark.text import clean, count

_MOST_SAID = 3


@dataclass(frozen=True)
class Lost:
    """One exercise that did not get all its points. Its texts are plain, and to be escaped."""

    cell: str
    """The grade_id of the cell that carries the points: the page's anchor."""
    name: str
    score: float
    points: float
    said: tuple[str, ...]
    """What the checks said that failed, and which mistake it looks like."""
    comment: bool
    """Whether a person has written something to it."""


def lost_points(
    cells: Sequence[NotebookNode], results: Mapping[str, QuestionResult], waiting: Sequence[str]
) -> list[Lost]:
    """Return the exercises that lost points, the most points first.

    The cells carry what nbgrader's gradebook says; those that wait for a person are left out.
    """
    found = []
    for cell in cells:
        mark: Any = cell.metadata.get("nbgrader", {})
        name = mark.get("grade_id", "")
        if not (mark.get("grade") or mark.get("task")) or name in waiting:
            continue
        score, points = float(mark.get("score") or 0), float(mark.get("points") or 0)
        if score >= points:
            continue
        by_hand = bool(mark.get("solution") or mark.get("task"))
        result = None if by_hand else results.get(name) or results.get(checked_by(name))
        said = _said(result) if result is not None else ()
        shown = name if by_hand or result is None else result.id
        found.append(Lost(name, shown, score, points, said, bool(mark.get("comment"))))
    return sorted(found, key=lambda one: one.score - one.points)


def _said(result: QuestionResult) -> tuple[str, ...]:
    """What a student may read of the failed tests, the same as in the table of the exercise."""
    failed = [test for test in result.tests if not test.passed]
    seen = [test for test in failed if not test.hidden]
    lessons = list(dict.fromkeys(clean(test.lesson) for test in failed if test.lesson))
    lines = [clean(result.note)] if result.note else []
    lines += [f"It looks like this: {lesson}" for lesson in lessons]
    lines += [f"{clean(test.title)} {clean(test.message)}".strip() for test in seen[:_MOST_SAID]]
    if len(seen) > _MOST_SAID:
        lines.append(f"{count(len(seen) - _MOST_SAID, 'more check')} failed.")
    if hidden := len(failed) - len(seen):
        total = sum(test.hidden for test in result.tests)
        lines.append(f"{hidden} of {count(total, 'further check')} failed.")
    return tuple(lines)
