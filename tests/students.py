"""What a student has and does: the wheel, a release, a notebook that he runs in a kernel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from unittest import mock

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode


def build_wheel(root: Path, folder: Path) -> Path:
    """Build the package's wheel into a folder."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


def unpack(wheel: Path, folder: Path) -> Path:
    """Unpack a wheel as if it were installed there."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def environment(package: Path, home: Path) -> dict[str, str]:
    """Variables under which Python finds the wheel's package, and not this repository."""
    places = {"IPYTHONDIR": home / "ipython", "JUPYTER_RUNTIME_DIR": home / "runtime"}
    return {
        **os.environ,
        **{name: str(place) for name, place in places.items()},
        "PYTHONPATH": str(package),
        "PYTHONSAFEPATH": "1",
    }


def run(
    notebook: NotebookNode,
    folder: Path,
    variables: Mapping[str, str],
    command: Sequence[str] | None = None,
) -> None:
    """Run all cells in that folder, also behind one that fails; ``command`` starts the kernel."""
    command = command or [sys.executable, "-m", "ipykernel_launcher"]
    spec = {
        "argv": [*command, "-f", "{connection_file}"],
        "display_name": "student",
        "language": "python",
    }
    place = folder.parent / "jupyter"
    (place / "kernels/student").mkdir(parents=True, exist_ok=True)
    (place / "kernels/student/kernel.json").write_text(json.dumps(spec))
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="student",
        allow_errors=True,
        resources={"metadata": {"path": str(folder)}},
    )
    with mock.patch.dict(os.environ, {"JUPYTER_PATH": str(place)}):
        # A student's kernel finds the modules beside its notebook.
        client.execute(env={k: v for k, v in variables.items() if k != "PYTHONSAFEPATH"})


def read(folder: Path, assignment: str) -> NotebookNode:
    """Return the notebook of an assignment's folder."""
    notebook: NotebookNode = nbformat.read(folder / f"{assignment}.ipynb", as_version=4)
    return notebook


def grade_id(cell: NotebookNode) -> str:
    """Return nbgrader's name of a cell; "" where it has none."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def check_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the check cells."""
    return [cell for cell in notebook.cells if grade_id(cell).startswith("check_")]


def answer(notebook: NotebookNode, answers: Mapping[str, str]) -> None:
    """Write these answers into the notebook's solution cells."""
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution") and grade_id(cell) in answers:
            cell.source = answers[grade_id(cell)]


def solutions(root: Path, assignment: str) -> dict[str, str]:
    """Return the instructor's answers, by grade_id."""
    source = read(root / "source" / assignment, assignment)
    return {grade_id(cell): cell.source for cell in source.cells if grade_id(cell)}


def text(cell: NotebookNode) -> str:
    """Return all that a cell shows, as text."""
    parts = []
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        parts += [output.get("text", ""), data.get("text/plain", ""), data.get("text/html", "")]
        parts += output.get("traceback", [])
    return "\n".join(parts)


def failed(cell: NotebookNode) -> bool:
    """Whether a cell has ended with an error."""
    return any(output.output_type == "error" for output in cell.outputs)
