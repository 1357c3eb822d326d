"""Drafting the graders of one notebook, an exercise at a time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from fairmark.batch.pool import FailedTask, Pool
from fairmark.course.course import Assignment
from fairmark.course.marks import grade_id
from fairmark.draft import probed, probes, programs
from fairmark.draft.ask import Known, Tolerance, noticed, right_of, tolerance_of
from fairmark.draft.changes import functions_changed, mutants_tried
from fairmark.draft.differences import slopes_of
from fairmark.draft.examined import Examined, chosen_of, no_functions, own_of
from fairmark.draft.forms import forms_of
from fairmark.draft.invariants import kept_true
from fairmark.draft.kinds import probes_of
from fairmark.draft.lasting import Lasting
from fairmark.draft.pace import patience
from fairmark.draft.programs import Numbers, first_numbers
from fairmark.draft.properties import STEPPED
from fairmark.draft.record import Recorded
from fairmark.draft.references import (
    PACKAGE,
    PACKAGE_TEXT,
    Reference,
    reference_of,
    solutions_module,
    solutions_source,
)
from fairmark.draft.scratch import MODULE, for_worker
from fairmark.draft.seeds import opened, seed_of
from fairmark.draft.settle import Free, beside, freed, settled
from fairmark.draft.texts import Text, about_of, text_of
from fairmark.draft.variables import given_in, values_of
from fairmark.draft.variables import module_of as variables_module
from fairmark.draft.words import brief_line
from fairmark.draft.write import Drafted, count_tests, module_of
from fairmark.errors import FairmarkError
from fairmark.grading.modules import forget_modules
from fairmark.harness.proxy import Submission
from fairmark.sandbox import Sandbox
from fairmark.sandbox.cores import usable_cores
from fairmark.verify.calls import Function, functions_of
from fairmark.verify.cases import solutions_of
from fairmark.verify.mutants import Mutant
from fairmark.verify.trials import Trials


@dataclass(frozen=True)
class Draft:
    """What became of one exercise."""

    question: str
    text: str = ""
    """The grader module; "" for none."""
    visible: int = 0
    hidden: int = 0
    killed: int = 0
    mutants: int = 0
    left: tuple[str, ...] = ()
    """What is not drafted, each with its reason."""
    solutions: tuple[str, ...] = ()
    """The functions whose reference is the instructor's solution."""
    lives: tuple[str, ...] = ()
    """The mutants that no test notices, each in one line."""
    seconds: float = 0.0


