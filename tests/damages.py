"""Damage to notebooks as students and their tools do it, drawn at random by hypothesis."""

from __future__ import annotations

import copy
import json
import warnings
from collections.abc import Callable
from typing import Any

import nbformat
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from nbformat import NotebookNode

from fairmark.syntax.cells import names_defined

Damage = Callable[[DrawFn, NotebookNode], None]


def _any_cell(draw: DrawFn, notebook: NotebookNode) -> int:
    return draw(st.integers(0, len(notebook.cells) - 1))


def _is_answer(cell: NotebookNode) -> bool:
    """Whether a cell holds what a student wrote; found by its words, as marks may be lost."""
    return cell.metadata.get("own", False) is True


def duplicate(draw: DrawFn, notebook: NotebookNode) -> None:
    twin = copy.deepcopy(notebook.cells[_any_cell(draw, notebook)])
    twin.id = f"twin-{len(notebook.cells)}"
    notebook.cells.insert(_any_cell(draw, notebook), twin)


def delete(draw: DrawFn, notebook: NotebookNode) -> None:
    place = _any_cell(draw, notebook)
    if not _is_answer(notebook.cells[place]):
        del notebook.cells[place]


def rename(draw: DrawFn, notebook: NotebookNode) -> None:
    mark = notebook.cells[_any_cell(draw, notebook)].metadata.get("nbgrader")
    if mark:
        mark["grade_id"] = draw(st.sampled_from(["other", "cell-1", "", "check"]))


def retag(draw: DrawFn, notebook: NotebookNode) -> None:
    cell = notebook.cells[_any_cell(draw, notebook)]
    cell.metadata.tags = draw(st.sampled_from([["skip-execution"], ["remove_cell"], "none"]))
    if "nbgrader" in cell.metadata:
        for flag in ("grade", "solution", "locked", "task"):
            cell.metadata.nbgrader[flag] = draw(st.booleans())
        cell.metadata.nbgrader["points"] = draw(st.sampled_from([0, 200, -1, "many"]))


def lose_mark(draw: DrawFn, notebook: NotebookNode) -> None:
    notebook.cells[_any_cell(draw, notebook)].metadata.pop("nbgrader", None)


def move(draw: DrawFn, notebook: NotebookNode) -> None:
    cell = notebook.cells.pop(_any_cell(draw, notebook))
    notebook.cells.insert(draw(st.integers(0, len(notebook.cells))), cell)


def change_type(draw: DrawFn, notebook: NotebookNode) -> None:
    cell = notebook.cells[_any_cell(draw, notebook)]
    if cell.metadata.get("nbgrader", {}).get("grade_id"):
        cell.cell_type = draw(st.sampled_from(["markdown", "raw", "code"]))
        cell.pop("outputs", None)
        cell.pop("execution_count", None)
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)


def edit_read_only(draw: DrawFn, notebook: NotebookNode) -> None:
    cell = notebook.cells[_any_cell(draw, notebook)]
    if cell.source.startswith("check("):
        cell.source = draw(st.sampled_from(["", "pass", cell.source + "  # pressed", "x = ("]))


def merge(draw: DrawFn, notebook: NotebookNode) -> None:
    """Two neighbours become one, under the mark of either or of none."""
    place = _any_cell(draw, notebook)
    two = notebook.cells[place : place + 2]
    if len(two) < 2 or {cell.cell_type for cell in two} != {"code"}:
        return
    merged = copy.deepcopy(two[draw(st.integers(0, 1))])
    merged.source = "\n\n".join(cell.source for cell in two)
    if draw(st.booleans()):
        merged.metadata.pop("nbgrader", None)
    merged.metadata.own = any(map(_is_answer, two))
    notebook.cells[place : place + 2] = [merged]


def split(draw: DrawFn, notebook: NotebookNode) -> None:
    """An answer is cut at a line; the mark goes to both halves, to one, or to none."""
    places = [
        i
        for i, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and names_defined(cell.source) and _is_answer(cell)
    ]
    if not places:
        return
    place = draw(st.sampled_from(places))
    lines = notebook.cells[place].source.split("\n")
    inner = [i for i in range(1, len(lines)) if lines[i].strip() and lines[i - 1].strip()]
    if not inner:
        return
    cut = draw(st.sampled_from(inner))
    halves = [copy.deepcopy(notebook.cells[place]) for _ in range(2)]
    halves[0].source, halves[1].source = "\n".join(lines[:cut]), "\n".join(lines[cut:])
    halves[draw(st.integers(0, 1))].id = f"half-{len(notebook.cells)}"
    for half in halves:
        if draw(st.booleans()):
            half.metadata.pop("nbgrader", None)
    notebook.cells[place : place + 1] = halves


