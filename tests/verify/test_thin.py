"""Thin graders: wrong answers that get all points are named, though nobody has written them."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairmark.verify.gate import Verification
from tests.verify.thin import Exercise, thin_course, verified

FIRST = {
    "distance": Exercise(
        "def distance(a, b):\n    return np.sqrt(np.sum((a - b) ** 2))",
        "assert_close(submission.distance(np.array([0.0, 0.0]), np.array([3.0, 0.0])), 3.0)",
    ),
    "centroid": Exercise(
        "def centroid(X):\n    return X.mean(axis=0)",
        "X = np.array([[0.0, 0.0], [2.0, 4.0], [4.0, 2.0]])\n"
        "    assert_close(submission.centroid(X), [2.0, 2.0])",
    ),
    "spread": Exercise(
        "def spread(x):\n    return np.mean((x - np.mean(x)) ** 2)",
        "assert_close(submission.spread(np.ones(4)), 0.0)",
    ),
}
"""The exercises of somebody who has never written a test."""

THEN = {
    "half": Exercise(
        "def half(x):\n    return x / 2",
        "assert_close(submission.half(np.array([3.0, 1.0])), [1.5, 0.5])",
    ),
    "row_sums": Exercise(
        "def row_sums(X):\n    return X.sum(axis=1)",
        "X = np.array([[1.0, 2.0], [2.0, 5.0]])\n"
        "    assert_close(submission.row_sums(X), [3.0, 7.0])",
    ),
    "total": Exercise(
        "def total(x):\n    return np.sum(x)",
        "assert_close(submission.total(np.array([1.0, 2.0, 0.0])), 3.0)",
    ),
    "power": Exercise(
        "def power(x, exponent=2):\n    return x**exponent",
        "assert_close(submission.power(np.array([2.0, 3.0])), [4.0, 9.0])",
    ),
    "running": Exercise(
        "def running(x):\n    return np.cumsum(x)",
        "assert_close(submission.running(np.array([1.0, 2.0, 4.0])), [1.0, 3.0, 7.0])",
    ),
    "centred": Exercise(
        "def centred(x):\n    return x - np.mean(x)",
        "assert_close(submission.centred(np.array([1.0, 3.0])), [-1.0, 1.0])",
    ),
}
"""Mistakes of another kind: precision, rows for columns, one short, an argument that is not used,
order, the caller's array."""

GOOD = {
    "distance": Exercise(
        FIRST["distance"].solution,
        FIRST["distance"].test,
        "a, b = rng.normal(size=(2, 5))\n"
        "    with submission.inputs_unchanged():\n"
        "        assert_close(submission.distance(a, b), np.linalg.norm(a - b))",
    ),
    "constant": Exercise(
        "def constant(x):\n    return np.full(3, 2.0)",
        "assert_close(submission.constant(np.array([1.0, 2.0])), np.full(3, 2.0))",
        "x = rng.normal(size=4)\n"
        "    with submission.inputs_unchanged():\n"
        "        assert_close(submission.constant(x), np.full(3, 2.0))",
    ),
    "same": Exercise(
        "def same(x):\n    return np.flip(np.flip(x))",
        "assert_close(submission.same(np.array([1.0, 2.0])), [1.0, 2.0])",
        "x = rng.normal(size=(3, 4))\n"
        "    with submission.inputs_unchanged():\n"
        "        assert_close(submission.same(x), x)",
    ),
}
"""Exercises with a hidden test; of some, a generic answer is right."""


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Verification:
    return verified(thin_course(tmp_path_factory.mktemp("first") / "course", FIRST))


@pytest.fixture(scope="module")
def then(tmp_path_factory: pytest.TempPathFactory) -> Verification:
    return verified(thin_course(tmp_path_factory.mktemp("then") / "course", THEN))


def named(verification: Verification) -> dict[str, str]:
    return {finding.case.partition("@")[0]: finding.text for finding in verification.findings}


@pytest.mark.parametrize(
    "case",
    [
        "distance: generic/replays",
        "centroid: generic/replays",
        "distance: array/norm",
        "distance: generic/first-coordinate",
        "centroid: array/median",
        "spread: array/divisor",
    ],
)
def test_six_wrong_answers_that_got_all_points(first: Verification, case: str) -> None:
    assert case in named(first)


