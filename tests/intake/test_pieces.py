"""Cells in pieces, cells run together, and cells that are gone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from fairmark.course.course import Assignment
from fairmark.intake.identify import kinship
from fairmark.intake.kinds import RepairKind
from fairmark.intake.pieces import divided, lost_setup, rejoined
from fairmark.intake.repair import repair
from tests.intake.test_repair import find
from tests.tiny import RIGHT, answer

MEAN = (
    "def mean(x):\n    total = 0.0\n    for value in x:\n        total += value\n    return total"
)


@pytest.fixture
def notebook(tiny: Assignment) -> NotebookNode:
    return answer(tiny, RIGHT)


@pytest.mark.parametrize(
    "pieces",
    [
        [MEAN],
        ["def mean(x):", MEAN.partition("\n")[2]],
        [MEAN[: MEAN.index("0.0")], MEAN[MEAN.index("0.0") :]],
        [MEAN.removesuffix("return total"), "return total"],
        ["def mean(x):\n    total = 0.0", "    for value in x:", "        total += value"],
        ['def mean(x):\n    """A text', '    that goes on."""\n    return sum(x)'],
    ],
)
def test_pieces_of_an_answer_are_joined(pieces: list[str], tiny: Assignment) -> None:
    cells = [new_code_cell(piece) for piece in pieces]
    others = [new_code_cell("x = 1"), new_code_cell("    y = 2"), new_markdown_cell("    z")]
    whole, repairs = rejoined([*cells, *others], tiny.handed_out.cells)
    assert len(whole) == 1 + len(others)
    assert whole[0].source in (MEAN, "\n".join(pieces))
    assert [cell.source for cell in whole[1:]] == [cell.source for cell in others]
    assert bool(repairs) == (len(pieces) > 1)


def test_what_is_no_piece_stays(tiny: Assignment) -> None:
    cells = [
        new_code_cell("def broken(:"),
        new_code_cell("def mean(x):\n    return 1"),
        new_code_cell("mean(3)"),
        new_code_cell("%%time\ndef mean(x):"),
        new_code_cell("    return 2"),
        new_code_cell(""),
    ]
    whole, repairs = rejoined(cells, tiny.handed_out.cells)
    assert whole == cells
    assert repairs == []


def test_a_piece_takes_the_mark_where_it_is(notebook: NotebookNode, tiny: Assignment) -> None:
    double = find(notebook, "double")
    place = notebook.cells.index(double)
    head, _, tail = double.source.partition("\n")
    double.source = tail
    notebook.cells.insert(place, new_code_cell(head))
    repaired = repair(notebook, tiny)
    assert repaired.find("double").node.source == RIGHT["double"]
    assert RepairKind.IN_PIECES.of(names="double", number=2) in repaired.repairs


@pytest.mark.parametrize("kept", ["double", "check_double", "mean"])
def test_merged_cells(kept: str, notebook: NotebookNode, tiny: Assignment) -> None:
    merged = find(notebook, kept)
    text = f'{RIGHT["double"]}\n\ncheck("double")\n\n{RIGHT["mean"]}'
    for name in ("double", "check_double", "mean"):
        if name != kept:
            notebook.cells.remove(find(notebook, name))
    merged.source = text
    repaired = repair(notebook, tiny)
    assert repaired.find("double").node.source == f'{RIGHT["double"]}\n\ncheck("double")'
    assert repaired.find("mean").node.source == RIGHT["mean"]
    assert repaired.find("check_double").node.source == 'check("double")'
    assert RepairKind.SEVERAL_IN_ONE.of(names="double, mean") in repaired.repairs
    assert not any("lost its mark" in one.text for one in repaired.repairs)


@pytest.mark.parametrize(
    ("source", "more"),
    [
        ("double, mean = abs, sum", []),  # one statement
        ("double = abs; mean = sum", []),  # one line
        ("double = abs\nmean = sum\ndouble = abs", []),  # one around the other
        ("def double(x):\n    return x\nmean = 3 +", []),  # no code
        ("%%timeit\ndouble = abs\nmean = sum", []),  # without effect on names
        ("double = abs\nmean = sum", ["mean = max"]),  # with an answer of its own
    ],
)
def test_what_cannot_be_divided_stays(source: str, more: list[str], tiny: Assignment) -> None:
    cells = [new_code_cell(text) for text in [source, *more]]
    assert divided(cells, tiny.handed_out.cells) == (cells, [])


def test_what_stands_between_two_answers(tiny: Assignment) -> None:
    first = "import math\r\ndouble = abs  # half\x0cof\n'text'"
    second = "# Help\nhelper = abs\n\n\n@staticmethod\ndef mean(x):\n    return x\n\ny = 1"
    cells, _ = divided([new_code_cell(f"{first}\n\n{second}")], tiny.handed_out.cells)
    assert [cell.source.replace("\r", "") for cell in cells] == [first.replace("\r", ""), second]
    assert len({cell.id for cell in cells}) == 2


def test_a_name_that_two_answers_ask_for_divides_nothing() -> None:
    mark = {"solution": True, "grade": False, "grade_id": "a"}
    stubs = [
        new_code_cell(f"{name} = result = None", metadata={"nbgrader": {**mark, "grade_id": name}})
        for name in ("a", "b")
    ]
    cells = [new_code_cell("a = 1\nresult = 2"), stubs[1]]
    assert divided(cells, stubs) == (cells, [])


@pytest.mark.parametrize("by_hand", ["plot", "fit", "both"])
def test_an_answer_that_a_person_marks_is_cut_only_where_the_other_cell_is_gone(
    by_hand: str,
) -> None:
    stubs = [
        new_code_cell(
            f"{name}_axes = None\n# YOUR CODE HERE",
            metadata={
                "nbgrader": {"solution": True, "grade": by_hand in (name, "both"), "grade_id": name}
            },
        )
        for name in ("plot", "fit")
    ]
    both = new_code_cell("plot_axes = 1\n\nfit_axes = 2", metadata=stubs[0].metadata)
    assert divided([both, stubs[1]], stubs) == ([both, stubs[1]], [])
    pieces, repairs = divided([both], stubs)
    assert [cell.source for cell in pieces] == ["plot_axes = 1", "fit_axes = 2"]
    assert [cell.metadata for cell in pieces] == [stub.metadata for stub in stubs]
    assert repairs == [RepairKind.SEVERAL_IN_ONE.of(names="plot, fit")]


@pytest.mark.parametrize("fence", ["```python", "~~~", "``` {.py}"])
@pytest.mark.parametrize("kind", [new_markdown_cell, new_code_cell])
def test_an_answer_in_code_fences(
    fence: str, kind: Callable[[str], NotebookNode], notebook: NotebookNode, tiny: Assignment
) -> None:
    cell = kind(f"My answer, *at last*:\n\n{fence}\n{RIGHT['double']}\n{fence[:3]}\nThat's it.")
    cell.metadata = find(notebook, "double").metadata
    notebook.cells[notebook.cells.index(find(notebook, "double"))] = cell
    repaired = repair(notebook, tiny)
    source = repaired.find("double").node.source
    assert RIGHT["double"] in source
    assert "# That's it." in source
    compile(source, "cell", "exec")
    assert any(one.kind == RepairKind.FENCED.id for one in repaired.repairs)


def test_fences_that_hold_no_answer(notebook: NotebookNode, tiny: Assignment) -> None:
    find(notebook, "double").source = broken = 'def double(:\n    """\n```\nx = 1\n```\n"""'
    assert repair(notebook, tiny).find("double").node.source == broken


def test_a_note_between_pieces(tiny: Assignment) -> None:
    head, tail = 'def mean(x):\n    """A text."""', "    return sum(x) / len(x)"
    cells = [new_code_cell(head), new_markdown_cell("A note"), new_code_cell(tail)]
    whole, repairs = rejoined(cells, tiny.handed_out.cells)
    assert [cell.source for cell in whole] == [f"{head}\n{tail}", "A note"]
    assert repairs == [RepairKind.IN_PIECES.of(names="mean", number=2)]


@pytest.mark.parametrize("following", ["double = abs", 'check("mean")', "import math"])
def test_an_unfinished_head_swallows_no_other_cell(
    following: str, notebook: NotebookNode, tiny: Assignment
) -> None:
    cells = [new_code_cell("def mean(x):"), new_code_cell(following)]
    assert rejoined(cells, tiny.handed_out.cells) == (cells, [])
    cells = [new_code_cell("def mean(x):\n    return ("), find(notebook, "double")]
    assert rejoined(cells, tiny.handed_out.cells) == (cells, [])


def test_an_answer_in_a_text_cell(notebook: NotebookNode, tiny: Assignment) -> None:
    place = notebook.cells.index(find(notebook, "double"))
    notebook.cells[place] = new_markdown_cell(RIGHT["double"])
    cell = repair(notebook, tiny).find("double")
    assert (cell.node.cell_type, cell.node.source) == ("code", RIGHT["double"])


def test_imports_that_were_deleted(notebook: NotebookNode, tiny: Assignment) -> None:
    del notebook.cells[1]
    repaired = repair(notebook, tiny)
    assert repaired.cells[1].node.source.startswith("import numpy as np")
    assert RepairKind.SETUP_MISSING.of(start="'import numpy as np'") in repaired.repairs


def test_imports_that_nobody_needs(tiny: Assignment) -> None:
    masters = tiny.handed_out.cells
    users = [new_code_cell("x = numpy.ones(3)")]
    assert lost_setup([], users, masters) == []
    users.append(new_code_cell("y = np.ones(3)"))
    assert [place for _, place in lost_setup(users, users, masters)] == [1]
    imports = new_code_cell("import numpy as np\nfrom fairmark import check")
    assert lost_setup([*users, imports], users, masters) == []


def test_a_written_answer_is_known_by_its_place(notebook: NotebookNode, tiny: Assignment) -> None:
    essay = find(notebook, "essay")
    essay.metadata.clear()
    essay.id = "other"
    repaired = repair(notebook, tiny)
    assert repaired.find("essay").node.source == RIGHT["essay"]
    assert RepairKind.KNOWN_BY_PLACE.of("essay") in repaired.repairs


def test_colab_keeps_ids_in_the_metadata(notebook: NotebookNode, tiny: Assignment) -> None:
    for number, cell in enumerate(notebook.cells):
        cell.metadata = NotebookNode(id=cell.id)
        cell.id = f"cell-{number}"
    assert kinship(notebook, tiny) > 0
    assert repair(notebook, tiny).find("essay").node.source == RIGHT["essay"]
