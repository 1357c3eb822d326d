"""A copy of one notebook to draft with: its answers have check cells, and no graders lie beside it.

What the copy does not hold, a draft cannot have looked at: neither graders nor hidden tests.
"""

from __future__ import annotations

import copy
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat

from fairmark.course.answers import answers_names, checked_answers
from fairmark.course.course import Assignment, Course
from fairmark.course.markers import Region, regions_of
from fairmark.course.marks import cell_by_place, checked_by, grade_id, mark_of
from fairmark.syntax.cells import names_defined
from fairmark.syntax.imports import imports_of
from fairmark.syntax.slices import needed_statements
from fairmark.verify.cases import solutions_of

MODULE = "test_draft.py"
"""The name of the grader module in the copy."""
_TEST = "fairmark_test"
"""What marks, in the copy, the cells that were test cells."""
_NO_TEST = '"""Nothing is drafted yet."""\n'


@contextmanager
def scratch(assignment: Assignment) -> Iterator[Assignment]:
    """Lay out a copy of the course with this notebook alone; it is gone behind the block."""
    with tempfile.TemporaryDirectory(prefix="fairmark-draft-") as folder:
        root = Path(folder).resolve() / "copy"
        root.mkdir()
        course = _course_at(root, assignment.course)
        source = course.source / assignment.name
        shutil.copytree(assignment.source.parent, source, symlinks=True)
        for other in source.glob("*.ipynb"):
            if other.name != assignment.source.name:
                other.unlink()
        reference = assignment.course.root / "reference"
        if reference.is_dir():
            shutil.copytree(reference, root / "reference")
        path = source / assignment.source.name
        path.write_text(nbformat.writes(_with_checks(assignment)), encoding="utf-8")
        graders = course.graders / assignment.name
        graders.mkdir(parents=True)
        (graders / MODULE).write_text(_NO_TEST, encoding="utf-8")
        yield Assignment(assignment.name, course, path)


def for_worker(copy_: Assignment) -> Assignment:
    """The same copy for one of several workers, who lay graders and solutions down in their own."""
    shared = copy_.course
    root = shared.root.with_name(f"worker-{os.getpid()}")
    for name in ("graders", "reference"):
        if (shared.root / name).is_dir():
            shutil.copytree(shared.root / name, root / name, dirs_exist_ok=True)
    course = _course_at(root, shared)
    course.config.CourseDirectory.source_directory = str(shared.source)
    return Assignment(copy_.name, course, copy_.source)


def _course_at(root: Path, course: Course) -> Course:
    """The course with the same settings in another folder."""
    config = copy.deepcopy(course.config)
    config.CourseDirectory.root = str(root)
    config.Fairmark.data = [str(path) for path in course.data]
    return Course(root, config)


def without_tests(
    copy_: Assignment, asked: Mapping[str, Collection[str]], failed: Collection[str] = ()
) -> Assignment:
    """Return the same copy without what test cells do: an answer is asked in its own way.

    Nor has it what the cells with the ids ``failed`` hold: the others do without. What the names
    that are ``asked`` for need, which no stub tells, stays.
    """
    notebook = copy.deepcopy(copy_.solved)
    for cell in notebook.cells:
        if cell.metadata.get(_TEST) or cell.id in failed:
            cell.source = ""
    names = {name for some in asked.values() for name in some}
    stubs = {name for question in asked for name in answers_names(copy_, question)}
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    needed = needed_statements([str(cell.source) for cell in code], names)
    for cell, kept in zip(code, needed, strict=True):
        if kept and names > stubs and not mark_of(cell):
            cell.source = f"{imports_of(cell.source)}\n{kept}".strip()
            cell.metadata["nbgrader"] = _mark(f"own_{cell.id}")
    copy_.source.write_text(nbformat.writes(notebook), encoding="utf-8")
    return Assignment(copy_.name, copy_.course, copy_.source)


def tested_by(assignment: Assignment) -> dict[str, list[str]]:
    """Return the answers that can be drafted for, in the notebook's order, each with its questions.

    In a course with check cells, an answer is its own question. Else its questions are the test
    cells about it.
    """
    if _has_check_cells(assignment):
        return {name: [name] for name in _checked(assignment)}
    found: dict[str, list[str]] = {}
    for test, answers in checked_answers(assignment).items():
        for answer in answers:
            found.setdefault(answer, []).append(test)
    order = [grade_id(cell) for cell in assignment.solved.cells]
    return {answer: found[answer] for answer in sorted(found, key=order.index)}


