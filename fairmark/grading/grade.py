"""The heart: one function from a notebook to a report.

It starts processes in the sandbox that it is given, and leaves none. It writes no file, touches no
gradebook and changes nothing that it was given.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from fairmark.course.beside import files_beside
from fairmark.course.course import Assignment, Question
from fairmark.course.marks import grade_id
from fairmark.course.proof import lessons_of
from fairmark.files import read_folder
from fairmark.grading.carry import answers_to, carry_forward
from fairmark.grading.clock import Budget
from fairmark.grading.execute import execute
from fairmark.grading.judge import Judge, Verdict
from fairmark.grading.lines import lines_not_run
from fairmark.grading.outputs import question_outputs
from fairmark.grading.testcells import grade_by_test_cells
from fairmark.grading.unseen import unseen_paths
from fairmark.harness.diagnose import Lessons
from fairmark.harness.report import QuestionResult, Report, Status, share_earned
from fairmark.intake.cells import Cell, Repaired
from fairmark.intake.handins import SubmittedNotebook
from fairmark.intake.identify import kinship
from fairmark.intake.kinds import RepairKind
from fairmark.intake.repair import repair
from fairmark.notebook import NotebookError, parse_notebook
from fairmark.sandbox import Process, Sandbox, SharedFile
from fairmark.text import printable

NOTES: dict[Status, str] = {
    "missing": "There is no answer in the notebook.",
    "error": "The cell of this answer raised an error when it was run.",
}
"""What a student is told about a question that could not be judged as usual."""
_HANDED_IN_MIB = 64
"""How much a student's files may hold; the largest must fit into one message."""
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
    all_files = files_beside(assignment, files or {}, text)
    if not assignment.has_graders:
        return grade_by_test_cells(repaired, assignment, sandbox, all_files, name)
    left = _left_to_test_cells(repaired, assignment, sandbox, all_files)
    limits = assignment.limits(sandbox.limits)
    budget, again = (Budget(limits.submission_seconds) for _ in range(2))
    executions = [execute(repaired.cells, sandbox, limits, all_files, budget)]

    def restart() -> Process | None:
        executions[-1].close()
        if again.left <= 0:
            return None
        # Of copies: what is told of the cells, and shown of them, is what came of their first run.
        cells = [replace(cell, node=copy.deepcopy(cell.node)) for cell in repaired.cells]
        executions.append(execute(cells, sandbox, limits, all_files, again))
        return executions[-1].process

    repaired.repairs += lines_not_run(repaired.cells)
    failed = {q.id for q in left.questions if q.score is not None and q.score < q.max_score}
    try:
        # As nbgrader has it, which keeps what a notebook writes; else nobody would look at it.
        written = executions[0].written(all_files) if assignment.asks_test_cells else {}
        judge = Judge(executions[0].process, restart, limits)
        verdict = judge.run(assignment)
        carried = carry_forward(assignment, repaired, judge, verdict, failed)
    finally:
        executions[-1].close()
    breakdowns = verdict.broken.values()
    lessons = lessons_of(assignment)
    questions = tuple(
        _result(question, repaired, assignment, verdict, carried, lessons)
        if question.judged
        else left.question(question.id)
        for question in assignment.questions
    )
    unseen = unseen_paths(repaired.cells, assignment.course.data)
    _show_results(questions, assignment, repaired)
    return Report(
        notebook=name,
        assignment=assignment.label,
        questions=questions,
        repairs=tuple(repaired.repairs),
        forgeable=any(question.forgeable for question in questions),
        unseen=unseen,
        cells=tuple(cell.node for cell in repaired.cells),
        files=written,
        cpu_seconds=left.cpu_seconds + sum(execution.cpu_seconds for execution in executions),
        crowded=left.crowded
        or budget.crowded
        or again.crowded
        or any(how.crowded for how in breakdowns),
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
        total=min(_HANDED_IN_MIB * 2**20, limits.disk_mib * 2**19),
        largest=min(_HANDED_IN_MIB - 1, limits.file_mib) * 2**20,
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


def _result(
    question: Question,
    repaired: Repaired,
    assignment: Assignment,
    verdict: Verdict,
    carried: Mapping[str, str],
    lessons: Lessons,
) -> QuestionResult:
    tests = tuple(verdict.tests.get(question.id, ()))
    answers = answers_to(question.id, repaired, assignment)
    if tests:
        tests = lessons.diagnose(question.id, tests, verdict.observations[question.id])
    # Rounded so that no sum of floats decides about a mark's last digit.
    score = round(question.points * share_earned(tests), 2)
    status = _status(question, answers, repaired, all(test.passed for test in tests), verdict)
    note = _note(status, question, answers, verdict) or carried.get(question.id, "")
    return QuestionResult(question.id, score, question.points, status, tests, note)


def _status(
    question: Question,
    answers: Sequence[Cell],
    repaired: Repaired,
    all_passed: bool,
    verdict: Verdict,
) -> Status:
    if all_passed:
        return "graded"
    unanswered = bool(answers) and all(map(Cell.is_unanswered, answers))
    asks = frozenset[str]().union(*(cell.asks for cell in answers))
    own = set(map(id, answers))
    others = [cell for cell in repaired.cells if id(cell) not in own]
    if unanswered and not any(cell.answers & asks for cell in others):
        return "missing"
    if (cell := _failed(answers)) is not None and cell.failure is not None:
        return cell.failure
    if question.id in verdict.broken:
        return verdict.broken[question.id].status
    return "graded"


def _failed(answers: Sequence[Cell]) -> Cell | None:
    """The first answer whose cell has failed."""
    return next((cell for cell in answers if cell.failure is not None), None)


def _note(status: Status, question: Question, answers: Sequence[Cell], verdict: Verdict) -> str:
    """Say why a question could not be judged as usual, and which limit it has hit if it did."""
    cell = _failed(answers)
    if cell is not None and status == cell.failure:
        if status == "error":
            return f"{NOTES['error']} {cell.reason}".rstrip()
        what = "A statement of this answer's cell" if cell.rest else "The cell of this answer"
        return f"{what} was left out: {cell.reason}."
    if status in ("timeout", "killed"):
        return verdict.broken[question.id].reason
    return NOTES.get(status, "")


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
