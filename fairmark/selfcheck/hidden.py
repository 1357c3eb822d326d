"""How many hidden tests each question has, read from the grader modules without running them."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from fairmark.selfcheck.cases import hides_cases, makes_test
from fairmark.syntax.imports import imported
from fairmark.syntax.names import DEFINITIONS

_HIDDEN = ("hidden", "fairmark_hidden")
_QUESTION = ("question", "fairmark_question")


def hidden_tests(sources: Mapping[str, str]) -> dict[str, int | None]:
    """Return the number of hidden tests by question; None where it cannot be told.

    A test with parameters counts once for each value, as where results are shown.
    """
    found: dict[str, int | None] = {}
    for name in sorted(sources):
        tree = ast.parse(sources[name])
        module = _Module(tree)
        for question, count in module.tests():
            known = found.get(question, 0)
            found[question] = None if known is None or count is None else known + count
    return found


class _Module:
    """One grader module."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        aliases = {alias: origin for node in ast.walk(tree) for alias, origin in imported(node)}
        self._aliases = {alias: origin.rpartition(".")[2] for alias, origin in aliases.items()}
        self._values: dict[str, ast.expr | None] = {}
        for node in tree.body:
            if isinstance(node, (ast.Assign, ast.AnnAssign)):
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    if isinstance(target, ast.Name):
                        self._values[target.id] = node.value

    def tests(self) -> list[tuple[str, int | None]]:
        """Each hidden test function: its question, and how many tests it makes."""
        whole = [mark for node in self._tree.body for mark in _pytestmarks(node)]
        return self._in(self._tree.body, whole)

    def _in(self, body: list[ast.stmt], marks: list[ast.expr]) -> list[tuple[str, int | None]]:
        found: list[tuple[str, int | None]] = []
        for node in body:
            if isinstance(node, ast.Assign) and makes_test(node) and hides_cases(node.value):
                questions = [q for mark in marks if (q := self._question(mark))]
                found += [(questions[-1], 1)] if questions else []
                continue
            if not isinstance(node, DEFINITIONS) or not node.name.lower().startswith("test"):
                continue
            own = [*marks, *node.decorator_list]
            if isinstance(node, ast.ClassDef):
                own += [mark for member in node.body for mark in _pytestmarks(member)]
                found += self._in(node.body, own)
            elif any(self._name(mark) in _HIDDEN for mark in own):
                questions = [q for mark in own if (q := self._question(mark))]
                if questions:
                    found.append((questions[-1], self._times(own)))
        return found

    def _name(self, mark: ast.expr) -> str:
        """What a decorator is called where it comes from."""
        node = mark.func if isinstance(mark, ast.Call) else mark
        name = ast.unparse(node).rpartition(".")[2]
        return self._aliases.get(name, name)

    def _question(self, mark: ast.expr) -> str:
        if self._name(mark) in _QUESTION and isinstance(mark, ast.Call) and mark.args:
            argument = mark.args[0]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                return argument.value
        return ""

    def _times(self, marks: list[ast.expr]) -> int | None:
        times = 1
        for mark in marks:
            if self._name(mark) == "parametrize":
                values = mark.args[1] if isinstance(mark, ast.Call) and len(mark.args) > 1 else None
                length = self._length(values)
                if length is None:
                    return None
                times *= length
        return times

    def _length(self, values: ast.expr | None) -> int | None:
        """The number of items of an expression, where its text tells it."""
        match values:
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                starred = any(isinstance(item, ast.Starred) for item in items)
                return None if starred else len(items)
            case ast.Dict(keys=keys):
                return None if None in keys else len(keys)
            case ast.Name(id=name) if name in self._values:
                return self._length(self._values[name])
            case ast.Call(func=ast.Name(id="list" | "tuple" | "sorted"), args=[inner]):
                return self._length(inner)
            case ast.Call(func=ast.Attribute(value=inner, attr="items" | "keys" | "values")):
                return self._length(inner)
            case ast.Call(func=ast.Name(id="range"), args=args):
                try:
                    return len(range(*map(ast.literal_eval, args)))
                except (TypeError, ValueError):
                    return None
        return None


def _pytestmarks(node: ast.stmt) -> list[ast.expr]:
    """The marks that a statement ``pytestmark = …`` gives to all that stands beside it."""
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
        several = isinstance(node.value, (ast.List, ast.Tuple))
        return list(node.value.elts) if several else [node.value]  # type: ignore[attr-defined]
    return []
