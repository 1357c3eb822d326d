"""Notebooks that are made to break, or to stop, whoever reads them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import nbformat
import pytest

from fairmark.course.course import Assignment
from fairmark.grading.grade import grade
from fairmark.notebook import MAX_CELLS, NotebookError, parse_notebook
from fairmark.sandbox import Sandbox
from fairmark.syntax.cells import names_defined
from tests.tiny import RIGHT, answer

Raw = dict[str, Any]


def deep(levels: int) -> object:
    value: object = None
    for _ in range(levels):
        value = [value]
    return value


def code(source: object) -> Raw:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "id": "own"}


CHANGES: dict[str, Callable[[Raw], object]] = {
    "half a character in code": lambda n: n["cells"].append(code("x = '\ud800'")),
    "half a character in words": lambda n: n["cells"][-1].update(source="no \ud83d"),
    "two halves in two lines": lambda n: n["cells"][-1].update(source=["\ud83d", "\ude00"]),
    "attachments": lambda n: n["cells"][-1].update(
        attachments={"a": 3, "\ud83d": {"image/png": {"a": [1]}, "text/plain": "\ud83d"}}
    ),
    "deep attachment": lambda n: n["cells"][-1].update(attachments={"a": {"b/c": deep(300)}}),
    "deep metadata": lambda n: n["cells"][3]["metadata"].update(z=deep(300)),
    "deep output": lambda n: n["cells"][3].update(outputs=[deep(300)]),
    "no number": lambda n: n["metadata"].update(z=float("nan"), kernelspec={"name": ["x"]}),
    "no source": lambda n: n["cells"][0].update(source=None),
    "null bytes": lambda n: n["cells"].append(code("x = '\0'\0")),
    "parentheses": lambda n: n["cells"].append(code("(" * 100_000)),
    "signs": lambda n: n["cells"].append(code("x = " + "-" * 100_000 + "1")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_strange_notebook(tiny: Assignment, sandbox: Sandbox, change: str) -> None:
    raw = json.loads(nbformat.writes(answer(tiny, RIGHT)))
    CHANGES[change](raw)
    notebook = parse_notebook(json.dumps(raw).encode(), "strange.ipynb")
    json.dumps(notebook, allow_nan=False, ensure_ascii=False).encode()
    report = grade(notebook, tiny, sandbox)
    assert report.score == 5.0
    graded = nbformat.v4.new_notebook(cells=list(report.cells))
    nbformat.validate(graded)
    nbformat.writes(graded).encode()


@pytest.mark.parametrize(
    "line", ["x = !ls\n", "a?\n", "%time 1\n", "a = ", "(", " ", "a, ", "x = 1\n"]
)
def test_names_are_found_in_reasonable_time(line: str) -> None:
    started = time.monotonic()
    names_defined(line * (199_000 // len(line)))
    names_defined(line * (5_000_000 // len(line)))
    assert time.monotonic() - started < 20


def test_too_much_of_everything() -> None:
    cells = [code("1")] * (MAX_CELLS + 1)
    raw = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    with pytest.raises(NotebookError, match="10001 cells; 10000 is the limit"):
        parse_notebook(json.dumps(raw).encode(), "n")
    with pytest.raises(NotebookError, match="too many lists"):
        parse_notebook(b"[" * 10_000_001, "n")
    with pytest.raises(NotebookError, match="not JSON"):
        parse_notebook(b"[" * 100_000, "n")
