"""What speaks against a grader, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairmark.course.course import Assignment
from fairmark.harness.plugin import CANNOT_WORK
from fairmark.harness.report import QuestionResult
from fairmark.reporting.classreport import ClassReport, read_class
from fairmark.reporting.flags import Flag, flags
from tests.marked import question, record, report
from tests.tiny import make_course


@pytest.fixture
def tiny(tmp_path: Path) -> Assignment:
    return make_course(tmp_path).assignment("tiny")


def looked_at(tiny: Assignment, *results: QuestionResult) -> list[Flag]:
    """The flags of a class in which each student has one of these results."""
    # One student has nothing, so that no question was solved by everybody.
    nothing = report(question("double", (False, False)), question("mean", (False, False)))
    record(tiny, {"zoe": nothing, **{f"s{n}": report(one) for n, one in enumerate(results)}})
    return flags(_proven(read_class(tiny)))


def _proven(found: ClassReport) -> ClassReport:
    assert found.unproven
    return ClassReport(
        found.assignment, found.max_score, found.submissions, found.questions, found.mistakes
    )


WRONG = question("mean", (True, False))
RIGHT = question("mean")


def test_a_class_without_suspicion(tiny: Assignment) -> None:
    assert looked_at(tiny, RIGHT, RIGHT, RIGHT, WRONG, question("mean", (False, False))) == []


def test_a_test_that_the_able_fail(tiny: Assignment) -> None:
    (found,) = looked_at(tiny, RIGHT, RIGHT, WRONG, WRONG)
    assert (found.question, found.test) == ("mean", "test_secret_long")
    assert found.seen.startswith("2 of the 4 students who pass every other test")
    assert found.command == "fairmark check --assignment tiny submitted/s2/tiny/tiny.ipynb"


def test_too_few_tell_nothing(tiny: Assignment) -> None:
    assert looked_at(tiny, RIGHT, WRONG, WRONG) == []


def test_a_known_mistake_explains_it(tiny: Assignment) -> None:
    known = question("mean", (True, False), mistake="a-known-one")
    assert looked_at(tiny, RIGHT, RIGHT, known, known) == []


def test_hidden_tests_that_ask_for_more(tiny: Assignment) -> None:
    whole = question("mean", further=True)
    one, other = (question("mean", (True, hidden), further=not hidden) for hidden in (True, False))
    (found,) = looked_at(tiny, whole, whole, whole, one, other, question("mean", (True, False)))
    assert (found.question, found.test) == ("mean", "")
    assert found.seen.startswith("3 of the 6 students who pass all visible tests fail a hidden one")


def test_a_question_that_nobody_solved(tiny: Assignment) -> None:
    half = question("mean", (False, True))
    (found,) = looked_at(tiny, half, half, question("mean", (False, False)))
    assert found.seen.startswith("None of 4 answers has all points; the best has 1.5 of 3.")
    assert found.command == "fairmark verify tiny --only mean"


def test_a_question_that_everybody_solved(tiny: Assignment) -> None:
    record(tiny, {f"s{number}": report() for number in range(4)})
    found = read_class(tiny)
    assert [one.question for one in flags(found)] == ["double", "mean"]
    assert "All 4 answers have all points, and its graders" in flags(found)[0].seen
    assert flags(_proven(found)) == []


def test_limits(tiny: Assignment) -> None:
    late = question("mean", (True, False), "timeout", mistake="never-ends")
    killed = question("mean", (False, False), "killed")
    (found,) = looked_at(tiny, RIGHT, RIGHT, killed, late, late)
    assert found.seen.startswith("3 of 6 answers ran out of time or were killed.")


def test_a_test_that_stops_with_an_error(tiny: Assignment) -> None:
    stopped = question("mean", (False, False), message=f"{CANNOT_WORK} (TypeError: no).")
    found = looked_at(tiny, *[stopped] * 4, *[RIGHT] * 4)
    assert [(one.question, one.test) for one in found] == [
        ("mean", "test_example"),
        ("mean", "test_secret_long"),
    ]
    assert found[0].seen.startswith("The test itself stopped with an error on 4 answers")
