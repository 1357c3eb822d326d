"""Diagnosis: an answer is told of a mistake only where it fits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fairmark.course.course import Assignment
from fairmark.course.proof import lessons_of, visible_lessons, why_unverified, write_record
from fairmark.grading.grade import grade
from fairmark.harness.diagnose import Lesson, Lessons, alike
from fairmark.harness.observe import Observation, summarise
from fairmark.harness.report import Report, TestResult
from fairmark.sandbox import Sandbox
from fairmark.selfcheck.runner import run_checks
from fairmark.verify.gate import Gate
from tests.tiny import answer
from tests.verify.test_gate import course


def call(name: str, value: object) -> Observation:
    return Observation(name, "ok", summarise(value))


SQUARES = Lesson(
    "squares", "You square.", ("double",), ("a", "b"), {"a": [call("double", 9)], "b": []}
)


def diagnosed(seen: dict[str, list[Observation]], *lessons: Lesson) -> list[str | None]:
    tests = [TestResult(key, key, False, 1.0, False) for key in seen]
    found = Lessons({"q": lessons or (SQUARES,)}).diagnose("q", tests, seen)
    return [test.misconception for test in found]


def test_the_same_course_is_named() -> None:
    assert diagnosed({"a": [call("double", 9.0)]}) == ["squares"]
    assert diagnosed({"a": [call("double", 8)]}) == [None]
    assert diagnosed({"a": [call("double", 9), call("double", 9)]}) == [None]


def test_another_test_may_contradict() -> None:
    lesson = Lesson(
        "m", "M.", ("f",), ("a", "b"), {"a": [call("f", 1)], "b": [call("f", 2), call("f", 3)]}
    )
    agreeing = {"a": [call("f", 1)], "b": [call("f", 2)]}
    assert diagnosed(agreeing, lesson)[0] == "m"
    assert diagnosed({"a": [call("f", 1)], "b": [call("f", 7)]}, lesson) == [None, None]
    # another function of the answer is wrong too: that says nothing about this mistake
    other = {"a": [call("f", 1)], "b": [call("g", 7), call("f", 9)]}
    assert diagnosed(other, lesson)[0] == "m"


def test_an_error_elsewhere_is_a_second_mistake() -> None:
    """If what the failing test saw is telling: numbers that are not met by chance."""
    wide, large = [0.25, 0.7310586, 0.1192029], [1e3, 2e3]
    seen = {"a": [call("f", wide)], "b": [call("f", large)]}
    lesson = Lesson("m", "M.", ("f",), ("a", "b"), seen)
    overflows = Observation("f", "error", "RuntimeWarning: overflow encountered in exp")
    assert diagnosed({"a": [call("f", wide)], "b": [overflows]}, lesson) == ["m", None]
    assert diagnosed({"a": [call("f", wide)], "b": [call("f", 7.0)]}, lesson) == [None, None]
    by_chance = Lesson("m", "M.", ("f",), ("a", "b"), {**seen, "a": [call("f", [1.0, 0.0, 0.5])]})
    assert diagnosed({"a": [call("f", [1.0, 0.0, 0.5])], "b": [overflows]}, by_chance)[0] is None
    exact = Lesson("both", "Both.", ("f",), ("a", "b"), {**seen, "b": [overflows]})
    assert diagnosed({"a": [call("f", wide)], "b": [overflows]}, lesson, exact)[0] == "both"


def test_two_mistakes_that_fit_are_none() -> None:
    twin = Lesson("twin", "T.", ("double",), ("a",), {"a": [call("double", 9)]})
    assert diagnosed({"a": [call("double", 9)]}, SQUARES, twin) == [None]
    assert list(alike([SQUARES, twin])) == []
    assert list(alike([SQUARES, SQUARES])) == [(SQUARES, SQUARES)]


def test_a_passed_test_is_never_diagnosed() -> None:
    tests = [TestResult("a", "a", False, 1.0, True)]
    lessons = Lessons({"q": [SQUARES]})
    assert lessons.diagnose("q", tests, {"a": [call("double", 9)]}) == tuple(tests)


def test_lessons_survive_json() -> None:
    lessons = Lessons({"q": [SQUARES]})
    assert Lessons.from_json(json.loads(json.dumps(lessons.to_json()))) == lessons
    assert lessons.only({"q": {"b"}}).by_question["q"][0].seen == {"b": []}
    assert lessons.only({}).by_question["q"] == []


@pytest.mark.parametrize("place", ["graders/*/verified.json", "release/*/lessons.json"])
def test_stored_lessons_are_written_as_they_were_read(course_root: Path, place: str) -> None:
    paths = sorted(course_root.glob(place))
    assert len(paths) == 7
    for path in paths:
        stored = json.loads(path.read_text("utf-8"))["lessons"]
        assert stored
        assert json.dumps(Lessons.from_json(stored).to_json()) == json.dumps(stored)


def proven(root: Path) -> Assignment:
    assignment = course(root)
    gate = Gate(assignment, workers=1)
    tried = len(list(gate.run()))
    found = gate.verification(tried)
    assert found.findings == []
    write_record(assignment, [], found.visible, found.lessons)
    return assignment.course.assignment("tiny")


def graded(assignment: Assignment, sandbox: Sandbox, **answers: str) -> Report:
    return grade(answer(assignment, answers), assignment, sandbox)


def test_a_students_mistake_is_named(tmp_path: Path, sandbox: Sandbox) -> None:
    """Everywhere: the report, hidden tests included, and the student's own check cell."""
    assert "not been verified" in why_unverified(course(tmp_path / "unproven"))
    assignment = proven(tmp_path / "proven")
    assert why_unverified(assignment) == ""

    squares = "def double(x):\n    x = np.asarray(x)\n    return x * x"
    report = graded(assignment, sandbox, double=squares)
    assert [t.misconception for t in report.question("double").tests] == ["squares", "squares"]
    assert report.question("double").tests[1].lesson == "You have squared it."
    missing = report.question("mean").tests[0]
    assert missing.misconception == "not-written-yet"

    # right answers, other mistakes and usual exceptions
    right = graded(assignment, sandbox, double="def double(x):\n    return x + x")
    assert [t.misconception for t in right.question("double").tests] == [None, None]
    other = graded(assignment, sandbox, double="def double(x):\n    return 3 * np.asarray(x)")
    # One visible call alone tells no relation; with the hidden one there are two.
    told = [t.misconception for t in other.question("double").tests]
    assert told == [None, "relation/factor"]
    half = "def double(x):\n    return x * x if np.ndim(x) else 7"
    assert {
        t.misconception for t in graded(assignment, sandbox, double=half).questions[0].tests
    } == {None}
    shapes = "def double(x):\n    return np.ones((2, 3)) @ np.ones((2, 3))"
    report = graded(assignment, sandbox, double=shapes)
    assert report.question("double").tests[0].misconception == "shapes-do-not-match"

    # the students' part knows visible tests only
    text = visible_lessons(assignment).decode()
    assert "test_three" in text
    assert "secret" not in text
    release = tmp_path / "release"
    release.mkdir()
    (release / "lessons.json").write_text(text)
    sources = {"test_tiny.py": (assignment.graders / "test_tiny.py").read_text()}
    result = run_checks("double", sources, release, {"double": lambda x: x * x})
    assert [test.lesson for test in result.tests] == ["You have squared it."]
    result = run_checks("double", sources, release, {"double": lambda x: 4 * x})
    assert [test.lesson for test in result.tests] == [""]

    # a test that has changed would take one mistake for another
    grader = assignment.graders / "test_tiny.py"
    grader.write_text(grader.read_text().replace("Twice three.", "Two times three."))
    assert "changed since" in why_unverified(assignment)
    assert lessons_of(assignment) == Lessons({})


