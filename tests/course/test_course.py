"""What a course and its assignments are, read from the instructor's files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fairmark.course.beside import fingerprint
from fairmark.course.course import Assignment, Course
from fairmark.errors import FairmarkError
from fairmark.files import read_folder
from fairmark.grading.judge import Judge
from fairmark.sandbox import CellRequest, Sandbox
from fairmark.syntax.imports import cells_modules
from tests.tiny import GRADER, RIGHT, make_course


def test_questions(tiny: Assignment) -> None:
    assert [(q.id, q.points, q.manual, q.grade_cell) for q in tiny.questions] == [
        ("double", 2.0, False, "check_double"),
        ("mean", 3.0, False, "check_mean"),
        ("essay", 4.0, True, "essay"),
    ]


def test_the_master_holds_no_solution(tiny: Assignment) -> None:
    text = str(tiny.master)
    assert "np.asarray" not in text
    assert "model answer" not in text
    assert "NotImplementedError" in text


def test_found_from_below(tiny_course: Course, tmp_path: Path) -> None:
    assert Course.find(tiny_course.root / "source" / "tiny").root == tiny_course.root
    with pytest.raises(FairmarkError, match="no course here"):
        Course.find(tmp_path)
    with pytest.raises(FairmarkError, match="is no course"):
        Course.load(tmp_path)


@pytest.mark.parametrize("name", ["none", "", "../tiny", ".hidden"])
def test_unknown_assignments(tiny_course: Course, name: str) -> None:
    with pytest.raises(FairmarkError, match="there are: tiny"):
        tiny_course.assignment(name)


def test_a_broken_configuration_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n1/0\n")
    with pytest.raises(FairmarkError, match="division by zero"):
        Course.load(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text("get_config().Fairmark.limits = {'sell': 1}")
    with pytest.raises(FairmarkError, match="limits"):
        _ = Course.load(tmp_path).limits


def test_the_fingerprint_follows_whatever_can_change_a_mark(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    assignment = course.assignment("tiny")
    prints = {fingerprint(assignment)}
    for name in ("graders/tiny/test_tiny.py", "reference/tiny.py", "source/tiny/tiny.ipynb"):
        path = tmp_path / name
        path.write_text(path.read_text() + "\n")
        prints.add(fingerprint(assignment))
    assert len(prints) == 4


def test_links_in_a_submission_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    folder = tmp_path / "handed-in"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "mine.csv").write_text("1,2")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "linked").symlink_to(tmp_path)
    assert read_folder(folder) == ({"data/mine.csv": b"1,2"}, [])


def test_a_broken_grader_is_named(tmp_path: Path, sandbox: Sandbox) -> None:
    assignment = make_course(tmp_path).assignment("tiny")
    grader = tmp_path / "graders/tiny/test_tiny.py"
    for text, told in (
        ("1 +", r"SyntaxError: invalid syntax \(test_tiny.py, line 1\)"),
        ("\nimport nothing_like_this", r": Mod.*nothing_like_this' \(test_tiny.py, line 2\)"),
        ("\n\n1 / 0", r"ZeroDivisionError: .*\(test_tiny.py, line 3\)"),
        (GRADER.replace('"mean"', '"maen"'), "no test is about mean; .*no check cell for maen"),
        (GRADER[: GRADER.index('@question("mean")')], "no test is about mean$"),
        ("def test_x(submission): pass", "belongs to no question"),
        (
            "from fairmark.testing import question\n@question('q')\ndef test_x(): 1/0",
            "ZeroDivision",
        ),
    ):
        grader.write_text(text)
        for _ in range(2):  # the second time, Python has the module already
            session = sandbox.launch()
            judge = Judge(session, lambda: None, sandbox.limits)
            with pytest.raises(FairmarkError, match=told) as caught:
                judge.run(assignment)
            assert "\n" not in str(caught.value)
            session.close()


def test_an_edited_grader_counts_at_once(tmp_path: Path, sandbox: Sandbox) -> None:
    assignment = make_course(tmp_path).assignment("tiny")
    module = tmp_path / "reference/tiny.py"
    session = sandbox.launch()
    session.run_cell(CellRequest("import numpy as np\n" + RIGHT["double"]), lambda output: None, 10)
    verdicts = []
    for text in (module.read_text(), module.read_text().replace("2 * np", "33 * np")):
        module.write_text(text)
        results = Judge(session, lambda: None, sandbox.limits).run(assignment).tests
        verdicts.append(results["double"][1].passed)
    session.close()
    assert verdicts == [True, False]


def test_the_warm_process_imports_what_the_notebooks_import(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    assert course.assignment("tiny").imports == {"numpy"}
    assert course.preload == ["numpy"]  # as the configuration says
    config = tmp_path / "nbgrader_config.py"
    config.write_text("c = get_config()\nc.Fairmark.preload = ['json', 're']\n")
    assert Course.load(tmp_path).preload == ["json", "re"]
    config.write_text("")
    assert Course.load(tmp_path).preload == ["numpy"]
    assert cells_modules("%time x\nimport a.b as c, d\ndef f():\n    from e.f import g") == {
        *("a.b", "d", "e.f")
    }
    assert cells_modules("import (") == set()


def test_visible_tests_come_before_hidden_ones(tmp_path: Path, sandbox: Sandbox) -> None:
    assignment = make_course(tmp_path).assignment("tiny")
    grader = tmp_path / "graders/tiny/test_tiny.py"
    grader.write_text(
        "from fairmark.testing import hidden, question\n"
        "@question('double')\n@hidden\ndef test_b(): pass\n"
        "@question('mean')\ndef test_c(): pass\n"
        "@question('double')\ndef test_a(): pass\n"
    )
    session = sandbox.launch()
    results = Judge(session, lambda: None, sandbox.limits).run(assignment).tests
    session.close()
    assert [test.name for test in results["double"]] == ["test_a", "test_b"]
    assert list(results) == ["double", "mean"]


def test_an_assignment_may_have_limits_of_its_own(tmp_path: Path, sandbox: Sandbox) -> None:
    assignment = make_course(tmp_path).assignment("tiny")
    assert assignment.limits() == assignment.course.limits
    config = assignment.course.config.Fairmark
    config.assignment_limits = {"tiny": {"open_files": 77, "call_seconds": 1.5}}
    limits = assignment.limits(sandbox.limits)
    assert limits.call_seconds == 1.5
    assert limits.cell_seconds == sandbox.limits.cell_seconds
    session = sandbox.launch(limits)
    printed: list[Any] = []
    cell = "import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    session.run_cell(CellRequest(cell), printed.append, 10)
    session.close()
    assert printed[0]["text"] == "77\n"
    config.assignment_limits = {"tiny": {"sell": 1}}
    with pytest.raises(FairmarkError, match=r"assignment_limits\['tiny'\]"):
        assignment.limits()
