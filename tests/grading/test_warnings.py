"""A warning is none of the errors that cost points, whatever it says and over how many lines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fairmark.course.course import Course
from fairmark.grading.grade import grade
from fairmark.sandbox import Sandbox, make_sandbox
from tests.classic import RIGHT, make_classic_course
from tests.grading.test_testcells import submission

WARN = "def square(x):\n    import sys, warnings\n    {}\n    return x * x"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make_classic_course(tmp_path_factory.mktemp("classic"))


@pytest.fixture(scope="module")
def box(course: Course) -> Iterator[Sandbox]:
    with make_sandbox([], course.limits) as box:
        yield box


@pytest.mark.parametrize(
    "line",
    [
        "warnings.warn('one line')",
        "warnings.warn('first\\nsecond\\n  third, indented')",
        "warnings.warn('\\nA blank line first\\n\\nand one between.\\n')",
        "warnings.warn('')",
        "warnings.warn('\\0 and \\r')",
        "warnings.warn('old\\nand gone', DeprecationWarning, stacklevel=1)",
        "warnings.warn_explicit('here\\nthere', UserWarning, 'a file: 1.py', 7)",
    ],
)
def test_a_warning_costs_nothing(course: Course, box: Sandbox, line: str) -> None:
    classic = course.assignment("classic")
    answers = RIGHT | {"square": WARN.format(line)}
    report = grade(submission(classic, answers), classic, box)
    assert report.question("test_square").score == 2.0, report.question("test_square").tests


@pytest.mark.parametrize(
    "line",
    [
        "sys.stderr.write('error: it went wrong\\n')",
        "warnings.warn('one\\ntwo'); sys.stderr.write('and this')",
    ],
)
def test_what_is_written_to_stderr_does(course: Course, box: Sandbox, line: str) -> None:
    classic = course.assignment("classic")
    answers = RIGHT | {"square": WARN.format(line)}
    assert grade(submission(classic, answers), classic, box).question("test_square").score == 0
