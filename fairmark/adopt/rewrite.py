"""Rewriting a test cell's statements: what is the student's is asked through ``submission``."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

import libcst as cst

from fairmark.adopt.program import Kind, Program
from fairmark.adopt.units import Statement, Unit
from fairmark.syntax.names import bound

_PYPLOT = "matplotlib.pyplot"
_LOOKS_AT_NAMES = ("dir", "globals", "locals", "vars")
_MAX_CLAIM = 160
"""Of a longer assertion, the text is left out of its message."""
Scope = cst.FunctionDef | cst.Lambda | cst.ClassDef | cst.BaseComp


def rewritten(
    units: Sequence[Unit],
    students: Mapping[str, Kind],
    pyplot: frozenset[str],
    program: Program,
) -> list[Statement]:
    """Return statements that ask ``submission`` for the student's names.

    ``pyplot`` are the names by which they know matplotlib's pyplot, where it is the student's
    figures that they look at. What the cell of the ``program`` replaces is replaced in the
    student's process, too.
    """
    given = set(map(id, program.given))
    rewrite = _Rewrite(students, pyplot)
    found: list[Statement] = []
    for unit in units:
        rewrite.replaced = frozenset() if id(unit) in given else program.replaced
        node = unit.node.visit(rewrite)
        nodes = node.nodes if isinstance(node, cst.FlattenSentinel) else [node]
        for one in nodes:
            assert isinstance(one, (cst.SimpleStatementLine, cst.BaseCompoundStatement))
            found.append(one)
    return found


class _Rewrite(cst.CSTTransformer):
    def __init__(self, students: Mapping[str, Kind], pyplot: frozenset[str]) -> None:
        super().__init__()
        self._students = students
        self._pyplot = pyplot
        self.replaced: frozenset[str] = frozenset()
        """What the statement may replace in the student's process."""
        self._own: set[str] = set()
        """Of those that are replaced: what the test has bound so far, and knows by itself."""
        self._shadows: list[set[str]] = []
        self._tries = 0

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self._shadows.append(_own_names(node))

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef | cst.FlattenSentinel[cst.BaseStatement]:
        self._shadows.pop()
        name = original_node.name
        made = updated_node.with_changes(name=name)
        if self._shadows or name.value not in self.replaced:
            return made
        self._own.add(name.value)
        put = cst.Expr(_helper_call("replace", name.value, cst.Name(name.value)))
        return cst.FlattenSentinel([made, cst.SimpleStatementLine([put])])

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.Assign:
        """What is set for the answers to meet is set in the student's process, too."""
        names = [target.target.value for target in original_node.targets if _is_name(target.target)]
        value = updated_node.value
        kept = self._students_name(original_node.value)
        if kept is not None and kept in self.replaced:
            value = _helper_call("kept", kept)
        if not self._shadows:
            for name in reversed([name for name in names if name in self.replaced]):
                value = _helper_call("replace", name, value)
                self._own.add(name)
        targets = [
            new.with_changes(target=old.target) if _is_name(old.target) else new
            for old, new in zip(original_node.targets, updated_node.targets, strict=True)
        ]
        return updated_node.with_changes(targets=targets, value=value)

    def leave_Del(
        self, original_node: cst.Del, updated_node: cst.Del
    ) -> cst.BaseSmallStatement | cst.FlattenSentinel[cst.BaseSmallStatement]:
        """What is taken away is missing in the student's process, and unknown to the test."""
        target = original_node.target
        parts = [e.value for e in target.elements] if isinstance(target, cst.Tuple) else [target]
        names = [part.value for part in parts if isinstance(part, cst.Name)]
        if self._shadows or len(names) != len(parts) or not set(names) & self.replaced:
            return updated_node
        there = [name for name in names if name in self.replaced]
        removed = [cst.Expr(_helper_call("remove", name)) for name in there]
        own = [name for name in names if name in self._own or name not in self._students]
        self._own -= set(names)
        return cst.FlattenSentinel([*removed, *(cst.Del(cst.Name(name)) for name in own)])

    def visit_Lambda(self, node: cst.Lambda) -> None:
        self._shadows.append(_parameters(node.params))

    def leave_Lambda(self, original_node: cst.Lambda, updated_node: cst.Lambda) -> cst.Lambda:
        self._shadows.pop()
        return updated_node

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self._shadows.append(set())

    def leave_ClassDef(
        self, original_node: cst.ClassDef, updated_node: cst.ClassDef
    ) -> cst.ClassDef:
        self._shadows.pop()
        return updated_node.with_changes(name=original_node.name)

    def visit_ListComp(self, node: cst.ListComp) -> None:
        self._shadows.append(_targets(node.for_in))

    def visit_SetComp(self, node: cst.SetComp) -> None:
        self._shadows.append(_targets(node.for_in))

    def visit_DictComp(self, node: cst.DictComp) -> None:
        self._shadows.append(_targets(node.for_in))

    def visit_GeneratorExp(self, node: cst.GeneratorExp) -> None:
        self._shadows.append(_targets(node.for_in))

    def leave_ListComp(
        self, original_node: cst.ListComp, updated_node: cst.ListComp
    ) -> cst.ListComp:
        self._shadows.pop()
        return updated_node

    def leave_SetComp(self, original_node: cst.SetComp, updated_node: cst.SetComp) -> cst.SetComp:
        self._shadows.pop()
        return updated_node

    def leave_DictComp(
        self, original_node: cst.DictComp, updated_node: cst.DictComp
    ) -> cst.DictComp:
        self._shadows.pop()
        return updated_node

    def leave_GeneratorExp(
        self, original_node: cst.GeneratorExp, updated_node: cst.GeneratorExp
    ) -> cst.GeneratorExp:
        self._shadows.pop()
        return updated_node

    def visit_Import(self, node: cst.Import) -> bool:
        return False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        return False

    def visit_Try(self, node: cst.Try) -> None:
        self._tries += 1

    def leave_Try(self, original_node: cst.Try, updated_node: cst.Try) -> cst.Try:
        self._tries -= 1
        return updated_node

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        kind = self._kind(original_node)
        if kind is None:
            return updated_node
        return _asked(original_node.value) if kind == "function" else _value(original_node.value)

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.Attribute:
        updated_node = updated_node.with_changes(attr=original_node.attr)
        if (name := self._students_name(original_node.value)) is not None:
            return updated_node.with_changes(value=_value(name))
        return updated_node

    def leave_Subscript(
        self, original_node: cst.Subscript, updated_node: cst.Subscript
    ) -> cst.Subscript:
        if (name := self._students_name(original_node.value)) is not None:
            return updated_node.with_changes(value=_value(name))
        return updated_node

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)

    def leave_Param(self, original_node: cst.Param, updated_node: cst.Param) -> cst.Param:
        return updated_node.with_changes(name=original_node.name)

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        function = original_node.func
        if (name := self._students_name(function)) is not None:
            return updated_node.with_changes(func=_asked(name))
        if isinstance(function, cst.Name) and not self._is_shadowed(function.value):
            if function.value == "dir" and not original_node.args:
                return cst.Call(_helper("names"), [cst.Arg(cst.Name("submission"))])
            helper = {"callable": "is_callable", "repr": "representation"}.get(function.value)
            if helper is not None:
                return updated_node.with_changes(func=_helper(helper))
        return updated_node

    def leave_Comparison(
        self, original_node: cst.Comparison, updated_node: cst.Comparison
    ) -> cst.BaseExpression:
        """``"x" in dir()`` asks whether the notebook defines a name."""
        target = original_node.comparisons[0]
        text = original_node.left
        called = target.comparator
        if not (
            isinstance(text, cst.SimpleString)
            and isinstance(target.operator, (cst.In, cst.NotIn))
            and isinstance(called, cst.Call)
            and isinstance(called.func, cst.Name)
            and called.func.value in _LOOKS_AT_NAMES
            and not called.args
        ):
            return updated_node
        asked = cst.Call(
            _helper("defines"),
            [cst.Arg(cst.Name("submission")), cst.Arg(text)],
            lpar=original_node.lpar,
            rpar=original_node.rpar,
        )
        if isinstance(target.operator, cst.In):
            return asked
        bare = asked.with_changes(lpar=[], rpar=[])
        return cst.UnaryOperation(cst.Not(), bare, lpar=original_node.lpar, rpar=original_node.rpar)

    def leave_Assert(self, original_node: cst.Assert, updated_node: cst.Assert) -> Any:
        """An assertion without a message tells what was expected, and where it can what came."""
        test = updated_node.test
        if updated_node.msg is None and not isinstance(test, (cst.Comparison, cst.Tuple)):
            return updated_node.with_changes(msg=_claim(original_node.test))
        if (
            updated_node.msg is not None
            or not isinstance(test, cst.Comparison)
            or len(test.comparisons) != 1
            or not isinstance(test.comparisons[0].operator, cst.Equal)
            or not self._asks(original_node.test)
            or not _is_literal(test.comparisons[0].comparator)
        ):
            return updated_node
        told = [cst.Arg(test.left), cst.Arg(test.comparisons[0].comparator)]
        return cst.Expr(cst.Call(_helper("assert_equal"), told))

    def leave_Raise(
        self, original_node: cst.Raise, updated_node: cst.Raise
    ) -> cst.BaseSmallStatement:
        """An exception by which the test itself fails is told as its message alone."""
        call = updated_node.exc
        if (
            self._tries
            or self._shadows
            or not isinstance(call, cst.Call)
            or len(call.args) != 1
            or not isinstance(call.func, cst.Name)
            or call.func.value not in ("AssertionError", "ValueError", "Exception")
            or not isinstance(call.args[0].value, (cst.SimpleString, cst.FormattedString))
        ):
            return updated_node
        return cst.Expr(cst.Call(cst.Name("fail"), call.args))

    def _kind(self, node: cst.Name) -> Kind | None:
        if self._is_shadowed(node.value):
            return None
        if node.value in self._pyplot or node.value in self._own:
            return None
        return self._students.get(node.value)

    def _asks(self, test: cst.BaseExpression) -> bool:
        """Whether the left side of a comparison is a call or a variable of the student's."""
        if not isinstance(test, cst.Comparison):
            return False
        left = test.left.func if isinstance(test.left, cst.Call) else test.left
        return self._students_name(left) is not None

    def _students_name(self, node: cst.BaseExpression) -> str | None:
        if isinstance(node, cst.Name) and self._kind(node) is not None:
            return node.value
        return None

    def _is_shadowed(self, name: str) -> bool:
        return any(name in names for names in self._shadows)


