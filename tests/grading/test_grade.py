"""The whole way of a notebook to its report, with real processes."""

from __future__ import annotations

import copy
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from fairmark.course.course import Assignment
from fairmark.grading.grade import grade
from fairmark.harness.report import Report
from fairmark.notebook import NotebookError
from fairmark.sandbox import Asked, Sandbox
from fairmark.sandbox.process import ZygoteFork, ZygoteProcess
from tests.tiny import RIGHT, answer


def scores(report: Report) -> dict[str, Any]:
    return {q.id: (q.score, q.status) for q in report.questions}


def grade_answers(tiny: Assignment, sandbox: Sandbox, **answers: str) -> Report:
    return grade(answer(tiny, {**RIGHT, **answers}), tiny, sandbox, name="tiny.ipynb")


def test_a_right_notebook(tiny: Assignment, sandbox: Sandbox) -> None:
    report = grade_answers(tiny, sandbox)
    assert (report.score, report.max_score) == (5.0, 5.0)
    assert scores(report) == {
        "double": (2.0, "graded"),
        "mean": (3.0, "graded"),
        "essay": (None, "manual"),
    }
    assert Report.from_json(report.to_json()) == report


def test_the_release_gets_nothing(tiny: Assignment, sandbox: Sandbox) -> None:
    report = grade(tiny.master, tiny, sandbox)
    assert scores(report)["double"] == (0.0, "missing")
    assert scores(report)["mean"] == (0.0, "missing")


def test_the_solution_gets_everything(tiny: Assignment, sandbox: Sandbox) -> None:
    assert grade(nbformat.read(tiny.source, 4), tiny, sandbox).score == 5.0


def test_part_of_the_points(tiny: Assignment, sandbox: Sandbox) -> None:
    report = grade_answers(tiny, sandbox, double="def double(x):\n    return 6")
    assert report.question("double").score == 0.5  # one of four parts of two points
    visible, hidden = report.question("double").tests
    assert visible.passed
    assert not hidden.passed
    assert hidden.hidden
    assert "shape" in hidden.message


def test_the_same_numbers_in_every_run(tiny: Assignment, sandbox: Sandbox) -> None:
    notebook = answer(tiny, RIGHT)
    draw = "import random\nprint(random.random(), np.random.rand())"
    notebook.cells.append(nbformat.v4.new_code_cell(draw))
    told = "import random\ndef mean(x):\n    raise ValueError(random.random() + np.random.rand())"
    next(c for c in notebook.cells if c.source == RIGHT["mean"]).source = told
    first, second = (grade(copy.deepcopy(notebook), tiny, sandbox) for _ in range(2))
    assert first.cells[-1]["outputs"][0]["text"].count(".") == 2
    assert first.cells[-1]["outputs"] == second.cells[-1]["outputs"]
    messages = [test.message for test in first.question("mean").tests]
    assert messages[0] != messages[1]
    assert messages == [test.message for test in second.question("mean").tests]


def test_visible_tests_come_first(
    tiny: Assignment, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    forks: list[str] = []
    fork = ZygoteProcess.fork

    def noted(process: ZygoteProcess, question: Asked) -> ZygoteFork:
        forks.append(question.answer)
        return fork(process, question)

    monkeypatch.setattr(ZygoteProcess, "fork", noted)
    assert grade_answers(tiny, sandbox).score == 5.0
    assert forks == ["double", "mean", "double"]  # the hidden tests of "mean" need no other one
    # What a hidden test sends, an answer could keep for the messages of a later visible test.
    keep = "import pathlib\nnote = pathlib.Path('note')\nnote.write_text('')\n"
    keep += "def double(x):\n    note.write_text(f'seen: {x}')\n    return 2 * x"
    tell = "def mean(x):\n    raise ValueError(note.read_text())"
    forks.clear()
    report = grade_answers(tiny, sandbox, double=keep, mean=tell)
    assert forks == ["double", "mean", "double"]
    visible, _ = report.question("mean").tests
    assert visible.message.endswith("seen: 3")


def test_a_changed_input_is_noticed(tiny: Assignment, sandbox: Sandbox) -> None:
    report = grade_answers(tiny, sandbox, double="def double(x):\n    x *= 2\n    return x")
    assert "changed the array" in report.question("double").tests[1].message


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("def double(x):\n    while True: pass", "timeout"),
        ("import time\ntime.sleep(100)", "timeout"),
        ("def double(x):\n    import ctypes; ctypes.string_at(0)", "killed"),
        ("import ctypes; ctypes.string_at(0)", "killed"),
        ("import os\nos._exit(0)", "killed"),
        ("def double(x):\n    return np.ones(10**10)", "graded"),
        ("def double(x):\n    raise KeyboardInterrupt", "graded"),
        ("def double(x):\n    raise SystemExit(0)", "graded"),
        ("def double(x) return 2", "error"),
        ("1/0\ndef double(x):\n    return 3 * x", "error"),
        ("", "missing"),
        ("# nothing here", "graded"),
    ],
)
def test_what_breaks_one_question_breaks_no_other(
    tiny: Assignment, sandbox: Sandbox, source: str, status: str
) -> None:
    report = grade_answers(tiny, sandbox, double=source)
    assert scores(report)["double"] == (0.0, status)
    assert scores(report)["mean"] == (3.0, "graded")


