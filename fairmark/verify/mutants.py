"""Mutants of a solution cell: copies with one small mistake each, which the grader must notice.

The mistakes are those of cosmic-ray's operators (a ``+`` for a ``-``, a number that is one off) and
those that people make in neural networks (``fairmark.verify.neural``) and with arrays
(``fairmark.verify.arrays``). Only the text of the mistake changes, so that the diff of a mutant
reads as if a person had written it.
"""

from __future__ import annotations

import ast
import io
import itertools
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.plugins import get_operator

from fairmark.verify.arrays import array_changes
from fairmark.verify.neural import changes
from fairmark.verify.syntax import Change, integer

_BINARY = {
    "Add": ["Sub"],
    "Sub": ["Add"],
    "Mul": ["Div"],
    "Div": ["Mul", "FloorDiv"],
    "FloorDiv": ["Div", "Mul"],
    "Mod": ["FloorDiv"],
    "Pow": ["Mul"],
    "BitAnd": ["BitOr"],
    "BitOr": ["BitAnd"],
}
_COMPARISON = {
    "Eq": ["NotEq"],
    "NotEq": ["Eq"],
    "Lt": ["LtE", "GtE"],
    "LtE": ["Lt", "Gt"],
    "Gt": ["GtE", "LtE"],
    "GtE": ["Gt", "Lt"],
    "Is": ["IsNot"],
    "IsNot": ["Is"],
}
GENERAL = (
    *(f"ReplaceBinaryOperator_{a}_{b}" for a, others in _BINARY.items() for b in others),
    *(f"ReplaceComparisonOperator_{a}_{b}" for a, others in _COMPARISON.items() for b in others),
    *(f"ReplaceUnaryOperator_Delete_{name}" for name in ("USub", "Invert", "Not")),
    "NumberReplacer",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "AddNot",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
    "ZeroIterationForLoop",
)
"""The names of the cosmic-ray operators in use: one or two replacements for each operator of
Python, as more would fail the same tests."""


@dataclass(frozen=True)
class Mutant:
    """A solution cell with one mistake."""

    question: str
    operator: str
    """Such as ``core/NumberReplacer`` (cosmic-ray's), ``neural/axis`` or ``array/norm``."""
    line: int
    """The first changed line of the cell, counted from 1."""
    was: str
    """The changed lines of the solution, without indentation and comments."""
    becomes: str
    """The same lines of the mutant; a statement that is left out reads ``pass``."""
    source: str
    """The whole cell of the mutant."""

    @property
    def lines(self) -> set[int]:
        """The lines of the solution that it changes."""
        return set(range(self.line, self.line + max(self.was.count("\n") + 1, 1)))


def mutants(question: str, source: str) -> list[Mutant]:
    """All mutants of a solution cell, by line; no two of them are equivalent code.

    Changes that no test can or should notice are left out: those of docstrings, annotations,
    messages of exceptions and printed text.

    Raises:
        SyntaxError: the cell is not plain Python, such as a cell with magics.
    """
    lines = _code(source)
    seen = {_meaning(source)}
    found = []
    for operator, mutated in itertools.chain(_general(source), _known(source)):
        try:
            meaning = _meaning(mutated)
        except (SyntaxError, ValueError):
            continue
        if meaning in seen:
            continue
        seen.add(meaning)
        line, was, becomes = _difference(lines, _code(mutated))
        found.append(Mutant(question, operator, line, was, becomes, mutated))
    return sorted(found, key=lambda mutant: mutant.line)


# --- The two sources of mutants ---------------------------------------------------------------


def _general(source: str) -> Iterator[tuple[str, str]]:
    places = range(len(list(ast_nodes(get_ast(source)))))
    for name in GENERAL:
        operator = get_operator(f"core/{name}")()
        intact = list(ast_nodes(get_ast(source)))
        for place in places:
            for index, _ in enumerate(operator.mutation_positions(intact[place])):
                node = list(ast_nodes(get_ast(source)))[place]  # `mutate` spoils the tree
                start, end = (_offset(source, *at) for at in (node.start_pos, node.end_pos))
                text = operator.mutate(node, index).get_code(include_prefix=False)
                yield f"core/{name}", source[:start] + text.strip(" ") + source[end:]


