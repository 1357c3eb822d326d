"""Proving graders of test cells: answers of several cells, variables, printed text."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from fairmark.course.course import Assignment, Course
from fairmark.course.proof import adopted_unproven, why_unverified
from fairmark.verify.cases import cases_of
from tests.adopted import adopt
from tests.classic import mark
from tests.cli import FAIRMARK
from tests.tiny import CONFIG

CELLS = {
    "start": ("numbers = [3, 1, 2]", None),
    "largest": ("%precision 3\nlargest = max(numbers)", ""),
    "spread": ("spread = largest - min(numbers)", ""),
    "t_numbers": ("assert largest == 3\nassert spread == 2", 2),
    "later": ("numbers = None", None),
    "greet": ("def greet(name):\n    print('Hello', name)\nprint('ready')", ""),
    "t_greet": ("greet('Ada')", 1),
    "t_left": ("assert greet.__name__ == 'greet'", 1),
}
GRADER = """
from fairmark.testing import all_or_nothing, assert_equal, hidden, question


@all_or_nothing
@question("t_numbers")
class TestNumbers:
    def test_largest(self, submission):
        assert_equal(submission.largest.value(), 3)

    @hidden
    def test_spread(self, submission):
        assert_equal(submission.spread.value(), 2)


@question("t_greet")
class TestGreet:
    def test_cell(self, submission):
        assert_equal(submission.printed(), "ready\\n")

    def test_ada(self, submission):
        with submission.printing() as printed:
            submission.greet("Ada")
        assert_equal(printed.text, "Hello Ada\\n")

    @hidden
    def test_secret(self, submission):
        with submission.printing() as printed:
            submission.greet("Bob")
        assert_equal(printed.text, "Hello Bob\\n")
"""
ADOPTED = '[left]\n"t_left" = "line 1: it asks for a function\'s own name"\n'
ALTERNATIVES = """
# %% t_numbers: in-one-cell
largest, spread = max(*numbers), 2

# %% t_greet: writes
import sys

def greet(name):
    sys.stdout.write(f"Hello {name}\\n")

print("ready")
"""
MISCONCEPTIONS = """
# %% t_numbers: not-the-smallest
# You have taken the first number away, not the smallest.
largest = 3
spread = largest - numbers[0]

# %% t_greet: no-name
# You have greeted nobody by name.
def greet(name):
    print("Hello")
print("ready")
"""


def notebook_course(root: Path, notebook: Mapping[str, tuple[str, object]]) -> Course:
    """A course with one notebook; a cell has points, or "" where it is an answer, or None."""
    (root / "source/made").mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    cells = []
    for name, (source, points) in notebook.items():
        if points == "":
            source = f"### BEGIN SOLUTION\n{source}\n### END SOLUTION"
        worth = points if isinstance(points, int) else None
        about = mark(name, worth, grade=worth is not None, solution=points == "")
        cells.append(new_code_cell(source, id=name, metadata={} if points is None else about))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(made, root / "source/made/made.ipynb")
    return Course.load(root)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    course = notebook_course(tmp_path_factory.mktemp("course"), CELLS)
    assignment = adopt(course.assignment("made"), GRADER, ADOPTED)
    (assignment.graders / "alternatives.py").write_text(ALTERNATIVES)
    (assignment.graders / "misconceptions.py").write_text(MISCONCEPTIONS)
    return assignment


def run(assignment: Assignment, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*FAIRMARK, *arguments],
        cwd=assignment.course.root,
        env=os.environ | {"COLUMNS": "150"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_cases_are_those_of_judged_questions(made: Assignment) -> None:
    cases = cases_of(made)
    assert {case.question for case in cases} == {"", "t_numbers", "t_greet"}
    mutants = [c for c in cases if c.kind == "mutant" and c.question == "t_numbers"]
    assert {c.name.partition("@")[2].partition(":")[0] for c in mutants} == {"largest", "spread"}
    for case in mutants:  # the other cell is a part of each
        assert case.source is not None and case.source.count("largest") >= 2


def test_graders_of_test_cells_are_proven(made: Assignment) -> None:
    line = adopted_unproven(made)
    assert "its graders have not been verified; the release does not depend on them" in line
    done = run(made, "generate", "made")
    assert done.returncode == 0 and "fairmark verify made" in done.stderr + done.stdout
    done = run(made, "verify", "made", "--workers", "1", "--json")
    (told,) = json.loads(done.stdout)
    assert told["findings"] == [] and done.returncode == 0
    rows = {row["question"]: row for row in told["questions"]}
    assert rows.keys() == {"t_numbers", "t_greet"}
    for row in rows.values():
        assert row["mutants"] == row["mutants_killed"] > 0
        assert (row["alternatives_passed"], row["misconceptions_noticed"]) == (1, 1)
    made = Course.load(made.course.root).assignment("made")
    assert why_unverified(made) == adopted_unproven(made) == ""
    assert {path.name for path in Path(made.course.root, "release/made").iterdir()} == {
        "made.ipynb"
    }


SHARED = {
    "both": ("def half(x):\n    return x / 2\n\ndef twice(x):\n    y = 2 * x\n    return y", ""),
    "t_half": ("assert half(4) == 2", 1),
    "t_twice": ("assert twice(0) == 0", 1),
    "t_more": ("assert twice(3) == 6", 1),
}
SHARED_GRADER = """
from fairmark.testing import assert_equal, question


