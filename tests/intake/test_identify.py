"""Which assignment a loose notebook belongs to."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from fairmark.course.course import Assignment
from fairmark.errors import FairmarkError
from fairmark.intake.identify import kinship, match_assignment
from tests.tiny import RIGHT, answer


def test_loose_notebooks_find_their_assignment(tiny: Assignment) -> None:
    assert match_assignment([tiny], answer(tiny, RIGHT), Path("any.ipynb")) == tiny
    empty = new_notebook()
    assert match_assignment([tiny], empty, Path("tiny.ipynb")) == tiny
    assert match_assignment([tiny], empty, Path("tiny/homework.ipynb")) == tiny
    with pytest.raises(FairmarkError, match="--assignment"):
        match_assignment([tiny], empty, Path("homework.ipynb"))


def test_without_any_mark_what_is_defined_counts(tiny: Assignment) -> None:
    stranger = new_code_cell("def mean(x):\n    return sum(x) / len(x)", id="a")
    notebook = new_notebook(cells=[stranger])
    assert kinship(notebook, tiny) == 1
    stranger.metadata.nbgrader = {"grade_id": "another_assignments"}
    assert kinship(notebook, tiny) == 0, "it says itself that it belongs elsewhere"
