"""The cases that prove an assignment's graders: one for each answer that is tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from fairmark.course.answers import answer_cells, answers_names
from fairmark.course.course import Assignment
from fairmark.course.marks import grade_id
from fairmark.course.proof import imported_files
from fairmark.course.variants import ALTERNATIVES, MISCONCEPTIONS, read_variants
from fairmark.errors import FairmarkError
from fairmark.syntax.cells import without_magics
from fairmark.verify.calls import Function, functions_of
from fairmark.verify.equivalents import read_equivalents, refuse_stale
from fairmark.verify.generic import generics
from fairmark.verify.mutants import mutants
from fairmark.verify.relevant import lines_seen, students_lines

Kind = Literal["notebook", "release", "answer", "alternative", "misconception", "generic", "mutant"]


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
    """Why a mutant or a generic answer is no mistake; "" where no reason is listed."""
    change: tuple[str, ...] = ()
    """By what the list of equivalents knows it: the lines of a mutant, the name of an answer."""

    @property
    def title(self) -> str:
        """The name of the case in tables and for ``--only``."""
        return f"{self.question}: {self.name}" if self.question else self.name


def cases_of(assignment: Assignment) -> list[Case]:
    """Return all cases of an assignment; raise FairmarkError where a list of answers is wrong."""
    ids = [question.id for question in assignment.questions if question.judged]
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
    tried = [*_generic_cases(assignment, ids), *_mutant_cases(assignment, ids)]
    cases += _excused(assignment, tried)
    return cases


def check_syntax(assignment: Assignment) -> None:
    """Raise FairmarkError where a grader, or what it imports of the course, is no Python."""
    files = set(assignment.grader_files)
    for path in sorted(files | imported_files(files, assignment.course.root)):
        try:
            compile(path.read_bytes(), str(path), "exec")
        except (SyntaxError, ValueError) as error:
            line = f":{error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
            text = getattr(error, "msg", None) or str(error)
            raise FairmarkError(f"{path}{line}: {text}") from None


def solutions_of(assignment: Assignment, question: str) -> dict[str, str]:
    """Return the instructor's answer to a question: by cell, mostly one."""
    wanted = answer_cells(assignment, question)
    found = {
        grade_id(cell): without_magics(str(cell.source))
        for cell in assignment.solved.cells
        if grade_id(cell) in wanted and cell.cell_type == "code"
    }
    if wanted.keys() - found.keys() or not (wanted or assignment.adopted):
        raise FairmarkError(f"{assignment.source}: there is no cell {question}")
    return found


def functions_asked(assignment: Assignment, question: str) -> list[Function]:
    """Return the functions of the instructor's answer that an answer has to define."""
    source = "\n".join(solutions_of(assignment, question).values())
    return functions_of(source, answers_names(assignment, question))


def _generic_cases(assignment: Assignment, ids: list[str]) -> Iterator[Case]:
    for question in ids:
        for generic in generics(functions_asked(assignment, question)):
            name = f"generic/{generic.name}"
            yield Case("generic", question, name, None, "", change=(name,))


def _mutant_cases(assignment: Assignment, ids: list[str]) -> Iterator[Case]:
    """Mutants by question; of an answer with several test cells, each tries what it can see.

    What none of them sees is tried by the first. Of the cells that test cells are about, only what
    students are to write is changed.
    """
    solved = {question: solutions_of(assignment, question) for question in ids}
    seen = {q: lines_seen(assignment, q, solved[q]) for q in ids} if assignment.adopted else {}
    for question, solutions in solved.items():
        names: Counter[str] = Counter()
        here = seen.get(question)
        for cell, solution in solutions.items():
            others = [q for q in ids if q != question and cell in solved[q]]
            place = f"{cell}:" if len(solutions) > 1 else ""
            written = students_lines(solution, assignment) if assignment.adopted else None
            for mutant in mutants(question, solution):
                name = f"{mutant.operator}@{place}{mutant.line}"
                names[name] += 1
                if names[name] > 1:
                    name += f"#{names[name]}"
                sees = [q for q in others if _sees(seen.get(q), cell, mutant.line)]
                first = not sees and ids.index(question) < min(map(ids.index, others), default=1e9)
                if not (_sees(here, cell, mutant.line) or first):
                    continue
                if written is not None and not written & mutant.lines:
                    continue
                change = (mutant.was, mutant.becomes)
                where = f"line {mutant.line}\n{_signed('-', change[0])}\n{_signed('+', change[1])}"
                # What the other cells make of it is a part of the answer.
                source = "\n".join((solutions | {cell: mutant.source}).values())
                yield Case("mutant", question, name, source, where, change=change)


def _sees(seen: Mapping[str, set[int]] | None, cell: str, line: int) -> bool:
    return seen is None or line in seen.get(cell, ())


def _excused(assignment: Assignment, cases: Iterable[Case]) -> Iterator[Case]:
    """The cases, with the reasons for which some of them are no mistakes."""
    reasons = read_equivalents(assignment.graders)
    stale = set(reasons)
    for case in cases:
        change = (case.question, *case.change)
        stale.discard(change)
        yield replace(case, equivalent=reasons.get(change, ""))
    refuse_stale(assignment.graders, stale)


def _signed(sign: str, text: str) -> str:
    return "\n".join(f"{sign} {line}" for line in text.splitlines())
