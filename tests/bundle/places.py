"""Bundles run where their platforms would run them: folders, user, and no namespaces."""

from __future__ import annotations

import csv
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema

from fairmark.bundle import Choices, write_bundle
from fairmark.course.course import Course
from fairmark.selfcheck.actions import table
from tests import platforms
from tests.bundle.classes import Marks

SCHEMAS: dict[str, Any] = {
    name: json.loads(Path(__file__).with_name(f"{name}.schema.json").read_text())
    for name in ("gradescope", "prairielearn", "classroom50")
}
_SECONDS = 3600
_GRADESCOPE = """
set -e
bash /autograder/source/setup.sh
cp /autograder/source/run_autograder /autograder/run_autograder
for student in /class/*; do
  rm -rf /autograder/submission /autograder/results
  mkdir -p /autograder/submission /autograder/results
  cp -r "$student/$0/." /autograder/submission/
  chmod 755 /autograder
  echo "an earlier hidden test" > /autograder/submission_metadata.json
  bash /autograder/run_autograder > "/all/$(basename "$student").log" 2>&1 || true
  cp /autograder/results/results.json "/all/$(basename "$student").json" || true
done
find / -xdev -uid +63999 -uid -64900 2>/dev/null > /all/left.txt || true
"""
_PRAIRIELEARN = """
set -e
cp -r /image/packages /opt/fairmark-packages
chmod -R a+rX,go-w /opt/fairmark-packages
for student in /class/*; do
  rm -rf /grade
  mkdir -p /grade/student /grade/data
  echo '{}' > /grade/data/data.json
  cp -r /question/tests /grade/tests
  cp -r "$student/$0/." /grade/student/
  chmod +x /grade/tests/run.sh
  /grade/tests/run.sh > "/all/$(basename "$student").log" 2>&1 || true
  cp /grade/results/results.json "/all/$(basename "$student").json" || true
done
find / -xdev -uid +63999 -uid -64900 2>/dev/null > /all/left.txt || true
"""
_GITHUB = """
set -e
cd /home/runner/work/course
mkdir -p handins
for student in /class/*; do cp -r "$student/$0" "handins/$(basename "$student")"; done
bash grader/setup.sh
export GITHUB_STEP_SUMMARY=/all/summary.md
bash grader/run.sh > /all/github.txt 2>&1 || echo failed >> /all/github.txt
cp -r results/. /all/
ls -ld grader results > /all/modes.txt
find / -xdev -uid +63999 -uid -64900 2>/dev/null > /all/left.txt || true
"""


def unpacked(course: Course, name: str, platform: str, place: Path) -> Path:
    """Write a bundle, and return the folder that it is unpacked in."""
    bundle = place / f"{platform}.zip"
    write_bundle(course.assignment(name), platform, bundle, Choices())
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(place / platform)
    return place / platform


def _run(
    script: str,
    name: str,
    binds: dict[Path, str],
    folder: Path,
    *,
    landlock: bool = True,
) -> Path:
    """Run a script in a container's root file system; return the folder with what it leaves."""
    platforms.require()
    found, root = folder / "all", folder / "root"
    found.mkdir()
    root.mkdir()
    # What a bundle's set-up would install is there.
    binds |= {Path(sys.prefix): "/opt/fairmark", found: "/all"}
    command = ["bash", "-c", script, name]
    done = platforms.run(root, command, binds, landlock=landlock, seconds=_SECONDS)
    assert done.returncode == 0, done.stderr
    assert (found / "left.txt").read_text() == ""
    for log in found.glob("*.log"):
        assert log.read_text() == "", log.read_text()
    return found


def gradescope(
    bundle: Path, handins: Path, name: str, folder: Path, *, landlock: bool = True
) -> dict[str, Any]:
    """Return Gradescope's results by student; a bundle is unpacked."""
    binds = {bundle: "/autograder/source", handins: "/class"}
    return _results("gradescope", _run(_GRADESCOPE, name, binds, folder, landlock=landlock))


def prairielearn(bundle: Path, handins: Path, name: str, folder: Path) -> dict[str, Any]:
    """Return PrairieLearn's results by student."""
    binds = {bundle / "question": "/question", bundle / "image": "/image", handins: "/class"}
    return _results("prairielearn", _run(_PRAIRIELEARN, name, binds, folder))


def github(bundle: Path, handins: Path, name: str, folder: Path) -> Path:
    """Return the folder with what an instructor's repository has after its workflow."""
    binds = {bundle / "instructor": "/home/runner/work/course", handins: "/class"}
    found = _run(_GITHUB, name, binds, folder)
    log = (found / "github.txt").read_text()
    assert "failed" not in log.splitlines(), log
    assert (found / "modes.txt").read_text().count("drwx------") == 2
    return found


def github_rows(found: Path) -> dict[str, dict[str, str]]:
    """The lines of its table of marks, by student."""
    with (found / "grades.csv").open() as file:
        return {row.pop("student"): row for row in csv.DictReader(file)}


def _results(platform: str, found: Path) -> dict[str, Any]:
    graded = {path.stem: json.loads(path.read_text()) for path in found.glob("*.json")}
    for result in graded.values():
        jsonschema.validate(result, SCHEMAS[platform])
    return graded


def _gradescope_marks(bundle: Path, handins: Path, name: str, folder: Path) -> Marks:
    return {
        student: {test["name"]: test["score"] for test in result["tests"] if "score" in test}
        for student, result in gradescope(bundle, handins, name, folder).items()
    }


def _prairielearn_marks(bundle: Path, handins: Path, name: str, folder: Path) -> Marks:
    marks: Marks = {}
    for student, result in prairielearn(bundle, handins, name, folder).items():
        # What is not gradable has no entries.
        tests = result.get("tests", [])
        marks[student] = {test["name"]: test["points"] for test in tests}
        most = sum(test["max_points"] for test in tests)
        whole = round(result.get("score", 0.0) * most, 2)
        assert whole == round(sum(marks[student].values()), 2), student
    return marks


def _github_marks(bundle: Path, handins: Path, name: str, folder: Path) -> Marks:
    marks: Marks = {}
    found = github(bundle, handins, name, folder)
    summary = (found / "summary.md").read_text()
    for student, row in github_rows(found).items():
        score, _ = float(row.pop("score")), row.pop("max_score")
        marks[student] = {question: float(mark) for question, mark in row.items() if mark}
        assert score == round(sum(marks[student].values()), 2), student
        (report,) = json.loads((found / f"{student}.json").read_text())
        assert report["score"] == score, student
        assert summary.count(f"| {table('x', [[student]]).splitlines()[-1].strip('| ')} |") == 1
    return marks


MARKS: dict[str, Callable[[Path, Path, str, Path], Marks]] = {
    "gradescope": _gradescope_marks,
    "prairielearn": _prairielearn_marks,
    "github": _github_marks,
}
"""By platform: what gives the marks that it would show, of a bundle that is unpacked."""
