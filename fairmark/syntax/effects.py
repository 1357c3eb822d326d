"""What running a cell reads and changes, as far as its text tells.

It decides which cells need not be run again when an answer is replaced, which may change places,
and which no question needs. So whatever may be read or changed is taken for read and changed: a
mistake in this direction costs time only.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from fairmark.syntax.cells import parsed, parsed_as_it_is
from fairmark.syntax.imports import imported
from fairmark.syntax.names import DEFINITIONS, bound, builtin_names, global_uses

STATE = "<state>"
"""What libraries keep for themselves: random generators, figures, settings, files."""
STATELESS = frozenset(
    "__future__ abc bisect cmath collections copy dataclasses enum fractions functools heapq "
    "itertools json math numbers numpy operator pandas pytest re statistics string textwrap typing "
    "typing_extensions unittest".split()
)
"""Modules of which no function leaves a trace, but for those below."""
_WITH_STATE = re.compile(
    r"(^|_)(random|seed|set|seterr|options?|reset|register|patch|mock|open|read|write|load|loadtxt|"
    r"genfromtxt|save|savez|savetxt|dump|tofile|fromfile|memmap|to)(_|$)|^(seterr|errstate|plot)"
)
"""Attributes that may touch settings, generators or files."""
_CHANGES_ARGUMENTS = frozenset("copyto fill_diagonal place put put_along_axis putmask at".split())
_CHANGES_NOTHING = frozenset(
    "abs all any bool callable float format hasattr hash id int isinstance issubclass len max min "
    "print range repr round str sum type".split()
)
_OPAQUE = frozenset(
    "__import__ breakpoint compile delattr eval exec exit get_ipython globals locals quit setattr "
    "vars In Out _ __ ___ _ih _oh _dh _i _ii _iii".split()
)
"""Names with which a cell can do what its text does not say."""
_FILES = frozenset({"open", "input"})
_HARMLESS_MAGIC = re.compile(r"\s*%(matplotlib|autoreload|load_ext|config|pylab inline)\b")
_MAGIC = re.compile(r"^[ \t]*[%!?]|^[ \t]*(?![ \t])[\w,][\w, ]*=[ \t]*[%!]|\?[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Effects:
    """The names that running a cell reads and writes; :data:`STATE` is one of them."""

    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    is_opaque: bool = False
    """Whether its text does not tell."""

    def feeds(self, later: Effects) -> bool:
        """Whether a later cell may see what this one has done."""
        return self.is_opaque or later.is_opaque or bool(self.writes & later.reads)

    def conflicts(self, other: Effects) -> bool:
        """Whether the order of the two may matter."""
        return self.feeds(other) or other.feeds(self) or bool(self.writes & other.writes)

    def __or__(self, other: Effects) -> Effects:
        return Effects(
            self.reads | other.reads, self.writes | other.writes, self.is_opaque or other.is_opaque
        )


def effects_of(cells: Sequence[str]) -> list[Effects]:
    """Return the effects of each of a notebook's cells, which may call each other's functions."""
    texts = [_read(cell) for cell in cells]
    made: dict[str, _Made] = {}
    for text in texts:
        for name, one in text.made.items():
            made[name] = made.get(name, one).joined(one)
    closure = _Closure(made)
    return [closure.effects(text) for text in texts]


def code_names(cells: Sequence[str]) -> frozenset[str]:
    """Return the names that stand for functions, classes and modules, and for nothing else."""
    made: dict[str, _Made] = {}
    for cell in cells:
        for name, one in _read(cell).made.items():
            made[name] = made.get(name, one).joined(one)
    return frozenset(name for name, one in made.items() if one.is_code)


@dataclass(frozen=True)
class _Made:
    """What the statements that bind a name use and may change, in functions too."""

    uses: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    is_code: bool = False
    """Whether it is a function, a class or a module: no data that is passed on."""

    def joined(self, other: _Made) -> _Made:
        return _Made(
            self.uses | other.uses,
            self.changes | other.changes,
            self.is_code and other.is_code,
        )


@dataclass(frozen=True)
class _Text:
    """What a cell's own text says."""

    uses: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    made: dict[str, _Made] = field(default_factory=dict, compare=False)
    is_opaque: bool = False


class _Closure:
    """Follows names through the functions and values of a notebook."""

    def __init__(self, made: dict[str, _Made]) -> None:
        self._made = made
        self._builtins = builtin_names()
        self._related = self._relations()

    def effects(self, text: _Text) -> Effects:
        reads = self._reached(text.uses)
        changes = set(text.changes)
        for name in reads & self._made.keys():
            if self._made[name].is_code:  # it may be called
                changes |= self._made[name].changes
        for name in list(changes):
            changes |= self._related.get(name, set())
        state = {STATE} if reads & {STATE} or any(map(self._is_unknown, reads)) else set()
        reads |= changes
        return Effects(
            frozenset(reads | state), frozenset(text.binds | changes | state), text.is_opaque
        )

    def _reached(self, names: Iterable[str]) -> set[str]:
        found, waiting = set[str](), list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self._made[name].uses if name in self._made else ()
        return found

    def _is_unknown(self, name: str) -> bool:
        return name not in self._made and name not in self._builtins and name != STATE

    def _relations(self) -> dict[str, set[str]]:
        """For each variable, those that may share an object with it."""
        data = {name for name, made in self._made.items() if not made.is_code}
        related: dict[str, set[str]] = {name: {name} for name in data}
        for name in data:
            for other in self._reached([name]) & data:
                if related[other] is not related[name]:
                    joined = related[name] | related[other]
                    for member in joined:
                        related[member] = joined
        return related


