"""The questions of a draft in a course of test cells: those that ask for what it tests."""

from __future__ import annotations

import ast
import json
from collections.abc import Collection, Mapping, Sequence

from fairmark.course.answers import checked_answers
from fairmark.course.course import Assignment
from fairmark.course.marks import grade_id
from fairmark.draft.engine import Draft
from fairmark.draft.scratch import tested_by
from fairmark.inline.write import class_name
from fairmark.syntax.names import names_used


def questions_of(assignment: Assignment) -> dict[str, dict[str, frozenset[str]]]:
    """Return each answer's questions, with the names of the answer that the question uses.

    A test cell that uses an answer is no question of the others that it could be about, so that a
    mistake in one function does not cost the points of another. Where a test cell uses none by
    name, or no test cell uses an answer, all that they could be about counts.
    """
    sources = {grade_id(cell): str(cell.source) for cell in assignment.solved.cells}
    used = {
        test: {name: names & names_used(sources[test]) for name, names in answers.items()}
        for test, answers in checked_answers(assignment).items()
    }
    found = {}
    for answer, tests in tested_by(assignment).items():
        about = {test: frozenset(used.get(test, {}).get(answer, ())) for test in tests}
        closest = {
            test: names
            for test, names in about.items()
            if names or not any(used.get(test, {}).values())
        }
        found[answer] = closest or about
    return found


def asked_by(draft: Draft, tests: Mapping[str, Collection[str]]) -> str:
    """Return the module of an answer's draft, whose questions are the test cells about it.

    ``tests`` has the functions that each test cell uses. It gets the tests of these, and of those
    that no test cell uses; all of them where it uses none.
    """
    lines = draft.text.splitlines(keepends=True)
    name = class_name(draft.question)
    tree = ast.parse(draft.text)
    (node,) = (n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name)
    methods = [n for n in node.body if isinstance(n, ast.FunctionDef)]
    head = "".join(lines[node.lineno : _start(methods[0]) - 1])
    groups: dict[tuple[int, ...], list[str]] = {}
    named = frozenset().union(*tests.values())
    for test, used in tests.items():
        chosen = tuple(
            i
            for i, method in enumerate(methods)
            if not used or (function := _function(method)) in used or function not in named
        )
        groups.setdefault(chosen or tuple(range(len(methods))), []).append(test)
    parts = []
    for number, (chosen, cells) in enumerate(groups.items(), 1):
        texts = ["".join(lines[_start(methods[i]) - 1 : methods[i].end_lineno]) for i in chosen]
        suffix = str(number) if len(groups) > 1 else ""
        parts += _classes(name, suffix, cells, head + "\n".join(texts))
    before = "".join(lines[: _start(node) - 1])
    after = "".join(lines[node.end_lineno :])
    return before + "\n\n".join(parts) + after


def _classes(name: str, suffix: str, cells: Sequence[str], body: str) -> list[str]:
    """The classes of the test cells that ask the same."""
    if len(cells) == 1:
        return [f"@question({json.dumps(cells[0])})\nclass {name}{suffix}:\n{body}"]
    base = f"_{name.removeprefix('Test')}{suffix}Tests"  # pytest takes a base's mark first
    between = "_" if suffix else ""
    return [f"class {base}:\n{body}"] + [
        f"@question({json.dumps(cell)})\n"
        f'class {name}{suffix}{between}{number}({base}):\n    """The tests for {cell}."""\n'
        for number, cell in enumerate(cells, 1)
    ]


def _start(node: ast.ClassDef | ast.FunctionDef) -> int:
    """The line of a definition, or of its first decorator."""
    return min([node.lineno, *(one.lineno for one in node.decorator_list)])


def _function(method: ast.FunctionDef) -> str:
    """The function that a drafted test is about; "" where the draft is about one only."""
    return method.name.removeprefix("test_").rpartition("__")[0]