FREE_COURSE = """
import numpy as np

from fairmark.testing import as_array, fail, question


@question("double")
class TestDouble:
    def test_small(self, submission):
        x = np.array([0.3, 0.7, 1.1, 2.5])
        if np.abs(as_array(submission.double(x)) - 2 * x).max() > 0.1:
            fail("Not twice.")

    def test_large(self, submission):
        x = np.array([0.4, 30.0])
        if np.abs(as_array(submission.double(x)) - 2 * x).max() > 99:
            fail("Not near twice.")


@question("mean")
class TestMean:
    def test_example(self, submission):
        submission.mean(np.array([1.0, 2.0, 6.0]))
"""
ON_COURSES_OF_THEIR_OWN = """
# %% double: above
def double(x):
    return 2 * np.asarray(x) + 0.4 * (x > 10)


# %% double: below
def double(x):
    return 2 * np.asarray(x) - 0.3 * (x > 10)
"""
TRIPLES = """
# %% double: triples
# You have tripled it.
def double(x):
    return 3 * np.asarray(x)
"""


def test_a_mistake_is_named_on_another_course(tmp_path: Path, sandbox: Sandbox) -> None:
    """Where right answers differ from each other, a wrong one may differ from the recorded one."""
    for alternatives, expected in ((ON_COURSES_OF_THEIR_OWN, "triples"), ("", None)):
        files = {"alternatives": alternatives, "misconceptions": TRIPLES}
        assignment = course(tmp_path / str(expected), FREE_COURSE, **files)
        gate = Gate(assignment, workers=1, only="double")
        tried = len(list(gate.run()))
        found = gate.verification(tried)
        write_record(assignment, [], found.visible, found.lessons)
        assignment = assignment.course.assignment("tiny")
        answers = {
            "3 * np.asarray(x)": "triples",
            "3 * np.asarray(x) + 0.2 * (x > 10)": expected,
            "3 * np.asarray(x) + 0.2 * (x > 2)": None,
            "3 * np.asarray(x) + 0.2 * (x == 0.4)": None,
        }
        for text, name in answers.items():
            report = graded(assignment, sandbox, double=f"def double(x):\n    return {text}")
            small, large = report.question("double").tests
            assert (small.passed, small.misconception) == (False, name), text
            assert large.passed
