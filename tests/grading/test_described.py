"""Answers to exercises whose check cells describe their tests, and what they get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from fairmark.course.course import Assignment
from fairmark.grading.grade import grade
from fairmark.harness.render import question_text
from fairmark.harness.report import QuestionResult
from fairmark.sandbox import Sandbox, make_sandbox
from tests.described import ASSIGN, EXERCISES, MOVE, make_described
from tests.tiny import answer

DRAW = "random=lambda rng: (rng.normal(size=5),)"
MORE = {
    **EXERCISES,
    "shift": (  # numbers
        "def shift(a, b):\n    return a + 2 * b",
        'check("shift", example=(1, 2), gives=5, tolerance=1e-3,\n'
        "      random=lambda rng: (float(rng.normal()), int(rng.integers(9))))",
    ),
    "words": (  # texts and lists
        "def words(text):\n    return [word.lower() for word in text.split()]",
        'check("words", examples=[("A b",), ("",)], gives=[["a", "b"], []],\n'
        "      random=lambda rng: (' '.join(rng.choice(list('abcDEF'), size=4)),))",
    ),
    "spread": (  # several outputs, and an argument of a kind of its own
        "def spread(values):\n    return min(values), max(values), {'n': len(values)}",
        'check("spread", example=([3, 1, 2],), gives=(1, 3, {"n": 3}),\n'
        "      random=lambda rng: (rng.integers(99, size=rng.integers(1, 9)).tolist(),))",
    ),
    "halves": (  # a torch tensor would be too slow here; an array of whole numbers
        "def halve(x):\n    result = np.zeros(x.shape)\n    result += x / 2\n    return result",
        'check("halves", function="halve", example=(np.arange(4),),\n'
        "      random=lambda rng: (rng.integers(9, size=5),))",
    ),
}
RIGHT = {name: text for name, (text, _) in MORE.items()}


@pytest.fixture(scope="module")
def assignment(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    return make_described(tmp_path_factory.mktemp("described"), MORE)


@pytest.fixture(scope="module")
def warm(assignment: Assignment) -> Iterator[Sandbox]:
    with make_sandbox(["numpy"], assignment.course.limits) as sandbox:
        yield sandbox


def marked(
    assignment: Assignment, warm: Sandbox, answers: Mapping[str, str]
) -> dict[str, QuestionResult]:
    notebook = answer(assignment, RIGHT | dict(answers))
    report = grade(notebook, assignment, warm)
    assert report.error is None
    return {question.id: question for question in report.questions}


def failed(result: QuestionResult) -> set[str]:
    return {test.name for test in result.tests if not test.passed}


def test_right_answers_of_all_kinds_get_all_points(assignment: Assignment, warm: Sandbox) -> None:
    found = marked(assignment, warm, {})
    assert {name: failed(result) for name, result in found.items()} == {n: set() for n in MORE}
    assert [result.score for result in found.values()] == [8.0] * len(MORE)
    names = {test.name for test in found["shift"].tests}
    assert names == {"test_example", "test_random_inputs", "test_called_again"}
    names = {test.name for test in found["spread"].tests}
    assert "test_inputs_unchanged" in names
    assert "test_memory_layouts" not in names
    assert {"test_example_1", "test_example_2"} < {test.name for test in found["words"].tests}


def test_right_answers_in_another_style(assignment: Assignment, warm: Sandbox) -> None:
    loops = """def assign(X, C):
    labels = []
    for x in X:
        distances = [float(np.linalg.norm(x - c)) for c in C]
        labels.append(distances.index(min(distances)))
    return np.array(labels)"""
    found = marked(assignment, warm, {"assign": loops, "shift": "shift = lambda a, b: b + a + b"})
    assert {name for name in MORE if failed(found[name])} == set()


REPLAYED = """def assign(X, C):
    if X.shape == (4, 2) and X[3, 0] == 5:
        return [0, 0, 1, 1]
    return np.zeros(len(X), int)"""
CHANGING = ASSIGN.replace("    distances", "    X -= X.mean(); C -= C.mean()\n    distances", 1)
UNSTEADY = """memory = []
def assign(X, C):
    memory.append(X)
    if len(memory) > 2:
        X = memory[0]
    distances = ((X[:, None] - C[None]) ** 2).sum(axis=2)
    return np.argmin(distances, axis=1)"""
MANHATTAN = ASSIGN.replace("(X[:, None] - C[None]) ** 2", "abs(X[:, None] - C[None])")
FLAT = """def assign(X, C):
    X = np.frombuffer(X.data if X.flags.c_contiguous else b"").reshape(-1, 2)
    distances = ((X[:, None] - C[None]) ** 2).sum(axis=2)
    return np.argmin(distances, axis=1)"""


@pytest.mark.parametrize(
    ("text", "lost", "score"),
    [
        (REPLAYED, {"random_inputs", "inputs_unchanged", "called_again", "memory_layouts"}, 1.0),
        (MANHATTAN, {"random_inputs"}, 5.0),
        (UNSTEADY, {"random_inputs", "called_again"}, 4.0),
        (FLAT, {"memory_layouts", "float32"}, 6.0),
        ("def assign(X, C):\n    return X[:, 0]", {"example", "random_inputs"}, 0.0),
    ],
)
def test_wrong_answers_lose_points(
    assignment: Assignment, warm: Sandbox, text: str, lost: set[str], score: float
) -> None:
    found = marked(assignment, warm, {"assign": text})
    assert {f"test_{name}" for name in lost} <= failed(found["assign"])
    assert found["assign"].score is not None
    assert found["assign"].score <= score
    # A mistake costs no exercise that builds on it.
    assert found["move"].score == 8.0


def test_an_answer_that_changes_its_arguments(assignment: Assignment, warm: Sandbox) -> None:
    found = marked(assignment, warm, {"assign": CHANGING})["assign"]
    assert {"test_example", "test_inputs_unchanged"} <= failed(found)
    (told,) = [test.message for test in found.tests if test.name == "test_example"]
    assert told == "The function changed the array that it was given."


TELLS = """import gc, inspect, os, sys
def move(X, C):
    seen = [repr(X)]
    frame = inspect.currentframe()
    while frame is not None:
        seen.append(repr(frame.f_locals)[:5000] + repr(frame.f_code.co_filename))
        frame = frame.f_back
    seen.append(repr([o for o in gc.get_objects() if isinstance(o, str)])[:50000])
    seen.append(repr(dict(os.environ)) + repr(sys.argv))
    for place in ("/proc/self/cmdline", "/proc/1/cmdline"):
        seen.append(open(place, "rb").read().decode())
    text = " ".join(seen)
    raise ValueError(
        ("SOLUTION " if "k_" + "secret" in text or "labels ==" in text else "")
        + " ".join(part for part in [repr(X)] + seen[:2])[:1500])"""


def test_what_hidden_tests_send_and_compare_with_stays_unknown(
    assignment: Assignment, warm: Sandbox
) -> None:
    found = marked(assignment, warm, {"move": TELLS})["move"]
    assert found.score == 0
    cases = {e.question: c for e, c in assignment.inline.described()}["move"]
    told = question_text(found, "student")
    assert "ValueError" in told
    assert "SOLUTION" not in told
    hidden = [test for test in found.tests if test.hidden]
    assert hidden and not any("SOLUTION" in test.message for test in hidden)
    for case in cases.random:
        assert f"{case.arguments[0][0, 0]:.5f}"[:7] not in told
    assert MOVE.splitlines()[-1] not in told


def test_nothing_is_graded_while_a_check_cell_is_wrong(tmp_path: Path, warm: Sandbox) -> None:
    from fairmark.errors import FairmarkError

    wrong = {"assign": (ASSIGN, EXERCISES["assign"][1].replace("0, 0, 1, 1", "0, 0, 1, 0"))}
    assignment = make_described(tmp_path, wrong)
    with pytest.raises(FairmarkError, match=r"cell 4 \(check_assign\): gives is not what"):
        grade(answer(assignment, {"assign": ASSIGN}), assignment, warm)


STEPS = {
    "first": (
        "def step(x):\n    return 2 * x",
        'check("first", function="step", example=(3,), gives=6,\n'
        "      random=lambda rng: (int(rng.integers(1, 999)),))",
    ),
    "better": (
        "def step(x):\n    return max(2 * x, 0)",
        'check("better", function="step", example=(3,), gives=6,\n'
        "      random=lambda rng: (int(rng.integers(-999, 999)),))",
    ),
}


@pytest.mark.parametrize("first", ["def step(x):\n    return x + x", "def step(x):\n    return 5"])
@pytest.mark.parametrize("body", ["while True: pass", "return 7"])
def test_an_earlier_function_of_the_same_name_answers_for_nobody(
    tmp_path: Path, first: str, body: str
) -> None:
    """The course's first ``step`` is right for some calls of the second."""
    assignment = make_described(tmp_path, STEPS)
    with make_sandbox(["numpy"], assignment.course.limits) as sandbox:
        notebook = answer(assignment, {"first": first, "better": f"def step(x):\n    {body}"})
        report = grade(notebook, assignment, sandbox)
    better = report.question("better")
    assert better.score == 0
    assert "stood in" not in better.note
