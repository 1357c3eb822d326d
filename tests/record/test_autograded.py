"""The folder of a graded submission."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

import nbformat
import pytest

from fairmark.course.course import Assignment, Course
from fairmark.errors import FairmarkError
from fairmark.files import replaced_folder
from fairmark.harness.report import Report
from fairmark.record.autograded import graded_notebook, write_autograded
from tests.nbgrader.classroom import nbgrader, record, report_of, submit
from tests.tiny import RIGHT, answer


def test_the_same_files_as_nbgrader_writes(tiny: Assignment) -> None:
    course = tiny.course
    (tiny.source.parent / "data").mkdir()
    (tiny.source.parent / "data/given.txt").write_text("the instructor's")
    folder = submit(course, "ada", answer(tiny, RIGHT))
    (folder / "data").mkdir()
    (folder / "data/given.txt").write_text("changed")
    (folder / "notes.txt").write_text("own")
    record(tiny, "ada")
    assert nbgrader(course).autograde("tiny", "*")["success"]
    theirs = _listing(course.folder("autograded", "ada", "tiny"))
    written = write_autograded(tiny, report_of(tiny, "ada"), "ada")
    ours = _listing(written.parent)
    assert set(ours) == {"tiny.ipynb", "timestamp.txt", "data/given.txt", "notes.txt"}
    assert ours["data/given.txt"][1] == b"the instructor's"
    for name in ours:
        assert ours[name][0] == theirs[name][0] == 0o444
        if name != "tiny.ipynb":
            assert ours[name] == theirs[name]
    (name,) = [path.name for path in course.folder("autograded", "ada").iterdir()]
    assert name == "tiny"


def _listing(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mode & 0o777, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_links_are_not_followed(tiny: Assignment) -> None:
    folder = submit(tiny.course, "eve", answer(tiny, RIGHT))
    (folder / "secret.txt").symlink_to(tiny.source)
    (folder / "graders").symlink_to(tiny.graders)
    written = write_autograded(tiny, report_of(tiny, "eve"), "eve")
    assert set(_listing(written.parent)) == {"tiny.ipynb", "timestamp.txt"}


def test_what_students_show_stays_and_does_nothing(tiny: Assignment) -> None:
    notebook = answer(tiny, RIGHT)
    shown = (
        "from IPython.display import HTML, display\nprint('printed')\n"
        "display(HTML('<b>bold</b><script>alert(1)</script>'))"
    )
    half = nbformat.v4.new_markdown_cell("half a pair: \ud800")
    notebook.cells += [half, nbformat.v4.new_code_cell(shown)]
    submit(tiny.course, "ada", json.dumps(notebook))
    written = write_autograded(tiny, report_of(tiny, "ada"), "ada")
    made = nbformat.read(written, 4)
    nbformat.validate(made)
    assert "printed" in str(made.cells[-1].outputs)
    assert "<b>bold</b>" in str(made.cells[-1].outputs)
    assert "alert" not in str(made.cells[-1].outputs)
    check = next(cell for cell in made.cells if cell.source == 'check("double")')
    assert "<table" in check.outputs[0].data["text/html"]
    assert check.metadata.nbgrader.checksum


def test_an_ungraded_notebook_says_why(tiny: Assignment) -> None:
    error = f"{tiny.course.root}/submitted/x.ipynb is <b>no</b> notebook"
    made = graded_notebook(Report("x.ipynb", "tiny", error=error), tiny)
    nbformat.validate(made)
    assert str(tiny.course.root) not in str(made.cells)
    assert "submitted/x\\.ipynb is \\<b\\>no" in made.cells[0].source


def test_a_folder_is_replaced_whole_or_not(tmp_path: Path) -> None:
    place = tmp_path / "a/place"
    with replaced_folder(place) as folder:
        (folder / "first").write_text("1")
    with contextlib.suppress(ZeroDivisionError), replaced_folder(place) as folder:
        (folder / "second").write_text("2")
        raise ZeroDivisionError
    assert os.listdir(place) == ["first"]
    with replaced_folder(place) as folder:
        (folder / "third").write_text("3")
    assert os.listdir(place) == ["third"]
    assert os.listdir(tmp_path / "a") == ["place"]


def test_an_unwritable_folder(tiny: Assignment, course: Course) -> None:
    submit(course, "ada", answer(tiny, RIGHT))
    (course.root / "autograded").write_text("in the way")
    with pytest.raises(FairmarkError, match="cannot be written"):
        write_autograded(tiny, Report("x.ipynb", "tiny", error="no"), "ada")
