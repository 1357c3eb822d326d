"""Error carried forward, with real notebooks in the real sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from fairmark.course.course import Assignment
from fairmark.grading.grade import grade
from fairmark.grading.judge import Judge, Verdict
from fairmark.harness.report import Report
from fairmark.sandbox import Sandbox
from tests.tiny import RIGHT, answer

WRONG_DOUBLE = "def double(x):\n    return 3 * np.asarray(x)"
MEAN_BY_DOUBLE = "def mean(x):\n    return double(float(sum(x))) / 2 / len(x)"


def graded(tiny: Assignment, sandbox: Sandbox, answers: dict[str, str]) -> Report:
    return grade(answer(tiny, answers), tiny, sandbox)


def test_an_earlier_mistake_costs_nothing_later(tiny: Assignment, sandbox: Sandbox) -> None:
    report = graded(tiny, sandbox, {"double": WRONG_DOUBLE, "mean": MEAN_BY_DOUBLE})
    assert report.question("double").score == 0
    mean = report.question("mean")
    assert mean.score == 3
    assert mean.status == "graded"
    assert "double" in mean.note
    assert all(test.passed and not test.message for test in mean.tests)


def test_a_later_mistake_still_costs(tiny: Assignment, sandbox: Sandbox) -> None:
    wrong = MEAN_BY_DOUBLE.replace("len(x)", "(len(x) - 1)")
    for double in (WRONG_DOUBLE, RIGHT["double"]):
        report = graded(tiny, sandbox, {"double": double, "mean": wrong})
        assert report.question("mean").score == 0


def test_own_conventions_count(tiny: Assignment, sandbox: Sandbox) -> None:
    """An answer that makes up for the earlier mistake is right as it is."""
    mean = "def mean(x):\n    return double(float(sum(x))) / 3 / len(x)"
    report = graded(tiny, sandbox, {"double": WRONG_DOUBLE, "mean": mean})
    assert report.question("mean").score == 3
    assert report.question("mean").note == ""


def test_missing_answers_are_supplied_and_get_nothing(tiny: Assignment, sandbox: Sandbox) -> None:
    report = graded(tiny, sandbox, {"mean": MEAN_BY_DOUBLE})
    assert report.question("double").status == "missing"
    assert report.question("mean").score == 3
    report = graded(tiny, sandbox, {"double": WRONG_DOUBLE})
    assert report.question("mean").status == "missing"
    assert report.question("mean").score == 0


def test_a_helper_between_is_seen(tiny: Assignment, sandbox: Sandbox) -> None:
    notebook = answer(
        tiny,
        {"double": WRONG_DOUBLE, "mean": "def mean(x):\n    return half_sum(x) * 2 / len(x)"},
    )
    notebook.cells[1].source += "\ndef half_sum(x):\n    return double(float(sum(x))) / 4"
    report = grade(notebook, tiny, sandbox)
    assert report.question("mean").score == 3


@pytest.mark.parametrize(
    "mean",
    [
        "raise ValueError(repr(double.__code__.co_consts) + repr(double.__code__.co_names))",
        "return repr(double.__code__.co_names)",
        "print(double.__code__.co_names); open('kept', 'w').write('x'); return 0",
    ],
)
def test_what_is_supplied_is_not_told(tiny: Assignment, sandbox: Sandbox, mean: str) -> None:
    """The instructor's ``double`` uses asarray, which the student's does not."""
    answers = {"double": "def double(x):\n    return 3 * x", "mean": f"def mean(x):\n    {mean}"}
    report = graded(tiny, sandbox, answers)
    assert "asarray" not in str(report)
    assert report.score == 0


@pytest.fixture
def judged_again(monkeypatch: pytest.MonkeyPatch) -> list[Verdict]:
    """What came of second judgements."""
    verdicts: list[Verdict] = []
    run = Judge.run

    def noted(self: Judge, assignment: Assignment, **options: Any) -> Verdict:
        verdict = run(self, assignment, **options)
        if options.get("overrides"):
            verdicts.append(verdict)
        return verdict

    monkeypatch.setattr(Judge, "run", noted)
    return verdicts


@pytest.mark.parametrize(
    ("mean", "is_use"),
    [
        ("double = 2\n    return sum(x) / len(x) / double", False),
        ('"""It is no double()."""\n    return 0  # double', False),
        ("return np.double(0)", False),
        ("return eval('double(0)')", True),
        ("return 0\n\n%time double(0)", True),
    ],
)
def test_only_what_code_uses_is_a_use(
    tiny: Assignment,
    sandbox: Sandbox,
    judged_again: list[Verdict],
    mean: str,
    is_use: bool,
) -> None:
    report = graded(tiny, sandbox, {"double": WRONG_DOUBLE, "mean": f"def mean(x):\n    {mean}"})
    assert report.score == 0
    assert len(judged_again) == is_use


@pytest.mark.parametrize(("wrong_for", "score", "judged"), [(3, 1.5, 1), (17, 1.5, 2)])
def test_it_is_judged_again_as_long_as_that_can_give_more(
    tiny: Assignment,
    sandbox: Sandbox,
    judged_again: list[Verdict],
    wrong_for: int,
    score: float,
    judged: int,
) -> None:
    """Three numbers come before seventeen: where they fail again, nothing more is to be had."""
    mean = f"double(0)\n    return -9 if len(x) == {wrong_for} else sum(x) / len(x)"
    report = graded(tiny, sandbox, {"double": WRONG_DOUBLE, "mean": f"def mean(x):\n    {mean}"})
    question = report.question("mean")
    assert question.score == score and question.note == ""
    assert [len(verdict.tests["mean"]) for verdict in judged_again] == [judged]
    assert any(test.message for test in question.tests)


SLOW_DOUBLE = "import time\n\n\ndef double(x):\n    time.sleep(0.8)\n    return 2 * np.asarray(x)"
MEAN_BY_FOUR = "def mean(x):\n    return double(double(double(double(sum(x))))) / 16 / len(x)"


def test_an_earlier_answer_that_is_right_but_slow_costs_nothing_later(
    tiny: Assignment, sandbox: Sandbox
) -> None:
    report = graded(tiny, sandbox, {"double": SLOW_DOUBLE, "mean": MEAN_BY_FOUR})
    assert report.question("double").score == 2
    mean = report.question("mean")
    assert mean.score == 3
    assert mean.status == "graded"
    assert "double" in mean.note


def test_an_answer_that_is_slow_itself_still_costs(tiny: Assignment, sandbox: Sandbox) -> None:
    slow = (
        "import time\n\n\ndef mean(x):\n    time.sleep(9)\n    return double(sum(x)) / 2 / len(x)"
    )
    report = graded(tiny, sandbox, {"double": RIGHT["double"], "mean": slow})
    assert report.question("double").score == 2
    assert report.question("mean").score == 0
    assert report.question("mean").status == "timeout"
