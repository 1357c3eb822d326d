"""Reading the names that Python code uses and binds, without running it."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterator

from fairmark.syntax.cells import parsed
from fairmark.syntax.imports import imported

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SCOPES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_IMPORTERS = ("import_module", "__import__", "importorskip")
_MODULE_NAMES = ("__name__", "__file__", "__doc__", "__builtins__", "__spec__", "__package__")


def builtin_names() -> set[str]:
    """The names that every module has."""
    return {*dir(builtins), *_MODULE_NAMES}


def is_reference(dotted: str) -> bool:
    """Whether a dotted name, which may be relative, is in the reference package."""
    return dotted.lstrip(".").partition(".")[0] == "reference"


def texts(tree: ast.AST) -> set[str]:
    """The string constants in a tree that may be names of fixtures or modules."""
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and all(part.isidentifier() for part in node.value.split("."))
    }


def references(tree: ast.AST) -> set[str]:
    """The imports of the reference package in a tree, at any depth and in any form."""
    found = set()
    for node in ast.walk(tree):
        found |= {origin for _, origin in imported(node) if is_reference(origin)}
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(_IMPORTERS):
            found |= {text for text in texts(node) if is_reference(text)}
    return found


def global_uses(statement: ast.stmt) -> set[str]:
    """The global names that a top-level statement uses, also in its functions."""
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return set()
    # In the body of a function, the names that the statement binds are local. So are the variables
    # of its comprehensions, which some versions of Python assign to the surrounding block.
    wrapper = ast.parse("def wrapper(): pass")
    wrapper.body[0].body = [statement]  # type: ignore[attr-defined]
    source = ast.unparse(ast.fix_missing_locations(wrapper))
    try:
        return _globals(symtable.symtable(source, "<grader>", "exec").get_children()[0])
    except (SyntaxError, RecursionError):  # what reads well need not compile, as a bare `nonlocal`
        return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}


def names_used(source: str) -> set[str]:
    """The names from outside of a cell's own functions that its code uses."""
    tree = parsed(source)
    return set().union(*map(global_uses, tree.body)) if tree is not None else set()


def bound(tree: ast.AST) -> set[str]:
    """The names that a statement binds in its own block."""
    found: set[str] = set()
    for node in _own_nodes(tree):
        found |= {alias for alias, _ in imported(node)}
        if isinstance(node, DEFINITIONS):
            found.add(node.name)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
    return found


def changed(tree: ast.AST) -> set[str]:
    """The names whose objects a statement seems to change: ``X[0] = 1``, ``X.append(1)``."""
    found: set[str] = set()
    for node in _own_nodes(tree):
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            found |= _root_name(node)
        elif isinstance(node, ast.Expr):
            found |= _root_name(node.value)
    return found


def mentions(tree: ast.AST) -> set[str]:
    """All names, attributes, parameters and strings that may be names in a tree."""
    found = parameters(tree) | texts(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
    return found


def parameters(tree: ast.AST) -> set[str]:
    """The parameters of all functions in a tree; those of tests are names of fixtures."""
    return {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}


def fixture_names(node: ast.AST) -> set[str]:
    """The names of the fixture that a statement defines; none if it defines no fixture."""
    names: set[str] = set()
    for decorator in getattr(node, "decorator_list", []):
        call = decorator.func if isinstance(decorator, ast.Call) else decorator
        if ast.unparse(call).rpartition(".")[2] == "fixture":
            keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
            given = [ast.literal_eval(k.value) for k in keywords if k.arg == "name"]
            names |= set(map(str, given)) or bound(node)
    return names


def _own_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a statement's own block: not those inside functions and classes."""
    yield tree
    if not isinstance(tree, (*DEFINITIONS, *_SCOPES)):
        for child in ast.iter_child_nodes(tree):
            yield from _own_nodes(child)


def _root_name(node: ast.AST) -> set[str]:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def _globals(table: symtable.SymbolTable) -> set[str]:
    symbols = table.get_symbols()
    found = {s.get_name() for s in symbols if s.is_referenced() and s.is_global()}
    return found.union(*map(_globals, table.get_children()))