def test_the_line_says_how_to_mend_it(first: Verification) -> None:
    case = "distance: generic/first-coordinate"
    (found,) = [finding for finding in first.findings if finding.case == case]
    assert found.text == (
        "an answer that looks at the first coordinate only gets full points, as there is no "
        "hidden test"
    )
    assert found.where.startswith("a hidden test such as distance([")
    assert found.acceptable


def test_thin_graders_are_called_so(first: Verification) -> None:
    lacks = ["no hidden test", "no alternatives", "no misconceptions"]
    assert [row.thin for row in first.rows] == [lacks, lacks, lacks]


@pytest.mark.parametrize(
    "case",
    [
        "half: generic/rounded",
        "row_sums: generic/inputs-transposed",
        "total: generic/without-last",
        "power: generic/power-ignores-exponent",
        "running: generic/inputs-sorted",
        "centred: generic/changes-inputs",
    ],
)
def test_six_of_another_kind(then: Verification, case: str) -> None:
    assert case in named(then)


def test_what_is_right_by_chance_is_no_wrong_answer(tmp_path: Path) -> None:
    verification = verified(thin_course(tmp_path / "course", GOOD))
    assert named(verification) == {}
    assert [row.generic.good for row in verification.rows] == [
        row.generic.all for row in verification.rows
    ]
    by_name = {row.question: row.generic.all for row in verification.rows}
    assert by_name["constant"] < 15 < by_name["same"]
    assert by_name["distance"] > 15
    assert {tuple(row.thin) for row in verification.rows} == {
        ("no alternatives", "no misconceptions")
    }


NO_MISTAKES = {
    "assign": Exercise(
        "def assign(X, C):\n"
        "    D = np.sum((X[:, None] - C[None]) ** 2, axis=-1)\n"
        "    return np.argmin(D, axis=1)",
        "X = np.array([[0.0, 0.0], [1.0, 0.0], [5.0, 5.0]])\n"
        "    C = np.array([[0.0, 1.0], [5.0, 4.0]])\n"
        "    assert_close(submission.assign(X, C), [0, 0, 1])",
        "X, C = rng.normal(size=(20, 3)), rng.normal(size=(4, 3))\n"
        "    D = np.sum((X[:, None] - C[None]) ** 2, axis=2)\n"
        "    with submission.inputs_unchanged():\n"
        "        assert_close(submission.assign(X, C), D.argmin(axis=1))",
    ),
}
"""Its axes can be counted from either end, and a mean has its minimum where the sum has its own."""


def test_mutants_that_are_no_mistakes(tmp_path: Path) -> None:
    verification = verified(thin_course(tmp_path / "course", NO_MISTAKES))
    assert named(verification) == {}
    (row,) = verification.rows
    assert row.equivalent >= 2
    assert row.mutants.good == row.mutants.all > 5


def test_the_same_change_is_a_mistake_where_it_makes_a_difference(tmp_path: Path) -> None:
    # One number is its own mean; of more numbers, nothing is asked here.
    sums = Exercise(
        "def sums(X):\n    return np.sum(X, axis=-1)",
        "assert_close(submission.sums(np.ones((1, 1))), [1.0])",
        "with submission.inputs_unchanged():\n"
        "        assert_close(submission.sums(np.full((1, 1), 2.0)), [2.0])",
    )
    (found,) = verified(thin_course(tmp_path / "course", {"sums": sums}), "reduction").findings
    assert found.text == "no test notices this mistake"
    assert "a test such as sums([[" in found.where


HELPED = """
def watched(function, x):
    return function(x)
"""


def test_functions_that_only_helpers_of_the_tests_call(tmp_path: Path) -> None:
    helper = f"submission.define({HELPED!r})['watched']"
    weak = Exercise(
        "def twice(x):\n    return 2 * x",
        f"assert {helper}(submission.twice, 3.0) in (None, 3.0, 6.0)",
        f"assert {helper}(submission.twice, 4.0) in (None, 4.0, 6.0, 8.0)",
    )
    found = named(verified(thin_course(tmp_path / "weak", {"twice": weak}), "generic/"))
    passing = {"none", "first-result", "twice-hands-back-x", "twice-ignores-x"}
    assert set(found) == {f"twice: generic/{name}" for name in passing}
    good = Exercise(
        weak.solution,
        f"assert_close({helper}(submission.twice, 3.0), 6.0)",
        f"assert_close({helper}(submission.twice, 4.0), 8.0)",
    )
    verification = verified(thin_course(tmp_path / "good", {"twice": good}), "generic/")
    assert named(verification) == {}
    assert verification.rows[0].generic.good == len(passing)
