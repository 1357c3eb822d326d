"""Mutants of the instructor's answers, marked by the test cells and by the graders."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Collection, Iterable, Sequence

from fairmark.adopt.agree import Difference
from fairmark.course.answers import checked_answers
from fairmark.course.course import Assignment
from fairmark.course.marks import grade_id
from fairmark.errors import FairmarkError
from fairmark.grading.grade import grade
from fairmark.sandbox import Sandbox
from fairmark.testcells.mutants import mutants_of
from fairmark.testcells.trials import CellTrials
from fairmark.verify.mutants import Mutant
from fairmark.verify.trials import Trial, Trials

_SECONDS = 5.0
"""How long a mutant may take for a cell, or for a call."""
_WHOLE = 2
"""How many mutants of an answer are marked where each takes a run of the whole notebook."""


def compare_mutants(
    old: Assignment,
    new: Assignment,
    sandbox: Sandbox,
    parts: Collection[str],
    number: int,
    tell: Callable[[], None],
) -> tuple[int, list[Difference]]:
    """Mark mutants both ways, ``number`` of each answer.

    Where a cell of the instructor's own notebook fails, or a test cell is about several answers,
    each takes a run of the whole, and there are fewer. Return how many there were, and where the
    marks differ. ``parts`` are the test cells whose points are added up of parts.
    """
    judged = {question.id: question.points for question in new.questions if question.judged}
    about = checked_answers(old)
    tried, found = 0, list[Difference]()
    chosen = list(_chosen(mutants_of(old), number))
    in_forks = _can_be_tried(new, sandbox)
    if not in_forks:
        chosen = [mutant for mutant in chosen if mutant in list(_chosen(chosen, _WHOLE))]
    # Where a test cell is about several answers, the others run on behind a mutant that fails.
    shared = {answer for answers in about.values() if len(answers) > 1 for answer in answers}
    whole = list(_chosen([m for m in chosen if m.question in shared], _WHOLE))
    chosen = [mutant for mutant in chosen if mutant.question not in shared or mutant in whole]
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
            if in_forks and mutant not in whole:
                marks = _marks(new, by_graders, mutant, cells, parts)
            else:
                marks = _whole_marks(new, sandbox, mutant)
            for cell in cells:
                mark, why = marks[cell]
                if abs(mark - points[cell]) > 1e-6:
                    found.append(_difference(mutant, cell, points[cell], mark, why))
    return tried, found


def _marks(
    new: Assignment, trials: Trials, mutant: Mutant, cells: Sequence[str], parts: Collection[str]
) -> dict[str, tuple[float, str]]:
    """The marks that graders give to a mutant, each with what they say against it."""
    points = {question.id: question.points for question in new.questions}
    found = {}
    for cell in cells:
        trial = trials.run(cell, mutant.source, seconds=_SECONDS)
        why = trial.error or next(iter(trial.messages.values()), "")
        ran = trial.error in ("", "timeout", "killed")  # else there is none of the answer's names
        mark = _mark(trial, points[cell], in_parts=cell in parts) if ran else 0.0
        found[cell] = mark, why
    return found


def _can_be_tried(new: Assignment, sandbox: Sandbox) -> bool:
    """Whether the instructor's own notebook runs without an error, which trials start from."""
    question = next((q.id for q in new.questions if q.judged), None)
    if question is None:
        return False
    try:
        with Trials(new, sandbox) as trials:
            trials.run(question)
            return not trials.failed
    except FairmarkError:
        return False


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


def _whole_marks(new: Assignment, sandbox: Sandbox, mutant: Mutant) -> dict[str, tuple[float, str]]:
    """The marks of a whole notebook with a mutant in it."""
    notebook = copy.deepcopy(new.solved)
    for cell in notebook.cells:
        if grade_id(cell) == mutant.question:
            cell.source = mutant.source
    report = grade(notebook, new, sandbox)
    return {
        result.id: (result.score, next((t.message for t in result.tests if not t.passed), ""))
        for result in report.questions
        if result.score is not None
    }


def _difference(mutant: Mutant, cell: str, old: float, new: float, why: str) -> Difference:
    diff = [*(f"- {line}" for line in mutant.was.splitlines())]
    diff += [f"+ {line}" for line in mutant.becomes.splitlines()]
    case = f"mutant {mutant.operator} of {mutant.question}, line {mutant.line}"
    return Difference(cell, case, old, new, " ".join(why.split())[:160], "\n".join(diff))
