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
        (b" \n", "not JSON: it is empty"),
        (b"PK\x03\x04abc", "not JSON, but a zip archive"),
        (b"\n<!DOCTYPE html><html></html>", "not JSON, but a web page"),
        (notebook().replace(b'{"nb', b'{\n<<<<<<< HEAD\n"nb'), "line 2 is the mark of a merge"),
        (notebook()[:-3], "not JSON: it breaks off in line 1"),
        (notebook()[: notebook().index(b"a = 1")], "not JSON: it breaks off in line 1"),
        (notebook() + b"\n}", "not JSON: it goes on behind its end, in line 2"),
        (notebook().replace(b":", b" ", 1), "not JSON: it is broken in line 1"),
        (notebook().replace(b"a = 1", "a = 'gr\xfcn'".encode("cp1252")), "text is not in UTF-8"),
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


def test_nbformat_3_as_it_is_written_to_disk() -> None:
    heading = nbformat.v3.new_heading_cell("Two\nlines")
    sheet = nbformat.v3.new_worksheet(cells=[heading, nbformat.v3.new_code_cell("a = 1\nb = 2")])
    data = nbformat.writes(nbformat.v3.new_notebook(worksheets=[sheet]), version=3)
    node = parse_notebook(data.encode(), "old.ipynb")
    assert node.cells[1].source == "a = 1\nb = 2"


@pytest.mark.parametrize("lines", [["a = 1\n", "b = 2"], ["a = 1", "b = 2"], "a = 1\nb = 2"])
def test_a_source_in_lines(lines: object) -> None:
    cell = {**CELL, "source": lines}
    assert parse_notebook(notebook(cells=[cell]), "x.ipynb").cells[0].source == "a = 1\nb = 2"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("end", ["", "\n\0\0\0\0"])
def test_encodings_and_zeros_at_the_end(encoding: str, end: str) -> None:
    data = (notebook().decode() + end).encode(encoding)
    assert parse_notebook(data, "x.ipynb").cells[0].source == "a = 1\nb = 2"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="does not exist"):
        read_notebook(tmp_path / "none.ipynb")
    with pytest.raises(NotebookError, match="is a folder"):
        read_notebook(tmp_path)


def test_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "bom.ipynb"
    path.write_bytes(b"\xef\xbb\xbf" + notebook())
    assert read_notebook(path).cells[0].source == "a = 1\nb = 2"
