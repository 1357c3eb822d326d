"""The doctor, on this machine and on machines that lack something."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from fairmark.course.course import Course
from fairmark.doctor import Inspection, _gpu, examine
from fairmark.errors import FairmarkError
from fairmark.sandbox import make_sandbox
from fairmark.sandbox.gpu import Gpu
from tests.cli import FAIRMARK
from tests.tiny import make_course


def found(course: Course | None = None) -> dict[str, list[Inspection]]:
    findings: dict[str, list[Inspection]] = {}
    for finding in examine(course):
        findings.setdefault(finding.what, []).append(finding)
    return findings


def test_a_machine_that_can_grade(tmp_path: Path) -> None:
    findings = found(make_course(tmp_path))
    bad = [f for some in findings.values() for f in some if f.verdict == "bad"]
    assert bad == []
    seals = 2 if os.getuid() == 0 else 1
    assert len(findings["sealed off"]) == 4 * seals
    assert len([f for f in findings["seal account"] if "not covered" in f.detail]) >= 3 * (
        seals - 1
    )
    assert "tiny" in findings["course"][0].detail
    assert "none yet" in findings["gradebook"][0].detail


def test_as_the_first_process_of_a_container() -> None:
    """Its number, 1, is that of a process in the sandbox, too."""
    alone = ["unshare", "--pid", "--fork", "--mount-proc"]
    if os.getuid() != 0:
        alone += ["--user", "--map-current-user"]
    done = subprocess.run(
        [*alone, *FAIRMARK, "doctor"], cwd="/", capture_output=True, text=True, timeout=120
    )
    if done.stderr.startswith("unshare: "):
        pytest.skip(done.stderr)
    assert "student code cannot reach this machine's processes" in done.stdout


def test_a_sandbox_that_is_not_sealed_raises_the_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fairmark.doctor.make_sandbox", lambda mode: make_sandbox(mode="none"))
    told = {f.detail for f in found()["sealed off"] if f.verdict == "bad"}
    assert "student code can reach this machine's processes" in told


def test_data_folders(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    assert found(course)["data folders"][0].detail == "none is named"
    course.config.Fairmark.data = [str(tmp_path / "nowhere")]
    again = Course(course.root, course.config)
    (finding,) = found(again)["data folders"]
    assert finding.verdict == "bad" and "nowhere is no folder" in finding.detail


def test_without_bubblewrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    findings = found()
    assert "apt-get install bubblewrap" in findings["bubblewrap"][0].detail
    assert "not possible here" in findings["seal bubblewrap"][0].detail
    if os.getuid() == 0:
        assert "--sandbox=account" in findings["seal"][0].detail
    else:
        assert findings["seal"][0].verdict == "bad"
    assert "course" not in findings


def test_a_sandbox_that_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'No permissions to create a new namespace' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    findings = found()
    assert "No permissions" in findings["seal bubblewrap"][0].detail


def test_a_machine_that_can_have_no_seal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    findings = found()
    assert "this is not root" in findings["seal account"][0].detail
    assert findings["seal"][0].verdict == "bad"


def test_a_course_that_lacks_a_library(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    course.config.Fairmark.preload = ["numpy", "nothing_like_this.at_all"]
    (finding,) = found(course)["what notebooks import"]
    assert finding.verdict == "bad"
    assert "nothing_like_this" in finding.detail


def test_a_module_beside_a_notebook_that_lacks_a_library(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    source = course.assignments()[0].source
    notebook = nbformat.read(source, 4)
    notebook.cells.append(new_code_cell("import tools"))
    nbformat.write(notebook, source)
    (source.parent / "tools.py").write_text("import more\nimport tools\n")
    guarded = "try:\n    import nothing_of_need\nexcept ImportError:\n    pass\n"
    (source.parent / "more.py").write_text(f"import json, nothing_like_this.at_all\n{guarded}")
    (finding,) = found(Course.load(course.root))["what notebooks import"]
    assert finding.verdict == "bad" and finding.detail.startswith("nothing_like_this: install")


def test_whether_a_gpu_could_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(environ: object) -> None:
        raise FairmarkError("there is none")

    monkeypatch.setattr("fairmark.doctor.find_gpu", none)
    course = make_course(tmp_path)
    (told,) = _gpu(course)
    assert told == Inspection("GPU", "good", "none is asked for; there is none")
    with (tmp_path / "nbgrader_config.py").open("a") as config:
        config.write('c.Fairmark.assignment_limits = {"tiny": {"gpu_memory_mib": 9}}\n')
    (told,) = _gpu(Course.load(tmp_path))
    assert told == Inspection("GPU", "warning", "tiny cannot be graded here: there is none")
    gpu = Gpu("0000:41:00.0", (("/dev/nvidia3", "/dev/nvidia3"),))
    monkeypatch.setattr("fairmark.doctor.find_gpu", lambda environ: gpu)
    monkeypatch.setattr("fairmark.doctor.NvmlReader", IdleGpu)
    (told,) = _gpu(course)
    assert (told.verdict, told.detail[:12]) == ("good", "/dev/nvidia3")


class IdleGpu:
    def __init__(self, place: str) -> None:
        assert place == "0000:41:00.0"

    def used_mib(self) -> dict[int, float]:
        return {}
