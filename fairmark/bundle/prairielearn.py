"""PrairieLearn's side: its folders, the results that it reads, and the question's own files.

https://prairielearn.readthedocs.io/en/latest/externalGrading/ documents the first two.
"""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

from fairmark.bundle.submission import Settings, grade_submission
from fairmark.course.course import Assignment
from fairmark.files import write_file
from fairmark.harness.render import question_text
from fairmark.harness.report import QuestionResult, Report

ROOT = Path("/grade")
ENTRY = "/grade/tests/run.sh"
_LONGEST_SECONDS = 600
"""What PrairieLearn allows at most."""
_MOST_TEXT = 500_000
"""Bytes of all outputs in the JSON: PrairieLearn takes results of up to 1 MB."""


def run(root: Path = ROOT) -> None:
    """Grade what lies in PrairieLearn's folders, and write its results; raise FairmarkError."""
    settings = Settings.read(root / "tests")
    reports = grade_submission(root / "tests" / "course", root / "student", settings)
    text = json.dumps(results(reports), allow_nan=False)
    write_file(root / "results" / "results.json", text + "\n", parents=True)


def results(reports: list[Report]) -> dict[str, Any]:
    """Return the content of results.json.

    All that it holds is shown to students: of hidden tests there is their number, and no more. What
    could not be read as the assignment's notebook is not gradable, and costs no attempt.
    """
    if errors := [report.error for report in reports if report.error is not None]:
        return {"gradable": False, "format_errors": errors}
    questions = [question for report in reports for question in report.questions]
    score = sum(report.score for report in reports)
    most = sum(report.max_score for report in reports)
    room = _MOST_TEXT // max(len(questions), 1)
    repairs = [repair.text for report in reports for repair in report.repairs]
    return {
        "gradable": True,
        "score": score / most if most else 0.0,
        "message": _cut("\n".join([f"{score:g} of {most:g} points", *repairs]), room),
        "tests": [_entry(question, room) for question in questions if question.score is not None],
    }


def info(assignment: Assignment, image: str) -> bytes:
    """Return the question's info.json."""
    name = assignment.name
    found = {
        # The same question keeps its number when its bundle is made again.
        "uuid": str(
            uuid.uuid5(uuid.NAMESPACE_URL, f"fairmark:{assignment.course.root.name}/{name}")
        ),
        "title": name,
        "topic": "Notebooks",
        "type": "v3",
        "gradingMethod": "External",
        "externalGradingOptions": {
            "enabled": True,
            "image": image,
            "entrypoint": ENTRY,
            # The limits of a submission end it earlier; calls of tests come on top of its cells.
            "timeout": _LONGEST_SECONDS,
        },
    }
    return (json.dumps(found, indent=2) + "\n").encode()


def _entry(question: QuestionResult, room: int) -> dict[str, Any]:
    return {
        "name": question.id,
        "points": question.score,
        "max_points": question.max_score,
        "output": _cut(question_text(question, "student"), room),
    }


def _cut(text: str, room: int) -> str:
    """The beginning of a text that takes at most ``room`` bytes as JSON, where é takes six."""
    while (size := len(json.dumps(text))) > room:
        text = text[: len(text) * room // size]
    return text
