"""Runs one notebook and its visible checks, in a process that ends with it.

``python -m fairmark.selfcheck.alone NOTEBOOK CHECKS TOLD SKIPPED`` writes into the file TOLD how
far it is, and in the end what came out: whoever has started it reads that, too, where the process
dies.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Any

from fairmark.errors import FairmarkError
from fairmark.guest import GRADING
from fairmark.selfcheck.exercises import read_cells, source_of
from fairmark.selfcheck.runner import read_about_checks, run_checks
from fairmark.selfcheck.timelimit import Stopped, TimeLimit

_CHECKS = "checks.py"
_CELL_SECONDS, _NOTEBOOK_SECONDS = 120.0, 600.0


def main(arguments: Sequence[str]) -> None:
    """Run it; the file TOLD says what came out."""
    notebook, folder, told = (Path(argument).resolve() for argument in arguments[:3])
    skipped = {int(number) for number in arguments[3].split(",") if number}
    try:
        found = _run(notebook, folder, told, skipped)
    except FairmarkError as error:
        found = {"error": str(error)}
    told.write_text(json.dumps(found), "utf-8")
    sys.stdout.flush()
    os._exit(0)  # threads of the notebook's do not hold it up


def _run(notebook: Path, folder: Path, told: Path, skipped: Container[int]) -> dict[str, Any]:
    from IPython.core.interactiveshell import InteractiveShell

    sources = {_CHECKS: (folder / _CHECKS).read_text("utf-8")}
    cells = [source_of(c) for c in read_cells(notebook) if c.get("cell_type") == "code"]
    os.chdir(notebook.parent)
    sys.path.insert(0, str(notebook.parent))
    os.environ[GRADING] = "1"  # check cells say nothing: each check is run below
    shell = InteractiveShell.instance()
    limit = TimeLimit(_CELL_SECONDS, _NOTEBOOK_SECONDS)
    stopped = []
    for number, source in enumerate(cells, 1):
        if number in skipped:
            continue
        told.write_text(json.dumps({"cell": number}), "utf-8")
        try:
            with limit.running():
                shell.run_cell(source)
        except Stopped:
            stopped.append(number)
        else:
            stopped += [number] if limit.stopped else []
    about = read_about_checks(sources, folder, notebook.parent)
    tests = []
    for exercise in about.exercises:
        if exercise.by_hand:
            continue
        question = run_checks(exercise.id, sources, folder, shell.user_ns, about)
        tests += [
            (question.id, test.title or test.name, test.passed, test.message)
            for test in question.tests
        ]
    return {"tests": tests, "stopped": stopped}


if __name__ == "__main__":
    main(sys.argv[1:])
