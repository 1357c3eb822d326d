"""Code that is made to break or to hold up whoever reads it: the graders' own process does."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable
from unittest import mock

import pytest

from fairmark.syntax import statements
from fairmark.syntax.cells import is_valid, names_defined, parsed
from fairmark.syntax.effects import _read
from fairmark.syntax.names import names_used
from fairmark.syntax.slices import needed_statements, statements_run
from fairmark.syntax.statements import definitions_of

_DEEP: dict[str, Callable[[int], str]] = {
    "elif": lambda n: "if 1: pass\n" + "elif 1: pass\n" * n,
    "sum": lambda n: "x = 1" + " + 1" * n,
    "power": lambda n: "x = 1" + " ** 1" * n,
    "not": lambda n: "x = " + "not " * n + "1",
    "attributes": lambda n: "x = a" + ".b" * n,
    "calls": lambda n: "x = f" + "()" * n,
    "items": lambda n: "x" + "[0]" * n + " = 1",
    "lambda": lambda n: "x = " + "lambda: " * n + "1",
    "if else": lambda n: "x = " + "1 if 1 else " * n + "1",
    "blocks": lambda n: (
        "".join(" " * i + "if 1:\n" for i in range(min(n, 99))) + " " * 99 + "x = 1"
    ),
    "functions": lambda n: "".join(" " * i + "def f():\n" for i in range(99)) + " " * 99 + "x = 1",
}


@pytest.mark.parametrize("depth", [100, 140, 200, 400, 900, 1300, 2000, 5000, 50_000])
@pytest.mark.parametrize("kind", _DEEP)
def test_deep_code(kind: str, depth: int) -> None:
    source = f"{_DEEP[kind](depth)}\ndef double(x):\n    return 2 * x\n"
    assert "double" in names_defined(source)
    names_used(source)
    needed_statements([source], ["double"])
    statements_run([source], ["double"])
    definitions_of(source)
    _read(source)
    tree = parsed(source)
    assert (tree is not None) == is_valid(source)
    if tree is not None:
        ast.unparse(tree)


@pytest.mark.parametrize(
    "source",
    [
        "nonlocal x",
        "def f(a, a): pass",
        "def f():\n    from os import *",
        "def f():\n    x = 1\n    global x",
        "def f(x):\n    nonlocal x",
        "[x := 1 for x in y]",
        "class A:\n    [x := 1 for y in z]",
    ],
)
def test_code_that_reads_well_and_does_not_compile(source: str) -> None:
    """Students write such things without meaning any harm, too."""
    text = f"{source}\nz = f(x)"
    assert {"f", "x"} <= names_used(text) | {"f"}
    needed_statements([text], ["z"])
    statements_run([text], ["z"])
    _read(text)


def test_many_statements_are_read_at_once() -> None:
    """Reading the cell anew for each statement took hours."""
    many = "def double(x): return 2 * x\n" + "x = 1\n" * 5_000
    with mock.patch.object(statements, "parsed", wraps=parsed) as reading:
        left = definitions_of(many)
    assert reading.call_count <= 3
    assert left == "def double(x): return 2 * x\n" + "pass\n" * 5_000


@pytest.mark.parametrize("line", ["{} )", "x{} )", "a,{} )", "x ={} )", "{}?x", "a?{} )"])
def test_long_lines_of_spaces(line: str) -> None:
    """A pattern with two places for the same spaces took minutes for one line."""
    source = "x\n" + line.format(" " * 20_000)
    started = time.process_time()
    assert parsed(source) is None
    _read(source)
    assert time.process_time() - started < 3
