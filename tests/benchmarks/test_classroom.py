import ast
import json
from itertools import islice
from pathlib import Path

import nbformat

from benchmarks import otter
from benchmarks.classroom import ASSIGNMENT, make_course, source_notebook, submissions


def test_the_notebook_is_made_of_its_script() -> None:
    notebook = source_notebook()
    nbformat.validate(notebook)
    marks = [cell.metadata.nbgrader for cell in notebook.cells if "nbgrader" in cell.metadata]
    assert sum(mark.get("points", 0) for mark in marks) == 10
    assert [mark.grade_id for mark in marks if mark.solution] == [
        "scale", "softmax", "make_model", "train",
    ]  # fmt: skip


def test_submissions_are_code_without_markers_and_differ() -> None:
    texts = set()
    for notebook in islice(submissions(), 8):
        text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
        ast.parse(text)
        assert "SOLUTION" not in text
        texts.add(text)
    assert len(texts) == 8


def test_only_one_of_the_courses_knows_of_fairmark(tmp_path: Path) -> None:
    ours = make_course(tmp_path / "ours", 2, fairmark=True)
    stock = make_course(tmp_path / "stock", 2, fairmark=False)
    assert (ours / "graders" / ASSIGNMENT / "test_digits.py").is_file()
    assert not (stock / "graders").exists()
    assert "airmark" not in (stock / "nbgrader_config.py").read_text()
    notebook = f"submitted/student0002/{ASSIGNMENT}/{ASSIGNMENT}.ipynb"
    assert (ours / notebook).read_bytes() == (stock / notebook).read_bytes()


def test_otter_gets_the_same_cells_and_the_check_cells_as_tests(tmp_path: Path) -> None:
    (path,) = otter.make_class(tmp_path / "class", 1)
    notebook = next(submissions())
    checks = {cell.id: cell.source for cell in notebook.cells if cell.id.startswith("check_")}
    handed_in = [cell.source for cell in nbformat.read(path, 4).cells]
    assert handed_in == [cell.source for cell in notebook.cells if cell.id not in checks]
    for name, code in checks.items():
        test = (tmp_path / "class" / "tests" / f"{name}.py").read_text()
        (body,) = [n for n in ast.walk(ast.parse(test)) if isinstance(n, ast.FunctionDef)]
        assert code in [n.value for n in ast.walk(body) if isinstance(n, ast.Constant)]


def test_points_are_read_from_otters_results(tmp_path: Path) -> None:
    tests = [{"name": "Public Tests"}, {"name": "a", "score": 2.0}, {"name": "b", "score": 0.5}]
    (tmp_path / "results.json").write_text(json.dumps({"tests": tests}))
    assert otter.points_given(tmp_path / "results.json") == 2.5
