"""Repairing a damaged notebook: the instructor's cells are restored, the student's answers kept.

The metadata of a submitted notebook (points, flags, tags) is not believed. Each cell of the
instructor's notebook with an nbgrader mark is searched for by grade_id, then by cell id, then by
its content; a cell that is not found is put back.
"""

from __future__ import annotations

import copy
import difflib

from nbformat import NotebookNode

from fairmark.course.course import Assignment
from fairmark.course.marks import grade_id
from fairmark.intake.cells import (
    Cell,
    Repaired,
    Role,
    from_master,
    names_of,
    own_cell,
    role_of,
    same_source,
)
from fairmark.intake.kinds import RepairKind
from fairmark.intake.pieces import divided, lost_setup, rejoined, unfenced
from fairmark.intake.releases import is_as_released
from fairmark.syntax.cells import is_valid, names_defined
from fairmark.syntax.imports import imports_of
from fairmark.syntax.stubs import functions_defined, is_still_a_stub

_MIN_LIKENESS = 0.6
_SKIP_TAG = "skip-execution"
"""nbclient's tag of a cell that is not to be run."""
_SKIPPED = f"tagged {_SKIP_TAG}"


def repair(notebook: NotebookNode, assignment: Assignment) -> Repaired:
    """Return the notebook's cells with the assignment's marks, and the repairs."""
    handed_in, joined = rejoined(notebook.cells, assignment.handed_out.cells)
    handed_in, parted = divided(handed_in, assignment.handed_out.cells)
    cells = [own_cell(cell) for cell in handed_in]
    claims = [_claims(cell) for cell in handed_in]
    repaired = Repaired(cells, joined + parted)
    masters = [(cell, role_of(cell)) for cell in assignment.handed_out.cells]
    known = {grade_id(cell) for cell, role in masters if role != "own"}
    asked = {grade_id(cell): names_of(cell) for cell, role in masters if role == "answer"}
    _find_given(masters, cells, claims)
    for cell, role in masters:
        if role != "own":
            _settle(cell, role, cells, claims, (known, asked), repaired)
    _find_by_place(masters, cells, assignment, repaired)
    # A cell that was not found is put back after the cell before it in the instructor's notebook.
    previous: Cell | None = None
    for cell, role in masters:
        if role == "own":
            continue
        name = grade_id(cell)
        found = next((c for c in cells if c.grade_id == name), None)
        if found is None:
            found = from_master(cell, role)
            place = 0 if previous is None else _index(cells, previous) + 1
            cells.insert(place, found)
            repaired.repairs.append(RepairKind.MISSING.of(name))
        previous = found
    _put_back_setup(cells, assignment, repaired)
    repaired.cells = [cell for cell in cells if not cell.superfluous]
    order = [cell.grade_id for cell in repaired.cells if cell.grade_id is not None]
    if order != [grade_id(cell) for cell, role in masters if role != "own"]:
        repaired.repairs.append(RepairKind.OTHER_ORDER.of())
    for cell in repaired.cells:
        if cell.role == "given" and _is_skipped(cell.node):
            cell.unrun = _SKIPPED
    if assignment.adopted is not None:
        for cell in repaired.cells:
            cell.imports = imports_of(cell.node.source) if cell.role == "check" else ""
    _put_back_what_was_hidden(repaired, assignment)
    return repaired


def _find_given(
    masters: list[tuple[NotebookNode, Role]], cells: list[Cell], claims: list[set[str]]
) -> None:
    """Find the instructor's cells without a mark, by their text, else by their id."""
    for master, role in masters:
        if role != "own" or master.cell_type != "code":
            continue
        for cell, claimed in zip(cells, claims, strict=True):
            same = same_source(cell.node, master)
            if same or f"id:{master.get('id')}" in claimed:
                cell.given |= names_of(master)
                cell.is_given |= same
                if same and _is_skipped(master):
                    cell.unrun = _SKIPPED


