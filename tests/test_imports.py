"""Imports go down only: the contracts in pyproject.toml, and that they can be broken."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

WRONG = {
    "layers": ("intake/pieces.py", "from fairmark.grading.grade import grade"),
    "siblings": ("reporting/flags.py", "import fairmark.batch.batch"),
    "circle": ("syntax/cells.py", "import fairmark.wire.codec"),
    "untrusted": ("guest/agent.py", "import fairmark.course.course"),
    "student": ("harness/plugin.py", "import nbformat"),
    "sandboxes": ("grading/forks.py", "import fairmark.sandbox.host"),
}
"""A wrong import for each thing that is held, by the file that it is put into."""


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on a copy of the package."""
    return subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
        cwd=root,
        env={"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path, course_root: Path) -> Path:
    """A copy of the package, with the contracts."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(course_root / "fairmark", tmp_path / "fairmark", ignore=ignored)
    shutil.copy(course_root / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_import_is_told(copy: Path, kind: str) -> None:
    file, line = WRONG[kind]
    path = copy / "fairmark" / file
    path.write_text(path.read_text() + f"\n{line}\n")
    done = lint(copy)
    assert done.returncode == 1
    assert "BROKEN" in done.stdout
