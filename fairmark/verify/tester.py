"""Trying one case: whether a right answer passes, and a wrong one does not."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Self

from fairmark.course.answers import answers_names, dependents
from fairmark.course.course import Assignment
from fairmark.grading.grade import grade
from fairmark.harness.observe import says_nothing
from fairmark.sandbox import Sandbox
from fairmark.verify.broken import broken_cells
from fairmark.verify.cases import Case, functions_asked
from fairmark.verify.generic import RIGHT, Impostor, asker, generic_named
from fairmark.verify.lessons import is_recognised, lesson_of
from fairmark.verify.probes import difference, expected, shown
from fairmark.verify.trials import Trial, Trials
from fairmark.verify.wrapped import wrapped

_MIN_MUTANT_SECONDS = 2.0
_MUTANT_PATIENCE = 10.0
"""A mutant may take this many times as long as the right answer."""
_PERHAPS_HARMLESS = ("neural/axis", "neural/keepdims", "neural/reduction", "array/")
"""Changes that often make no difference, such as ``axis=1`` for the ``axis=-1`` of a matrix.

Whether they do is told by calls. Of others it is not: what happens at a bound, random calls miss.
"""
_MIN_COMPARED = 8
_SAME = "the same results for {} calls like those of the tests"


@dataclass(frozen=True)
class CaseOutcome:
    """The outcome of trying one case."""

    problem: str
    """What the case shows to be wrong with the graders; "" for nothing."""
    seconds: float = 0.0
    trial: Trial | None = None
    """What the tests said; kept for right answers and misconceptions only."""
    untried: bool = False
    """The case could not be tried, for the reason that ``problem`` gives."""
    harmless: str = ""
    """Why a change that no test notices is no mistake; found by calls, not listed by hand."""
    hint: str = ""
    """What would mend the graders."""
    broken: Mapping[str, str] = field(default_factory=dict)
    """Of the instructor's notebook: why cells of it fail, by how a person finds them."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` wrote."""
        trial = Trial.from_json(data["trial"]) if "trial" in data else None
        told = {key: data[key] for key in ("harmless", "hint", "broken") if key in data}
        return cls(data["problem"], data["seconds"], trial, **told)

    def to_json(self) -> dict[str, Any]:
        """The outcome of a case that was tried, as JSON-able data."""
        trial = {"trial": self.trial.to_json()} if self.trial is not None else {}
        parts = {"harmless": self.harmless, "hint": self.hint, "broken": self.broken}
        told = {key: part for key, part in parts.items() if part}
        return {"problem": self.problem, **trial, "seconds": self.seconds, **told}


