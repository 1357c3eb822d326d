"""Adding exercises to a source notebook: a text, a solution cell and a check cell for each.

What is added works as it is. Of the notebook, all else stays byte for byte.
"""

from __future__ import annotations

import builtins
import json
import keyword
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from fairmark.course.course import Assignment
from fairmark.course.marks import grade_id, mark_of
from fairmark.errors import FairmarkError
from fairmark.files import write_file
from fairmark.notebook import read_bytes
from fairmark.syntax.cells import names_defined
from fairmark.syntax.imports import cells_names

POINTS = 4
_IMPORTS = "import numpy as np\n\nfrom fairmark import check"
_TEXT = """## {title}

Say what it is good for, and work a small example by hand.

**Exercise.** Write `{name}(x)`. `x` is an array of shape `(n,)`; the answer is one number, the mean
of the squares of its values. Do not change `x`."""
_SOLUTION = '''def {name}(x):
    """The mean of the squares of the values in x: one number."""
    ### BEGIN SOLUTION
    return np.mean(x**2)
    ### END SOLUTION'''
_CHECK = """check("{name}", example=(np.array([1.0, 2.0, 3.0, 4.0]),), gives=7.5,
      random=lambda rng: (rng.normal(size=7),))"""


def add_exercises(assignment: Assignment, names: Sequence[str]) -> Path:
    """Add exercises at the end of an assignment's notebook; return its path.

    Raises FairmarkError, and writes nothing, where a name cannot be one or is there already.
    """
    path = assignment.source
    cells = assignment.solved.cells
    check_names(names, _taken(cells), str(path))
    if assignment.asks_test_cells and any(mark_of(cell).get("grade") for cell in cells):
        raise FairmarkError(
            f"{path} is marked by its own test cells, and exercises with a check cell cannot stand "
            "beside them: begin a new assignment"
        )
    try:
        text = read_bytes(path).decode()
        minor = json.loads(text).get("nbformat_minor", 0)
    except ValueError:
        raise FairmarkError(f"{path} cannot be read") from None
    known = {str(cell.id) for cell in cells}
    bound = set().union(*(cells_names(cell.source) for cell in cells if cell.cell_type == "code"))
    new = [] if {"np", "check"} <= bound else [code_cell(_IMPORTS, "exercise-imports")]
    new += [cell for name in names for cell in exercise_cells(name)]
    for cell in new:
        if minor < 5:
            del cell["id"]
        elif cell["id"] in known:
            cell["id"] = next(i for i in _numbered(cell["id"]) if i not in known)
    write_file(path, spliced(text, new).encode())
    return path


def check_names(names: Sequence[str], taken: Collection[str], where: str) -> None:
    """Raise FairmarkError where the names of new exercises cannot be used."""
    for number, name in enumerate(names):
        usable = re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII) and not keyword.iskeyword(name)
        if not usable or hasattr(builtins, name):
            raise FairmarkError(
                f"{name!r} cannot name an exercise: it is to be the name of a function, such as "
                "assign or mean_squared_error"
            )
        if name in taken or name in names[:number]:
            raise FairmarkError(f"{where}: {name} is there already; nothing was written")


def exercise_cells(name: str) -> list[dict[str, Any]]:
    """Return the three cells of a new exercise, which work as they are."""
    title = name.replace("_", " ").capitalize()
    return [
        markdown_cell(_TEXT.format(name=name, title=title), f"text-{name}"),
        code_cell(_SOLUTION.format(name=name), name, _mark(name, solution=True)),
        code_cell(
            _CHECK.format(name=name),
            f"check_{name}",
            {**_mark(f"check_{name}", grade=True, locked=True), "points": POINTS},
        ),
    ]


def markdown_cell(text: str, identity: str) -> dict[str, Any]:
    """Return a Markdown cell as a notebook file holds it."""
    return {"cell_type": "markdown", "id": identity, "metadata": {}, "source": _lines(text)}


def code_cell(source: str, identity: str, mark: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a code cell as a notebook file holds it."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": identity,
        "metadata": {"nbgrader": mark} if mark else {},
        "outputs": [],
        "source": _lines(source),
    }


def spliced(text: str, cells: Sequence[dict[str, Any]]) -> str:
    """Return the text of a notebook with cells behind its last one, and all else as it was."""
    opening, end, is_empty = _end_of_cells(text)
    indent = re.match(r"\[(\r?\n)([ \t]+)", text[opening:])
    if indent is None:
        new = [json.dumps(cell, ensure_ascii=False) for cell in cells]
        return text[:end] + ("" if is_empty else ", ") + ", ".join(new) + text[end:]
    newline, margin = indent[1], indent[2]
    step = margin[: len(margin) // 2] or margin
    new = [
        margin + json.dumps(cell, indent=step, ensure_ascii=False).replace("\n", newline + margin)
        for cell in cells
    ]
    before = "" if is_empty else ","
    return text[:end] + before + newline + f",{newline}".join(new) + text[end:]


def _end_of_cells(text: str) -> tuple[int, int, bool]:
    """Where the notebook's list of cells opens, where its last cell ends, and if there is none."""
    decoder = json.JSONDecoder()
    place = _behind_space(text, text.index("{") + 1)
    while text[place] == '"':
        key, place = decoder.raw_decode(text, place)
        place = _behind_space(text, _behind_space(text, place) + 1)  # behind the colon
        if key == "cells":
            opening = end = place
            place = _behind_space(text, place + 1)
            while text[place] != "]":
                _, end = decoder.raw_decode(text, place)
                place = _behind_space(text, end)
                if text[place] == ",":
                    place = _behind_space(text, place + 1)
            return (opening, end, False) if end > opening else (opening, opening + 1, True)
        _, place = decoder.raw_decode(text, place)
        place = _behind_space(text, place)
        if text[place] == ",":
            place = _behind_space(text, place + 1)
    raise FairmarkError("the notebook has no list of cells")


def _behind_space(text: str, place: int) -> int:
    while text[place] in " \t\r\n":
        place += 1
    return place


def _taken(cells: Sequence[Any]) -> set[str]:
    """The names that stand for something in a notebook, and the ids of its marked cells."""
    found = {grade_id(cell) for cell in cells}
    found |= {name.removeprefix("check_") for name in found}
    for cell in cells:
        if cell.cell_type == "code":
            found |= names_defined(cell.source) | cells_names(cell.source)
    return found


def _mark(
    name: str, *, solution: bool = False, grade: bool = False, locked: bool = False
) -> dict[str, Any]:
    return {
        "grade": grade,
        "grade_id": name,
        "locked": locked,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }


def _numbered(name: str) -> Iterator[str]:
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)
