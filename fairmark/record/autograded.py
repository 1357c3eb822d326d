"""The autograded notebook and its folder, as formgrader expects them."""

from __future__ import annotations

import copy
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader import utils

from fairmark.course.course import Assignment, Course
from fairmark.course.marks import grade_id
from fairmark.files import files_below, is_plain_name, replaced_folder
from fairmark.harness.report import Report
from fairmark.intake.folders import folder_of
from fairmark.intake.stamp import TIMESTAMP
from fairmark.record.manual_marks import Marked, changed_answers
from fairmark.sanitise.budget import Budget
from fairmark.sanitise.outputs import safe_outputs
from fairmark.sanitise.text import clean_text, escape_markdown


def graded_notebook(
    report: Report, assignment: Assignment, marked: Marked | None = None
) -> NotebookNode:
    """Return the notebook that a person marks by hand and that feedback is made of.

    ``marked`` are the answers that a person marked before. The notebook lists those of them that
    have changed since.
    """
    handed_out = assignment.prepared
    marks = {grade_id(cell): cell for cell in handed_out.cells if grade_id(cell)}
    if report.error is None:
        budget = Budget()
        cells = [_graded_cell(raw, marks, budget) for raw in report.cells]
        _fold_given_code(cells, handed_out)
    else:
        cells = [_notice(report.error, assignment.course), *copy.deepcopy(handed_out.cells)]
        for cell in cells:
            if cell.cell_type == "code":
                cell.update(outputs=[], execution_count=None)
    _make_ids_unique(cells)
    metadata = {
        name: handed_out.metadata[name]
        for name in ("kernelspec", "language_info")
        if name in handed_out.metadata
    }
    files = sorted(kept_files(report, assignment))
    metadata["fairmark"] = {"report": report.to_stored_json(), "files": files}
    if marked:
        changed = changed_answers(marked, report.cells)
        metadata["fairmark"] |= {"marked": dict(marked), "changed": changed}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    node: NotebookNode = nbformat.from_dict(clean_text(notebook))
    return node


def write_autograded(
    assignment: Assignment, report: Report, student: str, marked: Marked | None = None
) -> Path:
    """Write ``autograded/<student>/<assignment>`` as nbgrader would; return the notebook's path.

    The folder is made beside its place and put there whole, so that nobody sees half of it. The
    assignment's other notebooks stay in it as they are.
    """
    course, name = assignment.course, assignment.name
    place = course.folder("autograded", student, name)
    handed_in = folder_of(student, assignment)
    with replaced_folder(place) as folder:
        kept = set(course.autograde.exclude_overwriting.get(name, []))
        linked = handed_in.is_symlink() or handed_in.parent.is_symlink()
        folders = [] if linked else [(handed_in, set[str]())]
        for root, excluded in (*folders, (assignment.source.parent, kept)):
            paths = _other_files(root, course)
            for path in _as_far_as_they_fit(paths, course) if root == handed_in else paths:
                relative = str(path.relative_to(root))
                if relative not in excluded:
                    _copy(path, folder, relative)
        for other in assignment.notebooks:
            if other != assignment:
                _keep(place, folder, other.source.name)
        for relative, data in kept_files(report, assignment).items():
            _write_new(folder / relative, data)
        text = nbformat.versions[4].writes_json(graded_notebook(report, assignment, marked)) + "\n"
        (folder / assignment.source.name).write_text(text, encoding="utf-8")
        _set_permissions(folder, course.autograde.permissions, course.directory.groupshared)
    return place / assignment.source.name


def kept_files(report: Report, assignment: Assignment) -> dict[str, bytes]:
    """Return what the notebook's code wrote, but for notebooks and given files."""
    given = assignment.extra_files()
    return {
        name: data
        for name, data in report.files.items()
        if name not in given and name != TIMESTAMP and not name.endswith(".ipynb")
    }


