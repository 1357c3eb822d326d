"""What cannot be judged from outside the student's process, told by line."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from fairmark.adopt.program import IPYTHON, Left, Program
from fairmark.adopt.units import Unit

_CALLS = {
    "exec": "it runs code that is made as a text",
    "eval": "it runs code that is made as a text",
    "compile": "it runs code that is made as a text",
    "__import__": "it imports by a name that is made as a text",
    "globals": "it looks at all names of the notebook",
    "locals": "it looks at all names of the notebook",
    "vars": "it looks at all names of the notebook",
    "id": "it asks where an object lies in memory",
    "open": "it reads or writes a file",
    "delattr": "it takes something away from an object",
}
_NO_ARGUMENTS = frozenset({"vars"})
"""Calls that look at names only without an argument."""
_MODULES = {
    "inspect": "it reads the answer's code",
    "ast": "it reads the answer's code",
    "dis": "it reads the answer's code",
    "time": "it measures time",
    "timeit": "it measures time",
    "tracemalloc": "it measures memory",
    "resource": "it measures memory",
    "os": "it looks at files, or at the process",
    "shutil": "it looks at files",
    "glob": "it looks at files",
    "pathlib": "it looks at files",
    "subprocess": "it starts a program",
    "urllib": "it asks the network",
    "requests": "it asks the network",
    "socket": "it asks the network",
    "gc": "it looks into the process",
    "threading": "it starts threads",
    "multiprocessing": "it starts processes",
    "importlib": "it loads modules again",
}
_DUNDERS = frozenset(
    {"__name__", "__doc__", "__dict__", "__init__", "__len__", "__version__", "__wrapped__"}
)
_METHODS = {
    "to_csv": "it writes a file",
    "savefig": "it writes a file",
    "save": "it writes a file",
    "getsource": "it reads the answer's code",
    "sleep": "it waits",
}


def refuse(program: Program) -> None:
    """Raise Left where the cell, or the instructor's code that it needs, asks for such things."""
    for unit in program.whole:
        for line, why in _reasons(unit, program):
            raise Left(f"line {line}: {why}")
    tainted = names_of_students(program)
    for unit in program.given:
        if unit.uses & tainted and not unit.imports:
            for _, why in _reasons(unit, program):
                raise Left(f"`{unit.code.splitlines()[0][:60]}`, which it uses: {why}")
    if not any(asks(unit, tainted) for unit in program.whole):
        raise Left("line 1: it asks nothing of the answers")


def asks(unit: Unit, tainted: set[str]) -> bool:
    """Whether a statement asks anything of the student's answers, be it for their names."""
    if unit.uses & tainted:
        return True
    called = {
        node.func.id
        for tree in unit.tree
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    return bool(called & {"dir", "globals", "locals"})


def names_of_students(program: Program) -> set[str]:
    """The student's names, and those of the instructor's that are made with them."""
    found = set(program.students)
    while True:
        more = set[str]().union(*(u.binds | u.changes for u in program.given if u.uses & found))
        if more <= found:
            return found
        found |= more


def _reasons(unit: Unit, program: Program) -> Iterator[tuple[int, str]]:
    modules = _modules(program)
    for tree in unit.tree:
        parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        for node in ast.walk(tree):
            why = _reason(node, parents, program, modules)
            if why:
                yield unit.line + getattr(node, "lineno", 1) - 1, why


def _reason(
    node: ast.AST, parents: dict[ast.AST, ast.AST], program: Program, modules: dict[str, str]
) -> str:
    match node:
        case ast.Name(id=name) if name in IPYTHON and name not in _bound(program):
            return f"`{name}` is IPython's own"
        case ast.Name(id=name, ctx=ast.Load()) if name in modules:
            return modules[name]
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()) if (
            name in program.students and name not in program.replaced
        ):
            return f"it replaces `{name}` in the notebook, which is the student's"
        case ast.Call(func=ast.Name(id=name)) if name in _CALLS and name not in _bound(program):
            if name in _NO_ARGUMENTS and node.args:
                return ""
            return "" if _asks_for_a_name(node, parents) else _CALLS[name]
        case ast.Call(func=ast.Attribute(attr=name)) if name in _METHODS:
            return _METHODS[name]
        case ast.Attribute(attr=name) if name.startswith("__") and name not in _DUNDERS:
            return f"it looks at `{name}`"
        case ast.Compare(ops=[ast.Is() | ast.IsNot()], left=one, comparators=[other]):
            return "" if _is_kind(one) or _is_kind(other) else "it asks whether two are one object"
        case ast.Constant(value=str(text)) if "__main__" in text:
            return "it replaces a name of the notebook"
        case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
            root = _root(node)
            if program.students.get(root) == "variable":
                return f"it changes `{root}`, which is the student's"
        case ast.ClassDef(bases=bases) if any(_root(b) in program.students for b in bases):
            return "it derives a class from the student's"
        case ast.Await() | ast.AsyncFor() | ast.AsyncWith() | ast.AsyncFunctionDef():
            return "it runs asynchronously"
        case ast.Global(names=names):
            return f"it sets `{names[0]}` for all of the notebook"
        case ast.Call(func=func) if ast.unparse(func).endswith(("catch_warnings", "pytest.warns")):
            return "it looks at warnings"
        case ast.Compare(left=ast.Call(func=ast.Name(id="type")), comparators=[other]):
            if _root(other) in program.students:
                return "it asks for an object's very class, which only its own process knows"
    return ""


def _asks_for_a_name(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether this is the ``dir()`` of ``"x" in dir()``."""
    parent = parents.get(node)
    return (
        isinstance(parent, ast.Compare)
        and isinstance(parent.left, ast.Constant)
        and isinstance(parent.left.value, str)
        and len(parent.ops) == 1
        and isinstance(parent.ops[0], (ast.In, ast.NotIn))
        and isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("dir", "globals", "locals", "vars")
    )


def _is_kind(node: ast.expr) -> bool:
    """Whether this is None, True, or a class that all processes have."""
    match node:
        case ast.Constant():
            return True
        case ast.Name(id=name):
            return name in ("int", "float", "str", "list", "tuple", "dict", "set", "bool", "bytes")
        case ast.Call(func=ast.Name(id="type"), args=[ast.Constant()]):
            return True
        case ast.Attribute(value=ast.Name(id="np" | "numpy" | "pd" | "pandas" | "torch")):
            return True
    return False


def _modules(program: Program) -> dict[str, str]:
    """The names under which the cell knows a module that looks beyond the answers."""
    found: dict[str, str] = {}
    for unit in [*program.given, *program.whole]:
        for node in ast.walk(ast.Module(unit.tree, [])):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    why = _MODULES.get(alias.name.partition(".")[0])
                    if why:
                        found[alias.asname or alias.name.partition(".")[0]] = why
            elif isinstance(node, ast.ImportFrom):
                why = _MODULES.get((node.module or "").partition(".")[0])
                found |= {a.asname or a.name: why for a in node.names if why}
    return found


def _bound(program: Program) -> set[str]:
    units: Sequence[Unit] = [*program.given, *program.whole]
    return set[str]().union(*(unit.binds for unit in units))


def _root(node: ast.AST) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
