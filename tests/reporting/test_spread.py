"""The spread of a class: of enough students only, without anybody's own points."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from fairmark.reporting.spread import FEWEST, figure, spread_of


def test_a_small_class_has_none() -> None:
    assert spread_of([3.0] * (FEWEST - 1)) is None
    assert spread_of([3.0] * FEWEST) is not None


def test_the_best_and_the_worst_do_not_show() -> None:
    spread = spread_of([0.5, *[10.0 + number for number in range(18)], 30.0])
    assert spread is not None
    svg = figure(spread, None, 30.0)
    assert "0.5" not in svg
    assert spread.low > 9
    assert spread.high < 29
    assert spread.sentence == (
        "The middle half of 20 students has 13.8 to 23.2 points; half has 18.5 or more."
    )


@pytest.mark.parametrize("own", [None, 0.0, 12.5, 40.0])
def test_the_figure_is_well_formed_and_says_itself_in_words(own: float | None) -> None:
    spread = spread_of([float(number) for number in range(20)])
    assert spread is not None
    root = ET.fromstring(figure(spread, own, 20.0))
    assert root.get("role") == "img"
    label = root.get("aria-label") or ""
    assert ("You have" in label) == (own is not None)
    for line in root.iter("line"):
        assert 0 <= float(line.get("x1", "-1")) <= float(line.get("x2", "-1")) <= 300


def test_no_points_no_figure() -> None:
    spread = spread_of([0.0] * 12)
    assert spread is not None
    assert figure(spread, 0.0, 0.0) == ""