def check(submission, x, expected):
    assert_equal(submission.twice(x), expected)


@question("t_half")
def test_half(submission):
    assert_equal(submission.half(4), 2)


@question("t_twice")
def test_twice(submission):
    check(submission, 0, 0)


@question("t_more")
def test_more(submission):
    check(submission, 3, 6)
"""


def test_a_test_cell_tries_what_it_sees_and_another_may_notice_it(tmp_path: Path) -> None:
    course = notebook_course(tmp_path, SHARED)
    assignment = adopt(course.assignment("made"), SHARED_GRADER, "[left]\n")
    for name, lines in (("t_half", {3}), ("t_twice", {6, 7}), ("t_more", {6, 7})):
        mine = [c for c in cases_of(assignment) if c.kind == "mutant" and c.question == name]
        assert mine and {int(c.where.split()[1]) for c in mine} <= lines, name
    done = run(assignment, "verify", "made", "--workers", "1", "--json")
    (told,) = json.loads(done.stdout)
    unnoticed = {one["question"] for one in told["findings"] if "no test" in one["text"]}
    assert unnoticed == {"t_half"}, "t_more notices what t_twice does not"
    rows = {row["question"]: row for row in told["questions"]}
    assert rows["t_twice"]["mutants"] == rows["t_more"]["mutants"] == 5


def test_a_name_that_stands_in_a_constant_of_the_module_is_seen(tmp_path: Path) -> None:
    course = notebook_course(tmp_path, SHARED)
    indirect = 'TWICE = "twice"\n' + SHARED_GRADER.replace(
        "submission.twice(x)", "getattr(submission, TWICE)(x)"
    )
    assignment = adopt(course.assignment("made"), indirect, "[left]\n")
    for name in ("t_twice", "t_more"):
        mine = [c for c in cases_of(assignment) if c.kind == "mutant" and c.question == name]
        assert {int(c.where.split()[1]) for c in mine} == {6, 7}, name


def test_what_is_given_in_an_answers_cell_is_not_changed(tmp_path: Path) -> None:
    course = notebook_course(tmp_path, {"both": ("y = x / 2", ""), "t_half": ("assert y == 2", 1)})
    path = course.source / "made/made.ipynb"
    path.write_text(path.read_text().replace("### BEGIN", "x = 4\\n### BEGIN", 1))
    assignment = adopt(
        Course.load(course.root).assignment("made"),
        SHARED_GRADER.partition("@question")[0] + '@question("t_half")\n'
        "def test_half(submission):\n    assert_equal(submission.y.value(), 2)\n",
        "[left]\n",
    )
    mutants = [case for case in cases_of(assignment) if case.kind == "mutant"]
    assert mutants and all("x / 2" in case.change[0] for case in mutants)


BROKEN = {
    "square": ("def square(x):\n    return x * x", ""),
    "t_square": ("assert square(3) == 9", 2),
    "spoilt": ("def half(x):\n    return x / 2\nhalf(nobody_has_this)", ""),
    "t_spoilt": ("assert half(3) == 1.5", 1),
    "shown": ("nor_this(square(2))", None),
    "gone": ("nobody_has_this\ndef gone(x):\n    return x - 1", ""),
    "t_gone": ("assert gone(3) == 2", 1),
    "twice": ("def twice(x):\n    return x + x", ""),
    "t_twice": ("assert twice(3) == 6", 1),
}
OF_BROKEN = """
from fairmark.testing import all_or_nothing, assert_equal, hidden, question
""" + "".join(
    f"""

