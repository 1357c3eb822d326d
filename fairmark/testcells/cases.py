"""The cases that prove an assignment's test cells: one for each answer that is tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from fairmark.course.adopted import graders_folder
from fairmark.course.answers import checked_answers
from fairmark.course.course import Assignment
from fairmark.course.marks import grade_id
from fairmark.course.variants import ALTERNATIVES, MISCONCEPTIONS, read_variants
from fairmark.errors import FairmarkError
from fairmark.testcells.mutants import mutants_of
from fairmark.verify.equivalents import read_equivalents, refuse_stale

Kind = Literal["notebook", "order", "release", "empty", "alternative", "misconception", "mutant"]


@dataclass(frozen=True)
class CellCase:
    """One answer to try, or a whole notebook."""

    kind: Kind
    answer: str
    """The grade_id of the answer's cell; empty for a whole notebook."""
    name: str
    source: str
    where: str
    """The file and line of the answer; of a mutant, its line and its change."""
    equivalent: str = ""
    """Why a mutant is no mistake; "" where no reason is listed."""
    change: tuple[str, ...] = ()
    """By what the list of equivalents knows a mutant: its lines."""

    @property
    def title(self) -> str:
        """The name of the case in tables and for ``--only``."""
        return f"{self.answer}: {self.name}" if self.answer else self.name


def proofs_folder(assignment: Assignment) -> Path:
    """Return the folder of an instructor's own right and wrong answers for test cells."""
    alone = len(assignment.notebooks) <= 1
    root = assignment.course.root / "proofs"
    return graders_folder(root, assignment.name, assignment.notebook, alone=alone)


def cells_about(assignment: Assignment, answer: str) -> list[str]:
    """Return the test cells that are about an answer, by their grade_ids."""
    return [cell for cell, about in checked_answers(assignment).items() if answer in about]


def cases_of(assignment: Assignment) -> list[CellCase]:
    """Return all cases of an assignment; raise FairmarkError where a list of answers is wrong."""
    if all(question.manual for question in assignment.questions):
        return []
    where = str(assignment.source)
    whole: tuple[Kind, ...] = ("notebook", "order", "release", "empty")
    names = ("notebook", "another order", "release", "no answers")
    cases = [CellCase(kind, "", name, "", where) for kind, name in zip(whole, names, strict=True)]
    cases += _variants(assignment)
    return [*cases, *_excused(assignment, _mutants(assignment))]


def _variants(assignment: Assignment) -> Iterator[CellCase]:
    """The instructor's own right and wrong answers; each is run behind his own answer."""
    checked = checked_answers(assignment)
    own = {grade_id(c): str(c.source) for c in assignment.solved.cells if c.cell_type == "code"}
    answers = {answer: answer for about in checked.values() for answer in about}
    for cell, about in checked.items():
        answers.setdefault(cell, next(reversed(about), ""))
    kinds: tuple[tuple[Kind, str], ...] = (
        ("alternative", ALTERNATIVES),
        ("misconception", MISCONCEPTIONS),
    )
    for kind, file in kinds:
        path = proofs_folder(assignment) / file
        for variant in read_variants(path):
            where = f"{path}:{variant.line}"
            answer = answers.get(variant.question)
            if not answer:
                raise FairmarkError(
                    f"{where}: there is no tested answer {variant.question!r}; there are: "
                    f"{', '.join(name for name, answer in answers.items() if answer)}"
                )
            if kind == "misconception" and not variant.lesson:
                raise FairmarkError(f"{where}: {variant.name} says nothing to the student")
            source = f"{own[answer]}\n\n{variant.source}"
            yield CellCase(kind, answer, variant.name, source, where)


def _mutants(assignment: Assignment) -> Iterator[CellCase]:
    names: Counter[tuple[str, str]] = Counter()
    for mutant in mutants_of(assignment):
        name = f"{mutant.operator}@{mutant.line}"
        names[mutant.question, name] += 1
        if (number := names[mutant.question, name]) > 1:
            name += f"#{number}"
        change = (mutant.was, mutant.becomes)
        where = f"line {mutant.line}\n{_signed('-', change[0])}\n{_signed('+', change[1])}"
        yield CellCase("mutant", mutant.question, name, mutant.source, where, change=change)


def _excused(assignment: Assignment, cases: Iterable[CellCase]) -> Iterator[CellCase]:
    """The mutants, with the reasons for which some of them are no mistakes."""
    folder = proofs_folder(assignment)
    reasons = read_equivalents(folder)
    stale = set(reasons)
    for case in cases:
        change = (case.answer, *case.change)
        stale.discard(change)
        yield replace(case, equivalent=reasons.get(change, ""))
    refuse_stale(folder, stale)


def _signed(sign: str, text: str) -> str:
    return "\n".join(f"{sign} {line}" for line in text.splitlines())
