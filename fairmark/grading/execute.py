"""Running a notebook's cells in a student's process, and again without those that break it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Literal, TypeVar

import nbformat

from fairmark.errors import FairmarkError
from fairmark.grading.clock import Budget
from fairmark.grading.outputs import Outputs, Room, count
from fairmark.intake.cells import Cell, CellFailure
from fairmark.sandbox import CellRequest, Limits, Owner, Process, Runner, Sandbox, SharedFile
from fairmark.sandbox.countdown import is_crowded
from fairmark.sandbox.exit_status import limit_hit
from fairmark.syntax.statements import definitions_of, without_statement
from fairmark.text import printable
from fairmark.wire.channel import ChannelClosed, ChannelTimeout
from fairmark.wire.codec import WireError
from fairmark.wire.errors import ExchangeError

_BREAKING = ("timeout", "killed")
"""How a cell fails whose process is not to be used any more."""
_MAX_FAILED = 20
_TOLD = re.compile(r"[\w ]+ was left out: (.*)\. The (?:rest|other cells) .*\n")
"""What is told below a cell that was not run as it is."""
_ENDING_SECONDS = 1.0
"""How long a process that has closed its channel may take to end."""
_MAX_EXCUSED = 1
"""How often a process that was killed from outside is replaced. A submission that uses up the
machine's memory is killed so each time."""

Checks = Literal["leave", "run", "retry"]
"""What becomes of check cells: they are left to the judge, or run in their places, or run again
behind all others where they fail."""


R = TypeVar("R", bound=Runner)


@dataclass
class Ran(Generic[R]):
    """A process that has run a notebook's cells."""

    process: R
    cpu_seconds: float = 0.0
    """What has been used by those before it, and by itself once it is closed."""
    _closed: bool = False

    def close(self) -> None:
        """End the process."""
        if not self._closed:
            self._closed = True
            ended = self.process.close()
            self.cpu_seconds += ended.cpu_seconds if ended else 0.0


class Execution(Ran[Process]):
    """The student's process that has run a notebook's cells."""

    def written(self, files: Mapping[str, bytes | SharedFile]) -> dict[str, bytes]:
        """Return what the notebook has written into its folder, beside the files it was given."""
        try:
            found = self.process.collect_files()
        except ExchangeError:
            return {}  # the marks stand without what the process wrote
        return {name: data for name, data in found.items() if files.get(name) != data}


def execute(
    cells: list[Cell],
    sandbox: Sandbox,
    limits: Limits,
    files: Mapping[str, bytes | SharedFile],
    budget: Budget,
    checks: Checks = "leave",
) -> Execution:
    """Run the code cells in order in a fresh process with these files: see :func:`run_cells`."""
    ran = run_cells(cells, partial(_launch, sandbox, limits, files), limits, budget, checks)
    return Execution(ran.process, ran.cpu_seconds)


def run_cells(
    cells: list[Cell],
    launch: Callable[[], R],
    limits: Limits,
    budget: Budget,
    checks: Checks = "leave",
    *,
    once: bool = False,
) -> Ran[R]:
    """Run the code cells in order, and write into them their outputs and how they failed.

    Check cells are not run unless ``checks`` says so: the judge does their work. Of test cells that
    graders judge, what they import is run: answers may rely on it. Behind a statement that fails,
    a cell is run on. A statement that runs too long or ends the process is left out, and all is run
    again without it, in the next process that ``launch`` gives. An answer that fails is tried once
    more behind all others, unless all are run ``once``: a notebook whose cells were moved about
    still counts. Cells that nothing of the ``budget`` is left for are not run.
    """
    for cell in cells:
        cell.failure, cell.reason, cell.rest, cell.at = None, "", None, None
        if cell.role == "check" and checks == "leave":
            cell.rest = cell.imports or None
        cell.failed, cell.left_out = [], None
    cpu_seconds = 0.0
    excused = 0
    while True:
        execution = Ran(launch(), cpu_seconds)
        try:
            broken = _run_all(cells, execution.process, limits, budget, checks, once)
            if broken is None:
                return execution
            if excused < _MAX_EXCUSED and _ended_from_outside(broken, execution.process, limits):
                excused += 1
                broken.failure = None
            else:
                broken.left_out = broken.at if broken.rest is None else None
                broken.rest = _without_what_broke(broken)
        except BaseException:
            execution.close()
            raise
        execution.close()
        cpu_seconds = execution.cpu_seconds


