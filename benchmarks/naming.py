"""Which share of wrong answers gets its mistake named: mutants, and answers that nobody recorded.

``python -m benchmarks.naming [ASSIGNMENT…] [--answers FOLDER] [--mutants N]`` tries ``N`` mutants
of each exercise and the answers in ``FOLDER/ASSIGNMENT.py``, which are written as those in
``misconceptions.py`` are, without sentences. ``--list`` tells what each of them was told.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeVar

from fairmark.batch.local import forbid_threads
from fairmark.batch.pool import FailedTask, Pool
from fairmark.course.course import Assignment, Course
from fairmark.course.variants import read_variants
from fairmark.harness.diagnose import Lessons
from fairmark.harness.relations import PREFIX
from fairmark.sandbox import Sandbox, make_sandbox
from fairmark.syntax.imports import cells_modules
from fairmark.verify.cases import Case
from fairmark.verify.gate import Gate
from fairmark.verify.lessons import lessons_of
from fairmark.verify.trials import Trial, Trials

ROOT = Path(__file__).resolve().parents[1]
_SECONDS = 30.0
_BY_ITSELF = ("but it raised nothing", "changed the array")
"""Messages that are the mistake's name: they are counted beside those that have a lesson."""
T = TypeVar("T")


@dataclass(frozen=True)
class Named:
    """What a wrong answer was told of its mistake."""

    question: str
    name: str
    kind: str
    """``mutant`` or ``answer``."""
    noticed: bool
    """Whether a test failed; an answer that passes all of them needs no name."""
    lesson: str = ""
    """The names of the misconceptions and relations that its tests told."""
    sentence: str = ""
    message: str = ""
    """What its first failing test said."""
    change: str = ""
    """How a mutant differs from the solution, or the code of an answer."""

    @property
    def said_by_the_test(self) -> bool:
        """Whether the first failing test's own message names the mistake."""
        return any(text in self.message for text in _BY_ITSELF)


def measured(
    assignment: Assignment, answers: Path | None, mutants: int, only: str = "", workers: int = 2
) -> list[Named]:
    """Try the mutants and answers; return what each of them was told."""
    gate = Gate(assignment, only=only)
    kinds = "answer", "alternative", "misconception"
    recorded = [case for case in gate.cases if case.kind in kinds]
    unproven = [case for case in recorded if case not in gate.outcomes]
    cases = [*_sample(gate.cases, mutants), *_held_out(assignment, answers, only)]
    course = assignment.course
    modules = (cells_modules(case.source or "") for case in (*recorded, *cases))
    preload = sorted(set(course.preload_for([assignment])).union(*modules))
    forbid_threads()
    visible = course.visible_for([assignment])
    with make_sandbox(preload, course.limits, visible=visible) as sandbox:
        sandbox.wait_ready()
        trials = {case: o.trial for case, o in gate.outcomes.items() if o.trial is not None}
        trials |= _each(unproven, lambda: _trying(assignment, sandbox), workers)
        known = lessons_of(trials, assignment)
        return list(_each(cases, lambda: _naming(assignment, sandbox, known), workers).values())


def _sample(cases: Sequence[Case], number: int) -> list[Case]:
    """Of each exercise some of its mutants, the same ones in each run."""
    by_question: dict[str, list[Case]] = {}
    for case in cases:
        if case.kind == "mutant" and not case.equivalent:
            by_question.setdefault(case.question, []).append(case)
    kept: list[Case] = []
    for question, some in by_question.items():
        chosen = random.Random(question).sample(some, min(number, len(some)))
        kept += sorted(chosen, key=some.index)
    return kept


def _held_out(assignment: Assignment, folder: Path | None, only: str) -> list[Case]:
    if folder is None:
        return []
    found = [
        Case("alternative", v.question, v.name, v.source, "")
        for v in read_variants(folder / f"{assignment.name}.py")
    ]
    return [case for case in found if only in case.title]


