"""Writing adopted test cells as a grader module that reads as if written by hand."""

from __future__ import annotations

import ast
import re
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec

import black
import libcst as cst

from fairmark.adopt.credit import parts_of
from fairmark.adopt.program import Kind, Left, Program
from fairmark.adopt.refuse import asks, names_of_students
from fairmark.adopt.rewrite import rewritten
from fairmark.adopt.units import Statement, Unit
from fairmark.syntax.imports import imported, modules_imported

_STYLE = black.Mode(line_length=100)
_FILES = re.compile(
    r"\b(?:open|read_\w+|load\w*|imread|genfromtxt|fromfile|Path)\(|['\"][\w./-]+\.(?:csv|txt|json|npy|npz|png|jpg)['\"]"
)
_TRIVIAL = re.compile(
    r"(?i)^(?:(?:this|the) )?(?:hidden )?(?:auto(?:mated|graded)? )?(?:tests?|checks?|asserts?)"
    r"(?: (?:cells?|here|code|(?:the )?(?:above )?(?:todo|cell)(?: above)?|cases?))*[ .:!-]*$"
    r"|^[\W_]*$"
)
_RESERVED = frozenset({"submission", "faithful", "fail", "self"})
"""Names that a test itself uses."""
_MARKERS = frozenset({"question", "hidden", "all_or_nothing", "weight"})
_MAX_TITLE = 160
_OBJECTS = '"""What gives objects here, which are asked for their parts; all else gives data."""'


@dataclass
class Test:
    """One test of a test cell: the whole of it, its hidden tests, or a part with its points."""

    name: str
    title: str
    statements: list[Statement]
    is_hidden: bool = False
    points: float | None = None


@dataclass
class Cell:
    """A test cell as a class of the module."""

    grade_id: str
    tests: list[Test]
    together: bool
    """Whether they count together, all or nothing."""


@dataclass
class Module:
    """A grader module in the making: what its test cells share, and their classes."""

    label: str
    """The notebook's name, for people."""
    beside: frozenset[str] = frozenset()
    """The modules that lie beside the notebook."""
    folder: str = ""
    """The notebook's folder, from the module's own."""
    shared: dict[str, Unit] = field(default_factory=dict)
    """By name: the instructor's statement at the module's top level that binds it."""
    objects: Mapping[str, tuple[str, ...]] | None = None
    """By test cell: what gives it objects to be asked for their parts; None allows all."""
    cells: list[Cell] = field(default_factory=list)

    def add(self, program: Program, points: float) -> None:
        """Add a test cell; raise Left where its statements cannot stand in a module."""
        units = [*program.given, *program.whole]
        if names := sorted(_RESERVED & set[str]().union(*(u.binds | u.uses for u in units))):
            raise Left(
                f"line 1: it uses the name `{names[0]}`, which graders have for another thing"
            )
        self._refuse_missing(units)
        tainted = names_of_students(program)
        pyplot = _pyplot_names(program, tainted)
        shared, own = self._placed(program, tainted | pyplot | program.replaced)
        students: dict[str, Kind] = dict(program.students)
        tests: list[Test] = []
        wanted = _wanted(program, points)
        for test, statements in wanted:
            if not any(asks(unit, tainted) for unit in statements):
                continue
            body, more = self._hoisted([*own, *statements], shared, pyplot)
            shared += more
            test.statements = _told(rewritten(body, students, pyplot, program), pyplot)
            tests.append(test)
        if not tests:
            raise Left("line 1: it asks nothing of the answers")
        together = all(test.points is None for test in tests)
        if not together and len(tests) != len(wanted):
            raise Left("line 1: a part of its points asks nothing of the answers")
        for unit in shared:
            self.shared |= dict.fromkeys(unit.binds or {unit.code}, unit)
        self.cells.append(Cell(program.cell, tests, together))

    def text(self) -> str:
        """The module's source."""
        units = list({id(unit): unit for unit in self.shared.values()}.values())
        imports = [u.node.with_changes(leading_lines=[]) for u in units if u.imports]
        top = _sorted_imports(cst.Module([node]).code.strip() for node in imports)
        others = "\n".join(cst.Module([u.node]).code.strip() for u in units if not u.imports)
        named = class_names([cell.grade_id for cell in self.cells])
        classes = "\n\n".join(
            _class(cell, named[cell.grade_id], self.objects) for cell in self.cells
        )
        uses = classes + others
        names = ["all_or_nothing", "fail", "hidden", "question", "weight"]
        names = [n for n in names if re.search(rf"\b{n}\(|@{n}\b", classes)]
        own = ["from fairmark import faithful"] if "faithful." in classes else []
        own.append("from fairmark.faithful import submission  # noqa: F401")
        own.append(f"from fairmark.testing import {', '.join(sorted(names))}")
        place = ""
        if self.folder and (_FILES.search(uses) or _imports_of(uses) & self.beside):
            place = (
                f"NOTEBOOK_FOLDER = {self.folder!r}\n"
                '"""Tests work beside copies of the files that lie there."""\n'
            )
        head = (
            f'"""Tests of {self.label}, made from its test cells by `fairmark adopt`.\n\n'
            "Each class is a test cell: the instructor's code runs in the judge, and what is the\n"
            'student\'s is asked through `submission`.\n"""\n'
        )
        own_imports = "\n".join(own)
        source = "\n\n".join(filter(None, [head, top, own_imports, place, others, classes]))
        return black.format_str(source, mode=_STYLE)

    def _placed(self, program: Program, moving: set[str]) -> tuple[list[Unit], list[Unit]]:
        """The instructor's statements that may be shared, and those for each test by itself."""
        bound_by_cell = set[str]().union(
            *(u.binds | u.changes for u in program.whole if not u.imports)
        )
        changing = set[str]().union(*(u.changes for u in program.given)) | bound_by_cell
        times: dict[str, int] = {}
        for unit in program.given:
            for name in unit.binds:
                times[name] = times.get(name, 0) + 1
        shared: list[Unit] = []
        own: list[Unit] = []
        local: set[str] = set()
        for unit in program.given:
            fits = (
                (unit.imports and not _tops(unit.tree) & self.beside)
                or unit.defines
                or unit.is_constant
            )
            fits = fits and not (unit.uses | unit.binds) & (moving | local)
            fits = fits and (unit.imports or not unit.binds & changing)
            fits = fits and (unit.imports or all(times[name] == 1 for name in unit.binds))
            fits = fits and self._is_free(unit)
            if fits:
                shared.append(unit)
            else:
                own.append(unit)
                local |= unit.binds
        return shared, own

    def _hoisted(
        self, units: Sequence[Unit], shared: Sequence[Unit], pyplot: frozenset[str]
    ) -> tuple[list[Unit], list[Unit]]:
        """The statements without imports that can stand at the top, and these imports."""
        known = {name: unit for unit in shared for name in unit.binds}
        kept, hoisted = [], []
        elsewhere = set[str]().union(*(u.binds for u in units if not u.imports))
        for unit in units:
            there = [known.get(name) for name in unit.binds]
            if (
                unit.imports
                and "*" not in unit.code
                and not _tops(unit.tree) & self.beside
                and not unit.binds & (elsewhere | pyplot)
                and self._is_free(unit)
                and all(other is None or _same_import(other, unit) for other in there)
            ):
                hoisted.append(unit)
                known |= dict.fromkeys(unit.binds, unit)
            else:
                kept.append(unit)
        return kept, hoisted

    def _is_free(self, unit: Unit) -> bool:
        """Whether no other statement of the module has taken these names."""
        if "*" in unit.code and unit.imports:
            return False
        if unit.binds & _MARKERS:
            return False
        there = [self.shared.get(name) for name in unit.binds]
        return all(other is None or _same_import(other, unit) for other in there)

    def _refuse_missing(self, units: Iterable[Unit]) -> None:
        for unit in units:
            for name in modules_imported(n for tree in unit.tree for n in ast.walk(tree)):
                top = name.partition(".")[0]
                if top not in self.beside and find_spec(top) is None:
                    raise Left(f"it needs the library {top}, which is not installed here")
            if unit.owner == "given" and re.search(r"['\"](?:https?|ftp)://", unit.code):
                raise Left("it needs what an instructor's cell loads from the network")