def is_run(cell: Cell, cells: list[Cell], checks: Checks) -> bool:
    """Whether a cell has code to run, and is not a stub of what the student defines elsewhere.

    An answer to another exercise that asks for the same name again is not meant there, and what a
    stub binds besides holds until the student has bound it: else a value of the instructor's would.
    """
    if cell.node.cell_type != "code" or not cell.node.source.strip() or cell.unrun:
        return False
    if cell.role == "check" and checks == "leave":
        return bool(cell.imports)
    if not cell.untouched:
        return True
    others = (other.answers - other.asks for other in cells if other is not cell)
    elsewhere = frozenset[str]().union(*others)
    return not cell.defines or not cell.defines <= elsewhere


def _run_all(
    cells: list[Cell],
    process: Runner,
    limits: Limits,
    budget: Budget,
    checks: Checks,
    once: bool,
) -> Cell | None:
    """Run everything once; return the cell that broke the process, if one did.

    Of those that broke an earlier one, the statements that did so are left out.
    """
    order: list[Cell] = []
    for cell in cells:
        if cell.unrun:
            _explain_unrun(cell)
        elif cell.failure in _BREAKING and not cell.rest:
            _explain(cell, cell.reason)
        elif is_run(cell, cells, checks):
            order.append(cell)
    again = [cell for cell in order if cell.role == "answer" and not once]
    if checks == "retry":
        again += [cell for cell in order if cell.role == "check" and _is_answered(cell, cells)]
    room = Room(limits)
    for attempt, attempted in enumerate((order, again)):
        for cell in attempted:
            if attempt == 1 and cell.failure != "error":
                continue
            if budget.left <= 0:
                cell.failure, cell.reason = "timeout", _out_of_time(limits)
                _explain(cell, "the time for this notebook had passed before it")
                continue
            failure, reason = _run_one(cell, process, limits, budget, room, retried=attempt == 1)
            if cell.role == "check" and checks == "leave" and failure not in _BREAKING:
                continue
            if cell.rest and failure not in _BREAKING:
                _explain_rest(cell)  # how it failed stays how its whole failed
                continue
            cell.failure, cell.reason = failure, reason
            if failure in _BREAKING:
                return cell
    return None


def _launch(sandbox: Sandbox, limits: Limits, files: Mapping[str, bytes | SharedFile]) -> Process:
    """Return a student's process with its files; one that is killed at its start is replaced."""
    for _ in range(_MAX_EXCUSED + 1):
        process = sandbox.launch(limits)
        try:
            process.send_files(files)
        except ExchangeError:
            process.close()
        except BaseException:
            process.close()  # it may have its turn on a GPU
            raise
        else:
            return process
    raise FairmarkError("the sandbox could not start a student's process")


def _run_one(
    cell: Cell, process: Runner, limits: Limits, budget: Budget, room: Room, *, retried: bool
) -> tuple[CellFailure | None, str]:
    """Run one cell; return how it failed, and which limit it hit or how it ended the process."""

    def note(index: int, count: int) -> None:
        cell.at = index, count

    cell.at = None
    outputs = Outputs(limits, room)
    left = budget.left
    countdown = process.countdown(min(limits.cell_seconds, left))
    try:
        done = process.run_cell(_request(cell, retried), outputs.add, countdown, note)
    except ChannelTimeout:
        budget.crowded = budget.crowded or is_crowded(*countdown.take())
        if left < limits.cell_seconds:
            return "timeout", _out_of_time(limits)
        return "timeout", f"it did not end within {limits.cell_seconds:g} seconds"
    except WireError:
        return "killed", "it disturbed the process that it ran in"
    except ChannelClosed:
        exit_status = process.wait(_ENDING_SECONDS)
        if exit_status is None:
            return "killed", "it cut its process off from the one that grades"
        if exit_status.limit:  # of all its processes: an earlier statement may have started them
            cell.at = None
        return "killed", f"it {exit_status.words(limits)}"
    finally:
        cell.seconds = countdown.used()
        budget.left = left - cell.seconds
    cell.node.outputs = outputs.nodes
    cell.node.execution_count = count(done.get("count"))
    if done.get("spoilt") is True:
        cell.at = None
        return "killed", "it lowered the limits of the process that it ran in"
    if done.get("status") == "ok":
        return None, ""
    cell.failed = _failed_statements(done)
    errors = [output for output in outputs.nodes if output.output_type == "error"]
    return "error", limit_hit([errors[-1].ename], errors[-1].evalue, limits) if errors else ""


