"""The points of test cells in a fork are those of grading the whole notebook."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping

import pytest

from fairmark.course.course import Assignment
from fairmark.course.marks import grade_id
from fairmark.errors import FairmarkError
from fairmark.grading.grade import grade
from fairmark.sandbox import Sandbox, make_sandbox
from fairmark.testcells.mutants import mutants_of
from fairmark.testcells.trials import CellTrials
from tests.cells import answer, given, make_assignment, marked_by
from tests.classic import make_classic_course

ENTANGLED = (
    given("import random\nimport numpy as np\nlog = []\nrandom.seed(1)\nopen('n', 'w').write('1')"),
    answer("draw", "---\nstart = random.randint(1, 10 ** 6)\nlog.append(start)"),
    given("second = random.random()\nalias = log"),
    answer("scale", "def scale(x):\n---\n    return np.asarray(x) * 2 + 1"),
    given("scaled = scale([1, 2, 3])\ndata = np.linspace(0, 1, 5)\nalias.append(len(data))"),
    answer(
        "note", "def note(text):\n---\n    open('n', 'a').write(text * 2)\n    return text + '!'"
    ),
    marked_by("test_draw", "assert log[0] == start\nassert len(alias) == 2\n(second > 0.5) + 1", 3),
    marked_by("test_scale", "assert scaled.tolist() == [3, 5, 7]\nassert scale(data)[-1] == 3"),
    marked_by("test_note", "assert note('a') == 'a!'\nassert open('n').read() == '1aa'"),
    answer(
        "total",
        "def total(xs):\n---\n    s = 0\n    for x in xs:\n        s += scale(x)\n    return s",
    ),
    marked_by(
        "test_total",
        "points = 0\nif total([1, 2]) == 8:\n    points += 1\n### BEGIN HIDDEN TESTS\n"
        "if total([0]) == 1:\n    points += 1\n### END HIDDEN TESTS\npoints",
        2,
    ),
)
"""Answers that share a random generator, a list under two names, a file and each other."""


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    course = make_classic_course(tmp_path_factory.mktemp("classic"))
    with make_sandbox(["numpy"], course.limits) as box:
        yield box


@pytest.fixture(scope="module")
def entangled(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    return make_assignment(tmp_path_factory.mktemp("entangled"), *copy.deepcopy(ENTANGLED))


def graded(assignment: Assignment, answers: Mapping[str, str], box: Sandbox) -> dict[str, float]:
    """The points that grading the whole notebook gives."""
    notebook = copy.deepcopy(assignment.solved)
    for cell in notebook.cells:
        cell.source = answers.get(grade_id(cell), cell.source)
    report = grade(notebook, assignment, box)
    results = zip(assignment.questions, report.questions, strict=True)
    return {question.grade_cell: result.score or 0 for question, result in results}


def test_the_instructors_points(entangled: Assignment, box: Sandbox) -> None:
    with CellTrials(entangled, box) as trials:
        found = trials.points({})
    assert found == graded(entangled, {}, box)
    assert found == {"test_draw": 2, "test_scale": 2, "test_note": 2, "test_total": 2}


def test_a_fork_says_what_grading_the_notebook_says(entangled: Assignment, box: Sandbox) -> None:
    mutants = mutants_of(entangled)
    tried = [*mutants[::3], *mutants[1:2]]  # the last goes back to the first answer
    differs = 0
    with CellTrials(entangled, box) as trials:
        own = trials.baseline().points
        for mutant in tried:
            answers = {mutant.question: mutant.source}
            found = trials.points(answers)
            assert found == graded(entangled, answers, box), mutant
            differs += found != own
    assert differs > 3


def test_several_answers_at_once_and_stubs(entangled: Assignment, box: Sandbox) -> None:
    stubs = {grade_id(cell): cell.source for cell in entangled.handed_out.cells if grade_id(cell)}
    answers = {"scale": stubs["scale"], "total": "def total(xs):\n    return 8"}
    with CellTrials(entangled, box) as trials:
        assert trials.points(answers) == graded(entangled, answers, box)
        assert trials.points(answers, only=["test_total"]) == {"test_total": 1}


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos._exit(3)",
        "def scale(x):\n    while True:\n        pass",
        "while True:\n    pass",
        "def scale(x):\n    import os, signal\n    os.kill(os.getpid(), signal.SIGKILL)",
        "1 / 0\ndef scale(x):\n    return np.asarray(x) * 2 + 1",
        "def scale(x:\n",
        "np.asarray = None\ndef scale(x):\n    return np.array(x) * 2 + 1",
        "def helper(x):\n    return x * 2\ndef scale(x):\n    return helper(np.asarray(x)) + 1",
        "del log",
        "def scaled(x):\n    return x",
    ],
)
def test_answers_that_break_things(source: str, entangled: Assignment, box: Sandbox) -> None:
    answers = {"scale": source}
    with CellTrials(entangled, box) as trials:
        found = trials.points(answers, seconds=1.0)
        assert trials.points({}) == trials.baseline().points
        right = trials.points(
            {"note": "def note(t):\n    open('n', 'a').write(t + t)\n    return t + '!'"}
        )
    assert found == graded(entangled, answers, box)
    assert right == trials.baseline().points


def test_an_answer_that_is_not_there(entangled: Assignment, box: Sandbox) -> None:
    with (
        CellTrials(entangled, box) as trials,
        pytest.raises(FairmarkError, match="no cell nothing"),
    ):
        trials.points({"nothing": "x = 1"})
