"""Calls of an answer's functions, as they travel from the tests to the student's process."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fairmark.harness.proxy import Calls
from fairmark.syntax.cells import parsed
from fairmark.verify.trees import Change, array_of, changed, plain, tag_of

Reply = dict[str, Any]


@dataclass(frozen=True)
class Function:
    """A function of an answer: what can be told of it without running it."""

    name: str
    parameters: tuple[str, ...]
    optional: frozenset[str] = frozenset()
    """The parameters with a default."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Those defaults that are plain numbers."""


def _no_function(number: int, args: Any, kwargs: Any) -> Reply:
    raise AssertionError("a call without functions")


@dataclass(frozen=True)
class Call:
    """One call of a function, with what was sent, as trees."""

    name: str
    arguments: tuple[Any, ...]
    named: Mapping[str, Any] = field(default_factory=dict)
    wants_inputs: bool = False
    """Whether the arguments have to come back, to see whether they were changed."""
    wants_printed: bool = False
    """Whether what is printed has to come back."""
    functions: Calls = field(default=_no_function, compare=False, repr=False)
    """The functions of the test that called, which may be among the arguments."""

    @classmethod
    def of(cls, request: Mapping[str, Any], functions: Calls) -> Call:
        """Read a request."""
        named = {str(key): value for key, value in request["kwargs"][1]}
        wants = bool(request.get("inputs"))
        printed = bool(request.get("capture"))
        return cls(request["name"], tuple(request["args"][1]), named, wants, printed, functions)

    def request(self) -> dict[str, Any]:
        """The request that makes this call."""
        made: dict[str, Any] = {
            "op": "call",
            "name": self.name,
            "args": ["l", list(self.arguments)],
            "kwargs": ["d", [[key, value] for key, value in self.named.items()]],
        }
        if self.wants_printed:
            made["capture"] = True
        return made | ({"inputs": True} if self.wants_inputs else {})

    def reply(self, value: Any) -> Reply:
        """The reply of a function that returns this and leaves its arguments as they are."""
        inputs = [*self.arguments, *self.named.values()]
        return {"status": "ok", "value": value, "warnings": [], "inputs": self.returned(inputs)}

    def returned(self, arguments: list[Any]) -> Any:
        """The tree of the arguments after a call."""
        count = len(self.arguments)
        return plain(["l", [["l", arguments[:count]], ["l", arguments[count:]]]])

    @property
    def sent(self) -> tuple[Any, ...]:
        """All that was sent."""
        return (*self.arguments, *self.named.values())

    def changed(self, change: Change, tags: str = "avTlt") -> Call:
        """The call with each array among its arguments changed, if it has one of these tags."""

        def one(tree: Any) -> Any:
            array = array_of(tree)
            is_array = array is not None and array.ndim and tag_of(tree) in tags
            return changed(tree, change) if is_array else tree

        arguments = tuple(map(one, self.arguments))
        named = {key: one(value) for key, value in self.named.items()}
        return replace(self, arguments=arguments, named=named)

    def bound(self, function: Function) -> dict[str, Any]:
        """The arguments by the names of parameters."""
        return dict(zip(function.parameters, self.arguments, strict=False)) | dict(self.named)

    def with_argument(self, function: Function, name: str, value: Any = None) -> Call:
        """The call with another value for a parameter, or without one."""
        found = self.bound(function)
        found.pop(name, None)
        if value is not None:
            found[name] = value
        ordered = {p: found[p] for p in function.parameters if p in found}
        kept = []
        for parameter in function.parameters:
            if parameter not in ordered or parameter in self.named:
                break
            kept.append(ordered.pop(parameter))
        extra = {key: found[key] for key in found if key not in function.parameters}
        return replace(self, arguments=tuple(kept), named={**ordered, **extra})


Ask = Callable[[Call], Reply]
"""Asks an answer."""


def functions_of(source: str, names: list[str]) -> list[Function]:
    """The functions among these names that a cell defines."""
    found = {}
    tree = parsed(source)
    for node in tree.body if tree is not None else []:
        if isinstance(node, ast.FunctionDef) and node.name in names:
            given = node.args
            positional = [a.arg for a in (*given.posonlyargs, *given.args)]
            last = positional[len(positional) - len(given.defaults) :]
            defaults = dict(zip(last, given.defaults, strict=True))
            keyword = zip(given.kwonlyargs, given.kw_defaults, strict=True)
            defaults |= {a.arg: default for a, default in keyword if default is not None}
            every = (*positional, *(a.arg for a in given.kwonlyargs))
            numbers = {
                name: default.value
                for name, default in defaults.items()
                if isinstance(default, ast.Constant) and isinstance(default.value, int | float)
            }
            found[node.name] = Function(node.name, every, frozenset(defaults), numbers)
    return list(found.values())
