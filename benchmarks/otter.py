"""The benchmark's class for otter-grader: its environment, its autograder and its submissions.

``otter run`` grades one notebook without a container. ``otter grade`` does so in a container of its
own for each submission; it needs a container engine and is not measured.
"""

from __future__ import annotations

import copy
import itertools
import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import nbformat

from benchmarks.classroom import ASSIGNMENT, source_notebook, submissions

REQUIREMENT = "otter-grader==7.*"
_TEST = '''"""The work of the check cell ``{name}``."""

from otter.test_files import test_case

OK_FORMAT = False
name = {name!r}
points = {points}


@test_case()
def test_{name}(env):
    exec({code!r}, env)
'''


def make_environment(folder: Path) -> Path:
    """Make a virtual environment with otter-grader; return its program.

    What the notebook imports is this environment's own, so that both run the same libraries.
    """
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [str(folder / "bin/python"), "-m", "pip", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, "--quiet", REQUIREMENT], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "cells.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin/otter"


def make_class(folder: Path, students: int) -> list[Path]:
    """Lay out what ``otter generate`` takes, in ``folder``; return the notebooks to grade.

    They are those of the other peers but for the check cells, each of which is a test of otter's.
    """
    (folder / "tests").mkdir(parents=True)
    for cell in source_notebook().cells:
        if points := _points(cell):
            text = _TEST.format(name=cell.id, points=points, code=cell.source)
            (folder / "tests" / f"{cell.id}.py").write_text(text)
    (folder / "otter_config.json").write_text(json.dumps({"show_stdout": False}))
    paths = []
    for number, notebook in enumerate(itertools.islice(submissions(), students), 1):
        notebook = copy.deepcopy(notebook)
        notebook.cells = [cell for cell in notebook.cells if not _points(cell)]
        paths.append(folder / f"student{number:04}" / f"{ASSIGNMENT}.ipynb")
        paths[-1].parent.mkdir()
        nbformat.write(notebook, paths[-1])
    return paths


def points_given(results: Path) -> float:
    """Return the points in a file of results that ``otter run`` has written."""
    return sum(float(test.get("score", 0)) for test in json.loads(results.read_text())["tests"])


def _points(cell: nbformat.NotebookNode) -> int:
    return int(cell.metadata.get("nbgrader", {}).get("points", 0))