def _find_by_place(
    masters: list[tuple[NotebookNode, Role]],
    cells: list[Cell],
    assignment: Assignment,
    repaired: Repaired,
) -> None:
    """Find written answers that have lost their marks by their place between marked cells.

    Their text cannot be foreseen, so only the place tells which question they answer. Where the
    answer cell is as it was handed out, the answer may be in a new cell after it.
    """
    handed_out = {cell.source.strip() for cell in assignment.handed_out.cells}
    marked = [(cell, role) for cell, role in masters if role != "own"]
    for number, (master, role) in enumerate(marked):
        places = {cell.grade_id: i for i, cell in enumerate(cells) if cell.grade_id}
        name = grade_id(master)
        own = places.get(name)
        if role != "written" or (own is not None and not cells[own].untouched):
            continue
        around = [places.get(grade_id(cell)) for cell, _ in marked]
        before = max((i for i in around[:number] if i is not None), default=-1)
        behind = min((i for i in around[number + 1 :] if i is not None), default=len(cells))
        free = {
            i
            for i in range(before + 1, behind)
            if cells[i].role == "own"
            and not cells[i].superfluous
            and cells[i].node.cell_type in (master.cell_type, "raw")
            and cells[i].node.source.strip() not in handed_out | {""}
        }
        if own is not None:
            others = {i for i in range(own + 1, behind) if cells[i].node.source.strip()} - free
            free &= set(range(own + 1, min(others, default=behind)))
        if not free:
            continue
        longest = max(sorted(free), key=lambda i: len(cells[i].node.source))
        if own is None:
            kind = RepairKind.KNOWN_BY_PLACE
        else:
            kind = RepairKind.ANSWER_ELSEWHERE
            cells[own].role, cells[own].grade_id, cells[own].superfluous = "own", None, True
        repaired.repairs.append(kind.of(name))
        _mark(cells[longest], master, role, repaired)


def _put_back_setup(cells: list[Cell], assignment: Assignment, repaired: Repaired) -> None:
    """Put back the instructor's unmarked cells that other cells need, such as imports."""
    masters = assignment.handed_out.cells
    users = [
        cell.node
        for cell in cells
        if not cell.untouched and (cell.role != "check" or assignment.asks_test_cells)
    ]
    for master, place in lost_setup([cell.node for cell in cells], users, masters):
        following = [grade_id(c) for c in masters[place:]]
        behind = [i for i, cell in enumerate(cells) if cell.grade_id and cell.grade_id in following]
        cells.insert(min(behind, default=len(cells)), own_cell(master))
        start = repr(master.source.strip().splitlines()[0][:60])
        repaired.repairs.append(RepairKind.SETUP_MISSING.of(start=start))


def _put_back_what_was_hidden(repaired: Repaired, assignment: Assignment) -> None:
    """Restore the hidden tests and mark schemes in the instructor's cells."""
    whole = {grade_id(cell): cell for cell in assignment.master.cells if role_of(cell) != "own"}
    for cell in repaired.cells:
        if cell.role in ("check", "given") and cell.grade_id is not None:
            cell.node.source = whole[cell.grade_id].source


def _settle(
    master: NotebookNode,
    role: Role,
    cells: list[Cell],
    claims: list[set[str]],
    wanted: tuple[set[str], dict[str, frozenset[str]]],
    repaired: Repaired,
) -> None:
    """Give the mark of a master's cell to the notebook's cell that fits it best, if there is one.

    ``wanted`` holds the grade_ids of all marked cells, and the names that each answer defines.
    """
    name = grade_id(master)
    known, asked = wanted
    free = [i for i, cell in enumerate(cells) if cell.role == "own" and not cell.superfluous]
    if role in ("check", "given"):  # one that defines an answer was merged with the answer's cell
        others = frozenset[str]().union(*asked.values()) - names_of(master)
        free = [i for i in free if not cells[i].defines & others]
    by_mark = [i for i in free if f"grade:{name}" in claims[i]]
    by_id = [i for i in free if f"id:{master.id}" in claims[i] and i not in by_mark]
    # A cell with this cell's id and another cell's mark is not this cell.
    by_id = [i for i in by_id if not _other_mark(claims[i], name, known)]
    candidates = by_mark or by_id
    if not by_mark and by_id:
        repaired.repairs.append(RepairKind.KNOWN_BY_ID.of(name))
    if not candidates or (role == "answer" and not _answers(candidates, cells, master)):
        left = [i for i in free if i not in candidates]
        alike = _alike(master, role, left, cells, claims, wanted)
        if alike is not None:
            kind = RepairKind.ANSWER_ELSEWHERE if candidates else RepairKind.KNOWN_BY_CONTENT
            repaired.repairs.append(kind.of(name))
            candidates = [*candidates, alike]
    elif role == "answer":
        candidates = [*candidates, *_later_attempts(candidates, cells, claims, master, known)]
    if not candidates:
        return
    chosen = _choose(candidates, cells, master, role)
    for i in candidates:
        if i != chosen:
            copied = chosen in (by_mark or by_id) or bool(cells[i].defines & names_of(master))
            _set_aside(cells[i], master, role, repaired if copied else None)
    _mark(cells[chosen], master, role, repaired)
    if role == "given" and same_source(cells[chosen].node, master):
        cells[chosen].node.source = master.source
    elif role == "given":
        is_earlier = is_as_released(cells[chosen].node, cells[chosen].claimed)
        own = own_cell(cells[chosen].node)  # with what the student changed, as a further import
        cells[chosen].node.source = master.source
        if own.node.cell_type == "code":
            own.given = names_of(master)
            own.node.id = f"{own.node.id[:56]}-changed"
            cells.insert(chosen, own)  # before it: what the instructor's cell binds holds
            claims.insert(chosen, set())
        kind = RepairKind.OTHER_RELEASE if is_earlier else RepairKind.READ_ONLY_CHANGED
        if kind.of(name) not in repaired.repairs:
            repaired.repairs.append(kind.of(name))


