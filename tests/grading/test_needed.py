"""Cells that no question needs are left out, and no answer loses a point by it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import nbformat
import numpy as np
import pytest
from nbformat import NotebookNode

from fairmark.course.beside import fingerprint
from fairmark.course.course import Assignment, Course
from fairmark.errors import FairmarkError
from fairmark.grading.grade import grade
from fairmark.harness.report import Report
from fairmark.sandbox import Sandbox
from tests.tiny import CONFIG, RIGHT, answer, make_course, mark

SHOWN = "shown = double(np.arange(3))\nprint(shown)"
NEEDED = 'c.Fairmark.run_cells = "needed"\n'
MEAN = "def mean(x):\n    {}\n    return sum(x) / len(x)"
SECOND_DRAW = float(np.random.RandomState(7).rand(2)[1])
Make = Callable[..., Assignment]


@pytest.fixture
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Makes the tiny assignment with further cells of the instructor's before ``mean``."""

    def made(*cells: str | NotebookNode, setting: str = NEEDED) -> Assignment:
        root = tmp_path_factory.mktemp("needed")
        source = make_course(root).assignment("tiny").source
        notebook = nbformat.read(source, 4)
        place = next(i for i, cell in enumerate(notebook.cells) if cell.id == "mean")
        notebook.cells[place:place] = [
            cell
            if isinstance(cell, NotebookNode)
            else nbformat.v4.new_code_cell(cell, id=f"demo-{i}")
            for i, cell in enumerate(cells)
        ]
        nbformat.write(notebook, source)
        (root / "nbgrader_config.py").write_text(CONFIG + setting)
        return Course.load(root).assignment("tiny")

    return made


def unrun(report: Report) -> list[str]:
    said = [repair.text for repair in report.repairs if repair.kind == "not-run"]
    return [name for text in said for name in text.partition(": ")[2].rstrip(".").split(", ")]


def output(report: Report, name: str) -> Any:
    return next(cell["outputs"] for cell in report.cells if cell["id"] == name)


def both(make: Make, sandbox: Sandbox, demos: Sequence[str], **answers: str) -> Report:
    """The report of the needed cells alone; the marks are the same where all cells are run."""
    reports = []
    for setting in (NEEDED, ""):
        assignment = make(*demos, setting=setting)
        reports.append(grade(answer(assignment, RIGHT | answers), assignment, sandbox))
    needed, everything = reports
    assert [q.score for q in needed.questions] == [q.score for q in everything.questions]
    assert unrun(everything) == []
    return needed


def test_what_no_question_needs_is_not_run(make: Make, sandbox: Sandbox) -> None:
    report = both(make, sandbox, [SHOWN, "total = sum(shown)\nprint(total)"])
    assert report.score == 5.0
    assert unrun(report) == ["demo-0", "demo-1"]
    (said,) = output(report, "demo-0")
    assert said["text"] == "This cell was not run: it is needed by no question.\n"
    assert Report.from_json(report.to_stored_json()).repairs == report.repairs


def test_an_endless_demonstration_costs_nothing(make: Make, sandbox: Sandbox) -> None:
    assignment = make("while True:\n    double(1)")
    report = grade(answer(assignment, RIGHT), assignment, sandbox)
    assert report.score == 5.0
    assert unrun(report) == ["demo-0"]
    assert report.cpu_seconds < assignment.limits().cell_seconds


def test_a_wrong_answer_costs_what_it_does_with_all_cells(make: Make, sandbox: Sandbox) -> None:
    report = both(make, sandbox, [SHOWN], mean="def mean(x):\n    return x[0]")
    assert report.question("mean").score == 0.0
    assert unrun(report) == ["demo-0"]


