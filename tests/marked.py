"""A tiny class whose reports are made by hand and recorded as those of the judge are."""

from __future__ import annotations

from collections.abc import Mapping

import nbformat

from fairmark.course.course import Assignment
from fairmark.harness.report import QuestionResult, Repair, Report, Status, TestResult
from fairmark.intake.handins import SubmittedNotebook, fingerprint_base
from fairmark.record.records import Records
from tests.tiny import RIGHT, answer

TESTS = {
    "double": (("three", False, 1.0), ("secret_array", True, 3.0)),
    "mean": (("example", False, 1.0), ("secret_long", True, 1.0)),
}
POINTS = {"double": 2.0, "mean": 3.0}


def question(
    name: str,
    passed: tuple[bool, bool] = (True, True),
    status: Status = "graded",
    mistake: str | None = None,
    message: str = "another value was expected",
    further: bool | None = None,
) -> QuestionResult:
    """A result of one of the tiny course's questions; ``mistake`` explains what fails.

    ``further`` adds another hidden test with this outcome.
    """
    asked = TESTS[name] + ((("further", True, 1.0),) if further is not None else ())
    outcomes = passed + (() if further is None else (further,))
    tests = tuple(
        TestResult(
            name=f"test_{test}",
            title=f"The test {test}.",
            hidden=hidden,
            weight=weight,
            passed=right,
            message="" if right else message,
            misconception=None if right else mistake,
            lesson=f"The sentence of {mistake}." if mistake and not right else "",
        )
        for (test, hidden, weight), right in zip(asked, outcomes, strict=True)
    )
    weight = sum(test.weight for test in tests)
    share = sum(test.weight for test in tests if test.passed) / weight
    return QuestionResult(name, round(POINTS[name] * share, 2), POINTS[name], status, tests)


def report(*questions: QuestionResult, repairs: tuple[Repair, ...] = ()) -> Report:
    """A report with these results; the other questions have all points."""
    given = {result.id: result for result in questions}
    results = [given.get(name, question(name)) for name in TESTS]
    essay = QuestionResult("essay", None, 4.0, "manual")
    return Report("tiny.ipynb", "tiny", (*results, essay), repairs)


def hand_in(assignment: Assignment, student: str) -> SubmittedNotebook:
    """Hand in a right notebook."""
    folder = assignment.course.folder("submitted", student, assignment.name)
    folder.mkdir(parents=True)
    nbformat.write(answer(assignment, RIGHT), folder / assignment.source.name)
    return SubmittedNotebook(student, assignment, folder)


def record(assignment: Assignment, reports: Mapping[str, Report]) -> None:
    """Hand in for these students, and record these reports."""
    base = fingerprint_base(assignment)
    with Records(assignment.course) as records:
        records.synchronise([assignment])
        for student, made in reports.items():
            handin = hand_in(assignment, student)
            records.write(handin, made, handin.fingerprint(base))
