"""Text made from a syntax tree: the same code, strings as they were written, no comments."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

import pytest

from fairmark.syntax.unparse import unparse

Q = '"""'


def again(source: str) -> str:
    """The text made of a module."""
    return "\n".join(unparse(node, source) for node in ast.parse(source).body)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (f"x = {Q}\na\n  b\n{Q}", f"x = {Q}\na\n  b\n{Q}"),
        ("x = ('a'  # first\n\n  # second\n  r'\\b')", "x = 'a' r'\\b'"),
        ("x = 'a' \\\n  'b'", "x = 'a' 'b'"),
        ("f(b'a'\n  b'b')  # call", "f(b'a' b'b')"),
        (
            "x = ('é' 'a'\n  f'{y!r:>{n}} é # no'  # why\n  'b')",
            "x = 'é' 'a' f'{y!r:>{n}} é # no' 'b'",
        ),
        (f"x = (f{Q}a {{y}}\n  b{Q}  # why\n 'c')", f"x = f{Q}a {{y}}\n  b{Q} 'c'"),
        ("x = {'a': 'b'}['a'].join(['c'])", "x = {'a': 'b'}['a'].join(['c'])"),
        ("x = '\\0'  # NUL", "x = '\\0'"),
        ("é = 1\r\n\x0c\r\nx = ('a'\r\n'é' 'b')", "é = 1\nx = 'a' 'é' 'b'"),
    ],
)
def test_strings_stay_as_they_are_written(source: str, expected: str) -> None:
    assert again(source) == expected


def test_no_comment_of_an_f_string_gets_through() -> None:
    source = f"x = f{Q}{{\n    y  # SECRET\n}}{Q}"
    try:
        ast.parse(source)
    except SyntaxError:
        pytest.skip("this Python has no comments in f-strings")
    assert again(source) == "x = f'{y}'"


def test_docstrings_move_with_their_block() -> None:
    source = textwrap.dedent(
        f"""
        class A:
            {Q}Says what it is.

            And more.
            {Q}

            def f(self):  # SECRET
                {Q}Do it.{Q}
                match self:
                    case {{"key": "a" | "b"}}:
                        return "c"
        """
    )
    assert ast.dump(ast.parse(again(source))) == ast.dump(ast.parse(source))
    assert "SECRET" not in again(source)


def test_all_code_of_this_repository_stays_the_same(course_root: Path) -> None:
    paths = [
        path for name in ("fairmark", "graders") for path in (course_root / name).rglob("*.py")
    ]
    assert len(paths) > 100
    for path in paths:
        source = path.read_text("utf-8")
        assert ast.dump(ast.parse(again(source))) == ast.dump(ast.parse(source)), path
