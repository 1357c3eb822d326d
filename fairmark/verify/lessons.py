"""Lessons from misconceptions, and which misconceptions could never be named to a student."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from fairmark.course.course import Assignment
from fairmark.course.variants import names_of
from fairmark.harness.diagnose import Lesson, Lessons, alike
from fairmark.harness.freedom import leaves_free, marked
from fairmark.harness.observe import MAX_OBSERVATIONS, Observation
from fairmark.verify.cases import Case
from fairmark.verify.trials import Trial


def lessons_of(trials: Mapping[Case, Trial], assignment: Assignment) -> Lessons:
    """Return the lessons of all misconceptions that were tried, beside right answers."""
    rights: dict[str, list[Trial]] = {}
    for case, trial in trials.items():
        if case.kind in ("answer", "alternative") and trial.is_right:
            rights.setdefault(case.question, []).append(trial)
    found: dict[str, list[Lesson]] = {}
    for case, trial in trials.items():
        if case.kind == "misconception":
            lesson = freed(lesson_of(case, trial, assignment), rights.get(case.question, []))
            found.setdefault(case.question, []).append(lesson)
    return Lessons(found)


def lesson_of(case: Case, trial: Trial, assignment: Assignment) -> Lesson:
    """Return the lesson of a misconception: what each test saw of it."""
    return Lesson(
        name=case.name,
        sentence=case.lesson,
        functions=tuple(names_of(case.source or "", assignment, case.question)),
        failed=tuple(key for key, passed in trial.passed.items() if not passed),
        seen=_brief(trial),
    )


def freed(lesson: Lesson, rights: Sequence[Trial]) -> Lesson:
    """Return the lesson with the marks of what right answers leave free, if anything is."""
    free = {
        key: marked(seen, [right.observations.get(key, []) for right in rights])
        for key, seen in lesson.seen.items()
    }
    return replace(lesson, free=free if any(map(leaves_free, free.values())) else {})


def is_recognised(lesson: Lesson, again: Trial) -> bool:
    """Whether a second trial of the misconception fits its lesson in a test that it fails.

    A misconception whose results are random never fits; it is accepted as it is.
    """
    seen = _brief(again)
    if not lesson.failed or any(lesson.fits(key, seen) for key in lesson.failed):
        return True
    return any(_is_left_to_chance(lesson, lesson.seen[key], seen[key]) for key in seen)


def _is_left_to_chance(
    lesson: Lesson, first: Sequence[Observation], second: Sequence[Observation]
) -> bool:
    """Whether the first difference is in the misconception's own functions."""
    for one, other in zip(first, second, strict=False):
        if not one.agrees(other):
            return one.target == other.target and one.target in lesson.functions
    return False


def never_named(lessons: Lessons, cases: Sequence[Case]) -> Iterator[tuple[str, str, str, str]]:
    """Yield each misconception that another one always fits as well, so that none is named.

    Each is a tuple of the question, the case's title, the problem and the place in the file.
    """
    where = {(case.question, case.name): case.where for case in cases}
    for question, some in lessons.by_question.items():
        failing = [lesson for lesson in some if lesson.failed]  # others are reported already
        twins = {second.name: first.name for first, second in alike(failing)}
        for lesson in failing:
            if lesson.name in twins:
                problem = f"no test tells it from {twins[lesson.name]}"
            elif lesson.name not in twins.values() and not _is_alone(lesson, failing):
                problem = "in each test that it fails another mistake fits as well"
            else:
                continue
            problem += ": choose inputs on which the two differ, or make them one"
            place = where.get((question, lesson.name), "")
            yield question, f"{question}: {lesson.name}", problem, place


def _is_alone(lesson: Lesson, lessons: Sequence[Lesson]) -> bool:
    """Whether there is a test in which no other lesson fits."""
    return any(
        not any(other.fits(key, lesson.seen) for other in lessons if other is not lesson)
        for key in lesson.failed
    )


def _brief(trial: Trial) -> dict[str, list[Observation]]:
    return {key: seen[:MAX_OBSERVATIONS] for key, seen in trial.observations.items()}
