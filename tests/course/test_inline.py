"""Check cells that describe their tests: what is made of them, and what is said of bad ones."""

from __future__ import annotations

import zlib
from pathlib import Path

import nbformat
import numpy as np
import pytest

from fairmark.course.course import Assignment, Course
from fairmark.errors import FairmarkError
from fairmark.inline.examine import tree_of
from fairmark.nbgrader.generate import generate_release
from fairmark.selfcheck.release import visible_tests
from tests.described import ASSIGN, EXERCISES, SETUP, make_described
from tests.tiny import GRADER

DRAW = "random=lambda rng: (rng.normal(size=5),)"
MEAN = "def mean(x):\n    return np.mean(x)"


@pytest.fixture(scope="module")
def kmeans(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    return make_described(tmp_path_factory.mktemp("kmeans"))


def fault(root: Path, answer: str, call: str, setup: str = SETUP, name: str = "mean") -> str:
    """What is said of an exercise, behind the notebook's name."""
    assignment = make_described(root, {name: (answer, call)}, setup)
    with pytest.raises(FairmarkError) as caught:
        assignment.inline_checks().described()
    (line,) = caught.value.lines
    assert "\n" not in line
    assert line.startswith(f"{assignment.source}: cell ")
    return line.removeprefix(f"{assignment.source}: ")


def test_the_cases_of_two_exercises(kmeans: Assignment) -> None:
    assert kmeans.has_graders
    assert [q.id for q in kmeans.questions] == ["assign", "move"]
    (_, assign), (move, moved) = kmeans.inline_checks().described()
    assert assign.examples[0].result == [0, 0, 1, 1]
    np.testing.assert_array_equal(moved.examples[0].result, [[0, 0.5], [4.5, 4]])
    assert move.hint == "The mean of the points of each centre."
    assert len(assign.random) == 5
    inputs = {repr(tree_of(c.arguments, "")) for c in (*assign.random, *assign.examples)}
    assert len(inputs) == 6
    assert assign.layouts == ("transposed", "sliced", "read-only")
    points, centres = assign.narrow[0].arguments
    assert (points.dtype, centres.dtype) == (np.float32, np.float32)


def test_only_what_is_needed_is_run(tmp_path: Path) -> None:
    setup = (
        SETUP
        + """
raise_this = [1]
draws = np.random.default_rng(1)
for i in range(3):
    X[0] += i
_ = print("not needed", undefined) if False else None
never()"""
    )
    EXERCISE = {"assign": EXERCISES["assign"]}
    program = "\n".join(
        text for _, text in make_described(tmp_path, EXERCISE, setup).inline.program
    )
    assert "X[0] += i" in program
    assert "never" not in program
    assert "draws" not in program


def test_the_same_inputs_each_time_and_none_that_can_be_guessed(
    kmeans: Assignment, tmp_path: Path
) -> None:
    drawn = [c.arguments[0] for c in kmeans.inline.described()[0][1].random]
    again = make_described(tmp_path).inline.described()[0][1].random
    np.testing.assert_array_equal(drawn, [case.arguments[0] for case in again])
    guesses = [
        0,
        1,
        42,
        *(zlib.crc32(f"TestAssign::{t}".encode()) for t in ("test_random_inputs",)),
    ]
    for guess in guesses:
        other = np.random.default_rng(guess).normal(size=(20, 2))
        assert not any(np.array_equal(other, one) for one in drawn)
    # Another solution, other inputs: who does not know its text cannot draw them.
    other_text = ASSIGN.replace("distances", "squares")
    (tmp_path / "other").mkdir()
    changed = make_described(tmp_path / "other", {"assign": (other_text, EXERCISES["assign"][1])})
    assert not np.array_equal(changed.inline.described()[0][1].random[0].arguments[0], drawn[0])


def test_students_module_has_the_examples_only(kmeans: Assignment) -> None:
    text = kmeans.inline.visible()
    assert visible_tests({"k-means.ipynb": text})
    for secret in ("k_secret", "argmin", "rng", "hidden", "CASES", "normal", "layouts"):
        assert secret not in text
    assert "Hidden checks: 5 random inputs, unchanged arguments, repeated calls" in text
    assert kmeans.master.cells[3].source == 'check("assign")'
    assert "random" in kmeans.solved.cells[3].source


@pytest.mark.parametrize(
    ("answer", "call", "told"),
    [
        (MEAN, 'check("mean", example=(X,))', "it needs random=lambda rng: (…)"),
        (MEAN, f'check("mean", {DRAW})', "it needs example=(…) with the arguments of a call"),
        (MEAN, f'check("mean", example=X, {DRAW})', "example must be a tuple of arguments"),
        (
            MEAN,
            f'check("mean", example=(X, C), {DRAW})',
            "the example has 2 arguments, which mean(x) does not take: too many positional",
        ),
        (
            MEAN,
            f'check("mean", example=(np.ones(3),), gives=2.0, {DRAW})',
            "gives for the example: it should be 1, but it is 2",
        ),
        (
            MEAN,
            'check("mean", example=(X,), random=lambda rng: rng.normal(size=3))',
            "random must return a tuple of arguments, such as (x, y), or (x,) for one; it returned "
            "a value of type ndarray",
        ),
        (
            MEAN,
            'check("mean", example=(X,), random=lambda rng: (nothing,))',
            "random raised NameError: name 'nothing' is not defined",
        ),
        (
            MEAN,
            'check("mean", example=(X,), random=lambda rng: (np.random.rand(3),))',
            "random draws from something else than its rng",
        ),
        (
            MEAN,
            'check("mean", example=(X,), random=lambda rng: (X,))',
            "random draws the same input again and again",
        ),
        (MEAN, f'check("mean", example=(lost,), {DRAW})', "NameError: name 'lost' is not defined"),
        (MEAN, f'check("maen", example=(X,), {DRAW})', "it checks 'maen', but its id is that of"),
        (MEAN, f'check("mean", exmaple=(X,), {DRAW})', "check has no exmaple=; it has example"),
        (MEAN, f'print(1)\ncheck("mean", example=(X,), {DRAW})', "nothing else may stand in it"),
        (
            MEAN,
            f'check("mean", example=(np.random.rand(3),), {DRAW})',
            "example is another one in each run: seed what it is drawn from",
        ),
        (
            MEAN.replace("mean(x):", "average(x):"),
            f'check("mean", example=(X,), {DRAW})',
            "the solution cell mean defines no mean (function= names it)",
        ),
        (
            "mean = 3.5",
            f'check("mean", gives=3.5, {DRAW})',
            "the answer mean is no function: write a grader for it, in graders/",
        ),
        (
            "class mean:\n    pass",
            f'check("mean", example=(), {DRAW})',
            "the answer mean is no function: write a grader for it, in graders/",
        ),
        (
            "def mean(x):\n    return np.mean(x) + np.random.rand()",
            f'check("mean", example=(X,), {DRAW})',
            "the solution of mean is not deterministic",
        ),
        (
            "def mean(x):\n    x *= 2\n    return np.mean(x)",
            f'check("mean", example=(X,), {DRAW})',
            "the solution of mean changes its arguments (the example)",
        ),
        (
            "def mean(x):\n    return np.mean(x) if len(x) == 4 else x.nothing",
            f'check("mean", example=(X,), {DRAW})',
            "the solution of mean raised AttributeError",
        ),
        (
            "def mean(x):\n    return lambda: x",
            f'check("mean", example=(X,), {DRAW})',
            "is no plain data (an object of type function is no plain data): write a grader",
        ),
        (
            MEAN,
            f'check("mean", example=(np.arange(9000.0),), {DRAW})',
            "an example of 9000 numbers is more than a person reads",
        ),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    tmp_path: Path, answer: str, call: str, told: str
) -> None:
    found = fault(tmp_path, answer, call)
    assert found.startswith("cell 4 (check_mean): ")
    assert told in found


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("exit()", "the solution of mean raised SystemExit"),
        ("raise SystemExit(0)", "the solution of mean raised SystemExit"),
        ("os._exit(0)", "what the check cells need ended with code 0: it said nothing"),
    ],
)
def test_a_solution_that_ends_its_process_is_named(tmp_path: Path, body: str, told: str) -> None:
    call = f'check("mean", example=(X,), {DRAW})'
    answer = f"def mean(x):\n    {body}"
    assignment = make_described(tmp_path, {"mean": (answer, call)}, f"import os\n{SETUP}")
    with pytest.raises(FairmarkError) as caught:
        assignment.inline_checks().described()
    (line,) = caught.value.lines
    assert told in line


