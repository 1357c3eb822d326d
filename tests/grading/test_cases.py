"""Tests that ``cases`` makes, as the judge and a student's own kernel run them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fairmark.course.course import Assignment, Course
from fairmark.grading.grade import grade
from fairmark.harness.report import QuestionResult
from fairmark.sandbox import Sandbox
from fairmark.selfcheck.runner import run_checks
from fairmark.testing import cases
from tests.tiny import RIGHT, answer, make_course

GRADER = """
import numpy as np
from fairmark.testing import assert_equal, cases, hidden, question
from reference.tiny import mean


@question("double")
class TestDouble:
    test_three = cases("double", examples=[(3,), (np.array([1.0, 2.0]),)], gives=[6, [2.0, 4.0]])
    test_random = cases("double", random=lambda rng: (rng.normal(size=(2, 3)),), hidden=True)

    @hidden
    def test_solution(self, submission, solution):
        assert_equal(submission.double(4), solution.double(4))


@question("mean")
class TestMean:
    test_one = cases("mean", examples=[([2.0, 4.0],)], gives=[3.0], hint="How many are there?")
    test_others = cases("mean", mean, [([1.0],)], random=lambda rng: (rng.normal(size=9),),
                        count=2, hidden=True, weight=2, rtol=1e-6)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    root = tmp_path_factory.mktemp("cases")
    make_course(root)
    (root / "graders/tiny/test_tiny.py").write_text(GRADER)
    return Course.load(root).assignment("tiny")


def result(made: Assignment, sandbox: Sandbox, question: str, source: str) -> QuestionResult:
    return grade(answer(made, {**RIGHT, question: source}), made, sandbox).question(question)


def test_right_answers(made: Assignment, sandbox: Sandbox) -> None:
    report = grade(answer(made, RIGHT), made, sandbox)
    assert report.score == report.max_score
    told = [(t.name, t.title, t.hidden, t.weight) for q in report.questions for t in q.tests]
    assert told == [
        ("test_three", "double(3) gives 6, and 1 more.", False, 1.0),
        ("test_random", "5 random inputs of double, compared with the solution.", True, 3.0),
        ("test_solution", "solution", True, 1.0),
        ("test_one", "mean([2.0, 4.0]) gives 3.", False, 1.0),
        ("test_others", "mean([1.0]), and 2 more.", True, 2.0),
    ]


@pytest.mark.parametrize(
    ("question", "source", "passed", "says"),
    [
        ("double", "def double(x):\n    return 6", [False, False, False], "should have the shape"),
        (
            "double",
            "def double(x):\n    return 2 * x if np.ndim(x) < 2 else x",
            [True, False, True],
            "",
        ),
        (
            "double",
            "def double(x):\n    x *= 2\n    return x",
            [False, False, True],
            "The function changed the array",
        ),
        ("mean", "def mean(x):\n    return sum(x)", [False, False], "should be 3, but it is 6"),
    ],
)
def test_wrong_answers(
    made: Assignment, sandbox: Sandbox, question: str, source: str, passed: list[bool], says: str
) -> None:
    found = result(made, sandbox, question, source)
    assert [test.passed for test in found.tests] == passed
    assert says in found.tests[0].message


def test_in_a_students_kernel(made: Assignment) -> None:
    sources = {"test_tiny.py": GRADER}
    found = run_checks("mean", sources, made.graders, {"mean": lambda x: 4.0})
    assert [(test.passed, test.call) for test in found.tests] == [(False, "mean([2.0, 4.0])")]
    assert "How many" in found.tests[0].hint


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "it needs examples"),
        ({"examples": [3], "gives": [6]}, "each of examples is a tuple"),
        ({"examples": [(3,)], "gives": [6, 7]}, "one result for each"),
        ({"examples": [(3,)], "gives": [6], "random": print}, "one result for each"),
        ({"examples": [(3,)]}, "students have no solution"),
        ({"random": print}, "students have no solution"),
    ],
)
def test_what_does_not_fit(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        cases("double", **given)
    assert str(caught.value).startswith("cases('double'): ") and "\n" not in str(caught.value)


def test_a_solution_that_cannot_be_run_is_no_students_fault(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    make_course(tmp_path)
    (tmp_path / "graders/tiny/test_tiny.py").write_text(GRADER)
    notebook = tmp_path / "source/tiny/tiny.ipynb"
    notebook.write_text(notebook.read_text().replace("import numpy as np", "import nump as np"))
    made = Course.load(tmp_path).assignment("tiny")
    with pytest.raises(Exception, match=r"the solution cannot be run to compare with: ModuleNot"):
        grade(answer(made, RIGHT), made, sandbox)
