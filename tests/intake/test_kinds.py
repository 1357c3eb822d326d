"""The kinds of repair, and how they are told."""

from __future__ import annotations

import pytest

from fairmark.harness.report import Repair
from fairmark.intake.kinds import RepairKind, heading


def test_each_kind_has_a_heading_of_its_own() -> None:
    headings = [kind.heading for kind in RepairKind]
    assert len(set(headings)) == len(headings)
    assert not any("{" in text or "}" in text for text in headings)
    assert len({kind.id for kind in RepairKind}) == len(headings)


@pytest.mark.parametrize(
    ("repair", "told", "expected"),
    [
        (
            RepairKind.ANSWER_ELSEWHERE.of("mean"),
            Repair("answer-elsewhere", "mean", "The answer to mean was found in another cell."),
            "The answer to … was found in another cell.",
        ),
        (
            RepairKind.OTHER_NAME.of(name="a; b{cell}.ipynb", expected="t.ipynb"),
            Repair(
                "other-name", "", "The notebook was called a; b{cell}.ipynb; t.ipynb was expected."
            ),
            "The notebook had another name than was expected.",
        ),
        (
            RepairKind.MARK_CHANGED.of("mean", fields="grade, points"),
            Repair("mark-changed", "mean", "The mark of the cell mean was changed: grade, points."),
            "The mark of the cell … was changed.",
        ),
        (
            RepairKind.SETUP_MISSING.of(start="'<b>\"'"),
            Repair("setup-missing", "", "The cell that starts with '<b>\"' was put back."),
            "The cell that starts with … was put back.",
        ),
    ],
)
def test_a_repair_is_told(repair: Repair, told: Repair, expected: str) -> None:
    assert repair == told
    assert heading(repair) == expected


def test_a_repair_of_no_known_kind_is_told_by_its_sentence() -> None:
    assert heading(Repair("", "", "The cell mean was put back.")) == "The cell mean was put back."
