"""Releases: the same bytes each time, nothing secret in them, and never half of one."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbgrader.validator import Validator

from fairmark.course.course import Assignment
from fairmark.errors import FairmarkError
from fairmark.nbgrader.generate import generate_release, release_is_stale
from fairmark.record.database import open_gradebook
from tests.nbgrader.classroom import REPOSITORY, nbgrader
from tests.tiny import RIGHT

PIXEL = {"image/png": "iVBORw0KGgo="}


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_bytes_each_time_and_as_nbgrader_makes_them(tiny: Assignment) -> None:
    folder = generate_release(tiny)
    first = files(folder)
    assert set(first) == {"tiny.ipynb", "checks.py"}
    assert release_is_stale(tiny) == []
    assert files(generate_release(tiny)) == first
    result = nbgrader(tiny.course).generate_assignment("tiny", force=True)
    assert result["success"], result
    assert files(folder) == first


def test_nothing_secret(tiny: Assignment) -> None:
    source = nbformat.read(tiny.source, 4)
    by_id = {cell.id: cell for cell in source.cells}
    by_id["double"].outputs = [nbformat.v4.new_output("stream", text="secret output")]
    by_id["double"].metadata.update(execution={"iopub.execute_input": "now"}, tags=["answer"])
    by_id["essay"].attachments = {"secret.png": PIXEL}
    by_id["title"].source += "\n![shown](attachment:shown.png)"
    by_id["title"].attachments = {"shown.png": PIXEL, "old-secret.png": PIXEL}
    source.metadata.widgets = {"state": "secret widget"}
    nbformat.write(source, tiny.source)
    folder = generate_release(tiny)
    everything = b"".join(files(folder).values()).decode()
    assert "secret" not in everything
    assert "model answer" not in everything
    assert "reference" not in everything
    for words in RIGHT.values():
        assert words.splitlines()[-1].strip() not in everything
    notebook = nbformat.read(folder / "tiny.ipynb", 4)
    nbformat.validate(notebook)
    by_id = {cell.id: cell for cell in notebook.cells}
    assert set(by_id["title"].attachments) == {"shown.png"}
    assert "tags" not in by_id["double"].metadata
    assert by_id["double"].source.endswith("# YOUR CODE HERE\n    raise NotImplementedError()")
    assert by_id["check-double"].source == 'check("double")'
    assert by_id["check-double"].metadata.deletable is False


def test_what_is_stale(tiny: Assignment) -> None:
    folder = tiny.course.root / "release/tiny"
    assert len(release_is_stale(tiny)) == 2
    generate_release(tiny)
    (folder / "own.txt").write_text("")
    grader = tiny.graders / "test_tiny.py"
    grader.write_text(grader.read_text().replace("Twice three.", "Two times three."))
    differences = release_is_stale(tiny)
    assert [text.removeprefix(f"{folder}/") for text in differences] == [
        "checks.py is out of date",
        "own.txt is not made from the source",
    ]
    (folder / "checks.py").unlink()
    assert f"{folder}/checks.py is missing" in release_is_stale(tiny)


def test_students_can_read_the_checks(tiny: Assignment) -> None:
    grader = tiny.graders / "test_tiny.py"
    quotes = 3 * '"'
    long = "Each word of this sentence is read by those whose answer is wrong. "
    grader.write_text(
        f"{grader.read_text()}\n\n"
        f"CODE = {quotes}\ndef f(x):\n    return {{x}}\n{quotes}  # SECRET\n\n"
        f"HINT = (\n    {long!r}\n    f{long!r}  # SECRET\n)\n\n"
        f"CASES = {[*range(100)]}\n\n\n"
        "def test_long(submission):\n    assert submission.f(CODE, CASES), HINT\n"
    )
    text = (generate_release(tiny) / "checks.py").read_text()
    assert max(map(len, text.splitlines())) <= 100
    assert f"\n\nCODE = {quotes}\ndef f(x):\n    return {{x}}\n{quotes}\n\n" in text
    assert "SECRET" not in text
    made: dict[str, object] = {}
    exec(text, made)
    assert (made["HINT"], made["CASES"]) == (2 * long, [*range(100)])


def test_no_line_of_the_courses_checks_is_long(course_root: Path) -> None:
    found = sorted((course_root / "release").glob("*/checks.py"))
    assert found
    for path in found:
        lines = path.read_text().splitlines()
        assert [line for line in lines if len(line) > 100] == [], path


def test_a_broken_source_leaves_the_release_as_it_was(tiny: Assignment) -> None:
    folder = generate_release(tiny)
    first = files(folder)
    tiny.source.write_text(tiny.source.read_text().replace("### END SOLUTION", ""))
    with pytest.raises(FairmarkError, match=r"tiny\.ipynb: no end solution statement found"):
        generate_release(tiny)
    assert files(folder) == first
    assert [path.name for path in folder.parent.iterdir()] == ["tiny"]


def test_nbgrader_validate_works_on_the_release(
    tiny: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    folder = generate_release(tiny)
    failed = Validator(config=tiny.course.config).validate(str(folder / "tiny.ipynb"))["failed"]
    sources = ['check("double")', 'check("mean")', "YOUR ANSWER HERE"]
    assert [cell["source"] for cell in failed] == sources
    notebook = nbformat.read(folder / "tiny.ipynb", 4)
    for cell in notebook.cells:
        if cell.id in RIGHT:
            cell.source = RIGHT[cell.id]
    nbformat.write(notebook, folder / "tiny.ipynb")
    assert Validator(config=tiny.course.config).validate(str(folder / "tiny.ipynb")) == {}


def test_nbgrader_makes_the_gradebook_too(tiny: Assignment) -> None:
    open_gradebook(tiny.course).close()
    assert nbgrader(tiny.course).generate_assignment("tiny")["success"]
    assert release_is_stale(tiny) == []