READ = {
    "a name": (["scale = 2"], {"double": "def double(x):\n    return scale * np.asarray(x)"}),
    "a name through a name": (
        ["half = 1", "scale = 2 * half"],
        {"double": "def double(x):\n    return scale * np.asarray(x)"},
    ),
    "a function": (
        ["def twice(x):\n    return 2 * x"],
        {"double": "def double(x):\n    return twice(np.asarray(x))"},
    ),
    "a dict that is filled": (
        ["table = {}", "table['scale'] = 2"],
        {"double": "def double(x):\n    return table['scale'] * np.asarray(x)"},
    ),
    "a dict that a function fills": (
        ["table = {}", "def fill(t):\n    t.update(scale=2)", "fill(table)"],
        {"double": "def double(x):\n    return table['scale'] * np.asarray(x)"},
    ),
    "a dict under another name": (
        ["table = {}\nother = [table]", "for one in other:\n    one['scale'] = 2"],
        {"double": "def double(x):\n    return table['scale'] * np.asarray(x)"},
    ),
    "a name that is deleted": (
        ["scale = 2", "mean = None"],
        {"double": "def double(x):\n    return scale * np.asarray(x)"},
    ),
    "a library's new function": (
        ["np.triple = lambda x: 3 * x"],
        {"double": "def double(x):\n    return np.triple(np.asarray(x)) * 2 / 3"},
    ),
    "what an answer counts": (
        ["double(1)"],
        {
            "double": "calls = []\ndef double(x):\n    calls.append(x)\n    return np.add(x, x)",
            "mean": MEAN.format("assert calls"),
        },
    ),
    "what an answer counts in itself": (
        ["double(1)"],
        {
            "double": "def double(x):\n    double.called = True\n    return 2 * np.asarray(x)",
            "mean": MEAN.format("assert double.called"),
        },
    ),
    "a setting": (
        ["np.seterr(divide='raise')"],
        {"mean": MEAN.format("assert np.geterr()['divide'] == 'raise'")},
    ),
    "by its name as a text": (
        ["scale = 2"],
        {"double": "def double(x):\n    return globals()['scale'] * np.asarray(x)"},
    ),
    "through the main module": (
        ["scale = 2"],
        {"double": "import __main__\ndef double(x):\n    return __main__.scale * np.asarray(x)"},
    ),
    "in code that is text": (
        ["scale = 2"],
        {"double": "def double(x):\n    return eval('scale') * np.asarray(x)"},
    ),
}
"""Cells of the instructor's, and answers that need all of them."""


@pytest.mark.parametrize("name", READ)
def test_an_answer_may_read_what_a_demonstration_has_made(
    make: Make, sandbox: Sandbox, name: str
) -> None:
    demos, answers = READ[name]
    report = both(make, sandbox, demos, **answers)
    assert report.score == 5.0, report.questions
    assert unrun(report) == []


UNNAMED = {
    "what a library keeps": (
        "import logging\n\nlogging.getLogger('mine').addHandler(logging.NullHandler())",
        MEAN.format("assert logging.getLogger('mine').handlers"),
    ),
    "a random number": (
        "np.random.seed(7)\nprint(np.random.rand())",
        "draw = np.random.rand()\n" + MEAN.format(f"assert draw == {SECOND_DRAW!r}"),
    ),
    "a random number when it is called": (
        "np.random.seed(7)\nprint(np.random.rand())",
        "seen = []\n"
        + MEAN.format(f"seen.append(np.random.rand()); assert seen[0] == {SECOND_DRAW!r}"),
    ),
    "a file": (
        "with open('scale.txt', 'w') as file:\n    file.write('2')",
        MEAN.format("assert open('scale.txt').read() == '2'"),
    ),
}
"""A cell of the instructor's, and an answer that rests on it without a name."""


@pytest.mark.parametrize("name", UNNAMED)
def test_an_answer_may_rest_on_what_has_no_name(make: Make, sandbox: Sandbox, name: str) -> None:
    demo, mean = UNNAMED[name]
    report = both(make, sandbox, demo.split("\n\n"), mean=mean)
    assert report.score == 5.0, report.questions


ASKING = {
    "by a name put together": 'getattr(submission, "".join(("sca", "le"))).value()',
    "by a variable": "[submission[name].value() for name in NAMES][0]",
    "in a class": "Setting(submission).submission.scale.value()",
    "for a call": "submission.double(Setting(submission).submission.scale.value()) / 2",
}
"""How a grader may ask for ``scale`` so that its text hardly tells."""
ASKING_TEST = """

NAMES = ["scale"]


class Setting:
    def __init__(self, submission):
        self.submission = submission


@question("mean")
def test_the_setting(submission):
    \"""It is four.\"""
    assert_close({}, 4)
"""