def _known(source: str) -> Iterator[tuple[str, str]]:
    tree = ast.parse(source)
    quotes = {node: _segment(source, node) for node in ast.walk(tree) if isinstance(node, ast.expr)}
    where = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
    neural = ((f"neural/{change.operator}", change) for change in changes(tree))
    arrays = ((f"array/{change.operator}", change) for change in array_changes(tree))
    for operator, change in itertools.chain(neural, arrays):
        expected = _with(tree, where[change.target], change)
        written = (
            source[:start] + text + source[end:]
            for text in _texts(change.replacement, quotes)
            for start, end in _spans(source, change.target)
        )
        mutated = next((text for text in written if _parses_to(text, expected)), None)
        if mutated is not None:
            yield operator, mutated


# --- From a changed tree to a changed text ----------------------------------------------------


def _with(tree: ast.Module, parent: ast.AST, change: Change) -> str:
    """The dump of the tree with the change made; the tree itself stays as it is."""
    for field, old in ast.iter_fields(parent):
        new = old
        if old is change.target:
            new = change.replacement
        elif isinstance(old, list) and any(item is change.target for item in old):
            put = change.replacement
            inserted = put if isinstance(put, list) else [put]
            place = next(i for i, item in enumerate(old) if item is change.target)
            new = [*old[:place], *inserted, *old[place + 1 :]]
        if new is not old:
            setattr(parent, field, new)
            dump = ast.dump(tree)
            setattr(parent, field, old)
            return dump
    raise AssertionError("a node that is no child of its parent")


_CLOSED = (
    ast.Name,
    ast.Constant,
    ast.Call,
    ast.Attribute,
    ast.Subscript,
    ast.List,
    ast.Dict,
    ast.Set,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.JoinedStr,
    ast.Slice,
    ast.Starred,
)
"""Expressions that never need parentheses, or cannot have them."""


def _texts(replacement: ast.expr | list[ast.stmt], quotes: dict[ast.expr, str]) -> Iterator[str]:
    """Ways to write the replacement, the plainest first; existing parts keep their own text.

    The surrounding code decides which parts need parentheses, so the caller tries all ways.
    """
    nodes = replacement if isinstance(replacement, list) else [replacement]
    for outer in ("{}", "({})") if isinstance(replacement, ast.expr) else ("{}",):
        for inner in ("{}", "({})"):
            quoted = _Quoted(quotes)
            text = "; ".join(quoted.write(node) for node in nodes)
            for name, part in quoted.parts.items():
                form = "{}" if isinstance(part, _CLOSED) else inner
                text = text.replace(name, form.format(quotes[part]))
            if isinstance(replacement, ast.Tuple):
                yield text.removeprefix("(").removesuffix(")")
            yield outer.format(text)


class _Quoted(ast.NodeTransformer):
    """Writes new syntax, with a placeholder name for each part that the cell has already."""

    def __init__(self, quotes: dict[ast.expr, str]) -> None:
        self.quotes = quotes
        self.parts: dict[str, ast.expr] = {}

    def write(self, node: ast.AST) -> str:
        return ast.unparse(ast.fix_missing_locations(self.visit(node)))

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr) and node in self.quotes:
            name = f"_part{len(self.parts)}_of_the_cell_"
            self.parts[name] = node
            return ast.Name(name, ast.Load())
        # A copy, because the replacement is written more than once.
        return self.generic_visit(type(node)(**{k: _copied(v) for k, v in ast.iter_fields(node)}))


def _copied(value: object) -> object:
    return list(value) if isinstance(value, list) else value


def _offset(source: str, line: int, column: int) -> int:
    return sum(len(text) + 1 for text in source.split("\n")[: line - 1]) + column


