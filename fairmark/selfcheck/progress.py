"""How far the notebook is: which exercises pass their checks, and what is still open.

What is counted are the checks of this kernel. Nothing is kept beyond it.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fairmark.harness.report import QuestionResult
from fairmark.selfcheck.code import fingerprint
from fairmark.selfcheck.exercises import About, Exercise
from fairmark.text import clean, count, points

State = Literal["passes", "fails", "changed", "unchecked", "by hand"]

_OPEN: dict[State, str] = {
    "fails": "Fails",
    "changed": "Changed since the check",
    "unchecked": "Not checked yet",
}
"""The states of what is still open, in words."""


@dataclass(frozen=True)
class _Checked:
    """The last check of an exercise."""

    passed: bool
    code: tuple[object, ...]


class Progress:
    """What the checks of one notebook have said since its kernel was started."""

    def __init__(self) -> None:
        self._checked: dict[str, _Checked] = {}

    def note(
        self, exercise: Exercise, question: QuestionResult, namespace: Mapping[str, Any]
    ) -> None:
        """Remember what a check said of an exercise."""
        passed = all(test.passed for test in question.tests)
        self._checked[exercise.id] = _Checked(passed, fingerprint(exercise.names, namespace))

    def state(self, exercise: Exercise, namespace: Mapping[str, Any]) -> State:
        """Return how an exercise stands."""
        if exercise.by_hand:
            return "by hand"
        checked = self._checked.get(exercise.id)
        if checked is None:
            return "unchecked"
        if checked.code != fingerprint(exercise.names, namespace):
            return "changed"
        return "passes" if checked.passed else "fails"

    def summary(self, about: About, namespace: Mapping[str, Any]) -> Summary | None:
        """Return how far the notebook is; None where it has no more than one exercise."""
        if len(about.exercises) < 2:
            return None
        states = [(one, self.state(one, namespace)) for one in about.exercises]
        checkable = [one for one in about.exercises if not one.by_hand]
        passing = [one for one, state in states if state == "passes"]
        return Summary(
            done=len(passing),
            of=len(checkable),
            points=sum(one.points for one in passing),
            of_points=sum(one.points for one in checkable),
            decided=all(one.hidden == 0 for one in passing),
            open=tuple(
                (tuple(clean(one.id) for one, its in states if its == state), words)
                for state, words in _OPEN.items()
                if any(its == state for _, its in states)
            ),
            by_hand=tuple(clean(one.id) for one, state in states if state == "by hand"),
            partial=any(state == "unchecked" for _, state in states),
        )


@dataclass(frozen=True)
class Summary:
    """How far a notebook is, to be shown."""

    done: int
    of: int
    points: float
    of_points: float
    decided: bool
    """Whether no check follows for what passes."""
    open: tuple[tuple[tuple[str, ...], str], ...]
    """The exercises that do not pass, by the reason."""
    by_hand: tuple[str, ...]
    partial: bool
    """Whether something was not checked since the kernel was started."""

    @property
    def headline(self) -> str:
        """The exercises and points in a sentence."""
        verb = "passes its checks" if self.of == 1 else "pass their checks"
        worth = f"{points(self.points)} of {count_points(self.of_points)}"
        later = "" if self.decided else ", if they pass those that follow"
        return f"{self.done} of {count(self.of, 'exercise')} {verb}: {worth}{later}."

    @property
    def percent(self) -> float:
        """The share of the points."""
        return round(100 * self.points / self.of_points, 1) if self.of_points else 0.0

    @property
    def remark(self) -> str:
        """What is not counted, in a sentence; "" where nothing is left out."""
        return "Only checks since the kernel was started are counted." if self.partial else ""

    @property
    def html(self) -> str:
        """The summary as self-contained HTML."""
        return _environment().get_template("progress.html").render(summary=self)

    @property
    def text(self) -> str:
        """The summary as plain text."""
        lines = [f"Your notebook: {self.headline}"]
        lines += [f"  {state}: {', '.join(names)}" for names, state in self.open]
        if self.by_hand:
            lines.append("  Marked by a person: " + ", ".join(self.by_hand))
        return "\n".join([*lines, *([f"  {self.remark}"] if self.remark else [])])


def count_points(number: float) -> str:
    """Points with their noun."""
    return f"{points(number)} {'point' if number == 1 else 'points'}"


@functools.cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
    )