@functools.lru_cache(maxsize=2048)
def _read(cell: str) -> _Text:
    tree = _tree(cell)
    if tree is None:
        return _Text(is_opaque=True)
    uses, binds, changes = set[str](), set[str](), set[str]()
    made: dict[str, _Made] = {}
    for statement in tree.body:
        if (not _is_import(statement) and global_uses(statement) & _OPAQUE) or _imports_all(
            statement
        ):
            return _Text(is_opaque=True)
        mentioned = _uses(statement)
        names = _binds(statement)
        code = _is_import(statement) or isinstance(statement, DEFINITIONS)
        one = _Made(frozenset(mentioned), frozenset(_changes(statement)), code)
        made |= {name: made.get(name, one).joined(one) for name in names}
        binds |= names
        uses |= _uses_when_run(statement)
        changes |= set().union(*map(_changes, _run_now(statement)))
    return _Text(frozenset(uses), frozenset(binds), frozenset(changes), made)


def _tree(cell: str) -> ast.Module | None:
    """The syntax tree of a cell that is Python but for magics that do not matter."""
    if (tree := parsed_as_it_is(cell)) is not None:
        return tree
    lines = [line for line in cell.splitlines() if not _HARMLESS_MAGIC.match(line)]
    if lines and re.match(r"\s*%%(time|capture)\b", lines[0]):
        lines = lines[1:]
    text = "\n".join(lines)
    return None if _MAGIC.search(text) else parsed(text)


def _binds(statement: ast.stmt) -> set[str]:
    found = bound(statement)
    for node in ast.walk(statement):
        if isinstance(node, ast.Global):
            found |= set(node.names)
        elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
            found.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            found.add(node.rest)
        elif isinstance(node, ast.NamedExpr):
            found.add(node.target.id)
    return found


def _uses(statement: ast.stmt) -> set[str]:
    """The names that a statement uses, in its functions as well, and what libraries keep."""
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        origins = [origin for _, origin in imported(statement)]
        return {STATE} if any(map(_has_state, origins)) else set()
    found = global_uses(statement) | (_binds(statement) & _read_names(statement))
    if found & _FILES or any(
        isinstance(node, ast.Attribute) and _WITH_STATE.search(node.attr)
        for node in ast.walk(statement)
    ):
        found.add(STATE)
    return found


def _read_names(statement: ast.stmt) -> set[str]:
    """The names that a statement reads though it binds them, as ``x = x + 1`` does."""
    found: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.AugAssign):
            found |= _roots(node.target)
    return found


def _uses_when_run(statement: ast.stmt) -> set[str]:
    """The names that are used at once: not those in the bodies of functions."""
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return set()
    return set().union(*map(_uses, _run_now(statement)))


def _run_now(statement: ast.stmt) -> list[ast.stmt]:
    """A statement as what is run of it at once, where it defines something."""
    if not isinstance(statement, DEFINITIONS):
        return [statement]
    parts: list[ast.expr] = list(statement.decorator_list)
    if isinstance(statement, ast.ClassDef):
        parts += [*statement.bases, *(keyword.value for keyword in statement.keywords)]
        inner = [part for node in statement.body for part in _run_now(node)]
        return [*map(ast.Expr, parts), *inner]
    given = statement.args
    parts += [*given.defaults, *(default for default in given.kw_defaults if default)]
    arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    parts += [a.annotation for a in arguments if a is not None and a.annotation is not None]
    return [*map(ast.Expr, parts), *([ast.Expr(statement.returns)] if statement.returns else [])]


def _changes(statement: ast.stmt) -> set[str]:
    """The names whose objects a statement may change, in its functions as well."""
    found: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            found |= _roots(node)
        elif isinstance(node, ast.AugAssign):
            found |= _roots(node.target)
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            found |= _names(node.iter)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            found |= set().union(*(_names(item.context_expr) for item in node.items))
        elif isinstance(node, ast.Call):
            found |= _changed_by_call(node)
    if _is_import(statement):
        return set()
    outside = {name for n in ast.walk(statement) if isinstance(n, ast.Global) for name in n.names}
    return (found & _uses(statement)) | outside


def _changed_by_call(call: ast.Call) -> set[str]:
    found: set[str] = set()
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    has_out = any(keyword.arg in ("out", "inplace") for keyword in call.keywords)
    match call.func:
        case ast.Name(name) if name in _CHANGES_NOTHING:
            return found
        case ast.Attribute():
            if _roots(call.func) <= {"np", "numpy", "math"} and not has_out:
                if call.func.attr not in _CHANGES_ARGUMENTS and "random" not in ast.dump(call.func):
                    return found
            else:
                found |= _names(call.func)
    for argument in arguments:
        found |= _names(argument)
    return found


def _roots(node: ast.AST) -> set[str]:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call, ast.Starred)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return {node.id} if isinstance(node, ast.Name) else _names(node)


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _is_import(statement: ast.stmt) -> bool:
    return isinstance(statement, (ast.Import, ast.ImportFrom))


def _imports_all(statement: ast.stmt) -> bool:
    return any(
        isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
        for node in ast.walk(statement)
    )


def _has_state(origin: str) -> bool:
    top, *parts = origin.lstrip(".").split(".")
    return origin.startswith(".") or top not in STATELESS or any(map(_WITH_STATE.search, parts))
