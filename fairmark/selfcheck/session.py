"""What a check cell shows: the question's table, what may be behind a failure, and the progress."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairmark.errors import FairmarkError
from fairmark.harness.render import Outlook, question_html, question_text
from fairmark.harness.report import QuestionResult
from fairmark.selfcheck import history
from fairmark.selfcheck.code import names_used
from fairmark.selfcheck.exercises import About, Exercise
from fairmark.selfcheck.progress import Progress
from fairmark.selfcheck.runner import read_about_checks, run_checks
from fairmark.selfcheck.saved import Saved, saved_notebook
from fairmark.text import count

_ABOVE = "Run the cells above first (menu Run > Run All Above Selected Cell)"
_UNDEFINED = re.compile(r"^Your code raised NameError: name '(\w+)' is not defined")

_progress: dict[Path, Progress] = {}
"""What this kernel remembers, by the folder of the checks."""


@dataclass(frozen=True)
class Shown:
    """What a check cell shows, and what it fails with."""

    html: str
    text: str
    failure: str
    """"" where all checks passed."""


def check_question(
    question_id: str,
    sources: Mapping[str, str],
    folder: Path,
    home: Path,
    namespace: dict[str, Any],
) -> Shown:
    """Run the checks of a question in this kernel; raise FairmarkError where they cannot be run.

    ``folder`` holds the checks, ``home`` the notebook.
    """
    about = read_about_checks(sources, folder, home)
    exercise = about.find(question_id)
    _require_definitions(exercise, namespace)
    question = run_checks(question_id, sources, folder, namespace, about)
    saved = Saved(saved_notebook(home))
    _require_cells_above(question, exercise, saved, namespace)
    progress = _progress.setdefault(folder, Progress())
    progress.note(exercise, question, namespace)
    failed = sum(not test.passed for test in question.tests)
    notes = []
    if saved.changed_since(exercise, history.runs):
        notes.append(
            f"The cell of {question_id} was changed after it was run: run it, then check again."
        )
    if failed:
        notes += _causes(about, exercise, progress, namespace)
    outlook = Outlook(exercise.points, exercise.hidden, tuple(notes))
    summary = progress.summary(about, namespace)
    parts = (
        [question_html(question, "student", outlook)],
        [question_text(question, "student", outlook)],
    )
    if summary is not None:
        parts[0].append(summary.html)
        parts[1].append(summary.text)
    total = count(len(question.tests), "check")
    failure = f"{question_id}: {failed} of {total} failed." if failed else ""
    return Shown("\n".join(parts[0]), "\n".join(parts[1]), failure)


def _require_definitions(exercise: Exercise, namespace: Mapping[str, Any]) -> None:
    """Raise FairmarkError where nothing of the answer is there, as after a restart."""
    if exercise.names and not any(name in namespace for name in exercise.names):
        names = _listed(exercise.names)
        raise FairmarkError(f"{_ABOVE}: {names} {_is(exercise.names)} not defined yet.")


def _require_cells_above(
    question: QuestionResult, exercise: Exercise, saved: Saved, namespace: Mapping[str, Any]
) -> None:
    """Raise FairmarkError where the answer only lacks what other cells of the notebook make."""
    failed = [test for test in question.tests if not test.passed]
    missing = [match[1] if (match := _UNDEFINED.match(t.message)) else "" for t in failed]
    wanted = {name for name in missing if name and name not in namespace}
    names = saved.made_above(wanted, exercise)
    if failed and names and set(missing) <= set(names):
        raise FairmarkError(
            f"{_ABOVE}: {_listed(names)} {_is(names)} made there, and {exercise.id} needs "
            f"{'it' if len(names) == 1 else 'them'}."
        )


def _causes(
    about: About, exercise: Exercise, progress: Progress, namespace: Mapping[str, Any]
) -> list[str]:
    """Name the earlier exercises that the answer builds on and that do not pass."""
    used = names_used(exercise.names, namespace) - set(exercise.names)
    notes = []
    for earlier in about.before(exercise.id):
        names = sorted(used & set(earlier.names))
        state = progress.state(earlier, namespace)
        if not names or state in ("passes", "by hand"):
            continue
        why = {
            "fails": f"The check of {earlier.id} fails: mend that first, it may be the cause here.",
            "changed": f"{earlier.id} was changed since it was checked: check that first.",
        }.get(
            state, f"{earlier.id} was not checked since the kernel was started: check that first."
        )
        notes.append(f"This answer uses {_listed(names)} of an earlier exercise. {why}")
    return notes


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _is(names: tuple[str, ...] | list[str]) -> str:
    return "is" if len(names) == 1 else "are"
