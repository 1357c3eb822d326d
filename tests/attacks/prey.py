"""A course that is worth attacking, and the attacks: its secrets are marked by canaries."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell

from fairmark.course.course import Assignment, Course
from fairmark.intake.handins import SubmittedNotebook
from tests.tiny import GRADER, REFERENCE, RIGHT, answer, make_course

CORPUS = Path(__file__).with_name("corpus")
CANARY = "canary-"
HIDDEN_INPUT = 31337.5
"""What a hidden test sends to the student's process, and students must not be told."""
SHOWN_AS = ("31337.5", "3.13375")
_ENVIRONMENT = "FAIRMARK_SECRET"


@dataclass(frozen=True)
class Attack:
    """One file of the corpus."""

    name: str
    module: ModuleType

    @property
    def points(self) -> float:
        """What must come of it, out of 5."""
        return float(getattr(self.module, "POINTS", 0.0))

    @property
    def says(self) -> str:
        """What must be said of it."""
        return str(getattr(self.module, "SAYS", ""))

    @property
    def leaks(self) -> tuple[str, ...]:
        """What must not be shown to students besides canaries."""
        return tuple(getattr(self.module, "LEAKS", ()))

    def hand_in(self, assignment: Assignment, student: str = "mallory") -> SubmittedNotebook:
        """Put it where submissions lie."""
        raw = json.loads(json.dumps(self.notebook(assignment)))
        if change := getattr(self.module, "change", None):
            change(raw)
        folder = assignment.course.folder("submitted", student, assignment.name)
        folder.mkdir(parents=True)
        (folder / assignment.source.name).write_text(json.dumps(raw))
        for name, data in getattr(self.module, "FILES", {}).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        if hand_in := getattr(self.module, "hand_in", None):
            hand_in(folder, assignment.course.root)
        return SubmittedNotebook(student, assignment, folder)

    def notebook(self, assignment: Assignment) -> Any:
        """The notebook with its answers, and its cell before them."""
        notebook = answer(assignment, getattr(self.module, "ANSWERS", {}))
        if source := getattr(self.module, "CELL", ""):
            places = [n for n, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
            notebook.cells.insert(places[0] + 1, new_code_cell(source, id="attack"))
        return notebook


def corpus() -> list[Attack]:
    """All attacks, by name."""
    found = []
    for path in sorted(CORPUS.glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"attack_{path.stem}", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found.append(Attack(path.stem, module))
    return found


def make_prey(root: Path) -> Course:
    """Make a course with a canary in all that students must not see."""
    course = make_course(root)
    secret = f'SECRET = "{CANARY}%s"\n'
    (root / "reference/tiny.py").write_text(secret % "reference" + REFERENCE)
    grader = GRADER.replace("size=(2, 3))\n", f"size=(2, 3))\n        x[0, 0] = {HIDDEN_INPUT}\n")
    assert str(HIDDEN_INPUT) in grader
    (root / "graders/tiny/test_tiny.py").write_text(grader + "\n\n" + secret % "grader")
    source = course.assignment("tiny").source
    notebook = nbformat.read(source, as_version=4)
    for cell in notebook.cells:
        old = "### BEGIN SOLUTION\n"
        cell.source = cell.source.replace(old, f"{old}    # {CANARY}solution\n")
    nbformat.write(notebook, source)
    (root / "gradebook.db").write_bytes(b"SQLite format 3\0" + f"{CANARY}gradebook".encode())
    other = answer(course.assignment("tiny"), {**RIGHT, "essay": f"{CANARY}submission"})
    for step in ("submitted", "autograded", "feedback"):
        folder = course.folder(step, "alice", "tiny")
        folder.mkdir(parents=True)
        nbformat.write(other, folder / "tiny.ipynb")
    return Course.load(root)


@contextmanager
def secrets_of_the_machine() -> Iterator[None]:
    """Have a secret in the environment, and a process with one among its arguments."""
    os.environ[_ENVIRONMENT] = f"{CANARY}environment"
    code = "import sys; sys.stdin.read()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, f"{CANARY}process"], stdin=subprocess.PIPE
    )
    try:
        yield
    finally:
        del os.environ[_ENVIRONMENT]
        process.kill()
        process.communicate()
