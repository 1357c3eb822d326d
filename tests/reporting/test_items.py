"""Item statistics, compared with a computation of their own kind, and where there is none."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from fairmark.reporting.items import (
    FEWEST,
    FEWEST_FLAGGED,
    Item,
    groups,
    interval,
    statistics_of,
    suspicion,
)

NUMBER = 40
WEIGHTS = (1.0, 2.0, 0.5, 3.0)


def students(number: int) -> list[str]:
    return [f"s{place}" for place in range(number)]


def items(columns: Iterable[Sequence[float | None]], weights: Sequence[float]) -> list[Item]:
    """The items of a table, a column each; None is no mark."""
    return [
        Item(
            f"item{place}",
            weight,
            {f"s{row}": share for row, share in enumerate(column) if share is not None},
        )
        for place, (column, weight) in enumerate(zip(columns, weights, strict=True))
    ]


@pytest.fixture
def table() -> list[list[float]]:
    """A class of various ability in four items, the third of which is passed or failed."""
    rng = np.random.default_rng(7)
    ability = rng.normal(size=NUMBER)
    columns = []
    for place in range(4):
        shares = 1 / (1 + np.exp(-(ability * (place + 0.5) + rng.normal(size=NUMBER))))
        columns.append([float(share) for share in (shares.round() if place == 2 else shares)])
    return columns


def test_difficulty_and_corrected_correlation(table: list[list[float]]) -> None:
    found = statistics_of(items(table, WEIGHTS), students(NUMBER))
    for place, one in enumerate(found):
        rest = [
            sum(WEIGHTS[j] * table[j][row] for j in range(4) if j != place) for row in range(NUMBER)
        ]
        assert one.difficulty == pytest.approx(statistics.fmean(table[place]))
        assert one.discrimination == pytest.approx(statistics.correlation(table[place], rest))
        by_numpy = np.corrcoef(table[place], rest)[0, 1]
        assert one.discrimination == pytest.approx(by_numpy)
        whole = [
            sum(w * column[row] for w, column in zip(WEIGHTS, table, strict=True))
            for row in range(NUMBER)
        ]
        # Without the correction it would be larger: an item correlates with itself.
        assert one.discrimination is not None
        assert one.discrimination < statistics.correlation(table[place], whole)


def test_groups_of_27_per_cent(table: list[list[float]]) -> None:
    found = statistics_of(items(table, WEIGHTS), students(NUMBER))
    for place, one in enumerate(found):
        rest = [
            sum(WEIGHTS[j] * table[j][row] for j in range(4) if j != place) for row in range(NUMBER)
        ]
        order = sorted(range(NUMBER), key=lambda row: rest[row])
        assert one.group == 11
        assert one.lower == pytest.approx(statistics.fmean(table[place][r] for r in order[:11]))
        assert one.upper == pytest.approx(statistics.fmean(table[place][r] for r in order[-11:]))


def test_ties_belong_to_the_group_or_there_is_none() -> None:
    upper, lower = groups(np.array([0.0, 0, 0, 0, 1, 2, 3, 4, 5, 5]))
    assert (upper.tolist(), lower.tolist()) == ([7, 8, 9], [0, 1, 2, 3])
    upper, lower = groups(np.array([1.0] * 9 + [2.0]))
    assert (upper.tolist(), lower.tolist()) == ([], [])


def test_the_interval_is_fishers() -> None:
    """r = 0.5 of 28 pairs: z is 0.5493 and its standard error 1/5."""
    low, high = interval(0.5, 28)
    assert low == pytest.approx(math.tanh(0.549306 - 0.392), abs=1e-4)
    assert high == pytest.approx(math.tanh(0.549306 + 0.392), abs=1e-4)
    assert interval(1.0, 50) == (1.0, 1.0)


def test_constant_items_have_none(table: list[list[float]]) -> None:
    table[1] = [1.0] * NUMBER
    found = statistics_of(items(table, WEIGHTS), students(NUMBER))
    assert (found[1].difficulty, found[1].discrimination) == (1.0, None)
    assert found[1].why == "all have the same points"
    assert found[0].discrimination is not None
    alone = statistics_of(items((table[0], [0.5] * NUMBER), (1, 1)), students(NUMBER))
    assert alone[0].why == "all have the same points elsewhere"
    # A third is no number that sums without an error.
    nearly = statistics_of(items((table[0], [1 / 3] * NUMBER), (0.7, 0.1)), students(NUMBER))
    assert nearly[0].discrimination is None


def test_one_item_has_nothing_to_be_compared_with(table: list[list[float]]) -> None:
    (found,) = statistics_of(items(table[:1], (2,)), students(NUMBER))
    assert (found.discrimination, found.why) == (None, "there is no other to compare with")


def test_an_item_that_waits_for_marks_is_in_no_total(table: list[list[float]]) -> None:
    """Its own statistics are those of the marked; the others' are as if it were not there."""
    waiting: list[Sequence[float | None]] = [*table]
    waiting[3] = [share if row >= 15 else None for row, share in enumerate(table[3])]
    found = statistics_of(items(waiting, WEIGHTS), students(NUMBER))
    without = statistics_of(items(table[:3], WEIGHTS[:3]), students(NUMBER))
    for one, other in zip(found, without, strict=False):
        assert one.discrimination == pytest.approx(other.discrimination)
    rest = [sum(WEIGHTS[j] * table[j][row] for j in range(3)) for row in range(15, NUMBER)]
    assert found[3].students == NUMBER - 15
    assert found[3].discrimination == pytest.approx(statistics.correlation(table[3][15:], rest))


