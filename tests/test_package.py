"""The package as it would be published, and the workflows that would test and publish it."""

from __future__ import annotations

import email
import re
import subprocess
import sys
import tarfile
from email.message import Message
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import yaml

PUBLISH, TESTS = ".github/workflows/publish.yml", ".github/workflows/tests.yml"


@pytest.fixture(scope="module")
def built(course_root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What `python -m build` makes: the source, and a wheel of it."""
    folder = tmp_path_factory.mktemp("dist")
    program("build", "--no-isolation", "--outdir", folder, course_root)
    return {"".join(path.suffixes[-2:])[-4:]: path for path in folder.iterdir()}


def program(module: str, *arguments: object) -> str:
    call = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def metadata(built: dict[str, Path]) -> Message:
    with ZipFile(built[".whl"]) as wheel:
        (name,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
        return email.message_from_bytes(wheel.read(name))


def test_it_may_be_published(built: dict[str, Path], metadata: Message, course_root: Path) -> None:
    assert program("twine", "check", "--strict", *built.values()).count("PASSED") == 2
    assert metadata["License-Expression"] == "BSD-3-Clause"
    assert metadata["License-File"] == "LICENSE"
    assert re.fullmatch(r"\d+\.\d+\.\d+", metadata["Version"])
    changes = (course_root / "CHANGELOG.md").read_text()
    newest = re.search(r"^## (\S+)", changes, re.MULTILINE)
    assert newest is not None
    assert newest[1] == metadata["Version"]
    for guide in ("README.md", "docs/student-guide.md"):
        named = set(re.findall(r"fairmark-([\d.]+)-py3", (course_root / guide).read_text()))
        assert named == {metadata["Version"]}, guide
    assert "Framework :: Jupyter" in metadata.get_all("Classifier", [])


def test_the_source_holds_what_makes_the_wheel_and_nothing_of_the_course(
    built: dict[str, Path],
) -> None:
    with tarfile.open(built["r.gz"]) as source:
        names = {name.partition("/")[2] for name in source.getnames()}
    tops = {name.partition("/")[0] for name in names}
    kept = {"fairmark", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"}
    assert kept <= tops <= kept | {"PKG-INFO", ".gitignore"}
    with ZipFile(built[".whl"]) as wheel:
        packed = {name for name in wheel.namelist() if name.startswith("fairmark/")}
    assert packed == {name for name in names if name.startswith("fairmark/")}


def test_the_workflow_publishes_without_a_password(course_root: Path) -> None:
    workflow = workflow_of(path := course_root / PUBLISH)
    assert workflow["permissions"] == {}
    jobs = workflow["jobs"]
    assert jobs["build"]["permissions"] == {"contents": "read"}
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert "secrets." not in path.read_text()
    run = [step.get("run") for step in jobs["build"]["steps"]]
    assert "python -m build" in run
    assert "twine check --strict dist/*" in run


def test_a_workflow_runs_all_that_can_be_tested(course_root: Path) -> None:
    """What ``make test`` leaves out, too, and with no right but to read."""
    workflow = workflow_of(course_root / TESTS)
    assert workflow["permissions"] == {}
    jobs = workflow["jobs"]
    assert all(job["permissions"] == {"contents": "read"} for job in jobs.values())
    run = {name: job["steps"][-1]["run"] for name, job in jobs.items()}
    assert run == {"test": ".ci/run", "containers": "make test-containers"}
    assert "\nmake test\n" in (course_root / ".ci/run").read_text()


def workflow_of(path: Path) -> Any:
    """A workflow that fits GitHub's own schema."""
    program("check_jsonschema", "--builtin-schema", "vendor.github-workflows", path)
    return yaml.safe_load(path.read_text())
