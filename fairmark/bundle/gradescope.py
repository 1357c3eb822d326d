"""Gradescope's side: its folders, and the results that it reads.

https://gradescope-autograders.readthedocs.io/en/latest/specs/ documents both.
"""

from __future__ import annotations

import json
import time
from html import escape
from pathlib import Path
from typing import Any

from fairmark.bundle.submission import Settings, grade_submission
from fairmark.files import write_file
from fairmark.harness.render import question_html
from fairmark.harness.report import QuestionResult, Report, TestResult

ROOT = Path("/autograder")


def run(root: Path = ROOT) -> None:
    """Grade what lies in Gradescope's folders, and write its results; raise FairmarkError."""
    started = time.monotonic()
    settings = Settings.read(root / "source")
    reports = grade_submission(root / "source" / "course", root / "submission", settings)
    found = results(reports, settings.hidden, time.monotonic() - started)
    write_file(root / "results" / "results.json", json.dumps(found, allow_nan=False) + "\n")


def results(reports: list[Report], hidden: str, seconds: float) -> dict[str, Any]:
    """Return the content of results.json; ``hidden`` says when students see how hidden tests ended.

    The score stands once, for the whole: Gradescope takes it, and not the sum of the tests, where
    rounding could differ.
    """
    questions = [question for report in reports for question in report.questions]
    return {
        "score": round(sum(report.score for report in reports), 2),
        "execution_time": round(seconds, 1),
        "output": "".join(map(_about, reports)),
        "output_format": "html",
        "stdout_visibility": "hidden",
        "visibility": "visible",
        "tests": [entry for question in questions for entry in _entries(question, hidden)],
    }


def _about(report: Report) -> str:
    """What is said of a notebook as a whole."""
    lines = [f"{report.score:g} of {report.max_score:g} points"]
    lines += [report.error] if report.error is not None else []
    lines += [repair.text for repair in report.repairs]
    return "".join(f"<p>{escape(line)}</p>" for line in lines)


def _entries(question: QuestionResult, hidden: str) -> list[dict[str, Any]]:
    """A question's entry with its points and what the student is told, and one for each test."""
    whole: dict[str, Any] = {
        "name": question.id,
        "output": question_html(question, "student"),
        "output_format": "html",
        "visibility": "visible",
    }
    if question.score is None:
        whole["output"] = "<p>This question is marked by hand.</p>"
    else:
        whole |= {
            "score": question.score,
            "max_score": question.max_score,
            "status": _status(question.score == question.max_score),
        }
    entries = [whole, *(_test(question, test) for test in question.tests)]
    if hidden == "hidden":
        return entries
    further = (test for test in question.tests if test.hidden)
    return entries + [
        {
            "name": f"{question.id}: further check {number}",
            "status": _status(test.passed),
            "visibility": hidden,
        }
        for number, test in enumerate(further, 1)
    ]


def _test(question: QuestionResult, test: TestResult) -> dict[str, Any]:
    """One test. A hidden one is never shown to students: its name alone may hold its inputs."""
    entry: dict[str, Any] = {
        "name": f"{question.id}: {test.title or test.name}",
        "status": _status(test.passed),
        "visibility": "hidden" if test.hidden else "visible",
    }
    if test.message:
        entry |= {"output": test.message, "output_format": "text"}
    return entry


def _status(passed: bool) -> str:
    return "passed" if passed else "failed"
