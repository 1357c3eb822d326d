"""Only what the student has bound counts as an answer, and nothing of the instructor's."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from fairmark.course.course import Assignment, Course
from fairmark.grading.grade import grade
from fairmark.sandbox import Limits, Sandbox, make_sandbox
from tests.classic import mark
from tests.tiny import CONFIG

HALF = "    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION"
CELLS = [
    new_code_cell(
        "# Keep the number of seconds of a day in `seconds`.\n"
        "### BEGIN SOLUTION\nimport math\nseconds = 24 * 60 * 60\n### END SOLUTION",
        metadata=mark("seconds", solution=True),
    ),
    new_code_cell("assert seconds == 86400", metadata=mark("test_seconds", 1, grade=True)),
    new_code_cell("seconds = 86400  # to go on with"),
    new_code_cell(f"def half(x):\n{HALF}", metadata=mark("half", solution=True)),
    new_code_cell(
        "assert half(4) == 2\n### BEGIN HIDDEN TESTS\nfrom math import isclose\nfar = 10\n"
        "assert isclose(half(0.3), 0.15)\n### END HIDDEN TESTS",
        metadata=mark("test_half", 2, grade=True),
    ),
    new_markdown_cell("As a lambda, and faster:"),
    new_code_cell("half = lambda x: x / 2\nhalf(3)"),
    new_code_cell("table = [1, 2, 3]", metadata=mark("table")),
    new_code_cell(
        "def third(x):\n    ### BEGIN SOLUTION\n    return x / table[2]\n    ### END SOLUTION",
        metadata=mark("third", solution=True),
    ),
    new_code_cell("assert isclose(third(far), 10 / 3)", metadata=mark("test_third", 4, grade=True)),
    new_markdown_cell("Again, for lists:"),
    new_code_cell(
        "def half(x):\n    ### BEGIN SOLUTION\n    return [n / 2 for n in x]\n    ### END SOLUTION",
        metadata=mark("half_again", solution=True),
    ),
    new_code_cell("assert half([4]) == [2]", metadata=mark("test_again", 8, grade=True)),
]
SOLVED = {
    "seconds": "seconds = 86_400",
    "half": "def half(x):\n    return 0.5 * x",
    "third": "def third(x):\n    return x / 3",
    "half_again": "def half(x):\n    return [0.5 * n for n in x]",
}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    return assignment_of(CELLS, tmp_path_factory.mktemp("asked"))


def assignment_of(cells: list[NotebookNode], root: Path) -> Assignment:
    (root / "source/asked").mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    notebook = new_notebook(cells=copy.deepcopy(cells))
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
    nbformat.write(notebook, root / "source/asked/asked.ipynb")
    return Course.load(root).assignment("asked")


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with make_sandbox([], Limits(cell_seconds=3.0)) as box:
        yield box


def handed_in(asked: Assignment, *answered: str) -> NotebookNode:
    notebook = copy.deepcopy(asked.handed_out)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in answered:
            cell.source = SOLVED[name]
    return notebook


def moved(notebook: NotebookNode, *names: str) -> NotebookNode:
    """Put cells behind all others, as somebody does who writes his answers at the end."""
    behind = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") in names]
    notebook.cells = [cell for cell in notebook.cells if cell not in behind] + behind
    return notebook


def points(asked: Assignment, box: Sandbox, notebook: NotebookNode) -> list[float | None]:
    return [question.score for question in grade(notebook, asked, box).questions]


def test_the_instructors_own(asked: Assignment, box: Sandbox) -> None:
    assert points(asked, box, copy.deepcopy(asked.solved)) == [1, 2, 4, 8]
    assert points(asked, box, handed_in(asked, *SOLVED)) == [1, 2, 4, 8]


def test_the_bare_release(asked: Assignment, box: Sandbox) -> None:
    assert points(asked, box, handed_in(asked)) == [0, 0, 0, 0]
    bare = moved(handed_in(asked), "half", "seconds", "third")
    assert points(asked, box, bare) == [0, 0, 0, 0]


@pytest.mark.parametrize("behind", list(SOLVED))
def test_one_answer_moved_behind_all_earns_its_own_points(
    asked: Assignment, box: Sandbox, behind: str
) -> None:
    expected = [n if name == behind else 0 for name, n in zip(SOLVED, (1, 2, 4, 8), strict=True)]
    # The third test needs what the second one imports, as with nbgrader.
    given = ("half", behind) if behind == "third" else (behind,)
    if behind == "third":
        expected[1] = 2
    assert points(asked, box, moved(handed_in(asked, *given), *given)) == expected


def test_all_answers_in_the_opposite_order(asked: Assignment, box: Sandbox) -> None:
    notebook = handed_in(asked, *SOLVED)
    notebook.cells.reverse()
    assert points(asked, box, notebook) == [1, 2, 4, 8]


@pytest.mark.parametrize("given", ["half", "half_again"])
def test_one_name_that_is_asked_for_twice(asked: Assignment, box: Sandbox, given: str) -> None:
    expected = [0, 2, 0, 0] if given == "half" else [0, 0, 0, 8]
    assert points(asked, box, handed_in(asked, given)) == expected
    assert points(asked, box, moved(handed_in(asked, given), given)) == expected
    notebook = handed_in(asked, given)
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)
    assert points(asked, box, notebook) == expected


def test_an_answer_in_the_place_of_the_instructors_demonstration(
    asked: Assignment, box: Sandbox
) -> None:
    notebook = handed_in(asked)
    cell = next(cell for cell in notebook.cells if cell.source.startswith("half = lambda"))
    cell.source = "half = lambda x: x / 2  # just look"
    assert points(asked, box, notebook) == [0, 0, 0, 0]
    own = new_code_cell(SOLVED["half"])
    notebook.cells.insert(notebook.cells.index(cell), own)
    assert points(asked, box, notebook)[1] == 2


def test_a_read_only_cell_that_was_changed(asked: Assignment, box: Sandbox) -> None:
    notebook = handed_in(asked, "half", "third")
    for cell in notebook.cells:
        if cell.source == "table = [1, 2, 3]":
            cell.source = "import math\ntable = [0]"
        elif cell.source == SOLVED["third"]:
            cell.source = "def third(x):\n    return math.fabs(x) / table[2]"
    assert points(asked, box, notebook) == [0, 2, 4, 0]


def test_an_answer_to_another_exercise_leaves_no_stub_out(tmp_path: Path, box: Sandbox) -> None:
    set_names = "{}\n### BEGIN SOLUTION\n{}\n### END SOLUTION"
    cells = [
        new_code_cell("area = 6  # an example"),
        new_code_cell(
            set_names.format("width = None", "width = 5"), metadata=mark("width", solution=True)
        ),
        new_code_cell("assert width == 5", metadata=mark("test_width", 1, grade=True)),
        new_code_cell(
            set_names.format("width = 2\narea = None", "area = width * 3"),
            metadata=mark("area", solution=True),
        ),
        new_code_cell("assert isinstance(area, int)", metadata=mark("test_kind", 2, grade=True)),
        new_code_cell("assert area == 3 * width", metadata=mark("test_area", 4, grade=True)),
    ]
    asked = assignment_of(cells, tmp_path)
    first = copy.deepcopy(asked.handed_out)
    first.cells[1].source = "width = 5"
    assert points(asked, box, first) == [1, 0, 0]
    for place in (3, 4):  # an answer in a cell of the student's own, the stub as it was
        elsewhere = copy.deepcopy(first)
        elsewhere.cells.insert(place, new_code_cell("area = width * 3"))
        assert points(asked, box, elsewhere) == [1, 2, 4]
