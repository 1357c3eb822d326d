"""The gate for graders: every case tried, and what is wrong with the graders by it."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from fairmark.batch.local import forbid_threads, usable_cores
from fairmark.batch.pool import FailedTask, Pool
from fairmark.course.answers import dependents
from fairmark.course.course import Assignment
from fairmark.grading.grade import grade
from fairmark.harness.diagnose import Lesson, Lessons
from fairmark.record.notes import Notes
from fairmark.sandbox import Sandbox, make_sandbox
from fairmark.syntax.imports import cells_modules
from fairmark.verify.cases import Case, Keys, cases_of
from fairmark.verify.lessons import is_recognised, lesson_of, never_named
from fairmark.verify.trials import Trial, Trials

_SAVE_SECONDS = 10.0
_MIN_MUTANT_SECONDS = 2.0
_MUTANT_PATIENCE = 10.0
"""How many times as long as the right answer a mutant may take."""


@dataclass(frozen=True)
class Finding:
    """A reason not to trust a grader."""

    question: str
    case: str
    """The title of the case; ``--only`` with it tries it again."""
    text: str
    where: str

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
    """How many cases of one kind there are, and how many are as they should be."""

    good: int = 0
    all: int = 0


@dataclass
class Row:
    """What was proven of one question."""

    question: str
    alternatives: Count = field(default_factory=Count)
    misconceptions: Count = field(default_factory=Count)
    mutants: Count = field(default_factory=Count)
    """Those that a test notices, of all that are mistakes."""
    equivalent: int = 0
    seconds: float = 0.0
    """What trying all cases took when they were tried."""


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
    """How many cases were tried in this run; the outcomes of the others were known."""
    whole: bool
    """Whether no case was left out."""


Outcome = dict[str, Any]
"""``{"problem": "", "seconds": 0.1, "trial": {...}}``; the trial only of (mis)conceptions."""


class Gate:
    """Proves the graders of one assignment.

    ``only`` leaves out all cases whose title does not contain it. What was found is kept in
    ``.fairmark/verify`` of the course, by the content of everything that it depends on;
    ``afresh`` does not look there.
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
        self.assignment = assignment
        self._workers = workers or usable_cores()
        self._on_wait = on_wait
        self.cases = [case for case in cases_of(assignment) if only in case.title]
        self._whole = not only
        keys = Keys(assignment)
        self._keys = {case: keys.key(case) for case in self.cases}
        self._notes = Notes(assignment.course.root, "verify")
        known = {} if afresh else self._notes.read(assignment.name)
        # What was wrong is tried again: the reason may have been a machine that was too busy.
        self._outcomes: dict[Case, Outcome] = {
            case: known[key]
            for case, key in self._keys.items()
            if key in known and (case.equivalent or not known[key]["problem"])
        }

    @property
    def unknown(self) -> list[Case]:
        """The cases that have to be tried."""
        return [case for case in self.cases if case not in self._outcomes]

    def run(self) -> Generator[Case]:
        """Try what is unknown, and yield each case when it is done."""
        todo = self.unknown
        # A mutant's patience is measured by the time that the right answer took. The whole notebook
        # takes the longest of all: it is the first of the others.
        first = [case for case in todo if case.kind == "answer"]
        second = [case for case in todo if case.kind != "answer"]
        if not todo:
            return
        forbid_threads()
        saved = time.monotonic()
        course = self.assignment.course
        preload = {*course.preload_for([self.assignment]), *self._imports()}
        with make_sandbox(sorted(preload), course.limits) as sandbox:
            sandbox.wait_ready()
            try:
                for cases in (first, second):
                    for case, outcome in self._try(cases, sandbox):
                        self._outcomes[case] = outcome
                        if time.monotonic() > saved + _SAVE_SECONDS:
                            self._save()
                            saved = time.monotonic()
                        yield case
            finally:
                self._save()

    def _imports(self) -> set[str]:
        """What variants import inside of their functions: a call's time limit is not for that."""
        cases = [case for case in self.cases if case.kind in ("alternative", "misconception")]
        return set().union(*(cells_modules(case.source or "") for case in cases))

    def _try(self, cases: list[Case], sandbox: Sandbox) -> Generator[tuple[Case, Outcome]]:
        if not cases:
            return
        times = {
            case.question: _trial(outcome).times
            for case, outcome in self._outcomes.items()
            if case.kind == "answer"
        }
        tester = _Tester(self.assignment, sandbox, times)
        limits = self.assignment.limits()
        seconds = 60 + 4 * limits.submission_seconds
        pool = Pool(
            lambda task: tester.outcome(cases[task]),
            min(self._workers, len(cases)),
            seconds,
            self._on_wait,
        )
        with closing(pool.run(range(len(cases)))) as results:
            for task, result in results:
                if isinstance(result, FailedTask):
                    result = {"problem": result.reason, "seconds": 0.0, "untried": True}
                yield cases[task], result

    def _save(self) -> None:
        found = {
            self._keys[case]: outcome
            for case, outcome in self._outcomes.items()
            if not outcome.get("untried")  # it says nothing of the graders, and may go better
        }
        name = self.assignment.name
        self._notes.write(name, found if self._whole else self._notes.read(name) | found)

    def verification(self, tried: int) -> Verification:
        """Return what all the outcomes say."""
        rows = {q.id: Row(q.id) for q in self.assignment.questions if not q.manual}
        findings: list[Finding] = []
        untried: dict[str, list[Case]] = {}
        for case, outcome in self._outcomes.items():
            problem = outcome["problem"]
            if case.equivalent and not problem:
                problem = "this mutant is listed as equivalent, but a test notices it"
            elif case.equivalent and not outcome.get("untried"):
                problem = ""
            if problem and outcome.get("untried"):
                untried.setdefault(problem, []).append(case)
            elif problem:
                findings.append(Finding(case.question, case.title, problem, case.where))
            if case.question:
                _count(rows[case.question], case, bool(problem), outcome["seconds"])
        # What keeps one case from being tried, such as a grader that cannot be imported, mostly
        # keeps all: it is said once.
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
            case.question: _trial(outcome).visible
            for case, outcome in self._outcomes.items()
            if case.kind == "answer"
        }
        return Verification(self.assignment, shown, findings, lessons, visible, tried, self._whole)

    def _lessons(self) -> Lessons:
        found: dict[str, list[Lesson]] = {}
        for case in self.cases:
            outcome = self._outcomes.get(case)
            if case.kind == "misconception" and outcome and "trial" in outcome:
                lesson = lesson_of(case, _trial(outcome), self.assignment)
                found.setdefault(case.question, []).append(lesson)
        return Lessons(found)


