"""Drafts for answers that are values: each variable is compared with the instructor's."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from fairmark.draft.ask import is_usable
from fairmark.draft.inputs import count_numbers
from fairmark.draft.results import Failure
from fairmark.draft.words import docstring
from fairmark.draft.write import _short, target
from fairmark.harness.proxy import Submission
from fairmark.inline.write import class_name, literal
from fairmark.syntax.cells import names_defined, parsed
from fairmark.syntax.names import changed, global_uses

_LINE = 100
_MOST = 60
"""So many numbers are written down."""
_MODULE = '''"""Tests of {question}, drafted by `fairmark draft`.

What is right stands in hidden tests alone. Students read the docstrings: make them your own, and
give hints (`hint="…"`)."""

from fairmark.testing import {imports}
{close}

@question({question!r})
class {cls}:
    """The answer to {question}."""

{tests}
'''
_CLOSE = """
# Numbers that were rounded to three digits or more are right, too.
CLOSE = {"rtol": 1e-3}
"""


def given_in(stub: str, solution: str, names: Collection[str]) -> set[str]:
    """Return the variables that the release has as the solution has them: they are no answer.

    What is made of an answer is one, though its line was handed out.
    """
    handed_out, solved = _lines_about(stub), _lines_about(solution)
    given = {name for name in names if solved.get(name) == handed_out.get(name, [])}
    tree = parsed(solution)
    statements = tree.body if tree is not None else []
    while True:
        left = {*names} - given
        made = {
            name
            for statement in statements
            if global_uses(statement) & left
            for name in names_defined(ast.unparse(statement))
        }
        if not made & given:
            return given
        given -= made


def _lines_about(source: str) -> dict[str, list[str]]:
    """By variable, the statements that make or change it."""
    found: dict[str, list[str]] = {}
    tree = parsed(source)
    for statement in tree.body if tree is not None else []:
        for name in names_defined(ast.unparse(statement)) | changed(statement):
            found.setdefault(name, []).append(ast.dump(statement))
    return found


def values_of(names: list[str], submission: Submission) -> dict[str, Any]:
    """Return what these variables of the right answer hold, where it is data for people."""
    found = {}
    for name in names:
        try:
            value = submission[name].value()
        except Failure:
            continue
        if is_usable(value) and count_numbers(value) <= _MOST:
            found[name] = value
    return found


def module_of(question: str, values: Mapping[str, Any]) -> str:
    """Return the text of the grader module."""
    import black

    tests = "\n".join(_tests(values))
    used = ["Submission", "hidden", "question"]
    used += [name for name in ("assert_close", "assert_equal", "fail") if f"{name}(" in tests]
    text = _MODULE.format(
        question=question,
        imports=", ".join(sorted(used)),
        close=_CLOSE if "CLOSE" in tests else "",
        cls=class_name(question),
        tests=tests,
    )
    return black.format_str(text, mode=black.Mode(line_length=_LINE, magic_trailing_comma=False))


def _tests(values: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        is_row = hasattr(value, "__len__") and not isinstance(value, str)
        told = f"{name} should have {len(value)} items." if is_row else f"{name} should be set."
        lines = [f"value = {target(name)}.value()"]
        if is_row:
            lines.append(f'if not hasattr(value, "__len__") or len(value) != {len(value)}:')
        else:
            lines.append("if value is None:")
        lines.append(f"    fail({told!r})")
        yield _method(f"{name}_given", told, lines, hidden=False)
    for name, value in values.items():
        how, more = ("assert_close", ", **CLOSE") if _has_floats(value) else ("assert_equal", "")
        call = f"{how}({target(name)}.value(), {literal(_short(value))}{more}, what={name!r})"
        yield _method(name, f"{name} is what the solution gives.", [call], hidden=True)


def _method(name: str, title: str, lines: list[str], *, hidden: bool) -> str:
    mark = "    @hidden\n" if hidden else ""
    body = "\n".join(f"        {line}" for line in [docstring(title), *lines])
    return f"{mark}    def test_{name}(self, submission: Submission) -> None:\n{body}\n"


def _has_floats(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_floats, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_floats, value))
    return bool(getattr(getattr(value, "dtype", None), "kind", "") in ("f", "c")) or isinstance(
        value, float
    )
