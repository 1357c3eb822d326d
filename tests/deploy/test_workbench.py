"""The dev container: what it is made of, and that a class is graded with its options."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy import rootfs
from tests.deploy.rootfs import ROOT

FOLDER = ROOT / ".devcontainer"
PLACE = "/workspaces/fairmark"
ASSIGNMENT = "warm-up"


@pytest.fixture
def settings() -> Any:
    return json.loads((FOLDER / "devcontainer.json").read_text())


def test_what_it_names_is_there(settings: Any) -> None:
    build = settings["build"]
    dockerfile = FOLDER / build["dockerfile"]
    assert (FOLDER / build["context"]).resolve() == ROOT
    text = dockerfile.read_text()
    assert f" AS {build['target']}\n" in text
    assert f"useradd --uid 1000 --create-home {settings['remoteUser']}" in text
    assert settings["workspaceFolder"] == PLACE
    assert f"target={PLACE}," in settings["workspaceMount"]
    tools = text.partition(" AS course")[0]
    copied = [line for line in tools.splitlines() if line.startswith("COPY")]
    assert copied == ["COPY pyproject.toml /src/"]  # your own folder is put there


def test_its_options_are_the_graders(settings: Any) -> None:
    compose = yaml.safe_load((ROOT / "deploy/compose/compose.yaml").read_text())
    wanted = set(compose["services"]["grader"]["security_opt"]) - {"no-new-privileges:true"}
    found = {option.removeprefix("--security-opt=") for option in settings["runArgs"]}
    assert {each.replace("${localWorkspaceFolder}/deploy", "..") for each in found} == wanted


class TestRun:
    pytestmark = rootfs.MARKS

    @pytest.fixture
    def course(self, tmp_path: Path) -> Path:
        """This course with one assignment, owned by the container's user."""
        folder = tmp_path / "course"
        for name in ("nbgrader_config.py", "Makefile", "pyproject.toml"):
            folder.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, folder)
        names = ("source", "graders", "samples/students")
        for name in (*(f"{name}/{ASSIGNMENT}" for name in names), "reference"):
            shutil.copytree(ROOT / name, folder / name)
        shutil.copy(ROOT / "samples/build.py", folder / "samples")
        for name in ("autograded", "submitted", "release"):
            (folder / name).mkdir()
        for path in (folder, *folder.rglob("*")):
            os.chown(path, rootfs.USER, rootfs.USER)
        for above in (tmp_path, *tmp_path.parents[:2]):
            above.chmod(above.stat().st_mode | 0o001)
        return folder

    def test_make_grade(self, course: Path, settings: Any, tmp_path: Path) -> None:
        words = {"${localWorkspaceFolder}": str(ROOT), "systempaths=unconfined": "unmask=ALL"}
        options = settings["runArgs"]
        for word, meant in words.items():
            options = [option.replace(word, meant) for option in options]
        options += [f"--volume={course}:{PLACE}", f"--env=FAIRMARK_VENV={sys.prefix}"]
        options += ["--env=HOME=/tmp", f"--workdir={PLACE}"]
        way = tmp_path / "way"
        way.mkdir()
        ready = f"{sys.prefix}/.ready"
        done = subprocess.run(
            [*rootfs.podman(way, options), "make", "--old-file", ready, "grade"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        marks = (course / "grades.csv").read_text().splitlines()
        class_ = sorted(path.stem for path in (ROOT / f"samples/students/{ASSIGNMENT}").iterdir())
        for student in class_:
            assert any(student in line for line in marks), marks
            assert (course / f"feedback/{student}/{ASSIGNMENT}/{ASSIGNMENT}.html").is_file()
        assert (course / "report/index.html").is_file()


def test_its_packages_lie_apart_from_those_of_a_hub_with_accounts() -> None:
    """Which ``make hub ACCOUNTS=unix`` makes as root, by another rule of the Makefile."""
    environment = {**os.environ, "FAIRMARK_VENV": "/opt/fairmark/"}
    call = ["make", "help"]
    done = subprocess.run(
        call, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "let FAIRMARK_VENV name another folder" in done.stderr
    dockerfile = (ROOT / "deploy/workbench/Dockerfile").read_text()
    (place,) = re.findall(r"FAIRMARK_VENV=(\S+)", dockerfile)
    environment["FAIRMARK_VENV"] = place
    done = subprocess.run(
        call, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