def _trying(assignment: Assignment, sandbox: Sandbox) -> Callable[[Case], Trial]:
    trials = Trials(assignment, sandbox)
    return lambda case: trials.run(case.question, case.source)


def _naming(assignment: Assignment, sandbox: Sandbox, lessons: Lessons) -> Callable[[Case], Named]:
    trials = Trials(assignment, sandbox)

    def named(case: Case) -> Named:
        verdict = trials.verdict(case.question, case.source, seconds=_SECONDS)
        change = case.where if case.kind == "mutant" else case.source or ""
        kind = "mutant" if case.kind == "mutant" else "answer"
        plain = Named(case.question, case.name, kind, noticed=True, change=change)
        if verdict.override_error:
            return replace(plain, message=f"its cell fails: {verdict.override_error}")
        tests, seen = verdict.tests[case.question], verdict.observations[case.question]
        failed = [t for t in lessons.diagnose(case.question, tests, seen) if not t.passed]
        if not failed:
            return replace(plain, noticed=False)
        told = {test.misconception: test.lesson for test in failed if test.misconception}
        return replace(
            plain,
            lesson=", ".join(told),
            sentence=" | ".join(told.values()),
            message=f"{failed[0].name}: {failed[0].message}",
        )

    return named


def _each(
    cases: Sequence[Case], make: Callable[[], Callable[[Case], T]], workers: int
) -> dict[Case, T]:
    """What ``make()``, made once a worker, makes of each case; a case that fails is told."""
    if not cases:
        return {}
    made: list[Callable[[Case], T]] = []

    def work(task: int) -> T:
        if not made:
            made.append(make())
        return made[0](cases[task])

    found: dict[Case, T] = {}
    with closing(Pool(work, min(workers, len(cases)), 600).run(range(len(cases)))) as results:
        for task, result in results:
            if isinstance(result, FailedTask):
                print(f"{cases[task].title}: {result.reason}", file=sys.stderr)
            else:
                found[cases[task]] = result
    return {case: found[case] for case in cases if case in found}


def table(found: Sequence[Named]) -> Iterable[str]:
    """The lines of a table: by exercise, how many of the answers that failed had their name."""
    for question in [*dict.fromkeys(one.question for one in found), ""]:
        here = [one for one in found if question in ("", one.question)]
        shares = [f"{question or 'all':34}"]
        for kind in ("mutant", "answer"):
            failed = [one for one in here if one.kind == kind and one.noticed]
            named = [one for one in failed if one.lesson]
            by_relation = [one for one in named if one.lesson.startswith(PREFIX)]
            more = [one for one in failed if not one.lesson and one.said_by_the_test]
            share = f"{len(named) / len(failed):4.0%}" if failed else "   -"
            how = f"{len(by_relation)} by relation; {len(more)} more by the message"
            shares.append(f"{kind} {share} {len(named):3} of {len(failed):3} ({how})")
        yield "  ".join(shares)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the assignments that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.naming", description=__doc__)
    parser.add_argument("assignments", nargs="*")
    parser.add_argument("--answers", type=Path, help="the folder with other wrong answers")
    parser.add_argument("--mutants", type=int, default=12, help="how many mutants of an exercise")
    parser.add_argument("--only", default="", help="only exercises whose name contains this")
    parser.add_argument("--list", action="store_true", help="tell what each answer was told")
    parser.add_argument("--json", type=Path, help="write all that was found to this file")
    options = parser.parse_args(arguments)
    course, every = Course.load(ROOT), []
    for name in options.assignments or [a.name for a in course.assignments()]:
        found = measured(course.assignment(name), options.answers, options.mutants, options.only)
        every += [{"assignment": name, **asdict(one)} for one in found]
        if options.list:
            for one in found:
                told = f"{one.lesson}: {one.sentence}" if one.lesson else f"- {one.message[:200]}"
                told = told if one.noticed else "passes"
                print(f"{one.question}: {one.name}: {told}")
        print(name, *table(found), sep="\n", flush=True)
        if options.json:
            options.json.write_text(json.dumps(every, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