@pytest.mark.parametrize("way", ASKING)
@pytest.mark.parametrize("setting", [NEEDED, ""], ids=["needed", "all"])
def test_graders_may_ask_for_what_a_demonstration_has_made(
    make: Make, sandbox: Sandbox, way: str, setting: str
) -> None:
    assignment = make("scale = 2", "scale = scale + 2", SHOWN, setting=setting)
    module = assignment.graders / "test_tiny.py"
    module.write_text(module.read_text() + ASKING_TEST.format(ASKING[way]))
    report = grade(answer(assignment, RIGHT), assignment, sandbox)
    assert report.score == 5.0, report.questions
    assert unrun(report) == []


def test_graders_may_ask_for_what_was_drawn_last(make: Make, sandbox: Sandbox) -> None:
    assignment = make("scale = 2", SHOWN)
    module = assignment.graders / "test_tiny.py"
    asking = ASKING_TEST.format("len(submission.axes()) + 4")
    module.write_text(module.read_text() + asking)
    assert unrun(grade(answer(assignment, RIGHT), assignment, sandbox)) == []


def test_an_answer_may_rest_on_a_default_that_a_demonstration_has_changed(
    make: Make, sandbox: Sandbox
) -> None:
    counting = "def double(x, known=[]):\n    known.append(x)\n    assert len(known) > 1\n"
    report = both(make, sandbox, [SHOWN], double=counting + "    return np.add(x, x)")
    assert report.question("double").score == 2.0


@pytest.mark.parametrize("name", UNNAMED)
def test_it_is_judged_again_behind_all_cells_only_if_it_lost(
    make: Make, sandbox: Sandbox, name: str
) -> None:
    demo, mean = UNNAMED[name]
    report = both(make, sandbox, demo.split("\n\n"), mean=mean.replace("len(x)", "len(x) + 1"))
    assert report.question("mean").score == 0.0
    assert report.question("double").score == 2.0
    assert unrun(report) == []


COUNTING = """class Number:
    count = 0

    def __init__(self, value):
        self.value = value
        Number.count += 1

def double(x):
    {}return Number(2 * np.asarray(x)).value"""


def test_a_class_may_count_its_objects(make: Make, sandbox: Sandbox) -> None:
    demos = [SHOWN, "number = Number(3)\nprint(number.count)"]
    report = both(make, sandbox, demos, double=COUNTING.format(""))
    assert report.score == 5.0
    assert unrun(report) == ["demo-0", "demo-1"]


def test_an_answer_may_rest_on_what_its_class_has_counted(make: Make, sandbox: Sandbox) -> None:
    demos = [SHOWN, "number = Number(3)\nprint(number.count)"]
    double = COUNTING.format("assert Number.count > 0\n    ")
    report = both(make, sandbox, demos, double=double)
    assert report.score == 5.0
    assert unrun(report) == []


SEEDING = "def mean(x):\n    {}\n    return sum(x) / len(x) + np.random.rand()"
SEEDINGS = {
    "it seeds first": ("np.random.seed(1)", True),
    "behind its docstring": ('"""The mean."""\n    np.random.seed(1)', True),
    "with what is to be seen": ("seed = 1\n    np.random.seed(seed)", False),
    "it draws first": ("x = x + np.random.rand()\n    np.random.seed(1)", False),
    "another library's": ("random.seed(1)", False),
    "for some": ("if len(x) > 2:\n        np.random.seed(1)", False),
    "and files": ("np.random.seed(1)\n    x = x + np.load('x.npy')", False),
    "for another function": ("np.random.seed(1)\n    mean.f = lambda: np.random.rand()", False),
}
"""How a wrong answer begins that draws, and whether it is known to draw the same anywhere."""


@pytest.mark.parametrize("name", SEEDINGS)
def test_what_is_drawn_behind_a_seed_is_the_same_anywhere(
    make: Make, sandbox: Sandbox, name: str
) -> None:
    begin, is_settled = SEEDINGS[name]
    mean = "import random\n" + SEEDING.format(begin)
    report = both(make, sandbox, ["np.random.rand()", SHOWN], mean=mean)
    assert report.question("mean").score == 0.0
    assert unrun(report) == (["demo-0", "demo-1"] if is_settled else [])


