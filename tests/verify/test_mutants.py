"""Mutants of a cell: all that a grader must notice, each once, and nothing that it cannot."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from fairmark.verify.mutants import GENERAL, Mutant, mutants

SOURCE = Path(__file__).parents[2] / "source"


def general(source: str) -> list[str]:
    """What the changed lines become, for the mutants of cosmic-ray's operators."""
    return [m.becomes for m in mutants("q", source) if m.operator.startswith("core/")]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("y = a + b", ["y = a - b"]),
        ("y = a * b", ["y = a / b"]),
        ("y = a / b", ["y = a * b", "y = a // b"]),
        ("y = a // b", ["y = a / b", "y = a * b"]),
        ("y = a ** b", ["y = a * b"]),
        ("y = a >= b", ["y = a > b", "y = a < b"]),
        ("y = a == b", ["y = a != b"]),
        ("y = a is None", ["y = a is not None"]),
        ("y = -a", ["y = a"]),
        ("y = not a", ["y = a"]),
        ("y = f(3)", ["y = f(4)", "y = f(2)"]),
        ("y = 0.5", ["y = 1.5", "y = -0.5"]),
        ("y = True", ["y = False"]),
        ("y = a and b", ["y = a or b"]),
        ("if a:\n    f()", ["if not a:"]),
        ("if a == b:\n    f()", ["if a != b:"]),  # and no `not a == b`
        ("for a in b:\n    break", ["for a in []:", "continue"]),
    ],
)
def test_general_mistakes(source: str, expected: list[str]) -> None:
    assert general(source) == expected


def test_a_mutant_says_what_it_changes() -> None:
    cell = (
        "def f(x):\n    ### BEGIN SOLUTION\n    return x >= 0  # at 0 too\n    ### END SOLUTION\n"
    )
    first = mutants("step", cell)[0]
    assert first == Mutant(
        question="step",
        operator="core/ReplaceComparisonOperator_GtE_Gt",
        line=3,
        was="return x >= 0",
        becomes="return x > 0",
        source=cell.replace(">=", ">"),
    )


def test_a_change_over_lines_names_them_all() -> None:
    found = mutants("q", "y = f(\n    a,  # first\n    b,\n)")
    assert [(m.line, m.was, m.becomes) for m in found] == [
        (1, "y = f(\na,\nb,\n)", "y = f(b, a)"),
    ]


@pytest.mark.parametrize(
    "cell",
    [
        '"""Adds 1 + 1."""',
        'def f():\n    """Adds 1 + 1."""',
        "def f(x: int | None) -> 'Array[2]':\n    pass",
        "x: tuple[int, 3]",
        "### BEGIN SOLUTION 1 + 1\npass",
        "def f(*args, **kwargs):\n    pass",
        "import numpy as np\nfrom math import *",
    ],
)
def test_what_no_test_sees_is_left_alone(cell: str) -> None:
    assert mutants("q", cell) == []


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("raise ValueError(f'{n - 1} of {n + 1}')", ["pass"]),
        ("raise ValueError('a' + str(n + 1)) from None", ["pass"]),
        ("assert x, f'{n + 1}'", ["assert not x, f'{n + 1}'", "pass"]),
        ("print(n + 1)", ["pass"]),
    ],
)
def test_messages_are_left_alone(cell: str, expected: list[str]) -> None:
    assert [m.becomes for m in mutants("q", cell)] == expected


@pytest.mark.parametrize(
    "cell",
    [
        "for a, b in zip(x, y, strict=True):\n    pass",
        "y = x.reshape(n, -1)",
    ],
)
def test_what_makes_no_difference_is_left_alone(cell: str) -> None:
    allowed = {"core/ZeroIterationForLoop", "core/ReplaceUnaryOperator_Delete_USub"}
    found = {m.operator for m in mutants("q", cell)}
    assert found <= allowed | {"core/NumberReplacer", "neural/shape"}
    assert not any("-2" in m.becomes or "False" in m.becomes for m in mutants("q", cell))


def test_an_f_string_that_is_no_message_is_looked_at() -> None:
    assert 'key = f"conv{i - 1}"' in general('key = f"conv{i + 1}"')


def test_characters_beyond_ascii_do_not_move_the_change() -> None:
    found = mutants("q", 'y = f("Σ–é") + np.exp(x)  # é')
    assert 'y = f("Σ–é") + x' in [m.becomes for m in found]


def test_parts_keep_their_own_words() -> None:
    found = mutants("q", 'y = (x["a"]   +  1_000) * w')
    assert 'y = x["a"]   +  1_000' in [m.becomes for m in found]


def test_a_cell_with_magics_is_refused() -> None:
    with pytest.raises(SyntaxError):
        mutants("q", "%matplotlib inline\nx = 1")


def test_only_known_operators_are_asked_for() -> None:
    assert len(GENERAL) == len(set(GENERAL))


def solutions(assignment: str) -> dict[str, str]:
    notebook = json.loads((SOURCE / assignment / f"{assignment}.ipynb").read_text(encoding="utf-8"))
    marks = [(cell, cell["metadata"].get("nbgrader", {})) for cell in notebook["cells"]]
    return {
        mark["grade_id"]: "".join(cell["source"])
        for cell, mark in marks
        if cell["cell_type"] == "code" and mark.get("solution")
    }


@pytest.mark.parametrize(("question", "cell"), solutions("perceptron").items())
def test_the_course_gets_a_sane_number(question: str, cell: str) -> None:
    found = mutants(question, cell)
    assert found == mutants(question, cell)
    assert [m.line for m in found] == sorted(m.line for m in found)
    assert len({m.source for m in found}) == len(found)
    assert cell not in {m.source for m in found}
    code = [line.strip() for line in cell.split("\n")]
    for mutant in found:
        assert mutant.question == question
        assert code[mutant.line - 1].startswith(mutant.was.split("\n")[0])
        assert mutant.was != mutant.becomes
        ast.parse(mutant.source)
    for line in range(1, len(code) + 1):
        assert sum(m.line == line for m in found) <= 15
    assert len(found) >= 3


def test_the_mistakes_of_the_lecture_are_among_them() -> None:
    cells = solutions("perceptron")

    def lines(question: str) -> set[str]:
        return {m.becomes for m in mutants(question, cells[question])}

    assert {"return w - lr * y * x", "return w + lr * x"} <= lines("perceptron_update")
    assert {"return X @ w", "return step(w @ X)"} <= lines("predict")
    assert "centred = X" in lines("pca_project")
    assert "return -w0 / w2, -w1 / w2" in lines("decision_boundary")
