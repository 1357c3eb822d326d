"""The keys of cases: what costs a new proof, and what does not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import fairmark
from fairmark.course.proof import hash_files
from fairmark.errors import FairmarkError
from fairmark.verify import keys
from fairmark.verify.keys import _parts_imported, deciding_modules

ENGINE = Path(fairmark.__file__).parent
CHANGED = """
import sys
from pathlib import Path

root = Path(sys.argv[1])
sys.meta_path[:] = [finder for finder in sys.meta_path if isinstance(finder, type)]
sys.path.insert(0, str(root))
import fairmark
from fairmark.verify.keys import deciding_modules, engine_hash

assert Path(fairmark.__file__).is_relative_to(root)
before = engine_hash()
texts = {path: path.read_bytes() for path in sorted(root.rglob("*.py"))}


def is_noticed(paths):
    for path in paths:
        path.write_bytes(texts[path] + b"# changed\\n")
    noticed = engine_hash() != before
    for path in paths:
        path.write_bytes(texts[path])
    return noticed


def search(paths):
    # Halves are changed at once, down to the modules that are noticed.
    if paths and is_noticed(paths):
        if len(paths) == 1:
            print(paths[0].relative_to(root))
        else:
            search(paths[: len(paths) // 2])
            search(paths[len(paths) // 2 :])


# What is said to decide nothing is changed at once: where that is true, nothing is noticed.
said = set(deciding_modules().values())
assert said < texts.keys()
search([path for path in texts if path not in said])
for path in said:
    search([path])
assert engine_hash() == before
"""
"""Prints the modules of a copy of the engine whose change changes the keys."""


def test_what_of_the_engine_costs_a_new_proof(tmp_path: Path) -> None:
    shutil.copytree(ENGINE, tmp_path / "fairmark")
    done = subprocess.run(
        [sys.executable, "-c", CHANGED, str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = set(done.stdout.split())
    decide = {"testing", "harness/plugin", "harness/proxy", "harness/observe", "harness/diagnose"}
    assert found >= {f"fairmark/{name}.py" for name in decide}
    assert found >= {str(p.relative_to(ENGINE.parent)) for p in ENGINE.glob("verify/[a-z]*.py")}
    assert {Path(path).parts[1] for path in found} == {"testing.py", "harness", "verify"}
    assert "fairmark/harness/render.py" not in found, "it only makes pages"


def test_a_module_without_a_file_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    module = tmp_path / "observe.py"
    module.write_text("import fairmark.harness.renamed\n")
    real = keys._file
    monkeypatch.setattr(
        keys, "_file", lambda name: module if name.endswith(".observe") else real(name)
    )
    with pytest.raises(FairmarkError, match=r"fairmark\.harness\.renamed.* has no file"):
        deciding_modules()


def test_a_file_of_the_course_that_vanishes_is_told(tmp_path: Path) -> None:
    with pytest.raises(FairmarkError, match=r"cannot read .*gone\.py"):
        hash_files([tmp_path / "gone.py"])


def test_what_only_some_graders_import_costs_these_a_new_proof(tmp_path: Path) -> None:
    """Adopted graders import a package that no other grader needs."""
    usual, adopted = tmp_path / "test_usual.py", tmp_path / "test_adopted.py"
    usual.write_text("from fairmark.testing import question\n")
    adopted.write_text("from fairmark import faithful\nfrom fairmark.testing import question\n")
    assert _parts_imported([usual]) == set()
    assert {path.parent.name for path in _parts_imported([usual, adopted])} == {"faithful"}
    assert len(_parts_imported([adopted])) > 3
