"""A cell without one of its statements."""

from __future__ import annotations

import pytest

from fairmark.syntax.statements import (
    bound_behind,
    definitions_of,
    statement_at,
    without_statement,
)

CELL = """%matplotlib inline
import os; x = 1; y = (
    2)

@staticmethod
def f():
    return 'é'
for n in range(3):
    print(n)
"""


@pytest.mark.parametrize(
    ("index", "was", "becomes"),
    [
        (0, "%matplotlib inline", "pass"),
        (1, "import os;", "pass;"),
        (2, "x = 1", "pass"),
        (3, "y = (\n    2)", "pass\n"),
        (4, "@staticmethod\ndef f():\n    return 'é'", "pass\n\n"),
        (5, "for n in range(3):\n    print(n)", "pass\n"),
    ],
)
def test_each_statement_can_be_left_out(index: int, was: str, becomes: str) -> None:
    left = without_statement(CELL, index, 6)
    assert left == CELL.replace(was, becomes, 1)
    assert left.count("\n") == CELL.count("\n")
    first = statement_at(CELL, index, 6)
    assert first is not None
    assert was.splitlines()[0].rstrip(";") in first


def test_letters_of_several_bytes() -> None:
    assert without_statement("é = 'ü'; b = 'ß'; ç = 3", 1, 3) == "é = 'ü'; pass; ç = 3\n"


@pytest.mark.parametrize(("source", "count"), [("x = (", 1), ("x = 1", 2), ("x = 1; y = 2", 1)])
def test_a_cell_that_is_another_one(source: str, count: int) -> None:
    assert without_statement(source, 0, count) is None
    assert statement_at(source, 0, count) is None
    assert not bound_behind(source, 0, count)


def test_what_is_bound_behind() -> None:
    assert bound_behind(CELL, 0, 6)
    assert not bound_behind(CELL, 4, 6)


def test_the_definitions_of_a_cell() -> None:
    expected = "pass\nimport os; pass; pass\n\n\n@staticmethod\ndef f():\n    return 'é'\npass\n\n"
    assert definitions_of(CELL) == expected
    assert definitions_of("x = 1\nprint(x)") == ""
    assert definitions_of("def f(") == ""
