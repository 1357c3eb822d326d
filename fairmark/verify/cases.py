"""What there is to prove of an assignment's graders: one case for each answer that is tried."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import fairmark
from fairmark.course.answers import bare_cells, dependents
from fairmark.course.course import Assignment
from fairmark.course.marks import grade_id
from fairmark.course.proof import hash_files, imported_files
from fairmark.course.variants import ALTERNATIVES, MISCONCEPTIONS, read_variants
from fairmark.errors import FairmarkError
from fairmark.verify.mutants import mutants

Kind = Literal["notebook", "release", "answer", "alternative", "misconception", "mutant"]
EQUIVALENT = "equivalent_mutants.toml"
_ENGINE = ("observe.py", "testing.py", "verify")
"""What of fairmark decides whether a test passes. The rest only carries questions and answers, and
a change there, which fairmark's own tests prove, must not cost every course a new proof."""


@dataclass(frozen=True)
class Case:
    """One answer to try, or a whole notebook."""

    kind: Kind
    question: str
    """Empty for a whole notebook."""
    name: str
    source: str | None
    """The cell that is tried; None for the instructor's own."""
    where: str
    """The file and line that a person looks at, or a mutant's change."""
    lesson: str = ""
    equivalent: str = ""
    """Why a mutant is no mistake, where that is written down."""

    @property
    def title(self) -> str:
        """What the case is called in tables and by ``--only``."""
        return f"{self.question}: {self.name}" if self.question else self.name


def cases_of(assignment: Assignment) -> list[Case]:
    """Return all cases of an assignment; raise FairmarkError for lists that do not fit it."""
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
    """The mutants that are no mistakes: (question, was, becomes) -> reason."""
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


class Keys:
    """Gives each case a key that changes when anything does that can change its outcome."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        root = Path(fairmark.__file__).parent
        self._engine = fairmark.__version__ + hash_files(
            path
            for name in _ENGINE
            for path in (
                [root / name] if name.endswith(".py") else sorted(root.glob(f"{name}/*.py"))
            )
        )
        self._whole = [c.source for c in assignment.solved.cells if c.cell_type == "code"]
        self._bare = bare_cells(assignment)
        self._graders: dict[str, str] = {}

    def key(self, case: Case) -> str:
        """Return the key of a case."""
        parts = [
            self._engine,
            # Other limits can fail a right answer, but no wrong one passes for want of time.
            "" if case.kind in ("mutant", "misconception") else repr(self._assignment.limits()),
            json.dumps(self._bare if case.question else self._whole),
            self._judged_by(case.question),
            case.kind,
            case.question,
            case.source or "",
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]

    def _judged_by(self, question: str) -> str:
        """A hash of the grader modules of a question and of those that build on it."""
        if question not in self._graders:
            assignment = self._assignment
            files = set(assignment.grader_files)
            if question:
                judged = [question, *dependents(assignment, question)]
                files = {path for name in judged for path in assignment.graders_of(name)}
            reference = imported_files(files, assignment.course.root)
            self._graders[question] = hash_files(sorted(files | reference))
        return self._graders[question]
