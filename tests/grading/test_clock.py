"""The time of a question's calls."""

from __future__ import annotations

from fairmark.grading.clock import Clock
from fairmark.sandbox import Limits

LIMITS = Limits(call_seconds=2.0, question_seconds=5.0)


def test_a_question_uses_up_its_own_time() -> None:
    clock = Clock(LIMITS)
    assert clock.seconds_left("double") == 2.0
    clock.count("double", 1.0)
    clock.count("double", 2.5)
    assert clock.seconds_left("double") == 1.5
    assert clock.seconds_left("mean") == 2.0
    clock.count("double", 9.0)
    assert clock.seconds_left("double") < 0


def test_the_limit_that_was_hit_is_named() -> None:
    clock = Clock(LIMITS)
    assert clock.limit_hit(2.0) == "Your code did not answer within 2 seconds."
    assert clock.limit_hit(1.5).endswith("all tests of this question together may take 5 seconds.")
