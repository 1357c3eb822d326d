"""An assignment without graders is marked by its own test cells, in the sandbox."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from fairmark.course.course import Assignment, Course
from fairmark.grading.grade import grade
from fairmark.harness.report import Report
from fairmark.intake.identify import match_assignment
from fairmark.intake.kinds import RepairKind
from fairmark.sandbox import Sandbox, make_sandbox
from tests.classic import RIGHT, make_classic_course

STUB = "raise NotImplementedError()"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make_classic_course(tmp_path_factory.mktemp("classic"))


@pytest.fixture(scope="module")
def classic(course: Course) -> Assignment:
    return course.assignment("classic")


@pytest.fixture(scope="module")
def box(course: Course) -> Iterator[Sandbox]:
    with make_sandbox([], course.limits) as box:
        yield box


def submission(assignment: Assignment, answers: Mapping[str, str]) -> NotebookNode:
    notebook = copy.deepcopy(assignment.handed_out)
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(grade_id, cell.source)
    return notebook


def scores(report: Report) -> list[float | None]:
    return [question.score for question in report.questions]


def test_what_is_asked(course: Course, classic: Assignment) -> None:
    assert [a.name for a in course.assignments()] == ["classic"]
    assert [(q.id, q.points, q.manual) for q in classic.questions] == [
        ("test_square", 2.0, False),
        ("test_cube", 3.0, False),
        ("test_share", 3.0, False),
        ("essay", 4.0, True),
        ("task", 5.0, True),
    ]
    released = "\n".join(cell.source for cell in classic.handed_out.cells)
    assert "secret" not in released
    assert "wit" not in released
    assert "BEGIN" not in released


def test_right_answers(classic: Assignment, box: Sandbox) -> None:
    report = grade(submission(classic, RIGHT), classic, box, name="ada")
    assert scores(report) == [2, 3, 3, None, None]
    assert (report.score, report.max_score) == (8, 8)
    assert report.repairs == ()
    assert report.forgeable
    assert Report.from_json(report.to_json()) == report


def test_a_bare_release(classic: Assignment, box: Sandbox) -> None:
    report = grade(submission(classic, {}), classic, box)
    assert scores(report) == [0, 0, 0, None, None]
    assert {q.status for q in report.questions if q.score is not None} == {"missing"}


def test_partial_credit_and_hidden_tests(classic: Assignment, box: Sandbox) -> None:
    wrong = {
        **RIGHT,
        "square": "def square(x):\n    return x + x",
        "share": "def share(part, whole):\n    return 0.5",
    }
    report = grade(submission(classic, wrong), classic, box)
    assert scores(report) == [0, 3, 1, None, None]
    visible, hidden = report.question("test_square").tests
    assert (visible.passed, visible.hidden, visible.title) == (
        True,
        False,
        "A square is a number times itself.",
    )
    assert (hidden.passed, hidden.hidden) == (False, True)
    assert "assert square(secret_number) == 144\nAssertionError" in hidden.message
    assert report.question("test_share").tests[0].message == "1 of 3 points."


def test_a_failing_test_costs_its_own_question(classic: Assignment, box: Sandbox) -> None:
    wrong = {**RIGHT, "cube": "def cube(x):\n    return 0"}
    report = grade(submission(classic, wrong), classic, box)
    assert scores(report) == [2, 0, 3, None, None]
    (test,) = report.question("test_cube").tests
    assert test.title == "Three times itself."
    assert "AssertionError: two times two times two" in test.message


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ("while True: pass", "timeout", "did not get to its end: it did not end within 3 seconds."),
        ("import os; os._exit(3)", "killed", "end: it ended the Python process (exit code 3)."),
        ("return bytearray(2**30)", "graded", "The limit is 256 MiB of memory."),
        ("return part", "graded", ""),
    ],
)
def test_what_hits_a_limit_costs_its_own_question_and_is_told(
    body: str, status: str, words: str, classic: Assignment, box: Sandbox
) -> None:
    answers = {**RIGHT, "share": f"def share(part, whole):\n    {body}"}
    report = grade(submission(classic, answers), classic, box)
    assert scores(report) == [2, 3, 0, None, None]
    question = report.question("test_share")
    assert question.status == status
    assert question.note.endswith(words)
    assert bool(question.note) == bool(words)


def test_cells_in_another_order(classic: Assignment, box: Sandbox) -> None:
    notebook = submission(classic, RIGHT)
    notebook.cells.reverse()
    report = grade(notebook, classic, box)
    assert scores(report) == [2, 3, 3, None, None]
    assert RepairKind.OTHER_ORDER.of() in report.repairs


def test_damaged_cells(classic: Assignment, box: Sandbox) -> None:
    notebook = submission(classic, RIGHT)
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
    cells["cube"].source = f"{RIGHT['square']}\n\n{RIGHT['cube']}"
    notebook.cells.remove(cells["square"])
    notebook.cells.remove(cells["test_share"])
    cells["test_cube"].source = "pass"
    report = grade(notebook, classic, box)
    assert scores(report) == [2, 3, 3, None, None]
    assert RepairKind.MISSING.of("test_share") in report.repairs
    assert RepairKind.CHECK_CHANGED.of("test_cube") in report.repairs


def test_hidden_tests_are_not_seen_by_what_students_are_shown(
    classic: Assignment, box: Sandbox
) -> None:
    notebook = submission(classic, RIGHT)
    notebook.cells.append(new_code_cell("print([x for x in In if 'assert' in x])"))
    report = grade(notebook, classic, box)
    shown = report.cells[-1]["outputs"]
    assert "square(2)" in str(shown)
    assert "secret" not in str(shown)
    tests = {test.name: test for q in report.questions for test in q.tests}
    assert "secret" not in str([t for t in tests.values() if not t.hidden])
    test_cell = next(cell for cell in report.cells if "test_square" in str(cell["metadata"]))
    assert "secret_number" in test_cell["source"], "a person who marks sees it all"


def test_files_that_the_code_writes(classic: Assignment, box: Sandbox) -> None:
    notebook = submission(classic, RIGHT)
    writes = (
        "import os\nos.makedirs('made/deep')\nopen('made/deep/result.txt', 'w').write('42')\n"
        "open('.hidden', 'w').write('x')\nos.symlink('/etc/passwd', 'link')\nos.chdir('/')\n"
        "assert os.environ['NBGRADER_EXECUTION'] == 'autograde'"
    )
    notebook.cells.append(new_code_cell(writes))
    report = grade(notebook, classic, box, files={"given.txt": b"given"})
    assert report.files == {"made/deep/result.txt": b"42"}
    assert report.cells[-1]["outputs"] == []


def test_nbgraders_own_time_limit(tmp_path: Path) -> None:
    course = make_classic_course(tmp_path, "c.Execute.timeout = 2")
    assert course.assignment("classic").limits().cell_seconds == 2.0
    course = make_classic_course(tmp_path / "other", "c.Execute.timeout = None")
    limits = course.assignment("classic").limits()
    assert limits.cell_seconds == limits.submission_seconds


def test_a_loose_notebook_is_recognised(course: Course, classic: Assignment) -> None:
    notebook = submission(classic, RIGHT)
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)
    assert match_assignment([classic], notebook, Path("x.ipynb")) == classic
