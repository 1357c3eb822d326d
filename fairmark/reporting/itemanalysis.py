"""The item statistics of a class: its reports and marks as items, and how answers are wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from fairmark.reporting.classreport import SAME, ClassReport, QuestionRow, StudentRow
from fairmark.reporting.items import (
    FEWEST,
    Distractor,
    Item,
    ItemAnalysis,
    statistics_of,
    total_of,
)


def analyse(report: ClassReport) -> ItemAnalysis:
    """Return the item statistics of a class.

    Who has handed in no answer at all does not count. A missing answer has no points, as in the
    gradebook, and passes no test.
    """
    counted = [submission for submission in report.of("graded") if _has_answers(submission)]
    students = [submission.student for submission in counted]
    if len(students) < FEWEST:
        return ItemAnalysis(len(students))
    questions = [item for row in report.questions if (item := _question_item(row, students))]
    tests = {row.question.id: _test_items(row, counted) for row in report.questions}
    flat = statistics_of([item for own in tests.values() for item in own], students)
    by_test = {id(found.item): found for found in flat}
    return ItemAnalysis(
        len(students),
        tuple(statistics_of(questions, students)),
        {q: tuple(by_test[id(item)] for item in own) for q, own in tests.items() if own},
        _distractors(report, counted, questions),
    )


def _has_answers(submission: StudentRow) -> bool:
    results = submission.report.questions if submission.report is not None else ()
    return any(result.status not in ("missing", "manual") for result in results)


def _question_item(row: QuestionRow, students: Sequence[str]) -> Item | None:
    """The question as an item, by the gradebook's points; None where it has none."""
    most = row.question.points
    if not most:
        return None
    # Extra credit may give more than all points.
    shares = {s: min(max(row.scores[s] / most, 0.0), 1.0) for s in students if s in row.scores}
    return Item(row.question.id, float(most), shares) if shares else None


def _test_items(row: QuestionRow, counted: Sequence[StudentRow]) -> list[Item]:
    """The tests as items, each with its share of the question's points."""
    weight = sum(test.test.weight for test in row.tests)
    if not weight or not row.question.points:
        return []
    missing = {*row.by_status.get("missing", ())} & {one.student for one in counted}
    found = []
    for test in row.tests:
        # A result that was kept from earlier has the tests of then.
        shares = {student: float(student not in test.failed) for student in test.tried}
        shares |= dict.fromkeys(missing, 0.0)
        worth = row.question.points * test.test.weight / weight
        found.append(Item(test.test.name, float(worth), shares))
    return found


def _distractors(
    report: ClassReport, counted: Sequence[StudentRow], questions: Sequence[Item]
) -> dict[str, tuple[Distractor, ...]]:
    students = [submission.student for submission in counted]
    found = {}
    for row in report.questions:
        if row.question.manual:
            continue
        others = [item for item in questions if item.name != row.question.id]
        points, worth = total_of(others, students)
        rest = dict(zip(students, points / worth, strict=True)) if worth else {}
        wrong: dict[str, list[str]] = {}
        for submission in counted:
            if (name := _mistake(submission, row)) is not None:
                wrong.setdefault(name, []).append(submission.student)
        if wrong:
            order = sorted(wrong, key=lambda name: (not name, -len(wrong[name]), name))
            found[row.question.id] = tuple(_distractor(name, wrong[name], rest) for name in order)
    return found


def _distractor(name: str, students: Sequence[str], rest: Mapping[str, float]) -> Distractor:
    elsewhere = float(np.mean([rest[student] for student in students])) if rest else None
    return Distractor(name, tuple(students), elsewhere)


def _mistake(submission: StudentRow, row: QuestionRow) -> str | None:
    """The first mistake that was recognised in an answer, "" for another; None if it is right."""
    result = submission.result(row.question.id)
    if result is None or result.status == "missing" or result.score is None:
        return None
    if result.score >= result.max_score - SAME:
        return None
    return next((t.misconception for t in result.tests if t.misconception and not t.passed), "")