def _asked(name: str) -> cst.Attribute:
    return cst.Attribute(cst.Name("submission"), cst.Name(name))


def _value(name: str) -> cst.Call:
    return cst.Call(cst.Attribute(_asked(name), cst.Name("value")))


def _claim(test: cst.BaseExpression) -> cst.SimpleString | None:
    """What an assertion says, for students: ``assert False`` would be all that they read."""
    text = " ".join(cst.Module([]).code_for_node(test).split())
    says_nothing = text in ("False", "0") or len(text) > _MAX_CLAIM
    return None if says_nothing else cst.SimpleString(repr(f"This must hold: {text}"))


def _helper(name: str) -> cst.Attribute:
    return cst.Attribute(cst.Name("faithful"), cst.Name(name))


def _helper_call(name: str, students: str, *more: cst.BaseExpression) -> cst.Call:
    """A helper's call about a name of the student's."""
    quoted = cst.SimpleString(json.dumps(students))
    args = [cst.Name("submission"), quoted, *more]
    return cst.Call(_helper(name), [cst.Arg(arg) for arg in args])


def _is_name(node: cst.BaseExpression) -> TypeGuard[cst.Name]:
    return isinstance(node, cst.Name)


def _is_literal(node: cst.BaseExpression) -> bool:
    try:
        ast.literal_eval(cst.Module([]).code_for_node(node).strip())
    except (ValueError, SyntaxError):
        return False
    return True


