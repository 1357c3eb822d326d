"""Which of the instructor's cells no question needs, such as figures and trainings.

Only a cell that is as it was handed out is ever left out, and only where reading the code of all
cells tells that no answer, and no cell of the student's, can see what it binds or changes. What
code does not tell by its names (the order in which random numbers are drawn, files, what a class
counts of its objects) is no part of that, so a mark never rests on it: a question that loses
points, and whose answer may read such a thing, is to be judged again behind all cells. So is all,
where graders then ask for another name than their text told.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fairmark.course.answers import answer_cells, asked_names
from fairmark.course.course import Assignment
from fairmark.grading.execute import is_run
from fairmark.intake.cells import Cell
from fairmark.syntax.cells import parsed
from fairmark.syntax.effects import STATE, STATELESS, Effects, code_names, effects_of
from fairmark.syntax.imports import cells_names, imported
from fairmark.syntax.names import DEFINITIONS, bound, builtin_names, changed, global_uses

NO_QUESTION = "needed by no question"
_SUFFIXES = (".py", ".pyc", ".pth", ".zip", ".so", ".ipynb")
"""Files that were handed in and may be code, which is not read here."""
_HIDDEN = re.compile(
    r"__(main|dict|globals|closure|code|defaults|kwdefaults|builtins|self|subclasses)__"
    r"|__class__(?!\.__name__\b)"
    r"|\b(inspect|gc|ctypes|importlib|user_ns|f_back|f_locals|f_globals|_getframe|sys\.modules)\b"
)
"""What can reach names that the code does not name."""
_LASTING = re.compile(
    r"\b(rcParams|rcdefaults|use|set_(default|grad|num|flush|float|printopt|state|option)\w*"
    r"|use_deterministic\w*|seterr\w*|set_printoptions|simplefilter|filterwarnings|register\w*"
    r"|setrecursionlimit|setlocale|chdir|environ|putenv|umask|signal|atexit|monkeypatch|mock"
    r"|patch\.\w+|enable|disable|benchmark|allow_tf32|meta_path|config|__enter__|sys|os)\b"
    r"|\b(np|numpy|torch|pd|pandas|scipy|sklearn|sns|tf|keras|jax)\.([\w.]+\.)?set_?\w*\("
)
"""Settings of the process. Answers rely on them without naming them, so such cells are run."""
_DRAWING = (
    r"rand\w*|normal\w*|uniform\w*|shuffl\w*|perm|permutation|permuted|choices?|sampl\w*"
    r"|bernoulli|binomial|multinomial|exponential|poisson|gamma|beta|dropout\w*|init|seed|rng"
)
_KEEPING = (
    r"open|load\w*|read\w*|write\w*|save\w*|dump\w*|memmap|fromfile|tofile|path|pathlib|os|sys"
    r"|glob|shutil|environ|getcwd|exists|setstate|getstate|getenv|default|reset|register|options?"
    r"|errstate|geterr|plot|pyplot|figure|gca|gcf|time|clock|now|cache\w*|memo\w*|patch|hooks?"
    r"|warn\w*"
)
_UNNAMED = re.compile(rf"(^|_)({_DRAWING}|{_KEEPING})(_|$)")
"""Attributes, and parts of a module's name, that may stand for what code does not name."""
_ONLY_DRAWS = re.compile(rf"(?!.*(^|_)({_KEEPING})(_|$))[a-z].*")
_SEEDS = {
    f"{library}.{how}": library.partition(".")[0]
    for library, how in (
        ("torch", "manual_seed"),
        ("np.random", "seed"),
        ("numpy.random", "seed"),
        ("random", "seed"),
    )
}
"""What makes all that a library draws from then on the same, whatever was drawn before."""
_KNOWN = STATELESS | {"PIL", "scipy", "torch"}
"""Libraries of which the words below tell what keeps a state. Of others nothing is known."""
_NO_DRAWS = frozenset(
    "Adam AdamW AvgPool2d Flatten Generator Identity Image LBFGS MaxPool2d Module Parameter ReLU "
    "SGD Sequential Size Tensor".split()
)
"""Classes whose objects are made without a random number; of others that is not known."""
_OWN_GENERATORS = frozenset("rng generator gen".split())
"""Variables that hold a generator. Where it is the global one, the code that binds them says so."""


