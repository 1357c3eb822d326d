"""Students on Windows and macOS: check cells need nothing of Unix, and read UTF-8 everywhere."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from tests import other_system, students

ASSIGNMENT = "warm-up"
ENDLESS = "def scores(X, w):\n    while True:\n        pass"
FIRST = """
import sys
import jinja2, matplotlib.pyplot, numpy, pytest  # built for this system
sys.path.append({!r})
import other_system
assert "fairmark" not in sys.modules
other_system.hide()
"""
ASKED = """
import importlib, locale, os, signal
for name in ("fcntl", "resource", "pwd", "grp", "termios"):
    try:
        importlib.import_module(name)
    except ImportError:
        continue
    print("there is", name)
found = [n for n in ("fork", "getuid") if hasattr(os, n)]
found += [n for n in ("SIGALRM", "SIGVTALRM", "setitimer", "pthread_kill") if hasattr(signal, n)]
print(*found, locale.getpreferredencoding())
"""


@pytest.fixture(scope="module")
def folder(course_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release in a folder as Windows names them, whose checks allow a call one second."""
    folder = tmp_path_factory.mktemp("windows") / r"C:\Users\ada\Exercise 1"
    shutil.copytree(course_root / "release" / ASSIGNMENT, folder)
    checks = folder / "checks.py"
    text = checks.read_text()
    assert text.count('"call_seconds": 8.0') == 1
    checks.write_text(text.replace('"call_seconds": 8.0', '"call_seconds": 1.0'))
    return folder


@pytest.fixture(scope="module")
def notebook(course_root: Path, package: Path, folder: Path) -> NotebookNode:
    """The notebook with right answers, as it has run there; an endless loop at its end."""
    notebook = students.read(folder, ASSIGNMENT)
    students.answer(notebook, students.solutions(course_root, ASSIGNMENT))
    place = str(Path(other_system.__file__).parent)
    notebook.cells.insert(0, new_code_cell(FIRST.format(place)))
    notebook.cells += [new_code_cell(text) for text in (ENDLESS, 'check("scores")', ASKED)]
    variables = students.environment(package, folder.parent) | {
        "LC_ALL": "C",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONUTF8": "0",
        "MPLBACKEND": "agg",
    }
    students.run(notebook, folder, variables)
    return notebook


def test_the_kernel_has_nothing_of_unix(notebook: NotebookNode) -> None:
    assert students.text(notebook.cells[-1]).split() == ["ANSI_X3.4-1968"]


def test_right_answers_pass(notebook: NotebookNode) -> None:
    checks = students.check_cells(notebook)
    assert len(checks) > 5
    for cell in checks:
        assert not students.failed(cell), students.text(cell)
        assert "passed" in students.text(cell)


def test_an_endless_loop_is_stopped(notebook: NotebookNode) -> None:
    said = students.text(notebook.cells[-2])
    assert "did not answer within 1 seconds" in said
    assert "Is there a loop that never ends?" in said