def names_asked(assignment: Assignment, copy_: Assignment) -> dict[str, list[str]]:
    """Return the names that each answer has to define: those of its stub, or that tests use."""
    found = {name: set(answers_names(copy_, name)) for name in tested_by(assignment)}
    if not _has_check_cells(assignment):
        for answers in checked_answers(assignment).values():
            for answer, names in answers.items():
                found[answer] |= names
    return {answer: sorted(names) for answer, names in found.items()}


def broken_cells(copy_: Assignment, failed: Mapping[str, str]) -> dict[str, str]:
    """Return the errors of cells that failed, by how a person finds them; test cells are none."""
    found = {}
    for number, cell in enumerate(copy_.solved.cells, 1):
        if cell.id in failed and not cell.metadata.get(_TEST):
            found[grade_id(cell) or cell_by_place(cell, number)] = failed[cell.id]
    return found


def misplaced(assignment: Assignment) -> list[str]:
    """Return the cells that are no answers and hold markers, each in a line: a copy has none."""
    regions = regions_of(assignment.course.config)
    return [
        f"{assignment.source.name}, {cell_by_place(cell, number)}: it holds markers, but is not an "
        "answer cell; they are left out while this is drafted, and `fairmark generate` refuses them"
        for number, cell in enumerate(assignment.solved.cells, 1)
        if not any(mark_of(cell).get(flag) for flag in ("solution", "grade", "task"))
        and without_markers(cell.source, regions) != cell.source
    ]


def without_markers(source: str, regions: Sequence[Region]) -> str:
    """Return the text of a cell without the lines that are markers."""
    marks = [mark for region in regions for mark in (region.begin, region.end)]
    lines = [line for line in source.split("\n") if not any(mark in line for mark in marks)]
    return "\n".join(lines)


def solution_of(assignment: Assignment, question: str) -> str:
    """Return the instructor's answer to a question."""
    return "\n".join(solutions_of(assignment, question).values())


def _checked(assignment: Assignment) -> list[str]:
    """The exercises that check cells name."""
    return [
        checked_by(grade_id(cell))
        for cell in assignment.solved.cells
        if mark_of(cell).get("grade") and not mark_of(cell).get("solution")
    ]


def _has_check_cells(assignment: Assignment) -> bool:
    """Whether each cell with points and without an answer is one ``check("…")`` call."""
    tests = [
        cell
        for cell in assignment.solved.cells
        if mark_of(cell).get("grade") and not mark_of(cell).get("solution")
    ]
    return bool(tests) and all(
        grade_id(cell).startswith("check_") and "check(" in cell.source for cell in tests
    )


def _with_checks(assignment: Assignment) -> Any:
    """The notebook with a check cell behind each answer; test cells become cells like others."""
    notebook = copy.deepcopy(assignment.solved)
    if _has_check_cells(assignment):
        return _without_misplaced(notebook, assignment)
    shown = {grade_id(cell): str(cell.source) for cell in assignment.handed_out.cells}
    tested = tested_by(assignment)
    cells = []
    for cell in notebook.cells:
        name, mark = grade_id(cell), mark_of(cell)
        cells.append(cell)
        if name in tested:
            cells.append(_check_cell(name))
        elif mark.get("grade") and not mark.get("solution"):
            cell.source = shown.get(name, "")  # what is hidden stays so
            del cell.metadata["nbgrader"]
            cell.metadata[_TEST] = True
        elif mark and cell.cell_type == "code" and not names_defined(cell.source):
            del cell.metadata["nbgrader"]
    notebook.cells = cells
    return _without_misplaced(notebook, assignment)


def _without_misplaced(notebook: Any, assignment: Assignment) -> Any:
    """The same without markers in cells that are no answers: nothing is handed out of a copy."""
    regions = regions_of(assignment.course.config)
    for cell in notebook.cells:
        if not any(mark_of(cell).get(flag) for flag in ("solution", "grade", "task")):
            cell.source = without_markers(cell.source, regions)
    return notebook


def _check_cell(name: str) -> Any:
    mark = _mark(f"check_{name}", grade=True, points=1)
    return nbformat.v4.new_code_cell(f"check({name!r})", metadata={"nbgrader": mark})


def _mark(name: str, **more: Any) -> dict[str, Any]:
    """The mark of a cell that students cannot change."""
    flags = {"grade": False, "locked": True, "solution": False, "task": False}
    return {"grade_id": name, "schema_version": 3, **flags, **more}
