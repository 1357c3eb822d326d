"""Finding and reading what was handed in."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import nbformat
import pytest

from fairmark.batch.dask.handin import pack_folder
from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.files import read_folder
from fairmark.intake.handins import SubmittedNotebook, find_handins, fingerprint_base
from fairmark.notebook import NotebookError
from tests.tiny import make_course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return make_course(tmp_path)


def _hand_in(
    course: Course, student: str, name: str = "tiny.ipynb", data: str = "{}"
) -> SubmittedNotebook:
    folder = course.root / "submitted" / student / "tiny"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(data)
    return SubmittedNotebook(student, course.assignment("tiny"), folder)


def test_found_in_order(course: Course) -> None:
    for student in ("zoe", "ada", ".hidden"):
        _hand_in(course, student)
    (course.root / "submitted" / "bob" / "other").mkdir(parents=True)
    (course.root / "submitted" / "README.md").write_text("")
    tiny = course.assignments()
    assert [handin.student for handin in find_handins(course, tiny)] == ["ada", "zoe"]
    assert [handin.student for handin in find_handins(course, tiny, ["zoe"])] == ["zoe"]
    assert find_handins(course, tiny)[0].name == "submitted/ada/tiny/tiny.ipynb"


def test_nothing_handed_in(course: Course) -> None:
    assert find_handins(course, course.assignments()) == []


def test_unknown_student(course: Course) -> None:
    _hand_in(course, "ada")
    (course.root / "submitted" / "bob").mkdir()
    with pytest.raises(FairmarkError, match=r"no student 'eve' .*; there are: ada, bob"):
        find_handins(course, course.assignments(), ["ada", "eve"])
    with pytest.raises(FairmarkError, match="bob has handed in nothing for tiny"):
        find_handins(course, course.assignments(), ["bob"])


def test_only_notebook_counts_under_any_name(course: Course) -> None:
    handin = _hand_in(course, "ada", "tiny (1).ipynb", "mine")
    path, data = handin.read()
    assert (path.name, data) == ("tiny (1).ipynb", b"mine")
    _hand_in(course, "ada", "tiny (2).ipynb")
    with pytest.raises(NotebookError, match=r"does not exist; its folder has tiny \(1\)"):
        handin.read()
    _hand_in(course, "ada", "tiny.ipynb", "right")
    assert handin.read()[1] == b"right"


@pytest.mark.parametrize("name", ["tiny.IPYNB", "tiny.ipynb.txt", "tiny.ipynb.json"])
def test_names_that_browsers_change(name: str, course: Course) -> None:
    path, data = _hand_in(course, "ada", name, "mine").read()
    assert (path.name, data) == (name, b"mine")


def test_another_notebook_beside_one_with_another_name(course: Course) -> None:
    solved = nbformat.writes(course.assignment("tiny").solved)
    _hand_in(course, "ada", "mine.ipynb", solved)
    _hand_in(course, "ada", "other.ipynb", nbformat.writes(nbformat.v4.new_notebook()))
    handin = _hand_in(course, "ada", "torn.ipynb", solved[:-5])
    assert handin.read()[0].name == "mine.ipynb"
    _hand_in(course, "ada", "again.ipynb", solved)
    with pytest.raises(NotebookError, match="does not exist; its folder has again"):
        handin.read()


def test_what_is_there_in_its_place_is_told(course: Course) -> None:
    _hand_in(course, "ada", "timestamp.txt", "")
    _hand_in(course, "ada", ".hidden", "")
    _hand_in(course, "ada", "tiny.zip")
    handin = _hand_in(course, "ada", "tiny.py")
    with pytest.raises(NotebookError, match=r"exist; its folder has tiny\.py, tiny\.zip$"):
        handin.read()


def test_missing_notebook(course: Course) -> None:
    handin = _hand_in(course, "ada", "timestamp.txt")
    with pytest.raises(NotebookError, match=r"does not exist$"):
        handin.read()


def test_links_to_the_solution_are_not_followed(course: Course) -> None:
    handin = _hand_in(course, "ada", "notes.txt")
    (handin.folder / "tiny.ipynb").symlink_to(course.root / "source/tiny/tiny.ipynb")
    with pytest.raises(NotebookError, match="it is a link"):
        handin.read()


def test_pipe_does_not_block(course: Course) -> None:
    handin = _hand_in(course, "ada", "notes.txt")
    os.mkfifo(handin.folder / "tiny.ipynb")
    with pytest.raises(NotebookError, match="is no file"):
        handin.read()
    handin.fingerprint("")


def test_fingerprint_changes_with_every_file(course: Course) -> None:
    handin = _hand_in(course, "ada")
    base = fingerprint_base(handin.assignment)
    seen = {handin.fingerprint(base)}
    (handin.folder / "timestamp.txt").write_text("2026-11-23 12:00:00 UTC")
    seen.add(handin.fingerprint(base))
    (handin.folder / "data").mkdir()
    (handin.folder / "data" / "x.csv").write_text("1")
    seen.add(handin.fingerprint(base))
    assert len(seen) == 3
    assert handin.fingerprint(base) in seen


def test_fingerprint_changes_with_the_grader(course: Course) -> None:
    before = fingerprint_base(course.assignment("tiny"))
    assert fingerprint_base(Course.load(course.root).assignment("tiny")) == before
    with (course.root / "graders/tiny/test_tiny.py").open("a") as grader:
        grader.write("# changed\n")
    assert fingerprint_base(course.assignment("tiny")) != before


def test_fingerprint_changes_with_the_limits(course: Course) -> None:
    before = fingerprint_base(course.assignment("tiny"))
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text().replace('"cell_seconds": 3.0', '"cell_seconds": 4.0'))
    assert fingerprint_base(Course.load(course.root).assignment("tiny")) != before


def test_timestamp(course: Course) -> None:
    handin = _hand_in(course, "ada", "timestamp.txt", "2026-11-23 12:30:00.5 UTC\n")
    assert handin.timestamp is not None
    assert (handin.timestamp.hour, handin.timestamp.minute) == (12, 30)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "509999999999999999999900000000000h",
        "0001-01-01 00:00:00 UTC",
        "9999-12-31 23:59:59 UTC",
    ],
)
def test_no_timestamp(course: Course, text: str) -> None:
    assert _hand_in(course, "ada", "timestamp.txt", text).timestamp is None


def test_a_linked_folder_is_not_followed(tmp_path: Path) -> None:
    """It could lead to the instructor's solution, or to another student's work."""
    course = make_course(tmp_path)
    assignment = course.assignment("tiny")
    (tmp_path / "submitted" / "eve").mkdir(parents=True)
    (tmp_path / "submitted" / "eve" / "tiny").symlink_to(tmp_path / "source" / "tiny")
    (handin,) = find_handins(course, [assignment])
    with pytest.raises(NotebookError, match="is a link"):
        handin.read()


def test_folders_without_end_stop_nothing(course: Course) -> None:
    handin = _hand_in(course, "ada")
    base = fingerprint_base(handin.assignment)
    before = handin.fingerprint(base)
    descriptor = os.open(handin.folder, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("a", dir_fd=descriptor)
        below = os.open("a", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(descriptor)
    near = handin.folder / "a/a/near.txt"
    try:
        assert handin.fingerprint(base) == before
        near.write_text("")
        assert handin.fingerprint(base) != before
        assert set(read_folder(handin.folder)[0]) == {"a/a/near.txt"}
        assert {name for name, *_ in pack_folder(handin.folder)} >= {"a/a/near.txt", "tiny.ipynb"}
    finally:  # pytest could not: shutil calls itself for each level
        subprocess.run(["rm", "-rf", str(handin.folder)], check=True)
