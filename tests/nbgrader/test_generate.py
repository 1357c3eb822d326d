"""Releases: the same bytes each time, nothing secret in them, and never half of one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.validator import Validator

from fairmark.course.course import Assignment, Course
from fairmark.course.proof import write_record
from fairmark.errors import FairmarkError
from fairmark.harness.diagnose import Lessons
from fairmark.nbgrader.generate import generate_release, release_is_stale
from fairmark.record.database import open_gradebook
from tests.classic import make_classic_course
from tests.nbgrader.classroom import REPOSITORY, nbgrader
from tests.tiny import RIGHT

USE = "from fairmark.nbgrader.config import use_fairmark\nuse_fairmark(c)"
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
    assert by_id["double"].metadata.tags == ["raises-exception"]
    assert by_id["double"].source.endswith("# YOUR CODE HERE\n    raise NotImplementedError()")
    assert by_id["check-double"].source == 'from fairmark import check\ncheck("double")'
    assert by_id["check-double"].metadata.deletable is False


def classic_source(course: Course) -> tuple[NotebookNode, dict[str, NotebookNode]]:
    notebook = nbformat.read(course.assignment("classic").source, 4)
    return notebook, {cell.id: cell for cell in notebook.cells}


def with_diagram(source: Path) -> None:
    """Put three cells with stored outputs above all others; two are tagged to keep theirs."""
    notebook = nbformat.read(source, 4)
    tagged = {"tags": ["keep-output", "mine"]}
    shown = nbformat.v4.new_output("display_data", PIXEL)
    told = nbformat.v4.new_output("execute_result", {"text/plain": "4"}, execution_count=7)
    notebook.cells[:0] = [
        nbformat.v4.new_code_cell("draw()", id="drawn", metadata=tagged, outputs=[shown]),
        nbformat.v4.new_code_cell("2 + 2", id="four", metadata=tagged, outputs=[told]),
        nbformat.v4.new_code_cell("noise()", id="noise", outputs=[shown]),
    ]
    nbformat.write(notebook, source)


@pytest.mark.parametrize("kind", ["tiny", "classic"])
def test_a_diagram_keeps_its_output(tiny: Assignment, tmp_path: Path, kind: str) -> None:
    made = tiny
    if kind == "classic":  # without graders
        made = make_classic_course(tmp_path / "classic", USE).assignment("classic")
        open_gradebook(made.course).close()
    with_diagram(made.source)
    if kind == "tiny":
        write_record(made, [], {}, Lessons({}))
    folder = generate_release(made)
    notebook = nbformat.read(folder / f"{kind}.ipynb", 4)
    nbformat.validate(notebook)
    drawn, four, noise = notebook.cells[:3]
    assert [drawn.outputs[0].data, four.outputs[0].data] == [PIXEL, {"text/plain": "4"}]
    assert four.outputs[0].execution_count is None and four.execution_count is None
    assert all(not cell.get("outputs") for cell in [noise, *notebook.cells[3:]])
    assert "kept_outputs" not in (folder / f"{kind}.ipynb").read_text()
    if kind == "tiny":
        assert "tags" not in drawn.metadata
    first = files(folder)
    assert nbgrader(made.course).generate_assignment(kind, force=True)["success"]
    assert files(folder) == first


@pytest.mark.parametrize(
    "outputs", [[], [nbformat.v4.new_output("error", ename="E", evalue="no", traceback=[])]]
)
def test_what_has_not_run_cannot_be_kept(tiny: Assignment, outputs: list[NotebookNode]) -> None:
    notebook = nbformat.read(tiny.source, 4)
    metadata = {"tags": ["keep-output"]}
    notebook.cells.insert(0, nbformat.v4.new_code_cell("1", metadata=metadata, outputs=outputs))
    nbformat.write(notebook, tiny.source)
    write_record(tiny, [], {}, Lessons({}))
    with pytest.raises(FairmarkError, match="cell 1 keeps its output: run it and save it first"):
        generate_release(tiny)


def test_a_text_has_no_output_to_keep(tmp_path: Path) -> None:
    made = make_classic_course(tmp_path, USE).assignment("classic")
    open_gradebook(made.course).close()
    notebook = nbformat.read(made.source, 4)
    metadata = {"tags": ["keep-output"]}
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell("a text", metadata=metadata))
    nbformat.write(notebook, made.source)
    with pytest.raises(FairmarkError, match="cell 1"):
        generate_release(made)


def test_nothing_of_a_solution_is_left_without_graders_either(tmp_path: Path) -> None:
    course = make_classic_course(tmp_path, "c.ClearOutput.enabled = False")
    notebook, by_id = classic_source(course)
    notebook.metadata.widgets = {"state": "secret widget"}
    by_id["square"].outputs = [nbformat.v4.new_output("stream", text="secret output")]
    by_id["title"].source += "\n![t](attachment:my%20plot.png) <img src='attachment:t\u00fcr.png'>"
    by_id["title"].attachments = {"my plot.png": PIXEL, "t\u00fcr.png": PIXEL, "secret.png": PIXEL}
    essay = by_id["essay"]
    essay.source = f"See ![t](attachment:task.png)\n{essay.source}"
    essay.source = essay.source.replace("A model", "![s](attachment:secret.png)\nA model")
    essay.attachments = {"task.png": PIXEL, "secret.png": PIXEL}
    nbformat.write(notebook, course.assignment("classic").source)
    folder = generate_release(course.assignment("classic"))
    text = (folder / "classic.ipynb").read_text()
    assert "secret" not in text.replace("secret_number", "SECRET")
    assert "secret_number" not in text
    made = nbformat.read(folder / "classic.ipynb", 4)
    nbformat.validate(made)
    pictures = {cell.id: set(cell.get("attachments", {})) for cell in made.cells}
    assert pictures["title"] == {"my plot.png", "t\u00fcr.png"}
    assert pictures["essay"] == {"task.png"}
    assert release_is_stale(course.assignment("classic")) == []


def test_a_marker_that_nbgrader_would_not_know(tmp_path: Path) -> None:
    course = make_classic_course(tmp_path)
    notebook, by_id = classic_source(course)
    by_id["test-square"].source = by_id["test-square"].source.replace(
        "### BEGIN HIDDEN TESTS", "### begin hidden tests"
    )
    by_id["test-cube"].metadata.nbgrader.points = -3
    nbformat.write(notebook, course.assignment("classic").source)
    with pytest.raises(FairmarkError) as caught:
        generate_release(course.assignment("classic"))
    assert [line.rpartition(".ipynb: ")[2] for line in caught.value.lines] == [
        "cell 3 (test_square): line 6 is END HIDDEN TESTS without BEGIN HIDDEN TESTS above it",
        "cell 3 (test_square): line 3, '### begin hidden tests', is no marker: "
        "write BEGIN HIDDEN TESTS",
        "cell 5 (test_cube): its points, -3, are below 0",
    ]
    assert not (course.root / "release").exists()


def test_nbgraders_own_command_refuses_it_too(tmp_path: Path) -> None:
    course = make_classic_course(tmp_path, USE)
    notebook, by_id = classic_source(course)
    by_id["square"].source += "\n    ### Begin Solution\n    secret\n    ### End Solution"
    by_id["square"].attachments = {}
    nbformat.write(notebook, course.assignment("classic").source)
    open_gradebook(course).close()
    result = nbgrader(course).generate_assignment("classic")
    assert not result["success"]
    assert "cell 2 (square): line 5, '### Begin Solution', is no marker" in result["log"]
    assert not list((course.root / "release").rglob("*.ipynb"))
    # What was released before still can be graded.
    assert course.assignment("classic").questions[0].points == 2


def test_nbgraders_own_command_takes_pictures_out(tmp_path: Path) -> None:
    course = make_classic_course(tmp_path, USE)
    notebook, by_id = classic_source(course)
    by_id["essay"].attachments = {"secret.png": PIXEL}
    nbformat.write(notebook, course.assignment("classic").source)
    open_gradebook(course).close()
    assert nbgrader(course).generate_assignment("classic")["success"]
    assert "secret.png" not in (course.root / "release/classic/classic.ipynb").read_text()
    assert release_is_stale(course.assignment("classic")) == []


def test_a_marker_in_a_header_is_refused(tmp_path: Path) -> None:
    course = make_classic_course(tmp_path, "c.IncludeHeaderFooter.header = 'header.ipynb'")
    header = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1  # begin solution")])
    nbformat.write(header, course.root / "header.ipynb")
    with pytest.raises(FairmarkError, match="cell 1 of the release still has the marker '1  # beg"):
        generate_release(course.assignment("classic"))


def test_what_nbgrader_itself_refuses_is_one_line(tmp_path: Path) -> None:
    course = make_classic_course(tmp_path, "c.ClearSolutions.code_stub = {'r': 'stop()'}")
    with pytest.raises(FairmarkError) as caught:
        generate_release(course.assignment("classic"))
    (line,) = caught.value.lines
    assert line.endswith(
        "classic.ipynb: language 'python' has not been specified in ClearSolutions.code_stub"
    )


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
    with pytest.raises(FairmarkError, match=r"cell 3 \(double\): line 2 is BEGIN SOLUTION w"):
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
    assert [cell["source"].splitlines()[-1] for cell in failed] == sources
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


MENDED_BY = "run `fairmark verify tiny`, or press Verify Graders in Formgrader"
NOT_PROVEN = f"tiny is not released: its graders have not been verified; {MENDED_BY}"


def test_nbgrader_releases_no_graders_that_are_not_proven(tiny: Assignment) -> None:
    open_gradebook(tiny.course).close()
    (tiny.graders / "verified.json").unlink()
    result = nbgrader(tiny.course).generate_assignment("tiny")
    assert not result["success"]
    assert result["log"].splitlines()[0] == f"[ERROR] {NOT_PROVEN}"
    assert result["error"].rstrip().endswith(f": {NOT_PROVEN}")
    assert not (tiny.course.root / "release").exists()


def test_a_grader_that_was_broken_since_leaves_the_release_as_it_was(tiny: Assignment) -> None:
    open_gradebook(tiny.course).close()
    assert nbgrader(tiny.course).generate_assignment("tiny")["success"]
    first = files(tiny.course.root / "release/tiny")
    grader = tiny.graders / "test_tiny.py"
    grader.write_text(grader.read_text().replace("6, hint", "7, hint"))
    result = nbgrader(tiny.course).generate_assignment("tiny", force=True)
    assert not result["success"]
    assert result["log"].splitlines() == [
        "[ERROR] tiny is not released: its graders or answers have changed since they were "
        f"verified; {MENDED_BY}"
    ]
    assert files(tiny.course.root / "release/tiny") == first


def test_nbgraders_command_asks_for_the_proof_too(tiny: Assignment) -> None:
    (tiny.graders / "verified.json").unlink()
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "tiny"]
    done = subprocess.run(
        command, cwd=tiny.course.root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert NOT_PROVEN in done.stderr
    assert "Traceback" not in done.stderr


def test_thin_graders_are_named_and_released(tiny: Assignment) -> None:
    open_gradebook(tiny.course).close()
    row = {"question": "mean", "thin": ["no hidden test", "no alternative"]}
    write_record(tiny, [row], {}, Lessons({}))
    result = nbgrader(tiny.course).generate_assignment("tiny")
    assert result["success"]
    assert result["log"].splitlines()[0] == (
        "[WARNING] tiny: the grader of mean is thin: it has no hidden test, no alternative"
    )