def _request(cell: Cell, retried: bool) -> CellRequest:
    """What the student's process is told of a cell.

    A check cell that is tried again, behind all others, finds the names of the answers that it
    checks as their own cells left them: a later cell may have bound them again.
    """
    owner: Owner = "student"
    if cell.role == "answer":
        owner = "stub" if cell.untouched else "answer"
    elif cell.role == "check":
        owner = "check"
    elif cell.role == "given" or cell.is_given:
        owner = "instructor"
    return CellRequest(
        source=cell.node.source if cell.rest is None else cell.rest,
        owner=owner,
        answer=cell.grade_id if cell.role == "answer" else None,
        defines=tuple(sorted(cell.defines)),
        recover=cell.role != "check" or cell.rest is not None,
        restore=cell.checks if retried else (),
    )


def _failed_statements(done: Mapping[str, Any]) -> list[tuple[int, int]]:
    """The statements that failed, each as its index and the number of all: if they are numbers."""
    failed, count = done.get("failed"), done.get("statements")
    if type(failed) is not list or type(count) is not int:
        return []
    return [(index, count) for index in failed[:_MAX_FAILED] if type(index) is int]


def _without_what_broke(cell: Cell) -> str:
    """What is left of a cell without the statement that broke its process; "" for nothing.

    What a cell had defined before it was stopped counts, and so does what it defines behind. Where
    it cannot be told which statement it was, its definitions are left.
    """
    if cell.role == "check":
        return ""
    if cell.rest is None and cell.at is not None:
        return without_statement(cell.node.source, *cell.at) or ""
    left = definitions_of(cell.node.source)
    return left if left != cell.rest else ""


def _ended_from_outside(broken: Cell, process: Runner, limits: Limits) -> bool:
    """Whether it may be no fault of the cell's that the process has ended.

    Student code cannot kill the first process of its namespace, so somebody else has: a person, or
    the kernel when the machine ran out of memory. It may have been another submission's memory.
    """
    if broken.failure != "killed":
        return False
    exit_status = process.wait(0.0)
    return exit_status is not None and exit_status.is_from_outside(limits)


def _out_of_time(limits: Limits) -> str:
    return f"all cells together did not end within {limits.submission_seconds:g} seconds"


def _is_answered(check: Cell, cells: list[Cell]) -> bool:
    """Whether the student has answered anything that a check cell is about."""
    about = {asked.answer: frozenset(asked.names) for asked in check.checks}
    return any(
        (cell.role == "answer" and cell.grade_id in about and not cell.untouched)
        or any(cell.answers & names for names in about.values())
        for cell in cells
    )


def complaint(node: Mapping[str, Any]) -> str:
    """Return what a cell's outputs say of how it failed, in a line; "" where it ran."""
    for output in reversed(node.get("outputs", [])):
        if output["output_type"] == "error":
            return printable(" ".join(f"{output['ename']}: {output['evalue']}".split())[:200])
        if output.get("name") == "stderr" and (told := _TOLD.fullmatch(output["text"])):
            return printable(told[1])
    return ""


def _explain_rest(cell: Cell) -> None:
    """Say in the cell's output that a statement was left out."""
    what = "A statement of this cell" if cell.left_out else "All of this cell but its definitions"
    text = f"{what} was left out: {cell.reason}. The rest was run.\n"
    cell.node.outputs.append(nbformat.v4.new_output("stream", name="stderr", text=text))


def _explain_unrun(cell: Cell) -> None:
    """Say in the cell's output why it was not run."""
    text = f"This cell was not run: it is {cell.unrun}.\n"
    cell.node.outputs = [nbformat.v4.new_output("stream", name="stderr", text=text)]
    cell.node.execution_count = None


def _explain(cell: Cell, reason: str) -> None:
    """Say in the cell's output why it was left out."""
    text = f"This cell was left out: {reason}. The other cells were run without it.\n"
    cell.node.outputs = [nbformat.v4.new_output("stream", name="stderr", text=text)]
    cell.node.execution_count = None
