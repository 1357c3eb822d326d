"""Anything may be handed in; each gets a notebook or one clear line."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from fairmark.notebook import NotebookError, parse_notebook, read_notebook

CELL = {"cell_type": "code", "source": ["a = 1\n", "b = 2"], "metadata": {}, "outputs": []}


def notebook(**changes: object) -> bytes:
    raw = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [CELL]}
    return json.dumps({**raw, **changes}).encode()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"%PDF-1.7", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[1, 2]", "no nbformat number"),
        (b'{"nbformat": "four"}', "no nbformat number"),
        (notebook(cells=None), "damaged"),
        (notebook(cells=["text"]), "damaged"),
        (b'{"nbformat": 3, "worksheets": 5}', "damaged"),
    ],
)
def test_what_is_no_notebook(data: bytes, told: str) -> None:
    with pytest.raises(NotebookError, match=told) as caught:
        parse_notebook(data, "x.ipynb")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"metadata": None},
        {"metadata": {"kernelspec": None}},
        {"nbformat_minor": 99},
        {"cells": [{**CELL, "id": "a b"}, {**CELL, "id": "x"}, {**CELL, "id": "x"}]},
        {"cells": [{"cell_type": "code"}, {"cell_type": "heading", "source": "x"}]},
        {"cells": [{**CELL, "outputs": None, "execution_count": "3", "metadata": []}]},
        {"extra": {"of": "another program"}},
    ],
)
def test_what_can_be_mended_is_valid_afterwards(changes: dict[str, object]) -> None:
    node = parse_notebook(notebook(**changes), "x.ipynb")
    nbformat.validate(node)
    assert (node.nbformat, node.nbformat_minor) == (4, 5)


def test_nbformat_3() -> None:
    old = nbformat.v3.new_notebook(
        worksheets=[nbformat.v3.new_worksheet(cells=[nbformat.v3.new_code_cell("a = 1")])]
    )
    node = parse_notebook(json.dumps(old).encode(), "old.ipynb")
    nbformat.validate(node)
    assert node.cells[0].source == "a = 1"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="does not exist"):
        read_notebook(tmp_path / "none.ipynb")
    with pytest.raises(NotebookError, match="is a folder"):
        read_notebook(tmp_path)


def test_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "bom.ipynb"
    path.write_bytes(b"\xef\xbb\xbf" + notebook())
    assert read_notebook(path).cells[0].source == "a = 1\nb = 2"
