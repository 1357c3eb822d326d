"""The time that a question's calls may take."""

from __future__ import annotations

from dataclasses import dataclass

from fairmark.sandbox import Limits
from fairmark.sandbox.countdown import is_crowded


@dataclass
class Budget:
    """The time that running a notebook's cells may still take, counted as a question's is."""

    left: float
    crowded: bool = False
    """Whether a cell ran out of time that had to wait for other work of the machine."""


class Clock:
    """Counts the time of each question's calls, and tells how much of it is left.

    It is the time of the student's process, as its countdowns tell it.
    """

    def __init__(self, limits: Limits) -> None:
        self._call_seconds = limits.call_seconds
        self._question_seconds = limits.question_seconds
        self._used: dict[str, float] = {}
        self._waited: dict[str, float] = {}
        self._functions: dict[str, float] = {}

    def seconds_left(self, question: str) -> float:
        """Return how long the next call of this question may take; none where it is not above 0."""
        left = self._question_seconds - self._used.get(question, 0.0)
        return min(self._call_seconds, left)

    def count(self, question: str, used: float, waited: float = 0.0) -> None:
        """Count time against a question; what was ``waited`` beside it is noted only."""
        self._used[question] = self._used.get(question, 0.0) + used
        self._waited[question] = self._waited.get(question, 0.0) + waited

    def count_function(self, question: str, processor_seconds: float) -> bool:
        """Count what a test's own function has taken that an answer has called.

        Return whether such functions may take more: an answer may call them without end, at next to
        no cost of its own. They may take as much as the question's calls, by themselves.
        """
        taken = self._functions.get(question, 0.0) + processor_seconds
        self._functions[question] = taken
        return taken < self._question_seconds

    def is_crowded(self, question: str) -> bool:
        """Whether the question's calls had to wait for other work of the machine."""
        return is_crowded(self._used.get(question, 0.0), self._waited.get(question, 0.0))

    def limit_hit(self, seconds: float) -> str:
        """Say which limit a call has hit that was given these seconds."""
        if seconds >= self._call_seconds:
            return f"Your code did not answer within {self._call_seconds:g} seconds."
        return (
            "Your code did not end in time: "
            f"all tests of this question together may take {self._question_seconds:g} seconds."
        )
