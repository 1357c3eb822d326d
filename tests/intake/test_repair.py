"""A damaged notebook is put right, and no right answer that is still in it is lost."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable

import nbformat
import pytest
from nbformat import NotebookNode

from fairmark.course.course import Assignment
from fairmark.intake.kinds import RepairKind
from fairmark.intake.repair import repair
from fairmark.nbgrader.generate import generate_release
from fairmark.syntax.cells import names_defined
from tests.tiny import RIGHT, answer

Damage = Callable[[NotebookNode], None]


def find(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id:
            found: NotebookNode = cell
            return found
    raise KeyError(grade_id)


@pytest.fixture
def notebook(tiny: Assignment) -> NotebookNode:
    return answer(tiny, RIGHT)


def assert_whole(notebook: NotebookNode, assignment: Assignment) -> None:
    """The marked cells are the assignment's, once each, with their own marks and the answers."""
    cells = repair(notebook, assignment).cells
    marked = {c.grade_id: c for c in cells if c.grade_id}
    masters = {
        c.metadata.nbgrader.grade_id: c for c in assignment.master.cells if "nbgrader" in c.metadata
    }
    assert sorted(marked) == sorted(masters)
    assert sum(c.grade_id is not None for c in cells) == len(masters)
    for grade_id, master in masters.items():
        node = marked[grade_id].node
        assert node.metadata == master.metadata
        assert node.cell_type == master.cell_type
        if grade_id in RIGHT:
            assert node.source == RIGHT[grade_id]
        else:
            assert node.source == master.source
    whole = nbformat.v4.new_notebook(cells=[c.node for c in cells])
    nbformat.validate(whole)


def test_a_whole_notebook_needs_no_repair(notebook: NotebookNode, tiny: Assignment) -> None:
    assert repair(notebook, tiny).repairs == []
    assert_whole(notebook, tiny)


def duplicate_answer(notebook: NotebookNode) -> None:
    place = notebook.cells.index(find(notebook, "double"))
    notebook.cells.insert(place + 1, copy.deepcopy(notebook.cells[place]))
    notebook.cells[place + 1].id = "copy"


def stub_copied_behind(notebook: NotebookNode) -> None:
    stub = copy.deepcopy(find(notebook, "double"))
    stub.source = "def double(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    stub.id = "copy"
    notebook.cells.append(stub)


def duplicate_check(notebook: NotebookNode) -> None:
    notebook.cells.append(copy.deepcopy(find(notebook, "check_mean")))
    notebook.cells[-1].id = "copy"


def delete_check(notebook: NotebookNode) -> None:
    notebook.cells.remove(find(notebook, "check_double"))


def edit_check(notebook: NotebookNode) -> None:
    find(notebook, "check_double").source = "pass"


def rename(notebook: NotebookNode) -> None:
    find(notebook, "double").metadata.nbgrader.grade_id = "doubel"


def lose_metadata(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        cell.metadata = NotebookNode()


def lose_metadata_and_ids(notebook: NotebookNode) -> None:
    for number, cell in enumerate(notebook.cells):
        cell.metadata = NotebookNode()
        cell.id = f"other-{number}"


def change_flags(notebook: NotebookNode) -> None:
    mark = find(notebook, "check_double").metadata.nbgrader
    mark.update(points=200, grade=False, solution=True, locked=False)
    find(notebook, "double").metadata.nbgrader.update(grade=True, points=100)
    find(notebook, "check_mean").metadata.tags = ["skip-execution"]


def damage_metadata(notebook: NotebookNode) -> None:
    double, check = find(notebook, "double"), find(notebook, "check_double")
    double.metadata.nbgrader = "broken"
    check.metadata.nbgrader = {"grade_id": ["not", "a", "name"]}


def change_type(notebook: NotebookNode) -> None:
    for grade_id, kind in (("double", "markdown"), ("essay", "raw"), ("check_mean", "markdown")):
        cell = find(notebook, grade_id)
        cell.cell_type = kind
        for key in ("outputs", "execution_count"):
            cell.pop(key, None)


def reverse(notebook: NotebookNode) -> None:
    notebook.cells.reverse()


def shuffle(notebook: NotebookNode) -> None:
    random.Random(3).shuffle(notebook.cells)


def answer_in_a_copy_of_another_cell(notebook: NotebookNode) -> None:
    """The student copied the first answer's cell and wrote the second answer into the copy."""
    wrong = copy.deepcopy(find(notebook, "double"))
    wrong.source = RIGHT["mean"]
    wrong.id = "copy"
    own = find(notebook, "mean")
    place = notebook.cells.index(own)
    notebook.cells[place : place + 1] = [wrong]


DAMAGES: list[Damage] = [
    duplicate_answer,
    stub_copied_behind,
    duplicate_check,
    delete_check,
    edit_check,
    rename,
    lose_metadata,
    lose_metadata_and_ids,
    change_flags,
    damage_metadata,
    change_type,
    reverse,
    shuffle,
    answer_in_a_copy_of_another_cell,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_put_right(damage: Damage, notebook: NotebookNode, tiny: Assignment) -> None:
    if damage is lose_metadata_and_ids:
        find(notebook, "essay").source = find(tiny.master, "essay").source + "\n\nSee below."
        damage(notebook)
        cells = repair(notebook, tiny).cells
        assert {c.grade_id for c in cells if c.grade_id} >= {"double", "mean", "essay"}
        return
    damage(notebook)
    assert_whole(notebook, tiny)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (change_flags, "The mark of the cell check_double was changed: grade, solution"),
        (change_flags, "points"),
        (reverse, "in another order"),
        (edit_check, "The check cell check_double was changed"),
        (delete_check, "The cell check_double was missing"),
        (duplicate_answer, "The cell double was there more than once"),
        (rename, "The cell double had lost its mark"),
        (change_type, "The cell double was no code cell"),
    ],
)
def test_repairs_are_told(
    damage: Damage, told: str, notebook: NotebookNode, tiny: Assignment
) -> None:
    damage(notebook)
    assert told in " ".join(one.text for one in repair(notebook, tiny).repairs)


