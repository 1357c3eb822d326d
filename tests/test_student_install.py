"""What a student has: the wheel and the release folder, and neither grader nor reference."""

from __future__ import annotations

import ast
import email.parser
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell

from tests import students

ASSIGNMENT = "perceptron"
NEVER_FORCED = {"torch", "torchvision", "scikit-learn", "nbgrader", "jupyterlab", "typer"}
HEAVY = {"black", "torch", "sklearn", "nbgrader", "sqlalchemy", "jupyter_client", "typer", "zmq"}


@pytest.fixture
def environment(package: Path, tmp_path: Path) -> dict[str, str]:
    """Variables under which Python finds the wheel's package, and not this repository."""
    return students.environment(package, tmp_path)


@pytest.fixture
def handed_out(course_root: Path, tmp_path: Path) -> Path:
    folder = tmp_path / ASSIGNMENT
    shutil.copytree(course_root / "release" / ASSIGNMENT, folder)
    return folder


@pytest.fixture
def hidden_tests(course_root: Path) -> set[str]:
    """The first lines of the docstrings of all hidden tests."""
    found = set()
    for path in (course_root / "graders" / ASSIGNMENT).glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                marks = {ast.unparse(decorator) for decorator in node.decorator_list}
                if "hidden" in marks:
                    found.add((ast.get_docstring(node) or "").splitlines()[0])
    assert found
    return found


def test_wheel_holds_the_package_only(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"fairmark"}
    assert "fairmark/py.typed" in names
    assert "fairmark/harness/templates/question.html" in names
    notebooks = [name for name in names if name.endswith(".ipynb")]
    assert notebooks == [
        "fairmark/course/templates/assignment.ipynb"
    ]  # what `fairmark new` lays out
    assert not [name for name in names if "/test_" in name]


def test_wheel_forces_nothing_large(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (path,) = [name for name in archive.namelist() if name.endswith("dist-info/METADATA")]
        metadata = email.parser.Parser().parsestr(archive.read(path).decode())
    wanted = metadata.get_all("Requires-Dist") or []
    core = {line.split(">")[0].split("<")[0].strip() for line in wanted if "extra ==" not in line}
    assert core
    assert not core & NEVER_FORCED


def test_check_needs_core_dependencies_only(environment: dict[str, str], tmp_path: Path) -> None:
    program = (
        "import importlib.util, sys\n"
        "from fairmark import check\n"
        "import fairmark.selfcheck.runner, fairmark.harness.render, fairmark.testing\n"
        "print(fairmark.__file__)\n"
        "print(*(name for name in ('reference', 'graders') if importlib.util.find_spec(name)))\n"
        "print(*{name.split('.')[0] for name in sys.modules})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    place, course, modules = done.stdout.splitlines()
    assert place.startswith(environment["PYTHONPATH"])
    assert not course.split()
    assert not HEAVY & set(modules.split())


def test_release_says_what_is_missing_and_nothing_hidden(
    handed_out: Path, environment: dict[str, str], hidden_tests: set[str]
) -> None:
    notebook = students.read(handed_out, ASSIGNMENT)
    students.run(notebook, handed_out, environment)
    checks = students.check_cells(notebook)
    assert checks
    for cell in checks:
        assert "not written yet" in students.text(cell), cell.source
    files = [path for path in handed_out.rglob("*") if path.is_file()]
    everything = "".join(path.read_bytes().decode(errors="replace") for path in files)
    shown = everything + "".join(map(students.text, checks))
    assert not [name for name in hidden_tests if name in shown]


def test_right_answers_pass_and_tests_are_loaded_once(
    handed_out: Path, environment: dict[str, str], course_root: Path
) -> None:
    notebook = students.read(handed_out, ASSIGNMENT)
    students.answer(notebook, students.solutions(course_root, ASSIGNMENT))
    count = "from fairmark.selfcheck import runner\nprint(*runner._load.cache_info()[:2])"
    notebook.cells.append(new_code_cell(count))
    students.run(notebook, handed_out, environment)
    checks = students.check_cells(notebook)
    for cell in checks:
        assert not students.failed(cell), cell.source
        assert "passed" in students.text(cell)
        assert "FAILED" not in students.text(cell)
    found, loaded = students.text(notebook.cells[-1]).split()
    assert int(loaded) == 1
    assert int(found) >= len(checks) - 1