def _same_import(one: Unit, other: Unit) -> bool:
    """Whether two statements bind their names to the same."""
    if one.code == other.code:
        return True
    if not (one.imports and other.imports):
        return False
    bound = [dict(pair for n in unit.tree for pair in imported(n)) for unit in (one, other)]
    return all(bound[0].get(name, origin) == origin for name, origin in bound[1].items())


def _pyplot_names(program: Program, tainted: set[str]) -> frozenset[str]:
    """The names of pyplot in a cell that looks at figures of the student's."""
    names = {
        name
        for unit in [*program.given, *program.whole]
        if unit.imports
        for node in unit.tree
        for name, origin in imported(node)
        if origin == "matplotlib.pyplot"
    }
    looking = [*program.whole, *(u for u in program.given if u.uses & tainted)]
    used = set[str]().union(*(unit.uses for unit in looking))
    return frozenset(names & used)


def _told(statements: list[Statement], pyplot: frozenset[str]) -> list[Statement]:
    """The statements, behind those that get the student's own pyplot."""
    found = [
        cst.parse_statement(f'{name} = faithful.module(submission, "matplotlib.pyplot")')
        for name in sorted(pyplot)
    ]
    return [*found, *statements]


def _hidden_part(program: Program) -> list[Unit]:
    """The cell with its hidden tests, without checks of the visible part that need no repeating."""
    seen = [unit.code for unit in program.visible]
    if [unit.code for unit in program.whole] == seen:
        return []
    chance = any("random" in unit.code or "rng" in unit.code for unit in program.whole)
    modules = {
        name for unit in [*program.given, *program.whole] if unit.imports for name in unit.binds
    }
    kept = []
    for unit in program.whole:
        if unit.code in seen:
            seen.remove(unit.code)
            if not chance and _is_pure_check(unit, modules):
                continue
        kept.append(unit)
    return kept


