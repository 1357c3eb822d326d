"""Outcomes of cases, as they are kept."""

from __future__ import annotations

import json

from fairmark.harness.observe import Observation
from fairmark.verify.tester import CaseOutcome
from fairmark.verify.trials import Trial

TRIAL = Trial(
    passed={"a": False},
    weights={"a": 1.0},
    messages={"a": "another value was expected"},
    times={"a": 0.25},
    observations={"a": [Observation("f", "ok", ["array", [], [1.0]])]},
    visible=["a"],
)
KEPT = (
    '{"problem": "", "trial": {"passed": {"a": false}, "weights": {"a": 1.0}, '
    '"messages": {"a": "another value was expected"}, "times": {"a": 0.25}, '
    '"observations": {"a": [["f", "ok", ["array", [], [1.0]]]]}, "visible": ["a"], '
    '"error": "", "seconds": 0.0}, "seconds": 1.5}'
)


def test_the_form_in_which_outcomes_are_kept() -> None:
    outcome = CaseOutcome("", 1.5, TRIAL)
    assert json.dumps(outcome.to_json()) == KEPT
    assert CaseOutcome.from_json(json.loads(KEPT)) == outcome
    without = CaseOutcome("a wrong answer gets full points", 0.5)
    assert without.to_json() == {"problem": without.problem, "seconds": 0.5}
    assert CaseOutcome.from_json(without.to_json()) == without
