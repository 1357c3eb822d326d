"""What a notebook's text says against its marks: cells that test nothing, and chance."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from fairmark.course.course import Assignment
from fairmark.course.marks import grade_id
from fairmark.intake.cells import role_of
from fairmark.syntax.cells import names_defined, parsed
from fairmark.syntax.effects import Effects, effects_of
from fairmark.testcells.plan import plan_for
from fairmark.verify.syntax import root_of

_CLOCK = re.compile(
    r"\b(time\.(time|time_ns|perf_counter|perf_counter_ns|monotonic|process_time)|"
    r"(datetime|date|dt)\.(now|utcnow|today)|timeit\.\w+)\s*\(|^\s*%%?timeit\b|"
    r"(?<![\w.])(perf_counter|process_time)\s*\("
)
_NETWORK = re.compile(
    r"\b(requests|httpx|urllib3?|aiohttp|socket|ftplib|gdown|wget)\b[\w.]*\s*\(|\burlopen\s*\(|"
    r"\w\s*\(\s*f?['\"](https?|ftp)://|^\s*[!%]\s*(wget|curl|pip|conda|git)\b"
)
_WRITERS = re.compile(r"^(to_(csv|json|pickle|excel|parquet|hdf)|save\w*|write_(text|bytes))$")
_READERS = re.compile(r"^(read_\w+|load\w*|genfromtxt|fromfile|imread)$")
_FILE_NAME = re.compile(r"^[\w./ -]+$")
_CHECKING = re.compile(r"assert|check|test|equal|expect|verif|valid|raises|grade|compare", re.I)
_SILENT = frozenset("np numpy pd pandas plt math random torch F nn sns".split())
"""What libraries are called; their functions show and calculate."""
_SHOWING = frozenset(
    "display plot show figure subplots scatter imshow title xlabel ylabel legend head tail info "
    "describe append".split()
)


@dataclass(frozen=True)
class Doubt:
    """A reason to look at a cell."""

    cell: str
    """Its grade_id, or its number where it has none."""
    text: str
    is_proof: bool = False
    """Whether it shows that a mark cannot be trusted, and not only that one might not be."""


@dataclass(frozen=True)
class _Cell:
    name: str
    source: str
    is_test: bool
    is_answer: bool


def doubts_of(assignment: Assignment) -> list[Doubt]:
    """Return what the text of a solved notebook and its test cells says, in its order."""
    cells = list(_cells(assignment))
    effects = dict(enumerate(effects_of([cell.source for cell in cells])))
    tests = [i for i, cell in enumerate(cells) if cell.is_test]
    used = set().union(*(_needed(effects, i) for i in tests))
    found: list[Doubt] = []
    for number, cell in enumerate(cells):
        if cell.is_answer and not plan_for(effects, {number}, tests).wanted:
            found.append(Doubt(cell.name, "no test cell uses this answer"))
        if cell.is_test and not _can_fail(cell.source, cells):
            text = "it tests nothing: no assertion in it can fail"
            found.append(Doubt(cell.name, text, is_proof=True))
        if number in used:
            found += _chance(cell)
            found += _files(number, cells)
    return found


def _cells(assignment: Assignment) -> Iterator[_Cell]:
    """The code cells: solved, with tests as they are graded."""
    solved = {grade_id(cell): cell for cell in assignment.solved.cells if grade_id(cell)}
    for number, cell in enumerate(assignment.master.cells, 1):
        if cell.cell_type != "code":
            continue
        role, name = role_of(cell), grade_id(cell)
        own: NotebookNode = solved.get(name, cell) if role == "answer" else cell
        yield _Cell(name or f"cell {number}", own.source, role == "check", role == "answer")


def _needed(effects: dict[int, Effects], test: int) -> set[int]:
    """The cells whose doings a test cell may see, and itself."""
    found: set[int] = set()
    for cell in reversed(list(effects)):
        feeds = any(effects[cell].feeds(effects[other]) for other in found)
        if cell == test or feeds:
            found.add(cell)
    return found


def _chance(cell: _Cell) -> Iterator[Doubt]:
    """What a cell that is graded, or that one needs, asks of the world outside."""
    for what, pattern in (("clock", _CLOCK), ("network", _NETWORK)):
        for number, line in enumerate(cell.source.splitlines(), 1):
            if pattern.search(line.partition(" # ")[0]):
                yield Doubt(
                    cell.name, f"it depends on the {what}, line {number}: {line.strip()[:80]}"
                )
                break


def _files(number: int, cells: list[_Cell]) -> Iterator[Doubt]:
    """The files that a cell reads and another cell writes."""
    _, reads = _file_names(cells[number].source)
    for other, cell in enumerate(cells):
        if other == number or (cells[number].is_test and cell.is_answer):
            continue  # what an answer writes, its test looks at
        for name in sorted(_file_names(cell.source)[0] & reads):
            yield Doubt(cells[number].name, f"it reads the file {name!r}, which {cell.name} writes")


def _file_names(source: str) -> tuple[set[str], set[str]]:
    """The names of files, as far as they stand in a cell, that it writes, and that it reads."""
    writes, reads = set[str](), set[str]()
    tree = parsed(source)
    for node in ast.walk(tree) if tree is not None else ():
        if not isinstance(node, ast.Call):
            continue
        name = _called(node)
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        texts = [a.value for a in arguments if isinstance(a, ast.Constant)]
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Call):
            texts += [a.value for a in node.func.value.args if isinstance(a, ast.Constant)]
        files = {text for text in texts if isinstance(text, str) and _FILE_NAME.match(text)}
        if name == "open" and files:
            mode = next((t for t in texts[1:] if isinstance(t, str)), "r")
            (writes if set(mode) & set("wax+") else reads).add(str(texts[0]))
        elif _WRITERS.match(name):
            writes |= files
        elif _READERS.match(name):
            reads |= files
    return writes, reads


def _can_fail(source: str, cells: list[_Cell]) -> bool:
    """Whether a test cell can tell a wrong answer that runs without an error from a right one."""
    tree = parsed(source)
    if tree is None or not tree.body:
        return tree is None
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise):
            return True
        if isinstance(node, ast.Assert) and not isinstance(node.test, ast.Constant):
            return True
        if isinstance(node, ast.Call) and _may_check(node, cells):
            return True
    last = tree.body[-1]
    return isinstance(last, ast.Expr) and not isinstance(last.value, (ast.Call, ast.Constant))


def _may_check(call: ast.Call, cells: list[_Cell]) -> bool:
    """Whether the called function may look whether something is right."""
    name = _called(call)
    if _CHECKING.search(name):
        return True
    if isinstance(call.func, ast.Attribute):  # of a module that is not known, or of an object
        return root_of(call.func) not in {*_SILENT, *_bound(cells)}
    if name in _SHOWING or hasattr(builtins, name):
        return False
    making = [cell for cell in cells if name in names_defined(cell.source)]
    return not making or any(
        not cell.is_answer and re.search(r"\b(assert|raise)\b", cell.source) for cell in making
    )


def _bound(cells: list[_Cell]) -> set[str]:
    return set().union(*(names_defined(cell.source) for cell in cells))


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(name) | ast.Attribute(_, name):
            return name
    return ""
