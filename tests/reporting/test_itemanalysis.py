"""The items of a class: from reports and marks to statistics, pictures and flags."""

from __future__ import annotations

import random
import statistics
from pathlib import Path
from xml.etree import ElementTree

import pytest
from nbgrader.api import Gradebook

from fairmark.course.course import Assignment
from fairmark.harness.report import Report
from fairmark.reporting.classreport import ClassReport, read_class
from fairmark.reporting.flags import flags
from fairmark.reporting.itemanalysis import analyse
from fairmark.reporting.itemfigure import scatter
from fairmark.reporting.items import Item, Statistics
from fairmark.reporting.reportpages import write_pages
from tests.marked import question, record, report
from tests.tiny import make_course

NUMBER = 30


@pytest.fixture
def tiny(tmp_path: Path) -> Assignment:
    return make_course(tmp_path).assignment("tiny")


def class_of(number: int, *, upside_down: bool = False) -> dict[str, Report]:
    """A class whose later students are stronger; of one hidden test the contrary may hold."""
    draw = random.Random(5)
    made = {}
    for place in range(number):
        strength = place / number
        tests = [draw.random() < 0.2 + 0.7 * strength for _ in range(3)]
        last = strength < 0.5 if upside_down else draw.random() < 0.2 + 0.7 * strength
        mistake = "takes-the-first" if place % 3 else None
        made[f"s{place:02}"] = report(
            question("double", (tests[0], tests[1])),
            question("mean", (tests[2], last), mistake=mistake),
        )
    return made


def test_a_class(tiny: Assignment) -> None:
    reports = class_of(NUMBER)
    nothing = report(
        question("double", (False, False), "missing"), question("mean", (False, False), "missing")
    )
    record(tiny, reports | {"zoe": nothing})
    found = analyse(read_class(tiny))
    assert found.students == NUMBER  # zoe has handed in no answer
    assert [one.item.name for one in found.questions] == ["double", "mean"]  # the essay waits
    points = {
        name: [one.question(name).score or 0.0 for one in reports.values()]
        for name in ("double", "mean")
    }
    for one, most in zip(found.questions, (2, 3), strict=True):
        own, other = points[one.item.name], points["mean" if most == 2 else "double"]
        assert one.difficulty == pytest.approx(statistics.fmean(own) / most)
        assert one.discrimination == pytest.approx(statistics.correlation(own, other))

    # A test counts by its share of the points, against all other tests.
    passed = {
        (name, test.name): [
            float(next(t.passed for t in one.question(name).tests if t.name == test.name))
            for one in reports.values()
        ]
        for name in ("double", "mean")
        for test in reports["s00"].question(name).tests
    }
    worth = dict(zip(passed, (0.5, 1.5, 1.5, 1.5), strict=True))
    for key, own in passed.items():
        rest = [sum(worth[k] * passed[k][row] for k in passed if k != key) for row in range(NUMBER)]
        one_test = found.of(*key)
        assert one_test is not None
        assert one_test.difficulty == pytest.approx(statistics.fmean(own))
        assert one_test.discrimination == pytest.approx(statistics.correlation(own, rest))


def test_how_answers_were_wrong(tiny: Assignment) -> None:
    reports = class_of(NUMBER)
    reports["s00"] = report(
        question("double"), question("mean", (False, False), "missing", mistake="no-answer")
    )
    record(tiny, reports)
    found = analyse(read_class(tiny)).distractors["mean"]
    assert [one.name for one in found] == ["takes-the-first", ""]
    wrong = {s for s, one in reports.items() if (one.question("mean").score or 0) < 3} - {"s00"}
    assert set(found[0].students) | set(found[1].students) == wrong
    assert all(int(student[1:]) % 3 for student in found[0].students)
    assert all(int(student[1:]) % 3 == 0 for student in found[1].students)
    shares = [(reports[student].question("double").score or 0) / 2 for student in found[1].students]
    assert found[1].elsewhere == pytest.approx(statistics.fmean(shares))


def test_marks_by_hand_are_in_the_total_once_all_have_them(tiny: Assignment) -> None:
    reports = class_of(12)
    record(tiny, reports)
    assert len(analyse(read_class(tiny)).questions) == 2
    with Gradebook(tiny.course.directory.db_url) as gradebook:
        for place, student in enumerate(reports):
            grade = gradebook.find_grade("essay", "tiny", "tiny", student)
            grade.manual_score, grade.needs_manual_grade = place / 3, False
            grade.extra_credit = 2.0 if place == 11 else None
        gradebook.db.commit()
    found = analyse(read_class(tiny))
    essay = found.of("essay")
    assert essay is not None
    assert max(essay.item.shares.values()) == 1.0  # extra credit is beyond the question
    double = found.of("double")
    assert double is not None
    own = [one.question("double").score or 0.0 for one in reports.values()]
    rest = [
        (one.question("mean").score or 0.0) + (4 * min((row / 3 + (2 if row == 11 else 0)) / 4, 1))
        for row, one in enumerate(reports.values())
    ]
    assert double.discrimination == pytest.approx(statistics.correlation(own, rest))


@pytest.mark.parametrize("number", [1, 9])
def test_a_small_class_is_told_nothing(tiny: Assignment, number: int) -> None:
    record(tiny, class_of(number))
    read = read_class(tiny)
    found = analyse(read)
    assert (found.students, found.questions, found.tests, found.distractors) == (number, (), {}, {})
    page = write_pages(tiny.course, [read], index=False).read_text()
    assert "This is told from 10 students on" in page
    assert "<svg" not in page


def test_a_good_class_has_no_such_flag(tiny: Assignment) -> None:
    assert _flagged(tiny, class_of(NUMBER)) == []


def test_a_test_that_the_strong_fail_is_a_flag(tiny: Assignment) -> None:
    (seen,) = _flagged(tiny, class_of(NUMBER, upside_down=True))
    assert seen.startswith("Strong students do worse in this test than weak ones")


def test_few_students_are_not_flagged(tiny: Assignment) -> None:
    assert _flagged(tiny, class_of(19, upside_down=True)) == []


def _flagged(tiny: Assignment, reports: dict[str, Report]) -> list[str]:
    """What is said of the test that may be upside down, by its statistics."""
    record(tiny, reports)
    found: ClassReport = read_class(tiny)
    return [
        one.seen
        for one in flags(found)
        if "trong students" in one.seen or "correlation" in one.seen
    ]


def test_the_picture_says_all_in_words() -> None:
    items = [
        Statistics(Item(name, 1, {}), 30, share, value)
        for name, share, value in (("a <b>", 0.5, 0.4), ("c", 0.5, 0.4), ("d", 1.0, -0.9))
    ]
    items.insert(1, Statistics(Item("same", 1, {}), 30, 1.0, None, "all have the same points"))
    picture = ElementTree.fromstring(scatter(items))
    label = picture.attrib["aria-label"]
    assert "1, a <b>: 50% of the points, discrimination 0.40." in label
    assert "4, d: 100% of the points, discrimination -0.90." in label
    circles = [(float(c.attrib["cx"]), float(c.attrib["cy"])) for c in picture.iter("circle")]
    assert len(circles) == 3
    assert len(set(circles)) == 3  # two of the same place stand beside each other
    _, _, width, height = map(float, picture.attrib["viewBox"].split())
    assert all(10 <= x <= width - 10 and 10 <= y <= height - 10 for x, y in circles)
    assert [g.attrib.get("class") for g in picture.iter("g")] == [None, None, "poor"]
    assert scatter(items[1:2]) == ""
