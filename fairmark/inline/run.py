"""Runs what an instructor's check cells need, in a process of its own, and tells the cases.

The process ends with the answers, so that nothing which the instructor's code starts, changes or
crashes is left in the one that grades.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgpack

from fairmark.errors import FairmarkError
from fairmark.guest.seeds import seed
from fairmark.inline.examine import Cases, examine, tree_of
from fairmark.inline.exercise import Exercise
from fairmark.inline.write import visible_module


@dataclass
class _Run:
    """One run of the notebook's statements, up to the last check cell."""

    job: dict[str, Any]
    namespace: dict[str, Any] = field(default_factory=lambda: {"__name__": "__main__"})
    called: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def cell(self, number: int, source: str) -> None:
        """Run a cell's statements; raise FairmarkError where they fail."""
        self.namespace["check"] = self._check
        try:
            with _time_limit(self.job["seconds"]):
                exec(compile(source, f"cell {number}", "exec"), self.namespace)
        except FairmarkError:
            raise
        except (Exception, SystemExit) as error:
            text = " ".join(str(error).split())[:200]
            raise FairmarkError(f"{type(error).__name__}: {text}") from None

    def _check(self, question: str, **keywords: Any) -> None:
        self.called.append((question, keywords))

    def exercise(self) -> tuple[Exercise, Any]:
        """The exercise that the last cell described, and the solution to it."""
        question, keywords = self.called[-1]
        exercise = Exercise.written(question, keywords)
        return exercise, self.namespace.get(exercise.function)


class _TooSlow(BaseException):
    """Raised by the alarm. No handler of exceptions in the instructor's code stops it."""


def main() -> None:
    """Read a job from stdin, and write what came of it to stdout."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the instructor's code prints is none of it
    job = json.load(sys.stdin)
    out.write(msgpack.packb(_results(job)))
    out.flush()
    os._exit(0)  # whatever threads the instructor's code has started


def _results(job: dict[str, Any]) -> dict[str, Any]:
    """What came of each check cell, by its number; a cell that fails ends it all."""
    first, second = _Run(job), _Run(job)
    found: dict[str, Any] = {}
    for number, source in job["cells"]:
        try:
            for chance, run in ((1, first), (2, second)):
                seed(chance)
                run.cell(number, source)
            if (secret := job["secrets"].get(str(number))) is not None:
                with _time_limit(job["seconds"]):
                    found[str(number)] = _result(first, second, secret)
        except FairmarkError as error:
            found[str(number)] = {"fault": str(error)}
            if str(number) not in job["secrets"]:
                break
    return found


def _result(first: _Run, second: _Run, secret: str) -> dict[str, Any]:
    exercise, solution = first.exercise()
    if isinstance(solution, type) or not callable(solution):
        raise FairmarkError(f"the answer {exercise.function} is no function: write a grader for it")
    again, _ = second.exercise()
    one, other = (
        tree_of([*made.examples, list(made.gives or ())], "example") for made in (exercise, again)
    )
    if repr(one) != repr(other):
        raise FairmarkError(
            "example is another one in each run: seed what it is drawn from, as in "
            "np.random.default_rng(0)"
        )
    cases = examine(exercise, solution, secret)
    visible_module([(exercise, cases)])  # it refuses what no person can read
    return {"exercise": _described(exercise), "cases": _packed(cases)}


def _described(exercise: Exercise) -> dict[str, Any]:
    return {
        "question": exercise.question,
        "function": exercise.function,
        "hint": exercise.hint,
        "tolerance": exercise.tolerance,
    }


def _packed(cases: Cases) -> dict[str, Any]:
    return {
        **{
            kind: [tree_of((c.arguments, c.result), "a case") for c in getattr(cases, kind)]
            for kind in ("examples", "random", "narrow")
        },
        "layouts": list(cases.layouts),
        "seconds": cases.seconds,
    }


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise _TooSlow

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except _TooSlow:
        raise FairmarkError(f"it does not end within {seconds:g} seconds") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


if __name__ == "__main__":
    main()
