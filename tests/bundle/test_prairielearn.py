"""PrairieLearn's bundle, run where PrairieLearn would: its folders, its user, no namespaces."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import jsonschema

from fairmark.bundle import Choices, write_bundle
from fairmark.bundle.prairielearn import results
from fairmark.course.course import Course
from fairmark.harness.report import QuestionResult, Report, TestResult
from tests.bundle.places import SCHEMAS


def test_the_image_and_the_question(course_root: Path, tmp_path: Path) -> None:
    course = Course.load(course_root)
    bundle = tmp_path / "bundle.zip"
    choices = Choices(image="registry.example/grader:1")
    write_bundle(course.assignment("warm-up"), "prairielearn", bundle, choices)
    with zipfile.ZipFile(bundle) as archive:
        info = json.loads(archive.read("question/info.json"))
        page = archive.read("question/question.html").decode()
        dockerfile = archive.read("image/Dockerfile").decode()
        names = archive.namelist()
    options = info["externalGradingOptions"]
    assert (info["type"], info["gradingMethod"]) == ("v3", "External")
    assert options["image"] == "registry.example/grader:1"
    assert options["entrypoint"] == "/grade/tests/run.sh"
    assert "question/tests/run.sh" in names
    assert options["timeout"] == 600
    assert 'file-names="warm-up.ipynb"' in page
    assert f"FROM python:{sys.version_info[0]}.{sys.version_info[1]}-slim" in dockerfile
    assert not [name for name in names if name.startswith("image/") and "graders/" in name]
    lint = [str(Path(sys.executable).with_name("hadolint")), "--failure-threshold", "error", "-"]
    done = subprocess.run(lint, input=dockerfile, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_what_students_are_shown() -> None:
    tests = (
        TestResult("test_a", "Seen.", False, 1.0, True),
        TestResult("test_b", "Secret.", True, 1.0, False, message="f(31337) is wrong"),
    )
    questions = (
        QuestionResult("q", 1.0, 2.0, "graded", tests),
        QuestionResult("essay", None, 3.0, "manual"),
    )
    found = results([Report("a.ipynb", "tiny", questions)])
    jsonschema.validate(found, SCHEMAS["prairielearn"])
    assert found["score"] == 0.5
    assert [test["name"] for test in found["tests"]] == ["q"]
    assert "31337" not in str(found) and "Secret" not in str(found)


def test_what_cannot_be_read_costs_no_attempt() -> None:
    found = results([Report("a.ipynb", "tiny", (), error="this is no notebook")])
    jsonschema.validate(found, SCHEMAS["prairielearn"])
    assert found == {"gradable": False, "format_errors": ["this is no notebook"]}


def test_results_stay_within_what_is_taken() -> None:
    wrong = TestResult("test_a", "Seen.", False, 1.0, False, message="é\x01\n" * 1000)
    questions = tuple(
        QuestionResult(f"q{i}", 0.0, 1.0, "graded", (wrong,) * 1000) for i in range(3)
    )
    found = results([Report("a.ipynb", "tiny", questions)])
    assert 300_000 < len(json.dumps(found)) < 1_000_000
    assert [test["points"] for test in found["tests"]] == [0.0] * 3
