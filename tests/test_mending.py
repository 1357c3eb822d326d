"""Cells in pieces, cells run together, and cells that are gone."""

from __future__ import annotations

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from fairmark.course import Assignment
from fairmark.kinship import kinship
from fairmark.mending import lost_setup, rejoined
from fairmark.repair import repair
from tests.test_repair import find
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
    assert "The cell with double was in 2 pieces; they were joined." in repaired.repairs


@pytest.mark.parametrize("kept", ["double", "check_double", "mean"])
def test_merged_cells(kept: str, notebook: NotebookNode, tiny: Assignment) -> None:
    merged = find(notebook, kept)
    text = f'{RIGHT["double"]}\n\ncheck("double")\n\n{RIGHT["mean"]}'
    for name in ("double", "check_double", "mean"):
        if name != kept:
            notebook.cells.remove(find(notebook, name))
    merged.source = text
    cells = repair(notebook, tiny).cells
    (holder,) = [cell for cell in cells if cell.node.source == text]
    assert holder.grade_id in ("double", "mean")
    assert {"double", "mean"} <= holder.defines
    (check,) = [cell for cell in cells if cell.grade_id == "check_double"]
    assert check.node.source == 'check("double")'


def test_an_answer_in_a_text_cell(notebook: NotebookNode, tiny: Assignment) -> None:
    place = notebook.cells.index(find(notebook, "double"))
    notebook.cells[place] = new_markdown_cell(RIGHT["double"])
    cell = repair(notebook, tiny).find("double")
    assert (cell.node.cell_type, cell.node.source) == ("code", RIGHT["double"])


def test_imports_that_were_deleted(notebook: NotebookNode, tiny: Assignment) -> None:
    del notebook.cells[1]
    repaired = repair(notebook, tiny)
    assert repaired.cells[1].node.source.startswith("import numpy as np")
    assert "The cell that starts with 'import numpy as np' was put back." in repaired.repairs


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
    assert "The cell essay had lost its mark; it was known by its place." in repaired.repairs


def test_colab_keeps_ids_in_the_metadata(notebook: NotebookNode, tiny: Assignment) -> None:
    for number, cell in enumerate(notebook.cells):
        cell.metadata = NotebookNode(id=cell.id)
        cell.id = f"cell-{number}"
    assert kinship(notebook, tiny) > 0
    assert repair(notebook, tiny).find("essay").node.source == RIGHT["essay"]
