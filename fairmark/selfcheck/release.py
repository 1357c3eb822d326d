"""The students' copy of the graders: visible tests, and what these need.

Cut out are hidden tests, the reference, and what only these use. A copy is refused where a use of
the reference or of the hidden mark remains in it, however harmless it may be.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fairmark.errors import FairmarkError
from fairmark.selfcheck.cases import hides_cases, makes_test, renames_cases
from fairmark.syntax.imports import imported
from fairmark.syntax.names import (
    DEFINITIONS,
    bound,
    builtin_names,
    changed,
    fixture_names,
    global_uses,
    is_reference,
    mentions,
    parameters,
    references,
    texts,
)
from fairmark.syntax.unparse import unparse

_HEADER = (
    '''"""The checks that you can run yourself. Made from the graders: changes here are lost."""'''
)
_HIDDEN = frozenset({"hidden", "fairmark_hidden"})
# Names that say something about their whole module, so that modules with them cannot be joined.
_MODULE_WIDE = frozenset(
    "pytestmark pytest_generate_tests setup_module teardown_module setup_function "
    "teardown_function".split()
)
_MAKERS = frozenset({"fairmark", "fairmark.testing", "fairmark.testing.cases"})
_SOLUTION = "solution"
"""The fixture with the instructor's own answer."""
_CALLED_BY_PYTEST = ("setup", "teardown", "pytestmark", "__")


def visible_tests(sources: Mapping[str, str]) -> str:
    """Return one module with the visible tests of grader modules, given as name -> source text.

    Raise FairmarkError when what remains would need the reference or a hidden test, or when two
    modules use one name for two things.
    """
    modules = [_Module.read(name, sources[name]) for name in sorted(sources)]
    for module in modules:
        module.cut()
        module.verify()
    _refuse_clashes(modules)
    return _join(modules)


@dataclass
class _Item:
    """One top-level statement; an import has one item for each of its names."""

    node: ast.stmt
    binds: set[str]
    """The names that it gives to the module."""
    about: set[str]
    """The names whose objects it changes; it is needed where these are."""
    uses: set[str] = field(default_factory=set)

    def refresh(self) -> None:
        """Find the names that the statement uses, after something was cut out of it."""
        self.uses = global_uses(self.node)


