"""The commands in a course without graders: released, checked, graded, told."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from fairmark.cli.main import main
from tests.classic import RIGHT, make_classic_course, make_pair_course

CONFIG = "from fairmark.nbgrader.config import use_fairmark\nuse_fairmark(c)"

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


def test_a_course_without_graders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    course = make_classic_course(tmp_path / "course", CONFIG)
    monkeypatch.chdir(course.root)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "1")  # as the commands set it, but not for the tests after these
    assert main(["generate"]) == 0, "there are no graders to be verified first"
    assert main(["generate", "--check"]) == 0
    assert main(["verify"]) == 1
    assert "classic: CANNOT BE TRUSTED, 3 reasons above (13 of 16" in capfd.readouterr().out
    notebook = nbformat.read(course.root / "release/classic/classic.ipynb", 4)
    for cell in notebook.cells:
        cell.source = RIGHT.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    folder = course.folder("submitted", "ada", "classic")
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / "classic.ipynb")
    assert main(["check", "--json", str(folder / "classic.ipynb")]) == 0
    (report,) = json.loads(capfd.readouterr().out)
    assert (report["score"], report["max_score"], report["forgeable"]) == (8, 8, True)
    assert main(["check", str(folder / "classic.ipynb")]) == 0
    told = "The marks of classic can be forged: its own test cells gave them"
    assert capfd.readouterr().out.count(told) == 1
    assert main(["autograde"]) == 0
    assert capfd.readouterr().out.count(told) == 1
    assert main(["feedback"]) == 0
    assert (course.folder("feedback", "ada", "classic") / "classic.html").is_file()


def test_an_assignment_that_cannot_be_released_keeps_no_other_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    course = make_classic_course(tmp_path / "course", CONFIG)
    monkeypatch.chdir(course.root)
    for name in ("bent", "early"):
        faulty = nbformat.read(course.source / "classic" / "classic.ipynb", 4)
        faulty.cells.append(
            nbformat.v4.new_code_cell("### BEGIN SOLUTION\nx = 1\n### END SOLUTION")
        )
        (course.source / name).mkdir()
        nbformat.write(faulty, course.source / name / f"{name}.ipynb")
    for command in (["generate"], ["generate", "--check"]):
        assert main(command) == 1
        out, err = capfd.readouterr()
        assert "release/classic" in out
        assert [name for name in ("bent", "early") if f"{name}.ipynb" in err] == ["bent", "early"]
    assert (course.root / "release/classic/classic.ipynb").is_file()
    assert not (course.root / "release/bent").exists()


def test_a_course_with_several_notebooks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    course = make_pair_course(tmp_path / "course", CONFIG)
    monkeypatch.chdir(course.root)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "1")
    other = course.source / "other" / "other.ipynb"
    other.parent.mkdir()
    source = (course.source / "classic" / "first.ipynb").read_text()
    other.write_text(source.replace('"language": "python"', '"language": "R"'))
    assert main(["generate"]) == 0
    assert capfd.readouterr().out == f"Made {course.root}/release/classic\n"
    notebook = nbformat.read(course.root / "release/classic/first.ipynb", 4)
    for cell in notebook.cells:
        cell.source = RIGHT.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    folder = course.folder("submitted", "ada", "classic")
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / "mine.ipynb")
    nbformat.write(notebook, folder / "second.ipynb")
    assert main(["check", "--json", str(folder / "mine.ipynb")]) == 0
    (report,) = json.loads(capfd.readouterr().out)
    assert (report["assignment"], report["score"]) == ("classic/first", 8)
    path = str(folder / "second.ipynb")
    assert main(["check", "--json", "--assignment", "classic/second", path]) == 0
    (report,) = json.loads(capfd.readouterr().out)
    assert (report["assignment"], report["score"]) == ("classic/second", 5)
    assert main(["autograde"]) == 0
    told = capfd.readouterr()
    assert "left to `nbgrader autograde other`: other.ipynb is not in Python" in told.err
    assert "1 submission with 2 notebooks in" in told.out
    assert told.out.count("can be forged") == 1, "it is said once, not of each notebook"
    assert "The marks of classic can be forged" in told.out
    assert [line.split()[1:4:2] for line in told.out.splitlines() if " ada " in line] == [
        ["classic/first", "/"],
        ["classic/second", "/"],
    ]
    assert main(["autograde", "other"]) == 2
    assert "other is left to nbgrader" in capfd.readouterr().err
    assert main(["feedback"]) == 0
    assert main(["export", "--to", "csv"]) == 0
    assert ",,34,first/essay" in (course.root / "grades.csv").read_text()


def test_each_fault_of_a_source_is_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    course = make_classic_course(tmp_path / "course")
    monkeypatch.chdir(course.root)
    path = course.source / "classic/classic.ipynb"
    text = path.read_text().replace('"points": 3', '"points": -3')
    path.write_text(text.replace("### BEGIN HIDDEN TESTS", "### begin  hidden tests"))
    assert main(["generate"]) == 1
    lines = capfd.readouterr().err.splitlines()
    assert [line.rpartition("classic.ipynb: ")[2] for line in lines] == [
        "cell 3 (test_square): line 6 is END HIDDEN TESTS without BEGIN HIDDEN TESTS above it",
        "cell 3 (test_square): line 3, '### begin hidden tests', is no marker: "
        "write BEGIN HIDDEN TESTS",
        "cell 5 (test_cube): its points, -3, are below 0",
        "cell 7 (test_share): its points, -3, are below 0",
    ]
    assert all(line.startswith("fairmark: ") for line in lines)
