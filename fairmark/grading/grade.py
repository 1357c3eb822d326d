"""The heart: one function from a notebook to a report.

It starts processes in the sandbox that it is given, and leaves none. It writes no file, touches no
gradebook and changes nothing that it was given.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from fairmark.course.beside import files_beside
from fairmark.course.course import Assignment
from fairmark.course.marks import grade_id
from fairmark.files import read_folder
from fairmark.grading.judged import NOTES, Again, judge_notebook
from fairmark.grading.lines import cells_not_run, lines_not_run
from fairmark.grading.needed import Unneeded, unneeded
from fairmark.grading.outputs import question_outputs
from fairmark.grading.testcells import grade_by_test_cells
from fairmark.grading.unseen import unseen_paths
from fairmark.harness.report import QuestionResult, Report
from fairmark.intake.cells import Repaired
from fairmark.intake.handins import SubmittedNotebook
from fairmark.intake.identify import kinship
from fairmark.intake.kinds import RepairKind
from fairmark.intake.repair import repair
from fairmark.notebook import NotebookError, parse_notebook
from fairmark.sandbox import Sandbox, SharedFile
from fairmark.text import printable

_MAX_NAMES = 10


def grade(
    notebook: NotebookNode,
    assignment: Assignment,
    sandbox: Sandbox,
    *,
    files: Mapping[str, bytes] | None = None,
    name: str = "",
) -> Report:
    """Grade one notebook: repair it, run it in the sandbox, judge its answers.

    ``files`` are what the student handed in beside the notebook; the instructor's files of the same
    name take their place, but for those that students are to change. ``name`` is what the report
    calls the notebook. Raises NotebookError when the notebook is of another assignment, and
    FairmarkError when a grader or the sandbox is broken, or when the sandbox would show the course.
    """
    marked = any(grade_id(cell) for cell in assignment.master.cells)  # else any may be meant
    if marked and notebook.cells and not kinship(notebook, assignment):
        raise NotebookError(f"{name or 'this'} is no notebook of the assignment {assignment.label}")
    sandbox.refuse_visible(assignment.course.root)
    repaired = repair(notebook, assignment)
    text = "\n".join(cell.source for cell in notebook.cells)
    all_files = files_beside(assignment, files or {}, text, notebook)
    if not assignment.has_graders:
        return grade_by_test_cells(repaired, assignment, sandbox, all_files, name)
    left = _left_to_test_cells(repaired, assignment, sandbox, all_files)
    spared = _spared(repaired, assignment, files or {})
    spared.leave_out()
    judged = judge_notebook(repaired, assignment, sandbox, all_files, left)
    foreseen = not spared.unasked & judged.asked
    # The stub is what no answer was given to: it is the instructor's, and known to get nothing.
    doubtful = (spared.unsure & judged.lost) - judged.missing
    if spared.cells and (doubtful or not foreseen):
        spared.leave_out("")
        again = Again(doubtful, judged) if foreseen else None
        whole = judge_notebook(repaired, assignment, sandbox, all_files, left, again)
        judged = whole.or_better(judged) if foreseen else whole.after(judged)
    repaired.repairs += [*lines_not_run(repaired.cells), *cells_not_run(repaired.cells)]
    _show_results(judged.questions, assignment, repaired)
    return Report(
        notebook=name,
        assignment=assignment.label,
        questions=judged.questions,
        repairs=tuple(repaired.repairs),
        forgeable=any(question.forgeable for question in judged.questions),
        unseen=unseen_paths(repaired.cells, assignment.course.data),
        cells=tuple(cell.node for cell in repaired.cells),
        files=judged.written,
        cpu_seconds=left.cpu_seconds + judged.cpu_seconds,
        crowded=left.crowded or judged.crowded,
    )


def grade_handin(handin: SubmittedNotebook, sandbox: Sandbox) -> Report:
    """Grade one notebook that a student handed in."""
    assignment, name = handin.assignment, handin.name
    try:
        path, data = handin.read()
        notebook = parse_notebook(data, name)
        files, left_out = _files_of(path.parent, assignment, sandbox)
        files |= handin.notebooks_beside(data.decode(errors="replace"))
        report = grade(notebook, assignment, sandbox, files=files, name=name)
    except NotebookError as error:
        return unreadable(str(error), assignment, name)
    repairs = list(handin.repairs)
    if left_out:
        repairs.append(RepairKind.FILES_LEFT_OUT.of(files=_listed(left_out)))
    return replace(report, repairs=(*repairs, *report.repairs))


def unreadable(error: str, assignment: Assignment | None, name: str) -> Report:
    """Return the report of a notebook that could not be graded: no points, and why."""
    questions: tuple[QuestionResult, ...] = ()
    if assignment is not None:
        questions = tuple(
            QuestionResult(q.id, None, q.points, "manual")
            if q.manual
            else QuestionResult(q.id, 0.0, q.points, "missing", note=NOTES["missing"])
            for q in assignment.questions
        )
    return Report(name, assignment.label if assignment else None, questions, error=error)


def _files_of(
    folder: Path, assignment: Assignment, sandbox: Sandbox
) -> tuple[dict[str, bytes], list[str]]:
    """Read what a student handed in beside a notebook, as far as its work folder has room."""
    limits = assignment.limits(sandbox.limits)
    return read_folder(
        folder,
        ignored=assignment.course.ignored,
        total=min(limits.handed_in_mib * 2**20, limits.disk_mib * 2**19),
        largest=limits.file_mib * 2**20,
    )


def _listed(names: list[str]) -> str:
    shown = ", ".join(printable(name) for name in names[:_MAX_NAMES])
    return shown + (f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else "")


def _left_to_test_cells(
    repaired: Repaired,
    assignment: Assignment,
    sandbox: Sandbox,
    files: Mapping[str, bytes | SharedFile],
) -> Report:
    """Mark what no grader judges: by hand, or by test cells, in processes that judge nothing else.

    All test cells are run there, as one may need what another one has made.
    """
    rest = [question for question in assignment.questions if not question.judged]
    if all(question.manual for question in rest):
        by_hand = tuple(QuestionResult(q.id, None, q.points, "manual") for q in rest)
        return Report("", assignment.label, by_hand)
    cells = [replace(cell, node=copy.deepcopy(cell.node)) for cell in repaired.cells]
    report = grade_by_test_cells(Repaired(cells), assignment, sandbox, files, "")
    return replace(report, questions=tuple(report.question(question.id) for question in rest))


def _spared(repaired: Repaired, assignment: Assignment, files: Mapping[str, bytes]) -> Unneeded:
    """The cells that are not run, where the course says that only needed ones are."""
    if assignment.course.run_cells == "all":
        return Unneeded()
    return unneeded(repaired.cells, assignment, files)


def _show_results(
    questions: tuple[QuestionResult, ...], assignment: Assignment, repaired: Repaired
) -> None:
    """Put the judge's table into each check cell."""
    by_id: dict[str, Any] = {result.id: result for result in questions}
    for question in assignment.questions:
        if not question.manual:
            cell = repaired.find(question.grade_cell)
            cell.node.outputs = question_outputs(by_id[question.id], "instructor")
            cell.node.execution_count = None
