"""Graders of test cells: proven marks for a course that knows nothing of fairmark."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from nbformat import NotebookNode

from fairmark.course.course import Assignment, Course
from fairmark.errors import FairmarkError
from fairmark.grading.grade import grade
from fairmark.harness.report import Report
from fairmark.sandbox import Sandbox, make_sandbox
from tests.adopted import ADOPTED, GRADER, adopt, make_adopted_course
from tests.classic import RIGHT, make_classic_course, make_pair_course

EQUAL_TO_ALL = """
class Equal(int):
    def __eq__(self, other):
        return True
    __hash__ = int.__hash__
    def __mul__(self, other):
        return self
"""
FORGED = {
    "square": f"{EQUAL_TO_ALL}\ndef square(x):\n    return Equal()",
    "cube": "def cube(x):\n    return square(x)",
    "share": "class Half(float):\n    __eq__ = lambda self, other: True\n"
    "    __hash__ = float.__hash__\ndef share(part, whole):\n    return Half()",
}


@pytest.fixture(scope="module")
def adopted(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    return make_adopted_course(tmp_path_factory.mktemp("adopted"))


@pytest.fixture(scope="module")
def box(adopted: Assignment) -> Iterator[Sandbox]:
    with make_sandbox([], adopted.course.limits) as box:
        yield box


def submission(assignment: Assignment, answers: Mapping[str, str]) -> NotebookNode:
    notebook = copy.deepcopy(assignment.handed_out)
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(grade_id, cell.source)
    return notebook


def scores(report: Report) -> list[float | None]:
    return [question.score for question in report.questions]


def test_questions_are_test_cells_as_before(adopted: Assignment) -> None:
    assert [(q.id, q.points, q.manual, q.judged) for q in adopted.questions] == [
        ("test_square", 2.0, False, True),
        ("test_cube", 3.0, False, True),
        ("test_share", 3.0, False, False),
        ("essay", 4.0, True, False),
        ("task", 5.0, True, False),
    ]


def test_right_answers_get_all_points(adopted: Assignment, box: Sandbox) -> None:
    report = grade(submission(adopted, RIGHT), adopted, box)
    assert scores(report) == [2.0, 3.0, 3.0, None, None]
    assert [t.hidden for t in report.question("test_square").tests] == [False, True]
    assert report.forgeable and report.forgeable_questions == ("test_share",)
    assert not report.is_forgeable_as_a_whole
    assert Report.from_json(report.to_stored_json()).forgeable_questions == ("test_share",)


def test_a_forged_answer_gets_full_points_of_a_test_cell_and_none_of_a_grader(
    adopted: Assignment, box: Sandbox, tmp_path: Path
) -> None:
    classic = make_classic_course(tmp_path).assignment("classic")
    forged = submission(classic, FORGED)
    assert scores(grade(forged, classic, box))[:3] == [2.0, 3.0, 3.0]
    report = grade(forged, adopted, box)
    assert scores(report)[:3] == [0.0, 0.0, 3.0]  # the last is left to its test cell
    assert report.forgeable_questions == ("test_share",)


def test_tests_of_a_cell_count_all_or_nothing(adopted: Assignment, box: Sandbox) -> None:
    answers = {**RIGHT, "square": "def square(x):\n    return 4"}
    report = grade(submission(adopted, answers), adopted, box)
    square = report.question("test_square")
    assert (square.score, [test.passed for test in square.tests]) == (0.0, [True, False])
    # The mistake costs no exercise that builds on it.
    assert report.question("test_cube").score == 3.0


def test_missing_answers(adopted: Assignment, box: Sandbox) -> None:
    report = grade(copy.deepcopy(adopted.handed_out), adopted, box)
    assert [(q.score, q.status) for q in report.questions][:3] == [(0.0, "missing")] * 3


def test_answers_in_another_order_and_deleted_test_cells(adopted: Assignment, box: Sandbox) -> None:
    notebook = submission(adopted, RIGHT)
    tests = ("test_square", "test_cube", "test_share")
    notebook.cells = [
        cell
        for cell in reversed(notebook.cells)
        if cell.metadata.get("nbgrader", {}).get("grade_id") not in tests
    ]
    assert scores(grade(notebook, adopted, box))[:3] == [2.0, 3.0, 3.0]


def test_a_left_mistake_is_carried_forward(box: Sandbox, tmp_path: Path) -> None:
    left = ADOPTED + '"test_square" = "line 2: left for this test"\n'
    grader = GRADER[: GRADER.index("@all_or_nothing\n@q")] + GRADER[GRADER.rindex("@all_or") :]
    assignment = adopt(make_classic_course(tmp_path).assignment("classic"), grader, left)
    wrong = {**RIGHT, "square": "def square(x):\n    return 3"}
    report = grade(submission(assignment, wrong), assignment, box)
    assert scores(report)[:3] == [0.0, 3.0, 3.0]
    assert "stood in for yours" in report.question("test_cube").note


@pytest.mark.parametrize(
    ("grader", "text", "says"),
    [
        (GRADER, "[left]\n", "no test is about test_share, and adopted.toml does not list it"),
        (GRADER, ADOPTED + '"test_cube" = "why"\n', "lists as left what has tests: test_cube"),
        (GRADER, ADOPTED + '"test_cubes" = "why"\n', "[left] lists test_cubes"),
        (GRADER.replace('("test_cube")', '("test_cubed")'), ADOPTED, "no test is about test_cube"),
        (GRADER + GRADER[GRADER.rindex("@all") :].replace("cube", "foo"), ADOPTED, "cell test_foo"),
        (GRADER, "[left\n", "adopted.toml: "),
        (GRADER, "[left]\ntest_share = 3\n", '"test_cell" = "why"'),
    ],
)
def test_what_does_not_fit_is_one_line(
    box: Sandbox, tmp_path: Path, grader: str, text: str, says: str
) -> None:
    classic = make_classic_course(tmp_path).assignment("classic")
    notebook = submission(classic, RIGHT)
    with pytest.raises(FairmarkError) as caught:
        grade(notebook, adopt(classic, grader, text), box)
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_all_cells_may_be_left(box: Sandbox, tmp_path: Path) -> None:
    classic = make_classic_course(tmp_path).assignment("classic")
    left = ADOPTED + '"test_square" = "why"\n"test_cube" = "why"\n'
    assignment = adopt(classic, "", left)
    (assignment.graders / "test_cells.py").unlink()
    report = grade(submission(assignment, RIGHT), assignment, box)
    assert scores(report) == [2.0, 3.0, 3.0, None, None]
    assert report.is_forgeable_as_a_whole


def test_one_notebook_of_two_has_graders(box: Sandbox, tmp_path: Path) -> None:
    course = make_pair_course(tmp_path)
    adopt(course.assignment("classic/first"))
    course = Course.load(tmp_path)
    first, second = course.notebooks("classic")
    assert (first.has_graders, second.has_graders) == (True, False)
    assert first.graders == tmp_path / "graders/classic/first"
    forged = submission(first, FORGED)
    assert scores(grade(forged, first, box))[:3] == [0.0, 0.0, 3.0]
    report = grade(submission(second, FORGED), second, box)
    assert scores(report)[:3] == [2.0, 3.0, 3.0] and report.is_forgeable_as_a_whole


def test_graders_of_several_notebooks_lie_in_folders_of_their_own(tmp_path: Path) -> None:
    course = make_pair_course(tmp_path)
    folder = tmp_path / "graders/classic"
    (folder / "third").mkdir(parents=True)
    (folder / "third/test_x.py").write_text(GRADER)
    with pytest.raises(FairmarkError, match=r"no notebook third in classic"):
        course.notebooks("classic")
    (folder / "third").rename(folder / "second")
    with pytest.raises(FairmarkError, match=r"second has no adopted\.toml"):
        course.notebooks("classic")
    (folder / "second/test_x.py").rename(folder / "test_x.py")
    with pytest.raises(FairmarkError, match=r"classic has 2 notebooks: the graders of each"):
        course.notebooks("classic")


def test_what_test_cells_import_is_there_for_answers(tmp_path: Path) -> None:
    course = make_classic_course(tmp_path)
    path = course.source / "classic/classic.ipynb"
    text = path.read_text()
    shown = "import math, nowhere_to_be_found\\nimport math\\nassert square(2) == 4"
    text = text.replace("assert square(2) == 4", shown)
    hidden = "import statistics\\nsecret_number = 12"
    path.write_text(text.replace("secret_number = 12", hidden))
    assignment = adopt(Course.load(course.root).assignment("classic"))
    answers = RIGHT | {
        "square": "def square(x):\n    return math.prod([x, x])",
        "cube": "def cube(x):\n    return statistics.mean([x ** 3])",
    }
    with make_sandbox([], assignment.course.limits) as box:
        report = grade(submission(assignment, answers), assignment, box)
    assert report.question("test_square").score == 2
    assert report.question("test_cube").score == 0, "what only hidden tests import is not there"
    assert not [cell for cell in report.cells if "left out" in str(cell.get("outputs"))]
    assert report.repairs == ()
