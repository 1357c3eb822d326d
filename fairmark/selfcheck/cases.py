"""Tests that a call makes: ``test_random = cases("f", …, hidden=True)``, read from their text."""

from __future__ import annotations

import ast

_CASES = "cases"


def makes_test(node: ast.Assign) -> bool:
    """Whether the statement makes a test."""
    (target, *_) = node.targets
    named = isinstance(target, ast.Name) and target.id.startswith("test")
    return named and _is_call(node.value)


def hides_cases(node: ast.AST) -> bool:
    """Whether it is a call that makes a hidden test, or one whose text does not tell."""
    if not isinstance(node, ast.Call) or not _is_call(node):
        return False
    told = [keyword.value for keyword in node.keywords if keyword.arg in ("hidden", None)]
    return any(not (isinstance(t, ast.Constant) and t.value is False) for t in told)


def renames_cases(tree: ast.AST) -> bool:
    """Whether a statement uses the function without calling it, or gives it another name."""
    if isinstance(tree, ast.ImportFrom):
        return any(alias.name == _CASES and alias.asname is not None for alias in tree.names)
    nodes = list(ast.walk(tree))
    return sum(map(_is_name, nodes)) != sum(map(_is_call, nodes))


def _is_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _is_name(node.func)


def _is_name(node: ast.AST) -> bool:
    name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
    return name == _CASES and isinstance(getattr(node, "ctx", None), ast.Load)