@pytest.mark.parametrize("number", [0, 1, FEWEST - 1])
def test_few_students_tell_nothing(table: list[list[float]], number: int) -> None:
    columns = [column[:number] for column in table]
    for one in statistics_of(items(columns, WEIGHTS), students(number)):
        assert one.discrimination is None
        assert f"fewer than {FEWEST}" in one.why
        assert math.isnan(one.difficulty) == (number == 0)


def ranked(number: int, last: Sequence[float]) -> list[Item]:
    """Two items in which students are ever stronger, and another one."""
    rise = [row / (number - 1) for row in range(number)]
    return items((rise, rise, last), (1, 1, 1))


def test_an_item_that_the_strong_fail_is_suspicious() -> None:
    number = 30
    falling = [1.0] * 20 + [0.0] * 10
    *_, found = statistics_of(ranked(number, falling), students(number))
    assert suspicion(found, "test").startswith(
        "Strong students do worse in this test than weak ones: the best 27% of the class in all "
        "else have 0% of its points, the weakest 100%."
    )
    few = FEWEST_FLAGGED - 1
    *_, found = statistics_of(ranked(few, falling[: few - 8] + [0.0] * 8), students(few))
    assert found.discrimination is not None
    assert found.discrimination < -0.5
    assert suspicion(found, "test") == ""


def test_an_item_that_says_nothing_is_suspicious_in_a_large_class_only() -> None:
    """By chance, a good item may correlate as little among few students."""
    for number, expected in ((24, ""), (400, "its correlation with all else is -0.0")):
        alternating = [float(row % 2 == 0) for row in range(number)]
        *_, found = statistics_of(ranked(number, alternating), students(number))
        assert abs(found.discrimination or 0.0) < 0.1
        assert expected in suspicion(found, "question")
        assert bool(suspicion(found, "question")) is bool(expected)


def test_one_slip_of_a_strong_student_is_no_suspicion() -> None:
    shares = [1.0] * 29 + [0.0]
    *_, found = statistics_of(ranked(30, shares), students(30))
    assert found.discrimination is not None
    assert found.discrimination < 0
    assert suspicion(found, "test") == ""
