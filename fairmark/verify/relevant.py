"""Which lines of an answer students write, and which of them a test cell's graders can see."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from fairmark.course.course import Assignment
from fairmark.course.markers import regions_of
from fairmark.syntax.cells import parsed, without_magics
from fairmark.syntax.names import bound

_WORD = re.compile(r"\w+")
_PLAIN = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)


def lines_seen(
    assignment: Assignment, question: str, solutions: Mapping[str, str]
) -> dict[str, set[int]] | None:
    """Return the lines of each answer that a question's tests can tell from others.

    ``solutions`` are the instructor's answers by cell. A line is seen when it belongs to a
    statement whose names the tests use, directly or by other statements, or which is no definition,
    import or assignment. What a call in an assignment changes beside is not looked for. None where
    all lines are seen, or where that cannot be told.
    """
    words = _tested(assignment, question)
    if not words or "printed" in words:
        return None
    trees = {cell: parsed(source) for cell, source in solutions.items()}
    if any(tree is None for tree in trees.values()):
        return None
    own = [(cell, node) for cell, tree in trees.items() if tree is not None for node in tree.body]
    others = [
        node
        for cell in assignment.solved.cells
        if cell.cell_type == "code"
        for node in getattr(parsed(without_magics(str(cell.source))), "body", [])
    ]
    for _, node in own:
        if not isinstance(node, _PLAIN):
            words |= _words(ast.unparse(node))
    texts = [(bound(node), _words(ast.unparse(node))) for node in others]
    while more := set().union(*(used for names, used in texts if names & words)) - words:
        words |= more
    seen: dict[str, set[int]] = {cell: set() for cell in solutions}
    for cell, node in own:
        if not isinstance(node, _PLAIN) or bound(node) & words:
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
            seen[cell] |= set(range(first, (node.end_lineno or first) + 1))
    return seen


def students_lines(source: str, assignment: Assignment) -> set[int] | None:
    """Return the lines of a cell that a student is to write; None for all."""
    solution = regions_of(assignment.course.config)[0]
    found: set[int] = set()
    inside = False
    for number, line in enumerate(source.split("\n"), 1):
        if solution.begin in line:
            inside = True
        elif solution.end in line:
            inside = False
        elif inside:
            found.add(number)
    return found or None


def _tested(assignment: Assignment, question: str) -> set[str]:
    """The words in the tests of a question, and in what of their module they use."""
    found = set[str]()
    for path in assignment.graders_of(question):
        tree = ast.parse(path.read_text("utf-8"))
        named = {
            name: _words(ast.unparse(node))
            for node in tree.body
            if isinstance(node, _PLAIN)
            for name in bound(node)
        }
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and question in _marks(node):
                found |= named[node.name]
        while more := set().union(*(named[n] for n in found & named.keys())) - found:
            found |= more
    return found


def _marks(node: ast.FunctionDef | ast.ClassDef) -> Iterator[str]:
    """The questions that a test or a class of tests is marked with."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call):
            yield from (str(a.value) for a in decorator.args if isinstance(a, ast.Constant))


def _words(code: str) -> set[str]:
    return set(_WORD.findall(code))
