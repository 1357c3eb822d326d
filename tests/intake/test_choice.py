"""Which notebook of a folder is graded, where there are several or it has another name."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from fairmark.course.course import Assignment
from fairmark.grading.grade import grade_handin
from fairmark.intake.choice import choose
from fairmark.intake.handins import SubmittedNotebook, fingerprint_base
from fairmark.sandbox import Sandbox
from tests.tiny import RIGHT, answer, make_course

HALF = {"double": RIGHT["double"]}
ELSE = {"mean": RIGHT["mean"]}


@pytest.fixture
def assignment(tmp_path: Path) -> Assignment:
    return make_course(tmp_path / "course").assignment("tiny")


def _put(folder: Path, notebooks: dict[str, NotebookNode | str]) -> Path:
    for name, notebook in notebooks.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        text = notebook if isinstance(notebook, str) else nbformat.writes(notebook)
        (folder / name).write_text(text)
    return folder


def _chosen(folder: Path, assignment: Assignment) -> tuple[str, list[str]]:
    choice = choose(folder, assignment)
    assert choice is not None
    place = str(choice.path.relative_to(folder))
    return place, [repair.kind for repair in choice.repairs]


@pytest.mark.parametrize("name", ["tiny-Copy1.ipynb", "tiny (1).ipynb", "Untitled.ipynb"])
def test_the_answers_beside_the_untouched_original(
    name: str, assignment: Assignment, tmp_path: Path
) -> None:
    original, mine = assignment.handed_out, answer(assignment, HALF)
    folder = _put(tmp_path / "ada", {"tiny.ipynb": original, name: mine})
    assert _chosen(folder, assignment) == (name, ["original-beside"])
    _put(folder, {"again.ipynb": mine})  # the same once more
    assert _chosen(folder, assignment)[1] == ["original-beside"]
    _put(folder, {"again.ipynb": original, "notes.ipynb": new_notebook(), "torn.ipynb": "{"})
    assert _chosen(folder, assignment) == (name, ["original-beside"])
    _put(folder, {"again.ipynb": answer(assignment, ELSE)})
    place, kinds = _chosen(folder, assignment)
    assert (place, kinds) == ("tiny.ipynb", ["not-looked-at"])


def test_a_damaged_original_does_not_hide_the_answers(
    assignment: Assignment, tmp_path: Path
) -> None:
    folder = _put(tmp_path / "ada", {"tiny.ipynb": "", "mine.ipynb": answer(assignment, HALF)})
    assert _chosen(folder, assignment) == ("mine.ipynb", ["original-beside"])


def test_the_assignments_own_name_goes_before_others(
    assignment: Assignment, tmp_path: Path
) -> None:
    mine = answer(assignment, HALF)
    folder = _put(tmp_path / "ada", {"tiny.ipynb": mine, "tiny-Copy1.ipynb": mine})
    assert _chosen(folder, assignment) == ("tiny.ipynb", [])
    _put(folder, {"tiny-Copy1.ipynb": assignment.handed_out})
    assert _chosen(folder, assignment) == ("tiny.ipynb", [])
    _put(folder, {"tiny-Copy1.ipynb": answer(assignment, ELSE)})
    assert _chosen(folder, assignment) == ("tiny.ipynb", ["not-looked-at"])


def test_an_unpacked_archive(assignment: Assignment, tmp_path: Path) -> None:
    folder = _put(tmp_path / "ada", {"tiny/tiny.ipynb": answer(assignment, HALF)})
    _put(folder, {"tiny/.ipynb_checkpoints/tiny.ipynb": assignment.handed_out})
    _put(folder, {"__MACOSX/tiny/._tiny.ipynb": "no notebook"})
    assert _chosen(folder, assignment) == ("tiny/tiny.ipynb", ["other-name"])
    _put(folder, {"old/tiny.ipynb": assignment.handed_out})
    assert _chosen(folder, assignment) == ("tiny/tiny.ipynb", ["other-name"])
    _put(folder, {"old/tiny.ipynb": answer(assignment, ELSE)})
    assert choose(folder, assignment) is None


def test_links_are_no_answers(assignment: Assignment, tmp_path: Path) -> None:
    folder = _put(tmp_path / "ada", {"tiny.ipynb": assignment.handed_out})
    (folder / "mine.ipynb").symlink_to(assignment.source)
    assert _chosen(folder, assignment) == ("tiny.ipynb", [])


def test_it_is_graded_and_said(assignment: Assignment, sandbox: Sandbox) -> None:
    folder = assignment.course.folder("submitted", "ada", "tiny")
    handin = SubmittedNotebook("ada", assignment, folder)
    _put(folder, {"tiny.ipynb": assignment.handed_out})
    base = fingerprint_base(assignment)
    before = handin.fingerprint(base)
    assert grade_handin(handin, sandbox).score == 0
    _put(folder, {"tiny-Copy1.ipynb": answer(assignment, RIGHT)})
    report = grade_handin(handin, sandbox)
    assert report.score == report.max_score
    assert "tiny-Copy1.ipynb, which holds answers, took its place." in report.repairs[0].text
    assert handin.fingerprint(base) != before
