"""The commands, as they are called: a course is released, handed in, graded, told and exported."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import nbformat
import pytest

from fairmark.cli.main import main
from fairmark.course.course import Course
from tests.cli import FAIRMARK
from tests.tiny import RIGHT, answer, make_course

WRONG = "def mean(x):\n    print('noise')\n    return x[0]"
ESCAPE = "def mean(x):\n    raise ValueError('\\x1b[31m[bold]red')"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = make_course(tmp_path_factory.mktemp("course"))
    tiny = course.assignment("tiny")
    for student, answers in (("ada", RIGHT), ("bob", {**RIGHT, "mean": WRONG})):
        folder = course.folder("submitted", student, "tiny")
        folder.mkdir(parents=True)
        nbformat.write(answer(tiny, answers), folder / "tiny.ipynb")
    folder = course.folder("submitted", "eve", "tiny")
    folder.mkdir(parents=True)
    (folder / "tiny.ipynb").write_text("no notebook")
    return course


class Runner:
    """Runs commands in the course's folder, in this process."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self._capfd = capfd

    def __call__(self, *arguments: str, code: int = 0) -> tuple[str, str]:
        """Run a command; check its exit code; return what it wrote on stdout and stderr."""
        self._capfd.readouterr()
        returned = main(arguments)
        out, err = self._capfd.readouterr()
        assert returned == code, err
        return out, err


@pytest.fixture
def run(
    course: Course, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Runner:
    monkeypatch.chdir(course.root)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "1")  # as the commands set it, but not for the tests after these
    return Runner(capfd)


pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


def test_the_way_of_a_class(course: Course, run: Runner) -> None:
    _, err = run("generate", "--check", code=1)
    assert "tiny.ipynb is missing: run `fairmark generate tiny`" in err
    _, err = run("generate", code=1)
    assert "tiny is not released: its graders have not been verified; run `fairmark verify" in err
    _, err = run("generate", "--unverified")
    assert "tiny: NOT VERIFIED: its graders have not been verified" in err
    out, _ = run("verify", "--json")
    (proven,) = json.loads(out)
    assert proven["trusted"]
    assert [row["mutants"] > 0 for row in proven["questions"]] == [True, True]
    out, err = run("verify")
    assert "tiny: can be trusted (0 cases tried" in out
    assert run("verify", "--only", "nothing like this", code=2)[1].startswith("fairmark: no case")
    out, err = run("generate")
    assert out == f"Made {course.root}/release/tiny\n"
    assert err.splitlines() == [
        f"fairmark: tiny: the grader of {name} is thin: it has no alternatives, no misconceptions"
        for name in ("double", "mean")
    ]
    run("generate", "--check")
    assert "there are no marks yet" in run("export", code=1)[1]

    out, err = run("autograde", code=1)
    assert err.count("\n") == 1
    assert err.startswith("fairmark: eve, tiny: submitted/eve/tiny/tiny.ipynb is no notebook")
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines() if "/ 5" in line}
    assert rows["ada"] == "tiny 5 / 5 1 to mark by hand".split()
    assert rows["bob"] == "tiny 2 / 5 1 to mark by hand".split()
    assert "Scores are what the tests gave. Points given by hand are in the gradebook." in out
    assert rows["eve"][:6] == "tiny 0 / 5 not graded:".split()
    assert "3 submissions" in out
    assert "2 graded, 1 not graded." in out
    assert "fairmark feedback" in out

    out, err = run("autograde", "tiny", "--student", "ada", "--student", "bob")
    assert ("2 unchanged." in out, err) == (True, "")

    out, _ = run("feedback", "--student", "ada")
    assert out == f"Made 1 page: {course.root}/feedback\n"
    out, _ = run("feedback")
    assert out == f"Made 2 pages, 1 unchanged: {course.root}/feedback\n"
    out, _ = run("feedback")
    assert out == f"Made 0 pages, 3 unchanged: {course.root}/feedback\n"
    assert (course.root / "feedback/bob/tiny/tiny.html").is_file()
    _, err = run("feedback", "--student", "zoe", code=2)
    assert "nothing of zoe is graded" in err

    out, err = run("export", "--to", "csv", "--output", "-")
    assert out.splitlines()[1].startswith("ada,,,,,9,essay,,9")
    assert err == "fairmark: tiny, essay: not marked by hand yet, and so blank: ada, bob\n"
    out, _ = run("export", "--by", "test", "--output", "-")
    assert out.splitlines()[0].endswith("tiny: mean: test_example,tiny: mean: test_secret_long")
    assert out.splitlines()[2] == "bob,,,,1,1,0,0"
    out, _ = run("export", "--to", "moodle", "--by", "question")
    assert out == f"Wrote the marks of 3 students: {course.root}/grades-moodle-by-question.csv\n"
    assert "--by test is for --to csv" in run("export", "--to", "canvas", "--by", "test", code=2)[1]
    out, _ = run("export", "--to", "moodle")
    assert out == f"Wrote the marks of 3 students: {course.root}/grades-moodle.csv\n"
    _, err = run("export", "--output", f"{course.root}/missing/x.csv", code=1)
    assert (err.count("\n"), "cannot be written" in err) == (1, True)

    assert_reported(course, run)


