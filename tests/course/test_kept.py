"""Outputs are kept of cells that need no answer: what an answer makes is followed through cells."""

from __future__ import annotations

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from traitlets.config import Config

from fairmark.course.faults import notebook_faults
from fairmark.course.kept import kept_faults
from tests.classic import mark

SHOWN = new_output("display_data", {"text/plain": "a diagram"})


def kept(source: str) -> NotebookNode:
    cell: NotebookNode = new_code_cell(source, metadata={"tags": ["keep-output"]}, outputs=[SHOWN])
    return cell


ANSWER = new_code_cell("def double(x):\n    return 2 * x", metadata=mark("double", solution=True))
AXES = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()"


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        ([kept("draw()")], None),
        ([new_code_cell("def draw():\n    double(2)"), kept("print(3)")], None),
        ([kept("draw(double(2))")], "double"),
        ([new_code_cell("y = double(2)"), kept("draw(y)")], "y"),
        ([new_code_cell("def twice():\n    return double(2)"), kept("twice()")], "twice"),
        ([new_code_cell("table = []\ntable.append(double(1))"), kept("table")], "table"),
        ([new_code_cell("y = double(2)"), new_code_cell("y = 4"), kept("draw(y)")], None),
        ([new_code_cell(AXES), new_code_cell("ax.plot(double(2))"), kept("fig")], "fig"),
        ([new_code_cell(AXES), new_code_cell("line(double(2), ax)"), kept("fig")], "fig"),
        ([new_code_cell(AXES), new_code_cell("ax.plot([2])\ndouble(2)"), kept("fig")], "fig"),
        ([new_code_cell(AXES + "\ndouble(1)"), new_code_cell(AXES), kept("fig")], None),
        ([new_code_cell(AXES), new_code_cell("double(2)"), kept("fig")], None),
        ([new_code_cell("fig = Figure()\nax = fig.gca()\nax.plot(double(2))"), kept("fig")], "fig"),
        (
            [
                new_code_cell(AXES + "\ndef draw(y):\n    ax.plot(y)"),
                new_code_cell("draw(double(2))"),
                kept("fig"),
            ],
            "fig",
        ),
        ([new_code_cell("import maps\nmaps.draw(double(1))"), kept("maps.draw(3)")], None),
    ],
)
def test_what_comes_of_an_answer_is_not_kept(cells: list[NotebookNode], names: str | None) -> None:
    found = [fault for _, fault in kept_faults(new_notebook(cells=[ANSWER, *cells]))]
    told = [f"it is tagged keep-output, but its output comes of an answer ({names})"]
    assert found == (told if names else [])


def test_what_stands_above_the_answer_is_kept() -> None:
    assert not list(kept_faults(new_notebook(cells=[kept("double = 2"), kept("double"), ANSWER])))


@pytest.mark.parametrize("code", ["exec('print(double(2))')", "%run maps.py", "globals()['y']"])
def test_what_does_not_tell_is_refused(code: str) -> None:
    found = list(kept_faults(new_notebook(cells=[ANSWER, kept(code)])))
    assert [number for number, _ in found] == [2]
    assert found[0][1].endswith("but its code does not tell what its output comes of")


def test_answers_tests_and_texts_are_refused() -> None:
    answer, check = kept("def f(): pass"), kept("check('f')")
    answer.metadata.update(mark("f", solution=True))
    check.metadata.update(mark("check_f", 2, grade=True))
    text = new_markdown_cell("a text", metadata={"tags": ["keep-output"]})
    found = notebook_faults(new_notebook(cells=[answer, check, text]), Config())
    assert [fault.partition(": it is tagged keep-output, but ")[2] for fault in found] == [
        "it is an answer or a test: its output would tell of the solution",
        "it is an answer or a test: its output would tell of the solution",
        "it is no code cell",
    ]
    assert found[0].startswith("cell 1 (f): ")
