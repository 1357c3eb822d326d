"""Damage to code cells: cells that were split, merged or deleted.

A key splits or merges cells in an editor. Half of a function is no valid code, two answers in one
cell cannot be judged separately, and a right answer fails without the cell of its imports.
"""

from __future__ import annotations

import ast
import copy
import re
import textwrap
from collections import Counter
from collections.abc import Iterable

from nbformat import NotebookNode

from fairmark.course.marks import grade_id, mark_of
from fairmark.harness.report import Repair
from fairmark.intake.kinds import RepairKind
from fairmark.syntax.cells import is_valid, names_defined, parsed
from fairmark.syntax.imports import cells_names
from fairmark.syntax.names import bound

_MAX_PIECES = 8


def rejoined(
    cells: Iterable[NotebookNode], masters: Iterable[NotebookNode]
) -> tuple[list[NotebookNode], list[Repair]]:
    """Return the cells with the pieces of split cells joined, and the repairs."""
    asked = frozenset[str]().union(*(names_defined(c.source) for c in masters if _is_answer(c)))
    left = list(cells)
    whole: list[NotebookNode] = []
    repairs = []
    while left:
        count, source = _pieces(left[:_MAX_PIECES], asked)
        cell = left[0]
        between: list[NotebookNode] = []
        if count > 1:
            pieces = [c for c in left[:count] if c.cell_type == "code"]
            between = [c for c in left[:count] if c.cell_type != "code"]
            marked = [c for c in pieces if _is_answer(c)]
            cell = copy.deepcopy((marked or pieces)[0])
            cell.source = source
            names = ", ".join(sorted(names_defined(source))) or "code"
            repairs.append(RepairKind.IN_PIECES.of(names=names[:100], number=len(pieces)))
        whole += [cell, *between]
        del left[:count]
    return whole, repairs


def divided(
    cells: Iterable[NotebookNode], masters: Iterable[NotebookNode]
) -> tuple[list[NotebookNode], list[Repair]]:
    """Return the cells with cells of several answers divided, and the repairs.

    The pieces hold the same code in the same order, and each can be found and judged by itself. A
    name that other cells define as well is no reason to divide: nobody could tell which is meant.
    What a person marks is no name: such an answer is cut, or cut off, only where the cell of the
    other answer is gone.
    """
    cells, masters = list(cells), list(masters)
    present = {grade_id(cell) for cell in cells}
    stubs = {cell.source.strip() for cell in masters}
    given = [c for c in cells if c.cell_type == "code" and c.source.strip() not in stubs]
    times = Counter(name for cell in given for name in names_defined(cell.source))
    wanted = [(name, c) for c in masters if _is_answer(c) for name in names_defined(c.source)]
    marks = {grade_id(c): c.metadata for _, c in wanted}
    askers = Counter(name for name, _ in wanted)
    asked = {name: grade_id(master) for name, master in wanted if askers[name] == times[name] == 1}
    by_hand = {
        grade_id(cell) for cell in masters if _is_answer(cell) and mark_of(cell).get("grade")
    }
    whole: list[NotebookNode] = []
    repairs = []
    for cell in cells:
        own = grade_id(cell)
        sought = {
            name: answer
            for name, answer in asked.items()
            if answer == own or answer not in present or not {own, answer} & by_hand
        }
        answers = _answers_apart(cell, sought)
        for number, (name, source) in enumerate(answers):
            piece = copy.deepcopy(cell)
            piece.source = source
            if number:
                piece.id = f"{cell.id[:50]}-part-{number}"
            if len(answers) > 1 and name != own:
                piece.metadata = copy.deepcopy(marks[name])
            whole.append(piece)
        if len(answers) > 1:
            names = ", ".join(name for name, _ in answers)
            repairs.append(RepairKind.SEVERAL_IN_ONE.of(names=names))
    return whole, repairs


def unfenced(source: str, asked: frozenset[str]) -> str:
    """Return the code inside a text's code fences, with the rest of the text as comments.

    Return the source unchanged where the result is no valid code or defines none of ``asked``.
    """
    if is_valid(source):
        return source
    lines, fence = [], ""
    for line in source.splitlines():
        mark = line.strip()[:3]
        if mark in ("```", "~~~") and fence in ("", mark):
            fence = "" if fence else mark
            lines.append(f"# {line}")
        else:
            lines.append(line if fence or not line.strip() else f"# {line}")
    code = "\n".join(lines)
    return code if is_valid(code) and names_defined(code) & asked else source


