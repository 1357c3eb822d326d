"""What a cell is told to have done when it was run."""

from __future__ import annotations

from fairmark.course.course import Assignment
from fairmark.grading.clock import Budget
from fairmark.grading.execute import execute
from fairmark.intake.cells import Cell
from fairmark.intake.repair import repair
from fairmark.sandbox import Limits, Sandbox
from tests.tiny import RIGHT, answer


def run(cells: list[Cell], sandbox: Sandbox, limits: Limits) -> float:
    execution = execute(cells, sandbox, limits, {}, Budget(limits.submission_seconds))
    execution.close()
    used = execution.cpu_seconds
    execution.close()  # ends it once, and counts it once
    assert execution.cpu_seconds == used
    return used


def test_failure_and_reason_are_the_cells_own(tiny: Assignment, sandbox: Sandbox) -> None:
    answers = {**RIGHT, "double": "import os\nos._exit(3)", "mean": "1 / 0"}
    repaired = repair(answer(tiny, answers), tiny)
    assert run(repaired.cells, sandbox, sandbox.limits) > 0
    double, mean = repaired.find("double"), repaired.find("mean")
    assert (double.failure, double.reason) == (
        "killed",
        "it ended the Python process (exit code 3)",
    )
    assert "was left out: it ended the Python process" in double.node.outputs[0].text
    assert (mean.failure, mean.reason) == ("error", "")
    others = [cell for cell in repaired.cells if cell not in (double, mean)]
    assert {cell.failure for cell in others} == {None}


def test_nothing_is_left_of_an_earlier_run(tiny: Assignment, sandbox: Sandbox) -> None:
    repaired = repair(answer(tiny, {**RIGHT, "double": "while True: pass"}), tiny)
    run(repaired.cells, sandbox, Limits(cell_seconds=0.3, memory_mib=256))
    double = repaired.find("double")
    assert (double.failure, double.reason) == ("timeout", "it did not end within 0.3 seconds")
    double.node.source = RIGHT["double"]
    run(repaired.cells, sandbox, sandbox.limits)
    assert (double.failure, double.reason, double.node.outputs) == (None, "", [])
