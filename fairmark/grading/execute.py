"""Running a notebook's cells in a student's process, and again without those that break it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import nbformat

from fairmark.errors import FairmarkError
from fairmark.grading.outputs import Outputs, count
from fairmark.intake.repair import Cell
from fairmark.sandbox import Sandbox, Session
from fairmark.sandbox.exit_status import limit_hit
from fairmark.sandbox.limits import Limits
from fairmark.wire.channel import ChannelClosed, ChannelTimeout
from fairmark.wire.codec import WireError

_ENDING_SECONDS = 1.0
"""How long a process that has closed its channel may take to end."""
_MAX_EXCUSED = 1
"""How often a process that was killed from outside is replaced. A submission that uses up the
machine's memory is killed so each time."""

CellFailure = Literal["error", "timeout", "killed"]
Checks = Literal["leave", "run", "retry"]
"""What becomes of check cells: they are left to the judge, or run in their places, or run again
behind all others where they fail."""


@dataclass
class Execution:
    """What became of a notebook's cells; the student's process in its final state."""

    session: Session | None = None
    failures: dict[int, CellFailure] = field(default_factory=dict)
    """By the cell's index: how it failed."""
    reasons: dict[int, str] = field(default_factory=dict)
    """By the cell's index: which limit it hit, or how it ended the process."""
    cpu_seconds: float = 0.0

    def close(self) -> None:
        """End the student's process."""
        if self.session is not None:
            ended = self.session.close()
            self.cpu_seconds += float(ended["cpu"]) if ended else 0.0
            self.session = None


def execute(
    cells: list[Cell],
    sandbox: Sandbox,
    limits: Limits,
    files: Mapping[str, bytes],
    deadline: float,
    checks: Checks = "leave",
) -> Execution:
    """Run the code cells in order and write their outputs into them.

    Check cells are not run unless ``checks`` says so: the judge does their work. A cell that runs
    too long or ends the process is left out, and the others are run again without it. An answer
    that fails is tried once more behind all others: a notebook whose cells were moved about still
    counts. Cells that the ``deadline`` comes before (in :func:`time.monotonic`'s seconds) are not
    run.
    """
    execution = Execution()
    left_out: set[int] = set()
    excused = 0
    try:
        while True:
            broken = _run_all(cells, sandbox, limits, files, execution, left_out, deadline, checks)
            if broken is None:
                return execution
            if excused < _MAX_EXCUSED and _was_ended_from_outside(execution, broken, limits):
                excused += 1
                del execution.failures[broken]
            else:
                left_out.add(broken)
            execution.close()
    except BaseException:
        execution.close()
        raise


def _run_all(
    cells: list[Cell],
    sandbox: Sandbox,
    limits: Limits,
    files: Mapping[str, bytes],
    execution: Execution,
    left_out: set[int],
    deadline: float,
    checks: Checks,
) -> int | None:
    """Run everything once; return the index of the cell that broke the process, if one did."""
    session = execution.session = _launch(sandbox, limits, files)
    for i in left_out:
        _explain(cells[i], execution.reasons[i])
    order = [i for i in range(len(cells)) if i not in left_out and _to_be_run(i, cells, checks)]
    again = [i for i in order if cells[i].role == "answer"]
    if checks == "retry":
        again += [i for i in order if cells[i].role == "check"]
    for attempt, indices in enumerate((order, again)):
        for i in indices:
            if attempt == 1 and execution.failures.get(i) != "error":
                continue
            if time.monotonic() >= deadline:
                execution.failures[i] = "timeout"
                execution.reasons[i] = _out_of_time(limits)
                _explain(cells[i], "the time for this notebook had passed before it")
                continue
            failure, reason = _run_one(cells[i], session, limits, deadline)
            execution.failures.pop(i, None)
            execution.reasons[i] = reason
            if failure is not None:
                execution.failures[i] = failure
            if failure in ("timeout", "killed"):
                return i
    return None


def _launch(sandbox: Sandbox, limits: Limits, files: Mapping[str, bytes]) -> Session:
    """Return a student's process with its files; one that is killed at its start is replaced."""
    for _ in range(_MAX_EXCUSED + 1):
        session = sandbox.launch(limits)
        try:
            session.send_files(files)
        except (ChannelClosed, ChannelTimeout, WireError):
            session.close()
        else:
            return session
    raise FairmarkError("the sandbox could not start a student's process")


def _run_one(
    cell: Cell, session: Session, limits: Limits, deadline: float
) -> tuple[CellFailure | None, str]:
    """Run one cell; return how it failed, and which limit it hit or how it ended the process."""
    outputs = Outputs(limits)
    left = max(deadline - time.monotonic(), 0.0)
    seconds = min(limits.cell_seconds, left)
    answer = cell.grade_id if cell.role == "answer" and not cell.untouched else None
    try:
        done = session.run_cell(cell.node.source, outputs.add, seconds, answer)
    except ChannelTimeout:
        if left < limits.cell_seconds:
            return "timeout", _out_of_time(limits)
        return "timeout", f"it did not end within {limits.cell_seconds:g} seconds"
    except WireError:
        return "killed", "it disturbed the process that it ran in"
    except ChannelClosed:
        exit_status = session.wait(_ENDING_SECONDS)
        if exit_status is None:
            return "killed", "it cut its process off from the one that grades"
        return "killed", f"it {exit_status.words(limits)}"
    cell.node.outputs = outputs.nodes
    cell.node.execution_count = count(done.get("count"))
    if done.get("status") == "ok":
        return None, ""
    errors = [output for output in outputs.nodes if output.output_type == "error"]
    return "error", limit_hit([errors[-1].ename], errors[-1].evalue, limits) if errors else ""


def _was_ended_from_outside(execution: Execution, broken: int, limits: Limits) -> bool:
    """Whether it may be no fault of the cell's that the process has ended.

    Student code cannot kill the first process of its namespace, so somebody else has: a person, or
    the kernel when the machine ran out of memory. It may have been another submission's memory.
    """
    if execution.failures[broken] != "killed" or execution.session is None:
        return False
    exit_status = execution.session.wait(0.0)
    return exit_status is not None and exit_status.is_from_outside(limits)


def _out_of_time(limits: Limits) -> str:
    return f"all cells together did not end within {limits.submission_seconds:g} seconds"


def _to_be_run(i: int, cells: list[Cell], checks: Checks) -> bool:
    """Whether a cell has code to run, and is not a stub of what another cell defines."""
    cell = cells[i]
    if cell.node.cell_type != "code" or not cell.node.source.strip():
        return False
    if cell.role == "check" and checks == "leave":
        return False
    if not cell.untouched:
        return True
    return not any(
        other.defines & cell.defines for other in cells if other is not cell and not other.untouched
    )


def _explain(cell: Cell, reason: str) -> None:
    """Say in the cell's output why it was left out."""
    text = f"This cell was left out: {reason}. The other cells were run without it.\n"
    cell.node.outputs = [nbformat.v4.new_output("stream", name="stderr", text=text)]
    cell.node.execution_count = None
