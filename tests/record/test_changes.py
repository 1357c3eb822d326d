"""What is said of a mark that would change."""

from __future__ import annotations

import pytest

from fairmark.harness.report import QuestionResult, TestResult
from fairmark.record.changes import QuestionChange, changed_counting, changed_tests


def result(*together: str, passed: bool = True) -> QuestionResult:
    tests = tuple(
        TestResult(f"test_{number}", "", False, 1, passed, together=one)
        for number, one in enumerate(together)
    )
    return QuestionResult("mean", 1.0, 2.0, "graded", tests)


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (("", ""), ("A", "A"), "its tests now count all or nothing"),
        (("", ""), ("A", "A", ""), "some of its tests now count all or nothing"),
        (("A", "A"), ("", ""), "its tests no longer count all or nothing"),
        (("A", "A"), ("A", "A", "A"), ""),
        (("", ""), ("", ""), ""),
    ],
)
def test_another_way_of_counting(
    before: tuple[str, ...], after: tuple[str, ...], text: str
) -> None:
    assert changed_counting(result(*before), result(*after)) == text
    assert changed_counting(None, result(*after)) == ""


def test_a_fall_that_no_test_explains() -> None:
    before, after = result("", ""), result("A", "A", "A")
    change = QuestionChange(
        "mean",
        1.0,
        0.0,
        2.0,
        2.0,
        tests=changed_tests(before, after),
        counting=changed_counting(before, after),
    )
    assert change.text == "mean: 1 → 0 (its tests now count all or nothing; 2 is new, and passes)"