@pytest.mark.parametrize("tolerance", ["True", "float('inf')", "float('nan')", "-1", "'small'"])
def test_a_tolerance_is_a_number(tmp_path: Path, tolerance: str) -> None:
    call = f'check("mean", example=(X,), tolerance={tolerance}, {DRAW})'
    assert "tolerance must be a number that is not below 0" in fault(tmp_path, MEAN, call)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (f'check("mean", example=(X,), {DRAW}', "and Python cannot read it"),
        (f'r = check("mean", example=(X,), {DRAW})', "one call that stands alone"),
        (f'check(f"mean", example=(X,), {DRAW})', "one call that stands alone"),
        (f'check(question_id="mean", example=(X,), {DRAW})', "one call that stands alone"),
        (f'import fairmark\nfairmark.check("mean", example=(X,), {DRAW})', "stands alone"),
        (f'for _ in "a":\n    check("mean", example=(X,), {DRAW})', "stands alone"),
    ],
)
def test_what_was_meant_to_describe_tests_is_never_given_to_students(
    tmp_path: Path, call: str, told: str
) -> None:
    """Its inputs would be told, and nothing would test the answers."""
    found = fault(tmp_path, MEAN, call)
    assert found.startswith("cell 4 (check_mean): ")
    assert told in found
    assignment = Course.load(tmp_path).assignment("k-means")
    assert assignment.has_graders
    with pytest.raises(FairmarkError, match="check_mean"):
        generate_release(assignment)


