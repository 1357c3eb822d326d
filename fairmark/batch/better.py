"""Recording only rises: a question's mark never falls for an answer that has stayed the same.

What is recorded is one report, in which a question that would fall has its earlier result, with the
tests and messages of then. So gradebook, graded notebook, note and feedback say the same of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import nbformat

from fairmark.course.marks import grade_id
from fairmark.grading.outputs import question_outputs
from fairmark.harness.report import QuestionResult, Report
from fairmark.intake.handins import SubmittedNotebook
from fairmark.record.foresight import Foresight


def never_worse(
    before: Foresight, handin: SubmittedNotebook, report: Report
) -> tuple[Report, tuple[str, ...]]:
    """Return the report to be recorded, and the questions that keep their earlier result."""
    merged, kept = before.never_worse(handin, report)
    if not kept:
        return report, ()
    cells = tuple(_shown(raw, kept) for raw in report.cells)
    return replace(merged, cells=cells), tuple(result.id for result in kept.values())


def _shown(raw: dict[str, Any], kept: dict[str, QuestionResult]) -> dict[str, Any]:
    """The cell, with the table of the earlier result where it is one that checks."""
    name = grade_id(nbformat.from_dict(raw))
    if name not in kept:
        return raw
    return {**raw, "outputs": question_outputs(kept[name], "instructor")}