def assert_reported(course: Course, run: Runner) -> None:
    """The class that is graded above gets its report."""
    out, err = run("report")
    (row,) = (line.split() for line in out.splitlines() if "tiny " in line)
    assert row == "tiny 3 2 1 2 3.5 3.5 9".split()
    assert (out.splitlines()[-1], err) == (f"Look at: {course.root}/report/index.html", "")
    page = (course.root / "report/tiny/tiny.html").read_text()
    assert "eve/tiny/tiny.ipynb is no notebook" in page
    assert "../../feedback/bob/tiny/tiny.html" in page
    (course.root / "submitted/bob/tiny/notes.txt").write_text("one more thing")
    out, err = run("report", "tiny")
    assert out.splitlines()[-1] == f"Look at: {course.root}/report/tiny/tiny.html"
    assert err == (
        "fairmark: tiny: 1 submission is not graded, or changed since: run "
        "`fairmark autograde tiny`\n"
    )
    out, _ = run("verify")
    assert "1 mark already given may change: `fairmark autograde tiny --preview` shows" in out


def test_a_preview(run: Runner, tmp_path: Path) -> None:
    """A grader was edited: what grading again would do is told, by exit code, too."""
    other = make_course(tmp_path / "a course")
    tiny = other.assignment("tiny")
    for student, answers in (("ada", RIGHT), ("bob", {**RIGHT, "mean": WRONG})):
        folder = other.folder("submitted", student, "tiny")
        folder.mkdir(parents=True)
        nbformat.write(answer(tiny, answers), folder / "tiny.ipynb")

    def here(*arguments: str, code: int = 0) -> tuple[str, str]:
        return run("--course", str(other.root), *arguments, code=code)

    out, _ = here("autograde", "--preview")
    assert "Would be graded for the first time: ada: 5 / 9, 1 by hand; bob: 2 / 9, 1 by" in out
    assert not (other.root / "gradebook.db").exists()
    here("autograde")
    assert "2 did not need it" in here("autograde", "--preview")[0]
    grader = other.root / "graders/tiny/test_tiny.py"
    grader.write_text(grader.read_text().replace("3.0, hint", "1.0, hint"))
    out, _ = here("autograde", "--preview", code=3)
    rows = {line.split()[0]: line.split() for line in out.splitlines() if " / 9 " in line}
    assert rows["ada"][2:9] == "5 / 9 3.5 / 9 -1.5".split()
    assert rows["bob"][2:9] == "2 / 9 3.5 / 9 +1.5".split()
    assert "mean: 3 → 1.5 (example now fails)" in out
    assert "2 marks would change: 1 up, 1 down." in out
    assert "only what rises: add --only-better" in out
    page = other.root / "report/tiny/preview/tiny.html"
    assert out.splitlines()[-1] == f"Look at: {page}"
    assert "mean: 0 → 1.5" in page.read_text()
    out, _ = here("autograde", "--preview", "--json", "--student", "bob", code=3)
    told = json.loads(out)
    ((change,), rest) = told.pop("changed"), told
    assert rest == {"first": [], "not_graded": [], "kept": [], "same": 0, "unchanged": 0}
    assert (change["student"], change["before"], change["after"]) == ("bob", 2, 3.5)
    assert change["questions"][0]["tests"][0].items() >= {
        ("name", "test_example"),
        ("before", False),
        ("after", True),
    }
    assert here("autograde", "--json", code=2)[1].endswith("--json belongs to --preview\n")

    here("report")
    assert "preview/tiny.html" in (other.root / "report/tiny/tiny.html").read_text()
    out, _ = here("autograde", "--only-better")
    assert "Kept, as the tests now give less: ada, tiny: mean." in out
    assert not page.exists()
    out, _ = here("export", "--to", "moodle", "-o", "-")
    assert [line.split(",")[0] for line in out.splitlines()[1:]] == ["ada", "bob"]


