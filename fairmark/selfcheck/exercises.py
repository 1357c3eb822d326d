"""What students are told of the exercises beside their checks: points, how many checks follow.

It travels as a literal at the end of ``checks.py``. Of hidden tests it holds their number alone.
"""

from __future__ import annotations

import json
import pprint
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from fairmark.selfcheck.hidden import hidden_tests
from fairmark.selfcheck.timelimit import DEFAULT_CALL_SECONDS, DEFAULT_QUESTION_SECONDS
from fairmark.syntax.cells import names_defined

_NAME = "ABOUT"
_COMMENT = "# What check() says beside the results; times are in seconds."
_CHECK_PREFIX = "check_"


@dataclass(frozen=True)
class Exercise:
    """One exercise of the notebook, in the notebook's order."""

    id: str
    points: float
    by_hand: bool = False
    """Whether a person marks it."""
    hidden: int | None = 0
    """How many tests are hidden; None for some, whose number only running the graders tells."""
    names: tuple[str, ...] = ()
    """The names that the handed-out cell defines."""


@dataclass(frozen=True)
class About:
    """The exercises of a notebook, and the time limits of its checks."""

    exercises: tuple[Exercise, ...] = ()
    call_seconds: float = DEFAULT_CALL_SECONDS
    question_seconds: float = DEFAULT_QUESTION_SECONDS

    def find(self, question_id: str) -> Exercise:
        """Return an exercise; one of which nothing is known where it is not there."""
        return next(
            (one for one in self.exercises if one.id == question_id), Exercise(question_id, 0)
        )

    def before(self, question_id: str) -> tuple[Exercise, ...]:
        """Return the exercises that stand above this one."""
        ids = [one.id for one in self.exercises]
        return self.exercises[: ids.index(question_id)] if question_id in ids else ()


def exercises_of(
    cells: Iterable[Mapping[str, Any]], sources: Mapping[str, str]
) -> tuple[Exercise, ...]:
    """Return the exercises of a notebook, whose cells are given as in its file.

    ``sources`` are the grader modules. Names are those that the cells define as they are: of a
    release, no name that only a solution uses is among them.
    """
    cells = list(cells)
    marks = [(cell, _mark(cell)) for cell in cells]
    answers = {mark.get("grade_id"): cell for cell, mark in marks if mark.get("solution")}
    hidden = hidden_tests(sources)
    found = []
    for _, mark in marks:
        if not mark.get("grade") and not mark.get("task"):
            continue
        by_hand = bool(mark.get("solution") or mark.get("task"))
        name = str(mark.get("grade_id"))
        question = name if by_hand else name.removeprefix(_CHECK_PREFIX)
        points = float(mark.get("points") or 0)
        if by_hand:
            found.append(Exercise(question, points, True))
            continue
        answer = answers.get(question, {})
        names = names_defined(source_of(answer)) if answer.get("cell_type") == "code" else ()
        found.append(
            Exercise(question, points, False, hidden.get(question, 0), tuple(sorted(names)))
        )
    return tuple(found)


def written(about: About) -> str:
    """Return the statement for ``checks.py``."""
    exercises = {
        one.id: {"points": one.points, "by_hand": True}
        if one.by_hand
        else {"points": one.points, "hidden": one.hidden, "names": list(one.names)}
        for one in about.exercises
    }
    data = {
        "call_seconds": about.call_seconds,
        "question_seconds": about.question_seconds,
        "exercises": exercises,
    }
    return f"\n\n{_COMMENT}\n{_NAME} = {pprint.pformat(data, sort_dicts=False, width=98)}\n"


def read_about(module: ModuleType) -> About:
    """Return what a module of checks says; nothing where students have changed it."""
    data = getattr(module, _NAME, None)
    try:
        assert isinstance(data, dict)
        exercises = tuple(
            Exercise(
                str(name),
                float(one["points"]),
                bool(one.get("by_hand", False)),
                None if (hidden := one.get("hidden", 0)) is None else int(hidden),
                tuple(map(str, one.get("names", ()))),
            )
            for name, one in data["exercises"].items()
        )
        return About(exercises, float(data["call_seconds"]), float(data["question_seconds"]))
    except (AssertionError, AttributeError, KeyError, TypeError, ValueError):
        return About()


def about_source(folder: Path, sources: Mapping[str, str]) -> About:
    """Return what there is to say in an instructor's ``source/`` folder, which has no release."""
    notebooks = sorted(folder.glob("*.ipynb"))
    if len(notebooks) != 1:
        return About()
    return About(exercises_of(read_cells(notebooks[0]), sources))


def read_cells(notebook: Path) -> list[dict[str, Any]]:
    """Return the cells in a notebook's file; none where it cannot be read."""
    try:
        cells = json.loads(notebook.read_text("utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []
    return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []


def source_of(cell: Mapping[str, Any]) -> str:
    """Return a cell's source, which a file has in one piece or in lines."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(map(str, source))


def _mark(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = cell.get("metadata")
    mark = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return mark if isinstance(mark, dict) else {}