@dataclass
class Job:
    """All that a worker needs to draft the exercises of one notebook."""

    assignment: Assignment
    """The copy that is drafted with."""
    calls: Mapping[str, Sequence[Recorded]]
    asked: Mapping[str, Sequence[str]]
    """By exercise, the names that an answer has to define."""
    sandbox: Sandbox
    _trials: Trials | None = field(default=None, repr=False)
    _seconds: float = field(default=0.0, repr=False)
    """How long a mutant's calls may take."""
    _worker: int = field(default=0, repr=False)
    """The process that the copy belongs to."""

    @property
    def trials(self) -> Trials:
        """The process that has the instructor's answers."""
        if self._trials is None:
            self._trials = Trials(self.assignment, self.sandbox)
        return self._trials

    def draft(self, question: str) -> Draft:
        """Draft one exercise; what goes wrong is told as its reason."""
        started = time.process_time()
        if self._worker != os.getpid():
            self.assignment, self._worker = for_worker(self.assignment), os.getpid()
        try:
            made = self._draft(question)
        except FairmarkError as error:
            made = Draft(question, left=(" ".join(str(error).split()),))
        return replace(made, seconds=round(time.process_time() - started, 1))

    def _draft(self, question: str) -> Draft:
        if why := self.trials.failed.get(question):
            return Draft(question, left=(f"the solution fails: {why}",))
        source = "\n".join(solutions_of(self.assignment, question).values())
        names = self.asked[question]
        functions = [f for f in functions_of(source, list(names)) if f.name in names]
        left = [*no_functions(source, names, functions)]
        text = text_of(self.assignment, question, source)
        if text.is_judged_by_use:
            reason = "the text leaves its result open: it is judged by what it does on other data"
            return Draft(question, left=(reason,))
        found: list[Examined] = []
        free: list[Free] = []
        with Lasting(lambda: self.trials.asking(question)) as way:
            submission = Submission(way)
            for function in functions:
                way.begin()
                if seed := seed_of(source, function.name):
                    seeded = self._freed(function, seed, source, text, submission)
                    free += [seeded] if isinstance(seeded, Free) else []
                    left += [seeded] if isinstance(seeded, str) else []
                    continue
                examined = self._examined(function, text, submission)
                found += [examined] if examined.known else []
                left += [examined.reason] if examined.reason else []
            way.begin()
            left += way.told
            self._seconds = self._patience(way, submission)
            if not found and not free:
                other = self._otherwise(question, source, functions, text, submission)
                other = other and replace(other, left=(*other.left, *way.told))
                return other or Draft(question, left=tuple(left) or ("its answer defines nothing",))
            every = [one for examined in found for one in examined.known]
            tolerance = STEPPED if free else tolerance_of(every, submission)
        tried = mutants_tried(question, source)
        notices = [self._noticed(question, mutant, every, tolerance) for mutant in tried]
        drafted = chosen_of(question, source, found, notices, tolerance, text)
        unseen = [m for m, cases in zip(tried, notices, strict=True) if not cases]
        for e in found if unseen else ():
            free += beside(self.assignment, e.known, e.reference.module, text, e.slopes)
        if free:
            drafted = self._with_properties(drafted, free, unseen, own_of(found))
        if not any(c.shown for c in drafted.choices.values()) and not drafted.properties:
            reason = "what goes in or comes out is too large for an example that students can read"
            return Draft(question, left=(*left, reason))
        solutions = own_of(found)
        solutions += tuple(helper for one in free for helper in one.solutions(drafted.properties))
        made = Draft(
            question, module_of(drafted), *count_tests(drafted), 0, 0, tuple(left), solutions
        )
        return self._proven(made, tried)

    def _patience(self, way: Lasting, submission: Submission) -> float:
        """How long a mutant's calls may take: as the course says where a process has been lost."""
        seconds = patience(submission)
        return max(seconds, self.assignment.limits().call_seconds) if way.told else seconds

    def _otherwise(
        self,
        question: str,
        source: str,
        functions: Sequence[Function],
        text: Text,
        submission: Submission,
    ) -> Draft | None:
        """Draft for an answer that has no function of plain data."""
        if (numbers := first_numbers(source, self.asked[question], text)) is not None:
            return self._programs(question, source, numbers, submission)
        shown = [c.source for c in self.assignment.master.cells if grade_id(c) == question]
        given = given_in("\n".join(shown), source, self.asked[question])
        names = [name for name in self.asked[question] if name not in given]
        if not functions and (values := values_of(names, submission)):
            made = Draft(question, variables_module(question, values), len(values), len(values))
            return self._proven(made, mutants_tried(question, source))
        known = self._probes(source, functions, text, submission)
        self._seconds = max(self._seconds, patience(submission))
        return self._probed(question, source, known) if known else None

    def _programs(
        self, question: str, source: str, numbers: Numbers, submission: Submission
    ) -> Draft:
        """Draft for a class of numbers."""
        numbers = programs.with_numbers_only(numbers, submission)
        known = programs.programs(numbers, submission) if numbers.fields else []
        tried = mutants_tried(question, source)
        notices = []
        for mutant in tried:
            with self.trials.asking(question, mutant.source, self._seconds) as way:
                notices.append(programs.noticed(numbers, known, Submission(way)))
        kept = programs.chosen(known, notices)
        if not kept:
            return Draft(question, left=(f"{numbers.name}: no program tells right from wrong",))
        module = solutions_module(self.assignment)
        about = about_of(source)
        text = programs.module_of(question, about, numbers, kept, module)
        return self._proven(Draft(question, text, 1, 1, solutions=(numbers.name,)), tried)

    def _probes(
        self, source: str, functions: Sequence[Function], text: Text, submission: Submission
    ) -> list[probes.Known]:
        """What can be told of functions that take or make what is no plain data."""
        found = []
        for function in functions:
            calls = self.calls.get(function.name, [])
            tried = probes_of(function, source, calls, text)
            reference = reference_of(self.assignment, function.name)
            known = probes.right(tried, submission, reference.function)
            found += [replace(one, module=reference.module) for one in known]
        return found

    def _probed(self, question: str, source: str, known: Sequence[probes.Known]) -> Draft:
        """Draft with reports."""
        tried = mutants_tried(question, source)
        notices = []
        for mutant in tried:
            with self.trials.asking(question, mutant.source, self._seconds) as way:
                notices.append(probes.noticed(known, Submission(way)))
        kept = probes.chosen(known, notices)
        if not kept:
            return Draft(question, left=("no report tells right from wrong",))
        modules = {one.probe.function: one.module for one in kept}
        own = solutions_module(self.assignment)
        solutions = tuple(name for name, module in modules.items() if module == own)
        about = about_of(source)
        text = probed.module_of(question, about, kept, modules)
        counts = probed.count_tests(kept)
        unseen = [m for m, places in zip(tried, notices, strict=True) if not places]
        made = Draft(question, text, *counts, solutions=solutions)
        return self._proven(made, tried, unseen)

    def _examined(self, function: Function, text: Text, submission: Submission) -> Examined:
        forms = kept_true(forms_of(function, self.calls.get(function.name, []), text))
        if not forms:
            return Examined(
                function.name,
                f"{function.name}: the notebook does not call it, and no text says what it takes",
            )
        opaque = [form.opaque for form in forms if form.opaque]
        plain = [form for form in forms if not form.opaque]
        if not plain:
            return Examined(function.name, f"{function.name}: {opaque[0]}, which is no plain data")
        reference = reference_of(self.assignment, function.name)
        known = right_of(plain, submission, reference.function, text)
        if not known and reference.function is not None:
            reference = Reference(solutions_module(self.assignment), None)
            known = right_of(plain, submission, reference.function, text)
        if not known:
            return Examined(
                function.name,
                f"{function.name}: no input was found to which it gives plain data, the same twice",
            )
        slopes = slopes_of(self.assignment, known, submission)
        return Examined(function.name, "", known, reference, slopes)

    def _freed(
        self, function: Function, seed: str, source: str, text: Text, submission: Submission
    ) -> Free | str:
        """What may hold of a function whose results are drawn from a seed, or why nothing is."""
        forms = kept_true(forms_of(function, self.calls.get(function.name, []), text))
        found = opened(forms, source, seed, submission)
        if found is None:
            return (
                f"{function.name}: its results are left to {seed}, and no input told their shapes"
            )
        return freed(self.assignment, found, submission, keeps_inputs=text.keeps_inputs)

    def _with_properties(
        self,
        drafted: Drafted,
        free: Sequence[Free],
        tried: Sequence[Mutant],
        own: tuple[str, ...],
    ) -> Drafted:
        """The same with those properties that hold, and that notice what the others do not."""
        properties = [p for one in free for p in one.few]
        solutions = own + tuple(name for one in free for name in one.solutions(properties))

        def lay(text: str) -> None:
            self._lay(Draft(drafted.question, text, solutions=solutions))

        def run(source: str | None) -> dict[str, bool]:
            seconds = None if source is None else self._seconds
            passed = self.trials.run(drafted.question, source, seconds=seconds).passed
            return {key.rpartition("::")[2]: value for key, value in passed.items()}

        return settled(drafted, free, tried, lay, run, self.assignment.course.root)

    def _noticed(
        self, question: str, mutant: Mutant, known: Sequence[Known], tolerance: Tolerance
    ) -> set[int]:
        source = "\n".join(solutions_of(self.assignment, question).values())
        affected = functions_changed(source, mutant.source)
        places = [i for i, one in enumerate(known) if one.case.form.function in affected]
        if not places:
            return set()
        with self.trials.asking(question, mutant.source, self._seconds) as way:
            found = noticed([known[i] for i in places], tolerance, Submission(way))
        return {places[i] for i in found}

    def _proven(self, made: Draft, tried: Sequence[Mutant], unseen: Sequence[Mutant] = ()) -> Draft:
        """The draft, having been run as a grader on the right answer and on the mutants.

        Those that nothing has noticed that was tried, of which the tests are a part, live.
        """
        self._lay(made)
        trial = self.trials.run(made.question)
        if not trial.is_right:
            failed = next(iter(trial.messages.values()), trial.error)
            reason = f"its draft fails the instructor's own answer: {failed}"
            return Draft(made.question, left=(*made.left, " ".join(reason.split())))
        lives = [m for m in tried if m in unseen or self._lives(made.question, m)]
        told = tuple(f"line {m.line}: {brief_line(m.was)} → {brief_line(m.becomes)}" for m in lives)
        killed = len(tried) - len(lives)
        return replace(made, killed=killed, mutants=len(tried), lives=told)

    def _lives(self, question: str, mutant: Mutant) -> bool:
        run = self.trials.run
        return run(question, mutant.source, to_first_failure=True, seconds=self._seconds).is_right

    def _lay(self, made: Draft) -> None:
        root = self.assignment.course.root
        if made.solutions:
            path = root / (solutions_module(self.assignment).replace(".", "/") + ".py")
            path.parent.mkdir(exist_ok=True)
            if not (path.parent / PACKAGE.name).exists():
                (root / PACKAGE).write_text(PACKAGE_TEXT, encoding="utf-8")
            path.write_text(solutions_source(self.assignment, made.solutions), encoding="utf-8")
        (self.assignment.graders / MODULE).write_text(made.text, encoding="utf-8")
        forget_modules()


def draft_all(
    assignment: Assignment,
    calls: Mapping[str, Sequence[Recorded]],
    asked: Mapping[str, Sequence[str]],
    questions: Sequence[str],
    sandbox: Sandbox,
    workers: int | None = None,
    on_wait: Callable[[], None] | None = None,
) -> Generator[Draft]:
    """Draft these exercises of a copy, each in a worker; yield each draft when it is there."""
    if not questions:
        return
    job = Job(assignment, calls, asked, sandbox)
    limits = assignment.limits()
    # A worker keeps a process of the instructor's answers, and with it its turn on a GPU.
    most = 1 if limits.gpu_memory_mib else workers or usable_cores()
    pool: Pool[Draft] = Pool(
        lambda task: job.draft(questions[task]),
        min(most, len(questions)),
        300 + 8 * limits.submission_seconds,
        on_wait,
    )
    with closing(pool.run(range(len(questions)))) as results:
        for task, result in results:
            if isinstance(result, FailedTask):
                result = Draft(questions[task], left=(result.reason,))
            yield result