def _own_names(node: cst.FunctionDef) -> set[str]:
    """The parameters and local variables of a function."""
    tree = ast.parse(cst.Module([node.with_changes(decorators=[])]).code).body[0]
    assert isinstance(tree, (ast.FunctionDef, ast.AsyncFunctionDef))
    parameters = {
        arg.arg
        for arg in [
            *tree.args.posonlyargs,
            *tree.args.args,
            *tree.args.kwonlyargs,
            *filter(None, [tree.args.vararg, tree.args.kwarg]),
        ]
    }
    return parameters.union(*map(bound, tree.body))


def _parameters(parameters: cst.Parameters) -> set[str]:
    found = [*parameters.params, *parameters.kwonly_params, *parameters.posonly_params]
    stars = (parameters.star_arg, parameters.star_kwarg)
    found += [star for star in stars if isinstance(star, cst.Param)]
    return {param.name.value for param in found}


def _targets(loop: cst.CompFor) -> set[str]:
    """The variables of a comprehension."""
    found: set[str] = set()
    waiting: list[cst.CSTNode] = [loop.target]
    while waiting:
        node = waiting.pop()
        if isinstance(node, cst.Name):
            found.add(node.value)
        waiting += node.children
    return found | (_targets(loop.inner_for_in) if loop.inner_for_in is not None else set())
