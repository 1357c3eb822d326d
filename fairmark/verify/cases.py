"""The cases that prove an assignment's graders: one for each answer that is tried."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from fairmark.course.course import Assignment
from fairmark.course.marks import grade_id
from fairmark.course.variants import ALTERNATIVES, MISCONCEPTIONS, read_variants
from fairmark.errors import FairmarkError
from fairmark.verify.mutants import mutants

Kind = Literal["notebook", "release", "answer", "alternative", "misconception", "mutant"]
EQUIVALENT = "equivalent_mutants.toml"


@dataclass(frozen=True)
class Case:
    """One answer to try, or a whole notebook."""

    kind: Kind
    question: str
    """Empty for a whole notebook."""
    name: str
    source: str | None
    """The source of the cell that is tried; None for the instructor's own."""
    where: str
    """The file and line of the answer; of a mutant, its line and its change."""
    lesson: str = ""
    equivalent: str = ""
    """Why a mutant is no mistake; "" where no reason is listed."""

    @property
    def title(self) -> str:
        """The name of the case in tables and for ``--only``."""
        return f"{self.question}: {self.name}" if self.question else self.name


def cases_of(assignment: Assignment) -> list[Case]:
    """Return all cases of an assignment; raise FairmarkError where a list of answers is wrong."""
    ids = [question.id for question in assignment.questions if not question.manual]
    cases = [
        Case("notebook", "", "notebook", None, str(assignment.source)),
        Case("release", "", "release", None, str(assignment.source)),
    ]
    cases += [Case("answer", q, "answer", None, str(assignment.source)) for q in ids]
    for kind, file in (("alternative", ALTERNATIVES), ("misconception", MISCONCEPTIONS)):
        path = assignment.graders / file
        for variant in read_variants(path):
            where = f"{path}:{variant.line}"
            if variant.question not in ids:
                raise FairmarkError(
                    f"{where}: there is no exercise {variant.question!r}; there are: "
                    f"{', '.join(ids)}"
                )
            if kind == "misconception" and not variant.lesson:
                raise FairmarkError(f"{where}: {variant.name} says nothing to the student")
            found: Kind = "alternative" if kind == "alternative" else "misconception"
            case = Case(
                found, variant.question, variant.name, variant.source, where, variant.lesson
            )
            cases.append(case)
    cases += _mutant_cases(assignment, ids)
    return cases


def _mutant_cases(assignment: Assignment, ids: list[str]) -> list[Case]:
    reasons = _equivalents(assignment)
    stale = set(reasons)
    cases = []
    for question in ids:
        names: Counter[str] = Counter()
        for mutant in mutants(question, _solution(assignment, question)):
            name = f"{mutant.operator}@{mutant.line}"
            names[name] += 1
            if names[name] > 1:
                name += f"#{names[name]}"
            change = (question, mutant.was, mutant.becomes)
            reason = reasons.get(change, "")
            stale.discard(change)
            where = (
                f"line {mutant.line}\n{_signed('-', mutant.was)}\n{_signed('+', mutant.becomes)}"
            )
            cases.append(Case("mutant", question, name, mutant.source, where, equivalent=reason))
    if stale:
        question, was, becomes = min(stale)
        raise FairmarkError(
            f"{assignment.graders / EQUIVALENT}: no mutant of {question} (any longer) turns "
            f"{was!r} into {becomes!r}"
        )
    return cases


def _signed(sign: str, text: str) -> str:
    return "\n".join(f"{sign} {line}" for line in text.splitlines())


def _equivalents(assignment: Assignment) -> dict[tuple[str, str, str], str]:
    """The mutants that are listed as no mistakes: (question, was, becomes) -> reason."""
    path = assignment.graders / EQUIVALENT
    try:
        entries = tomllib.loads(path.read_text("utf-8")).get("equivalent", [])
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        raise FairmarkError(f"{path}: {error}") from None
    found = {}
    for entry in entries:
        missing = {"question", "was", "becomes", "reason"} - entry.keys()
        if missing:
            raise FairmarkError(f"{path}: an entry lacks {', '.join(sorted(missing))}: {entry}")
        found[entry["question"], entry["was"], entry["becomes"]] = str(entry["reason"])
    return found


def _solution(assignment: Assignment, question: str) -> str:
    for cell in assignment.solved.cells:
        if grade_id(cell) == question:
            return str(cell.source)
    raise FairmarkError(f"{assignment.source}: there is no cell {question}")
