"""Diagnosis: which known mistake a failing answer agrees with on the inputs of the tests.

The *lessons* of an assignment record what each test saw of its misconceptions when the graders were
verified. A mistake is named only where a test saw exactly the same of the answer, from first call
to last, and no other test of the question contradicts it. Where right answers differ, as an image
that evolves does with the optimiser, the numbers in which they do are left out of account: then
others have to show the mistake, which no right answer gives.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from fairmark.harness.freedom import contradicts, unusual
from fairmark.harness.observe import Observation, is_telling, same_course, says_nothing
from fairmark.harness.report import TestResult

RECORD, LESSONS = "verified.json", "lessons.json"
"""The files with the lessons: beside the graders, and beside ``checks.py`` in the release."""

Seen = Mapping[str, Sequence[Observation]]
"""What each test saw of an answer, by the test's key."""

_TELLING_NUMBERS = 3
"""So many numbers that no right answer gives are no coincidence."""


@dataclass(frozen=True)
class Lesson:
    """One misconception of one question, and what the question's tests saw of it."""

    name: str
    sentence: str
    functions: tuple[str, ...]
    """The functions of the answer that the misconception gets wrong."""
    failed: tuple[str, ...]
    """The keys of the tests that it fails."""
    seen: dict[str, list[Observation]]
    free: dict[str, list[str]] = field(default_factory=dict)
    """The marks of ``seen``, by test; empty where right answers are all alike."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` wrote.

        Raise KeyError, TypeError or ValueError for anything else.
        """
        names = {field: tuple(data[field]) for field in ("functions", "failed")}
        free = {str(key): _marks(marks) for key, marks in data.get("free", {}).items()}
        return cls(**{**data, **names, "seen": seen_from_json(data["seen"]), "free": free})

    def to_json(self) -> dict[str, Any]:
        """The lesson as JSON-able data."""
        data = {**asdict(self), "seen": seen_to_json(self.seen)}
        return data if self.free else {key: data[key] for key in data if key != "free"}

    def fits(self, key: str, seen: Seen, *, but_for_errors: bool = False) -> bool:
        """Whether a failing test saw the same, and no other test contradicts the lesson.

        An error that any slip can cause, such as a misspelt name, is no sign of a mistake.
        ``but_for_errors`` lets an answer raise an error in other tests: then it has a second
        mistake. What the failing test saw must be telling by itself.
        """
        if key not in self.failed or not same_course(seen[key], self.seen[key]):
            return False
        if self.seen[key] and says_nothing(self.seen[key][-1]):
            return False
        if but_for_errors and not is_telling(self.seen[key], self.functions):
            return False
        return not any(
            self._contradicts(seen[other], self.seen[other], but_for_errors)
            for other in seen
            if other in self.seen
        )

    def _contradicts(
        self, seen: Sequence[Observation], mine: Sequence[Observation], but_for_errors: bool
    ) -> bool:
        """Whether the first difference is in the functions that the misconception gets wrong.

        Other functions of the answer may be wrong too. After the first difference that they make,
        the observations cannot be compared.
        """
        for theirs, ours in zip(seen, mine, strict=False):
            if theirs.target != ours.target:
                return False
            if not theirs.agrees(ours):
                if but_for_errors and theirs.outcome == "error" and ours.outcome == "ok":
                    return False
                return theirs.target == "" or theirs.target in self.functions
        return False

    def fits_freely(self, key: str, seen: Seen, failed: Collection[str]) -> bool:
        """Whether a failing test saw the same, and other tests differ in what is free at most.

        The same tests fail. What this one saw must be telling by itself: it holds numbers that no
        right answer gives.
        """
        if not self.free or key not in failed or set(failed) != set(self.failed) & seen.keys():
            return False
        if not same_course(seen[key], self.seen[key]):
            return False
        if len(unusual(self.seen[key], self.free[key], self.functions)) < _TELLING_NUMBERS:
            return False
        return not any(
            contradicts(seen[other], self.seen[other], self.free[other], self.functions)
            for other in seen
            if other in self.free
        )

    def only(self, keys: set[str]) -> Lesson:
        """Return the lesson with these tests only."""
        return replace(
            self,
            failed=tuple(key for key in self.failed if key in keys),
            seen={key: seen for key, seen in self.seen.items() if key in keys},
            free={key: marks for key, marks in self.free.items() if key in keys},
        )


@dataclass(frozen=True)
class Lessons:
    """The lessons of an assignment, by question."""

    by_question: Mapping[str, Sequence[Lesson]]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` wrote.

        Raise KeyError, TypeError or ValueError for anything else.
        """
        return cls(
            {
                question: [Lesson.from_json(lesson) for lesson in lessons]
                for question, lessons in data.items()
            }
        )

    def to_json(self) -> dict[str, Any]:
        """The lessons as JSON-able data."""
        return {
            question: [lesson.to_json() for lesson in lessons]
            for question, lessons in self.by_question.items()
        }

    def only(self, keys: Mapping[str, set[str]]) -> Lessons:
        """Return the lessons with these tests (by question) only."""
        kept = {
            question: [lesson.only(keys.get(question, set())) for lesson in lessons]
            for question, lessons in self.by_question.items()
        }
        return Lessons({q: [one for one in some if one.failed] for q, some in kept.items()})

    def diagnose(
        self, question: str, tests: Sequence[TestResult], seen: Seen
    ) -> tuple[TestResult, ...]:
        """Return a question's results, with the mistake named in each test that exactly one fits.

        ``seen`` has the tests' keys in the order of ``tests``.
        """
        failed = [key for key, test in zip(seen, tests, strict=True) if not test.passed]
        return tuple(
            self._explained(question, test, key, seen, failed)
            for key, test in zip(seen, tests, strict=True)
        )

    def _explained(
        self, question: str, test: TestResult, key: str, seen: Seen, failed: Sequence[str]
    ) -> TestResult:
        if test.passed:
            return test
        known = self.by_question.get(question, ())
        fitting = [one for one in known if one.fits(key, seen)]
        fitting = fitting or [one for one in known if one.fits(key, seen, but_for_errors=True)]
        fitting = fitting or [one for one in known if one.fits_freely(key, seen, failed)]
        if len(fitting) != 1:
            return test
        return replace(test, misconception=fitting[0].name, lesson=fitting[0].sentence)


def alike(lessons: Sequence[Lesson]) -> Iterator[tuple[Lesson, Lesson]]:
    """Yield the pairs of lessons that no test tells apart."""
    for number, first in enumerate(lessons):
        for second in lessons[:number]:
            if first.seen.keys() == second.seen.keys() and all(
                same_course(first.seen[key], second.seen[key]) for key in first.seen
            ):
                yield second, first


def seen_from_json(data: Mapping[str, Any]) -> dict[str, list[Observation]]:
    """Read what :func:`seen_to_json` wrote; raise TypeError or ValueError for anything else."""
    return {key: [Observation.from_json(one) for one in seen] for key, seen in data.items()}


def seen_to_json(seen: Seen) -> dict[str, list[Any]]:
    """Return what tests saw as JSON-able data."""
    return {key: [one.to_json() for one in some] for key, some in seen.items()}


def _marks(data: Any) -> list[str]:
    if type(data) is not list or any(type(some) is not str for some in data):
        raise TypeError("marks are a list of texts")
    return data


def read_lessons(path: Path) -> Lessons:
    """Return the lessons in a file; none when there is no readable file."""
    try:
        return Lessons.from_json(json.loads(path.read_text("utf-8"))["lessons"])
    except (OSError, ValueError, KeyError, TypeError):
        return Lessons({})