@dataclass(frozen=True)
class Unneeded:
    """What can be left out of a notebook, and which questions that may matter to all the same."""

    cells: tuple[Cell, ...] = ()
    unsure: frozenset[str] = frozenset()
    """The questions whose answers may read what code does not name."""
    unasked: frozenset[str] = frozenset()
    """Names of the instructor's that graders do not seem to ask for: what stands for them was not
    looked at."""

    def leave_out(self, reason: str = NO_QUESTION) -> None:
        """Let these cells not be run from now on; let them be run, for a ``reason`` of ""."""
        for cell in self.cells:
            cell.unrun = reason


def unneeded(cells: Sequence[Cell], assignment: Assignment, files: Iterable[str]) -> Unneeded:
    """Return what no question needs of a repaired notebook; ``files`` were handed in beside it.

    It is nothing where code may do what its text does not tell, as ``exec`` does, and where test
    cells give the marks, or graders made of them: they are made to be run where they stand.
    """
    by_test_cells = assignment.asks_test_cells or assignment.adopted is not None
    if by_test_cells or any(name.endswith(_SUFFIXES) for name in files):
        return Unneeded()
    run = [cell for cell in cells if is_run(cell, list(cells), "leave")]
    texts = [str(cell.node.source) for cell in run]
    looks = [_look(text) for text in texts]
    code = code_names(texts)
    own = code - frozenset[str]().union(*map(cells_names, texts))
    if any(look.tree is None for look in looks):
        return Unneeded()
    graders = _read_graders(tuple(p.read_text("utf-8") for p in assignment.graders.glob("*.py")))
    if graders.ask_for_figures:
        return Unneeded()
    theirs, given = (_bound(run, theirs) for theirs in (True, False))
    asked = theirs | graders.ask_for
    *effects, judge = effects_of([*texts, "\n".join(sorted(asked))])
    free = [i for i, cell in enumerate(run) if _may_be_left_out(cell, effects[i])]
    kept = set(range(len(run))).difference(free)
    if any(effects[i].is_opaque or _HIDDEN.search(texts[i]) for i in kept):
        return Unneeded()
    noted = code | builtin_names() | {STATE}
    changes = {
        i: (effects[i].writes - noted) | run[i].defines | looks[i].changed(code, own) for i in free
    }
    read = set(judge.reads).union(*(effects[i].reads for i in kept)) - {STATE}
    while found := {i for i in free if i not in kept and changes[i] & read}:
        kept |= found
        read = read.union(*(effects[i].reads for i in found)) - {STATE}
    left = [i for i in free if i not in kept]
    made = _statements(look.tree for i, look in enumerate(looks) if i in kept)
    counting = frozenset[str]().union(*(look.changed_inside(code, own) for look in looks))
    unsure = {
        q.id for q in assignment.questions if _is_unsure(q.id, run, assignment, made, counting)
    }
    return Unneeded(tuple(run[i] for i in left), frozenset(unsure), frozenset(given - asked))


@dataclass(frozen=True)
class _Graders:
    """What the text of grader modules tells of what they ask. It may tell too little."""

    ask_for: frozenset[str]
    """The names asked of ``submission``, in functions that it is handed to as well."""
    ask_for_figures: bool
    """Whether they ask what was drawn last."""


@functools.lru_cache(maxsize=8)  # for all submissions of an assignment
def _read_graders(graders: tuple[str, ...]) -> _Graders:
    trees = [tree for text in graders if (tree := parsed(text)) is not None]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    given = {node.name: node.args.args for node in nodes if isinstance(node, ast.FunctionDef)}
    receivers, before = {"submission"}, set[str]()
    while receivers != before:
        before = set(receivers)
        for node in nodes:
            match node:
                case ast.Call(func=ast.Name(id=function)) if function in given:
                    receivers |= {
                        parameter.arg
                        for parameter, value in zip(given[function], node.args, strict=False)
                        if isinstance(value, ast.Name) and value.id in receivers
                    }
    asked, figures = set[str](), False
    for node in nodes:
        match node:
            case ast.Call(func=ast.Attribute(attr="axes"), args=[]):
                figures = True
            case ast.Attribute(value=ast.Name(id=receiver), attr=name) if receiver in receivers:
                asked.add(name)
            case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(name)), *_]):
                asked.add(name)
    return _Graders(frozenset(asked), figures)