def test_a_deleted_answer_comes_back_as_a_stub(notebook: NotebookNode, tiny: Assignment) -> None:
    notebook.cells.remove(find(notebook, "mean"))
    repaired = repair(notebook, tiny)
    assert repaired.find("mean").untouched
    assert repaired.find("double").node.source == RIGHT["double"]
    assert RepairKind.MISSING.of("mean") in repaired.repairs


def test_the_last_of_several_answers_counts(notebook: NotebookNode, tiny: Assignment) -> None:
    later = copy.deepcopy(find(notebook, "double"))
    later.id, later.source = "later", "def double(x):\n    return x + x"
    notebook.cells.append(later)
    repaired = repair(notebook, tiny)
    assert repaired.find("double").node.source == later.source
    assert RIGHT["double"] in [c.node.source for c in repaired.cells], "the earlier one is kept"


def test_the_students_own_cells_stay_where_they_are(
    notebook: NotebookNode, tiny: Assignment
) -> None:
    own = nbformat.v4.new_code_cell("helper = 1")
    notebook.cells.insert(2, own)
    sources = [c.node.source for c in repair(notebook, tiny).cells]
    assert sources.index("helper = 1") == 2


def test_a_written_answer_behind_its_cell(notebook: NotebookNode, tiny: Assignment) -> None:
    essay = find(notebook, "essay")
    essay.source = find(tiny.handed_out, "essay").source
    texts = ["", "My own thoughts", "# Notes"]
    notebook.cells += [nbformat.v4.new_markdown_cell(text) for text in texts]
    notebook.cells.append(nbformat.v4.new_code_cell("1 + 1"))
    notebook.cells.append(nbformat.v4.new_markdown_cell("Of something quite different: " * 3))
    repaired = repair(notebook, tiny)
    assert repaired.find("essay").node.source == "My own thoughts"
    assert repaired.repairs == [RepairKind.ANSWER_ELSEWHERE.of("essay")]
    essay.source = "An answer"
    assert repair(notebook, tiny).find("essay").node.source == "An answer"


def test_a_written_answer_in_a_raw_cell(notebook: NotebookNode, tiny: Assignment) -> None:
    find(notebook, "essay").source = find(tiny.handed_out, "essay").source
    notebook.cells.append(nbformat.v4.new_raw_cell("My own thoughts"))
    cell = repair(notebook, tiny).find("essay")
    assert (cell.node.cell_type, cell.node.source) == ("markdown", "My own thoughts")


def test_a_written_answer_that_was_not_given(notebook: NotebookNode, tiny: Assignment) -> None:
    find(notebook, "essay").source = find(tiny.handed_out, "essay").source
    notebook.cells.append(copy.deepcopy(notebook.cells[0]))  # the instructor's own text
    assert repair(notebook, tiny).find("essay").untouched


def test_an_empty_notebook_gets_all_cells(tiny: Assignment) -> None:
    cells = repair(nbformat.v4.new_notebook(), tiny).cells
    assert [c.grade_id for c in cells] == ["double", "check_double", "mean", "check_mean", "essay"]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(x):\n    y = 1", {"f"}),
        ("class A: pass\na, (b, *c) = 1, (2, 3)", {"A", "a", "b", "c"}),
        ("%matplotlib inline\nx: int = 3", {"x"}),
        ("if True:\n    def g(): pass\nelse:\n    h = lambda: 1", {"g", "h"}),
        ("def broken(:\n    pass\nok = 1", {"broken", "ok"}),
        ("x.y = 3\nd['k'] = 1", set()),
        ("", set()),
    ],
)
def test_names_that_a_cell_defines(source: str, names: set[str]) -> None:
    assert names_defined(source) == names


