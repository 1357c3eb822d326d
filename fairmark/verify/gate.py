"""The gate for graders: trying every case, and reporting what is wrong with the graders."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field

from fairmark.course.answers import answer_cells
from fairmark.course.course import Assignment
from fairmark.harness.diagnose import Lessons
from fairmark.sandbox import Sandbox
from fairmark.verify.cases import Case, cases_of, check_syntax
from fairmark.verify.keys import Keys
from fairmark.verify.lessons import lessons_of, never_named
from fairmark.verify.tester import CaseOutcome, Tester
from fairmark.verify.tries import Tries


@dataclass(frozen=True)
class Finding:
    """A reason not to trust a grader."""

    question: str
    case: str
    """The title of the case; ``--only`` with it tries it again."""
    text: str
    where: str
    acceptable: bool = False
    """Whether the list of equivalents can say that it is none."""

    def to_json(self) -> dict[str, str]:
        """The finding as JSON-able data."""
        return {
            "question": self.question,
            "case": self.case,
            "text": self.text,
            "where": self.where,
        }


@dataclass
class Count:
    """The number of cases of one kind, and how many of them turned out as they should."""

    good: int = 0
    all: int = 0


@dataclass
class Row:
    """What was proven of one question."""

    question: str
    alternatives: Count = field(default_factory=Count)
    misconceptions: Count = field(default_factory=Count)
    generic: Count = field(default_factory=Count)
    """The wrong answers that nobody has to write; those that are right here are not counted."""
    mutants: Count = field(default_factory=Count)
    """Good are those that a test notices; equivalent mutants are not counted."""
    hidden: int = 0
    """The number of hidden tests."""
    equivalent: int = 0
    seconds: float = 0.0
    """The time that trying all cases took, in this run or an earlier one."""

    @property
    def thin(self) -> list[str]:
        """What the graders lack, so that little is proven of them."""
        lacks = {
            "no hidden test": not self.hidden,
            "no alternatives": not self.alternatives.all,
            "no misconceptions": not self.misconceptions.all,
        }
        return [text for text, is_lacking in lacks.items() if is_lacking]


@dataclass
class Verification:
    """What was proven of one assignment's graders."""

    assignment: Assignment
    rows: list[Row]
    findings: list[Finding]
    lessons: Lessons
    visible: dict[str, list[str]]
    """By question, the keys of the tests that students get."""
    tried: int
    """The number of cases tried in this run; the outcomes of the others were known."""
    whole: bool
    """Whether no case was left out."""
    broken: Mapping[str, str] = field(default_factory=dict)
    """Why cells of the instructor's notebook fail that nothing above is about."""


