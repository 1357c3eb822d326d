"""Several test cells about one answer: what one of them notices is noticed.

A test cell asks for a part of what an answer does, such as its errors, and others ask for the rest.
So a mistake in the answer is let through only where none of them notices it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fairmark.course.answers import answer_cells

if TYPE_CHECKING:
    from fairmark.course.course import Assignment
    from fairmark.verify.cases import Case
    from fairmark.verify.gate import Gate, Verification

Mistake = tuple[tuple[str, ...], str]
"""The cells of an answer, and what is wrong in it."""


def without_noticed(gate: Gate, verification: Verification) -> Verification:
    """Return what was proven without the mistakes that another test cell notices.

    Graders of other kinds have one question for each answer, and are unchanged.
    """
    assignment = gate.assignment
    if assignment.adopted is None:
        return verification
    mistakes = {
        case.title: mistake for case in gate.cases if (mistake := _mistake(assignment, case))
    }
    unnoticed = {finding.case for finding in verification.findings}
    outcomes = gate.outcomes
    noticed = {
        mistakes[case.title]
        for case, outcome in outcomes.items()
        if case.title in mistakes
        and case.title not in unnoticed
        and not (case.equivalent or outcome.harmless or outcome.untried or outcome.problem)
    }
    rows = {row.question: row for row in verification.rows}
    kept = []
    for finding in verification.findings:
        if finding.acceptable and mistakes.get(finding.case) in noticed:
            row = rows[finding.question]
            count = row.generic if "generic/" in finding.case else row.mutants
            count.good += 1
        else:
            kept.append(finding)
    return replace(verification, findings=kept)


def _mistake(assignment: Assignment, case: Case) -> Mistake | None:
    """What tells a mutant or a generic answer, whichever question it was tried for."""
    if case.kind not in ("mutant", "generic"):
        return None
    cells = tuple(answer_cells(assignment, case.question))
    if case.kind == "generic":
        return cells, case.name
    operator, _, place = case.name.partition("@")
    cell, _, line = place.rpartition(":")  # of several answers, the one is named
    return (cell or cells[0],), f"{operator}@{line}"