def _spans(source: str, node: ast.expr | ast.stmt) -> Iterator[tuple[int, int]]:
    """The start and end of a part of the cell: with its parentheses, if any, and without."""
    assert node.end_lineno is not None and node.end_col_offset is not None
    lines = source.split("\n")
    ends = []
    for line, column in ((node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)):
        # Python counts columns in bytes.
        characters = len(lines[line - 1].encode()[:column].decode())
        ends.append(_offset(source, line, characters))
    start, end = ends
    if source[start - 1 : start] == "(" and source[end : end + 1] == ")":
        yield start - 1, end + 1
    yield start, end


def _parses_to(source: str, expected: str) -> bool:
    try:
        return ast.dump(ast.parse(source)) == expected
    except SyntaxError:
        return False


def _segment(source: str, node: ast.expr) -> str:
    return ast.get_source_segment(source, node) or ""


# --- What a mutant means, and how it reads ----------------------------------------------------

_TALKERS = {"print", "warn", "debug", "info", "warning", "error", "display"}
_INVERSE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


def _meaning(source: str) -> str:
    """The syntax tree of a cell as text, without docstrings, annotations and printed text.

    Equivalent forms (``not a == b`` and ``a != b``, ``x + 0`` and ``x``) become one.
    """
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # such as `is` with a number, as one of the operators writes
        compile(source, "<mutant>", "exec")
        return ast.dump(_Meaning().visit(ast.parse(source)))


class _Meaning(ast.NodeTransformer):
    def visit_Module(self, node: ast.Module) -> ast.AST:
        return self._without_docstring(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._without_docstring(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self._without_docstring(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        if node.value is None:
            return None
        return self.generic_visit(ast.Assign([node.target], node.value))

    def visit_Pass(self, node: ast.Pass) -> None:
        return None

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        kind = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return ast.Raise(kind, None)

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return self.generic_visit(ast.Assert(node.test, None))

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        name = node.func.attr if isinstance(node.func, ast.Attribute) else name
        if name in _TALKERS:
            node.args, node.keywords = [], []
        elif name == "zip":  # `strict` guards against mistakes that a right solution has not
            node.keywords = []
        elif name in {"reshape", "view"}:  # any negative number asks NumPy for the rest
            node.args = [_sizes(argument) for argument in node.args]
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as value)):
                return ast.Constant(-value)
            case ast.UnaryOp(ast.Not(), ast.Compare(left, [op], [right])):
                return ast.Compare(left, [_INVERSE[type(op)]()], [right])
            case ast.UnaryOp(ast.Not(), ast.UnaryOp(ast.Not(), inner)):
                return inner
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        left, right = integer(node.left), integer(node.right)
        match node.op:
            case ast.Add() | ast.Sub() if right == 0:
                return node.left
            case ast.Mult() | ast.Div() | ast.Pow() if right == 1:
                return node.left
            case ast.Add() if left == 0:
                return node.right
            case ast.Mult() if left == 1:
                return node.right
        return node

    def _without_docstring(self, node: ast.Module | ast.ClassDef | ast.FunctionDef) -> ast.AST:
        match node.body:
            case [ast.Expr(ast.Constant(str())), *rest]:
                node.body = rest
        return self.generic_visit(node)


def _sizes(argument: ast.expr) -> ast.expr:
    match argument:
        case ast.Constant(int() as size) if size < 0:
            return ast.Constant(-1)
        case ast.Tuple(sizes):
            return ast.Tuple([_sizes(size) for size in sizes], argument.ctx)
    return argument


def _code(source: str) -> list[str]:
    """The lines of a cell without indentation and comments."""
    lines = source.split("\n")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            line, column = token.start
            lines[line - 1] = lines[line - 1][:column]
    return [line.strip() for line in lines]


def _difference(old: list[str], new: list[str]) -> tuple[int, str, str]:
    head = len([*itertools.takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False))])
    tails = zip(reversed(old[head:]), reversed(new[head:]), strict=False)
    tail = len([*itertools.takewhile(lambda pair: pair[0] == pair[1], tails)])
    was, becomes = old[head : len(old) - tail], new[head : len(new) - tail]
    return head + 1, "\n".join(was), "\n".join(becomes)