def test_check_json(course: Course, run: Runner, tmp_path: Path) -> None:
    tiny = course.assignment("tiny")
    paths = []
    for name, answers in (("right", RIGHT), ("escape", {**RIGHT, "mean": ESCAPE})):
        paths.append(str(tmp_path / f"{name}.ipynb"))
        nbformat.write(answer(tiny, answers), paths[-1])
    broken = str(course.root / "submitted/eve/tiny/tiny.ipynb")
    out, err = run("check", "--json", paths[0], "nowhere.ipynb", paths[1], broken, code=1)
    found: list[dict[str, Any]] = json.loads(out)
    assert [item["notebook"] for item in found] == [paths[0], "nowhere.ipynb", paths[1], broken]
    assert [item["score"] for item in found] == [5, 0, 2, 0]
    assert found[0]["max_score"] == 5
    assert (found[0]["assignment"], found[0]["error"], found[0]["repairs"]) == ("tiny", None, [])
    assert [bool(item["error"]) for item in found] == [False, True, False, True]
    questions = found[2]["questions"]
    assert [q["id"] for q in questions] == ["double", "mean", "essay"]
    assert [q["score"] for q in questions] == [2, 0, None]
    assert [q["status"] for q in questions] == ["graded", "graded", "manual"]
    test = questions[1]["tests"][0]
    assert test.items() >= {
        ("name", "test_example"),
        ("hidden", False),
        ("weight", 1.0),
        ("passed", False),
        ("misconception", None),
    }
    assert "ValueError" in test["message"]
    assert err.count("\n") == 2


def test_check_for_people(course: Course, run: Runner, tmp_path: Path) -> None:
    path = tmp_path / "odd [bold] \x1b[31mname.ipynb"
    nbformat.write(answer(course.assignment("tiny"), {**RIGHT, "mean": ESCAPE}), path)
    command = ["--course", str(course.root), "check", str(path), "--assignment", "tiny"]
    out, err = run(*command)
    assert "2 of 5 points (tiny)" in out
    assert "example: Your code raised ValueError" in out
    assert "[bold]" in out
    assert "\x1b" not in out + err
    assert err == ""


def test_check_as_a_program(course: Course, tmp_path: Path) -> None:
    # It finds the course above the notebook.
    command = [*FAIRMARK, "check", "--json"]
    path = str(course.root / "source/tiny/tiny.ipynb")
    done = subprocess.run([*command, path], cwd=tmp_path, capture_output=True, check=True)
    assert json.loads(done.stdout)[0]["score"] == 5


def test_check_without_a_sandbox(run: Runner) -> None:
    out, _ = run("check", "--sandbox", "none", "--json", "source/tiny/tiny.ipynb")
    assert json.loads(out)[0]["score"] == 5


def test_what_is_no_file_is_named_and_not_waited_for(
    course: Course, run: Runner, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "folder.ipynb").mkdir()
    paths = [str(tmp_path / "pipe.ipynb"), str(tmp_path / "folder.ipynb"), "/dev/zero"]
    _, err = run("check", *paths, code=1)
    assert [line.partition(" cannot be read: ")[2] for line in err.splitlines()] == [
        "it is no file",
        "",
        "it is no file",
    ]
    assert "folder.ipynb is a folder, not a notebook" in err
    os.mkfifo(course.root / "submitted/eve/tiny/timestamp.txt")
    _, err = run("autograde", "--student", "eve", code=1)
    assert "is no notebook" in err
    (course.root / "submitted/eve/tiny/timestamp.txt").unlink()