def _bound(run: Sequence[Cell], theirs: bool) -> set[str]:
    """The names that the student's own cells bind, or the instructor's."""
    cells = (cell for cell in run if _is_instructors(cell) is not theirs)
    return set[str]().union(*(cell.defines for cell in cells))


def _is_instructors(cell: Cell) -> bool:
    return cell.is_given or cell.role == "given"


def _may_be_left_out(cell: Cell, effects: Effects) -> bool:
    """Whether a cell is the instructor's, imports nothing and makes no setting."""
    text = str(cell.node.source)
    return (
        _is_instructors(cell)
        and not effects.is_opaque
        and not re.search(r"\bimport\b", text)
        and not _LASTING.search(text)
        and not _HIDDEN.search(text)
    )


@dataclass(frozen=True)
class _Look:
    """What a cell's text does to functions, classes and modules. Calling one is no change of it."""

    tree: ast.Module | None
    stores: frozenset[str] = frozenset()
    """Names in whose objects it stores something, as in ``f.calls = 0``."""
    calls: frozenset[str] = frozenset()
    """Names of which it calls what they hold, as in ``f.memo.append(1)``."""
    stores_inside: frozenset[str] = frozenset()
    """The first of these in its functions: whoever calls them does so."""
    calls_inside: frozenset[str] = frozenset()

    def changed(self, code: frozenset[str], own: frozenset[str]) -> frozenset[str]:
        """What of ``code`` it may change; ``own`` is that of it which the notebook defines."""
        return (self.stores & code) | (self.calls & own)

    def changed_inside(self, code: frozenset[str], own: frozenset[str]) -> frozenset[str]:
        """What of it the cell's functions may change."""
        return (self.stores_inside & code) | (self.calls_inside & own)


@functools.lru_cache(maxsize=512)  # every submission has the instructor's cells
def _look(source: str) -> _Look:
    tree = parsed(source)
    if tree is None:
        return _Look(None)
    functions = (node for node in ast.walk(tree) if isinstance(node, DEFINITIONS))
    inside = [node for function in functions for part in function.body for node in ast.walk(part)]
    return _Look(tree, *_stored(ast.walk(tree)), *_stored(inside))


def _stored(nodes: Iterable[ast.AST]) -> tuple[frozenset[str], frozenset[str]]:
    stores, calls = set[str](), set[str]()
    for node in nodes:
        match node:
            case ast.Attribute(ctx=ast.Store() | ast.Del()):
                stores |= _root(node)
            case ast.Subscript(ctx=ast.Store() | ast.Del()):
                stores |= _root(node)
            case ast.Global(names=names):
                stores |= set(names)
            case ast.Call(func=ast.Attribute(value=held)):
                calls |= _root(held)
    return frozenset(stores), frozenset(calls)


def _root(node: ast.AST) -> set[str]:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def _statements(trees: Iterable[ast.Module | None]) -> dict[str, list[ast.stmt]]:
    """The statements that bind each name, or seem to change what it stands for."""
    made: dict[str, list[ast.stmt]] = {}
    for statement in (s for tree in trees if tree is not None for s in tree.body):
        for name in bound(statement) | changed(statement):
            made.setdefault(name, []).append(statement)
    return made


def _is_unsure(
    question: str,
    run: Sequence[Cell],
    assignment: Assignment,
    made: Mapping[str, Sequence[ast.stmt]],
    counting: frozenset[str],
) -> bool:
    """Whether a question's answers may read what code does not name, in what they call as well.

    In what is ``counting`` functions store something, as a class does that counts its objects: any
    call may do so, and so may a cell that is left out.
    """
    own = answer_cells(assignment, question)
    waiting = [*asked_names(assignment, question)]
    waiting += [name for cell in run if cell.grade_id in own for name in cell.defines]
    seen = set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in counting:
            return True
        for statement in made.get(name, ()):
            if _reads_unnamed(statement, name):
                return True
            waiting += global_uses(statement)
    return False


