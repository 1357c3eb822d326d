"""What graders of test cells ask beside calls: variables, sets, printed text, plots."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from fairmark.course.course import Assignment, Course
from fairmark.grading.grade import grade
from fairmark.harness.report import QuestionResult
from fairmark.sandbox import Sandbox, make_sandbox
from tests.adopted import adopt
from tests.classic import mark
from tests.tiny import CONFIG

ANSWERS = {
    "numbers": "numbers = [1, 2, 3]\ntotal = sum(numbers)",
    "again": "numbers = [0]\ntotal = 0",
    "greet": "def greet(name):\n    print('Hello', name)\nprint('a line of the cell')",
    "letters": "letters = set('hello')",
    "plot": "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\n"
    "ax.plot([0, 1, 2], [0, 1, 4], label='squares')\nax.set_title('Squares')\nax.legend()\n"
    "def draw(values):\n    plt.figure()\n    plt.bar(range(len(values)), values)",
}
GRADER = """
import numpy as np
from fairmark.testing import assert_close, assert_equal, question


@question("t_numbers")
def test_variables(submission):
    assert_equal(submission.numbers.value(), [1, 2, 3])
    assert_equal(submission.total.value(), 6)


@question("t_again")
def test_variables_of_the_same_names(submission):
    assert_equal([submission.numbers.value(), submission.total.value()], [[0], 0])


@question("t_greet")
class TestGreet:
    def test_cell(self, submission):
        assert_equal(submission.printed(), "a line of the cell\\n")

    def test_call(self, submission):
        with submission.printing() as printed:
            submission.greet("Ada")
        assert_equal(printed.text, "Hello Ada\\n")


@question("t_letters")
def test_set(submission):
    assert_equal(submission.letters.value(), {"h", "e", "l", "o"})


@question("t_plot")
class TestPlot:
    def test_axes(self, submission):
        for plot in (submission.ax, submission.fig):
            (axes,) = submission.axes(plot)
            assert_equal([axes.title, axes.legend, axes.xscale], ["Squares", ["squares"], "linear"])
            assert_close(axes.lines[0]["y"], [0, 1, 4])

    def test_drawn(self, submission):
        submission.draw([3.0, 5.0])
        (axes,) = submission.axes()
        assert_equal([bar["height"] for bar in axes.bars], [3.0, 5.0])
"""


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    root = tmp_path_factory.mktemp("asked")
    (root / "source/asked").mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIG.replace('memory_mib": 256', 'memory_mib": 900'))
    cells = []
    for name, answer in ANSWERS.items():
        source = f"### BEGIN SOLUTION\n{answer}\n### END SOLUTION"
        used = {"numbers": "numbers, total", "again": "numbers, total", "plot": "ax, fig, draw"}
        test = f"assert ({used.get(name, name)}) is not None"
        cells += [
            new_code_cell(source, id=name, metadata=mark(name, solution=True)),
            new_code_cell(test, id=f"t-{name}", metadata=mark(f"t_{name}", 1, grade=True)),
        ]
    # Names are what they were behind their own cells, whatever comes later.
    cells.append(new_code_cell("numbers.append(5)\nnumbers = total = letters = None", id="later"))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(
        new_notebook(cells=cells, metadata={"kernelspec": kernel}),
        root / "source/asked/asked.ipynb",
    )
    return adopt(Course.load(root).assignment("asked"), GRADER, "")


@pytest.fixture(scope="module")
def box(asked: Assignment) -> Iterator[Sandbox]:
    with make_sandbox(["matplotlib.pyplot", "numpy"], asked.course.limits) as box:
        yield box


def test_right_answers(asked: Assignment, box: Sandbox) -> None:
    report = grade(copy.deepcopy(asked.solved), asked, box)
    assert [(q.id, q.score, [t.message for t in q.tests]) for q in report.questions] == [
        (q.id, 1.0, [""] * len(q.tests)) for q in report.questions
    ]
    assert not report.forgeable


def wrong(asked: Assignment, box: Sandbox, name: str, source: str) -> QuestionResult:
    notebook = copy.deepcopy(asked.solved)
    (cell,) = (c for c in notebook.cells if c.id == name)
    cell.source = source
    report = grade(notebook, asked, box)
    assert all(q.score == 1 for q in report.questions if q.id != f"t_{name}")
    return report.question(f"t_{name}")


def test_wrong_answers_are_told_readably(asked: Assignment, box: Sandbox) -> None:
    found = wrong(asked, box, "letters", "letters = {'h'}")
    assert found.tests[0].message == "The answer should be {'e', 'h', 'l', 'o'}, but it is {'h'}."
    found = wrong(asked, box, "greet", "def greet(name):\n    print('Hi')\nprint('x' * 10**6)")
    assert found.score == 0 and len(found.tests[0].message) < 1_000
    assert "Hi" in found.tests[1].message
    found = wrong(asked, box, "plot", "ax = fig = 3\ndraw = print")
    assert "There is no plot" in found.tests[0].message
