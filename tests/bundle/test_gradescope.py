"""Gradescope's bundle, run where Gradescope would: its folders, its user, and no namespaces."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import jsonschema
import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from fairmark.bundle import Choices, pack, write_bundle
from fairmark.bundle.contents import requirements
from fairmark.bundle.gradescope import results
from fairmark.cli.main import main
from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.harness.report import QuestionResult, Report, TestResult
from tests.attacks.prey import CANARY, corpus, make_prey
from tests.bundle.places import SCHEMAS, gradescope, unpacked
from tests.tiny import RIGHT, answer, make_course

WRONG = {**RIGHT, "mean": "def mean(x):\n    return x[0]"}
TELLS = "def mean(x):\n    return open('/autograder/submission_metadata.json').read()"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = make_course(tmp_path / "course")
    handed_in = {"ada": RIGHT, "bob": WRONG, "mallory": {**RIGHT, "mean": TELLS}}
    for student, answers in handed_in.items():
        folder = course.folder("submitted", student, "tiny")
        folder.mkdir(parents=True)
        nbformat.write(answer(course.assignment("tiny"), answers), folder / "tiny.ipynb")
    folder = course.folder("submitted", "eve", "tiny")
    folder.mkdir(parents=True)
    (folder / "tiny.ipynb").write_text("no notebook")
    return course


def test_only_what_grading_needs_goes_in(course: Course, tmp_path: Path) -> None:
    (course.root / "gradebook.db").write_text("marks")
    (course.root / "reference/other.py").write_text("SOLUTION = 1")
    (course.root / "graders/other").mkdir()
    (course.root / "graders/other/test_other.py").write_text("")
    paths = tmp_path / "one.zip", tmp_path / "two.zip"
    for path in paths:
        write_bundle(course.assignment("tiny"), "gradescope", path, Choices())
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with zipfile.ZipFile(paths[0]) as archive:
        names = set(archive.namelist())
        modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in archive.infolist()}
        pins = archive.read("requirements.txt").decode().splitlines()
    assert {name for name in names if name.startswith("course/")} == {
        f"course/{name}"
        for name in (
            "nbgrader_config.py",
            "graders/tiny/test_tiny.py",
            "reference/__init__.py",
            "reference/tiny.py",
            "source/tiny/tiny.ipynb",
        )
    }
    assert {name for name in names if "/" not in name} == {
        "setup.sh",
        "run_autograder",
        "requirements.txt",
        "bundle.json",
    }
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755
    assert "packages/fairmark/sandbox/zygote.py" in names
    assert any(pin.startswith("numpy==") for pin in pins)
    assert not [pin for pin in pins if "+" in pin or pin.startswith(("torch", "fairmark"))]


@pytest.mark.parametrize("has_landlock", [True, False])
def test_a_class_gets_the_same_marks_there(
    course: Course, tmp_path: Path, has_landlock: bool
) -> None:
    bundle = unpacked(course, "tiny", "gradescope", tmp_path)
    handins = course.root / "submitted"
    graded = gradescope(bundle, handins, "tiny", tmp_path, landlock=has_landlock)
    assert {name: result["score"] for name, result in graded.items()} == {
        "ada": 5.0,
        "bob": 2.0,
        "eve": 0.0,
        "mallory": 2.0,
    }
    assert "Permission denied" in str(graded["mallory"])
    assert "an earlier hidden test" not in str(graded["mallory"])
    assert "no notebook" in graded["eve"]["output"]


def test_attacks_gain_and_read_nothing_there(tmp_path: Path) -> None:
    prey = make_prey(tmp_path / "prey").assignment("tiny")
    names = ("read_files", "forge_files", "daemon", "read_environment")
    attacks = {attack.name: attack for attack in corpus() if attack.name in names}
    assert len(attacks) == len(names)
    for name, attack in attacks.items():
        attack.hand_in(prey, name)
    shutil.rmtree(prey.course.folder("submitted", "alice"))
    bundle = unpacked(prey.course, "tiny", "gradescope", tmp_path)
    graded = gradescope(bundle, prey.course.root / "submitted", "tiny", tmp_path)
    assert {name: result["score"] for name, result in graded.items()} == {
        name: attack.points for name, attack in attacks.items()
    }
    shown = [test for result in graded.values() for test in result["tests"]]
    assert CANARY not in str([test for test in shown if test["visibility"] == "visible"])


def test_hidden_tests_are_for_instructors_or_told_later() -> None:
    tests = (
        TestResult("test_a", "Seen.", False, 1.0, True),
        TestResult("test_b", "secret[31337]", True, 1.0, False, message="f(31337) is <b>wrong</b>"),
    )
    questions = (
        QuestionResult("q", 1.0, 2.0, "graded", tests),
        QuestionResult("essay", None, 3.0, "manual"),
    )
    report = Report("<i>.ipynb", "tiny", questions, error="<script>")
    for hidden in ("hidden", "after_published"):
        found = results([report], hidden, 1.0)
        jsonschema.validate(found, SCHEMAS["gradescope"])
        assert found["score"] == 1.0
        assert "<script>" not in found["output"]
        whole, seen, secret, *later, essay = found["tests"]
        assert (whole["score"], whole["max_score"], whole["status"]) == (1.0, 2.0, "failed")
        assert seen["visibility"] == whole["visibility"] == "visible"
        assert secret["visibility"] == "hidden"
        assert "31337" in secret["output"]
        assert "31337" not in whole["output"]
        told = {"name": "q: further check 1", "status": "failed", "visibility": hidden}
        assert later == ([told] if hidden == "after_published" else [])
        assert "score" not in essay


def test_the_command(course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "there.zip"
    call = ["bundle", "tiny", "--for", "gradescope", "--course", str(course.root), "-o", str(place)]
    assert main([*call, "--hidden-tests", "after_published"]) == 0
    with zipfile.ZipFile(place) as archive:
        assert json.loads(archive.read("bundle.json"))["hidden"] == "after_published"
    assert main([*call, "--wheels", str(tmp_path)]) == 1
    assert "has no wheels" in capsys.readouterr().err
    assert main(["bundle", "nothing", *call[2:]]) == 2


def test_data_outside_of_the_course_is_refused(course: Course, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/digits.csv").write_text("1")
    course.config.Fairmark.data = [str(tmp_path / "data")]
    there = Course(course.root, course.config).assignment("tiny")
    with pytest.raises(FairmarkError, match=r"digits\.csv lies outside of the course"):
        write_bundle(there, "gradescope", tmp_path / "bundle.zip", Choices())


def test_wheels_make_the_installation_one_without_a_network(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """setup.sh of a bundle, in a place with no network: pip finds what it needs in the bundle."""
    pins = ["alpha==1.0", "Be_ta==1.0"]  # the list of a real bundle is long
    monkeypatch.setattr(pack, "requirements", lambda assignment, extra="": pins)
    folder, made = tmp_path / "wheels", tmp_path / "made"
    folder.mkdir()
    bundle = tmp_path / "tiny.zip"
    choices = Choices(wheels=folder)
    _wheel(folder, "alpha", "1.0")
    _wheel(folder, "be_ta", "0.9")
    with pytest.raises(FairmarkError, match=r"lacks Be_ta==1\.0: `pip wheel"):
        write_bundle(course.assignment("tiny"), "gradescope", bundle, choices)
    _wheel(folder, "be_ta", "1.0")
    write_bundle(course.assignment("tiny"), "gradescope", bundle, choices)
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(made)
    assert {path.name for path in (made / "wheels").iterdir()} == {
        "alpha-1.0-py3-none-any.whl",
        "be_ta-1.0-py3-none-any.whl",
    }
    script = (made / "setup.sh").read_text()
    home, packages = tmp_path / "home", tmp_path / "packages"
    for place, there in (
        ("/autograder/source", made),
        ("/opt/fairmark-packages", packages),
        ("/opt/fairmark", home),
    ):
        assert place in script
        script = script.replace(place, str(there))
    script = script.replace("for python in", f"for python in {sys.executable}")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "http://127.0.0.1:9/",
    }
    call = ["bash", "-c", script]
    done = subprocess.run(call, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    python = home / "bin/python"
    found = [str(python), "-c", "import alpha, be_ta; print(alpha.__file__)"]
    told = subprocess.run(found, capture_output=True, text=True, check=True).stdout
    assert told.startswith(str(home))
    # One that is missing ends the set-up, and is not looked for elsewhere.
    shutil.rmtree(home)
    (made / "wheels/be_ta-1.0-py3-none-any.whl").unlink()
    done = subprocess.run(call, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "Be_ta==1.0" in done.stderr


def test_the_list_is_whole(course: Course) -> None:
    """pip, asked for the list alone and for no dependency of it, leaves nothing out."""
    pins = {
        canonicalize_name(pin.partition("==")[0]) for pin in requirements(course.assignment("tiny"))
    }
    for name in pins:
        for text in metadata.requires(name) or []:
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                assert canonicalize_name(needed.name) in pins, f"{name} needs {needed.name}"
                for extra in needed.extras:
                    for more in metadata.requires(needed.name) or []:
                        part = Requirement(more)
                        if part.marker is not None and part.marker.evaluate({"extra": extra}):
                            assert canonicalize_name(part.name) in pins, f"{name} needs {part}"


def _wheel(folder: Path, name: str, version: str) -> None:
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", "")
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
