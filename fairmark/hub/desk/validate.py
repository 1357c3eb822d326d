"""Running a student's notebook from the top, in a fresh kernel, as the grader will."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbgrader import utils

from fairmark.course.marks import checked_by, grade_id, mark_of
from fairmark.errors import FairmarkError
from fairmark.intake.cells import role_of
from fairmark.intake.releases import is_as_released
from fairmark.notebook import read_notebook

_CELL_SECONDS = 600
"""A limit for a browser that was forgotten; a student ends a run that takes too long."""
_ENVIRONMENT = {"NBGRADER_VALIDATING": "1", "NBGRADER_EXECUTION": "validate"}
_MAX_MESSAGE = 300
_OWN = ("CheckFailed", "CheckError")
"""Errors of check cells, whose message is a sentence already."""


async def validated(path: Path, config: Any) -> AsyncIterator[dict[str, Any]]:
    """Run a notebook; yield its progress, and at last the table of its exercises.

    Raises NotebookError where it cannot be read. What it draws and prints is not kept.
    """
    notebook = read_notebook(path)
    _clear(notebook)
    client = NotebookClient(
        notebook,
        config=config,
        allow_errors=True,
        timeout=_CELL_SECONDS,
        interrupt_on_timeout=True,
        shutdown_kernel="immediate",
        kernel_name=notebook.metadata.get("kernelspec", {}).get("name", "python3"),
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.reset_execution_trackers()
    begin, most = time.monotonic(), len(notebook.cells)
    async with client.async_setup_kernel(env=os.environ | _ENVIRONMENT):
        for number, cell in enumerate(notebook.cells):
            yield {"cell": number, "of": most}
            try:
                await client.async_execute_cell(
                    cell, number, execution_count=client.code_cells_executed + 1
                )
            except DeadKernelError:
                raise FairmarkError(
                    f"Python ended in cell {number + 1}, so nothing below it could be run."
                ) from None
    rows = list(_rows(notebook))
    failed = sum(row["result"] == "failed" for row in rows)
    yield {
        "rows": rows,
        "failed": failed,
        "changed": _changed(notebook),
        "seconds": round(time.monotonic() - begin, 1),
    }


def _clear(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def _rows(notebook: NotebookNode) -> Iterator[dict[str, Any]]:
    """A row for each exercise, and for each other cell that stopped with an error."""
    stubs: list[bool] = []  # of the answers above, since the last check: which are untouched
    checked = False
    for number, cell in enumerate(notebook.cells):
        role, points = role_of(cell), mark_of(cell).get("points", 0)
        row = {"cell": number, "name": checked_by(grade_id(cell)), "points": points}
        message = _error(cell)
        if role == "answer":
            stubs = [*([] if checked else stubs), is_as_released(cell, mark_of(cell))]
            checked = False
        if role == "check":
            checked = True
            score, most = utils.determine_grade(cell)
            passed = score is None or (score >= most and not message)
            empty = not passed and bool(stubs) and all(stubs)
            result = "empty" if empty else "passed" if passed else "failed"
            yield row | {"result": result, "message": "" if empty else message}
        elif role == "written":
            given = not is_as_released(cell, mark_of(cell)) and cell.source.strip()
            yield row | {"result": "a person marks it" if given else "empty", "message": ""}
        elif message and not (role == "answer" and stubs[-1]):
            name = row["name"] or f"cell {number + 1}"
            yield row | {"name": name, "points": 0, "result": "stopped", "message": message}


def _error(cell: NotebookNode) -> str:
    """What the error of a cell says, in one line."""
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            text = (output.evalue.strip().splitlines() or [""])[0]
            kind = "" if output.ename in _OWN else output.ename
            return ": ".join(filter(None, (kind, text)))[:_MAX_MESSAGE]
    return ""


def _changed(notebook: NotebookNode) -> int:
    """How many cells of the instructor's are not as they were handed out."""
    return sum(
        role_of(cell) in ("check", "given")
        and bool(mark_of(cell).get("checksum"))
        and utils.compute_checksum(cell) != mark_of(cell)["checksum"]
        for cell in notebook.cells
    )
