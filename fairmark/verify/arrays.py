"""Mistakes that people make with arrays of numbers, as changes of a syntax tree.

Means and medians, squares and absolute values, the two divisors of a variance, the two usual norms.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from fairmark.verify.syntax import Change, Scope, integer, name_of, plus, without

_MEANS = {"mean", "average", "fmean"}
_SPREADS = {"std", "var", "nanstd", "nanvar"}
_ABSOLUTE = {"abs", "absolute", "fabs"}
_ROOTS = {"sqrt"}
_SORTING = {"sort", "sorted", "argsort"}


def array_changes(tree: ast.Module) -> Iterator[Change]:
    """All changes of a cell, in the order of its tree; the tree stays as it is."""
    scope = Scope(tree)
    for node in ast.walk(tree):
        for operator in (_middle, _divisor, _powers, _norm, _order):
            yield from operator(node, scope)


def _middle(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """The median for the mean."""
    match node:
        case ast.Call(ast.Attribute(ast.Name("np" | "numpy") as library, name)) if name in _MEANS:
            kept = [k for k in node.keywords if k.arg in {"axis", "keepdims"}]
            median = ast.Attribute(library, "median", ast.Load())
            yield Change("median", node, ast.Call(median, node.args, kept))
        case ast.Call(ast.Attribute(_, "mean"), []) if not scope.has_torch and (
            subject := scope.subject(node)
        ):
            yield Change("median", node, _numpy("median", [subject], node.keywords))
        case ast.BinOp(ast.Call() as total, ast.Div(), ast.Call() | ast.Name() | ast.Subscript()):
            subject = scope.subject(total)
            if name_of(total) == "sum" and subject is not None and scope.has_numpy:
                kept = [k for k in total.keywords if k.arg in {"axis", "keepdims"}]
                yield Change("median", node, _numpy("median", [subject], kept))


def _divisor(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """One less than n for n."""
    match node:
        case ast.BinOp(_, ast.Div(), ast.Call() as size) if name_of(size) == "len":
            yield Change("divisor", size, plus(size, -1))
        case ast.BinOp(_, ast.Div(), ast.Attribute(_, "size") | ast.Name("n" | "N") as size):
            yield Change("divisor", size, plus(size, -1))
        case ast.BinOp(_, ast.Div(), ast.Subscript(ast.Attribute(_, "shape")) as size):
            yield Change("divisor", size, plus(size, -1))
        case ast.Call() if name_of(node) in _SPREADS:
            given = next((k for k in node.keywords if k.arg in {"ddof", "correction"}), None)
            if given is not None:
                yield Change("divisor", node, without(node, given))
            elif scope.has_numpy:
                more = [*node.keywords, ast.keyword("ddof", ast.Constant(1))]
                yield Change("divisor", node, ast.Call(node.func, node.args, more))
        case ast.Call() if name_of(node) == "mean":
            yield from _sum_by_one_less(node, scope)


def _sum_by_one_less(node: ast.Call, scope: Scope) -> Iterator[Change]:
    subject = scope.subject(node)
    axes = [k.value for k in node.keywords if k.arg in {"axis", "dim"}]
    if subject is None or not isinstance(node.func, ast.Attribute):
        return
    total = ast.Call(ast.Attribute(node.func.value, "sum", ast.Load()), node.args, node.keywords)
    if axes and integer(axes[0]) is not None:
        shape = ast.Attribute(subject, "shape", ast.Load())
        size: ast.expr = ast.Subscript(shape, axes[0], ast.Load())
    else:
        size = ast.Call(ast.Name("len", ast.Load()), [subject], [])
    yield Change("divisor", node, ast.BinOp(total, ast.Div(), plus(size, -1)))


def _powers(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """A square for an absolute value, and the other way round."""
    base = _squared(node)
    if base is not None and isinstance(node, ast.expr):
        yield Change("power", node, _absolute(base))
        return
    if isinstance(node, ast.Call) and name_of(node) in _ABSOLUTE and scope.subject(node):
        subject = scope.subject(node)
        assert subject is not None
        yield Change("power", node, ast.BinOp(subject, ast.Pow(), ast.Constant(2)))


def _norm(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """The sum of the absolute values for the root of the sum of squares."""
    match node:
        case ast.Call(func, args, keywords) if name_of(node) in {"norm", "vector_norm"}:
            if len(args) < 2 and not any(k.arg in {"ord", "p"} for k in keywords):
                more = [*keywords, ast.keyword("ord", ast.Constant(1))]
                yield Change("norm", node, ast.Call(func, args, more))
            return
        case ast.Call() if name_of(node) in _ROOTS:
            inside = scope.subject(node)
        case ast.BinOp(inside, ast.Pow(), ast.Constant(0.5)):
            pass
        case _:
            return
    for part in ast.walk(inside) if inside is not None else []:
        base = _squared(part)
        if base is not None and isinstance(node, ast.expr):
            assert inside is not None
            yield Change("norm", node, _with(inside, part, _absolute(base)))
            return
        match part:
            case ast.BinOp(ast.Name(first) as vector, ast.MatMult(), ast.Name(second)) if (
                first == second and inside is part and isinstance(node, ast.expr)
            ):
                total = ast.Call(ast.Name("sum", ast.Load()), [_absolute(vector)], [])
                yield Change("norm", node, total)
                return


def _order(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """What is to be sorted is not, or the other way round."""
    if not isinstance(node, ast.Call) or name_of(node) not in _SORTING:
        return
    subject = scope.subject(node)
    is_alone = isinstance(next(scope.above(node)), ast.Expr)
    if subject is not None and name_of(node) != "argsort" and not is_alone:
        yield Change("order", node, subject)
    for keyword in node.keywords:
        if keyword.arg in {"reverse", "descending"}:
            yield Change("order", node, without(node, keyword))


# --- Parts ------------------------------------------------------------------------------------


def _squared(node: ast.AST) -> ast.expr | None:
    """What is squared."""
    match node:
        case ast.BinOp(base, ast.Pow(), ast.Constant(2)):
            return base
        case ast.Call(_, [base]) if name_of(node) == "square":
            return base
    return None


def _absolute(node: ast.expr) -> ast.expr:
    return ast.Call(ast.Name("abs", ast.Load()), [node], [])


def _numpy(name: str, args: list[ast.expr], keywords: list[ast.keyword]) -> ast.Call:
    return ast.Call(ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load()), args, keywords)


def _with(whole: ast.expr, part: ast.AST, replacement: ast.expr) -> ast.expr:
    """A copy of an expression with one part replaced; what lies beside stays the same object."""
    if whole is part:
        return replacement
    fields = {}
    for name, value in ast.iter_fields(whole):
        items = value if isinstance(value, list) else [value]
        if any(isinstance(item, ast.AST) and _holds(item, part) for item in items):
            new = [_with(i, part, replacement) if _holds(i, part) else i for i in items]
            fields[name] = new if isinstance(value, list) else new[0]
        else:
            fields[name] = value
    return type(whole)(**fields)  # type: ignore[arg-type]


def _holds(whole: object, part: ast.AST) -> bool:
    return isinstance(whole, ast.AST) and any(node is part for node in ast.walk(whole))
