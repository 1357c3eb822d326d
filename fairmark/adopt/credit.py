"""Test cells whose last line is a number: the points, as nbgrader has it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from fairmark.adopt.program import Left, Program
from fairmark.adopt.units import Unit

_SAYS_NOTHING = frozenset(
    "print display show close append extend sort seed figure plot title legend".split()
)
"""Functions and methods without a result."""


@dataclass(frozen=True)
class Part:
    """One of a cell's parts that give points of their own."""

    points: float
    is_hidden: bool
    units: list[Unit]
    """What it needs and what it checks; it fails where these raise an exception."""


def parts_of(program: Program, points: float) -> list[Part]:
    """Return the parts of a cell that adds points up; none where it is all or nothing.

    Raises Left where the value of the cell's last line may be its points in another way.
    """
    last = program.whole[-1] if program.whole else None
    if last is None or not _may_be_points(last, program):
        return []
    (statement,) = last.tree[-1:]
    assert isinstance(statement, ast.Expr)
    if not isinstance(statement.value, ast.Name):
        raise Left(f"line {last.line}: the value of this line may be its points")
    total = statement.value.id
    parts = _parts(total, program)
    if abs(sum(part.points for part in parts) - points) > 1e-9:
        raise Left(f"line {last.line}: the parts of `{total}` do not add up to the cell's points")
    return parts


def _may_be_points(unit: Unit, program: Program) -> bool:
    """Whether a statement at the end of a cell may have a number as its value."""
    statement = unit.tree[-1]
    if not isinstance(statement, ast.Expr) or unit.code.rstrip().endswith(";"):
        return False
    match statement.value:
        case ast.Constant(value=value):
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case ast.Attribute(attr="shape" | "dtype" | "columns" | "index"):
            return False
        case ast.Compare() | ast.UnaryOp(op=ast.Not()) | ast.JoinedStr():
            return False
        case ast.List() | ast.Tuple() | ast.Dict() | ast.Set() | ast.ListComp():
            return False
        case ast.Call(func=ast.Name(id=name)):
            return not (
                name in _SAYS_NOTHING or "assert" in name or _returns_nothing(name, program)
            )
        case ast.Call(func=ast.Attribute(attr=name)):
            return not (name in _SAYS_NOTHING or "assert" in name)
        case _:
            return True


def _returns_nothing(name: str, program: Program) -> bool:
    """Whether the instructor's function has no result."""
    trees = [tree for unit in [*program.given, *program.whole] for tree in unit.tree]
    for unit in [*program.given, *program.whole]:
        if unit.imports and name in unit.binds:
            trees += program.beside.statements(unit)
    for node in reversed(trees):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            returns = [n for n in ast.walk(node) if isinstance(n, (ast.Return, ast.Yield))]
            return all(getattr(n, "value", None) is None for n in returns)
    return False


def _parts(total: str, program: Program) -> list[Part]:
    """The parts of a cell in which ``total`` counts the points."""
    seen = [unit.code for unit in program.visible]
    before: list[Unit] = []
    found: list[Part] = []
    started = False
    for unit in program.whole[:-1]:
        if total not in unit.uses | unit.binds | unit.changes:
            before.append(unit)
        elif not started and _is_zero(unit, total):
            started = True
        else:
            points, checks = _part(unit, total)
            found.append(Part(points, unit.code not in seen, [*before, *checks]))
    if not started or not found:
        raise Left(f"line {program.whole[-1].line}: it is not told how `{total}` is added up")
    return found


def _is_zero(unit: Unit, total: str) -> bool:
    match unit.tree:
        case [ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=0 | 0.0))]:
            return name == total
    return False


def _part(unit: Unit, total: str) -> tuple[float, list[Unit]]:
    """The points that a statement adds, and the statements of which none may raise for that."""
    node = unit.node
    if isinstance(node, cst.If) and node.orelse is None:
        points, others = _split(node.body, total, unit)
        if all(_is_idle(other) for other in others):
            check = cst.SimpleStatementLine(
                [
                    cst.Assert(
                        node.test.with_changes(lpar=[], rpar=[])
                        if _fits_a_line(node.test)
                        else node.test
                    )
                ],
                leading_lines=node.leading_lines,
            )
            return points, [Unit(check, unit.owner, unit.cell, unit.line)]
    elif isinstance(node, cst.Try) and node.finalbody is None and _only_tells(node, total):
        where = node.orelse.body if node.orelse is not None else node.body
        points, others = _split(where, total, unit)
        block = node.body.body if node.orelse is not None else others
        inner = [
            s for s in block if isinstance(s, (cst.SimpleStatementLine, cst.BaseCompoundStatement))
        ]
        if inner and (node.orelse is None or all(_is_idle(other) for other in others)):
            above = [*node.leading_lines, *inner[0].leading_lines]
            inner[0] = inner[0].with_changes(leading_lines=above)
            return points, [Unit(s, unit.owner, unit.cell, unit.line) for s in inner]
    raise Left(f"line {unit.line}: it is not told how `{total}` is added up here")


def _split(
    body: cst.BaseSuite, total: str, unit: Unit
) -> tuple[float, list[cst.BaseStatement | cst.BaseSmallStatement]]:
    """The number that a block adds to the points at its end, and its other statements."""
    statements: list[cst.BaseStatement | cst.BaseSmallStatement] = list(body.body)
    if isinstance(body, cst.SimpleStatementSuite):  # behind the colon
        statements = [cst.SimpleStatementLine([small]) for small in body.body]
    for place, statement in enumerate(statements):
        code = cst.Module([statement]).code if isinstance(statement, cst.BaseStatement) else ""  # type: ignore[list-item]
        tree = ast.parse(code.strip()).body if code else []
        match tree:
            case [
                ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=ast.Constant(value=n))
            ]:
                rest = statements[place + 1 :]
                if name != total or not isinstance(n, (int, float)) or n <= 0:
                    break
                if all(_is_idle(other) for other in rest):
                    return float(n), statements[:place]
    raise Left(f"line {unit.line}: it is not told how `{total}` is added up here")


def _only_tells(node: cst.Try, total: str) -> bool:
    """Whether a try statement passes over every failure of its block, and only tells of it."""
    kinds = [
        cst.Module([]).code_for_node(h.type) if h.type is not None else "" for h in node.handlers
    ]
    bodies: Sequence[cst.CSTNode] = [s for handler in node.handlers for s in handler.body.body]
    return any(
        kind in ("", "Exception", "BaseException", "AssertionError") for kind in kinds
    ) and all(_is_idle(statement) for statement in bodies)


def _is_idle(node: cst.CSTNode) -> bool:
    """Whether a statement only prints, or does nothing."""
    if not isinstance(node, cst.SimpleStatementLine):
        return isinstance(node, cst.Pass)
    return all(
        isinstance(small, cst.Pass)
        or (
            isinstance(small, cst.Expr)
            and isinstance(small.value, cst.Call)
            and isinstance(small.value.func, cst.Name)
            and small.value.func.value == "print"
        )
        or (isinstance(small, cst.Expr) and isinstance(small.value, cst.SimpleString))
        for small in node.body
    )


def _fits_a_line(test: cst.BaseExpression) -> bool:
    return "\n" not in cst.Module([]).code_for_node(test)
