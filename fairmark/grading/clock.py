"""The time that a question's calls may take."""

from __future__ import annotations

from fairmark.sandbox.limits import Limits


class Clock:
    """Counts the time of each question's calls, and tells how much of it is left."""

    def __init__(self, limits: Limits) -> None:
        self._call_seconds = limits.call_seconds
        self._question_seconds = limits.question_seconds
        self._used: dict[str, float] = {}

    def seconds_left(self, question: str) -> float:
        """Return how long the next call of this question may take; none where it is not above 0."""
        left = self._question_seconds - self._used.get(question, 0.0)
        return min(self._call_seconds, left)

    def count(self, question: str, seconds: float) -> None:
        """Count time against a question."""
        self._used[question] = self._used.get(question, 0.0) + seconds

    def limit_hit(self, seconds: float) -> str:
        """Say which limit a call has hit that was given these seconds."""
        if seconds >= self._call_seconds:
            return f"Your code did not answer within {self._call_seconds:g} seconds."
        return (
            "Your code did not end in time: "
            f"all tests of this question together may take {self._question_seconds:g} seconds."
        )
