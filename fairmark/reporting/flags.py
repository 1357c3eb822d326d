"""Flags: results of a class that suggest a fault of the grader, not of the students.

A flag is a reason to look, and no proof. Each rule is one that a person would use on the table; its
flags give the numbers behind it and the command that shows more.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from fairmark.harness.plugin import CANNOT_WORK
from fairmark.reporting.classreport import SAME, ClassReport, QuestionRow, StudentRow, TestRow
from fairmark.reporting.itemanalysis import analyse
from fairmark.reporting.items import ItemAnalysis, suspicion

ENOUGH = 4
"""The smallest number of answers that is judged."""
SHARE = 0.5
"""The smallest share of these answers for which a test or a question is flagged."""


@dataclass(frozen=True)
class Flag:
    """A question or a test to look at."""

    question: str
    test: str
    """The name of the test; "" for the whole question."""
    seen: str
    """The observation, as a sentence."""
    command: str
    """The command that shows more."""


def flags(report: ClassReport) -> list[Flag]:
    """Return the flags of a class report, in the order of the questions."""
    by_student = {submission.student: submission for submission in report.of("graded")}
    found: list[Flag] = []
    analysis = analyse(report)
    for row in report.questions:
        if not row.question.manual:
            look = _Look(report, row, by_student)
            lonely = [*look.lonely_tests()]
            found += lonely or look.hidden_tests()  # a lonely test explains failing hidden tests
            found += [*look.failing_tests(), *look.marks(), *look.limits()]
            named = {flag.test for flag in found if flag.question == row.question.id}
            found += look.statistics(analysis, named)
    return found


class _Look:
    """The rules, applied to one question."""

    def __init__(
        self, report: ClassReport, row: QuestionRow, submissions: dict[str, StudentRow]
    ) -> None:
        self._report = report
        self._row = row
        self._submissions = submissions
        self._answers = sorted(set[str]().union(*(test.tried for test in row.tests)))
        self._passed = {id(test): set(test.tried) - set(test.failed) for test in row.tests}

    def lonely_tests(self) -> Iterator[Flag]:
        """Flag tests that fail answers which pass all other tests, without a known mistake."""
        for test in self._row.tests if len(self._row.tests) > 1 else ():
            others = [other for other in self._row.tests if other is not test]
            able = self._passing(others)
            right = self._passed[id(test)]
            failed = [s for s in able if s not in right and not self._is_explained(s, test)]
            if _is_much(failed, able):
                text = (
                    f"{len(failed)} of the {len(able)} students who pass every other test of this "
                    "question fail this one, and no known mistake explains it. Is it right?"
                )
                yield self._flag(text, self._check(failed), test.test.name)

    def hidden_tests(self) -> Iterator[Flag]:
        """Flag hidden tests that may ask for more than the task says."""
        visible = [test for test in self._row.tests if not test.test.hidden]
        hidden = [test for test in self._row.tests if test.test.hidden]
        if not visible or len(hidden) < 2:
            return
        able = self._passing(visible)
        right = set(self._passing(hidden))
        failed = [student for student in able if student not in right]
        if _is_much(failed, able):
            text = (
                f"{len(failed)} of the {len(able)} students who pass all visible tests fail a "
                "hidden one. Does the task say all that the hidden tests ask for?"
            )
            yield self._flag(text, self._check(failed))

    def failing_tests(self) -> Iterator[Flag]:
        """Flag tests that stop with an error of their own."""
        for test in self._row.tests:
            stopped = [s for s in test.failed if self._message(s, test).startswith(CANNOT_WORK)]
            if len(stopped) >= ENOUGH:
                text = (
                    f"The test itself stopped with an error on {len(stopped)} answers, so that "
                    "their students read no reason. Should it first look at what it gets?"
                )
                yield self._flag(text, self._check(stopped), test.test.name)

    def marks(self) -> Iterator[Flag]:
        """Flag a question that nobody solved, or that everybody solved with unproven graders."""
        points = self._row.question.points
        scores = [self._row.scores[s] for s in self._answers if s in self._row.scores]
        if len(scores) < ENOUGH or not points:
            return
        full = sum(score >= points - SAME for score in scores)
        if not full:
            text = (
                f"None of {len(scores)} answers has all points; the best has {max(scores):g} of "
                f"{points:g}. Is it too hard, or the grader wrong?"
            )
            yield self._flag(text, self._verify() or self._check(self._answers))
        elif full == len(scores) and self._report.unproven:
            text = (
                f"All {full} answers have all points, and {self._report.unproven}. "
                "Would a wrong answer be noticed?"
            )
            yield self._flag(text, self._verify())

    def limits(self) -> Iterator[Flag]:
        """Flag a question in which many answers hit a limit."""
        status = self._row.by_status
        stopped = [*status.get("timeout", ()), *status.get("killed", ())]
        if _is_much(stopped, self._answers):
            text = (
                f"{len(stopped)} of {len(self._answers)} answers ran out of time or were killed. "
                "Are the limits (c.Fairmark.assignment_limits) too tight?"
            )
            yield self._flag(text, self._check(stopped))

    def statistics(self, analysis: ItemAnalysis, named: Set[str]) -> Iterator[Flag]:
        """Flag what strong students do worse in, or what says nothing of the rest of the class.

        Where it is a test, the question is not named as well; ``named`` are tests that other rules
        have found. Of two questions, the wrong one would make the other look as bad.
        """
        question, found = self._row.question.id, False
        for one in analysis.tests.get(question, ()):
            if text := suspicion(one, "test"):
                found = True
                if one.item.name not in named:
                    yield self._flag(text, self._verify(), one.item.name)
        whole = analysis.of(question) if len(analysis.questions) > 2 and not found else None
        if whole is not None and (text := suspicion(whole, "question")):
            yield self._flag(text, self._verify() or self._check(self._answers))

    def _passing(self, tests: Sequence[TestRow]) -> list[str]:
        """The students whose answers pass all of these tests."""
        passed = set(self._answers).intersection(*(self._passed[id(test)] for test in tests))
        return [student for student in self._answers if student in passed]

    def _is_explained(self, student: str, test: TestRow) -> bool:
        result = self._submissions[student].result(self._row.question.id)
        found = result.tests if result is not None else ()
        return any(t.misconception for t in found if t.name == test.test.name and not t.passed)

    def _message(self, student: str, test: TestRow) -> str:
        result = self._submissions[student].result(self._row.question.id)
        found = result.tests if result is not None else ()
        return next((t.message for t in found if t.name == test.test.name), "")

    def _check(self, students: Sequence[str]) -> str:
        """The command that grades the first of these students' notebooks."""
        path = shlex.quote(self._submissions[students[0]].handin.name)
        return f"fairmark check --assignment {self._report.argument} {path}"

    def _verify(self) -> str:
        if not self._report.assignment.has_graders:
            return ""
        name, question = self._report.argument, shlex.quote(self._row.question.id)
        return f"fairmark verify {name} --only {question}"

    def _flag(self, seen: str, command: str, test: str = "") -> Flag:
        return Flag(self._row.question.id, test, seen, command)


def _is_much(some: Sequence[str], of: Sequence[str]) -> bool:
    return len(of) >= ENOUGH and len(some) >= SHARE * len(of)