@dataclass
class _Module:
    """One grader module on its way to the students."""

    name: str
    source: str
    items: list[_Item]
    hidden: set[str]
    """The names that the hidden mark has in this module."""
    reference: set[str]
    """The names that stand for the reference, or for parts of it."""
    makes_cases: bool
    """Whether the module can make tests by calls of ``cases``."""

    @classmethod
    def read(cls, name: str, source: str) -> _Module:
        """Parse a module."""
        try:
            tree = ast.parse(source)
        except SyntaxError as error:
            raise FairmarkError(f"{name}, line {error.lineno}: {error.msg}") from None
        hidden, reference, origins = set(_HIDDEN), set(), set()
        for node in ast.walk(tree):
            for alias, origin in imported(node):
                origins.add(origin)
                if origin.rpartition(".")[2] in _HIDDEN:
                    hidden.add(alias)
        for node in tree.body:
            reference |= {
                alias
                for part in ast.walk(node)
                for alias, origin in imported(part)
                if is_reference(origin) and alias in bound(node)
            }
        items = [_Item(node, bound(node), changed(node)) for node in _single_statements(tree)]
        return cls(name, source, items, hidden, reference, bool(origins & _MAKERS))

    def cut(self) -> None:
        """Take out what is hidden, the reference, and then what only these used."""
        if any(
            "pytestmark" in item.binds and self._mentions_hidden(item.node) for item in self.items
        ):
            self.items = []
        self._keep(_Cutter(self.hidden).visit(item.node) for item in self.items)
        while True:
            before = [ast.dump(item.node) for item in self.items]
            self._cut_members()
            self._cut_items()
            if before == [ast.dump(item.node) for item in self.items]:
                return

    def verify(self) -> None:
        """Raise FairmarkError where the students' copy uses something that was cut out."""
        known = {name for item in self.items for name in item.binds} | builtin_names()
        starred = any("*" in item.binds for item in self.items)
        for test, label in self._tests():
            if _SOLUTION in parameters(test):
                raise FairmarkError(
                    f"{self.name}: {label} compares with the solution: mark it @hidden"
                )
        for item in self.items:
            if self._mentions_hidden(item.node):
                raise FairmarkError(
                    f"{self.name}: {_label(item.node)} uses `hidden` in a way that cannot be cut "
                    "out of the students' copy; write @hidden above each hidden test, or "
                    "test_… = cases(…, hidden=True)"
                )
            if self.makes_cases and renames_cases(item.node):
                raise FairmarkError(
                    f"{self.name}: {_label(item.node)} gives `cases` another name: use its own"
                )
            named = references(item.node)
            missing = set() if starred else item.uses - known
            for name in sorted(missing | (item.uses & self.reference) | named):
                raise FairmarkError(
                    f"{self.name}: {self._user_of(name, item)} uses {name}, which students do not "
                    "have; a visible test must do without it (or mark the test @hidden)"
                )

    def groups(self) -> dict[str, list[str]]:
        """By name, the meaning of all statements about it: equal lists mean the same thing."""
        groups: dict[str, list[str]] = {}
        for item in self.items:
            for name in sorted(item.binds | item.about):
                groups.setdefault(name, []).append(_meaning(item.node))
        return groups

    def _keep(self, nodes: Iterator[ast.stmt | None]) -> None:
        self.items = [_Item(node, bound(node), changed(node)) for node in nodes if node is not None]
        for item in self.items:
            item.refresh()

    def _cut_items(self) -> None:
        """Keep the visible tests and, step by step, what they need."""
        needed = [item for item in self.items if _is_root(item.node)]
        seen = set(map(id, needed))
        names: set[str] = set()
        asked: set[str] = set()
        while needed:
            item = needed.pop()
            names |= item.uses | item.binds
            asked |= texts(item.node) | parameters(item.node)
            for other in self.items:
                if id(other) in seen:
                    continue
                wanted = (other.binds | other.about) & names or "*" in other.binds
                if wanted or fixture_names(other.node) & asked:
                    seen.add(id(other))
                    needed.append(other)
        self.items = [item for item in self.items if id(item) in seen]

    def _cut_members(self) -> None:
        """Cut helpers out of test classes that their visible tests do not use."""
        for item in self.items:
            if isinstance(item.node, ast.ClassDef) and item.node.name.startswith("Test"):
                rest = [other.node for other in self.items if other is not item]
                item.node.body = _used_members(item.node, rest)
                item.refresh()

    def _mentions_hidden(self, tree: ast.AST) -> bool:
        return any(_is_hidden(node, self.hidden) for node in ast.walk(tree))

    def _user_of(self, name: str, item: _Item) -> str:
        """The test that needs ``name``, directly or through helpers, in words."""
        for test, label in self._tests():
            uses, through = global_uses(test) | parameters(test) | texts(test), ""
            seen: set[str] = set()
            while name not in uses and uses - seen:
                seen |= uses
                for other in self.items:
                    if (other.binds | fixture_names(other.node)) & seen:
                        uses |= other.uses | parameters(other.node) | texts(other.node)
                through = f" (through {_label(item.node)})"
            if name in uses:
                return label + through
        return _label(item.node)

    def _tests(self) -> Iterator[tuple[ast.stmt, str]]:
        for item in self.items:
            if isinstance(item.node, ast.ClassDef) and _is_root(item.node):
                for member in item.node.body:
                    if _is_test(member):
                        yield member, f"{item.node.name}.{_label(member)}"
            if _is_root(item.node):
                yield item.node, _label(item.node)


