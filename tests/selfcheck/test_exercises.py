"""What students are told of the exercises: points and numbers, and nothing else of hidden tests."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from fairmark.course.course import Course
from fairmark.harness.plugin import Grading, run_graders
from fairmark.nbgrader.generate import generate_release
from fairmark.selfcheck.exercises import About, Exercise, exercises_of, read_about, written
from fairmark.selfcheck.hidden import hidden_tests
from tests.tiny import make_course

GRADER = """
import pytest
from fairmark.testing import hidden as secret, question, weight
import fairmark.testing

CASES = {"a": 1, "b": 2, "c": 3}
MORE: list[int] = [1, 2]

@question("one")
class TestOne:
    def test_seen(self, submission): ...

    @secret
    @pytest.mark.parametrize("x", [1, 2])
    @pytest.mark.parametrize("y", list(CASES))
    def test_six(self, submission, x, y): ...

    @fairmark.testing.hidden
    @weight(2)
    @pytest.mark.parametrize("x", MORE)
    def test_two(self, submission, x): ...

@question("two")
@secret
class TestTwo:
    @pytest.mark.parametrize("x", range(3))
    def test_three(self, x): ...

    def helper(self): ...

@question("three")
class TestThree:
    pytestmark = pytest.mark.fairmark_hidden

    @pytest.mark.parametrize("x", [y for y in MORE])
    def test_some(self, x): ...

@question("four")
def test_seen(): ...
"""


def module_of(text: str) -> ModuleType:
    module = ModuleType("checks")
    exec(text, vars(module))
    return module


def test_the_number_of_hidden_tests() -> None:
    assert hidden_tests({"test_a.py": GRADER}) == {"one": 8, "two": 3, "three": None}


def test_the_number_is_the_one_that_pytest_finds(course_root: Any, tmp_path: Any) -> None:
    """A question's number is that of its hidden tests where the graders are run."""
    text = GRADER.replace("submission", "rng").replace("[y for y in MORE]", "[1]")
    (tmp_path / "test_counted.py").write_text(text)
    grading = Grading(lambda question: pytest.fail(question))
    run_graders([tmp_path / "test_counted.py"], tmp_path, grading)
    found = {
        question: sum(test.hidden for test in tests) for question, tests in grading.results.items()
    }
    assert found == {"one": 8, "two": 3, "three": 1, "four": 0}


def test_what_is_written_is_read_again() -> None:
    about = About(
        (
            Exercise("a", 2.5, False, 3, ("f", "g")),
            Exercise("b", 1.0, False, None, ()),
            Exercise("c", 4.0, True),
        ),
        8.0,
        60.0,
    )
    assert read_about(module_of(written(about))) == about
    assert about.find("b").hidden is None
    assert about.before("c") == about.exercises[:2]


@pytest.mark.parametrize("text", ["", "ABOUT = 3", "ABOUT = {}", "ABOUT = {'exercises': {'a': 1}}"])
def test_what_students_have_changed_tells_nothing(text: str) -> None:
    assert read_about(module_of(text)) == About()


def test_a_release_tells_points_and_numbers_and_limits(tmp_path: Any) -> None:
    course: Course = make_course(tmp_path)
    folder = generate_release(course.assignment("tiny"))
    text = (folder / "checks.py").read_text()
    about = read_about(module_of(text))
    assert (about.call_seconds, about.question_seconds) == (2.0, 6.0)
    assert about.exercises == (
        Exercise("double", 2.0, False, 1, ("double",)),
        Exercise("mean", 3.0, False, 1, ("mean",)),
        Exercise("essay", 4.0, True),
    )
    assert "secret" not in text.lower()


def test_names_of_solutions_are_not_told() -> None:
    """In a release the cell holds the stub, and its names are what is told."""
    cells = [
        {
            "cell_type": "code",
            "source": ["def f(x):\n", "    raise NotImplementedError()"],
            "metadata": {"nbgrader": {"grade_id": "f", "solution": True, "grade": False}},
        },
        {
            "cell_type": "code",
            "source": "check('f')",
            "metadata": {"nbgrader": {"grade_id": "check_f", "grade": True, "points": 1}},
        },
        {"cell_type": "markdown", "source": "text", "metadata": {}},
    ]
    assert exercises_of(cells, {}) == (Exercise("f", 1.0, False, 0, ("f",)),)