def lost_setup(
    cells: Iterable[NotebookNode], users: Iterable[NotebookNode], masters: Iterable[NotebookNode]
) -> list[tuple[NotebookNode, int]]:
    """Return the master's unmarked code cells whose names ``users`` need and no cell binds.

    Each comes with its place among the master's cells.
    """
    has = frozenset[str]().union(*(_binds(c.source) for c in cells if c.cell_type == "code"))
    used = "\n".join(cell.source for cell in users if cell.cell_type == "code")
    said = set(re.findall(r"\w+", used))
    found = []
    for place, cell in enumerate(masters):
        if cell.cell_type != "code" or grade_id(cell):
            continue
        if (_binds(cell.source) - has) & said:
            found.append((cell, place))
    return found


def _binds(source: str) -> frozenset[str]:
    return names_defined(source) | cells_names(source)


def _is_answer(cell: NotebookNode) -> bool:
    return bool(mark_of(cell).get("solution")) and cell.cell_type == "code"


def _answers_apart(cell: NotebookNode, asked: dict[str, str]) -> list[tuple[str, str]]:
    """The answers in a cell, each with its source; one without a name if it cannot be divided."""
    whole = [("", cell.source)]
    if cell.cell_type != "code" or len(asked.keys() & names_defined(cell.source)) < 2:
        return whole
    tree = parsed(cell.source)
    ends: dict[str, int] = {}  # the last line that belongs to each answer
    line, name, trailing = 0, "", False
    for statement in tree.body if tree is not None else ():
        first = min(map(_line, [statement, *getattr(statement, "decorator_list", [])]))
        found = {asked[n] for n in bound(statement) if n in asked}
        if first <= line or len(found) > 1 or found & ends.keys() - {name}:
            return whole  # it cannot be divided without changing what it does
        line = statement.end_lineno or first
        # An expression belongs to the answer before it, any other statement to the one after it.
        trailing = bool(found) or (trailing and isinstance(statement, ast.Expr))
        name = found.pop() if found else name
        if trailing:
            ends[name] = line
    if len(ends) < 2:
        return whole
    lines = re.split(r"\r\n|\r|\n", cell.source)
    starts = [0, *list(ends.values())[:-1]]
    stops = [*starts[1:], len(lines)]
    return [
        (name, "\n".join(lines[start:stop]).strip("\n"))
        for name, start, stop in zip(ends, starts, stops, strict=True)
    ]


def _line(node: ast.AST) -> int:
    return int(getattr(node, "lineno", 0))


def _pieces(cells: list[NotebookNode], asked: frozenset[str]) -> tuple[int, str]:
    """The number of leading cells that are pieces of one cell, and the joined source."""
    first = cells[0].source
    count, whole = 1, first
    if cells[0].cell_type != "code" or not first.strip() or first.lstrip().startswith("%%"):
        return count, whole
    candidates = [first]
    apart = False
    for number, cell in enumerate(cells[1:], 2):
        broken = not is_valid(first)
        if cell.cell_type != "code":
            apart = True  # a note between the pieces
            continue
        if not cell.source.strip():
            break
        indented = _ends_in_indent(first)
        inside = indented or _is_continued(cell.source)
        if not inside and (apart or _is_whole(cell, first)):
            break
        if not broken and not (inside and names_defined(first) & asked):
            break
        # The cut may have been at a line's end, or within a line.
        gaps = ("",) if indented else ("\n", "")
        candidates = [text + gap + cell.source for text in candidates for gap in gaps][:8]
        fitting = [text for text in candidates if is_valid(text)]
        if fitting:
            count, whole = number, fitting[0]
            first, candidates = fitting[0], fitting[:1]
    return count, whole


def _is_whole(cell: NotebookNode, before: str) -> bool:
    """Whether an unindented cell is complete code, and not the rest of a line."""
    if not is_valid(cell.source):
        return False
    marked = bool(mark_of(cell))
    return marked or before.rstrip().endswith(":") or bool(names_defined(cell.source))


def _ends_in_indent(source: str) -> bool:
    """Whether the last line is only the indentation of a line that was cut off."""
    return source.rpartition("\n")[2].isspace()


def _is_continued(source: str) -> bool:
    """Whether the first line of code is indented, as inside a block."""
    lines = [line for line in source.splitlines() if line.strip()]
    return bool(lines) and lines[0] != textwrap.dedent(lines[0])
