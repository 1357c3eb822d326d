"""Whatever happens to a notebook: a right answer that is still in it keeps its points."""

from __future__ import annotations

import copy
from pathlib import Path

import nbformat
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode

from fairmark.course.course import Assignment, Course
from fairmark.grading.grade import grade
from fairmark.intake.kinds import RepairKind
from fairmark.notebook import parse_notebook
from fairmark.sandbox import Sandbox, make_sandbox
from tests.damages import damaged
from tests.tiny import RIGHT, answer

WRONG = {"double": "def double(x):\n    return x + 2", "mean": "def mean(x):\n    return x[0]"}
LONG = {
    "double": (
        "def twice(x):\n    return np.asarray(x) * 2\n\n"
        "def double(x):\n    y = twice(x)\n    return y"
    ),
    "mean": (
        'def mean(x):\n    """The mean."""\n    total = 0.0\n    for value in x:\n'
        "        total += value\n    return total / len(x)"
    ),
    "essay": RIGHT["essay"],
}
ALTERNATIVES = [
    RIGHT,
    LONG,
    {**RIGHT, "double": WRONG["double"]},
    {**LONG, "mean": WRONG["mean"]},
    {"double": LONG["double"], "essay": RIGHT["essay"]},
]


@settings(max_examples=30, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_marks_survive_damage(tiny: Assignment, sandbox: Sandbox, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(ALTERNATIVES) - 1))
    answers = ALTERNATIVES[number]
    notebook = answer(tiny, answers)
    marks = _marks(tiny, sandbox, number)
    file, done = data.draw(damaged(notebook, frozenset(answers.values())))
    report = grade(parse_notebook(file, "damaged"), tiny, sandbox)
    got = {q.id: q.score for q in report.questions}
    assert got == marks, (done, report.repairs)
    assert answers["essay"] in "\n".join(cell["source"] for cell in report.cells)


def test_a_real_notebook_without_any_mark(course_root: Path) -> None:
    """Each answer merged with its check cell, all metadata and ids lost, and the end put first."""
    course = Course.load(course_root)
    perceptron = course.assignment("perceptron")
    cells: list[NotebookNode] = []
    for cell in copy.deepcopy(perceptron.solved).cells:
        if cells and cell.source.startswith("check("):
            cells[-1].source += f"\n\n{cell.source}"
        else:
            cells.append(cell)
    cells = [*cells[-12:], *cells[:-12]]
    for number, cell in enumerate(cells):
        cell.metadata, cell.id = NotebookNode(), f"new-{number}"
    notebook = nbformat.v4.new_notebook(cells=cells)
    with make_sandbox(course.preload_for([perceptron]), course.limits) as warm:
        report = grade(notebook, perceptron, warm)
    assert report.score == report.max_score
    assert RepairKind.OTHER_ORDER.of() in report.repairs


_known: dict[int, dict[str, float | None]] = {}


def _marks(tiny: Assignment, sandbox: Sandbox, number: int) -> dict[str, float | None]:
    if number not in _known:
        report = grade(answer(tiny, ALTERNATIVES[number]), tiny, sandbox)
        _known[number] = {q.id: q.score for q in report.questions}
    return _known[number]
