"""What another grading would change of a mark, and by which test: plain data, to be shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fairmark.harness.report import QuestionResult, TestResult
from fairmark.intake.handins import SubmittedNotebook
from fairmark.record.gradebook import SAME_SCORE
from fairmark.text import points

_WAITS = "to be marked by hand"


@dataclass(frozen=True)
class TestChange:
    """One test whose outcome or weight would be another one."""

    __test__ = False  # not a test class of pytest's

    name: str
    hidden: bool
    before: bool | None
    """Whether the answer passed it; None where the test was not there."""
    after: bool | None
    """Whether the answer passes it now; None where the test is gone."""
    weight_before: float | None = None
    weight_after: float | None = None
    message: str = ""
    """What a test says that fails now."""

    @property
    def text(self) -> str:
        """The change in words."""
        if self.after is None:
            said = f"is gone, and was {'passed' if self.before else 'failed'}"
        elif self.before is None:
            said = f"is new, and {'passes' if self.after else 'fails'}"
        elif self.before != self.after:
            said = "now passes" if self.after else "now fails"
        else:
            said = f"weighs {self.weight_after:g}, not {self.weight_before:g}"
        return f"{self.name.removeprefix('test_')}{' (hidden)' if self.hidden else ''} {said}"


@dataclass(frozen=True)
class QuestionChange:
    """One question, before and after."""

    question: str
    before: float | None
    """The points in the gradebook; None where a person still has to mark."""
    after: float | None
    max_before: float
    max_after: float
    by_hand: bool = False
    """A person has given the points: they stay."""
    kept: bool = False
    """The tests would now give less, and only rises are to be recorded."""
    tests: tuple[TestChange, ...] = ()
    tests_known: bool = True
    """Whether it is known what the tests found before."""
    counting: str = ""
    """How its tests would be counted now; "" where they are counted as before."""

    @property
    def changed(self) -> bool:
        """Whether the points, or what they are out of, would be others."""
        return (
            not _same(self.before, self.after)
            or abs(self.max_before - self.max_after) >= SAME_SCORE
        )

    @property
    def text(self) -> str:
        """The change in words, with the tests that make it."""
        name, said = self.question, []
        if abs(self.max_before - self.max_after) >= SAME_SCORE:
            said.append(f"is worth {points(self.max_after)}, not {points(self.max_before)}")
        if not _same(self.before, self.after):
            said.append(f"{_points(self.before)} → {_points(self.after)}")
        if self.kept:
            said.append(f"keeps {_points(self.after)}, as only rises are recorded")
        why = "; ".join(filter(None, [self.counting, *(test.text for test in self.tests)]))
        if not self.tests_known and not _same(self.before, self.after):
            why = "what its tests found before is not known"
        return f"{name}: {', '.join(said)}" + (f" ({why})" if why and not self.by_hand else "")


@dataclass(frozen=True)
class MarkChange:
    """The mark of one notebook, before and after."""

    handin: SubmittedNotebook
    before: float | None
    """The points in the gradebook, less the penalty for being late; None where it has none."""
    after: float | None
    """None where the notebook could not be graded, through no fault of its own."""
    max_before: float = 0.0
    max_after: float = 0.0
    penalty_before: float = 0.0
    penalty_after: float = 0.0
    questions: tuple[QuestionChange, ...] = ()
    graded_again: bool = True
    """Else nothing that could change the points has changed."""
    changed_since: bool = False
    """Whether the answers are others than those that got the mark."""
    unmarked: tuple[str, ...] = ()
    """The questions that a person would have to mark."""
    problem: str = ""
    """Why it could not be graded, in one line."""

    @property
    def is_first(self) -> bool:
        """Whether it was never graded."""
        return self.before is None

    @property
    def changed(self) -> bool:
        """Whether a mark that was given, or what it is out of, would be another one."""
        if self.before is None or self.after is None:
            return False
        return (
            not _same(self.before, self.after)
            or abs(self.max_before - self.max_after) >= SAME_SCORE
            or any(question.changed for question in self.questions)
        )

    @property
    def difference(self) -> float:
        """By how much the mark would change."""
        return round((self.after or 0.0) - (self.before or 0.0), 2)

    @property
    def kept(self) -> list[str]:
        """The questions whose marks stay though the tests would now give less."""
        return [question.question for question in self.questions if question.kept]

    @property
    def reasons(self) -> list[str]:
        """Why the mark would change, a line each."""
        lines = [f"could not be graded: {self.problem}"] if self.problem else []
        lines += ["its answers are others than those that were graded"] * self.changed_since
        lines += [one.text for one in self.questions if one.changed or one.kept]
        if not _same(self.penalty_before, self.penalty_after):
            before, after = points(self.penalty_before), points(self.penalty_after)
            lines.append(f"penalty for being late: {before} → {after}")
        return lines

    def to_json(self) -> dict[str, Any]:
        """The change as JSON-able data."""
        handin = self.handin
        return {
            "student": handin.student,
            "assignment": handin.assignment.label,
            "before": self.before,
            "after": self.after,
            "max_before": self.max_before if self.before is not None else None,
            "max_after": self.max_after,
            "penalty_before": self.penalty_before,
            "penalty_after": self.penalty_after,
            "changed_since": self.changed_since,
            "unmarked": list(self.unmarked),
            "problem": self.problem,
            "questions": [_question_json(one) for one in self.questions if one.changed or one.kept],
        }


def _question_json(change: QuestionChange) -> dict[str, Any]:
    return {
        "question": change.question,
        "before": change.before,
        "after": change.after,
        "max_before": change.max_before,
        "max_after": change.max_after,
        "by_hand": change.by_hand,
        "kept": change.kept,
        "counting": change.counting,
        "tests": [
            {
                "name": test.name,
                "hidden": test.hidden,
                "before": test.before,
                "after": test.after,
                "weight_before": test.weight_before,
                "weight_after": test.weight_after,
                "message": test.message,
            }
            for test in change.tests
        ],
    }


def changed_tests(before: QuestionResult | None, after: QuestionResult) -> tuple[TestChange, ...]:
    """Return the tests whose outcome or weight differs, those of ``after`` first."""
    old = _by_name(before.tests if before is not None else ())
    new = _by_name(after.tests)
    found = [
        _test_change(old.get(key), new.get(key))
        for key in [*new, *(k for k in old if k not in new)]
    ]
    return tuple(change for change in found if change is not None)


def changed_counting(before: QuestionResult | None, after: QuestionResult) -> str:
    """Return how a question's tests count now, where some are newly all or nothing, or no more."""
    if before is None:
        return ""
    was, now = ({t.together for t in one.tests} - {""} for one in (before, after))
    if now - was:
        which = "its tests" if all(test.together for test in after.tests) else "some of its tests"
        return f"{which} now count all or nothing"
    return "its tests no longer count all or nothing" if was - now else ""


def _by_name(tests: Iterable[TestResult]) -> dict[tuple[str, int], TestResult]:
    """The tests by their names; of those that share one, the first, the second, ..."""
    found: dict[tuple[str, int], TestResult] = {}
    for test in tests:
        place = 0
        while (test.name, place) in found:
            place += 1
        found[test.name, place] = test
    return found


def _test_change(old: TestResult | None, new: TestResult | None) -> TestChange | None:
    if old is not None and new is not None and old.passed == new.passed and _same_weight(old, new):
        return None
    known = new or old
    assert known is not None
    return TestChange(
        known.name,
        known.hidden,
        old.passed if old is not None else None,
        new.passed if new is not None else None,
        old.weight if old is not None else None,
        new.weight if new is not None else None,
        new.message if new is not None and not new.passed else "",
    )


def _same_weight(old: TestResult, new: TestResult) -> bool:
    return old.weight == new.weight


def _points(number: float | None) -> str:
    return _WAITS if number is None else points(number)


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) < SAME_SCORE
