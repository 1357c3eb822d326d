"""Mutants of the solutions that test cells mark, in cells that may hold IPython's lines."""

from __future__ import annotations

import ast
import re
from dataclasses import replace

from fairmark.course.answers import checked_answers
from fairmark.course.course import Assignment
from fairmark.course.marks import grade_id
from fairmark.verify.mutants import Mutant, mutants
from fairmark.verify.relevant import students_lines

_MAGIC_LINE = re.compile(
    r"^([ \t]*)((?:[\w, ]+=)?[ \t]*(?:[%!?].*|[\w.%]+\?+[ \t]*))$", re.MULTILINE
)
_CELL_MAGIC = re.compile(r"\s*%%(\w*)")
_SHOWING = re.compile(r"(print|display|plt\.show)\(")
_PYTHON_MAGICS = ("time", "capture", "timeit", "prun")
_PLACE = re.compile("pass  # \ue000(\\d+)\ue000|# \ue000(\\d+)\ue000")
"""The placeholder of a line of IPython's; the character is nobody's."""


def mutants_of(assignment: Assignment) -> list[Mutant]:
    """Return the mutants of all answers that test cells are about, in the notebook's order.

    Only what students are to write is changed: of a cell with markers, what stands between them.
    ``Mutant.question`` is the grade_id of the answer.
    """
    tested = {answer for about in checked_answers(assignment).values() for answer in about}
    found = []
    for cell in assignment.solved.cells:
        name, source = grade_id(cell), str(cell.source)
        if cell.cell_type == "code" and name in tested:
            found += mutants_in(name, source, students_lines(source, assignment))
    return found


def mutants_in(question: str, source: str, lines: set[int] | None = None) -> list[Mutant]:
    """Return the mutants of one cell that change one of these lines, counted from 1.

    There are none where the cell is no Python. That a cell shows nothing at its end is no mistake.
    """
    masked, magics = _masked(source)
    try:
        found = mutants(question, masked)
    except (SyntaxError, ValueError):
        return []
    shown = [_unmasked(mutant, magics) for mutant in found if not _shows_less(mutant, masked)]
    return [m for m in shown if lines is None or lines & m.lines]


def _shows_less(mutant: Mutant, source: str) -> bool:
    """Whether a mutant only leaves out what the cell itself, and no function of it, prints."""
    line = source.split("\n")[mutant.line - 1]
    return mutant.becomes == "pass" and _SHOWING.match(line) is not None


def _masked(source: str) -> tuple[str, list[str]]:
    """A cell with statements of Python in the place of IPython's lines, and these lines."""
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        pass
    else:
        return source, []
    magics: list[str] = []

    def mask(match: re.Match[str]) -> str:
        magics.append(match[2])
        return f"{match[1]}pass  # \ue000{len(magics) - 1}\ue000"

    magic = _CELL_MAGIC.match(source)
    head = ""
    if magic is not None:
        if magic[1] not in _PYTHON_MAGICS:
            return source, []
        head, _, source = source.partition("\n")
        magics.append(head)
        head = "# \ue0000\ue000\n"
    return head + _MAGIC_LINE.sub(mask, source), magics


def _unmasked(mutant: Mutant, magics: list[str]) -> Mutant:
    def put_back(match: re.Match[str]) -> str:
        return magics[int(match[1] or match[2])]

    return replace(mutant, source=_PLACE.sub(put_back, mutant.source)) if magics else mutant
