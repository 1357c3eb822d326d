"""A run of a release goes past the cells that fail, and all who tell failures tell them still."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute
from nbgrader.utils import compute_checksum, determine_grade, is_grade
from nbgrader.validator import Validator

from fairmark.course.course import Assignment
from fairmark.nbgrader.generate import generate_release
from tests.classic import make_classic_course
from tests.nbgrader.classroom import REPOSITORY, report_of, submit
from tests.tiny import RIGHT

TAG = "raises-exception"


@pytest.fixture(autouse=True)
def same_fairmark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))


def half_done(folder: Path) -> NotebookNode:
    """The release of the tiny assignment: the first answer is wrong, the second right."""
    notebook: NotebookNode = nbformat.read(folder / "tiny.ipynb", 4)
    for cell in notebook.cells:
        if cell.id == "double":
            cell.source = "def double(x):\n    return x + 1"
        elif cell.id in RIGHT:
            cell.source = RIGHT[cell.id]
    return notebook


def untagged(notebook: NotebookNode) -> NotebookNode:
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        cell.metadata.pop("tags", None)
    return notebook


def tagged(notebook: NotebookNode) -> dict[str, bool]:
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return {cell.id: TAG in cell.metadata.get("tags", []) for cell in cells}


def test_what_an_answer_can_make_fail_is_tagged(tiny: Assignment) -> None:
    source = nbformat.read(tiny.source, 4)
    picture = nbformat.v4.new_code_cell("double(3)", id="picture")
    source.cells.insert(4, picture)
    nbformat.write(source, tiny.source)
    before = tiny.source.read_bytes()
    made = nbformat.read(generate_release(tiny) / "tiny.ipynb", 4)
    cells = ["double", "check-double", "picture", "mean", "check-mean"]
    assert tagged(made) == {"setup": False} | dict.fromkeys(cells, True)
    assert tiny.source.read_bytes() == before
    for cell in made.cells:
        if "checksum" in (mark := cell.metadata.get("nbgrader", {})):
            assert mark.checksum == compute_checksum(cell)


def test_test_cells_are_tagged_too_and_other_tags_stay(tmp_path: Path) -> None:
    course = make_classic_course(tmp_path)
    path = course.assignment("classic").source
    source = nbformat.read(path, 4)
    source.cells[2].metadata["tags"] = ["mine"]
    nbformat.write(source, path)
    made = nbformat.read(generate_release(course.assignment("classic")) / "classic.ipynb", 4)
    assert all(tagged(made).values())
    assert made.cells[2].metadata.tags == ["mine", TAG]


def test_a_run_goes_past_a_failing_check(tiny: Assignment) -> None:
    folder = generate_release(tiny)
    notebook = half_done(folder)
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=60, resources=resources).execute()  # no errors are allowed
    by_id = {cell.id: cell for cell in notebook.cells}
    assert by_id["check-double"].outputs[-1].ename == "CheckFailed"
    assert "1 of 1 check passed" in by_id["check-mean"].outputs[0].data["text/plain"]


def test_validate_tells_the_failures_with_the_tags_and_without(tiny: Assignment) -> None:
    folder = generate_release(tiny)
    for notebook in (half_done(folder), untagged(half_done(folder))):
        nbformat.write(notebook, folder / "tiny.ipynb")
        said = Validator(config=tiny.course.config).validate(str(folder / "tiny.ipynb"))
        (failed,) = said["failed"]
        assert "double: 1 of 1 check failed." in failed["raw_error"]


@pytest.mark.parametrize("classic", [False, True])
def test_stock_nbgrader_gives_the_same_marks(
    classic: bool, tiny: Assignment, tmp_path: Path
) -> None:
    if classic:
        course = make_classic_course(tmp_path / "classic")
        folder = generate_release(course.assignment("classic"))
        notebook = nbformat.read(folder / "classic.ipynb", 4)
        notebook.cells[1].source = "def square(x):\n    return 2 * x"  # right for 2 only
    else:
        folder = generate_release(tiny)
        notebook = half_done(folder)
    marks = []
    for one in (notebook, untagged(notebook)):
        run, _ = Execute().preprocess(one, {"metadata": {"path": str(folder)}})
        tests = [cell for cell in run.cells if cell.cell_type == "code" and is_grade(cell)]
        marks.append([determine_grade(cell) for cell in tests])
    assert marks[0] == marks[1]
    assert {score for score, _ in marks[0]} > {0}


def test_no_tag_of_a_student_changes_a_mark(tiny: Assignment) -> None:
    notebook = half_done(generate_release(tiny))
    every = copy.deepcopy(notebook)
    for cell in every.cells:
        cell.metadata["tags"] = [TAG, "skip-execution", "remove_cell"]
    for student, one in (("as", notebook), ("none", untagged(notebook)), ("all", every)):
        submit(tiny.course, student, one)
    reports = [report_of(tiny, student) for student in ("as", "none", "all")]
    assert len({(report.score, report.repairs) for report in reports}) == 1
    assert (reports[0].score, reports[0].repairs) == (3, ())


@pytest.mark.parametrize("passes", [False, True])
def test_nbval_is_not_fooled(passes: bool, tiny: Assignment) -> None:
    folder = generate_release(tiny)
    notebook = half_done(folder)
    if passes:
        notebook.cells[2].source = RIGHT["double"]
    nbformat.write(notebook, folder / "tiny.ipynb")
    command = [sys.executable, "-m", "pytest", "-q", "-pno:cacheprovider", "--rootdir=."]
    command += ["-p", "fairmark.kernel.nbval", "--nbval-lax", "tiny.ipynb", "-c", os.devnull]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert (done.returncode == 0) == passes, done.stdout
    assert ("double: 1 of 1 check failed." in done.stdout) != passes
