"""Starting Jupyter's programs."""

from __future__ import annotations

import subprocess
import sys

import jupyterhub
import pytest

from fairmark.startup import PYTHON_MODULE


@pytest.mark.parametrize("module", ["jupyterhub", "jupyterhub.singleuser"])
def test_the_program_runs_without_what_it_has_no_use_for(module: str) -> None:
    call = [sys.executable, "-X", "importtime", *PYTHON_MODULE[1:], module, "--version"]
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == jupyterhub.__version__
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "jsonschema" in loaded
    assert not {name for name in loaded if name.startswith(("rfc3987_syntax.", "lark"))}
