"""``fairmark verify``, as it is called: what it prints of thin graders, and accepting what is no
mistake."""

from __future__ import annotations

import os
import subprocess
import tomllib
from pathlib import Path

import pytest

from fairmark.course.course import Assignment
from tests.cells import answer, make_assignment, marked_by
from tests.cli import FAIRMARK
from tests.tiny import GRADER, make_course
from tests.verify.test_thin import FIRST
from tests.verify.thin import thin_course

LISTED = "graders/tiny/equivalent_mutants.toml"


def run(assignment: Assignment, *arguments: str, code: int = 0) -> tuple[str, str]:
    done = subprocess.run(
        [*FAIRMARK, "verify", *arguments],
        cwd=assignment.course.root,
        env=os.environ | {"COLUMNS": "150"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout, done.stderr


def lenient(root: Path) -> Assignment:
    """A course in which no test notices what is not doubled but squared."""
    tiny = make_course(root).assignment("tiny")
    grader = GRADER.replace("submission.mean(x), mean(x))", "submission.mean(x), mean(x), atol=9)")
    (tiny.graders / "test_tiny.py").write_text(grader.replace("3.0, hint", "3.0, atol=9, hint"))
    return tiny


def test_thin_graders(tmp_path: Path) -> None:
    thin = thin_course(tmp_path / "course", FIRST)
    out, err = run(thin, code=1)
    assert err == ""
    assert "distance  thin" in out
    assert "distance: thin: no hidden test, no alternatives, no misconceptions" in out
    assert "thin: CANNOT BE TRUSTED" in out
    assert "distance: a hidden test such as distance([" in out
    assert 'again: fairmark verify thin --only "distance: generic/"' in out
    assert 'What is no mistake is accepted: fairmark verify thin --accept "CASE"' in out


def test_accepting(tmp_path: Path) -> None:
    tiny = lenient(tmp_path / "course")
    out, _ = run(tiny, "--only", "mean", code=1)
    cases = [line.split(": ")[1] for line in out.splitlines() if line.startswith("mean: ")]
    mutant = next(case for case in cases if "@" in case)
    generic = next(case for case in cases if case.startswith("generic/"))
    for case in (mutant, generic):
        out, err = run(tiny, "--accept", f"mean: {case}", "--reason", 'So "said" the text.')
        assert err == ""
        assert f"{LISTED}: mean: {case} is no mistake" in out
    listed = tomllib.loads((tiny.course.root / LISTED).read_text())["equivalent"]
    assert [entry["question"] for entry in listed] == ["mean", "mean"]
    assert [entry["reason"] for entry in listed] == ['So "said" the text.'] * 2
    assert listed[0]["was"] == "return sum(x) / len(x)"
    assert listed[1]["answer"] == generic
    out, _ = run(tiny, "--only", "mean", code=1)
    assert f"mean: {mutant}" not in out
    assert f"mean: {generic}:" not in out
    _, err = run(tiny, "--accept", f"mean: {mutant}", "--reason", "Again.", code=1)
    assert 'is listed already: So "said" the text.' in err


@pytest.mark.parametrize(
    ("case", "reason", "code", "told"),
    [
        ("double: core/NumberReplacer@3", "no", 1, "there is nothing to accept"),
        ("double: core/NumberReplacer@4", "no", 1, "did you mean 'double: core/NumberReplacer@3'?"),
        ("double: answer", "no", 1, "tiny has no mutant and no generic answer 'double: answer'"),
        ("double: core/NumberReplacer@3", "", 2, "--accept CASE and --reason TEXT belong together"),
    ],
)
def test_what_is_not_accepted(tmp_path: Path, case: str, reason: str, code: int, told: str) -> None:
    tiny = make_course(tmp_path / "course").assignment("tiny")
    _, err = run(tiny, "--accept", case, "--reason", reason, code=code)
    assert told in err
    assert len(err.splitlines()) == 1
    assert not (tiny.course.root / LISTED).exists()


@pytest.mark.parametrize("name", ["graders/tiny/test_tiny.py", "reference/tiny.py"])
def test_a_syntax_error_is_told_before_anything_is_tried(tmp_path: Path, name: str) -> None:
    tiny = make_course(tmp_path / "course").assignment("tiny")
    path = tiny.course.root / name
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines, "def broken(:"]))
    out, err = run(tiny, code=1)
    assert (out, err) == ("", f"fairmark: {path}:{len(lines) + 1}: invalid syntax\n")
    assert not (tiny.course.root / ".fairmark").exists()


def test_what_several_test_cells_overlook_is_told_once(tmp_path: Path) -> None:
    cells = [marked_by(name, "assert add(0, 0) == 0") for name in ("test_one", "test_two")]
    make_assignment(tmp_path, answer("add", "def add(a, b):\n---\n    return a + b"), *cells)
    graders = tmp_path / "graders/hw"
    graders.mkdir(parents=True)
    (graders / "adopted.toml").write_text("[left]\n")
    weak = "    def test_zero(self, submission):\n        assert submission.add(0, 0) == 0\n"
    (graders / "test_hw.py").write_text(
        "from fairmark.testing import question\n\n\n"
        f'@question("test_one")\nclass TestOne:\n{weak}\n\n'
        f'@question("test_two")\nclass TestTwo:\n{weak}'
    )
    command = [*FAIRMARK, "verify", "hw", "--only", "core/ReplaceBinaryOperator_Add_Sub"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert done.stdout.count("no test notices this mistake") == 1
    assert "    the same for test_two\n" in done.stdout
    assert "1 reason above" in done.stdout
