"""Reports as JSON: what was written is read again, and nothing else is."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest

from fairmark.harness.report import QuestionResult, Repair, Report, TestResult, share_earned

REPORT = Report(
    "tiny.ipynb",
    "tiny",
    (
        QuestionResult(
            "mean",
            1.5,
            3.0,
            "graded",
            (TestResult("test_a", "A.", False, 1.0, False, expected="3", lesson="Divide."),),
        ),
        QuestionResult("essay", None, 4, "manual"),
    ),
    (
        Repair("missing", "mean", "The cell mean was put back."),
        Repair("other-order", "", "The order was another one."),
    ),
    forgeable=True,
)


def test_what_was_written_is_read_again() -> None:
    for report in (REPORT, Report("x.ipynb", None, error="it is no notebook")):
        assert Report.from_json(json.loads(json.dumps(report.to_stored_json()))) == report
        assert Report.from_json(report.to_stored_json()) == report


def test_what_is_stored_only_is_not_printed_and_repairs_are_told_in_sentences() -> None:
    printed = REPORT.to_json()
    sentences = ["The cell mean was put back.", "The order was another one."]
    assert printed["repairs"] == sentences
    assert REPORT.to_stored_json().keys() - printed.keys() == {"repair_records", "unseen"}
    # Reports of older versions are like that.
    read = Report.from_json(printed)
    assert read.repairs == tuple(Repair("", "", text) for text in sentences)
    assert replace(read, repairs=REPORT.repairs) == REPORT


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ((), None),
        ((), []),
        ((), "report"),
        (("notebook",), None),
        (("assignment",), 7),
        (("error",), ["no"]),
        (("forgeable",), "yes"),
        (("repairs",), "abc"),
        (("repairs", 0), {"a": 1}),
        (("repairs", 0), "The cell mean was taken away."),
        (("repairs",), []),
        (("repair_records",), None),
        (("repair_records",), []),
        (("repair_records",), {}),
        (("repair_records", 0), "The cell mean was put back."),
        (("repair_records", 0), {}),
        (("repair_records", 0, "kind"), None),
        (("repair_records", 0, "cell"), ["mean"]),
        (("repair_records", 0, "text"), "The cell mean was taken away."),
        (("repair_records", 0, "extra"), "x"),
        (("questions",), {}),
        (("questions", 0), None),
        (("questions", 0), []),
        (("questions", 0, "id"), ["mean"]),
        (("questions", 0, "score"), "1.5"),
        (("questions", 0, "score"), True),
        (("questions", 0, "score"), float("nan")),
        (("questions", 0, "max_score"), float("inf")),
        (("questions", 0, "max_score"), 10**400),
        (("questions", 0, "max_score"), None),
        (("questions", 0, "status"), "perfect"),
        (("questions", 0, "status"), ["graded"]),
        (("questions", 0, "tests"), None),
        (("questions", 0, "tests", 0), 1),
        (("questions", 0, "tests", 0, "passed"), 1),
        (("questions", 0, "tests", 0, "message"), {"text": "x"}),
        (("questions", 0, "tests", 0, "weight"), "heavy"),
        (("questions", 0, "tests", 0, "extra"), "x"),
    ],
)
def test_other_types_are_refused(place: tuple[Any, ...], value: Any) -> None:
    data: Any = {"report": json.loads(json.dumps(REPORT.to_stored_json()))}
    *way, last = "report", *place
    inner = data
    for step in way:
        inner = inner[step]
    inner[last] = value
    with pytest.raises(ValueError, match=r"is no |has other fields|in two ways"):
        Report.from_json(data["report"])


def test_what_is_missing_is_refused() -> None:
    whole = REPORT.to_json()
    for name in ("notebook", "assignment"):
        with pytest.raises(ValueError, match="has other fields than a Report"):
            Report.from_json({key: value for key, value in whole.items() if key != name})
    data = copy.deepcopy(whole)
    del data["questions"][0]["tests"][0]["weight"]
    with pytest.raises(ValueError, match="has other fields than a TestResult"):
        Report.from_json(data)


def test_the_share_that_tests_earn() -> None:
    test = TestResult("a", "", False, 1.0, True)
    failed, heavy = replace(test, passed=False), replace(test, weight=2.0)
    one, other = replace(test, together="A"), replace(failed, together="A")
    assert share_earned([]) == 0.0
    assert share_earned([test, failed, heavy]) == 0.75
    assert share_earned([one, other]) == 0.0
    assert share_earned([one, other, heavy]) == 0.5
    assert share_earned([one, replace(one, weight=3.0)]) == 1.0


def test_which_marks_can_be_forged() -> None:
    judged = QuestionResult("a", 1.0, 1.0, "graded")
    left, by_hand = replace(judged, id="b", forgeable=True), QuestionResult("c", None, 1, "manual")
    report = Report("x", "x", (judged, left, by_hand), forgeable=True)
    assert (report.forgeable_questions, report.is_forgeable_as_a_whole) == (("b",), False)
    report = replace(report, questions=(left, by_hand))
    assert (report.forgeable_questions, report.is_forgeable_as_a_whole) == (("b",), True)
    # An older version said it of the whole only.
    data = replace(report, questions=(judged, by_hand)).to_stored_json()
    for question in data["questions"]:
        del question["forgeable"]
    assert Report.from_json(data).forgeable_questions == ("a",)
    assert Report.from_json(data).is_forgeable_as_a_whole
    report = Report("x", "x", (judged, by_hand))
    assert (report.forgeable_questions, report.is_forgeable_as_a_whole) == ((), False)