def test_what_was_not_answered_is_judged_once(make: Make, sandbox: Sandbox) -> None:
    source = make("np.random.seed(7)", SHOWN).source
    text = source.read_text()
    source.write_text(text.replace("def mean(x):\\n", "def mean(x):\\n    np.random.rand()\\n"))
    assignment = Course.load(source.parents[2]).assignment("tiny")
    notebook = copy.deepcopy(assignment.handed_out)
    next(cell for cell in notebook.cells if cell.id == "double").source = RIGHT["double"]
    assert any("np.random.rand" in cell.source for cell in notebook.cells)
    report = grade(notebook, assignment, sandbox)
    assert report.question("mean").status == "missing"
    assert unrun(report) == ["demo-0", "demo-1"]


def test_a_demonstration_that_a_student_has_changed_is_run(make: Make, sandbox: Sandbox) -> None:
    assignment = make("scale = 1", SHOWN, "print(scale)")
    double = "def double(x):\n    return scale * np.asarray(x)"
    notebook = answer(assignment, {**RIGHT, "double": double})
    next(cell for cell in notebook.cells if cell.id == "demo-0").source = "scale = 2"
    report = grade(notebook, assignment, sandbox)
    assert report.score == 5.0
    assert unrun(report) == ["demo-1", "demo-2"]


def test_cells_of_the_students_own_are_run(make: Make, sandbox: Sandbox) -> None:
    assignment = make(SHOWN, "other = 3")
    notebook = answer(assignment, RIGHT)
    notebook.cells.append(nbformat.v4.new_code_cell("print('mine', shown[1])", id="mine"))
    report = grade(notebook, assignment, sandbox)
    assert output(report, "mine")[0]["text"] == "mine 2\n"
    assert unrun(report) == ["demo-1"]


@pytest.mark.parametrize("code", ["exec('1')", "from numpy import *", "import inspect", "1 +"])
def test_all_is_run_where_code_may_do_anything(make: Make, sandbox: Sandbox, code: str) -> None:
    assignment = make(SHOWN)
    notebook = answer(assignment, RIGHT)
    notebook.cells.append(nbformat.v4.new_code_cell(code))
    assert unrun(grade(notebook, assignment, sandbox)) == []


def test_all_is_run_where_code_was_handed_in_beside(make: Make, sandbox: Sandbox) -> None:
    assignment = make(SHOWN)
    notebook = answer(assignment, RIGHT)
    beside = {"data.csv": b"1,2"}
    assert unrun(grade(copy.deepcopy(notebook), assignment, sandbox, files=beside)) == ["demo-0"]
    assert unrun(grade(notebook, assignment, sandbox, files={"helper.py": b"x = 1"})) == []


def test_nothing_is_left_out_unless_it_is_asked_for(make: Make, sandbox: Sandbox) -> None:
    assignment = make(SHOWN, setting="")
    report = grade(answer(assignment, RIGHT), assignment, sandbox)
    assert unrun(report) == []
    assert output(report, "demo-0")[0]["text"] == "[0 2 4]\n"


def test_the_setting_is_one_of_two_words(make: Make) -> None:
    with pytest.raises(FairmarkError, match="run_cells is"):
        _ = make(setting="c.Fairmark.run_cells = 'some'\n").course.run_cells


@pytest.mark.parametrize("locked", [True, False], ids=["locked", "unmarked"])
@pytest.mark.parametrize("setting", [NEEDED, ""], ids=["needed", "all"])
def test_the_instructors_tag(make: Make, sandbox: Sandbox, setting: str, locked: bool) -> None:
    metadata = mark("train", locked=True) if locked else {}
    training = nbformat.v4.new_code_cell(
        "while True:\n    pass", id="train", metadata={**metadata, "tags": ["skip-execution"]}
    )
    assignment = make(training, setting=setting)
    report = grade(answer(assignment, RIGHT), assignment, sandbox)
    assert report.score == 5.0
    assert unrun(report) == ["train"]
    (said,) = output(report, "train")
    assert said["text"] == "This cell was not run: it is tagged skip-execution.\n"


def test_a_students_tag_says_nothing(make: Make, sandbox: Sandbox) -> None:
    assignment = make(SHOWN, setting="")
    notebook = answer(assignment, RIGHT)
    for cell in notebook.cells:
        cell.metadata["tags"] = ["skip-execution"]
    report = grade(notebook, assignment, sandbox)
    assert report.score == 5.0
    assert unrun(report) == []


def test_what_was_graded_with_one_setting_is_graded_anew_with_the_other(make: Make) -> None:
    assert fingerprint(make(SHOWN)) != fingerprint(make(SHOWN, setting=""))
