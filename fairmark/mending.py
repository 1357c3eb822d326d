"""Damage that shows in the code, not in the marks: cells in pieces, and cells that are gone.

Editors let one split a cell with a key; the halves of a function are no code by themselves. And a
right answer fails where the cell with the imports was deleted.
"""

from __future__ import annotations

import copy
import re
import textwrap
from collections.abc import Iterable

from nbformat import NotebookNode

from fairmark.cellcode import names_defined, names_imported, parsed

_MAX_PIECES = 8


def rejoined(
    cells: Iterable[NotebookNode], masters: Iterable[NotebookNode]
) -> tuple[list[NotebookNode], list[str]]:
    """Return the cells with those joined that are pieces of one, and what was joined."""
    asked = frozenset[str]().union(*(names_defined(c.source) for c in masters if _is_answer(c)))
    left = list(cells)
    whole: list[NotebookNode] = []
    repairs = []
    while left:
        count, source = _pieces(left[:_MAX_PIECES], asked)
        cell = left[0]
        if count > 1:
            marked = [c for c in left[:count] if _is_answer(c)]
            cell = copy.deepcopy((marked or left)[0])
            cell.source = source
            names = ", ".join(sorted(names_defined(source))) or "code"
            repairs.append(f"The cell with {names[:100]} was in {count} pieces; they were joined.")
        whole.append(cell)
        del left[:count]
    return whole, repairs


def lost_setup(
    cells: Iterable[NotebookNode], users: Iterable[NotebookNode], masters: Iterable[NotebookNode]
) -> list[tuple[NotebookNode, int]]:
    """Return the master's unmarked code cells whose names ``users`` name and no cell binds.

    Each comes with its place among the master's cells.
    """
    has = frozenset[str]().union(*(_binds(c.source) for c in cells if c.cell_type == "code"))
    used = "\n".join(cell.source for cell in users if cell.cell_type == "code")
    said = set(re.findall(r"\w+", used))
    found = []
    for place, cell in enumerate(masters):
        if cell.cell_type != "code" or cell.metadata.get("nbgrader", {}).get("grade_id"):
            continue
        if (_binds(cell.source) - has) & said:
            found.append((cell, place))
    return found


def _binds(source: str) -> frozenset[str]:
    return names_defined(source) | names_imported(source)


def _is_answer(cell: NotebookNode) -> bool:
    mark = cell.metadata.get("nbgrader")
    return isinstance(mark, dict) and bool(mark.get("solution")) and cell.cell_type == "code"


def _pieces(cells: list[NotebookNode], asked: frozenset[str]) -> tuple[int, str]:
    """How many of the first cells are one, and its source; 1 where the first is whole."""
    first = cells[0].source
    count, whole = 1, first
    if cells[0].cell_type != "code" or not first.strip() or first.lstrip().startswith("%%"):
        return count, whole
    candidates = [first]
    for number, cell in enumerate(cells[1:], 2):
        broken = parsed(first) is None
        if cell.cell_type != "code" or not cell.source.strip():
            break
        indented = _ends_in_indent(first)
        inside = indented or _is_continued(cell.source)
        if not broken and not (inside and names_defined(first) & asked):
            break
        # The cut may have been at a line's end, or within a line.
        gaps = ("",) if indented else ("\n", "")
        candidates = [text + gap + cell.source for text in candidates for gap in gaps][:8]
        fitting = [text for text in candidates if parsed(text) is not None]
        if fitting:
            count, whole = number, fitting[0]
            first, candidates = fitting[0], fitting[:1]
    return count, whole


def _ends_in_indent(source: str) -> bool:
    """Whether the last line is nothing but the indent of a line that was cut off."""
    return source.rpartition("\n")[2].isspace()


def _is_continued(source: str) -> bool:
    """Whether code starts as the inside of a block does."""
    lines = [line for line in source.splitlines() if line.strip()]
    return bool(lines) and lines[0] != textwrap.dedent(lines[0])