def _reads_unnamed(statement: ast.stmt, name: str) -> bool:
    """Whether the statement that binds a name may read what code does not name."""
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        origins = [origin for alias, origin in imported(statement) if alias == name]
        return any(map(_has_unnamed, origins))
    settled = set(map(id, _drawn_after_seeding(statement)))
    nodes = _with_generators_aside(statement)
    return any(_is_unnamed(node) for node in nodes if id(node) not in settled)


def _has_unnamed(origin: str) -> bool:
    """Whether an imported object may keep what code does not name."""
    top, *parts = origin.split(".")
    return top not in _KNOWN or any(map(_is_word, parts))


def _with_generators_aside(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a tree, but for the names of functions that draw from a generator of their own.

    ``torch.randn(3, generator=torch.Generator().manual_seed(0))`` draws what it always draws.
    """
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.Call) and child is node.func and _draws_alone(node)):
            yield from _with_generators_aside(child)


def _drawn_after_seeding(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a function that stand for draws from generators that it seeds before all else.

    What its inner functions draw is none of that: they may be called later.
    """
    if not isinstance(statement, ast.FunctionDef):
        return
    libraries = set[str]()
    for first in statement.body[ast.get_docstring(statement) is not None :]:
        match first:
            case ast.Expr(ast.Call(func=ast.Attribute() as how, args=[_])) if library := _SEEDS.get(
                ast.unparse(how)
            ):
                libraries.add(library)
            case _:
                break
    waiting: list[ast.AST] = list(statement.body) if libraries else []
    while waiting:
        node = waiting.pop()
        is_draw = isinstance(node, ast.Attribute) and _ONLY_DRAWS.match(node.attr)
        if is_draw and _root(node) & libraries:
            yield node
        if not isinstance(node, (*DEFINITIONS, ast.Lambda, ast.GeneratorExp)):
            waiting += ast.iter_child_nodes(node)


def _draws_alone(call: ast.Call) -> bool:
    match call.func:
        case ast.Attribute(value=ast.Call(func=ast.Attribute(attr="Generator")), attr=seeding):
            return seeding == "manual_seed"
        case ast.Attribute(attr="default_rng") | ast.Name(id="default_rng"):
            return bool(call.args) and ast.unparse(call.args[0]) != "None"
        case ast.Attribute(value=ast.Name(id=name)):
            has_own = any(
                keyword.arg == "generator" and not isinstance(keyword.value, ast.Constant)
                for keyword in call.keywords
            )
            return has_own or name in _OWN_GENERATORS
    return False


def _is_unnamed(node: ast.AST) -> bool:
    match node:
        case ast.Nonlocal() | ast.Global() | ast.Yield() | ast.YieldFrom():
            return True
        case ast.With():
            return not _is_no_grad(node)
        case ast.Name(id=name):  # of other names, the code that binds them is looked at
            return name in ("open", "input", "cls")
        case ast.Attribute(attr=name):
            return _is_word(name)
        case ast.Import() | ast.ImportFrom():
            return True
        case ast.FunctionDef(args=given) | ast.AsyncFunctionDef(args=given):
            defaults = [*given.defaults, *(default for default in given.kw_defaults if default)]
            return not all(map(_is_fixed, defaults)) or any(map(_is_wrapper, node.decorator_list))
    return False


def _is_word(name: str) -> bool:
    is_class = name[:1].isupper() and len(name) > 1 and name not in _NO_DRAWS
    return is_class or _UNNAMED.search(name) is not None


def _is_wrapper(decorator: ast.expr) -> bool:
    return ast.unparse(decorator) not in ("property", "staticmethod")


def _is_no_grad(node: ast.With) -> bool:
    return all("no_grad" in ast.unparse(item.context_expr) for item in node.items)


def _is_fixed(default: ast.expr) -> bool:
    """Whether a default is a value that no call can change."""
    fixed = (ast.Constant, ast.Tuple, ast.UnaryOp, ast.unaryop, ast.expr_context)
    return all(isinstance(node, fixed) for node in ast.walk(default))
