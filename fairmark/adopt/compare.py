"""Mutants of the instructor's answers, marked by the test cells and by the graders."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Sequence

from fairmark.adopt.agree import Difference
from fairmark.course.answers import checked_answers
from fairmark.course.course import Assignment
from fairmark.errors import FairmarkError
from fairmark.sandbox import Sandbox
from fairmark.testcells.mutants import mutants_of
from fairmark.testcells.trials import CellTrials
from fairmark.verify.mutants import Mutant
from fairmark.verify.trials import Trial, Trials

_SECONDS = 5.0
"""How long a mutant may take for a cell, or for a call."""


def compare_mutants(
    old: Assignment,
    new: Assignment,
    sandbox: Sandbox,
    parts: Collection[str],
    number: int,
    tell: Callable[[], None],
) -> tuple[int, list[Difference]]:
    """Mark mutants both ways, ``number`` of each answer.

    Return how many there were, and where the marks differ. ``parts`` are the test cells whose
    points are added up of parts.
    """
    judged = {question.id: question.points for question in new.questions if question.judged}
    about = checked_answers(old)
    tried, found = 0, list[Difference]()
    chosen = list(_chosen(mutants_of(old), number))
    with CellTrials(old, sandbox) as by_cells, Trials(new, sandbox) as by_graders:
        for mutant in chosen:
            cells = [cell for cell in judged if mutant.question in about.get(cell, {})]
            if not cells:
                continue
            tried += 1
            tell()
            try:
                points = by_cells.points(
                    {mutant.question: mutant.source}, only=cells, seconds=_SECONDS
                )
            except FairmarkError:
                continue  # a mutant that ends every process
            for cell in cells:
                trial = by_graders.run(cell, mutant.source, seconds=_SECONDS)
                mark = _mark(trial, judged[cell], in_parts=cell in parts)
                if abs(mark - points[cell]) > 1e-6:
                    found.append(_difference(mutant, cell, points[cell], mark, trial))
    return tried, found


def _chosen(mutants: Sequence[Mutant], number: int) -> Iterable[Mutant]:
    """Mutants from all over each answer, of those that are plain Python."""
    by_answer: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        if _is_python(mutant.source):
            by_answer.setdefault(mutant.question, []).append(mutant)
    for found in by_answer.values():
        step = max(1.0, len(found) / number)
        yield from (found[int(place * step)] for place in range(min(number, len(found))))


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def _mark(trial: Trial, points: float, *, in_parts: bool) -> float:
    if not in_parts:
        return points if trial.is_right else 0.0
    total = sum(trial.weights.values())
    passed = sum(trial.weights[key] for key, right in trial.passed.items() if right)
    return round(points * passed / total, 2) if total else 0.0


def _difference(mutant: Mutant, cell: str, old: float, new: float, trial: Trial) -> Difference:
    why = trial.error or next(iter(trial.messages.values()), "")
    diff = [*(f"- {line}" for line in mutant.was.splitlines())]
    diff += [f"+ {line}" for line in mutant.becomes.splitlines()]
    case = f"mutant {mutant.operator} of {mutant.question}, line {mutant.line}"
    return Difference(cell, case, old, new, " ".join(why.split())[:160], "\n".join(diff))
