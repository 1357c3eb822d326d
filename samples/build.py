"""Builds the sample class: one submitted notebook from each file in students/ASSIGNMENT/.

    python samples/build.py --to submitted

A student's file starts with a docstring: one line that says what is special, then lines of
``key: words`` that are all optional:

    same as: bela             every answer that this file does not give is bela's
    untouched: pca_project    cells that stay as they were handed out
    damage: delete predict    what happened to the notebook, with grade_ids; see DAMAGE below
    zero: pca_project         questions that must get nothing ("all" for all of them)
    loses: predict            questions that must lose points
    either: predict           questions of which nothing is said; all others must be full

The rest are cells in percent format: ``# %% predict`` for the answer to a question,
``# %% [markdown] convergence`` for a written one, ``# %% [extra]`` for a cell of the student's own
in front of the answer that follows, ``# %% [file]`` for the bytes of a file that is no notebook.
"""

from __future__ import annotations

import argparse
import ast
import copy
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
Cell = dict[str, Any]


@dataclass(frozen=True)
class Student:
    """One file of students/, which is one student's answer to one assignment."""

    name: str
    assignment: str
    title: str
    notes: dict[str, str]
    answers: tuple[tuple[str, str], ...]
    """Pairs of a question's id (or "[extra]", "[file]") and a source, in order."""

    @classmethod
    def read(cls, path: Path) -> Student:
        """Read a student's file and those of the students that the answers are taken from."""
        text = path.read_text(encoding="utf-8")
        title, *lines = (ast.get_docstring(ast.parse(text)) or "").splitlines()
        notes = dict(line.split(": ", 1) for line in lines if line)
        answers = list(_answers(text))
        if "same as" in notes:
            base = cls.read(path.with_name(notes["same as"] + ".py"))
            answers = _merged(base.answers, answers)
        untouched = notes.get("untouched", "").split()
        kept = tuple(answer for answer in answers if answer[0] not in untouched)
        return cls(path.stem, path.parent.name, title, notes, kept)

    def expected(self, question: str) -> str:
        """What must become of a question: "full", "loses", "zero" or "either"."""
        for verdict in ("zero", "loses", "either"):
            named = self.notes.get(verdict, "").split()
            if question in named or named == ["all"]:
                return verdict
        return "full"

    def submission(self, release: dict[str, Any]) -> bytes:
        """The file that the student hands in."""
        if self.notes.get("damage") == "not a notebook":
            return dict(self.answers)["[file]"].encode()
        notebook = copy.deepcopy(release)
        notebook["cells"] = _answered(notebook["cells"], self.answers)
        for damage in filter(None, self.notes.get("damage", "").split(", ")):
            _break(notebook["cells"], damage)
        return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()


def students(assignment: str = "*") -> list[Student]:
    """Those who hand in an assignment (default: any), by name."""
    return [Student.read(path) for path in sorted((ROOT / "students").glob(f"{assignment}/*.py"))]


def read_release(course: Path, assignment: str) -> dict[str, Any]:
    """The notebook as it was handed out."""
    path = course / "release" / assignment / f"{assignment}.ipynb"
    release: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return release


def _answers(text: str) -> Iterator[tuple[str, str]]:
    parts = re.split(r"(?m)^# %% (.*)\n", text)
    for head, body in zip(parts[1::2], parts[2::2], strict=True):
        kind, _, name = head.rpartition(" ")
        source = body.strip("\n")
        if kind == "[markdown]" or name == "[file]":
            source = re.sub(r"(?m)^# ?", "", source)
        yield name, source


def _merged(base: tuple[tuple[str, str], ...], own: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The base's answers, the student's own in their places, extra cells in front of them."""
    merged = list(base)
    extras: list[tuple[str, str]] = []
    for name, source in own:
        if name == "[extra]":
            extras.append((name, source))
            continue
        place = next((i for i, answer in enumerate(merged) if answer[0] == name), len(merged))
        merged[place : place + 1] = [*extras, (name, source)]
        extras = []
    return merged + extras


def _answered(cells: list[Cell], answers: tuple[tuple[str, str], ...]) -> list[Cell]:
    cells = list(cells)
    extras: list[Cell] = []
    for number, (name, source) in enumerate(answers):
        if name == "[extra]":
            extras.append(_code_cell(f"extra-{number}", source))
            continue
        place = _find(cells, name)
        cells[place]["source"] = source
        cells[place:place] = extras
        extras = []
    return cells + extras


def _code_cell(cell_id: str, source: str) -> Cell:
    return {
        "cell_type": "code",
        "id": cell_id,
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": source,
    }


def _find(cells: list[Cell], grade_id: str) -> int:
    for place, cell in enumerate(cells):
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id:
            return place
    raise SystemExit(f"the release has no cell {grade_id}")


def _duplicate(cells: list[Cell], place: int) -> None:
    cells.insert(place, copy.deepcopy(cells[place]))


def _delete(cells: list[Cell], place: int) -> None:
    del cells[place]


def _move_to_the_end(cells: list[Cell], place: int) -> None:
    cells.append(cells.pop(place))


def _raise_points(cells: list[Cell], place: int) -> None:
    cells[place]["metadata"]["nbgrader"]["points"] = 200


def _unlock(cells: list[Cell], place: int) -> None:
    cells[place]["metadata"]["nbgrader"].update(locked=False, grade=False)


DAMAGE: dict[str, Callable[[list[Cell], int], None]] = {
    "duplicate": _duplicate,
    "delete": _delete,
    "move to the end": _move_to_the_end,
    "raise points": _raise_points,
    "unlock": _unlock,
}
"""What can happen to a cell, by the words in front of its grade_id."""


def _break(cells: list[Cell], damage: str) -> None:
    words, _, grade_id = damage.rpartition(" ")
    DAMAGE[words](cells, _find(cells, grade_id))


def main() -> None:
    """Write the submissions that are not there yet."""
    parser = argparse.ArgumentParser(description="Build the sample class of submissions.")
    parser.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="submitted/")
    parser.add_argument("--course", type=Path, default=ROOT.parent, help="the course's folder")
    parser.add_argument("--assignment", default="*", help="only this one")
    arguments = parser.parse_args()
    try:
        written = 0
        for student in students(arguments.assignment):
            name = student.assignment
            target = arguments.to / student.name / name / f"{name}.ipynb"
            if target.exists():
                continue
            release = read_release(arguments.course, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(student.submission(release))
            written += 1
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror}")
    sys.stdout.write(f"{written} sample submissions copied to {arguments.to}\n")


if __name__ == "__main__":
    main()