class Tester:
    """Tries cases in a worker; all of them share one process that ran the instructor's answers."""

    def __init__(
        self, assignment: Assignment, sandbox: Sandbox, times: dict[str, dict[str, float]]
    ) -> None:
        self._assignment = assignment
        self._sandbox = sandbox
        self._times = times
        self._trials = Trials(assignment, sandbox)

    def outcome(self, case: Case) -> CaseOutcome:
        """Try one case."""
        started = time.monotonic()
        trial = None
        told = CaseOutcome("")
        match case.kind:
            case "notebook" | "release":
                told = self._whole(case)
                problem = told.problem
            case "answer" | "misconception":
                if why := self._trials.lost(case.question):
                    return CaseOutcome(why, untried=True)
                problem, trial = self._twice(case)
            case "alternative":
                problem, trial = self._alternative(case)
            case "generic":
                told = self._generic(case)
                problem = told.problem
            case "mutant":
                told = self._mutant(case)
                problem = told.problem
        seconds = round(time.monotonic() - started, 3)
        return replace(told, problem=problem, seconds=seconds, trial=trial)

    def _whole(self, case: Case) -> CaseOutcome:
        right = case.kind == "notebook"
        given = self._assignment.solved if right else self._assignment.master
        report = grade(copy.deepcopy(given), self._assignment, self._sandbox)
        wrong = [
            f"{q.id} gets {q.score:g} of {q.max_score:g} points"
            for q in report.questions
            if q.score is not None and q.score != (q.max_score if right else 0)
        ]
        what = "the instructor's own notebook" if right else "the release, where nothing is solved"
        broken = broken_cells(report, self._assignment) if right else {}
        return CaseOutcome(f"{what}: {'; '.join(wrong)}" if wrong else "", broken=broken)

    def _twice(self, case: Case) -> tuple[str, Trial]:
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
        elif error := _error_of_its_own(trial):
            problem = (
                f"it stops with an error of its own, so that it proves nothing ({error}): define "
                "or import what it needs"
            )
        elif not is_recognised(lesson_of(case, trial, self._assignment), again):
            problem = (
                "no student will be told of this mistake: what its tests see is another thing in "
                "each run, so return from the student's process what does not depend on chance"
            )
        else:
            problem = self._spill(case)
        return problem, trial

    def _spill(self, case: Case) -> str:
        """Why a wrong answer costs points elsewhere, despite error carried forward; "" if not."""
        for later in dependents(self._assignment, case.question):
            trial = self._trials.run(later, case.source, spilt=True)
            if not trial.is_right:
                earlier = [case.question]
                trial = self._trials.run(later, case.source, spilt=True, instead_of=earlier)
            if not trial.is_right:
                return f"it costs points of {later} too: {_failures(trial)}"
        return ""

    def _alternative(self, case: Case) -> tuple[str, Trial]:
        trial = self._trials.run(case.question, case.source)
        told = "" if trial.is_right else f"a right answer loses points: {_failures(trial)}"
        return told, trial

    def _mutant(self, case: Case) -> CaseOutcome:
        times, patience = self._patience(case.question)
        trial = self._trials.run(
            case.question,
            case.source,
            order=lambda key: times.get(key, 0.0),
            to_first_failure=True,
            seconds=patience,
        )
        if not trial.is_right:
            return CaseOutcome("")
        told = "no test notices this mistake"
        if not case.name.startswith(_PERHAPS_HARMLESS):
            return CaseOutcome(told)
        heard = Impostor(RIGHT, answers_names(self._assignment, case.question))
        self._trials.run(case.question, between=heard.between)
        functions = functions_asked(self._assignment, case.question)
        with self._trials.asking(case.question, seconds=patience) as way:
            known = expected(heard.probes(functions, resized=True), asker(way))
        with self._trials.asking(case.question, case.source, patience) as way:
            differs = difference(known, asker(way))
        if differs is not None:
            return CaseOutcome(told, hint=f"a test such as {shown(differs)} would notice it")
        if len(known) < _MIN_COMPARED:
            return CaseOutcome(told)
        return CaseOutcome("", harmless=_SAME.format(len(known)))

    def _generic(self, case: Case) -> CaseOutcome:
        times, patience = self._patience(case.question)
        functions = functions_asked(self._assignment, case.question)
        generic = generic_named(case.name.removeprefix("generic/"), functions)
        impostor = Impostor(generic, answers_names(self._assignment, case.question))
        trial = self._trials.run(
            case.question,
            # What is hidden comes last, for it is what an answer may not know.
            order=None if generic.remembers else lambda key: times.get(key, 0.0),
            to_first_failure=True,
            seconds=patience,
            between=impostor.between,
        )
        if not trial.is_right:
            return CaseOutcome("")
        told = f"an answer that {generic.says} gets full points"
        if not any(key not in trial.visible for key in trial.passed):
            told += ", as there is no hidden test"
        if impostor.has_changed_objects:
            return CaseOutcome(told)
        if not impostor.is_asked:
            return self._wrapped(case, told)
        with self._trials.asking(case.question, seconds=patience) as way:
            known = expected(impostor.probes(functions), asker(way))
        with self._trials.asking(case.question, seconds=patience) as way:
            differs = difference(known, partial(impostor.answer, ask=asker(way)))
        if differs is None:
            return CaseOutcome("", harmless=_SAME.format(len(known)))
        return CaseOutcome(told, hint=f"a hidden test such as {shown(differs)} would notice it")

    def _wrapped(self, case: Case, told: str) -> CaseOutcome:
        """The same of a generic answer to an exercise whose functions only helpers call."""
        _, patience = self._patience(case.question)
        names = answers_names(self._assignment, case.question)
        functions = functions_asked(self._assignment, case.question)
        cell = wrapped(case.name.removeprefix("generic/"), names, functions) if names else None
        if cell is None:
            return CaseOutcome("", harmless="no test calls it, but by a helper of its own")
        trial = self._trials.run(case.question, cell, to_first_failure=True, seconds=patience)
        return CaseOutcome(told if trial.is_right else "")

    def _patience(self, question: str) -> tuple[dict[str, float], float]:
        """How long each test took for the right answer, and how long a wrong one may take."""
        times = self._times.get(question, {})
        return times, max(_MIN_MUTANT_SECONDS, _MUTANT_PATIENCE * sum(times.values()))


def _error_of_its_own(trial: Trial) -> str:
    """The error, where each test that fails does so by a slip in the code such as an unknown name.

    Its own answers never get so far as to show the mistake.
    """
    failed = [key for key, passed in trial.passed.items() if not passed]
    ends = [trial.observations.get(key, [])[-1:] for key in failed]
    if failed and all(end and says_nothing(end[0]) for end in ends):
        return trial.messages[failed[0]]
    return ""


def _failures(trial: Trial) -> str:
    if trial.error:
        return trial.error
    shown = [f"{key}: {text}" for key, text in trial.messages.items()]
    return "; ".join(shown[:3]) + (" ..." if len(shown) > 3 else "")
