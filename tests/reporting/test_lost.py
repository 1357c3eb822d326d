"""Lost points with what was said of them, as far as a student may read it."""

from __future__ import annotations

from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell

from fairmark.harness.report import QuestionResult, TestResult
from fairmark.reporting.lost import lost_points


def cell(name: str, score: float | None, points: float, **more: Any) -> Any:
    mark = {"grade_id": name, "grade": True, "score": score, "points": points, **more}
    made: Any = new_markdown_cell if more.get("solution") else new_code_cell
    return made("", metadata={"nbgrader": mark})


def failed(title: str, hidden: bool = False, lesson: str = "") -> TestResult:
    return TestResult("t", title, hidden, 1.0, False, message="It is 3.", lesson=lesson)


def test_the_most_points_first_and_nothing_hidden() -> None:
    result = QuestionResult(
        "predict",
        0.5,
        3.0,
        "graded",
        (
            *(failed(f"Sentence {number}.") for number in range(5)),
            failed("SECRET", hidden=True, lesson="The sign is wrong."),
            TestResult("t", "SECRET too", True, 1.0, True),
        ),
    )
    cells = [
        new_markdown_cell("text"),
        cell("check_full", 2, 2),
        cell("essay", 3, 4, solution=True, comment="Why?"),
        cell("check_predict", 0.5, 3),
        cell("waits", None, 4, solution=True),
        cell("bonus", 5, 4, solution=True),
    ]
    first, second = lost_points(cells, {"predict": result}, ["waits"])
    assert (first.cell, first.name, first.score, first.points) == (
        "check_predict", "predict", 0.5, 3
    )  # fmt: skip
    assert first.said == (
        "It looks like this: The sign is wrong.",
        "Sentence 0. It is 3.",
        "Sentence 1. It is 3.",
        "Sentence 2. It is 3.",
        "2 more checks failed.",
        "1 of 2 further checks failed.",
    )
    assert (second.name, second.said, second.comment) == ("essay", (), True)
