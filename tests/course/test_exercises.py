"""Adding exercises to a notebook, of which all else stays as it is."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from fairmark.course.course import Assignment, Course
from fairmark.course.exercises import add_exercises, spliced
from fairmark.course.scaffold import new_assignment, new_course
from fairmark.errors import FairmarkError
from fairmark.verify.gate import Gate
from tests.classic import make_classic_course
from tests.tiny import make_course

CELL = {"cell_type": "markdown", "metadata": {}, "source": ["Ü"]}


def named(root: Path, *exercises: str) -> Assignment:
    new_course(root)
    new_assignment(root, "k-means", exercises)
    return Course.load(root).assignment("k-means")


def test_what_is_laid_out_and_added_can_be_trusted(tmp_path: Path) -> None:
    first = named(tmp_path, "assign")
    assert not (tmp_path / "graders").exists()
    add_exercises(first, ["move", "cost"])
    assignment = Course.load(tmp_path).assignment("k-means")
    nbformat.validate(nbformat.read(assignment.source, 4))
    assert [q.id for q in assignment.questions] == ["assign", "move", "cost"]
    gate = Gate(assignment, workers=1)
    assert gate.verification(len(list(gate.run()))).findings == []
    ids = [cell.id for cell in assignment.solved.cells]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("indent", [1, 2, "\t", None])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_all_else_stays_byte_for_byte(indent: int | str | None, newline: str) -> None:
    notebook = {"metadata": {"cells": ["}]"]}, "cells": [CELL, CELL], "nbformat": 4, "z": {"a": []}}
    text = json.dumps(notebook, indent=indent).replace("\n", newline) + newline
    made = spliced(text, [CELL])
    assert json.loads(made) == {**notebook, "cells": [CELL] * 3}
    start = text.index("}", text.rindex("source")) + 1
    assert made.startswith(text[:start])
    assert made.endswith(text[start:])
    assert ("\n" in made.replace("\r\n", "")) == ("\n" in text.replace("\r\n", ""))
    assert made.count(json.dumps(CELL, ensure_ascii=False)) == (1 if indent is None else 0)
    empty = text.replace(json.dumps(CELL), "") if indent is None else '{"cells": []}'
    if indent is not None:
        assert json.loads(spliced(empty, [CELL])) == {"cells": [CELL]}


def test_an_exercise_beside_hand_written_graders_brings_its_imports(tmp_path: Path) -> None:
    assignment = make_course(tmp_path).assignment("tiny")
    notebook = nbformat.read(assignment.source, 4)
    notebook.cells[1].source = "import numpy\nfrom fairmark import check"
    nbformat.write(notebook, assignment.source)
    before = assignment.source.read_text()
    add_exercises(Course.load(tmp_path).assignment("tiny"), ["cost"])
    after = Course.load(tmp_path).assignment("tiny")
    assert after.source.read_text().startswith(before[: before.rindex("  }\n ],")])
    assert after.solved.cells[-4].source.startswith("import numpy as np")
    assert [q.id for q in after.questions] == ["double", "mean", "essay", "cost"]
    assert after.inline_checks().questions == {"cost"}
    assert after.graders_of("cost") == []


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["assign"], "assign is there already; nothing was written"),
        (["np"], "np is there already"),
        (["cost", "cost"], "cost is there already"),
        (["a-b"], "'a-b' cannot name an exercise"),
        (["class"], "'class' cannot name an exercise"),
        (["sum"], "'sum' cannot name an exercise"),
    ],
)
def test_names_that_cannot_be_used(tmp_path: Path, names: list[str], told: str) -> None:
    assignment = named(tmp_path, "assign")
    before = assignment.source.read_bytes()
    with pytest.raises(FairmarkError, match=told):
        add_exercises(assignment, names)
    assert assignment.source.read_bytes() == before
    if names != ["assign"]:
        with pytest.raises(FairmarkError, match=r"there already|cannot name"):
            new_assignment(tmp_path, "another", names)
        assert not (tmp_path / "source" / "another").exists()


def test_test_cells_and_check_cells_do_not_mix(tmp_path: Path) -> None:
    with pytest.raises(FairmarkError, match="is marked by its own test cells"):
        add_exercises(make_classic_course(tmp_path).assignment("classic"), ["cost"])