def test_line_ends_and_blanks_at_them_are_no_repair(
    notebook: NotebookNode, tiny: Assignment
) -> None:
    given = nbformat.v4.new_code_cell("LIMIT = 3\n\nNAMES = []", id="given")
    given.metadata["nbgrader"] = {
        "grade_id": "given", "grade": False, "solution": False, "locked": True, "task": False,
        "schema_version": 3,
    }  # fmt: skip
    source = nbformat.read(tiny.source, 4)
    source.cells.insert(2, given)
    nbformat.write(source, tiny.source)
    assignment = tiny.course.assignment("tiny")
    changes: list[Callable[[str], str]] = [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text + "\n\n",
        lambda text: text.replace("\n", "  \n") + " \t",
    ]
    for change in changes:
        handed_in = answer(assignment, RIGHT)
        for cell in handed_in.cells:
            if cell.metadata.get("nbgrader", {}).get("locked"):
                cell.source = change(cell.source)
        repaired = repair(handed_in, assignment)
        assert repaired.repairs == []
        assert repaired.find("check_double").node.source == 'check("double")'
        assert repaired.find("given").node.source == given.source


def test_what_the_instructor_changed_is_no_students_change(tiny: Assignment) -> None:
    handed_in = nbformat.read(generate_release(tiny) / "tiny.ipynb", 4)
    source = nbformat.read(tiny.source, 4)
    find(source, "check_double").metadata.nbgrader.points = 7
    find(source, "check_mean").source += "\n# Look at the axis."
    find(source, "essay").metadata.nbgrader.points = 8
    nbformat.write(source, tiny.source)
    assignment = tiny.course.assignment("tiny")
    find(handed_in, "essay").source = "My own thoughts."
    told = [repair.text for repair in repair(handed_in, assignment).repairs]
    line = "The cell {} is from an earlier release; the present one counts."
    assert told == [line.format(name) for name in ("check_double", "check_mean", "essay")]
    find(handed_in, "check_double").source += "\nprint(1)"
    find(handed_in, "check_mean").metadata.nbgrader.checksum = ["no text"]
    told = [repair.text for repair in repair(handed_in, assignment).repairs]
    assert told == [
        "The mark of the cell check_double was changed: points.",
        "The check cell check_double was changed; it was restored.",
        "The check cell check_mean was changed; it was restored.",
        line.format("essay"),
    ]


@pytest.mark.parametrize(
    "left",
    [
        "def double(x):\n    raise NotImplementedError()",
        "def double(x: float) -> float:\n    '''Twice x.'''\n    pass  # later",
        "def double(x):\n    return x * x  # a first attempt",
    ],
)
def test_an_answer_written_below_its_cell(
    notebook: NotebookNode, tiny: Assignment, left: str
) -> None:
    cell = find(notebook, "double")
    cell.source = left
    place = notebook.cells.index(cell)
    for number, source in enumerate(("double(3)", RIGHT["double"], "double = double(3)")):
        notebook.cells.insert(place + 1 + number, nbformat.v4.new_code_cell(source))
    repaired = repair(notebook, tiny)
    assert repaired.find("double").node.source == RIGHT["double"]
    assert left in [c.node.source for c in repaired.cells], "the earlier one is kept"
    assert RepairKind.SEVERAL_ANSWERS.of("double") in repaired.repairs


@pytest.mark.parametrize(
    ("cell", "source"),
    [
        ("check_double", "def double(x):\n    return x * x"),  # tried when it was done
        ("double", "double = 3"),  # no function: what its result was kept in
        ("double", "def mean(x):\n    return 0"),  # another exercise's
    ],
)
def test_what_stands_below_and_is_no_further_answer(
    notebook: NotebookNode, tiny: Assignment, cell: str, source: str
) -> None:
    place = notebook.cells.index(find(notebook, cell))
    notebook.cells.insert(place + 1, nbformat.v4.new_code_cell(source))
    repaired = repair(notebook, tiny)
    assert repaired.repairs == []
    assert repaired.find("double").node.source == RIGHT["double"]
    assert repaired.find("mean").node.source == RIGHT["mean"]


def test_an_answer_far_below_a_stub_without_its_docstring(
    notebook: NotebookNode, tiny: Assignment
) -> None:
    find(notebook, "double").source = "def double(x):\n    ...\n    raise NotImplementedError"
    notebook.cells.append(nbformat.v4.new_code_cell(RIGHT["double"]))
    assert repair(notebook, tiny).find("double").node.source == RIGHT["double"]


def test_a_stub_that_was_edited_stays_where_there_is_nothing_else(
    notebook: NotebookNode, tiny: Assignment
) -> None:
    edited = "def double(x):\n    pass"
    find(notebook, "double").source = edited
    assert repair(notebook, tiny).find("double").node.source == edited
    assert repair(notebook, tiny).repairs == []