@all_or_nothing
@question("t_{cell}")
class Test{cell.title()}:
    def test_cell(self, submission):
        assert_equal(submission.{name}(3), {value.replace("x", "3")})

    @hidden
    def test_secret(self, submission, rng):
        x = rng.normal(size=4)
        with submission.inputs_unchanged():
            assert_equal(submission.{name}(x), {value})
"""
    for cell, name, value in [
        ("square", "square", "x * x"),
        ("spoilt", "half", "x / 2"),
        ("gone", "gone", "x - 1"),
        ("twice", "twice", "x + x"),
    ]
)


def test_cells_that_fail_are_named_and_the_rest_is_proven(tmp_path: Path) -> None:
    course = notebook_course(tmp_path, BROKEN)
    done = run(course.assignment("made"), "verify", "--json", "--workers", "1")
    (found,) = json.loads(done.stdout)
    assert [row["mutants_killed"] > 0 for row in found["test_cells"]] == [True] * 4
    assert found["broken_cells"].keys() == {"spoilt", "cell 5 (nor_this(square(2)))", "gone"}

    made = adopt(course.assignment("made"), OF_BROKEN, "[left]\n")
    done = run(made, "verify", "--workers", "1", "--json")
    (told,) = json.loads(done.stdout)
    assert done.returncode == 1
    rows = {row["question"]: row for row in told["questions"]}
    # a plot, say, that fails below the function takes nothing away; what fails above it does
    assert rows.pop("t_gone")["mutants_killed"] == 0
    assert all(row["mutants_killed"] >= row["mutants"] - 1 > 0 for row in rows.values())
    finding, needless = told["findings"]
    assert needless["text"] == "no test notices this mistake"
    assert needless["where"] == "line 4\n- half(nobody_has_this)\n+ pass"
    error = "NameError: name 'nobody_has_this' is not defined"
    assert finding["text"].startswith(f"the instructor's own answer fails: cell gone: {error}")
    assert told["broken_cells"].keys() == {"spoilt", "cell 5 (nor_this(square(2)))"}
    shown = run(made, "verify", "made", "--workers", "1").stdout
    assert (
        "made, cell 5 (nor_this(square(2))): it fails in your own notebook, and the rest is tried "
        "without: NameError: name 'nor_this' is not defined" in shown
    )


def test_a_later_cell_that_fails_takes_no_proof_away(tmp_path: Path) -> None:
    kept = {name: cell for name, cell in BROKEN.items() if not name.endswith(("gone", "spoilt"))}
    before, _, behind = OF_BROKEN.partition("class TestSpoilt:")
    grader = before.rpartition("@all_or_nothing")[0]
    grader += "@all_or_nothing\n@question" + behind.rpartition("@question")[2]
    made = adopt(notebook_course(tmp_path, kept).assignment("made"), grader, "[left]\n")
    done = run(made, "verify", "--workers", "1", "--json")
    (told,) = json.loads(done.stdout)
    assert (done.returncode, told["findings"], told["trusted"]) == (0, [], True)
    assert told["broken_cells"].keys() == {"cell 3 (nor_this(square(2)))"}
    assert why_unverified(Course.load(tmp_path).assignment("made")) == ""
