"""What is wrong with an instructor's notebook: each fault in one line that names its cell."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairmark.course.checkcalls import call_faults
from fairmark.course.kept import kept_faults
from fairmark.course.markers import marker_faults, regions_of
from fairmark.course.marks import mark_of
from fairmark.errors import SeveralErrors
from fairmark.notebook import read_notebook

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from traitlets.config import Config

_SCHEMA = 3
_ID = re.compile(r"[A-Za-z0-9_-]+")
_FLAGS = ("grade", "solution", "locked", "task")
_SCHEME_PICTURE = re.compile(r"!\[.*\]\(attachment:(.+?)\)")


def check_source(source: Path, config: Config) -> None:
    """Raise SeveralErrors, one for each fault, where a notebook cannot be released."""
    faults = notebook_faults(read_notebook(source), config)
    if faults:
        raise SeveralErrors(*(f"{source}: {fault}" for fault in faults))


def notebook_faults(notebook: NotebookNode, config: Config) -> list[str]:
    """Return what is wrong with the marks and markers of an instructor's notebook."""
    regions = regions_of(config)
    faults = []
    seen: dict[str, int] = {}
    for number, cell in enumerate(notebook.cells, 1):
        found = list(_mark_faults(cell)) if "nbgrader" in cell.metadata else []
        name = mark_of(cell).get("grade_id")
        if isinstance(name, str) and name and any(mark_of(cell).get(flag) for flag in _FLAGS):
            if name in seen:
                found.append(f"the id {name} is that of cell {seen[name]}, too")
            seen.setdefault(name, number)
        found += marker_faults(cell, regions)
        found += _pictures_in_schemes(cell, config)
        faults += [f"{_label(cell, number)}: {fault}" for fault in found]
    for number, fault in kept_faults(notebook):
        faults.append(f"{_label(notebook.cells[number - 1], number)}: {fault}")
    return faults + list(call_faults(notebook))


def _mark_faults(cell: NotebookNode) -> Iterator[str]:
    """What is wrong with the mark of one cell, by nbgrader's rules and by what can be graded."""
    mark = cell.metadata["nbgrader"]
    if not isinstance(mark, dict):
        yield f"its nbgrader metadata are no map, but {mark!r:.40}"
        return
    version = mark.get("schema_version", 0)
    if version != _SCHEMA:
        old = isinstance(version, int) and version < _SCHEMA
        mend = "run `nbgrader update` on the notebook" if old else "update nbgrader"
        yield f"its mark is of another nbgrader (schema {version!r:.20}): {mend}"
        return
    texts = [flag for flag in _FLAGS if not isinstance(mark.get(flag, False), bool)]
    missing = [flag for flag in _FLAGS[:3] if flag not in mark]
    if missing or texts:
        yield from (f"its mark does not say whether it is {flag!r}" for flag in missing)
        yield from (f"{flag} is {mark[flag]!r:.40}, not true or false" for flag in texts)
        return
    if any(mark.get(flag) for flag in _FLAGS):
        yield from _id_faults(mark)
        yield from _type_faults(cell.cell_type, mark)
    if mark.get("grade") or mark.get("task"):
        yield from _points_faults(mark)
    yield from _other_faults(mark)


def _id_faults(mark: dict[str, Any]) -> Iterator[str]:
    name = mark.get("grade_id")
    if name is None or name == "":
        yield "it has no id"
    elif not isinstance(name, str):
        yield f"its id is {name!r:.40}, not a text"
    elif not _ID.fullmatch(name):
        yield f"its id {name!r:.60} may have letters of a to z, digits, - and _ only"


def _type_faults(kind: str, mark: dict[str, Any]) -> Iterator[str]:
    grade, solution, task = mark["grade"], mark["solution"], mark.get("task", False)
    if task:
        if kind != "markdown":
            yield f"it is a task, but a {kind} cell: a task is a Markdown cell"
    elif kind == "markdown" and grade and not solution:
        yield "it is a test cell, but Markdown: tests are a code cell"
    elif kind == "markdown" and solution and not grade:
        yield "it is an answer in Markdown without points: make it manually graded"
    elif kind == "raw" and (grade or solution):
        yield "it is a raw cell: tests and answers are code or Markdown cells"


def _points_faults(mark: dict[str, Any]) -> Iterator[str]:
    points = mark.get("points")
    if "points" not in mark or points is None:
        yield "it has no points"
    elif isinstance(points, bool) or not isinstance(points, (int, float)):
        yield f"its points are {points!r:.40}, not a number"
    elif not math.isfinite(points):
        yield f"its points are {points}, not a number"
    elif points < 0:
        yield f"its points, {points:g}, are below 0"


def _other_faults(mark: dict[str, Any]) -> Iterator[str]:
    """What else nbgrader refuses: names that it does not know, and damaged values."""
    from jsonschema import Draft4Validator
    from nbgrader.nbgraderformat import MetadataValidator

    schema = MetadataValidator().schema
    told = {"grade_id", "points", *_FLAGS}
    for name in sorted(set(mark) - set(schema["properties"])):
        yield f"nbgrader knows no {name!r:.40} in a cell's mark: take it out"
    for error in Draft4Validator(schema).iter_errors(mark):
        if error.path and error.path[0] not in told:
            yield f"{error.path[0]}: {error.message.splitlines()[0]:.120}"


def _pictures_in_schemes(cell: NotebookNode, config: Config) -> Iterator[str]:
    """Attached pictures in mark schemes: nbgrader refuses them, for they could be handed out."""
    from nbgrader.preprocessors import ClearMarkScheme

    step = ClearMarkScheme(config=config)
    if not (step.enabled and step.check_attachment_leakage):
        return
    inside = False
    for line in cell.source.split("\n"):
        if step.begin_mark_scheme_delimeter in line:
            inside = True
        elif step.end_mark_scheme_delimeter in line:
            inside = False
        elif inside and (picture := _SCHEME_PICTURE.search(line)):
            yield (
                f"its mark scheme shows the attached picture {picture[1]}: nbgrader refuses that "
                "(c.ClearMarkScheme.check_attachment_leakage = False lets it: the picture is taken "
                "out of the release)"
            )


def _label(cell: NotebookNode, number: int) -> str:
    """How to find a cell: its place, with its id, or what it starts with."""
    name = mark_of(cell).get("grade_id")
    if isinstance(name, str) and name.strip():
        return f"cell {number} ({name:.60})"
    first = next((line.strip() for line in cell.source.splitlines() if line.strip()), "")
    return f"cell {number} ({first:.40})" if first else f"cell {number}"
