"""Points from a test cell's outputs: nbgrader's rules, less their errors."""

from __future__ import annotations

from typing import Any

import pytest
from nbformat.v4 import new_output

from fairmark.grading.scoring import partial_credit, points_earned


def value(text: str) -> Any:
    return new_output("execute_result", data={"text/plain": text})


def stderr(text: str) -> Any:
    return new_output("stream", name="stderr", text=text)


WARNING = "<cell>:3: RuntimeWarning: overflow encountered in exp\n  return np.exp(x)\n"
UNITTEST = "{}\n" + 70 * "-" + "\nRan 2 tests in 0.001s\n\n{}\n"
VERBOSE = (
    "test_one (__main__.TestMean.test_one) ... ok\ntest_two (__main__.TestMean.test_two)\n"
    "What it says of itself. ... ok\ntest_three (__main__.TestMean.test_three) ... skipped 'no'\n"
)
PROGRESS = "\r 50%|#####     | 1/2\r100%|##########| 2/2\n"


@pytest.mark.parametrize(
    ("outputs", "points"),
    [
        ([], 4.0),
        ([new_output("stream", text="well done")], 4.0),
        ([value("1.5")], 1.5),
        ([value("0")], 0.0),
        ([value("'text'")], 4.0),
        ([value("None")], 4.0),
        ([value("7")], 4.0),
        ([value("inf")], 4.0),
        ([value("-1")], 0.0),
        ([value("nan")], 0.0),
        ([value("np.float64(2.5)")], 2.5),
        ([value("tensor(1.)")], 1.0),
        ([value("tensor(3, dtype=torch.int32)")], 3.0),
        ([value("4.0"), value("1.0")], 1.0),
        ([new_output("error", ename="AssertionError", evalue="", traceback=[])], 0.0),
        ([value("2"), new_output("error", ename="E", evalue="", traceback=[])], 0.0),
        ([stderr("it went wrong\n")], 0.0),
        ([stderr(WARNING)], 4.0),
        ([stderr(WARNING + "and more\n")], 0.0),
        ([stderr(PROGRESS)], 4.0),
        ([value("2"), stderr(WARNING)], 2.0),
        ([stderr(UNITTEST.format("..", "OK"))], 4.0),
        ([stderr(UNITTEST[:20].format("..")), stderr(UNITTEST[20:].format("OK"))], 4.0),
        ([stderr(UNITTEST.format(VERBOSE, "OK (skipped=1)"))], 4.0),
        ([value("2"), stderr(UNITTEST.format(".", "OK") * 2)], 2.0),
        ([stderr(UNITTEST.format(".F", "FAILED (failures=1)"))], 0.0),
        ([stderr(UNITTEST.format("..", "OK") + "and more\n")], 0.0),
        ([stderr("what went wrong\n" + UNITTEST.format("..", "OK"))], 0.0),
    ],
)
def test_points(outputs: list[Any], points: float) -> None:
    assert points_earned(outputs, False, 4.0) == points
    assert points_earned(outputs, True, 4.0) == 0.0


def test_what_is_ignored_on_stderr() -> None:
    assert points_earned([stderr("loading data")], False, 1.0, "^loading") == 1.0
    assert points_earned([stderr("loading data")], False, 1.0, "^saving") == 0.0


@pytest.mark.parametrize("text", [None, "", "one", "1 2", "[1]", "np.float64()", "float(1", 3])
def test_what_is_no_number(text: object) -> None:
    assert partial_credit(text) is None


@pytest.mark.parametrize(
    "text",
    [".\n" * 400_000, ("a" + " ... skipped" * 9 + "\n") * 40_000, " ... " * 200_000 + "\n"],
    ids=["lines", "ways", "long"],
)
def test_what_looks_like_unittests_report_takes_no_time(text: str) -> None:
    """With one pattern for a whole report, the first took hours."""
    end = UNITTEST.format(".", "OK")[2:]
    assert points_earned([stderr(text)], False, 1.0) == 0.0
    assert points_earned([stderr(f"x\n{text}y\n{end}")], False, 1.0) == 0.0