def _answers(candidates: list[int], cells: list[Cell], master: NotebookNode) -> list[int]:
    """The candidates that hold an answer: they are changed, and define a name that is asked for."""
    wanted = names_defined(master.source)
    return [
        i
        for i in candidates
        if not same_source(cells[i].node, master)
        and (not wanted or cells[i].defines & wanted)
        and not is_still_a_stub(cells[i].node.source, master.source, wanted)
    ]


def _later_attempts(
    candidates: list[int],
    cells: list[Cell],
    claims: list[set[str]],
    master: NotebookNode,
    known: set[str],
) -> list[int]:
    """The student's own cells between an answer and the next marked cell that are further ones.

    They define a function or a class that is asked for once more, and so these are what the check
    cell below them has shown to the student.
    """
    answered = names_defined(master.source) & cells[max(candidates)].defines
    found = []
    for i in range(max(candidates) + 1, len(cells)):
        if cells[i].role != "own" or any(f"grade:{name}" in claims[i] for name in known):
            break
        again = answered - cells[i].given if cells[i].node.cell_type == "code" else frozenset()
        if functions_defined(cells[i].node.source) & again and not cells[i].superfluous:
            found.append(i)
    return found


def _alike(
    master: NotebookNode,
    role: Role,
    free: list[int],
    cells: list[Cell],
    claims: list[set[str]],
    wanted: tuple[set[str], dict[str, frozenset[str]]],
) -> int | None:
    """Return the unmarked cell that most likely was this cell of the master."""
    name = grade_id(master)
    known, asked = wanted
    unmarked = [i for i in free if not _other_mark(claims[i], name, known)]
    if role == "answer":
        # This answer may be in a copy of another answer's cell, so all free cells are searched. But
        # what the instructor's cells bind, or another exercise asks for too, is none.
        mine = names_defined(master.source)
        others = {
            i: [names for q, names in asked.items() if f"grade:{q}" in claims[i]] for i in free
        }
        defines = {
            i: (_code_names(cells[i]) & mine).difference(cells[i].given, *others[i]) for i in free
        }
        # A function that was kept apart comes before a variable of its name, such as its result.
        scores = {
            i: (len(functions_defined(cells[i].node.source) & names), len(names), i)
            for i, names in defines.items()
            if names
        }
        return max(scores, key=scores.__getitem__) if scores else None
    same = [i for i in unmarked if same_source(cells[i].node, master)]
    if same or role != "written":
        return same[0] if same else None
    stub = master.source.strip()
    likeness = {
        i: difflib.SequenceMatcher(None, stub, cells[i].node.source.strip()[:4000]).ratio()
        for i in unmarked
        if cells[i].node.cell_type == "markdown"
    }
    best = max(likeness, key=lambda i: likeness[i], default=None)
    return best if best is not None and likeness[best] >= _MIN_LIKENESS else None