class _Tester:
    """Tries cases in a worker, with one process of the instructor's answers for all of them."""

    def __init__(
        self, assignment: Assignment, sandbox: Sandbox, times: dict[str, dict[str, float]]
    ) -> None:
        self._assignment = assignment
        self._sandbox = sandbox
        self._times = times
        self._trials = Trials(assignment, sandbox)

    def outcome(self, case: Case) -> Outcome:
        """Try one case."""
        started = time.monotonic()
        outcome: Outcome
        match case.kind:
            case "notebook" | "release":
                outcome = {"problem": self._whole(case)}
            case "answer" | "misconception":
                outcome = self._twice(case)
            case "alternative":
                outcome = {"problem": self._alternative(case)}
            case "mutant":
                outcome = {"problem": self._mutant(case)}
        return {**outcome, "seconds": round(time.monotonic() - started, 3)}

    def _whole(self, case: Case) -> str:
        right = case.kind == "notebook"
        given = self._assignment.solved if right else self._assignment.master
        report = grade(copy.deepcopy(given), self._assignment, self._sandbox)
        wrong = [
            f"{q.id} gets {q.score:g} of {q.max_score:g} points"
            for q in report.questions
            if q.score is not None and q.score != (q.max_score if right else 0)
        ]
        what = "the instructor's own notebook" if right else "the release, where nothing is solved"
        return f"{what}: {'; '.join(wrong)}" if wrong else ""

    def _twice(self, case: Case) -> Outcome:
        """Judge an answer twice, the second time with the tests in the opposite order."""
        trial = self._trials.run(case.question, case.source)
        places = {key: -float(number) for number, key in enumerate(trial.passed)}
        again = self._trials.run(case.question, case.source, order=lambda key: places.get(key, 0.0))
        if trial.marks != again.marks:
            changed = [k for k in trial.passed if trial.passed[k] != again.passed.get(k)]
            problem = f"the marks differ from run to run: {', '.join(changed) or again.error}"
        elif case.kind == "answer":
            problem = "" if trial.is_right else f"the right answer fails: {_failures(trial)}"
        elif trial.is_right:
            problem = "a wrong answer gets full points"
        elif not is_recognised(lesson_of(case, trial, self._assignment), again):
            problem = (
                "no student will be told of this mistake: what its tests see is another thing in "
                "each run, so return from the student's process what does not depend on chance"
            )
        else:
            problem = self._spill(case)
        return {"problem": problem, "trial": trial.to_json()}

    def _spill(self, case: Case) -> str:
        """Whether a wrong answer costs another question points, errors being carried forward."""
        for later in dependents(self._assignment, case.question):
            trial = self._trials.run(later, case.source)
            if not trial.is_right:
                trial = self._trials.run(later, case.source, instead_of=[case.question])
            if not trial.is_right:
                return f"it costs points of {later} too: {_failures(trial)}"
        return ""

    def _alternative(self, case: Case) -> str:
        trial = self._trials.run(case.question, case.source)
        return "" if trial.is_right else f"a right answer loses points: {_failures(trial)}"

    def _mutant(self, case: Case) -> str:
        times = self._times.get(case.question, {})
        patience = max(_MIN_MUTANT_SECONDS, _MUTANT_PATIENCE * sum(times.values()))
        trial = self._trials.run(
            case.question,
            case.source,
            order=lambda key: times.get(key, 0.0),
            to_first_failure=True,
            seconds=patience,
        )
        return "no test notices this mistake" if trial.is_right else ""


def _count(row: Row, case: Case, is_bad: bool, seconds: float) -> None:
    row.seconds += seconds
    count = {
        "alternative": row.alternatives,
        "misconception": row.misconceptions,
        "mutant": row.mutants,
    }.get(case.kind)
    if case.equivalent and not is_bad:
        row.equivalent += 1
    elif count is not None:
        count.all += 1
        count.good += not is_bad


def _failures(trial: Trial) -> str:
    if trial.error:
        return trial.error
    shown = [f"{key}: {text}" for key, text in trial.messages.items()]
    return "; ".join(shown[:3]) + (" ..." if len(shown) > 3 else "")


def _trial(outcome: Outcome) -> Trial:
    return Trial(**outcome["trial"]) if "trial" in outcome else Trial()