class _Cutter(ast.NodeTransformer):
    """Cuts hidden tests, imports of the reference, and the docstrings of test classes."""

    def __init__(self, hidden: set[str]) -> None:
        self._hidden = hidden

    def _definition(self, node: ast.AST) -> ast.AST | None:
        decorators = getattr(node, "decorator_list", [])
        if any(_is_hidden(part, self._hidden) for d in decorators for part in ast.walk(d)):
            return None
        if isinstance(node, ast.ClassDef):
            return self._class(node)
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _definition

    def visit_Assign(self, node: ast.Assign) -> ast.stmt | None:
        """Cut ``test_random = cases(…, hidden=True)``."""
        return None if _is_test(node) and hides_cases(node.value) else node

    def _class(self, node: ast.ClassDef) -> ast.ClassDef | None:
        for member in node.body:
            if "pytestmark" in bound(member) and self._marks(member):
                return None
        had_tests = any(map(_is_test, node.body))
        self.generic_visit(node)
        if had_tests and ast.get_docstring(node) is not None:
            node.body = node.body[1:]  # no student reads it, and it may speak of hidden tests
        if had_tests and not any(map(_is_test, node.body)):
            # The empty class tells that there is a question, all of whose tests are hidden.
            node.body = [ast.Pass()]
        node.body = node.body or [ast.Pass()]
        return node

    def _marks(self, node: ast.AST) -> bool:
        return any(_is_hidden(part, self._hidden) for part in ast.walk(node))

    def visit_Import(self, node: ast.Import) -> ast.stmt | None:
        """Cut ``import reference.topic``."""
        node.names = [alias for alias in node.names if not is_reference(alias.name)]
        return node if node.names else None

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt | None:
        """Cut ``from reference import topic``."""
        return None if any(is_reference(origin) for _, origin in imported(node)) else node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Leave no block without a statement."""
        super().generic_visit(node)
        if isinstance(node, (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.ExceptHandler)):
            node.body = node.body or [ast.Pass()]
        return node


def _refuse_clashes(modules: list[_Module]) -> None:
    """Refuse modules that mean different things by one name."""
    for number, module in enumerate(modules):
        groups = module.groups()
        wide = sorted(_MODULE_WIDE & groups.keys() | _automatic(module))
        for other in modules[:number] + modules[number + 1 :]:
            theirs = other.groups()
            uses = set().union(*(item.uses for item in module.items)) - groups.keys()
            for name in sorted(theirs.keys() - {"*"}):
                clash = groups[name] != theirs[name] if name in groups else name in uses
                if clash:
                    raise FairmarkError(
                        f"{module.name} and {other.name} mean different things by {name}; "
                        "give one of them another name: students get both in one module"
                    )
            if wide and other.items and any(theirs.get(n) != groups.get(n) for n in wide):
                raise FairmarkError(
                    f"{module.name}: {wide[0]} applies to its whole module, but students get it in "
                    f"one module with {other.name}; apply it to the tests that need it"
                )


def _join(modules: list[_Module]) -> str:
    imports: dict[str, dict[str, None]] = {}
    blocks: list[str] = []
    seen: set[str] = set()
    for module in modules:
        known = seen.copy()
        for item in module.items:
            if isinstance(item.node, (ast.Import, ast.ImportFrom)):
                head, _, name = ast.unparse(item.node).rpartition("import ")
                imports.setdefault(head, {})[name] = None
            elif not (item.binds | item.about) <= known:
                blocks.append(unparse(item.node, module.source))
            seen |= item.binds | item.about
    lines = [f"import {name}" for name in sorted(imports.pop("", {}))]
    futures = imports.pop("from __future__ ", {})
    lines += [f"{head}import {', '.join(sorted(names))}" for head, names in sorted(imports.items())]
    parts = [_HEADER, f"from __future__ import {', '.join(sorted(futures))}" if futures else ""]
    return "\n\n".join(filter(None, [*parts, "\n".join(lines), *blocks])) + "\n"


def _single_statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements of a module, imports split into one for each name."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (ast.Import([alias]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (ast.ImportFrom(node.module, [a], node.level) for a in node.names)
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            yield node


def _is_hidden(node: ast.AST, names: set[str]) -> bool:
    if hides_cases(node):
        return True
    if isinstance(node, ast.Attribute):
        return node.attr in _HIDDEN
    return isinstance(node, ast.Name) and node.id in names


def _is_test(node: ast.AST) -> bool:
    if isinstance(node, ast.ClassDef):
        return node.name.startswith("Test")
    if isinstance(node, ast.Assign):
        return makes_test(node)
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith(
        "test"
    )


def _is_root(node: ast.stmt) -> bool:
    """Whether students need the statement for its own sake."""
    if isinstance(node, DEFINITIONS):
        return _is_test(node) or node.name in _MODULE_WIDE or _is_automatic(node)
    if isinstance(node, ast.ImportFrom):
        return node.module == "__future__"
    inner = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
    return bool(bound(node) & _MODULE_WIDE) or any(map(_is_root, inner))


def _is_automatic(node: ast.AST) -> bool:
    """Whether the statement is a fixture that pytest uses unasked."""
    return any(
        isinstance(decorator, ast.Call)
        and any(k.arg == "autouse" and ast.unparse(k.value) != "False" for k in decorator.keywords)
        for decorator in getattr(node, "decorator_list", [])
    )


def _automatic(module: _Module) -> set[str]:
    return {_label(item.node) for item in module.items if _is_automatic(item.node)}


def _used_members(cls: ast.ClassDef, rest: list[ast.stmt]) -> list[ast.stmt]:
    """The members of a test class that are tests, that pytest calls, or that others mention."""
    kept = list(cls.body)
    elsewhere = set().union(*map(mentions, [*rest, *cls.decorator_list]))
    by_member = {member: mentions(member) for member in kept}
    while True:
        used = []
        for member in kept:
            others = (by_member[other] for other in kept if other is not member)
            mentioned = elsewhere.union(*others)
            binds = bound(member)
            called = any(name.startswith(_CALLED_BY_PYTEST) for name in binds)
            wanted = not binds or (binds | fixture_names(member)) & mentioned
            if wanted or called or _is_test(member) or _is_automatic(member):
                used.append(member)
        if len(used) == len(kept):
            return used or [ast.Pass()]
        kept = used


def _meaning(node: ast.stmt) -> str:
    """A text that is equal for statements that mean the same."""
    if isinstance(node, ast.Import) and node.names[0].asname is None:
        return f"import {node.names[0].name.partition('.')[0]}"  # import a.b and a.c give one name
    return ast.dump(node)


def _label(node: ast.AST) -> str:
    if isinstance(node, DEFINITIONS):
        return node.name
    return ast.unparse(node).split("\n")[0][:60]