def test_own_cells_that_break_cost_nothing(tiny: Assignment, sandbox: Sandbox) -> None:
    notebook = answer(tiny, RIGHT)
    for place, source in (
        (2, "import os; os._exit(3)"),
        (4, "1/0"),
        (0, "import time; time.sleep(99)"),
    ):
        notebook.cells.insert(place, nbformat.v4.new_code_cell(source))
    report = grade(notebook, tiny, sandbox)
    assert report.score == 5.0
    text = str(report.cells)
    assert "it ended the Python process" in text
    assert "did not end within" in text


def test_a_later_variable_of_the_same_name_does_no_harm(tiny: Assignment, sandbox: Sandbox) -> None:
    notebook = answer(tiny, RIGHT)
    notebook.cells.append(nbformat.v4.new_code_cell("double = 3\nmean = np.mean([1, 2])"))
    assert grade(notebook, tiny, sandbox).score == 5.0


def test_a_later_variable_of_a_helpers_name_does_no_harm(
    tiny: Assignment, sandbox: Sandbox
) -> None:
    helper = "def twice(x):\n    return 2 * np.asarray(x)\ndef double(x):\n    return twice(x)"
    other = "def twice(x):\n    return sum(x)\ndef mean(x):\n    return twice(x) / len(x)"
    notebook = answer(tiny, {**RIGHT, "double": helper, "mean": other})
    notebook.cells.append(nbformat.v4.new_code_cell("twice = 2"))
    assert grade(notebook, tiny, sandbox).score == 5.0


def test_a_helper_further_down_and_cells_in_any_order(tiny: Assignment, sandbox: Sandbox) -> None:
    notebook = answer(tiny, {**RIGHT, "mean": "def mean(x: np.ndarray):\n    return helper(x)"})
    notebook.cells.append(nbformat.v4.new_code_cell("def helper(x): return sum(x) / len(x)"))
    notebook.cells.reverse()
    assert grade(notebook, tiny, sandbox).score == 5.0


def test_an_answer_in_another_cell_counts(tiny: Assignment, sandbox: Sandbox) -> None:
    notebook = answer(tiny, {"mean": RIGHT["mean"]})
    notebook.cells.insert(1, nbformat.v4.new_code_cell(RIGHT["double"]))
    notebook.cells[1], notebook.cells[2] = notebook.cells[2], notebook.cells[1]
    assert grade(notebook, tiny, sandbox).score == 5.0


def test_output_stays_for_hand_grading_and_is_cut(tiny: Assignment, sandbox: Sandbox) -> None:
    notebook = answer(tiny, RIGHT)
    notebook.cells.append(nbformat.v4.new_code_cell("print('my own words')"))
    notebook.cells.append(nbformat.v4.new_code_cell("while True: print('flood' * 1000)"))
    report = grade(notebook, tiny, sandbox)
    assert report.score == 5.0
    text = str(report.cells)
    assert "my own words" in text
    assert len(text) < 3_000_000
    nbformat.validate(nbformat.v4.new_notebook(cells=list(report.cells)))


def test_files_of_the_submission_are_there(tiny: Assignment, sandbox: Sandbox) -> None:
    notebook = answer(tiny, RIGHT)
    notebook.cells.append(nbformat.v4.new_code_cell("print(open('data/mine.txt').read())"))
    report = grade(notebook, tiny, sandbox, files={"data/mine.txt": b"brought along"})
    assert "brought along" in str(report.cells[-1]["outputs"])


def test_the_same_marks_every_time(tiny: Assignment, sandbox: Sandbox) -> None:
    code = "import random\ndef double(x):\n    return 2 * np.asarray(x) + (random.random() < 0.0)"
    reports = [grade_answers(tiny, sandbox, double=code) for _ in range(2)]
    first, second = ([t.message for q in r.questions for t in q.tests] for r in reports)
    assert first == second
    assert reports[0].score == reports[1].score


def test_a_notebook_of_another_assignment(tiny: Assignment, sandbox: Sandbox) -> None:
    other = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("something = 'else'")])
    with pytest.raises(NotebookError, match="no notebook of the assignment tiny"):
        grade(other, tiny, sandbox)


def test_grading_changes_nothing_that_it_was_given(tiny: Assignment, sandbox: Sandbox) -> None:
    notebook: NotebookNode = answer(tiny, RIGHT)
    before = copy.deepcopy(notebook)
    master = copy.deepcopy(tiny.master)
    grade(notebook, tiny, sandbox)
    assert notebook == before
    assert tiny.master == master
