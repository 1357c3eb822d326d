"""What operators on syntax trees share: finding the context of a part, and making new parts."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass

_LIBRARIES = {"np", "numpy", "torch", "F", "nn", "math", "statistics", "scipy", "copy"}


@dataclass(frozen=True)
class Change:
    """A part of a cell, and its replacement in a mutant."""

    operator: str
    target: ast.expr | ast.stmt
    replacement: ast.expr | list[ast.stmt]


class Scope:
    """The syntax tree of a cell, and the context of each of its parts."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._parents = {
            child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)
        }
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        # The lecture has features that are called F as well.
        self._libraries = _LIBRARIES - arguments
        self.has_numpy = bool(names & self._libraries & {"np", "numpy"})
        self.has_torch = bool(names & self._libraries & {"torch", "F", "nn"})

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """The parts that contain a part, from the inside to the outside."""
        while node in self._parents:
            node = self._parents[node]
            yield node

    def parameters(self, node: ast.AST) -> set[str]:
        """The parameters of the function around a part."""
        function = next((f for f in self.above(node) if isinstance(f, ast.FunctionDef)), None)
        if function is None:
            return set()
        given = function.args
        return {a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)} - {"self"}

    def subject(self, call: ast.Call) -> ast.expr | None:
        """The main argument of a call: the x of ``np.exp(x)``, ``x.exp()`` and ``exp(x)``."""
        if isinstance(call.func, ast.Attribute) and root_of(call.func) not in self._libraries:
            return call.func.value
        match call.args:
            case [first, *_] if not isinstance(first, ast.Starred):
                return first
        return None

    def is_bound(self, name: str, statement: ast.stmt) -> bool:
        """Whether a name has a value before this statement of its function."""
        place = (statement.lineno, statement.col_offset)
        return name in self.parameters(statement) or any(
            node.id == name
            and isinstance(node.ctx, ast.Store)
            and (node.lineno, node.col_offset) < place
            and self._function(node) is self._function(statement)
            for node in ast.walk(self._tree)
            if isinstance(node, ast.Name)
        )

    def _function(self, node: ast.AST) -> ast.AST | None:
        return next((f for f in self.above(node) if isinstance(f, ast.FunctionDef)), None)


# --- Looking at syntax ------------------------------------------------------------------------


def name_of(call: ast.Call) -> str:
    """The last name of the called function: the ``c`` of ``a.b.c()``."""
    match call.func:
        case ast.Name(name) | ast.Attribute(_, name):
            return name
    return ""


def root_of(node: ast.expr) -> str:
    """The first name of ``x.y[i].z``."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def is_own(call: ast.Call) -> bool:
    """Whether the called function is one of the notebook, as far as its name tells."""
    return isinstance(call.func, ast.Name) and not hasattr(builtins, call.func.id)


def is_quantity(node: ast.expr) -> bool:
    """Whether an expression looks like a number or an array, and is no constant."""
    match node:
        case ast.Call():
            return not name_of(node)[:1].isupper()
        case ast.BinOp() | ast.Name() | ast.Attribute() | ast.Subscript():
            return True
    return False


def integer(node: ast.expr) -> int | None:
    """The value of an integer literal, with its sign; None for any other expression."""
    match node:
        case ast.Constant(int() as value) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(ast.USub(), ast.Constant(int() as value)):
            return -value
    return None


def ends_in_number(node: ast.expr) -> bool:
    """Whether an expression is an integer or ends in one: ``n + 1`` does, ``n`` does not."""
    match node:
        case ast.BinOp(_, ast.Add() | ast.Sub(), ast.Constant()):
            return True
    return integer(node) is not None


# --- Making syntax ----------------------------------------------------------------------------


def number(value: int) -> ast.expr:
    """An integer literal."""
    digits = ast.Constant(abs(value))
    return ast.UnaryOp(ast.USub(), digits) if value < 0 else digits


def negated(node: ast.expr) -> ast.expr:
    """``x`` -> ``-x``."""
    return ast.UnaryOp(ast.USub(), node)


def plus(node: ast.expr, step: int) -> ast.expr:
    """``x`` -> ``x + 1`` or ``x - 1``."""
    return ast.BinOp(node, ast.Add() if step > 0 else ast.Sub(), ast.Constant(abs(step)))


def method(node: ast.expr, name: str, *arguments: ast.expr) -> ast.Call:
    """``x`` -> ``x.name(…)``."""
    return ast.Call(ast.Attribute(node, name, ast.Load()), list(arguments), [])


def without(call: ast.Call, keyword: ast.keyword) -> ast.Call:
    """The call without one of its keywords."""
    return ast.Call(call.func, call.args, [k for k in call.keywords if k is not keyword])


def swapped(call: ast.Call, first: ast.expr, second: ast.expr) -> ast.Call:
    """The call with two arguments swapped, or two items of a tuple among its arguments."""
    other = {first: second, second: first}

    def place(node: ast.expr) -> ast.expr:
        if isinstance(node, ast.Tuple) and first in node.elts:
            return ast.Tuple([other.get(part, part) for part in node.elts], node.ctx)
        return other.get(node, node)

    return ast.Call(call.func, [place(argument) for argument in call.args], call.keywords)
