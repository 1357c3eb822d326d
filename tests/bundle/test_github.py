"""GitHub's bundle: what students' repositories run, and what the instructor's own one does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import nbformat
import pytest
import yaml

from fairmark.bundle import github
from fairmark.cli.main import main
from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.selfcheck.actions import annotation, table
from samples import build
from tests.attacks.prey import CANARY, corpus, make_prey
from tests.bundle import places
from tests.bundle.classes import Graded
from tests.bundle.places import SCHEMAS, unpacked
from tests.tiny import RIGHT, answer, make_course

NAME = "warm-up"
RUNNER = {
    "CLASSROOM": "nn",
    "ASSIGNMENT": "warm-up",
    "SUBMISSION_TAG": "submit/2026-11-30T10-00-00Z-abcdef0",
    "COMMIT_URL": "https://github.example/c",
    "RELEASE_URL": "https://github.example/r",
    "OWNER": "ada",
    "ASSIGNMENT_TYPE": "individual",
}


def check_there(
    repository: Path, call: list[str], environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run what a workflow runs, in a checkout of a student's repository."""
    return subprocess.run(
        [sys.executable, *call],
        cwd=repository,
        env={"PATH": os.environ["PATH"], "HOME": str(repository), **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def workflow_call(bundle: Path) -> list[str]:
    """What the student's workflow runs, without its Python."""
    workflow = yaml.safe_load((bundle / "student/.github/workflows/checks.yml").read_text())
    (job,) = workflow["jobs"].values()
    python, *call = job["steps"][-1]["run"].split()
    assert python == "python" and workflow["permissions"] == {"contents": "read"}
    return [str(part) for part in call]


@pytest.fixture(scope="module")
def here(graded: Callable[[str], Graded]) -> Graded:
    return graded(NAME)


@pytest.fixture(scope="module")
def bundle(here: Graded, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked(here.course, NAME, "github", tmp_path_factory.mktemp("made"))


def test_what_students_can_read_holds_nothing_hidden(bundle: Path) -> None:
    for folder in ("student", "classroom50"):
        for path in (bundle / folder).rglob("*"):
            inside = path.relative_to(bundle / folder)
            if path.is_file() and "packages" not in inside.parts:
                text = path.read_bytes()
                assert b"BEGIN SOLUTION" not in text and b"BEGIN HIDDEN" not in text
                assert b"import hidden" not in text and b"@hidden" not in text, path
        assert not list((bundle / folder).rglob("graders/*"))
        assert not list((bundle / folder).rglob("reference/*"))
        pins = (bundle / folder).rglob("requirements.txt")
        assert not [p for p in pins if "nbgrader" in p.read_text()]
    assert (bundle / "instructor/grader/course/graders" / NAME).is_dir()


def test_the_workflows_are_as_githubs_schema_wants_them(bundle: Path) -> None:
    checker = str(Path(sys.executable).with_name("check-jsonschema"))
    files = [str(path) for path in bundle.rglob(".github/workflows/*.yml")]
    assert len(files) == 2
    call = [checker, "--builtin-schema", "vendor.github-workflows", *files]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for script in bundle.rglob("instructor/grader/*.sh"):
        subprocess.run(["bash", "-n", str(script)], check=True)


def test_a_students_workflow_says_what_grading_says_of_the_visible_tests(
    here: Graded, bundle: Path, tmp_path: Path
) -> None:
    call = workflow_call(bundle)
    seen = 0
    for student, report in here.reports.items():
        repository = tmp_path / student
        shutil.copytree(bundle / "student", repository)
        handed = here.handins / student / NAME / f"{NAME}.ipynb"
        shutil.copy(handed, repository)
        more = {"PYTHONPATH": str(repository / ".fairmark/packages"), "CLASSROOM": "secret"}
        place = repository / "summary.md"
        done = check_there(repository, call, more | {"GITHUB_STEP_SUMMARY": str(place)})
        assert done.returncode in (0, 1), done.stderr
        tests = [
            (q.id, t.title or t.name, t.passed)
            for q in report.questions
            for t in q.tests
            if not t.hidden
        ]
        passed = sum(ok for _, _, ok in tests)
        assert f"{passed} of {len(tests)} visible checks passed" in done.stdout, student
        assert done.returncode == (passed != len(tests))
        shown = place.read_text()
        for question, title, ok in tests:
            row = table(("a", "b", "c"), [[question, title, "passed" if ok else "failed"]])
            assert row.splitlines()[-1] in shown, (student, question, title)
        assert done.stdout.count("::warning file=") == min(10, len(tests) - passed)
        seen += len(tests)
    assert len(here.reports) == len(build.students(NAME)) and seen == 39


def test_classroom_50_gets_its_result(here: Graded, bundle: Path, tmp_path: Path) -> None:
    for student in sorted(here.reports)[:2]:
        repository = tmp_path / student
        shutil.copytree(here.handins / student / NAME, repository)
        # What pip would install is there: it has nothing to fetch.
        autograder = bundle / "classroom50/autograder.py"
        (bundle / "classroom50/requirements.txt").write_text("")
        done = check_there(repository, [str(autograder)], RUNNER)
        assert done.returncode == 0, done.stderr
        result = json.loads((repository / "result.json").read_text())
        jsonschema.validate(result, SCHEMAS["classroom50"])
        tests = [t for q in here.reports[student].questions for t in q.tests if not t.hidden]
        assert result["max-score"] == len(tests)
        assert result["score"] == sum(t.passed for t in tests)
        assert result["score"] == sum(test["score"] for test in result["tests"])
    done = check_there(repository, [str(autograder)])
    assert done.returncode != 0 and "no run of Classroom 50" in done.stderr + done.stdout


def test_attacks_gain_and_read_nothing_in_the_instructors_repository(tmp_path: Path) -> None:
    prey = make_prey(tmp_path / "prey").assignment("tiny")
    release = prey.course.root / "release/tiny"
    release.mkdir(parents=True)
    nbformat.write(answer(prey, RIGHT), release / "tiny.ipynb")
    (release / "checks.py").write_text(CHECKS)
    names = ("read_files", "forge_files", "daemon", "read_environment")
    attacks = {attack.name: attack for attack in corpus() if attack.name in names}
    assert len(attacks) == len(names)
    for name, attack in attacks.items():
        attack.hand_in(prey, name)
    shutil.rmtree(prey.course.folder("submitted", "alice"))
    bundle = unpacked(prey.course, "tiny", "github", tmp_path)
    found = places.github(bundle, prey.course.root / "submitted", "tiny", tmp_path)
    scores = {name: float(row["score"]) for name, row in places.github_rows(found).items()}
    assert scores == {name: attack.points for name, attack in attacks.items()}
    for name in names:
        (report,) = json.loads((found / f"{name}.json").read_text())
        tests = [test for question in report["questions"] for test in question["tests"]]
        assert tests and CANARY not in str([test for test in tests if not test["hidden"]])


@pytest.fixture
def tiny(tmp_path: Path) -> tuple[Course, Path]:
    course = make_course(tmp_path / "course")
    release = course.root / "release/tiny"
    release.mkdir(parents=True)
    nbformat.write(answer(course.assignment("tiny"), RIGHT), release / "tiny.ipynb")
    (release / "checks.py").write_text(CHECKS)
    return course, unpacked(course, "tiny", "github", tmp_path)


CHECKS = '''
import numpy as np
from fairmark.testing import assert_close, question


@question("double")
class TestDouble:
    def test_three(self, submission):
        """double(3) is 6."""
        assert_close(submission.double(3), 6)


ABOUT = {
    "call_seconds": 2.0,
    "question_seconds": 6.0,
    "exercises": {"double": {"points": 1.0, "hidden": 1, "names": ["double"]}},
}
'''


@pytest.mark.parametrize(
    ("cell", "told", "code"),
    [
        ("import os\nos._exit(0)", "ended the process, and is left out", 0),
        ("while True:\n    pass", "did not end in time", 0),
        ("raise SystemExit(3)", "1 of 1 visible check passed", 0),
        ("double = 3", "0 of 1 visible check passed", 1),
        ("print('::error::forged')\n1/0", "1 of 1 visible check passed", 0),
    ],
)
def test_cells_that_misbehave(tiny: tuple[Course, Path], cell: str, told: str, code: int) -> None:
    course, bundle = tiny
    repository = bundle / "student"
    notebook = answer(course.assignment("tiny"), RIGHT)
    notebook.cells.append(nbformat.v4.new_code_cell(cell))
    nbformat.write(notebook, repository / "tiny.ipynb")
    short = repository / ".fairmark/packages/fairmark/selfcheck/alone.py"
    text = short.read_text()
    assert "_CELL_SECONDS, _NOTEBOOK_SECONDS = 120.0" in text
    short.write_text(text.replace("_SECONDS = 120.0", "_SECONDS = 1.0"))
    more = {"PYTHONPATH": str(repository / ".fairmark/packages")}
    done = check_there(repository, workflow_call(bundle), more)
    assert told in done.stdout and done.returncode == code, done.stdout + done.stderr
    # What the notebook prints is no command of the workflow's.
    begin, *rest = done.stdout.splitlines()
    end = begin.replace("::stop-commands::", "::") + "::"
    assert begin.startswith("::stop-commands::") and end in rest
    if "::error::forged" in rest:
        assert rest.index("::error::forged") < rest.index(end)


def test_a_notebook_that_is_missing_is_one_line(tiny: tuple[Course, Path]) -> None:
    _, bundle = tiny
    (bundle / "student/tiny.ipynb").unlink()
    more = {"PYTHONPATH": str(bundle / "student/.fairmark/packages")}
    done = check_there(bundle / "student", workflow_call(bundle), more)
    assert done.returncode == 1 and done.stdout.startswith("::error::tiny.ipynb is not there")


def _repository(place: Path, files: Mapping[str, str], link: str = "") -> None:
    place.mkdir(parents=True)
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    if link:
        (place / "link").symlink_to(link)
    for call in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]):
        who = ["-c", "user.name=a", "-c", "user.email=a@x"]
        subprocess.run(["git", "-C", place, *who, *call], check=True)


def test_hand_ins_are_fetched_and_who_cannot_be_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server, here = tmp_path / "server", tmp_path / "here"
    here.mkdir()
    monkeypatch.setenv("GITHUB_SERVER_URL", f"file://{server}")
    _repository(server / "o/ada", {"tiny.ipynb": "{}", ".fairmark/x": "", ".github/y": ""}, "/etc")
    _repository(server / "o/bob", {"tiny.ipynb": "{}"})
    lines = ["ada,o/ada", "bob,o/bob", "ADA,o/bob", "eve,o/gone", "../x,o/bob", "zoe,--upload/x y"]
    (here / "students.csv").write_text("\n".join(["student,repository", *lines]) + "\n")
    (here / "handins/old").mkdir(parents=True)
    github.fetch(here)
    told = capsys.readouterr().out
    assert sorted(path.name for path in (here / "handins").iterdir()) == ["ada", "bob"]
    assert sorted(path.name for path in (here / "handins/ada").iterdir()) == ["link", "tiny.ipynb"]
    assert not (here / "handins/ada/link").is_symlink()
    for words in ("ADA: ", "eve: file", "../x: ", "zoe: "):
        assert told.count(f"::error::{words}") == 1, told
    assert "4 hand-ins could not be brought" in told and len(told.splitlines()) == 5
    (here / "students.csv").write_text("name\nada\n")
    with pytest.raises(FairmarkError, match="needs the columns"):
        github.fetch(here)


def test_the_command_refuses_a_release_that_is_stale(
    here: Graded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place, root = tmp_path / "there.zip", tmp_path / "course"
    shutil.copytree(here.course.root, root)
    call = ["bundle", NAME, "--for", "github", "--course", str(root), "-o", str(place)]
    assert main(call) == 0 and zipfile.is_zipfile(place)
    checks = root / "release" / NAME / "checks.py"
    checks.write_text(checks.read_text() + "# changed\n")
    capsys.readouterr()
    assert main(call) == 1
    err = capsys.readouterr().err
    assert "fairmark generate warm-up" in err and len(err.splitlines()) == 1


def test_nothing_in_a_message_is_a_command_or_markup() -> None:
    line = annotation("warning", "a\n::error::b%", "x,y:z.ipynb", "t:\r")
    assert line == "::warning file=x%2Cy%3Az.ipynb,title=t%3A%0D::a%0A::error::b%25"
    assert "\n" not in line
    shown: Any = table(("a",), [["| <img src=x> @ada [x](http://y) `z`\n# b"]])
    assert shown.count("\n") == 3 and "<img" not in shown and "@" not in shown
    assert shown.splitlines()[-1].count("|") == 2