def _code_names(cell: Cell) -> frozenset[str]:
    """The names that a cell defines, even if it has become a text cell."""
    if cell.node.cell_type == "code":
        return cell.defines
    return names_defined(cell.node.source) if is_valid(cell.node.source) else frozenset()


def _choose(candidates: list[int], cells: list[Cell], master: NotebookNode, role: Role) -> int:
    """The last real answer, which counts in the student's kernel too; else the first cell."""
    if role == "answer":
        return (_answers(candidates, cells, master) or candidates[:1])[-1]
    if role == "written":
        changed = [i for i in candidates if not same_source(cells[i].node, master)]
        return (changed or candidates[:1])[-1]
    return candidates[0]


def _set_aside(cell: Cell, master: NotebookNode, role: Role, repaired: Repaired | None) -> None:
    """Drop a further copy of a cell, or keep it unmarked if the student wrote something in it."""
    if repaired is not None:
        answers = role in ("answer", "written")
        kind = RepairKind.SEVERAL_ANSWERS if answers else RepairKind.SEVERAL_COPIES
        repaired.repairs.append(kind.of(grade_id(master)))
    if role in ("check", "given") or same_source(cell.node, master):
        cell.superfluous = True


def _mark(cell: Cell, master: NotebookNode, role: Role, repaired: Repaired) -> None:
    name = grade_id(master)
    cell.role, cell.grade_id = role, name
    if cell.node.cell_type != master.cell_type:
        repaired.repairs.append(RepairKind.OTHER_TYPE.of(name, type=master.cell_type))
        cell.node = NotebookNode(
            cell_type=master.cell_type, id=cell.node.id, metadata={}, source=cell.node.source
        )
        if master.cell_type == "code":
            cell.node.update(outputs=[], execution_count=None)
            cell.defines = names_defined(cell.node.source)
    changed = [
        key
        for key in ("grade", "solution", "locked", "points")
        if cell.claimed.get("grade_id") == name
        and cell.claimed.get(key) != master.metadata.nbgrader.get(key)
    ]
    is_other = role == "check" and not same_source(cell.node, master)
    if (changed or is_other) and _is_from_another_release(cell, changed):
        repaired.repairs.append(RepairKind.OTHER_RELEASE.of(name))
    else:
        if changed:
            repaired.repairs.append(RepairKind.MARK_CHANGED.of(name, fields=", ".join(changed)))
        if is_other:
            repaired.repairs.append(RepairKind.CHECK_CHANGED.of(name))
    cell.node.metadata = copy.deepcopy(master.metadata)
    if role == "check":
        cell.node.source = master.source
    cell.asks = names_defined(master.source) if role == "answer" else frozenset()
    if cell.asks and (code := unfenced(cell.node.source, cell.asks)) != cell.node.source:
        repaired.repairs.append(RepairKind.FENCED.of(name))
        cell.node.source = code
        cell.defines = names_defined(code)
    cell.untouched = role in ("answer", "written") and same_source(cell.node, master)


def _is_skipped(master: NotebookNode) -> bool:
    """Whether the instructor has said that a cell is not to be run."""
    tags = master.metadata.get("tags")
    return isinstance(tags, list) and _SKIP_TAG in tags


def _is_from_another_release(cell: Cell, changed: list[str]) -> bool:
    """Whether the instructor, and not the student, has changed a cell's mark or source.

    An answer's checksum tells nothing any more; but no student has a reason to change its points.
    """
    if cell.role in ("answer", "written") and changed == ["points"]:
        return True
    return is_as_released(cell.node, cell.claimed)


def _claims(cell: NotebookNode) -> set[str]:
    """The ids and the grade_id that a submitted cell claims to have."""
    claims = {f"id:{cell.id}"}
    if isinstance(cell.metadata.get("id"), str):  # Colab keeps the id there
        claims.add(f"id:{cell.metadata.id}")
    if name := grade_id(cell):
        claims.add(f"grade:{name}")
    return claims


def _other_mark(claims: set[str], name: str, known: set[str]) -> bool:
    return any(c.startswith("grade:") and c[6:] != name and c[6:] in known for c in claims)


def _index(cells: list[Cell], wanted: Cell) -> int:
    return next(i for i, cell in enumerate(cells) if cell is wanted)