def _graded_cell(
    raw: dict[str, Any], marks: dict[str, NotebookNode], budget: Budget
) -> NotebookNode:
    cell: NotebookNode = nbformat.from_dict(copy.deepcopy(raw))
    name = grade_id(cell)
    mark = marks.get(name)
    cell.metadata = copy.deepcopy(mark.metadata) if mark is not None else {}
    checked = mark is not None and utils.is_grade(mark) and not utils.is_solution(mark)
    if cell.cell_type == "code" and not checked:
        cell.outputs = safe_outputs(cell.outputs, budget)
    return cell


def _fold_given_code(cells: list[NotebookNode], handed_out: NotebookNode) -> None:
    """Fold the code of the instructor's cells that is folded in the release, and no other."""
    folded = {
        cell.source.strip(): cell.metadata["jupyter"]
        for cell in handed_out.cells
        if cell.cell_type == "code" and not grade_id(cell) and "jupyter" in cell.metadata
    }
    for cell in cells:
        if not grade_id(cell) and (found := folded.get(cell.source.strip())) is not None:
            cell.metadata["jupyter"] = copy.deepcopy(found)


def _notice(error: str, course: Course) -> NotebookNode:
    """A cell that says why there are no points."""
    text = escape_markdown(error.replace(f"{course.root}{os.sep}", ""))
    cell: NotebookNode = nbformat.v4.new_markdown_cell(
        f"**This notebook could not be graded.** {text}", id="fairmark-notice"
    )
    return cell


def _make_ids_unique(cells: list[NotebookNode]) -> None:
    seen: set[str] = set()
    for number, cell in enumerate(cells):
        if cell.get("id", "") in seen | {""}:
            cell.id = f"fairmark-{number}"
        seen.add(cell.id)


def _other_files(folder: Path, course: Course) -> list[Path]:
    """The files beside a notebook that nbgrader copies; no links, which it would follow."""
    paths = files_below(folder, (*course.ignored, "*.ipynb"))
    return [path for path in paths if not path.is_symlink()]


def _as_far_as_they_fit(paths: Iterable[Path], course: Course) -> Iterator[Path]:
    """The files that nbgrader's exchange would take: a sparse one can be larger than the disk."""
    room = 1000 * int(course.directory.max_dir_size)
    for path in paths:
        size = path.stat().st_size
        if size <= min(room, 1000 * int(course.directory.max_file_size)):
            room -= size
            yield path


def _copy(source: Path, folder: Path, relative: str) -> None:
    """Copy a file to its place in a folder, whatever lies there or in its way."""
    target = folder / relative
    for place in [*reversed(target.parents), target]:
        if place.is_relative_to(folder) and place != folder and place.is_file():
            place.unlink()
    if target.is_dir():
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target, follow_symlinks=False)


def _write_new(path: Path, data: bytes) -> None:
    """Write a file that a student's code made, if one of that name can be written."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(data)


def _keep(old: Path, new: Path, name: str) -> None:
    """Copy a graded notebook, with its modification time, and the files that its code wrote."""
    try:
        data = (old / name).read_bytes()
    except FileNotFoundError:
        return  # not graded yet
    for relative in _files_written(data):
        source = old / relative
        if source.is_file() and not source.is_symlink():
            _write_new(new / relative, source.read_bytes())
    shutil.copy2(old / name, new / name)


def _files_written(notebook: bytes) -> list[str]:
    """The names of the files that a notebook's code wrote, as the graded notebook lists them.

    Where nbgrader graded it, the list may be the student's own, so each name is checked.
    """
    try:
        names = list(json.loads(notebook)["metadata"]["fairmark"]["files"])
    except (ValueError, KeyError, TypeError):
        return []
    return [name for name in names if type(name) is str and is_plain_name(name)]


def _set_permissions(folder: Path, permissions: int, shared: bool) -> None:
    """Permissions as nbgrader sets them; it writes the octal number in decimal digits."""
    mode = int(str(permissions), 8)
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            if shared:
                path.chmod((path.stat().st_mode | 0o2770) & 0o2777)
        else:
            path.chmod(mode)