def test_a_description_in_a_cell_that_is_no_test_cell_is_named(tmp_path: Path) -> None:
    assignment = make_described(tmp_path)
    notebook = nbformat.read(assignment.source, 4)
    notebook.cells[3].metadata = {}
    nbformat.write(notebook, assignment.source)
    with pytest.raises(FairmarkError, match=r"cell 4: it describes tests, but is no test cell"):
        Course.load(tmp_path).assignment("k-means").inline_checks().described()


@pytest.mark.parametrize("answer", ["return sorted(x)", "return 5", "sorted(x)"])
def test_inputs_that_all_give_the_same_are_told(tmp_path: Path, answer: str) -> None:
    call = 'check("f", example=([3, 1],), random=lambda rng: (rng.permutation(9).tolist(),))'
    found = fault(tmp_path, f"def f(x):\n    {answer}", call, name="f")
    assert "all 5 random inputs give the same result" in found


def test_the_first_two_inputs_give_different_results(tmp_path: Path) -> None:
    call = 'check("f", example=(2,), hidden=40, random=lambda rng: (int(rng.integers(999)),))'
    answer = "def f(x):\n    return x % 10 == 0"
    ((_, cases),) = make_described(tmp_path, {"f": (answer, call)}).inline.described()
    assert len(cases.random) == 40
    assert cases.random[0].result != cases.random[1].result


def test_a_cell_above_that_fails_is_named(tmp_path: Path) -> None:
    found = fault(tmp_path, MEAN, f'check("mean", example=(X,), {DRAW})', "X = 1 / 0")
    assert found == "cell 2: ZeroDivisionError: division by zero"


def test_a_solution_that_is_slow_is_named(tmp_path: Path) -> None:
    slow = "def mean(x):\n    import time\n    time.sleep(0.5)\n    return np.mean(x)"
    found = fault(tmp_path, slow, f'check("mean", example=(X,), {DRAW})')
    assert "the solution of mean is slow: a call took 0.5" in found


def test_a_solution_that_never_ends_is_named(tmp_path: Path) -> None:
    assignment = make_described(
        tmp_path,
        {"mean": ("def mean(x):\n    while True: pass", f'check("mean", example=(X,), {DRAW})')},
    )
    config = tmp_path / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.Fairmark.limits.update(question_seconds=0.5)\n")
    config.write_text(config.read_text() + "c.Fairmark.limits.update(cell_seconds=0.5)\n")
    assignment = Course.load(tmp_path).assignment("k-means")
    with pytest.raises(FairmarkError, match=r"cell 4 \(check_mean\): it does not end within 1.5"):
        assignment.inline.described()


def test_a_grader_module_beside_it_and_none_for_the_same_exercise(tmp_path: Path) -> None:
    assignment = make_described(tmp_path)
    assignment.graders.mkdir(parents=True)
    (assignment.graders / "test_more.py").write_text(GRADER)
    assert assignment.inline_checks().calls
    (assignment.graders / "test_more.py").write_text(GRADER.replace("double", "move"))
    with pytest.raises(
        FairmarkError, match=r"cell 6 \(check_move\) describes tests, and .* keep one"
    ):
        assignment.inline_checks()


def test_a_function_named_check_of_an_existing_course_is_none(tmp_path: Path) -> None:
    call = 'check("mean", hint="a function of the course\'s own", points=3)'
    assignment = make_described(tmp_path, {"mean": (MEAN, call)})
    assert not assignment.inline.calls
    assert not assignment.has_graders


def test_data_beside_the_notebook_can_be_read(tmp_path: Path) -> None:
    setup = "import numpy as np\nX = np.loadtxt('points.txt')"
    call = f'check("mean", example=(X,), {DRAW})'
    assignment = make_described(tmp_path, {"mean": (MEAN, call)}, setup)
    (assignment.source.parent / "points.txt").write_text("1 2 6")
    ((_, cases),) = assignment.inline.described()
    assert cases.examples[0].result == 3


def test_the_notebook_as_it_is_stored_is_read_as_text_too(tmp_path: Path) -> None:
    assignment = make_described(tmp_path)
    notebook = nbformat.read(assignment.source, 4)
    assert "random" in notebook.cells[3].source
    assert Course.load(tmp_path).assignments()[0].inline.questions == {"assign", "move"}