def lose_all_metadata(draw: DrawFn, notebook: NotebookNode) -> None:
    for number, cell in enumerate(notebook.cells):
        cell.metadata = NotebookNode()
        if draw(st.booleans()):
            cell.id = f"new-{number}"
    notebook.metadata = NotebookNode()


def through_colab(draw: DrawFn, notebook: NotebookNode) -> None:
    """Colab keeps ids in the metadata, writes nbformat 4.0, and adds keys of its own."""
    keeps_ids = draw(st.booleans())
    for number, cell in enumerate(notebook.cells):
        name = cell.pop("id", "")
        cell.metadata.id = name if keeps_ids else f"Xy7_{number}Qm"
        cell.metadata.colab = {"base_uri": "https://localhost:8080/", "height": 34}
        cell.metadata.executionInfo = {"status": "ok", "timestamp": 1, "user": {"userId": "1"}}
        if cell.cell_type == "code":
            cell.metadata.outputId = "b0cf6d4f-0001"
    notebook.metadata.update(colab={"provenance": [], "toc_visible": True}, accelerator="GPU")
    notebook.nbformat_minor = 0


def through_vs_code(draw: DrawFn, notebook: NotebookNode) -> None:
    """VS Code writes languages into cells; older versions drop the ids."""
    drops_ids = draw(st.booleans())
    for cell in notebook.cells:
        language = "python" if cell.cell_type == "code" else "markdown"
        cell.metadata.vscode = {"languageId": language}
        if drops_ids:
            cell.pop("id", None)
    notebook.metadata.kernelspec = {"display_name": ".venv (3.11)", "name": "python3"}
    notebook.metadata.vscode = {"interpreter": {"hash": "31f2aee4e71d21fbe5cf8b01ff0e069b"}}
    if drops_ids:
        notebook.nbformat_minor = 2


def through_jupyterlab(draw: DrawFn, notebook: NotebookNode) -> None:
    """JupyterLab adds keys, and gives a cell that was cut and pasted another id."""
    for number, cell in enumerate(notebook.cells):
        cell.metadata.update(
            tags=[], slideshow={"slide_type": ""}, trusted=True, jupyter={"source_hidden": False}
        )
        if draw(st.booleans()):
            cell.id = f"{number:08x}-0000-4000-8000-000000000000"


def null_kernelspec(draw: DrawFn, notebook: NotebookNode) -> None:
    notebook.metadata.kernelspec = draw(
        st.sampled_from([None, {}, {"name": None, "display_name": None}, "python"])
    )


def to_nbformat_3(draw: DrawFn, notebook: NotebookNode) -> None:
    plain = copy.deepcopy(notebook)
    for cell in plain.cells:
        cell.pop("id", None)
    plain.nbformat_minor = 4
    plain.metadata = NotebookNode()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        old = nbformat.convert(plain, 3)
    notebook.clear()
    notebook.update(old)


WHOLE_CELLS: list[Damage] = [
    duplicate,
    delete,
    rename,
    retag,
    lose_mark,
    move,
    change_type,
    edit_read_only,
]
PIECES: list[Damage] = [merge, split]
FILES: list[Damage] = [
    lose_all_metadata,
    through_colab,
    through_vs_code,
    through_jupyterlab,
    null_kernelspec,
    to_nbformat_3,
]


@st.composite
def damaged(draw: DrawFn, notebook: NotebookNode, own: frozenset[str]) -> tuple[bytes, list[str]]:
    """Draw a damaged copy of a notebook, as a file, and what was done to it.

    ``own`` are the sources of the cells that the student wrote: no damage takes them away, though
    they may be cut, merged, moved and lose all their marks.
    """
    copied = copy.deepcopy(notebook)
    for cell in copied.cells:
        cell.metadata.own = cell.source in own
    done = []
    for damages, most in ((WHOLE_CELLS, 3), (PIECES, 2), (FILES, 1)):
        for damage in draw(st.lists(st.sampled_from(damages), max_size=most)):
            damage(draw, copied)
            done.append(damage.__name__)
    for cell in copied.get("cells", []):
        cell.metadata.pop("own", None)
    data: dict[str, Any] = copied
    return json.dumps(data).encode(), done
