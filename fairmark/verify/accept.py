"""Saying that a change which no test notices is no mistake."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path

from fairmark.course.course import Assignment
from fairmark.errors import FairmarkError
from fairmark.verify.cases import Case
from fairmark.verify.equivalents import add_equivalent
from fairmark.verify.gate import Gate


def accept(
    assignment: Assignment, title: str, reason: str, on_wait: Callable[[], None] | None = None
) -> Path:
    """List a mutant or a generic answer as no mistake, and return the path of the list.

    ``title`` is that of its case. It is tried first: what a test notices is a mistake. Raise
    FairmarkError, and write nothing, where there is nothing to be accepted.
    """
    gate = Gate(assignment, workers=1, only=title, on_wait=on_wait)
    case = next((case for case in gate.cases if case.title == title), None)
    if case is None or not case.change:
        raise FairmarkError(_unknown(assignment, title))
    if case.equivalent:
        raise FairmarkError(f"{title} is listed already: {case.equivalent}")
    tried = len(list(gate.run()))
    findings = gate.verification(tried).findings
    if not any(finding.case == title for finding in findings):
        raise FairmarkError(f"{title}: there is nothing to accept, as it costs nobody's trust")
    return add_equivalent(assignment.graders, (case.question, *case.change), reason)


def _unknown(assignment: Assignment, title: str) -> str:
    known = [case.title for case in _acceptable(Gate(assignment).cases)]
    like = get_close_matches(title, known, 1)
    hint = f"; did you mean {like[0]!r}?" if like else ""
    return f"{assignment.name} has no mutant and no generic answer {title!r}{hint}"


def _acceptable(cases: list[Case]) -> list[Case]:
    return [case for case in cases if case.change]
