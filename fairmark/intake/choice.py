"""Which of the notebooks in a student's folder is meant: told by their names and their answers."""

from __future__ import annotations

import copy
import os
import re
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from fairmark.course.course import Assignment
from fairmark.errors import FairmarkError
from fairmark.files import plain_files
from fairmark.harness.report import Repair
from fairmark.intake.identify import kinship
from fairmark.intake.kinds import RepairKind
from fairmark.intake.repair import repair
from fairmark.notebook import NotebookError, parse_notebook, read_bytes

_NOTEBOOK = re.compile(r"\.ipynb(\.txt|\.json)?$", re.IGNORECASE)
"""The end of a notebook's name; browsers and mail programs append the second part."""


@dataclass(frozen=True)
class Choice:
    """The notebook that is graded, and what a student has to know about that."""

    path: Path
    repairs: tuple[Repair, ...] = ()


def choose(folder: Path, assignment: Assignment) -> Choice | None:
    """Return which notebook in a folder is the student's of this assignment; None for none.

    It is the one with the assignment's own name, unless that is as it was handed out and another
    one holds the answers. One with another name is chosen where only this notebook can be meant.
    """
    own = folder / assignment.source.name
    strays = _strays(folder, assignment)
    if os.path.lexists(own):
        return _own_or_stray(own, strays, assignment)
    mine = [stray for stray in strays if _is_meant(stray, folder, assignment)]
    for is_better in (_is_kin, _is_answered):
        if len(mine) > 1:  # some may belong to no assignment, or hold no answer
            mine = [stray for stray in mine if is_better(stray, assignment)]
    if len(mine) == 1:
        renamed = RepairKind.OTHER_NAME.of(name=mine[0].name, expected=own.name)
        return Choice(mine[0], (renamed,))
    return _below(folder, assignment) if not strays else None


def has_answers(folder: Path, assignment: Assignment) -> bool:
    """Whether a folder holds answers to any notebook of the assignment."""
    choices = [(choose(folder, notebook), notebook) for notebook in assignment.notebooks]
    return any(
        choice is not None and _is_answered(choice.path, notebook) for choice, notebook in choices
    )


def is_kin(folder: Path, assignment: Assignment) -> bool:
    """Whether a folder holds a notebook of the assignment."""
    choices = [(choose(folder, notebook), notebook) for notebook in assignment.notebooks]
    return any(choice is not None and _is_kin(choice.path, own) for choice, own in choices)


def _own_or_stray(own: Path, strays: list[Path], assignment: Assignment) -> Choice:
    answered = [stray for stray in strays if _is_answered(stray, assignment)]
    if not answered:
        return Choice(own)
    contents = {_content(stray): stray for stray in reversed(answered)}
    if not _is_answered(own, assignment):
        contents = {c: s for c, s in contents.items() if _is_closest(s, assignment)}
        if len(contents) == 1:
            (path,) = contents.values()
            return Choice(path, (RepairKind.ORIGINAL_BESIDE.of(name=path.name, own=own.name),))
    contents.pop(_content(own), None)
    names = ", ".join(sorted(path.name for path in contents.values()))
    return Choice(own, (RepairKind.NOT_LOOKED_AT.of(names=names),) if names else ())


def _below(folder: Path, assignment: Assignment) -> Choice | None:
    """The only notebook in the folders below, as unpacking an archive puts it there."""
    name = assignment.source.name
    found = [
        path
        for path in plain_files([folder])
        if path.parent != folder and _NOTEBOOK.search(path.name)
    ]
    mine = [path for path in found if path.name == name]
    mine = mine or [path for path in found if _is_kin(path, assignment)]
    if len(mine) > 1:
        mine = [path for path in mine if _is_answered(path, assignment)]
    if len(mine) != 1:
        return None
    place = str(mine[0].relative_to(folder))
    return Choice(mine[0], (RepairKind.OTHER_NAME.of(name=place, expected=name),))


def _strays(folder: Path, assignment: Assignment) -> list[Path]:
    """The notebooks whose names belong to no notebook of the assignment."""
    expected = {notebook.source.name for notebook in assignment.notebooks}
    found = sorted(path for path in folder.glob("[!.]*") if _NOTEBOOK.search(path.name))
    return [path for path in found if path.name not in expected and not path.is_dir()]


def _is_meant(stray: Path, folder: Path, assignment: Assignment) -> bool:
    """Whether a stray is this notebook, and not another notebook that is missing as well."""
    missing = [
        notebook
        for notebook in assignment.notebooks
        if not os.path.lexists(folder / notebook.source.name)
    ]
    if missing == [assignment]:
        return True
    return _closest(stray, missing) == [assignment]


def _is_closest(stray: Path, assignment: Assignment) -> bool:
    """Whether a stray fits this notebook better than any other of the course."""
    try:
        others = assignment.course.assignments()
        return _closest(stray, others) == [assignment]
    except FairmarkError:  # of another assignment, whose own grading says what is wrong with it
        return _closest(stray, list(assignment.notebooks)) == [assignment]


def _closest(stray: Path, notebooks: list[Assignment]) -> list[Assignment]:
    """The notebooks of assignments that a stray fits best, by its cells and then by its name."""
    notebook = _parsed(stray)

    def kin(one: Assignment) -> tuple[int, int]:
        fits = one.notebook in stray.stem
        return _kinship(notebook, one), len(one.notebook) if fits else 0

    best = max(map(kin, notebooks))
    return [one for one in notebooks if kin(one) == best]


def _is_kin(path: Path, assignment: Assignment) -> bool:
    return _kinship(_parsed(path), assignment) > 0


def _is_answered(path: Path, assignment: Assignment) -> bool:
    """Whether a notebook holds anything of a student's in an answer of this assignment."""
    notebook = _parsed(path)
    if notebook is None or not _kinship(notebook, assignment):
        return False
    cells = repair(copy.deepcopy(notebook), assignment).cells
    asked = frozenset(name for cell in cells for name in cell.asks)
    return any(
        bool(cell.answers & asked)
        or (cell.role in ("answer", "written") and not cell.untouched and cell.node.source.strip())
        for cell in cells
    )


def _parsed(path: Path) -> NotebookNode | None:
    """The notebook in a file; None where the file holds no notebook."""
    try:
        return parse_notebook(read_bytes(path, follow_links=False), path.name)
    except NotebookError:
        return None


def _kinship(notebook: NotebookNode | None, assignment: Assignment) -> int:
    return kinship(notebook, assignment) if notebook is not None else 0


def _content(path: Path) -> bytes:
    try:
        return read_bytes(path, follow_links=False)
    except NotebookError:
        return b""