def _is_pure_check(unit: Unit, modules: set[str]) -> bool:
    """Whether a statement only checks, and calls nothing but functions by their names."""
    for node in unit.tree:
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_call = isinstance(node, ast.Expr) and "assert" in ast.unparse(node).partition("(")[0]
        if not (isinstance(node, ast.Assert) or is_text or is_call):
            return False
        for call in ast.walk(node):
            if isinstance(call, ast.NamedExpr):
                return False
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
                root: ast.expr = call.func
                while isinstance(root, ast.Attribute):
                    root = root.value
                if not (isinstance(root, ast.Name) and root.id in modules):
                    return False
    return True


def _wanted(program: Program, points: float) -> list[tuple[Test, list[Unit]]]:
    """The tests that a cell is to become, each with its statements."""
    title = _title(program.whole[:1])
    if parts := parts_of(program, points):
        return [
            (
                Test(
                    f"test_part_{number}",
                    _title(part.units[-1:]) or f"Part {number} of {len(parts)}",
                    [],
                    part.is_hidden,
                    part.points,
                ),
                part.units,
            )
            for number, part in enumerate(parts, 1)
        ]
    names = sorted(program.students)
    fallback = f"Checks {', '.join(names[:3])}" if names else "The tests of this cell"
    return [
        (Test("test_visible", title or fallback, []), program.visible),
        (
            Test("test_hidden", f"{title or fallback}: hidden tests", [], is_hidden=True),
            _hidden_part(program),
        ),
    ]


def _title(units: Sequence[Unit]) -> str:
    """What code says of itself: its docstring, or its first comment of some meaning."""
    for unit in units:
        first = unit.tree[0]
        texts = [comment.lstrip("#").strip() for comment in _comments(unit.node)]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            texts.insert(0, str(first.value.value).strip().partition("\n")[0])
        for text in texts:
            clean = " ".join(text.replace('"', "'").replace("\\", "").strip(" -=*#'").split())
            if len(clean) > 3 and not _TRIVIAL.match(clean):
                return clean[:1].upper() + clean[1:_MAX_TITLE].rstrip(":")
    return ""


def _comments(node: Statement) -> list[str]:
    return [line.comment.value for line in node.leading_lines if line.comment]


def class_names(cells: Sequence[str]) -> dict[str, str]:
    """The names of the classes of test cells, by their grade_ids."""
    found: dict[str, str] = {}
    for cell in cells:
        words = re.findall(r"[A-Za-z0-9]+", cell)
        if words[:1] in (["test"], ["Test"], ["check"]):
            words = words[1:] or words
        base = "Test" + "".join(word[:1].upper() + word[1:] for word in words)
        name, number = base, 2
        while name in found.values():
            name, number = f"{base}{number}", number + 1
        found[cell] = name
    return found


def _class(cell: Cell, name: str, objects: Mapping[str, tuple[str, ...]] | None) -> str:
    methods = "\n\n".join(map(_method, cell.tests))
    body = textwrap.indent(methods, "    ", lambda line: bool(line.strip()))
    together = "@all_or_nothing\n" if cell.together else ""
    given = objects.get(cell.grade_id, ()) if objects is not None else None
    asks = f"    objects = {given!r}\n    {_OBJECTS}\n\n" if given != () else ""
    return f"@question({cell.grade_id!r})\n{together}class {name}:\n{asks}{body}\n"


def _method(test: Test) -> str:
    end = "" if test.title.endswith((".", "!", "?")) else "."
    kept = [node for node in test.statements if not _is_text(node)]
    function = cst.FunctionDef(
        cst.Name(test.name),
        cst.Parameters([cst.Param(cst.Name("self")), cst.Param(cst.Name("submission"))]),
        cst.IndentedBlock([cst.parse_statement(f'"""{test.title}{end}"""'), *kept]),
    )
    marks = "@hidden\n" if test.is_hidden else ""
    if test.points is not None:
        marks += f"@weight({test.points:g})\n"
    return marks + cst.Module([function]).code


def _is_text(node: Statement) -> bool:
    """Whether a statement is a text alone: the title has it."""
    return (
        isinstance(node, cst.SimpleStatementLine)
        and len(node.body) == 1
        and isinstance(node.body[0], cst.Expr)
        and isinstance(node.body[0].value, (cst.SimpleString, cst.ConcatenatedString))
    )


def _sorted_imports(lines: Iterable[str]) -> str:
    """Imports as they are usually written: Python's own first, each group by the alphabet."""
    own, others = set[str](), set[str]()
    for line in lines:
        names = modules_imported(ast.walk(ast.parse(line)))
        is_own = all(name.partition(".")[0] in sys.stdlib_module_names for name in names)
        (own if is_own else others).add(line)
    groups = [
        sorted(group, key=lambda line: (line.startswith("from"), line)) for group in (own, others)
    ]
    return "\n\n".join("\n".join(group) for group in groups if group)


def _imports_of(source: str) -> set[str]:
    return _tops(ast.walk(ast.parse(source)))


def _tops(nodes: Iterable[ast.AST]) -> set[str]:
    """The modules or packages that imports name, without what is in them."""
    return {name.partition(".")[0] for name in modules_imported(nodes)}