class Gate:
    """Proves the graders of one assignment.

    ``only`` selects the cases whose title contains it. Outcomes are kept in ``.fairmark/verify``
    of the course, under the key of their case; ``afresh`` ignores the ones that are there.
    """

    def __init__(
        self,
        assignment: Assignment,
        *,
        workers: int | None = None,
        only: str = "",
        afresh: bool = False,
        on_wait: Callable[[], None] | None = None,
    ) -> None:
        check_syntax(assignment)
        self.assignment = assignment
        assignment.inline_checks().described()  # what is wrong with them is told at once
        self.cases = [case for case in cases_of(assignment) if only in case.title]
        self._whole = not only
        keys = Keys(assignment)
        self._tries: Tries[Case, CaseOutcome] = Tries(
            assignment,
            {case: keys.key(case) for case in self.cases},
            CaseOutcome.from_json,
            # A case with a problem is tried again: the machine may have been too busy.
            holds=lambda case, outcome: bool(case.equivalent) or not outcome.problem,
            workers=workers,
            whole=self._whole,
            afresh=afresh,
            on_wait=on_wait,
        )

    @property
    def outcomes(self) -> dict[Case, CaseOutcome]:
        """The outcomes that are known, by case."""
        return self._tries.outcomes

    @property
    def unknown(self) -> list[Case]:
        """The cases that have to be tried."""
        return self._tries.unknown

    def run(self) -> Generator[Case]:
        """Try the cases whose outcome is unknown, and yield each one when it is done."""
        todo = self.unknown
        # The time limit of a mutant depends on the time that the right answer took. The whole
        # notebook takes the longest, so it is the first of the others.
        yield from self._tries.run(
            [case for case in todo if case.kind == "answer"],
            [case for case in todo if case.kind != "answer"],
            narrow=self._with_hope,
            answers=(
                case.source or ""
                for case in self.cases
                if case.kind in ("alternative", "misconception")
            ),
            tester=self._tester,
            failed=lambda reason: CaseOutcome(reason, untried=True),
        )

    def _with_hope(self, cases: Sequence[Case]) -> list[Case]:
        """The cases that can be tried: a grader that cannot judge the right answer judges none."""
        broken = {
            case.question: outcome
            for case, outcome in self.outcomes.items()
            if case.kind == "answer" and outcome.untried
        }
        for case in cases:
            if case.question in broken:
                self.outcomes[case] = broken[case.question]
        return [case for case in cases if case.question not in broken]

    def _tester(self, sandbox: Sandbox) -> Callable[[Case], CaseOutcome]:
        times = {
            case.question: outcome.trial.times
            for case, outcome in self.outcomes.items()
            if case.kind == "answer" and outcome.trial is not None
        }
        return Tester(self.assignment, sandbox, times).outcome

    def verification(self, tried: int) -> Verification:
        """Return what all outcomes together prove."""
        rows = {q.id: Row(q.id) for q in self.assignment.questions if q.judged}
        findings: list[Finding] = []
        untried: dict[str, list[Case]] = {}
        for case, outcome in self.outcomes.items():
            problem = outcome.problem
            if case.equivalent and not problem and not outcome.harmless:
                problem = "it is listed as no mistake, but a test notices it"
            elif case.equivalent and not outcome.untried:
                problem = ""
            if problem and outcome.untried:
                untried.setdefault(problem, []).append(case)
            elif problem:
                where = "\n".join(filter(None, (case.where, outcome.hint)))
                told = case.question, case.title, problem, where
                findings.append(
                    Finding(*told, acceptable=bool(case.change) and not case.equivalent)
                )
            if case.question:
                _count(rows[case.question], case, bool(problem), outcome)
        # A fault that prevents one trial, such as a grader that cannot be imported, mostly prevents
        # all of them: it is reported once.
        for problem, cases in untried.items():
            first, *others = cases
            text = f"{problem} (the same in {len(others)} more)" if others else problem
            findings.append(Finding(first.question, first.title, text, first.where))
        lessons = self._lessons()
        findings += [Finding(*told) for told in never_named(lessons, self.cases)]
        order = {case.title: number for number, case in enumerate(self.cases)}
        findings.sort(key=lambda finding: order.get(finding.case, 0))
        shown = [row for row in rows.values() if self._whole or row.seconds]
        visible = {
            case.question: outcome.trial.visible if outcome.trial is not None else []
            for case, outcome in self.outcomes.items()
            if case.kind == "answer"
        }
        return Verification(
            self.assignment,
            shown,
            findings,
            lessons,
            visible,
            tried,
            self._whole,
            self._broken(findings),
        )

    def _broken(self, findings: Sequence[Finding]) -> dict[str, str]:
        """Why cells of the instructor's notebook fail; answers that findings say it of are none."""
        own = [f.question for f in findings if f.case == f"{f.question}: answer"]
        told = {cell for question in own for cell in answer_cells(self.assignment, question)}
        return {
            cell: why
            for case, outcome in self.outcomes.items()
            if case.kind == "notebook"
            for cell, why in outcome.broken.items()
            if cell not in told
        }

    def _lessons(self) -> Lessons:
        trials = {
            case: outcome.trial
            for case in self.cases
            if (outcome := self.outcomes.get(case)) and outcome.trial is not None
        }
        return lessons_of(trials, self.assignment)


def _count(row: Row, case: Case, is_bad: bool, outcome: CaseOutcome) -> None:
    row.seconds += outcome.seconds
    if case.kind == "answer" and outcome.trial is not None:
        row.hidden = len(outcome.trial.passed) - len(outcome.trial.visible)
    count = {
        "alternative": row.alternatives,
        "generic": row.generic,
        "misconception": row.misconceptions,
        "mutant": row.mutants,
    }.get(case.kind)
    if not is_bad and (case.equivalent or outcome.harmless):
        row.equivalent += case.kind == "mutant"
    elif count is not None:
        count.all += 1
        count.good += not is_bad
